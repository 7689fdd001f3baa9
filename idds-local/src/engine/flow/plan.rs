//! What would run, in which order, and what never can: the machine itself, played ahead.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::definition::{BUILD, Definition};
use super::event::{Command, FlowEvent, Start, Status};
use super::key::RunKey;
use super::machine::{Machine, Refused};
use super::run::Run;
use super::waiting::{self, Reason};

/// Most starts of a plan.
const MAX_STARTS: usize = 1_000_000;

/// What a workflow would do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// The runs that would start, in their order.
    pub(crate) starts: Vec<Planned>,
    /// Loops that would go on after the rounds that were played, with what they ask.
    pub(crate) goes_on: Vec<(Option<RunKey>, String)>,
    /// How the workflow would end; nothing when it would wait for ever.
    pub(crate) status: Option<Status>,
    /// What can never start, whatever the works do: its name with those of the workflows around it, and why.
    pub(crate) never: Vec<(String, String)>,
}

/// A run that would start.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planned {
    /// What would start.
    pub(crate) start: Start,
    /// The run whose end starts it; nothing when it starts at once.
    pub(crate) after: Option<RunKey>,
}

impl Plan {
    /// Plays a machine ahead: works end in the order in which they start, each as `end` says, and loops have at most this many rounds.
    ///
    /// The machine is not changed; one that has begun already is played from where it is.
    ///
    /// # Errors
    ///
    /// When an outcome is refused, or more than a million runs would start.
    pub(crate) fn of(
        machine: &Machine,
        rounds: u32,
        mut end: impl FnMut(&RunKey) -> (Status, Map<String, Value>),
    ) -> Result<Self, Refused> {
        let mut machine = machine.clone();
        machine.max_rounds = Some(rounds);
        machine.is_held = false;
        let mut plan = Self {
            starts: Vec::new(),
            goes_on: Vec::new(),
            status: None,
            never: never(&machine.definition),
        };
        let mut running: VecDeque<RunKey> = machine.running().into();
        let mut after = None;
        let mut event = match machine.has_begun {
            true => FlowEvent::Progress,
            false => FlowEvent::Begin,
        };
        loop {
            for command in machine.handle(Timestamp::UNIX_EPOCH, &event)? {
                if let Command::Start(start) = command {
                    running.push_back(start.run.clone());
                    plan.starts.push(Planned {
                        start: *start,
                        after: after.clone(),
                    });
                }
            }
            if plan.starts.len() > MAX_STARTS {
                return Err(Refused::new(format!(
                    "the workflow would start more than {MAX_STARTS} works; plan fewer rounds"
                )));
            }
            let Some(run) = running.pop_front() else {
                break;
            };
            let (status, output) = end(&run);
            after = Some(run.clone());
            event = FlowEvent::Ended {
                run,
                status,
                output,
            };
        }
        plan.status = machine.status();
        plan.goes_on = std::mem::take(&mut machine.goes_on);
        Ok(plan)
    }
}

/// Returns what can never start in a workflow and its sub-workflows.
fn never(definition: &Definition) -> Vec<(String, String)> {
    let mut never = Vec::new();
    for (place, workflow) in definition.workflows.iter().enumerate() {
        let globals = workflow.globals.clone();
        let run = Run::new(
            definition,
            place,
            None,
            String::new(),
            globals,
            Default::default(),
        );
        for (step, reason) in waiting::reasons(definition, &run, |_, reason| reason) {
            if let Reason::Never(why) = reason {
                never.push((definition.label(place, step), why));
            }
        }
        for (step, def) in workflow
            .steps
            .iter()
            .enumerate()
            .filter(|(step, _)| *step != BUILD)
        {
            for task in &def.unknown_parents {
                never.push((
                    format!("jobs of {}", definition.label(place, step)),
                    format!("they wait for outputs of the task {task}, which no work of the workflow has"),
                ));
            }
        }
    }
    never
}
