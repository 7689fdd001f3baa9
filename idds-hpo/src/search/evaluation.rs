//! What is evaluated when: the queue, repeated points, and stragglers.

use std::collections::VecDeque;
use std::time::Duration;

use idds_client::PointId;

use super::{Command, Phase, Running, Search, repeats};
use crate::entry::Entry;
use crate::{Failure, Stage, StopReason, TrialRecord, Verdict};

impl Search {
    pub(super) fn give_up_late_ones(&mut self, now: Duration, commands: &mut Vec<Command>) {
        let is_late = |running: &Running| running.deadline.is_some_and(|deadline| deadline <= now);
        let late: Vec<_> = self
            .running
            .iter()
            .filter(|(_, running)| is_late(running))
            .map(|(key, _)| key.clone())
            .collect();
        for (id, attempt) in late {
            self.running.shift_remove(&(id.clone(), attempt));
            commands.push(Command::Abandon {
                id: id.clone(),
                attempt,
            });
            let limit = self.options.evaluation_timeout.unwrap_or_default();
            let failure = Failure::point(format!("there was no loss within {limit:?}"));
            self.evaluation_failed(now, (id, attempt), failure, commands);
        }
    }

    /// Gives points the losses of points with the same parameters, if that is the rule.
    pub(super) fn reuse(&mut self, now: Duration, commands: &mut Vec<Command>) {
        if !self.options.reuse_losses {
            return;
        }
        let queue = std::mem::take(&mut self.queue);
        for id in queue {
            let is_open = |trial: &TrialRecord| trial.stage == Stage::Open && self.may_try(trial);
            let is_open = self.history.get(&id).is_some_and(is_open);
            let other = self
                .repeats
                .known(&id)
                .and_then(|other| self.history.get(other));
            // The server may show another loss in the meantime.
            match other
                .filter(|other| is_open && repeats::is_good(other))
                .map(|other| (other.id.clone(), other.loss))
            {
                // With this one the search ended.
                _ if self.phase != Phase::Searching => break,
                Some((other, Some(loss))) => {
                    let (at, point, same_as) = (now, id.clone(), Some(other));
                    let (made_up, stopped_at, attempt) = (None, None, None);
                    let entry = Entry::Evaluated {
                        at,
                        point,
                        loss,
                        made_up,
                        stopped_at,
                        attempt,
                        same_as,
                    };
                    self.write(entry, commands);
                    self.has_loss(now, id, loss, commands);
                }
                _ => self.queue.push_back(id),
            }
        }
    }

    /// Tells whether a point is one of so many that may be tried.
    pub(super) fn may_try(&self, trial: &TrialRecord) -> bool {
        !trial.evaluations.is_empty()
            || self
                .options
                .max_points
                .is_none_or(|budget| self.history.tried() < budget)
    }

    /// Ends the search when as many points were tried as may be, and nothing is left to do for them.
    pub(super) fn keep_to_budget(&mut self, commands: &mut Vec<Command>) {
        let is_spent = self
            .options
            .max_points
            .is_some_and(|budget| self.history.tried() >= budget);
        // What was tried in an earlier run may be open, which only the server knows.
        let is_known =
            is_spent && self.seen > 0 && self.running.is_empty() && self.retries.is_empty();
        if is_known && !self.failures.are_held() && self.queue.is_empty() {
            self.end(StopReason::MaxPoints, commands);
        }
    }

