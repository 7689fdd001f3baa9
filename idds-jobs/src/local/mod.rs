//! Jobs as processes of this machine.

mod drive;
mod slots;
mod start;
pub(crate) mod wire;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf, absolute};
use std::thread::available_parallelism;
use std::time::Duration;

use idds_file::{Lock, LockError, open_own};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use self::drive::{Ask, Drive};
use self::slots::{Needs, Slots};
pub use self::start::Supervisor;
pub(crate) use self::start::can_supervise;
use crate::{AttemptEvent, AttemptId, Error, ErrorKind, Executor, Job};

/// Time that a job has to end when it is asked to, before it is killed.
const GRACE: Duration = Duration::from_secs(10);

/// Runs jobs as processes of this machine, as many at once as its cores and memory allow.
///
/// One small process, the supervisor, starts them, looks after them and writes down how they end. It outlives the engine: when the
/// engine is killed, jobs that run go on to their end, and the next engine [adopts](Executor::adopt) them. When the supervisor is
/// killed, its jobs are ended, and are told of as lost.
///
/// How a job ended is written down before it is told, so that no kill of any process loses it. What a power cut keeps from the disk is lost:
/// an attempt whose end is not on it is told of as lost, and files of a job that nobody has flushed may be missing though its end is there.
///
/// A job is a process group, and everything that descends from it: on Linux also what makes a session of its own is found and ended with
/// it. A job that has a limit of memory is looked at ten times a second.
///
/// It is used within a tokio runtime. Dropping it ends nothing that runs, and what waits does not start.
///
/// ```no_run
/// use idds_jobs::{AttemptId, Executor, Job, LocalExecutor, AttemptChange};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let (events, mut told) = tokio::sync::mpsc::unbounded_channel();
/// let executor = LocalExecutor::builder("run/.jobs").cores(4).start(events)?;
/// executor.start(Job::shell(AttemptId::new("1"), "run/1", "echo hello"));
/// while let Some(event) = told.recv().await {
///     if let AttemptChange::Ended(outcome) = event.change {
///         assert!(outcome.is_success());
///         break;
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct LocalExecutor {
    asks: UnboundedSender<Ask>,
    total: Needs,
    /// Keeps other engines away.
    _lock: (File, Lock),
}

/// Makes a [`LocalExecutor`].
#[derive(Debug)]
#[must_use = "an executor runs when it is started"]
pub struct LocalExecutorBuilder {
    directory: PathBuf,
    total: Needs,
    grace: Duration,
    hidden: Vec<OsString>,
    added: Vec<(OsString, OsString)>,
    supervisor: Option<Supervisor>,
}

impl LocalExecutor {
    /// Begins an executor that keeps what it needs in this directory, which is made when it is not there. Attempts have directories
    /// elsewhere; they may be below it.
    pub fn builder(directory: impl Into<PathBuf>) -> LocalExecutorBuilder {
        LocalExecutorBuilder {
            directory: directory.into(),
            total: Needs {
                cores: available_parallelism()
                    .ok()
                    .and_then(|cores| u32::try_from(cores.get()).ok())
                    .unwrap_or(1),
                memory: memory(),
            },
            grace: GRACE,
            hidden: Vec::new(),
            added: Vec::new(),
            supervisor: None,
        }
    }

    /// Tells whether the supervisor of an executor in this directory is there, which looks after what an engine that was killed has
    /// started. Another executor must not be given its attempts.
    pub fn has_jobs(directory: impl AsRef<Path>) -> bool {
        let path = directory.as_ref().join(crate::supervisor::LOCK);
        let Ok(file) = idds_file::open_regular(&path) else {
            return false;
        };
        matches!(Lock::take(&file, &path), Err(LockError::Held(_)))
    }

    /// Returns how many cores jobs may keep busy at once.
    pub fn cores(&self) -> u32 {
        self.total.cores
    }

    /// Returns how much memory jobs with a limit may have together, in bytes.
    pub fn memory(&self) -> u64 {
        self.total.memory
    }
}

impl LocalExecutorBuilder {
    /// Sets how many cores jobs may keep busy at once; as many as this process may use by default.
    pub fn cores(mut self, cores: u32) -> Self {
        self.total.cores = cores;
        self
    }

