//! The machine: events in, commands out.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::definition::{BUILD, Definition, StepDef};
use super::event::{Command, Ending, FlowEvent, Start, Status, UserCommand};
use super::key::RunKey;
use super::run::{Run, Stage};
use super::value::{self, StepValues};

mod change;
mod start;

/// Most values that a run may say about itself.
pub(crate) const MAX_OUTPUT: usize = 100_000;

/// Why an event does not fit what has happened before; nothing has changed by it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused(String);

impl Refused {
    pub(super) fn new(message: String) -> Self {
        Self(message)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// The flow of one workflow. See the page of the module.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(super) definition: Definition,
    pub(super) runs: Vec<Option<Run>>,
    free: Vec<usize>,
    pub(super) has_begun: bool,
    pub(super) is_held: bool,
    /// What the end of the workflow comes from, when it comes early.
    pub(super) ending: Option<Ending>,
    pub(super) status: Option<Status>,
    moved_at: Timestamp,
    expires_at: Option<Timestamp>,
    has_expired: bool,
    /// Number of works that were added.
    added: usize,
    commands: Vec<Command>,
    /// Most rounds of a loop, when the machine is only played ahead, and the loops that would have had more.
    pub(super) max_rounds: Option<u32>,
    pub(super) goes_on: Vec<(Option<RunKey>, String)>,
}

/// A run of a work or sub-workflow: the run of the workflow around it, and the step there.
type At = (usize, usize);

impl Machine {
    /// Makes the machine of a request that was made at some time, and ends at another whatever is done (its `lifetime`).
    pub(crate) fn new(
        definition: Definition,
        made_at: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Self {
        let globals = definition.workflows[0].globals.clone();
        let run = Run::new(
            &definition,
            0,
            None,
            String::new(),
            globals,
            Default::default(),
        );
        Self {
            definition,
            runs: vec![Some(run)],
            free: Vec::new(),
            has_begun: false,
            is_held: false,
            ending: None,
            status: None,
            moved_at: made_at,
            expires_at,
            has_expired: false,
            added: 0,
            commands: Vec::new(),
            max_rounds: None,
            goes_on: Vec::new(),
        }
    }

    /// Takes an event, and returns what has to be done because of it.
    ///
    /// # Errors
    ///
    /// When the event does not fit what has happened before; nothing changes then.
    pub(crate) fn handle(
        &mut self,
        at: Timestamp,
        event: &FlowEvent,
    ) -> Result<Vec<Command>, Refused> {
        match event {
            FlowEvent::Begin => self.begin()?,
            FlowEvent::Ended {
                run,
                status,
                output,
            } => self.ended(run, *status, output)?,
            FlowEvent::Progress => {}
            FlowEvent::Time => self.time(at),
            FlowEvent::Asked(command) => self.asked(*command)?,
            FlowEvent::Added { id, name } => self.added(id, name)?,
        }
        if !matches!(event, FlowEvent::Time) {
            self.moved_at = self.moved_at.max(at);
        }
        self.settle();
        Ok(std::mem::take(&mut self.commands))
    }

    /// Returns how the workflow has ended, if it has.
    pub(crate) fn status(&self) -> Option<Status> {
        self.status
    }

    /// Returns what the machine knows about the workflow.
    pub(crate) fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Returns when [`FlowEvent::Time`] has to come, if it has to.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        if self.status.is_some() || matches!(self.ending, Some(Ending::Expire)) {
            return None;
        }
        let pending = self.definition.limits.pending_days.and_then(|days| {
            // As in 2.6.21, days are cut to seconds.
            let seconds = (days * 86_400.0) as i64;
            self.moved_at
                .checked_add(SignedDuration::from_secs(seconds))
                .ok()
        });
        // Who lets a workflow go on after its time has that much more to say than its lifetime.
        let expires_at = self.expires_at.filter(|_| !self.has_expired);
        [pending, expires_at].into_iter().flatten().min()
    }

    /// Returns the runs of works that are under way, in no order.
    pub(crate) fn running(&self) -> Vec<RunKey> {
        self.works_in(Stage::is_running)
            .into_iter()
            .map(|at| self.key(at))
            .collect()
    }

    /// Returns all works and sub-workflows of the rounds that are under way, with the names of their states.
    pub(crate) fn states(&self) -> Vec<(RunKey, &'static str)> {
        let mut states = Vec::new();
        for (at, run) in self.runs.iter().enumerate() {
            let Some(run) = run else { continue };
            let workflow = &self.definition.workflows[run.workflow];
            let build = workflow.build.as_ref().map(|_| BUILD);
            states.extend((0..run.steps.len()).chain(build).map(|step| {
                let name = match run.state(step).stage {
                    Stage::Idle => "New",
                    Stage::Queued | Stage::Running => "Transforming",
                    Stage::Ended(status) => status.name(),
                };
                (self.key((at, step)), name)
            }));
        }
        states
    }

