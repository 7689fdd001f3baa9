//! What is to be run: one attempt of one program.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Container, Trouble};

/// Name of an attempt, which no other attempt ever has. The program finds it as `IDDS_ATTEMPT_ID` in its environment.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct AttemptId(String);

impl AttemptId {
    /// Makes a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One attempt of one program: what is run, where, with what, and within which limits.
///
/// The directory of the attempt must not exist yet: that it is made is what keeps an attempt from being started twice. Nothing
/// in it is written twice. It holds
///
/// | file | |
/// | --- | --- |
/// | `stdout`, `stderr` | what the program prints |
/// | `exit.json` | how it ended ([`AttemptOutcome::read`](crate::AttemptOutcome::read)), from the moment at which it has ended |
/// | `usage.json` | processor time, memory and wall time ([`Usage`](crate::Usage)) |
///
/// The program starts there unless [`start_in`](Self::start_in) says otherwise. In its environment are `IDDS_ATTEMPT_ID` and
/// `IDDS_ATTEMPT_DIRECTORY`. Nothing comes in on its standard input, and no other file of the engine is open in it.
///
/// ```
/// use std::time::Duration;
///
/// use idds_jobs::{AttemptId, Job};
///
/// let job = Job::program(AttemptId::new("7-1"), "/data/run/7-1", "python3")
///     .args(["train.py", "--epochs", "3"])
///     .link("/data/train.py")
///     .cores(2)
///     .memory(4 << 30)
///     .wall_time(Duration::from_secs(3600));
/// assert_eq!(job.attempt().as_str(), "7-1");
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[must_use = "a job is run when an executor starts it"]
pub struct Job {
    attempt: AttemptId,
    directory: PathBuf,
    command: CommandLine,
    start_in: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
    is_clean: bool,
    inputs: Vec<Input>,
    cores: u32,
    memory: Option<u64>,
    wall_time: Option<Duration>,
    container: Option<Container>,
}

/// What a job runs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum CommandLine {
    /// A program with its arguments, which reach it as they are.
    Program(OsString, Vec<OsString>),
    /// A line for `/bin/sh`.
    Shell(String),
}

/// A file or directory that a job finds in the directory in which it starts.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Input {
    /// Where it is.
    pub source: PathBuf,
    /// Its name for the job, without `/`.
    pub name: OsString,
    /// Whether the job gets a copy, which it may change. Only a regular file can be copied.
    pub is_copied: bool,
}

impl Job {
    /// Makes a job of a program. A name without `/` is looked up in the `PATH` of the job; another one that does not begin with `/`
    /// counts from where the job starts.
    pub fn program(
        attempt: AttemptId,
        directory: impl Into<PathBuf>,
        program: impl Into<OsString>,
    ) -> Self {
        let command = CommandLine::Program(program.into(), Vec::new());
        Self::new(attempt, directory.into(), command)
    }

    /// Makes a job of a line for `/bin/sh`.
    pub fn shell(
        attempt: AttemptId,
        directory: impl Into<PathBuf>,
        line: impl Into<String>,
    ) -> Self {
        Self::new(attempt, directory.into(), CommandLine::Shell(line.into()))
    }

    fn new(attempt: AttemptId, directory: PathBuf, command: CommandLine) -> Self {
        Self {
            attempt,
            directory,
            command,
            start_in: None,
            environment: Vec::new(),
            is_clean: false,
            inputs: Vec::new(),
            cores: 1,
            memory: None,
            wall_time: None,
            container: None,
        }
    }

    /// Adds arguments. After a line for the shell they are `$1`, `$2`, ….
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        let added = arguments.into_iter().map(Into::into);
        match &mut self.command {
            CommandLine::Program(_, arguments) => arguments.extend(added),
            CommandLine::Shell(line) => {
                let line = std::mem::take(line);
                let fixed = ["-c".into(), line.into(), "sh".into()];
                let arguments = fixed.into_iter().chain(added).collect();
                self.command = CommandLine::Program("/bin/sh".into(), arguments);
            }
        }
        self
    }

    /// Makes it start in another directory, which must be there, instead of that of the attempt.
    pub fn start_in(mut self, directory: impl Into<PathBuf>) -> Self {
        self.start_in = Some(directory.into());
        self
    }

    /// Adds a variable to the environment, which is otherwise that of the engine, whatever the names in it.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Keeps the environment of the engine from the job: of it only what [`is_harmless`](crate::is_harmless) stays, besides what the job
    /// is told by [`env`](Self::env).
    pub fn clean_environment(mut self) -> Self {
        self.is_clean = true;
        self
    }

    /// Shows a file or directory where the job starts, by a symbolic link of the same name.
    pub fn link(self, source: impl Into<PathBuf>) -> Self {
        self.input(source.into(), false)
    }

    /// Copies a regular file to where the job starts.
    pub fn copy(self, source: impl Into<PathBuf>) -> Self {
        self.input(source.into(), true)
    }

    fn input(mut self, source: PathBuf, is_copied: bool) -> Self {
        let name = source.file_name().unwrap_or_default().to_owned();
        self.inputs.push(Input {
            source,
            name,
            is_copied,
        });
        self
    }

    /// Sets how many processor cores it keeps busy; 1 by default, and 0 for one that only waits.
    pub fn cores(mut self, cores: u32) -> Self {
        self.cores = cores;
        self
    }

    /// Sets how much memory it may have, in bytes. A job that takes more is killed ([`End::OutOfMemory`](crate::End::OutOfMemory)).
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Sets how long it may run. A job that runs longer is ended ([`End::OutOfTime`](crate::End::OutOfTime)).
    pub fn wall_time(mut self, limit: Duration) -> Self {
        self.wall_time = Some(limit);
        self
    }

    /// Runs it in a container.
    pub fn container(mut self, container: Container) -> Self {
        self.container = Some(container);
        self
    }

    /// Makes every path count from the root: whoever starts the job works in another directory.
    pub(crate) fn made_absolute(mut self) -> Result<Self, Trouble> {
        let whole = |path: &Path| absolute(path).map_err(|error| Trouble::with(path, &error));
        self.directory = whole(&self.directory)?;
        if let Some(start) = &mut self.start_in {
            *start = whole(start)?;
        }
        for input in &mut self.inputs {
            input.source = whole(&input.source)?;
        }
        Ok(self)
    }

    /// Returns the name of the attempt.
    pub fn attempt(&self) -> &AttemptId {
        &self.attempt
    }

    /// Returns the directory of the attempt.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns what is run.
    pub fn command(&self) -> &CommandLine {
        &self.command
    }

    /// Returns the directory in which the program starts.
    pub fn place(&self) -> &Path {
        self.start_in.as_deref().unwrap_or(&self.directory)
    }

    /// Returns the variables that the environment has besides those of the engine.
    pub fn environment(&self) -> &[(OsString, OsString)] {
        &self.environment
    }

    /// Tells whether the environment of the engine is kept from it.
    pub fn has_clean_environment(&self) -> bool {
        self.is_clean
    }

    /// Returns what it finds where it starts.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Returns the number of cores that it keeps busy.
    pub fn cores_needed(&self) -> u32 {
        self.cores
    }

    /// Returns how many bytes of memory it may have; any number when there is none.
    pub fn memory_limit(&self) -> Option<u64> {
        self.memory
    }

    /// Returns how long it may run; for ever when there is none.
    pub fn time_limit(&self) -> Option<Duration> {
        self.wall_time
    }

    /// Returns the container in which it runs.
    pub fn container_needed(&self) -> Option<&Container> {
        self.container.as_ref()
    }
}
