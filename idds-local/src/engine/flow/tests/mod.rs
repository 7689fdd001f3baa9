//! Workflows as the Python package writes them, and what becomes of them.

mod ahead;
mod build;
mod commands;
mod engine;
mod judge;
mod random;
mod time;

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::*;

/// Returns a workflow that was recorded from the Python package.
fn recorded(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/reference")
        .join(format!("{name}.json"));
    fs::read_to_string(file).expect("a recorded workflow")
}

/// A machine with what it has asked for so far, one line for each command.
struct Played {
    machine: Machine,
    told: Vec<String>,
}

impl Played {
    fn begin(name: &str) -> Self {
        let definition = Definition::read(&recorded(name)).expect("a workflow");
        let mut played = Self {
            machine: Machine::new(definition, Timestamp::UNIX_EPOCH, None),
            told: Vec::new(),
        };
        played.handle(&FlowEvent::Begin);
        played
    }

    fn handle(&mut self, event: &FlowEvent) {
        let commands = self.machine.handle(Timestamp::UNIX_EPOCH, event);
        self.told = commands
            .expect("an event that fits")
            .iter()
            .map(line)
            .collect();
    }

    fn end(&mut self, run: &str, status: Status) -> &[String] {
        self.end_with(run, status, Map::new())
    }

    fn end_with(&mut self, run: &str, status: Status, output: Map<String, Value>) -> &[String] {
        let run = RunKey::from(run.to_owned());
        self.handle(&FlowEvent::Ended {
            run,
            status,
            output,
        });
        &self.told
    }

    fn ask(&mut self, command: UserCommand) -> &[String] {
        self.handle(&FlowEvent::Asked(command));
        &self.told
    }
}

/// Writes a command as a line.
fn line(command: &Command) -> String {
    match command {
        Command::Start(start) => format!("start {}{}", start.run, start.suffix),
        Command::Begins { workflow } => format!("begins {workflow}"),
        Command::Round { workflow, number } => {
            let workflow = workflow.as_ref().map_or("all", RunKey::as_str);
            format!("round {number} of {workflow}")
        }
        Command::Ends { workflow, status } => format!("ends {workflow} {}", status.name()),
        Command::End { run, ending } => format!("end {run} {ending:?}"),
        Command::Suspend(run) => format!("suspend {run}"),
        Command::Resume(run) => format!("resume {run}"),
        Command::Retry(run) => format!("retry {run}"),
        Command::Ended(status) => format!("ended {}", status.name()),
    }
}
