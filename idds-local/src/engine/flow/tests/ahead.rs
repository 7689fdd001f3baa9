//! Plans, and reasons to wait.

use super::random::{Random, Writer};
use super::*;

/// Ends a run as its key says, the same way each time it is asked.
fn end_of(seed: u64, run: &RunKey) -> (Status, Map<String, Value>) {
    let key = run.as_str().bytes().fold(seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut random = Random::new(key);
    let status = *random.one_of(&Status::ALL);
    (status, Map::new())
}

#[test]
fn a_plan_is_what_a_run_does_and_names_nothing_that_starts() {
    for seed in 0..300 {
        let workflow = Writer::new(seed).workflow();
        let definition = Definition::read(&workflow.to_string()).expect("a workflow");
        let mut machine = Machine::new(definition, Timestamp::UNIX_EPOCH, None);
        let plan = Plan::of(&machine, 2, |run| end_of(seed, run)).expect("a plan");
        if !plan.goes_on.is_empty() {
            continue;
        }
        let mut starts = Vec::new();
        let mut running = std::collections::VecDeque::new();
        let mut event = FlowEvent::Begin;
        loop {
            let commands = machine.handle(Timestamp::UNIX_EPOCH, &event);
            for command in commands.expect("an event that fits") {
                if let Command::Start(start) = command {
                    running.push_back(start.run.clone());
                    starts.push(*start);
                }
            }
            let Some(run) = running.pop_front() else {
                break;
            };
            let (status, output) = end_of(seed, &run);
            event = FlowEvent::Ended {
                run,
                status,
                output,
            };
        }
        let planned: Vec<Start> = plan
            .starts
            .into_iter()
            .map(|planned| planned.start)
            .collect();
        assert_eq!(planned, starts, "seed {seed}");
        assert_eq!(plan.status, machine.status(), "seed {seed}");
        let names: Vec<String> = starts
            .iter()
            .map(|start| start.path.last().cloned().unwrap_or_default())
            .collect();
        for (name, why) in &plan.never {
            let id = name.rsplit('/').next().unwrap_or_default();
            let is_job = name.starts_with("jobs of ");
            assert!(
                is_job || !names.iter().any(|start| start == id),
                "seed {seed}: {name}: {why}"
            );
        }
    }
}

#[test]
fn a_step_says_what_it_waits_for_and_what_can_never_come() {
    let mut played = Played::begin("v2_sub_loop_links");
    let said = |played: &Played| -> Vec<String> {
        let waiting = played.machine.waiting();
        waiting
            .iter()
            .map(|one| format!("{}: {}", one.run, one.reason))
            .collect()
    };
    assert_eq!(said(&played), ["0000000a: waits for 00000007 is_finished"]);
    _ = played.end("00000007", Status::Failed);
    assert_eq!(
        said(&played),
        ["0000000a: can never start: this cannot come true any more: 00000007 is_finished"]
    );
}

#[test]
fn a_work_whose_compressed_map_names_another_starts_after_it() {
    let definition = Definition::read(&recorded("v2_doma_chain")).expect("a workflow");
    let mut machine = Machine::new(definition, Timestamp::UNIX_EPOCH, None);
    let commands = machine.handle(Timestamp::UNIX_EPOCH, &FlowEvent::Begin);
    let mut started: Vec<String> = Vec::new();
    let mut count = 0;
    for command in commands.expect("an event that fits") {
        let Command::Start(start) = command else {
            continue;
        };
        count += start.parents.len();
        for parent in &start.parents {
            assert!(
                started.contains(parent),
                "{parent} starts before {}",
                start.run
            );
        }
        started.extend(start.path.last().cloned());
    }
    assert!(count > 0, "{started:?}");
}

/// The number of values that are looked at is not counted, but what grows with the square of the works would never end here.
#[test]
fn a_chain_and_a_fan_of_many_works_are_played_to_their_end() {
    for (count, is_chain) in [(2_000, true), (5_000, false)] {
        let workflow = Writer::large(count, is_chain).to_string();
        let definition = Definition::read(&workflow).expect("a workflow");
        let machine = Machine::new(definition, Timestamp::UNIX_EPOCH, None);
        let plan = Plan::of(&machine, 1, |_| (Status::Finished, Map::new())).expect("a plan");
        assert_eq!(plan.starts.len(), count);
        assert_eq!(plan.status, Some(Status::Finished));
        assert!(plan.never.is_empty());
    }
}
