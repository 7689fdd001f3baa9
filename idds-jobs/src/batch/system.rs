//! What is asked of a batch system: three calls.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::{Error, Job, Trouble};

/// A batch system, as a [`BatchExecutor`](crate::BatchExecutor) needs it: it starts, says who is still there, and cancels.
///
/// It is never asked how an attempt ended: the files in the directory of the attempt say so. It need not keep a promise either: a task
/// that it loses, starts twice, starts late or starts after it was cancelled harms nothing, since what it starts, the wrapper
/// ([`Batch::script`]), runs an attempt only once and only while the engine has not given it up.
///
/// Calls may block; they are made one after the other, outside of the threads of a runtime. One that does not come back blocks what it
/// asks for, so each has a time limit of its own ([`Ask`](crate::Ask) has one).
pub trait BatchSystem: fmt::Debug + Send + Sync + 'static {
    /// Returns the name of the system, for people.
    fn name(&self) -> &str;

    /// Tells whether a job could ever run there. What the system says itself when it is submitted need not be repeated here.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`](crate::ErrorKind::Unfit) when it could not.
    fn check(&self, job: &Job) -> Result<(), Error> {
        let _ = job;
        Ok(())
    }

    /// Returns how many attempts one submission may have; 1 where the system knows no arrays.
    fn most_at_once(&self) -> usize {
        1
    }

    /// Returns in which ways it differs from what is usual.
    fn habits(&self) -> Habits {
        Habits::default()
    }

    /// Submits a batch, and returns what the system calls it.
    ///
    /// # Errors
    ///
    /// Why it was not taken, or may not have been.
    fn start(&self, batch: &Batch) -> Result<String, Refusal>;

    /// Returns all tasks of batches whose names begin so that are still there, waiting or running, and those that it remembers.
    ///
    /// # Errors
    ///
    /// When it does not answer. An answer must be complete: what is not in it is taken to be gone.
    fn still_there(&self, prefix: &str) -> Result<Vec<Task>, Trouble>;

    /// Cancels tasks; those that are gone, and those that it [cannot](Habits::cancels_each) cancel alone, are passed over.
    ///
    /// # Errors
    ///
    /// When the system does not answer; it is asked again then.
    fn cancel(&self, tasks: &[Task]) -> Result<(), Trouble>;
}

/// In which ways a batch system differs from others.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// Time that a job has to end when it is asked to, before it is killed; 10 s by default. It is less than the time after which the
    /// system kills by itself.
    pub grace: Duration,
    /// Time between signs of life of an attempt; 20 s by default. As often it looks for a file that says that it is to end.
    pub beat: Duration,
    /// Whether it cancels single tasks of a batch, as by default. Where it does not, a file says to them that they are to end.
    pub cancels_each: bool,
    /// Whether it ends all that a wrapper has started when that is killed. Where it does not, as by default, a process beside each wrapper
    /// does so.
    pub ends_the_rest: bool,
    /// Whether it remembers for a while what was cancelled. Where it does not, as by default, a task that has gone from the queue
    /// without having run was cancelled.
    pub remembers_cancelled: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            // Slurm kills after 30 s.
            grace: Duration::from_secs(10),
            beat: Duration::from_secs(20),
            cancels_each: true,
            ends_the_rest: false,
            remembers_cancelled: false,
        }
    }
}

/// Attempts that are submitted together; they need the same.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Batch {
    /// Name, which no other batch ever has. The system has to show it in [`BatchSystem::still_there`], as that tells after a kill whether
    /// a submission has arrived.
    pub name: String,
    /// Directory of the batch, on a file system that is shared with where it runs.
    pub directory: PathBuf,
    /// Number of attempts; the indexes of the tasks count from 0.
    pub tasks: usize,
    /// Number of cores of each.
    pub cores: u32,
    /// Memory of each, in bytes, with what the wrapper needs; as the system has it when there is none.
    pub memory: Option<u64>,
    /// Time that each may take, with what the wrapper needs to end it before the system does; as the system has it when there is none.
    pub time: Option<Duration>,
    /// The wrapper, as a command for a shell.
    pub(super) wrapper: String,
}

impl Batch {
    /// Returns a script for `/bin/sh` that runs one attempt: what the system has to run for each task. `index` is how a shell spells
    /// the index of the task, such as `$SLURM_ARRAY_TASK_ID`, or `0`.
    pub fn script(&self, index: &str) -> String {
        let directory = quoted(self.directory.as_os_str());
        let (variable, wrapper) = (crate::supervisor::ERRAND, &self.wrapper);
        format!("#!/bin/sh\n{variable}={directory}/\"{index}\".json exec {wrapper}\n")
    }

    /// Returns the file for what the system and the wrapper have to say, which is nothing unless something is wrong.
    pub fn said(&self) -> PathBuf {
        self.directory.join(super::spool::SAID)
    }
}

/// Writes something as a word of a shell.
pub(super) fn quoted(word: &OsStr) -> String {
    format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"))
}

/// A task of a batch, as the system sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Task {
    /// Name of its batch.
    pub batch: String,
    /// Its index in the batch.
    pub index: usize,
    /// What the system calls it.
    pub id: String,
    /// How the system sees it.
    pub state: TaskState,
}

/// How a batch system sees a task.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TaskState {
    /// It waits; the reason is for people, and only given when somebody has to do something about it.
    Waits(Option<String>),
    /// It runs, or is about to, or is being ended.
    Runs,
    /// It is over.
    Over(Word),
}

/// What a batch system remembers of a task that is over: a hint at whose doing it was, where the files of the attempt do not say so.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Word {
    /// It ended by itself, well or not, or nothing is known.
    Ended,
    /// Somebody has cancelled it.
    Cancelled,
    /// It ran longer than the system allowed.
    OutOfTime,
    /// It took more memory than the system allowed.
    OutOfMemory,
    /// The node failed, or the task had to make room for another one.
    Machine(String),
    /// The system could not start it, in its words.
    Failed(String),
}

/// Why a batch was not taken.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// It would never be taken as it is: it is trouble of the works, which are held until somebody has put that right.
    Never(String),
    /// There is no room for it at the moment. It is tried again, in smaller batches.
    Full(String),
    /// Nobody knows whether it has arrived.
    Unknown(String),
}
