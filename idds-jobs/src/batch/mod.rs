//! Jobs in a batch system: on the nodes of a cluster, or in allocations there.
//!
//! One executor serves all systems ([`BatchExecutor`]), and asks three things of each ([`BatchSystem`]).

mod ask;
mod drive;
mod hyperqueue;
mod slurm;
mod spool;
mod system;
mod verdict;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

pub use self::ask::{Answer, Ask};
use self::drive::{Ask as Asked, Drive, Pace};
pub use self::hyperqueue::HyperQueue;
pub use self::slurm::Slurm;
use self::spool::Spool;
pub(crate) use self::spool::conclude;
pub use self::system::{Batch, BatchSystem, Habits, Refusal, Task, TaskState, Word};
use crate::{AttemptEvent, AttemptId, Error, ErrorKind, Executor, Job, Supervisor};

/// Time between looks at the batch system.
const LOOK: Duration = Duration::from_secs(30);

/// How long what the system has no more is waited for: file systems that machines share show files late.
const SETTLE: Duration = Duration::from_secs(10);

/// Attempts that are submitted at most, and have not ended.
const MOST: usize = 5000;

/// Runs jobs in a batch system.
///
/// Each attempt has a process of its own there, the wrapper, which does what the supervisor of a
/// [`LocalExecutor`](crate::LocalExecutor) does: it makes the directory of the attempt, keeps to the limits, and writes down how the
/// attempt ended. The directories of the executor and of the attempts are on a file system that all machines share. The system is asked
/// rarely, for all jobs in one call, and only who is still there.
///
/// Exactly once, whatever is killed:
///
/// - A batch of attempts is written down under a name before it is submitted, and the system shows that name. So an engine which starts
///   anew finds out what has arrived. What nobody knows to have arrived is submitted once more: the wrapper that comes first makes the
///   directory of the attempt, and the other one does nothing.
/// - An attempt that seems to be gone is given up by a file first, so that it neither begins nor goes on, and only when it has shown no sign
///   of life for some time. Then it is told of as [lost](crate::End::Lost); as [trouble](crate::End::Trouble) where somebody has to do
///   something about it, such as one that was cancelled by hand.
///
/// Dropping it ends nothing that runs or waits there; the next one [adopts](Executor::adopt) it.
#[derive(Debug)]
pub struct BatchExecutor {
    asks: UnboundedSender<Asked>,
    system: Arc<dyn BatchSystem>,
    most: usize,
}

/// Makes a [`BatchExecutor`].
#[derive(Debug)]
#[must_use = "an executor runs when it is started"]
pub struct BatchExecutorBuilder {
    directory: PathBuf,
    system: Arc<dyn BatchSystem>,
    hidden: Vec<OsString>,
    added: Vec<(OsString, OsString)>,
    supervisor: Option<Supervisor>,
    habits: Habits,
    pace: Pace,
    most: usize,
}

impl BatchExecutor {
    /// Begins an executor that keeps what it needs in this directory, which is made when it is not there.
    pub fn builder(
        directory: impl Into<PathBuf>,
        system: impl BatchSystem,
    ) -> BatchExecutorBuilder {
        BatchExecutorBuilder {
            directory: directory.into(),
            habits: system.habits(),
            system: Arc::new(system),
            hidden: Vec::new(),
            added: Vec::new(),
            supervisor: None,
            pace: Pace {
                look: LOOK,
                settle: SETTLE,
            },
            most: MOST,
        }
    }

    /// Tells whether an executor in this directory has submitted something that may still be in its system. Another executor must not
    /// be given its attempts.
    pub fn has_jobs(directory: impl AsRef<Path>) -> bool {
        spool::has_batches(directory.as_ref())
    }
}

impl BatchExecutorBuilder {
    /// Sets how many attempts are submitted at most at a time; 5,000 by default. It is kept to by who asks for them
    /// ([`Executor::most`]).
    pub fn most(mut self, attempts: usize) -> Self {
        self.most = attempts.max(1);
        self
    }

    /// Sets how long a job may take to end when it is asked to, before it is killed; as the [habits](Habits) of the system are by
    /// default, 10 s for Slurm. The system must not kill it sooner.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.habits.grace = grace;
        self
    }

    /// Sets how often an attempt shows a sign of life; as the [habits](Habits) of the system are by default, every 20 s for Slurm. One
    /// that the system has no more is lost when it has shown none for three times as long.
    pub fn beat(mut self, beat: Duration) -> Self {
        self.habits.beat = beat;
        self
    }

    /// Sets how often the system is asked who is still there, when nothing is to be found out; every 30 s by default.
    pub fn look_every(mut self, time: Duration) -> Self {
        self.pace.look = time;
        self
    }

    /// Sets how long an attempt that the system has no more is waited for; 10 s by default. File systems that machines share show
    /// files late.
    pub fn settle(mut self, time: Duration) -> Self {
        self.pace.settle = time;
        self
    }

    /// Keeps a variable of the environment from all jobs, such as one with a token.
    pub fn hide(mut self, name: impl AsRef<OsStr>) -> Self {
        self.hidden.push(name.as_ref().to_owned());
        self
    }

    /// Adds a variable to the environment of all jobs, and of container engines.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.added.push((name.into(), value.into()));
        self
    }

    /// Names the program that is the wrapper; found by [`Supervisor::find`] by default.
    pub fn supervisor(mut self, supervisor: Supervisor) -> Self {
        self.supervisor = Some(supervisor);
        self
    }

    /// Starts it. What becomes of attempts is told by events.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Busy`] when another process has an executor in this directory; [`ErrorKind::Machine`] when the directory cannot be
    /// used, or no program is there to be the wrapper.
    pub fn start(self, events: UnboundedSender<AttemptEvent>) -> Result<BatchExecutor, Error> {
        let directory = absolute(&self.directory).map_err(|error| {
            Error::new(ErrorKind::Machine, self.directory.display()).caused_by(error)
        })?;
        let supervisor = self.supervisor.map_or_else(Supervisor::find, Ok)?;
        let environment = crate::local::environment(&self.hidden, &self.added);
        let spool = Spool::open(directory, &supervisor, &environment, self.habits)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| Error::new(ErrorKind::Machine, "a runtime").caused_by(error))?;
        let (asks, asked) = unbounded_channel();
        let drive = Drive::new(Arc::clone(&self.system), Arc::new(spool), self.pace, events);
        thread::Builder::new()
            .name("idds-jobs".to_owned())
            .spawn(move || {
                runtime.block_on(drive.run(asked));
                // A call that hangs keeps nobody waiting.
                runtime.shutdown_background();
            })
            .map_err(|error| Error::new(ErrorKind::Machine, "a thread").caused_by(error))?;
        Ok(BatchExecutor {
            asks,
            system: self.system,
            most: self.most,
        })
    }
}

impl Executor for BatchExecutor {
    fn check(&self, job: &Job) -> Result<(), Error> {
        self.system.check(job)
    }

    fn start(&self, job: Job) {
        // There is nobody to tell when its thread has ended.
        let _ = self.asks.send(Asked::Start(Box::new(job)));
    }

    fn adopt(&self, jobs: Vec<Job>) {
        let _ = self.asks.send(Asked::Adopt(jobs));
    }

    fn end(&self, attempt: &AttemptId) {
        let _ = self.asks.send(Asked::End(attempt.clone()));
    }

    fn most(&self) -> usize {
        self.most
    }
}