    /// Starts what is due, in the waves in which 2.6.21 asks for it: what a wave starts counts as started when the next one is looked
    /// for.
    fn settle(&mut self) {
        if !self.has_begun || self.is_held || self.status.is_some() {
            return;
        }
        loop {
            let ended = self.sync_workflow(0);
            let mut wave = Vec::new();
            if ended.is_none() {
                self.gather(0, &mut wave);
            }
            for (at, because) in &wave {
                let start = self.start_of(*at, because.clone());
                self.commands.push(Command::Start(Box::new(start)));
            }
            for (at, _) in &wave {
                self.run_mut(at.0).state_mut(at.1).stage = Stage::Running;
                self.refresh(*at);
            }
            if let Some(status) = ended {
                self.status = Some(status);
                self.commands.push(Command::Ended(status));
                return;
            }
            if wave.is_empty() && !self.run(0).needs_attention() {
                return;
            }
        }
    }

    /// Brings a workflow up to date with its sub-workflows, begins another round of its loop, or says how it has ended.
    fn sync_workflow(&mut self, at: usize) -> Option<Status> {
        if let Some(status) = self.build(at) {
            return status;
        }
        self.sync(at);
        let run = self.run(at);
        let is_early = self.ending.is_some();
        let is_over = run.open == 0 && (run.started > 0 || is_early);
        if !is_over {
            return None;
        }
        let conditions = &self.definition.workflows[run.workflow].conditions;
        if let (Some(node), false) = (conditions.loop_while, is_early)
            && run.value(node)
        {
            if self.max_rounds.is_none_or(|max| run.round < max) {
                self.next_round(at);
                return None;
            }
            let workflow = &self.definition.workflows[run.workflow];
            let text = workflow.conditions.describe(workflow, node, None);
            let key = run.parent.map(|parent| self.key(parent));
            self.goes_on.push((key, text));
        }
        let run = self.run(at);
        Some(match self.ending {
            Some(Ending::SetAllFinished) => Status::Finished,
            Some(Ending::Expire) if run.started == 0 => Status::Expired,
            _ => run.status(),
        })
    }

    /// Sees to the build work of a workflow. Returns nothing when the other works may go on, else whether the workflow has ended.
    fn build(&mut self, at: usize) -> Option<Option<Status>> {
        let run = self.run(at);
        _ = self.definition.workflows[run.workflow].build.as_ref()?;
        match run.build.stage {
            Stage::Ended(Status::Finished) => {
                let is_alone = self.definition.workflows[run.workflow].steps.is_empty();
                is_alone.then_some(Some(Status::Finished))
            }
            Stage::Ended(_) => Some(Some(Status::Failed)),
            Stage::Idle if self.ending.is_some() => Some(Some(Status::Cancelled)),
            Stage::Idle => {
                let run = self.run_mut(at);
                run.build.stage = Stage::Queued;
                run.queued
                    .push((BUILD, "it builds what the other works need".to_owned()));
                Some(None)
            }
            Stage::Queued | Stage::Running => Some(None),
        }
    }

    /// Takes over what has changed in sub-workflows, and starts what conditions ask for.
    fn sync(&mut self, at: usize) {
        for (sequence, step) in std::mem::take(&mut self.run_mut(at).moved) {
            let state = &self.run(at).steps[step];
            // What ends inside a sub-workflow that ends by it has it looked into once more.
            let Some(child) = state.child.filter(|_| state.stage == Stage::Running) else {
                continue;
            };
            match self.sync_workflow(child) {
                Some(status) => {
                    let ended_as = match self.ending {
                        Some(Ending::SetAllFinished) => 1 << Status::Finished as u8,
                        _ => match self.run(child).build.stage {
                            Stage::Ended(build) if build != Status::Finished => {
                                1 << Status::Failed as u8
                            }
                            _ => self.run(child).ended_as() | 1 << status as u8,
                        },
                    };
                    let workflow = self.key((at, step));
                    self.commands.push(Command::Ends { workflow, status });
                    self.end_step((at, step), status, ended_as);
                }
                None if self.run(child).needs_attention() => {
                    _ = self.run_mut(at).moved.insert(sequence, step);
                }
                None => {}
            }
        }
        let definition = &self.definition;
        if let Some(run) = &mut self.runs[at] {
            run.begin_looking(definition);
        }
        loop {
            let run = self.runs[at]
                .as_mut()
                .expect("a run that is looked at is there");
            let Some((branching, holds, steps)) = run.look(&self.definition) else {
                break;
            };
            for step in steps {
                let because = self.reason(at, branching, holds);
                self.start((at, step), because);
            }
        }
        self.run_mut(at).end_looking();
    }