    /// Sets how much memory jobs with a limit may have together, in bytes; what the machine has by default.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.total.memory = bytes;
        self
    }

    /// Sets how long a job may take to end when it is asked to, before it is killed; 10 s by default.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
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

    /// Names the program that is the supervisor; found by [`Supervisor::find`] by default.
    pub fn supervisor(mut self, supervisor: Supervisor) -> Self {
        self.supervisor = Some(supervisor);
        self
    }

    /// Starts it. What becomes of attempts is told by events.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Busy`] when another process has an executor in this directory; [`ErrorKind::Machine`] when the directory cannot be
    /// used, or no program is there to be the supervisor.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn start(self, events: UnboundedSender<AttemptEvent>) -> Result<LocalExecutor, Error> {
        let unfit = |path: &Path| {
            let path = path.display().to_string();
            move |error| Error::new(ErrorKind::Machine, path).caused_by(error)
        };
        let directory = absolute(&self.directory).map_err(unfit(&self.directory))?;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)
            .map_err(unfit(&directory))?;
        // Who can connect to the supervisor can run programs.
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o700))
            .map_err(unfit(&directory))?;
        let path = directory.join("engine.lock");
        let file = open_own(&path).map_err(unfit(&path))?;
        let lock = Lock::take(&file, &path).map_err(|error| match error {
            LockError::Failed(error) => unfit(&path)(error),
            held => Error::new(
                ErrorKind::Busy,
                format!("{}: {held}; end that one first", directory.display()),
            ),
        })?;
        let supervisor = self.supervisor.map_or_else(Supervisor::find, Ok)?;
        let environment = environment(&self.hidden, &self.added);
        let (asks, asked) = unbounded_channel();
        let drive = Drive::new(
            directory,
            supervisor,
            environment,
            self.grace,
            Slots::new(self.total),
            events,
        );
        tokio::spawn(drive.run(asked));
        Ok(LocalExecutor {
            asks,
            total: self.total,
            _lock: (file, lock),
        })
    }
}

impl Executor for LocalExecutor {
    fn check(&self, job: &Job) -> Result<(), Error> {
        let Needs { cores, memory } = Needs::of(job);
        let unfit = |what: String| Err(Error::new(ErrorKind::Unfit, what));
        if cores > self.total.cores {
            return unfit(format!(
                "it needs {cores} cores, and jobs may use {} here; ask for fewer, or run it elsewhere",
                self.total.cores
            ));
        }
        if memory > self.total.memory {
            return unfit(format!(
                "it needs {} MiB of memory, and jobs may use {} MiB here; ask for less, or run it elsewhere",
                memory >> 20,
                self.total.memory >> 20
            ));
        }
        if let Some(container) = job.container_needed() {
            container.find_engine()?;
        }
        Ok(())
    }

    fn start(&self, job: Job) {
        let unfit = self.check(&job).err();
        // There is nobody to tell when the runtime has ended.
        let _ = self.asks.send(Ask::Start(Box::new(job), unfit));
    }

    fn adopt(&self, jobs: Vec<Job>) {
        let _ = self.asks.send(Ask::Adopt(jobs));
    }

    fn end(&self, attempt: &AttemptId) {
        let _ = self.asks.send(Ask::End(attempt.clone()));
    }

    fn withdraw(&self, attempt: &AttemptId) {
        let _ = self.asks.send(Ask::Withdraw(attempt.clone()));
    }
}

/// Returns the environment of jobs: that of this process, without some variables and with others.
pub(crate) fn environment(
    hidden: &[OsString],
    added: &[(OsString, OsString)],
) -> Vec<(OsString, OsString)> {
    let is_added = |name: &OsString| added.iter().any(|(other, _)| other == name);
    let inherited =
        std::env::vars_os().filter(|(name, _)| !hidden.contains(name) && !is_added(name));
    inherited.chain(added.iter().cloned()).collect()
}

/// Returns how much memory this machine has, or the control group of this process, in bytes.
fn memory() -> u64 {
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes << 10)
    });
    let limits = [
        number("/sys/fs/cgroup/memory.max"),
        number("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    ];
    limits
        .into_iter()
        .chain([machine])
        .flatten()
        .min()
        .unwrap_or(u64::MAX)
}
