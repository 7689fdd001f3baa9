//! What events change, before the machine looks what follows from it.

use super::super::run::StepState;
use super::*;

/// Most works that are added to a workflow.
const MAX_ADDED: usize = 100_000;

impl Machine {
    pub(super) fn begin(&mut self) -> Result<(), Refused> {
        if self.has_begun {
            return Err(Refused("the workflow has begun already".to_owned()));
        }
        self.has_begun = true;
        Ok(())
    }

    pub(super) fn ended(
        &mut self,
        key: &RunKey,
        status: Status,
        output: &Map<String, Value>,
    ) -> Result<(), Refused> {
        let at = self
            .find(key)
            .ok_or_else(|| Refused(format!("no work of the workflow runs as {key}")))?;
        let state = self.run(at.0).state(at.1);
        if state.stage != Stage::Running || state.child.is_some() {
            return Err(Refused(format!(
                "the work {key} is not running, so that it cannot end as {}",
                status.name()
            )));
        }
        let values = count_values(output);
        if values > MAX_OUTPUT {
            return Err(Refused(format!(
                "the output of {key} has {values} values; at most {MAX_OUTPUT} are taken"
            )));
        }
        if at.1 != BUILD && self.step_def(at).reads.is_some() {
            let state = self.run_mut(at.0).state_mut(at.1);
            state.values.get_or_insert_default().say(output);
        }
        self.end_step(at, status, 1 << status as u8);
        Ok(())
    }

    pub(super) fn time(&mut self, now: Timestamp) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.is_held = false;
            self.has_expired = true;
            self.end_running(Ending::Expire);
        }
    }

    /// Has everything that runs end; a workflow that has not begun ends at once.
    fn end_running(&mut self, ending: Ending) {
        self.ending = Some(ending);
        if !self.has_begun {
            let status = match ending {
                Ending::SetAllFinished => Status::Finished,
                Ending::Expire => Status::Expired,
                Ending::Abort | Ending::Finish => Status::Cancelled,
            };
            self.status = Some(status);
            self.commands.push(Command::Ended(status));
            return;
        }
        for at in self.works_in(Stage::is_running) {
            let run = self.key(at);
            self.commands.push(Command::End { run, ending });
        }
    }

    pub(super) fn asked(&mut self, command: UserCommand) -> Result<(), Refused> {
        let refused = |what: &str| Err(Refused(what.to_owned()));
        match (command, self.status) {
            (UserCommand::Retry, _) => return self.retry(),
            (_, Some(status)) => {
                return Err(Refused(format!(
                    "the workflow has ended as {}; a retry lets it go on",
                    status.name()
                )));
            }
            (UserCommand::Suspend, _) if self.is_held => {
                return refused("the workflow is held already");
            }
            (UserCommand::Resume, _) if !self.is_held => {
                return refused("the workflow is not held");
            }
            (UserCommand::Suspend, _) => {
                self.is_held = true;
                for at in self.works_in(Stage::is_running) {
                    let run = self.key(at);
                    self.commands.push(Command::Suspend(run));
                }
            }
            (UserCommand::Resume, _) => self.resume(),
            (UserCommand::Abort | UserCommand::Finish | UserCommand::SetAllFinished, _) => {
                self.is_held = false;
                self.end_running(match command {
                    UserCommand::Abort => Ending::Abort,
                    UserCommand::Finish => Ending::Finish,
                    _ => Ending::SetAllFinished,
                });
            }
        }
        Ok(())
    }

    fn resume(&mut self) {
        if std::mem::take(&mut self.is_held) {
            for at in self.works_in(Stage::is_running) {
                let run = self.key(at);
                self.commands.push(Command::Resume(run));
            }
        }
    }

    /// Has everything go on that has ended without being Finished.
    fn retry(&mut self) -> Result<(), Refused> {
        let is_again = |stage: Stage| {
            stage
                .ended()
                .is_some_and(|status| status != Status::Finished)
        };
        let works = self.works_in(is_again);
        if works.is_empty() && self.ending.is_none() && !self.is_held {
            return Err(Refused(
                match self.status {
                    Some(_) => "every work that has started is Finished; there is nothing to retry",
                    None => "the workflow runs, and no work has failed; there is nothing to retry",
                }
                .to_owned(),
            ));
        }
        self.status = None;
        self.ending = None;
        self.has_begun = true;
        self.resume();
        for at in works {
            self.reopen(at);
            let mut inner = at.0;
            while let Some(around) = self.run(inner).parent {
                self.reopen(around);
                inner = around.0;
            }
            let run = self.key(at);
            self.commands.push(Command::Retry(run));
        }
        // What was not begun because the workflow was to end is looked for again.
        for at in 0..self.runs.len() {
            if let Some(run) = &mut self.runs[at] {
                run.is_new |= run.started == 0;
                run.look_at_everything(&self.definition);
                self.touch(at);
            }
        }
        Ok(())
    }

    fn reopen(&mut self, at: At) {
        let run = self.run_mut(at.0);
        let Stage::Ended(status) = run.state(at.1).stage else {
            return;
        };
        run.state_mut(at.1).stage = Stage::Running;
        if at.1 != BUILD {
            run.uncount(status);
        }
        self.refresh(at);
    }

    /// Adds a work to the workflow and starts it.
    pub(super) fn added(&mut self, id: &str, name: &str) -> Result<(), Refused> {
        if !self.has_begun || self.is_held {
            let state = if self.is_held {
                "is held"
            } else {
                "has not begun"
            };
            return Err(Refused(format!(
                "the workflow {state}; works are added to one that runs"
            )));
        }
        let workflow = &mut self.definition.workflows[0];
        if workflow.by_id.contains_key(id) || id.contains(['/', '.']) || id.is_empty() {
            return Err(Refused(format!(
                "{id:?} cannot be the id of a work that is added: another work has it, or it is empty or has a slash or a dot"
            )));
        }
        if self.added >= MAX_ADDED {
            return Err(Refused(format!(
                "{MAX_ADDED} works were added to the workflow already; submit another workflow"
            )));
        }
        self.added += 1;
        let step = workflow.steps.len();
        workflow.steps.push(StepDef {
            id: id.to_owned(),
            name: name.to_owned(),
            workflow: None,
            is_added: true,
            parents: Vec::new(),
            unknown_parents: Vec::new(),
            reads: None,
        });
        _ = workflow.by_id.insert(id.to_owned(), step);
        self.run_mut(0).steps.push(StepState::IDLE);
        self.status = None;
        self.ending = None;
        self.start((0, step), "it was added to the request".to_owned());
        Ok(())
    }
}

/// Returns the number of values, nested ones included.
fn count_values(values: &Map<String, Value>) -> usize {
    fn count(value: &Value) -> usize {
        1 + match value {
            Value::Array(items) => items.iter().map(count).sum(),
            Value::Object(members) => members.values().map(count).sum(),
            _ => 0,
        }
    }
    values.values().map(count).sum()
}
