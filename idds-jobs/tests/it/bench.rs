//! An executor in a directory of its own.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use idds_jobs::{
    AttemptChange, AttemptEvent, AttemptId, AttemptOutcome, End, Executor, Job, LocalExecutor,
    LocalExecutorBuilder, Supervisor,
};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Nothing here takes as long on a machine that works.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

pub(crate) struct Running {
    pub(crate) executor: LocalExecutor,
    events: UnboundedReceiver<AttemptEvent>,
}

/// Returns a supervisor as programs have it.
pub(crate) fn supervisor() -> Supervisor {
    Supervisor::program(env!("CARGO_BIN_EXE_idds-jobs-supervisor"))
}

/// Returns one that has called `init` in another thread than its first one.
pub(crate) fn late_supervisor() -> Result<Supervisor> {
    let arguments = ["--exact", "this_program_is_a_supervisor", "--nocapture"];
    Ok(Supervisor::program(std::env::current_exe()?).args(arguments))
}

impl Bench {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            folder: tempfile::tempdir()?,
        })
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn start(&self) -> Result<Running> {
        self.start_with(|builder| builder.cores(4))
    }

    pub(crate) fn start_with(
        &self,
        set: impl FnOnce(LocalExecutorBuilder) -> LocalExecutorBuilder,
    ) -> Result<Running> {
        let (sender, events) = unbounded_channel();
        let builder = LocalExecutor::builder(self.path("jobs")).supervisor(supervisor());
        let executor = set(builder).start(sender)?;
        Ok(Running { executor, events })
    }

    /// A job of a line for the shell.
    pub(crate) fn job(&self, name: &str, line: &str) -> Job {
        Job::shell(AttemptId::new(name), self.path(name), line)
    }

    pub(crate) fn read(&self, name: &str) -> Result<String> {
        Ok(std::fs::read_to_string(self.path(name))?)
    }
}

impl Running {
    pub(crate) async fn next(&mut self) -> Result<AttemptEvent> {
        let event = timeout(PATIENCE, self.events.recv()).await?;
        event.ok_or_else(|| "the executor has ended".into())
    }

    /// Waits until an attempt has started.
    pub(crate) async fn started(&mut self, name: &str) -> Result {
        let event = self.next().await?;
        assert_eq!(
            (event.attempt.as_str(), &event.change),
            (name, &AttemptChange::Started)
        );
        Ok(())
    }

    /// Waits until an attempt has ended.
    pub(crate) async fn ended(&mut self) -> Result<(String, AttemptOutcome)> {
        loop {
            let event = self.next().await?;
            if let AttemptChange::Ended(outcome) = event.change {
                return Ok((event.attempt.to_string(), outcome));
            }
        }
    }

    /// Runs a job, and returns how it ended.
    pub(crate) async fn run(&mut self, job: Job) -> Result<AttemptOutcome> {
        let name = job.attempt().to_string();
        let directory = job.directory().to_owned();
        self.executor.start(job);
        let (ended, outcome) = self.ended().await?;
        assert_eq!(ended, name);
        if directory.join("stdout").exists() {
            assert_eq!(AttemptOutcome::read(&directory)?.as_ref(), Some(&outcome));
        }
        Ok(outcome)
    }

    /// Runs a job with which something is wrong that is not its fault, and returns what.
    pub(crate) async fn trouble(&mut self, job: Job) -> Result<String> {
        match self.run(job).await?.end {
            End::Trouble { why } => Ok(why),
            end => Err(format!("{end:?}").into()),
        }
    }
}

/// Returns the processes that have this word in their command line.
pub(crate) fn processes(word: &str) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| {
        let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(word)
    })
    .collect()
}
