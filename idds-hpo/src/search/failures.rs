//! What becomes of points that failed.

use std::time::Duration;

use idds_client::PointId;
use indexmap::IndexSet;

use super::{Command, Search};
use crate::journal::Entry;
use crate::{Failure, Loss, OnFailure, Rules, Stage, StopReason, TrialRecord};

/// So many points must have failed before nothing is taken to work.
const ENOUGH: usize = 3;

/// Points that failed, as far as it is not settled what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// Points with a failed evaluation, while none has worked.
    points: IndexSet<PointId>,
    /// Points that failed as often as they may, and for which a loss is to be made up when an evaluation has worked.
    held: IndexSet<PointId>,
    /// The first failure of this run.
    first: Option<Failure>,
    /// So many looks at the server had begun by the last failure.
    polls: u64,
}

impl Failures {
    /// Notes what a journal says of a trial.
    pub(super) fn known(&mut self, trial: &TrialRecord, rules: &Rules) {
        let failed = trial.failed_attempts();
        if failed == 0 || trial.stage != Stage::Open || !matches!(rules.on_failure, OnFailure::Penalty(_)) {
            return;
        }
        self.points.insert(trial.id.clone());
        if failed >= rules.attempts {
            self.held.insert(trial.id.clone());
        }
        if self.first.is_none() {
            self.first = trial.failure().map(|why| Failure::point(why).about(first_to_fail(&trial.id)));
        }
    }

    /// Tells whether a point waits for a loss that is made up.
    pub(super) fn hold(&self, id: &PointId) -> bool {
        self.held.contains(id)
    }

    /// Tells whether any point does.
    pub(super) fn are_held(&self) -> bool {
        !self.held.is_empty()
    }
}

fn first_to_fail(id: &PointId) -> String {
    format!("nothing works yet, and point {id} was the first to fail")
}

impl Search {
    pub(super) fn evaluation_failed(
        &mut self,
        now: Duration,
        (id, attempt): (PointId, u32),
        failure: Failure,
        commands: &mut Vec<Command>,
    ) {
        let (at, point, why) = (now, id.clone(), failure.to_string());
        self.write(Entry::Failed { at, point, why: why.clone(), attempt: Some(attempt) }, commands);
        if matches!(self.rules.on_failure, OnFailure::Penalty(_)) && !self.history.has_worked() {
            self.failures.points.insert(id.clone());
            self.failures.first.get_or_insert_with(|| failure.about(first_to_fail(&id)));
            self.failures.polls = self.polls;
        }
        if self.is_running(&id) {
            // Another evaluation of it may still give a loss.
            return;
        }
        let failures = self.history.get(&id).map_or(0, TrialRecord::failed_attempts);
        if failures < self.rules.attempts {
            return self.retries.push((now.saturating_add(self.rules.pause(failures)), id));
        }
        match self.rules.on_failure {
            OnFailure::Penalty(_) => {
                self.failures.held.insert(id);
                if self.running.is_empty() && self.queue.is_empty() && self.retries.is_empty() {
                    // A search that has nothing else to do stops when a look shows no further points.
                    self.next_poll = now;
                }
            }
            OnFailure::Report(loss) => self.make_up(now, id, loss, why, commands),
            OnFailure::LeaveOpen => self.write(Entry::LeftOpen { at: now, point: id }, commands),
            OnFailure::Stop => self.end(StopReason::EvaluationFailed, commands),
        }
    }

    fn make_up(&mut self, now: Duration, id: PointId, loss: Loss, why: String, commands: &mut Vec<Command>) {
        let (at, point, made_up) = (now, id.clone(), Some(why));
        let (stopped_at, attempt, same_as) = (None, None, None);
        self.write(Entry::Evaluated { at, point, loss, made_up, stopped_at, attempt, same_as }, commands);
        self.deliveries.due(id, now);
        self.pace.add(now.saturating_sub(self.began));
    }

    /// Makes up the losses that were held back once an evaluation has worked, and ends the search when nothing works.
    ///
    /// The server waits for the losses of all points before it proposes others. So a point that failed can be the last one
    /// for which there is anything to do, long before three have failed.
    pub(super) fn settle_failures(&mut self, now: Duration, commands: &mut Vec<Command>) {
        let OnFailure::Penalty(loss) = self.rules.on_failure else { return };
        if self.history.has_worked() {
            self.failures.points.clear();
            for id in std::mem::take(&mut self.failures.held) {
                let trial = self.history.get(&id).filter(|trial| trial.stage == Stage::Open);
                if let Some(why) = trial.and_then(|trial| trial.failure()).map(str::to_owned) {
                    self.make_up(now, id, loss, why, commands);
                }
            }
            return;
        }
        let is_open = |id: &PointId| self.history.get(id).is_some_and(|trial| trial.stage == Stage::Open);
        self.failures.held.retain(is_open);
        let has_seen_all = self.polling_since.is_none() && self.seen > self.failures.polls;
        let is_all = self.queue.is_empty() && self.retries.is_empty() && has_seen_all && self.failures.are_held();
        if self.running.is_empty() && (self.is_stuck() || is_all) {
            let first = self.failures.first.take().unwrap_or_else(|| Failure::point("nothing works yet"));
            self.end_by(StopReason::NothingWorks, first, commands);
        }
    }

    /// Tells whether so many points have failed, and none has worked, that no further evaluation is begun.
    pub(super) fn is_stuck(&self) -> bool {
        self.failures.points.len() >= ENOUGH && !self.history.has_worked()
    }
}
