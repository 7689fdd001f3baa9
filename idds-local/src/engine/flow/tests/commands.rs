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

fn unbegun() -> Machine {
    let definition = Definition::read(&recorded("v2_sub_loop_links")).expect("a workflow");
    Machine::new(definition, Timestamp::UNIX_EPOCH, None)
}

/// Why a machine refuses an event.
fn refuse(machine: &mut Machine, event: &FlowEvent) -> String {
    let refused = machine.handle(Timestamp::UNIX_EPOCH, event);
    refused.expect_err("it does not fit").to_string()
}

#[test]
fn a_command_that_does_not_fit_is_refused_with_the_reason() {
    let mut played = Played::begin("v2_sub_loop_links");
    let begin = FlowEvent::Begin;
    let refusal = |played: &mut Played, command: Option<UserCommand>| {
        let event = command.map_or(begin.clone(), FlowEvent::Asked);
        refuse(&mut played.machine, &event)
    };
    assert_eq!(refusal(&mut played, None), "the workflow has begun already");
    assert_eq!(
        refusal(&mut played, Some(UserCommand::Resume)),
        "the workflow is not held"
    );
    assert_eq!(
        refusal(&mut played, Some(UserCommand::Retry)),
        "the workflow runs, and no work has failed; there is nothing to retry"
    );
    _ = played.ask(UserCommand::Suspend);
    assert_eq!(
        refusal(&mut played, Some(UserCommand::Suspend)),
        "the workflow is held already"
    );
    assert_eq!(played.ask(UserCommand::Resume), ["resume 00000007"]);
    _ = played.ask(UserCommand::Abort);
    assert_eq!(
        played.end("00000007", Status::Cancelled),
        ["ended Cancelled"]
    );
    assert_eq!(
        refusal(&mut played, Some(UserCommand::Finish)),
        "the workflow has ended as Cancelled; a retry lets it go on"
    );
}

#[test]
fn nothing_is_to_be_retried_when_every_work_is_finished() {
    let mut played = Played::begin("v2_chain_four");
    while let [run] = &played.machine.running()[..] {
        let run = run.to_string();
        _ = played.end(&run, Status::Finished);
    }
    assert_eq!(played.told, ["ended Finished"]);
    assert_eq!(
        refuse(&mut played.machine, &FlowEvent::Asked(UserCommand::Retry)),
        "every work that has started is Finished; there is nothing to retry"
    );
}

#[test]
fn a_workflow_that_has_not_begun_ends_at_once_when_that_is_asked() {
    for (command, ended) in [
        (UserCommand::Abort, "ended Cancelled"),
        (UserCommand::Finish, "ended Cancelled"),
        (UserCommand::SetAllFinished, "ended Finished"),
    ] {
        let mut machine = unbegun();
        let commands = machine.handle(Timestamp::UNIX_EPOCH, &FlowEvent::Asked(command));
        let commands = commands.expect("it fits");
        assert_eq!(commands.iter().map(line).collect::<Vec<_>>(), [ended]);
    }
}

#[test]
fn a_workflow_that_is_held_ends_when_that_is_asked() {
    let mut played = Played::begin("v2_sub_loop_links");
    _ = played.ask(UserCommand::Suspend);
    assert_eq!(played.ask(UserCommand::Abort), ["end 00000007 Abort"]);
    assert_eq!(
        played.end("00000007", Status::Cancelled),
        ["ended Cancelled"]
    );
}

#[test]
fn a_work_is_added_to_a_workflow_that_runs_under_an_id_of_its_own() {
    let added = |id: &str| FlowEvent::Added {
        id: id.to_owned(),
        name: "one more".to_owned(),
    };
    let mut machine = unbegun();
    assert_eq!(
        refuse(&mut machine, &added("x")),
        "the workflow has not begun; works are added to one that runs"
    );
    let mut played = Played::begin("v2_sub_loop_links");
    for id in ["", "a/b", "a.b", "00000007"] {
        let said = refuse(&mut played.machine, &added(id));
        assert!(said.contains("cannot be the id of a work"), "{id}: {said}");
    }
    _ = played.ask(UserCommand::Suspend);
    assert_eq!(
        refuse(&mut played.machine, &added("x")),
        "the workflow is held; works are added to one that runs"
    );
    // One that has ended runs again with it.
    _ = played.ask(UserCommand::Resume);
    _ = played.end("00000007", Status::Failed);
    played.handle(&added("x"));
    assert_eq!(played.told, ["start x..1"]);
    assert_eq!(played.end("x", Status::Finished), ["ended SubFinished"]);
}

#[test]
fn an_output_with_too_many_values_is_refused() {
    let mut played = Played::begin("v2_sub_loop_links");
    let ended = |count: usize| {
        let mut output = Map::new();
        // The list counts as a value, too, and so does the object in it.
        let values = vec![Value::Null; count - 3];
        let nested = serde_json::json!([{ "values": values }]);
        _ = output.insert("nested".to_owned(), nested);
        FlowEvent::Ended {
            run: RunKey::from("00000007".to_owned()),
            status: Status::Finished,
            output,
        }
    };
    assert_eq!(
        refuse(&mut played.machine, &ended(100_001)),
        "the output of 00000007 has 100001 values; at most 100000 are taken"
    );
    played.handle(&ended(100_000));
    assert_eq!(
        played.told,
        ["begins 0000000a", "start 0000000a/00000001.1.1.1.1"]
    );
}

#[test]
fn the_state_of_each_step_is_told_by_its_name() {
    let mut played = Played::begin("v2_sub_loop_links");
    let states = |played: &Played| -> Vec<_> {
        let states = played.machine.states();
        states
            .into_iter()
            .map(|(run, state)| format!("{run} {state}"))
            .collect()
    };
    assert_eq!(states(&played), ["00000007 Transforming", "0000000a New"]);
    _ = played.end("00000007", Status::Finished);
    assert_eq!(
        states(&played),
        [
            "00000007 Finished",
            "0000000a Transforming",
            "0000000a/00000001.1 Transforming",
            "0000000a/00000004.1 New"
        ]
    );
}
