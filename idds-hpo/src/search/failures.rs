//! What becomes of points that failed.

use std::collections::HashSet;
use std::time::Duration;

use idds_client::PointId;
use indexmap::IndexSet;

use super::{Command, Search};
use crate::entry::Entry;
use crate::{Failure, Loss, OnFailure, SearchOptions, Stage, StopReason, TrialRecord};

/// So many points must have failed before nothing is taken to work.
const ENOUGH: usize = 3;

/// So many must have failed in a row where others have worked before: there may be much that fails in a space.
const MANY: usize = 10;

/// Points that failed, as far as it is not settled what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// Points that failed, while no evaluation has worked since: what is to blame may be no point.
    points: IndexSet<PointId>,
    /// Points that failed before an evaluation worked, so that they are to blame themselves.
    to_blame: HashSet<PointId>,
    /// Points that failed as often as they may, and for which a loss is to be made up when they are to blame.
    held: IndexSet<PointId>,
    /// The first failure of `points`.
    first: Option<Failure>,
    /// So many looks at the server had begun by the last failure.
    polls: u64,
}

impl Failures {
    /// Notes what a journal says of a trial, and of when an evaluation last worked.
    pub(super) fn known(
        &mut self,
        trial: &TrialRecord,
        options: &SearchOptions,
        worked: Option<Duration>,
    ) {
        let failed = trial.failed_attempts();
        let is_open = trial.stage == Stage::Open;
        if failed == 0
            || !(is_open || trial.made_up.is_some())
            || !matches!(options.on_failure, OnFailure::Penalty(_))
        {
            return;
        }
        if is_open && failed >= options.attempts {
            self.held.insert(trial.id.clone());
        }
        if trial.first_failure() < worked {
            self.to_blame.insert(trial.id.clone());
        } else {
            self.note(&trial.id, worked.is_some(), || {
                Failure::point(trial.failure().unwrap_or_default())
            });
        }
    }

    /// Notes that an evaluation of a point failed.
    fn note(&mut self, id: &PointId, has_worked: bool, failure: impl FnOnce() -> Failure) {
        if self.to_blame.contains(id) {
            return;
        }
        self.points.insert(id.clone());
        let when = if has_worked { "any more" } else { "yet" };
        let about = || {
            failure().about(format_args!(
                "nothing works {when}, and point {id} was the first to fail"
            ))
        };
        self.first.get_or_insert_with(about);
    }

    /// Notes that an evaluation worked.
    pub(super) fn worked(&mut self) {
        self.to_blame.extend(self.points.drain(..));
        self.first = None;
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

impl Search {
    pub(super) fn evaluation_failed(
        &mut self,
        now: Duration,
        (id, attempt): (PointId, u32),
        failure: Failure,
        commands: &mut Vec<Command>,
    ) {
        let (at, point, why) = (now, id.clone(), failure.to_string());
        self.write(
            Entry::Failed {
                at,
                point,
                why: why.clone(),
                attempt: Some(attempt),
            },
            commands,
        );
        if matches!(self.options.on_failure, OnFailure::Penalty(_)) {
            self.failures
                .note(&id, self.history.has_worked(), || failure);
            self.failures.polls = self.polls;
        }
        if self.is_running(&id) {
            // Another evaluation of it may still give a loss.
            return;
        }
        let failures = self
            .history
            .get(&id)
            .map_or(0, TrialRecord::failed_attempts);
        if failures < self.options.attempts {
            return self
                .retries
                .push((now.saturating_add(self.options.pause(failures)), id));
        }
        match self.options.on_failure {
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

    fn make_up(
        &mut self,
        now: Duration,
        id: PointId,
        loss: Loss,
        why: String,
        commands: &mut Vec<Command>,
    ) {
        let (at, point, made_up) = (now, id.clone(), Some(why));
        let (stopped_at, attempt, same_as) = (None, None, None);
        self.write(
            Entry::Evaluated {
                at,
                point,
                loss,
                made_up,
                stopped_at,
                attempt,
                same_as,
            },
            commands,
        );
        self.deliveries.due(id, now);
        self.pace.add(now.saturating_sub(self.began));
    }

    /// Makes up the losses that were held back for points that are to blame, and ends the search when nothing works.
    ///
    /// The server waits for the losses of all points before it proposes others. So a point that failed can be the last one
    /// for which there is anything to do, long before enough have failed.
    pub(super) fn settle_failures(&mut self, now: Duration, commands: &mut Vec<Command>) {
        let OnFailure::Penalty(loss) = self.options.on_failure else {
            return;
        };
        let is_open = |id: &PointId| {
            self.history
                .get(id)
                .is_some_and(|trial| trial.stage == Stage::Open)
        };
        self.failures.held.retain(is_open);
        let has_seen_all = self.polling_since.is_none() && self.seen > self.failures.polls;
        let is_idle = self.running.is_empty() && self.queue.is_empty() && self.retries.is_empty();
        let is_all = is_idle && has_seen_all && self.failures.are_held();
        let is_exception =
            is_all && self.history.has_worked() && self.failures.points.len() < ENOUGH;
        let is_settled = |id: &PointId| is_exception || !self.failures.points.contains(id);
        let (settled, held) = std::mem::take(&mut self.failures.held)
            .into_iter()
            .partition(is_settled);
        self.failures.held = held;
        for id in IndexSet::into_iter(settled) {
            if let Some(why) = self
                .history
                .get(&id)
                .and_then(TrialRecord::failure)
                .map(str::to_owned)
            {
                self.make_up(now, id, loss, why, commands);
            }
        }
        if self.running.is_empty() && (self.is_stuck() || is_all && self.failures.are_held()) {
            let first = self
                .failures
                .first
                .take()
                .unwrap_or_else(|| Failure::point("nothing works"));
            self.end_by(StopReason::NothingWorks, first, commands);
        }
    }

    /// Tells whether this many points have failed, and none has worked since, that no further evaluation is begun.
    pub(super) fn is_stuck(&self) -> bool {
        self.failures.points.len()
            >= if self.history.has_worked() {
                MANY
            } else {
                ENOUGH
            }
    }
}
