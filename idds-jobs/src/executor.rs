//! Who starts jobs, looks after them and ends them.

use std::fmt;

use crate::{AttemptId, AttemptOutcome, Error, Job};

/// Starts jobs, looks after them, ends them, and goes on looking after those that an engine before it has started.
///
/// No call waits for what it asks for: what becomes of an attempt comes as [`AttemptEvent`]s, through the channel that the executor was given when
/// it was made. Each attempt that was started or adopted gets exactly one [`AttemptChange::Ended`] or [`AttemptChange::NeverStarted`], at any time, also
/// after it was asked to end.
///
/// Exactly once: an engine writes down that it will start an attempt, calls [`start`](Self::start), and writes down its end. One
/// that starts anew calls [`adopt`](Self::adopt) with each attempt that it has written down and whose end it does not know. The
/// directory of an attempt is made once, by who starts it; so an attempt without a directory was never started, and one with a
/// directory is never started again.
///
/// An executor for a batch system asks that system only who is still there. How an attempt ended is said by its files.
pub trait Executor: fmt::Debug + Send + Sync {
    /// Tells whether a job could ever run here.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`](crate::ErrorKind::Unfit) when it needs more than there is, such as cores or a container engine.
    fn check(&self, job: &Job) -> Result<(), Error>;

    /// Starts a job as soon as there is room for it.
    fn start(&self, job: Job);

    /// Takes over attempts that were started before, perhaps, by an engine that ended since.
    fn adopt(&self, jobs: Vec<Job>);

    /// Ends an attempt, with all its processes; one that has not begun does not begin. Nothing happens when it is not known.
    fn end(&self, attempt: &AttemptId);

    /// Ends an attempt that has not begun, and leaves one alone that has; by default, all have as far as is known here.
    fn withdraw(&self, attempt: &AttemptId) {
        let _ = attempt;
    }

    /// Returns how many attempts it is well given at a time, those that wait in it included.
    fn most(&self) -> usize {
        512
    }
}

/// What has become of an attempt.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AttemptEvent {
    /// The attempt.
    pub attempt: AttemptId,
    /// What has become of it.
    pub change: AttemptChange,
}

/// What has become of an attempt.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AttemptChange {
    /// It runs.
    Started,
    /// It waits for something that somebody may have to do something about, such as a batch system that does not answer.
    Waits {
        /// What for, as one clause.
        why: String,
    },
    /// It runs no more, and nothing that it started does.
    Ended(AttemptOutcome),
    /// An attempt that was adopted was never started; it can be started now.
    NeverStarted,
    /// Its end cannot be written down at the moment, and is tried to be again and again. It does not count until then.
    Unrecorded {
        /// What is wrong, where, and what to do, as one clause.
        why: String,
    },
}

impl AttemptEvent {
    /// Makes an event, as an executor does.
    pub fn new(attempt: AttemptId, change: AttemptChange) -> Self {
        Self { attempt, change }
    }
}