    /// Gathers what starts now: first the works of a workflow, then those of its sub-workflows.
    fn gather(&mut self, at: usize, wave: &mut Vec<(At, String)>) {
        if self.build(at).is_none() {
            self.sync(at);
            self.start_first(at);
        }
        let queued = std::mem::take(&mut self.run_mut(at).queued);
        wave.extend(
            queued
                .into_iter()
                .map(|(step, because)| ((at, step), because)),
        );
        for (sequence, step) in self.run(at).moved.clone() {
            let state = &self.run(at).steps[step];
            let Some(child) = state.child.filter(|_| state.stage == Stage::Running) else {
                continue;
            };
            self.gather(child, wave);
            let run = self.run(child);
            if !run.needs_attention() && (run.open != 0 || run.started == 0) {
                _ = self.run_mut(at).moved.remove(&sequence);
            }
        }
    }

    /// Tells whether works are stopped, so that what conditions ask for then still starts.
    fn is_stopping(&self) -> bool {
        matches!(self.ending, Some(Ending::Abort | Ending::Expire))
    }

    fn start_first(&mut self, at: usize) {
        let run = self.run_mut(at);
        if !std::mem::take(&mut run.is_new) {
            return;
        }
        let workflow = run.workflow;
        let why = match self.definition.workflows[workflow].has_initial {
            true => "it is an initial work",
            false => "nothing leads to it, so that it starts at once",
        };
        for step in self.definition.workflows[workflow].first.clone() {
            self.start((at, step), why.to_owned());
        }
    }

    /// Says why a condition starts something.
    fn reason(&self, at: usize, branching: u32, holds: bool) -> String {
        let run = self.run(at);
        let workflow = &self.definition.workflows[run.workflow];
        let node = workflow.conditions.branchings[branching as usize].node;
        let text = workflow.conditions.describe(workflow, node, None);
        match holds {
            true => text,
            false => format!("it does not hold that {text}"),
        }
    }

    pub(super) fn run(&self, at: usize) -> &Run {
        self.runs[at]
            .as_ref()
            .expect("a run that is reached is there")
    }

    fn run_mut(&mut self, at: usize) -> &mut Run {
        self.runs[at]
            .as_mut()
            .expect("a run that is reached is there")
    }

    fn refresh(&mut self, at: At) {
        if at.1 != BUILD {
            let run = self.runs[at.0]
                .as_mut()
                .expect("a run that is reached is there");
            run.refresh(&self.definition, at.1);
        }
        self.touch(at.0);
    }

    /// Has the workflows around a run look into it.
    fn touch(&mut self, at: usize) {
        let mut run = at;
        while let Some((around, step)) = self.run(run).parent {
            let sequence = self.run(around).steps[step].sequence;
            _ = self.run_mut(around).moved.insert(sequence, step);
            run = around;
        }
    }

    fn step_def(&self, at: At) -> &StepDef {
        let workflow = &self.definition.workflows[self.run(at.0).workflow];
        workflow.step(at.1).expect("a step of a run is defined")
    }

    /// Returns all works in a stage, in the order of the runs and of the workflow.
    fn works_in(&self, is: impl Fn(Stage) -> bool) -> Vec<At> {
        let mut works = Vec::new();
        for (at, run) in self.runs.iter().enumerate() {
            let Some(run) = run else { continue };
            if is(run.build.stage) {
                works.push((at, BUILD));
            }
            let steps = run.steps.iter().enumerate();
            let steps = steps.filter(|(_, state)| state.child.is_none() && is(state.stage));
            works.extend(steps.map(|(step, _)| (at, step)));
        }
        works
    }

    /// Returns the key of a step.
    pub(super) fn key(&self, at: At) -> RunKey {
        let mut steps = Vec::new();
        let mut next = Some(at);
        while let Some((run, step)) = next {
            let state = self.run(run);
            let workflow = &self.definition.workflows[state.workflow];
            // The build work runs once, before the first round.
            let round = (step != BUILD && workflow.has_loop()).then_some(state.round);
            let id = workflow.step(step).map_or("", |step| &step.id);
            steps.push((id, round));
            next = state.parent;
        }
        steps.reverse();
        RunKey::of(&steps)
    }

    /// Finds a run of a work.
    fn find(&self, key: &RunKey) -> Option<At> {
        let mut next = Some(0);
        let mut found = None;
        for (id, round) in key.steps() {
            let at = next?;
            let run = self.run(at);
            let workflow = &self.definition.workflows[run.workflow];
            let build = workflow.build.as_ref().filter(|build| build.id == id);
            let expected = (build.is_none() && workflow.has_loop()).then_some(run.round);
            if round != expected {
                return None;
            }
            let step = match build {
                Some(_) => BUILD,
                None => *workflow.by_id.get(id)?,
            };
            next = match step {
                BUILD => None,
                step => run.steps[step].child,
            };
            found = Some((at, step));
        }
        found
    }
}
