//! What users ask of a workflow, and what follows.

use super::*;

#[test]
fn a_sub_workflow_goes_round_while_its_loop_condition_holds() {
    let mut played = Played::begin("v2_sub_loop_links");
    assert_eq!(played.told, ["start 00000007..1"]);
    assert_eq!(
        played.end("00000007", Status::Finished),
        ["begins 0000000a", "start 0000000a/00000001.1.1.1.1"]
    );
    assert_eq!(
        played.end("0000000a/00000001.1", Status::Finished),
        ["start 0000000a/00000004.1.1.1.1"]
    );
    assert_eq!(
        played.end("0000000a/00000004.1", Status::Finished),
        ["round 2 of 0000000a", "start 0000000a/00000001.2.2.2.1"]
    );
    assert_eq!(
        played.end("0000000a/00000001.2", Status::Failed),
        ["ends 0000000a Failed", "ended SubFinished"]
    );
    assert_eq!(played.machine.status(), Some(Status::SubFinished));
}

#[test]
fn a_retry_lets_what_has_failed_go_on() {
    let mut played = Played::begin("v2_sub_loop_links");
    _ = played.end("00000007", Status::Finished);
    _ = played.end("0000000a/00000001.1", Status::Failed);
    assert_eq!(played.machine.status(), Some(Status::SubFinished));
    assert_eq!(
        played.ask(UserCommand::Retry),
        ["retry 0000000a/00000001.1"]
    );
    assert_eq!(
        played.end("0000000a/00000001.1", Status::Finished),
        ["start 0000000a/00000004.1.1.1.1"]
    );
}

#[test]
fn an_abort_ends_a_loop_whose_condition_holds() {
    let mut played = Played::begin("v2_sub_loop_links");
    _ = played.end("00000007", Status::Finished);
    _ = played.end("0000000a/00000001.1", Status::Finished);
    assert_eq!(
        played.ask(UserCommand::Abort),
        ["end 0000000a/00000004.1 Abort"]
    );
    assert_eq!(
        played.end("0000000a/00000004.1", Status::Finished),
        ["ends 0000000a Finished", "ended Finished"]
    );
}

#[test]
fn nothing_starts_while_a_workflow_is_held() {
    let mut played = Played::begin("v2_sub_loop_links");
    assert_eq!(played.ask(UserCommand::Suspend), ["suspend 00000007"]);
    assert!(played.end("00000007", Status::Finished).is_empty());
    assert_eq!(
        played.ask(UserCommand::Resume),
        ["begins 0000000a", "start 0000000a/00000001.1.1.1.1"]
    );
}

#[test]
fn nothing_else_starts_once_a_workflow_is_to_end_with_what_is_done() {
    let mut played = Played::begin("v2_sub_loop_links");
    assert_eq!(played.ask(UserCommand::Finish), ["end 00000007 Finish"]);
    assert_eq!(played.end("00000007", Status::Finished), ["ended Finished"]);
    let mut played = Played::begin("v2_sub_loop_links");
    _ = played.ask(UserCommand::SetAllFinished);
    assert_eq!(played.end("00000007", Status::Failed), ["ended Finished"]);
    assert_eq!(played.ask(UserCommand::Retry), ["retry 00000007"]);
}

#[test]
fn a_machine_that_is_restored_goes_on_where_it_was() {
    let definition = Definition::read(&recorded("v2_sub_loop_links")).expect("a workflow");
    let events =
        ["00000007", "0000000a/00000001.1", "0000000a/00000004.1"].map(|run| FlowEvent::Ended {
            run: RunKey::from(run.to_owned()),
            status: Status::Finished,
            output: Map::new(),
        });
    let events: Vec<_> = [FlowEvent::Begin]
        .into_iter()
        .chain(events)
        .map(|event| (Timestamp::UNIX_EPOCH, event))
        .collect();
    let stored = serde_json::to_string(&events.iter().map(|(_, event)| event).collect::<Vec<_>>());
    let read: Vec<FlowEvent> = serde_json::from_str(&stored.expect("JSON")).expect("events");
    let events: Vec<_> = read
        .into_iter()
        .map(|event| (Timestamp::UNIX_EPOCH, event))
        .collect();
    let mut machine = Machine::new(definition, Timestamp::UNIX_EPOCH, None);
    let mut commands = Vec::new();
    for (at, event) in events {
        commands = machine.handle(at, &event).expect("an event that fits");
    }
    let commands: Vec<_> = commands.iter().map(line).collect();
    assert_eq!(
        commands,
        ["round 2 of 0000000a", "start 0000000a/00000001.2.2.2.1"]
    );
    let running: Vec<_> = machine.running().iter().map(RunKey::to_string).collect();
    assert_eq!(running, ["0000000a/00000001.2"]);
}

#[test]
fn a_work_that_is_added_counts() {
    let mut played = Played::begin("v2_chain_four");
    played.handle(&FlowEvent::Added {
        id: "added".to_owned(),
        name: "one more".to_owned(),
    });
    assert_eq!(played.told, ["start added..1"]);
    let again = played.machine.handle(
        Timestamp::UNIX_EPOCH,
        &FlowEvent::Added {
            id: "added".to_owned(),
            name: String::new(),
        },
    );
    assert!(again.is_err());
}

#[test]
fn an_event_that_does_not_fit_is_refused_and_changes_nothing() {
    let mut played = Played::begin("v2_sub_loop_links");
    for run in [
        "00000007.2",
        "0000000a/00000001.1",
        "x",
        "",
        "0000000a",
        "00000007/00000007",
    ] {
        let event = FlowEvent::Ended {
            run: RunKey::from(run.to_owned()),
            status: Status::Finished,
            output: Map::new(),
        };
        let refused = played.machine.handle(Timestamp::UNIX_EPOCH, &event);
        assert!(refused.is_err(), "{run}");
    }
    assert_eq!(played.end("00000007", Status::Failed), ["ended Failed"]);
}
