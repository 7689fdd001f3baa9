//! Workflows that end because their time is over.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time")
}

/// A workflow of two steps, of which the first one runs, with the seconds that it may live and the days that it may stand still.
fn begun(lifetime: Option<i64>, pending_days: Option<f64>) -> Machine {
    let mut definition = Definition::read(&recorded("v2_sub_loop_links")).expect("a workflow");
    definition.limits.pending_days = pending_days;
    let mut machine = Machine::new(definition, at(0), lifetime.map(at));
    assert_eq!(
        told(&mut machine, 0, &FlowEvent::Begin),
        ["start 00000007..1"]
    );
    machine
}

fn told(machine: &mut Machine, second: i64, event: &FlowEvent) -> Vec<String> {
    let commands = machine.handle(at(second), event).expect("it fits");
    commands.iter().map(line).collect()
}

fn ended(status: Status) -> FlowEvent {
    let run = RunKey::from("00000007".to_owned());
    let output = Map::new();
    FlowEvent::Ended {
        run,
        status,
        output,
    }
}

#[test]
fn what_runs_at_the_end_of_its_lifetime_is_ended_and_the_workflow_with_it() {
    let mut machine = begun(Some(10), None);
    assert_eq!(machine.deadline(), Some(at(10)));
    assert!(told(&mut machine, 9, &FlowEvent::Time).is_empty());
    assert_eq!(
        told(&mut machine, 10, &FlowEvent::Time),
        ["end 00000007 Expire"]
    );
    // It is ended once.
    assert_eq!(machine.deadline(), None);
    assert!(told(&mut machine, 11, &FlowEvent::Time).is_empty());
    assert_eq!(
        told(&mut machine, 12, &ended(Status::Expired)),
        ["ended Expired"]
    );
    assert_eq!(machine.deadline(), None);
}

#[test]
fn a_workflow_that_has_not_begun_in_its_lifetime_is_expired() {
    let definition = Definition::read(&recorded("v2_sub_loop_links")).expect("a workflow");
    let mut machine = Machine::new(definition, at(0), Some(at(10)));
    assert_eq!(told(&mut machine, 10, &FlowEvent::Time), ["ended Expired"]);
}

#[test]
fn a_workflow_may_stand_still_for_so_many_days_after_anything_but_time_has_passed() {
    let day = 86_400;
    let mut machine = begun(None, Some(1.5));
    assert_eq!(machine.deadline(), Some(at(day + day / 2)));
    _ = told(&mut machine, 1000, &FlowEvent::Time);
    assert_eq!(machine.deadline(), Some(at(day + day / 2)));
    _ = told(&mut machine, 2000, &FlowEvent::Progress);
    assert_eq!(machine.deadline(), Some(at(2000 + day + day / 2)));
    // The sooner of both ends counts.
    let machine = begun(Some(500), Some(1.5));
    assert_eq!(machine.deadline(), Some(at(500)));
}

#[test]
fn a_workflow_that_is_held_ends_all_the_same_when_its_time_is_over() {
    let mut machine = begun(Some(10), None);
    _ = told(&mut machine, 1, &FlowEvent::Asked(UserCommand::Suspend));
    _ = told(&mut machine, 10, &FlowEvent::Time);
    assert_eq!(
        told(&mut machine, 11, &ended(Status::Suspended)),
        ["ended Suspended"]
    );
}

#[test]
fn a_workflow_that_is_retried_after_its_lifetime_does_not_end_by_it_again() {
    let mut machine = begun(Some(10), None);
    _ = told(&mut machine, 10, &FlowEvent::Time);
    _ = told(&mut machine, 11, &ended(Status::Expired));
    assert_eq!(
        told(&mut machine, 12, &FlowEvent::Asked(UserCommand::Retry)),
        ["retry 00000007"]
    );
    assert_eq!(machine.deadline(), None);
    assert!(told(&mut machine, 13, &FlowEvent::Time).is_empty());
}
