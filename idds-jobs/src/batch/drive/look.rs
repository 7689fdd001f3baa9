//! What the system says of who is still there, and what is concluded from it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::sync::Arc;

use tokio::time::Instant;

use super::{AGAIN, Done, Drive};
use crate::batch::spool::{claim, conclude};
use crate::batch::system::{Task, TaskState, Word};
use crate::batch::verdict::Remains;
use crate::{AttemptChange, AttemptId, AttemptOutcome, End, Trouble};

impl Drive {
    /// Asks the system who is still there.
    pub(super) fn look(&mut self) {
        self.look_at = None;
        if !self.to_adopt.is_empty() {
            let jobs = std::mem::take(&mut self.to_adopt);
            self.adopt(jobs);
        }
        if self.known.is_empty() && self.batches.is_empty() {
            return;
        }
        self.is_looking = true;
        let (system, spool) = (Arc::clone(&self.system), Arc::clone(&self.spool));
        let began = Instant::now();
        self.calls
            .spawn_blocking(move || Done::Looked(began, system.still_there(&spool.prefix)));
    }

    pub(super) fn looked(&mut self, began: Instant, result: Result<Vec<Task>, Trouble>) {
        self.is_looking = false;
        let tasks = match result {
            Ok(tasks) => tasks,
            Err(trouble) => {
                let why = format!("{} does not answer: {trouble}", self.system.name());
                tracing::warn!("{why}");
                let submitted: Vec<_> = self
                    .known
                    .iter()
                    .filter(|(_, tracked)| !tracked.places.is_empty())
                    .map(|(attempt, _)| attempt.clone())
                    .collect();
                // It may be all over.
                for attempt in submitted {
                    if !self.read(&attempt) {
                        self.waits(&attempt, Some(why.clone()));
                    }
                }
                self.look_at = Some(Instant::now() + self.silence);
                self.silence = (self.silence * 2).min(self.pace.look.max(AGAIN));
                return;
            }
        };
        self.silence = AGAIN;
        let mut there: HashMap<(&str, usize), &Task> = HashMap::new();
        let mut alive: HashSet<&str> = HashSet::new();
        for task in &tasks {
            // A task that was started again has two rows, of which one lives.
            let place = (task.batch.as_str(), task.index);
            if !matches!(task.state, TaskState::Over(_)) {
                alive.insert(&task.batch);
                there.insert(place, task);
            } else {
                there.entry(place).or_insert(task);
            }
            if let Some(batch) = self.batches.get_mut(&task.batch) {
                batch.has_arrived = true;
            }
        }
        let attempts: Vec<_> = self.known.keys().cloned().collect();
        let mut next = None;
        for attempt in attempts {
            let Some(tracked) = self.known.get(&attempt) else {
                continue;
            };
            let seen: Vec<&Task> = tracked
                .places
                .iter()
                .filter_map(|(name, index)| there.get(&(name.as_str(), *index)).copied())
                .collect();
            if self.judge(began, &attempt, &seen) {
                next = Some(self.pace.settle);
            }
        }
        // What has ended for the engine, or is to end, and not for the system.
        let open: HashSet<(&str, usize)> = self
            .known
            .values()
            .filter(|tracked| !tracked.is_ending)
            .flat_map(|tracked| &tracked.places)
            .map(|(name, index)| (name.as_str(), *index))
            .collect();
        let is_open = |task: &Task| open.contains(&(task.batch.as_str(), task.index));
        for task in &tasks {
            if !is_open(task) && !matches!(task.state, TaskState::Over(_)) {
                self.to_cancel.push(task.clone());
                if !self.system.habits().cancels_each
                    && let Err(trouble) = self.spool.give_up(&task.batch, task.index)
                {
                    tracing::warn!("{}: {trouble}", task.id);
                }
                next = Some(self.pace.settle);
            }
        }
        let over: Vec<String> = self
            .batches
            .iter()
            .filter(|(name, batch)| {
                batch.open.is_empty()
                    && !alive.contains(name.as_str())
                    && batch.returned.is_some_and(|returned| returned < began)
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in over {
            self.batches.remove(&name);
            self.spool.forget(&name);
        }
        if self.look_at.is_none() && !(self.known.is_empty() && self.batches.is_empty()) {
            self.look_at = Some(Instant::now() + next.unwrap_or(self.pace.look));
        }
    }

    /// Judges an attempt by what the system says of it; returns true when it is to be looked at again soon.
    pub(super) fn judge(&mut self, began: Instant, attempt: &AttemptId, seen: &[&Task]) -> bool {
        let Some(tracked) = self.known.get_mut(attempt) else {
            return false;
        };
        let is_settled = |name: &String| {
            let batch = self.batches.get(name);
            batch.is_none_or(|batch| batch.returned.is_some_and(|returned| returned < began))
        };
        if tracked.places.is_empty() || !tracked.places.iter().all(|(name, _)| is_settled(name)) {
            return false;
        }
        let living = seen
            .iter()
            .find(|task| !matches!(task.state, TaskState::Over(_)));
        let word = seen.iter().find_map(|task| match &task.state {
            TaskState::Over(word) => Some(word),
            _ => None,
        });
        if let Some(outcome) = tracked.signalled.clone() {
            // A task that is being ended is no word yet, unless it is to be started again.
            let is_word = word.is_some() || seen.is_empty();
            let waits = matches!(living.map(|task| &task.state), Some(TaskState::Waits(_)));
            if !is_word && !waits {
                return true;
            }
            let end = self
                .remains(attempt, seen, word)
                .map_or(outcome.end.clone(), |remains| remains.end());
            let outcome = match end {
                // It said itself that a signal has come.
                End::Lost { .. } => match word {
                    Some(Word::Machine(_)) => AttemptOutcome { end, ..outcome },
                    _ => outcome,
                },
                end => AttemptOutcome { end, ..outcome },
            };
            self.ended(attempt, outcome);
            return false;
        }
        if let Some(task) = living {
            tracked.gone = None;
            tracked.is_queued = matches!(task.state, TaskState::Waits(_));
            let why = match &task.state {
                TaskState::Waits(why) => why.clone(),
                _ => None,
            };
            // The word of the wrapper may be lost, as on a full disk.
            let has_begun = matches!(task.state, TaskState::Runs)
                && fs::symlink_metadata(tracked.job.directory()).is_ok();
            let is_ending = tracked.is_ending;
            self.waits(attempt, why);
            if self.read(attempt) {
                return false;
            }
            if has_begun {
                self.started(attempt);
            }
            return is_ending;
        }
        if self.read(attempt) {
            return self.known.contains_key(attempt);
        }
        let settle = self.pace.settle;
        let Some(tracked) = self.known.get_mut(attempt) else {
            return false;
        };
        let gone = *tracked.gone.get_or_insert(began);
        if gone.elapsed() < settle || gone == began {
            return true;
        }
        let has_arrived = tracked.places.iter().any(|(name, _)| {
            self.batches
                .get(name)
                .is_some_and(|batch| batch.has_arrived)
        });
        let has_begun = fs::symlink_metadata(tracked.job.directory()).is_ok();
        if has_begun {
            let silence = self.spool.silence(&tracked.job);
            if silence.is_some_and(|silence| silence <= self.spool.longest_silence()) {
                // The system is wrong, or does not reach the node: it runs.
                return true;
            }
        } else if !has_arrived && !tracked.is_ending {
            // Should it arrive after all, what begins first counts, and the other one does nothing.
            tracked.gone = None;
            self.waiting.push_back(attempt.clone());
            self.gather();
            return false;
        }
        // Slurm keeps no trace of a task that is cancelled while it waits: no other one goes from the queue without having run.
        let is_cancelled = !self.system.habits().remembers_cancelled
            && word.is_none()
            && !has_begun
            && tracked.is_queued;
        let word = if is_cancelled {
            Some(&Word::Cancelled)
        } else {
            word
        };
        self.conclude(attempt, seen, word, has_begun)
    }

    /// Ends an attempt that is gone; returns true when that has to be tried again.
    pub(super) fn conclude(
        &mut self,
        attempt: &AttemptId,
        seen: &[&Task],
        word: Option<&Word>,
        has_begun: bool,
    ) -> bool {
        let Some(end) = self
            .remains(attempt, seen, word)
            .map(|remains| remains.end())
        else {
            return false;
        };
        let Some(tracked) = self.known.get(attempt) else {
            return false;
        };
        // First, so that it neither begins nor goes on anywhere.
        let given_up = tracked
            .places
            .iter()
            .try_for_each(|(name, index)| self.spool.give_up(name, *index));
        let concluded = given_up.and_then(|()| match has_begun {
            true => conclude(&tracked.job, &end).map(Some),
            false => {
                claim(&tracked.job, &end).map(|is_ours| is_ours.then(|| AttemptOutcome::of(end)))
            }
        });
        match concluded {
            Ok(Some(outcome)) => {
                self.ended(attempt, outcome);
                false
            }
            // It has begun this moment.
            Ok(None) => true,
            Err(trouble) => {
                let why = trouble.into_string();
                self.tell(attempt.clone(), AttemptChange::Unrecorded { why });
                true
            }
        }
    }

    pub(super) fn remains<'a>(
        &'a self,
        attempt: &AttemptId,
        seen: &[&'a Task],
        word: Option<&'a Word>,
    ) -> Option<Remains<'a>> {
        let tracked = self.known.get(attempt)?;
        let (name, index) = tracked.places.last()?;
        let id = seen.first().map(|task| task.id.as_str());
        let id = id.or_else(|| self.batches.get(name)?.id.as_deref());
        let _ = index;
        Some(Remains {
            job: &tracked.job,
            system: self.system.name(),
            id: id.unwrap_or(name),
            is_ending: tracked.is_ending,
            has_begun: fs::symlink_metadata(tracked.job.directory()).is_ok(),
            word,
            said: self.spool.said(name),
        })
    }
}
