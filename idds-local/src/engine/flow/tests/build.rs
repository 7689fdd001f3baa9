//! Workflows with a build work, which goes before all others.

use super::*;

/// A workflow that is nothing but its build work, with the key of that.
fn begun() -> (Played, String) {
    let played = Played::begin("v2_build_work");
    let [build] = &played.machine.running()[..] else {
        panic!("{:?}", played.told)
    };
    let build = build.to_string();
    (played, build)
}

#[test]
fn a_workflow_that_only_builds_is_finished_with_its_build_work() {
    let (mut played, build) = begun();
    assert_eq!(played.told, [format!("start {build}.0")]);
    assert_eq!(played.end(&build, Status::Finished), ["ended Finished"]);
}

#[test]
fn a_workflow_whose_build_work_fails_has_failed_and_can_be_retried() {
    let (mut played, build) = begun();
    assert_eq!(played.end(&build, Status::Failed), ["ended Failed"]);
    assert_eq!(played.ask(UserCommand::Retry), [format!("retry {build}")]);
    assert_eq!(played.end(&build, Status::Finished), ["ended Finished"]);
}

#[test]
fn a_build_work_that_runs_is_held_and_ended_as_others_are() {
    let (mut played, build) = begun();
    assert_eq!(
        played.ask(UserCommand::Suspend),
        [format!("suspend {build}")]
    );
    assert_eq!(
        played.ask(UserCommand::Abort),
        [format!("end {build} Abort")]
    );
    assert_eq!(played.end(&build, Status::Cancelled), ["ended Failed"]);
}

#[test]
fn a_workflow_that_is_ended_before_its_build_work_began_is_cancelled() {
    let definition = Definition::read(&recorded("v2_build_work")).expect("a workflow");
    let mut machine = Machine::new(definition, Timestamp::UNIX_EPOCH, None);
    let abort = FlowEvent::Asked(UserCommand::Abort);
    let commands = machine.handle(Timestamp::UNIX_EPOCH, &abort);
    let commands: Vec<_> = commands.expect("it fits").iter().map(line).collect();
    assert_eq!(commands, ["ended Cancelled"]);
    assert!(machine.running().is_empty());
}
