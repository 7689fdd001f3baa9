//! An executor of tests: it starts nothing, and is told how jobs end.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use idds_jobs::{AttemptChange, AttemptEvent, AttemptId, AttemptOutcome, Error, Executor, Job};
use tokio::sync::mpsc::UnboundedSender;

/// Jobs that wait for an answer, in the order in which they were started.
#[derive(Debug, Default)]
pub(crate) struct Scripted {
    events: Mutex<Option<UnboundedSender<AttemptEvent>>>,
    jobs: Mutex<VecDeque<AttemptId>>,
}

impl Scripted {
    /// Tells a runner of the ends of jobs from now on.
    pub(super) fn connect(&self, events: UnboundedSender<AttemptEvent>) {
        *self.events.lock().unwrap_or_else(PoisonError::into_inner) = Some(events);
    }

    /// Returns the job that waits longest.
    pub(crate) fn next(&self) -> Option<AttemptId> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.pop_front()
    }

    /// Ends a job with an exit code.
    pub(crate) fn end(&self, attempt: AttemptId, code: i32) {
        let text = format!(r#"{{"end":"exited","code":{code}}}"#);
        let outcome: AttemptOutcome = serde_json::from_str(&text).expect("an outcome");
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let events = events.as_ref().expect("a runner");
        let _ = events.send(AttemptEvent::new(attempt, AttemptChange::Ended(outcome)));
    }
}

impl Executor for Scripted {
    fn check(&self, _: &Job) -> Result<(), Error> {
        Ok(())
    }

    fn start(&self, job: Job) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.push_back(job.attempt().clone());
    }

    fn adopt(&self, _: Vec<Job>) {}

    fn end(&self, _: &AttemptId) {}
}