    pub(super) fn evaluate(&mut self, now: Duration, commands: &mut Vec<Command>) {
        let (due, later) = std::mem::take(&mut self.retries)
            .into_iter()
            .partition(|(due, _)| *due <= now);
        self.retries = later;
        self.queue.extend(Vec::into_iter(due).map(|(_, id)| id));
        let mut held_back = VecDeque::new();
        while self.has_room() && !self.is_stuck() {
            let Some(id) = self.queue.pop_front() else {
                break;
            };
            if self
                .running
                .keys()
                .any(|(running, _)| self.repeats.are_same(running, &id))
            {
                held_back.push_back(id);
            } else if self
                .history
                .get(&id)
                .is_some_and(|trial| trial.stage == Stage::Open && self.may_try(trial))
            {
                self.lease(now, id, commands);
            }
        }
        held_back.append(&mut self.queue);
        if self.options.max_points.is_some() {
            let may_try = |id: &PointId| {
                self.history
                    .get(id)
                    .is_some_and(|trial| self.may_try(trial))
            };
            held_back.retain(may_try);
        }
        self.queue = held_back;
        while let Some((_, id)) = self.straggler().filter(|(due, _)| *due <= now) {
            self.lease(now, id, commands);
        }
    }

    fn has_room(&self) -> bool {
        self.running.len() < self.options.concurrency.max(1)
    }

    fn lease(&mut self, now: Duration, id: PointId, commands: &mut Vec<Command>) {
        let Some(trial) = self.history.get(&id) else {
            return;
        };
        let parameters = self.history.active(&trial.parameters);
        let attempt = trial.evaluations.len() as u32 + 1;
        let is_free = |slot: &usize| self.running.values().all(|running| running.slot != *slot);
        let slot = (0..).find(is_free).unwrap_or_default();
        let deadline = self
            .options
            .evaluation_timeout
            .map(|limit| now.saturating_add(limit));
        // One that fails is not begun again and again while the other one runs.
        let mut has_twin = false;
        for (_, running) in self
            .running
            .iter_mut()
            .filter(|((running, _), _)| *running == id)
        {
            (running.has_twin, has_twin) = (true, true);
        }
        let running = Running {
            slot,
            since: now,
            deadline,
            stopped_at: None,
            has_twin,
        };
        self.running.insert((id.clone(), attempt), running);
        self.write(
            Entry::Leased {
                at: now,
                point: id.clone(),
                slot,
            },
            commands,
        );
        commands.push(Command::Evaluate {
            id,
            attempt,
            parameters,
        });
    }

    pub(super) fn intermediate(
        &mut self,
        now: Duration,
        id: PointId,
        attempt: u32,
        (step, value): (u64, f64),
        commands: &mut Vec<Command>,
    ) {
        let key = (id.clone(), attempt);
        let verdict = match self.options.direction.loss(value) {
            _ if !self.running.contains_key(&key) => Verdict::Stop,
            // What the objective returns at its end is judged by the rule for such losses.
            None => Verdict::Continue,
            Some(loss) => {
                let said = self.attempt_as_written(&id, attempt);
                self.write(
                    Entry::Intermediate {
                        at: now,
                        point: id.clone(),
                        step,
                        loss,
                        attempt: said,
                    },
                    commands,
                );
                match self.evaluation(&id, attempt) {
                    Some((trial, evaluation)) => {
                        self.options
                            .early_stopping
                            .judge(trial, evaluation, self.history.trials())
                    }
                    None => Verdict::Stop,
                }
            }
        };
        if let Some(running) = self
            .running
            .get_mut(&key)
            .filter(|_| verdict == Verdict::Stop)
        {
            running.stopped_at.get_or_insert(step);
        }
        commands.push(Command::Judge {
            id,
            attempt,
            verdict,
        });
    }

    /// Returns which point is to be evaluated a second time, and when; none while there is no room. There is room only when
    /// nothing else is to be evaluated.
    pub(super) fn straggler(&self) -> Option<(Duration, PointId)> {
        let limit = self.durations.limit(self.options.speculate?)?;
        // A look at the server may bring points that nobody has taken.
        let may_get_points = self.is_shared && self.polling_since.is_some();
        if self.phase != Phase::Searching || !self.has_room() || may_get_points {
            return None;
        }
        let alone = self
            .running
            .iter()
            .filter(|(_, running)| running.stopped_at.is_none() && !running.has_twin);
        alone
            .min_by_key(|(_, running)| running.since)
            .map(|((id, _), running)| (running.since.saturating_add(limit), id.clone()))
    }
}
