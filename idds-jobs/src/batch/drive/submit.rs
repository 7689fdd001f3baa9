//! What waits is submitted, many at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{AGAIN, AGAIN_MOST, Done, Drive, GATHER, GATHER_MOST, Submission};
use crate::batch::system::Refusal;
use crate::{AttemptId, AttemptOutcome, Job, Trouble};

impl Drive {
    /// Waits a moment for more.
    pub(super) fn gather(&mut self) {
        let now = Instant::now();
        let since = *self.gathering_since.get_or_insert(now);
        let full = self.waiting.len() >= self.most();
        let at = if full {
            now
        } else {
            (now + GATHER).min(since + GATHER_MOST)
        };
        // A system that was full is not asked sooner for that.
        if self.backoff == AGAIN || self.submit_at.is_none() {
            self.submit_at = Some(at);
        }
    }

    pub(super) fn most(&self) -> usize {
        self.most.min(self.system.most_at_once()).max(1)
    }

    /// Submits those that need the same as the one that has waited longest.
    pub(super) fn submit(&mut self) {
        self.submit_at = None;
        self.gathering_since = None;
        let most = self.most();
        let Some(first) = self.waiting.front().and_then(|first| self.known.get(first)) else {
            return;
        };
        let needs = Needs::of(&first.job);
        let mut chosen = Vec::new();
        let mut rest = VecDeque::new();
        for attempt in std::mem::take(&mut self.waiting) {
            match self.known.get(&attempt) {
                Some(tracked) if chosen.len() < most && Needs::of(&tracked.job) == needs => {
                    chosen.push(attempt);
                }
                Some(_) => rest.push_back(attempt),
                None => {}
            }
        }
        self.waiting = rest;
        let jobs: Vec<&Job> = chosen
            .iter()
            .map(|attempt| &self.known[attempt].job)
            .collect();
        let batch = match self.spool.make(&jobs) {
            Ok(batch) => batch,
            Err(trouble) => {
                let why = trouble.into_string();
                for attempt in chosen {
                    self.ended(&attempt, AttemptOutcome::trouble(Trouble::new(&why)));
                }
                return;
            }
        };
        for (index, attempt) in chosen.iter().enumerate() {
            if let Some(tracked) = self.known.get_mut(attempt) {
                tracked.places.push((batch.name.clone(), index));
                tracked.gone = None;
            }
        }
        let submission = Submission {
            open: chosen.iter().cloned().collect(),
            id: None,
            returned: None,
            has_arrived: false,
            has_leftovers: false,
        };
        self.batches.insert(batch.name.clone(), submission);
        self.is_submitting = true;
        let (system, spool) = (Arc::clone(&self.system), Arc::clone(&self.spool));
        self.calls.spawn_blocking(move || {
            let started = system.start(&batch);
            // At once, also when the engine ends meanwhile.
            if let Ok(id) = &started {
                spool.submitted(&batch.name, id);
            }
            Done::Submitted(batch.name, chosen, started)
        });
    }

    pub(super) fn submitted(
        &mut self,
        name: &str,
        attempts: &[AttemptId],
        result: Result<String, Refusal>,
    ) {
        self.is_submitting = false;
        let now = Instant::now();
        if let Some(batch) = self.batches.get_mut(name) {
            batch.returned = Some(now);
        }
        match result {
            Ok(id) => {
                tracing::debug!(
                    "{} took {} attempts as {id}",
                    self.system.name(),
                    attempts.len()
                );
                if let Some(batch) = self.batches.get_mut(name) {
                    batch.has_arrived = true;
                    batch.id = Some(id);
                }
                self.backoff = AGAIN;
                // What was ended while it was being submitted.
                let ending = attempts.iter().filter(|attempt| {
                    self.known
                        .get(*attempt)
                        .is_none_or(|tracked| tracked.is_ending)
                });
                if ending.count() > 0 {
                    self.look_soon(self.pace.settle);
                }
                if !self.waiting.is_empty() {
                    self.submit_at = Some(now);
                }
                self.look_later();
            }
            Err(Refusal::Never(why)) => {
                self.withdraw(name);
                for attempt in attempts {
                    if self.known.contains_key(attempt) {
                        let why = format!("{}: {why}", self.system.name());
                        self.ended(attempt, AttemptOutcome::trouble(Trouble::new(why)));
                    }
                }
                if !self.waiting.is_empty() {
                    self.submit_at = Some(now);
                }
            }
            Err(Refusal::Full(why)) => {
                self.withdraw(name);
                for attempt in attempts.iter().rev() {
                    if self.known.contains_key(attempt) {
                        self.waiting.push_front(attempt.clone());
                        self.waits(attempt, Some(why.clone()));
                    }
                }
                // Half of it may fit, and the rest when something has ended.
                self.most = (attempts.len() / 2).max(1);
                let wait = if attempts.len() > 1 {
                    Duration::ZERO
                } else {
                    self.backoff
                };
                if attempts.len() == 1 {
                    self.backoff = (self.backoff * 2).min(AGAIN_MOST);
                }
                self.submit_at = Some(now + wait);
            }
            Err(Refusal::Unknown(why)) => {
                tracing::warn!(
                    "{}: {why}; whether it has the jobs is looked up",
                    self.system.name()
                );
                for attempt in attempts {
                    self.waits(attempt, Some(why.clone()));
                }
                self.look_soon(self.pace.settle);
                if !self.waiting.is_empty() {
                    self.submit_at = Some(now + self.backoff);
                    self.backoff = (self.backoff * 2).min(AGAIN_MOST);
                }
            }
        }
    }

    /// Forgets a batch that the system did not take.
    pub(super) fn withdraw(&mut self, name: &str) {
        if let Some(batch) = self.batches.remove(name) {
            for attempt in batch.open {
                if let Some(tracked) = self.known.get_mut(&attempt) {
                    tracked.places.retain(|(place, _)| place != name);
                }
            }
        }
        self.spool.forget(name);
    }
}

/// What attempts have in common that are submitted together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Needs {
    cores: u32,
    memory: Option<u64>,
    time: Option<Duration>,
}

impl Needs {
    fn of(job: &Job) -> Self {
        Self {
            cores: job.cores_needed(),
            memory: job.memory_limit(),
            time: job.time_limit(),
        }
    }
}
