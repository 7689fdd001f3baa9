//! Evaluation by external programs, under iDDS's contract.

mod directory;
mod outcome;
mod output;
#[cfg(test)]
mod readers;
mod tail;
#[cfg(test)]
mod tests;
mod values;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;
use std::time::Duration;

use idds_file::refuse_foreign_link;
use idds_jobs::{
    OutOfMemory, ProcessGroup, Trouble, find_program, is_harmless, is_plain_script, not_started,
    trouble_with,
};
use idds_workflow::SearchPoint;
use rustix::io::Errno;
use serde_json::Value;
use tokio::process::Command;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, sleep};

use self::directory::Directory;
use self::outcome::Ended;
use self::tail::Started;
use self::values::Values;
use crate::objective::{IntoObjective, kind};
use crate::{Failure, Monitor, Objective, Verdict};

/// How often a look is taken at what a program told.
const LOOK: Duration = Duration::from_millis(200);

/// How often a program is tried to be started that is being written.
const BUSY: u32 = 20;

/// A program that evaluates points under the contract of iDDS, as the containers of searches do.
///
/// Each point has a directory, named after it, in which the program runs:
///
/// | file | |
/// | --- | --- |
/// | `input.json` | the point: an object with its parameters |
/// | `output.json` | written by the program: `{"loss": 0.25}`, or a `status` that is not 0 and a `message` |
/// | `values.txt` | optional, for early stopping: the program adds a line `STEP VALUE`, or only `VALUE`, with each step |
/// | `stdout`, `stderr` | what the program prints, one attempt after the other |
///
/// Instead of writing `output.json`, the program can print the value of the objective as its last line: `0.25`, `loss: 0.25`, or
/// the object that it would write. Both are read as Python reads them. A program that ends with another exit code than 0 has
/// failed. In its environment are `IDDS_REQUEST_ID`, `IDDS_POINT_ID`, `IDDS_ATTEMPT` (1, 2, …),
/// `IDDS_DIRECTORY`, which is also where it starts, and `IDDS_MODEL_ID` in a segmented search. Nothing comes in on its standard
/// input.
///
/// What a program leaves is somebody else's word: only regular files are read, of `output.json` at most 1 MB, of `values.txt` lines of
/// at most 1 KB, 64 MB and 100,000 values in all. The files that are written for it are never written through a symbolic link.
///
/// # Attempts
///
/// Another attempt has the directory of the one before, with all it left except `output.json` and `values.txt`: a program that
/// writes checkpoints finds them again, also after the end of the process that ran the search, and on another machine when the
/// directory is shared. While an earlier attempt still runs, as can happen when a slow worker was taken for dead, and where the directory
/// is that of another search, the point gets a second one, `POINT.2`. The lock that tells is held by the processes of the
/// program on their `stdout`.
///
/// # Ends
///
/// A program is a process group. It is killed with everything it started, except what left the group, when it ends, when its
/// time is over, when the search ends, and when the process of the search dies, however that happens.
/// What left the group, as `setsid` and daemons do, is left alone: only a control group could hold it, which needs rights that a user
/// seldom has, and adopting orphans (`PR_SET_CHILD_SUBREAPER`) would take those of the whole process of the search for its own. A
/// program that is
/// stopped early first gets SIGTERM and has 10 s to write its `output.json`; the value of a program that does not is the last
/// one of its `values.txt`.
///
/// # Trouble
///
/// What is not the point's fault stops the search ([`Failure::trouble`]): a directory or `input.json` that cannot be written, a
/// program that cannot be started, also one that says so by exit code 126 or 127, a program that the kernel killed for want of
/// memory, and one that failed where no space is left in the directory or in `TMPDIR`.
///
/// ```no_run
/// use idds_client::Client;
/// use idds_hpo::{Study, Program};
/// use idds_workflow::RequestId;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let program = Program::new("python3", "points").args(["train.py"]).link("train.py");
/// let result = Study::new(&Client::from_env()?, RequestId::new(42)).run(program.objective()?).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a program evaluates points as the objective of a search"]
pub struct Program {
    program: OsString,
    arguments: Vec<OsString>,
    folder: PathBuf,
    environment: Vec<(OsString, OsString)>,
    links: Vec<PathBuf>,
    is_clean: bool,
}

impl Program {
    /// Names a program, and the folder for the directories of the points.
    ///
    /// A name without `/` is looked up in `PATH`; another one counts from the current directory.
    pub fn new(program: impl Into<OsString>, folder: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            folder: folder.into(),
            environment: Vec::new(),
            links: Vec::new(),
            is_clean: false,
        }
    }

    /// Adds arguments. They reach the program as they are, so a path among them counts from the directory of the point.
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds a variable to the environment, which is otherwise that of the search, whatever the names in it.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Keeps the environment of the search from the program: of it only `PATH`, `HOME`, `USER`, `LOGNAME`, `SHELL`, `LANG`, `LC_*`, `TZ`
    /// and `TMPDIR` stay, besides what the program is told here and by [`env`](Self::env). Tokens and addresses in other variables
    /// do not reach it.
    pub fn clean_environment(mut self) -> Self {
        self.is_clean = true;
        self
    }

    /// Shows a file or directory in the directory of each point, by a symbolic link of the same name.
    pub fn link(mut self, path: impl Into<PathBuf>) -> Self {
        self.links.push(path.into());
        self
    }

    /// Makes the objective of a search of it.
    ///
    /// # Errors
    ///
    /// When there is no such program, it may not be executed, what is linked is not there, or the folder cannot be made.
    pub fn objective(self) -> io::Result<Objective> {
        let mut links = Vec::new();
        for link in &self.links {
            let source = absolute(link).map_err(|error| about(link, &error))?;
            source.metadata().map_err(|error| about(&source, &error))?;
            links.push(source);
        }
        fs::create_dir_all(&self.folder)
            .and_then(|()| refuse_foreign_link(&self.folder))
            .map_err(|error| about(&self.folder, &error))?;
        let program = Program {
            program: find_program(&self.program)?.into(),
            folder: absolute(&self.folder)?,
            links,
            ..self
        };
        let program = Arc::new(program);
        Ok(Objective::monitored(move |point: Value, monitor| {
            let program = Arc::clone(&program);
            async move { program.evaluate(point, monitor).await }
        }))
    }

    async fn evaluate(&self, point: Value, monitor: Monitor) -> Result<f64, Failure> {
        // The point alone is the input; the model of a segmented one is in the environment.
        let (point, model) = match serde_json::from_value::<SearchPoint>(point.clone()) {
            Ok(known) => (
                serde_json::to_value(known.values()).unwrap_or(point),
                known.model_id(),
            ),
            Err(_) => (point, None),
        };
        let directory = Directory::take(&self.folder, monitor.point(), point, &self.links).await?;
        let mut environment = self.environment.clone();
        let mut set = |name: &str, value: OsString| environment.push((name.into(), value));
        set("IDDS_REQUEST_ID", monitor.request().to_string().into());
        set("IDDS_POINT_ID", monitor.point().as_str().into());
        set("IDDS_ATTEMPT", monitor.attempt().to_string().into());
        set("IDDS_DIRECTORY", directory.path().into());
        if let Some(model) = model {
            set("IDDS_MODEL_ID", model.get().to_string().into());
        }
        let path = directory.path().to_owned();
        let place = path.clone();
        let before = spawn_blocking(move || (Started::of(&place), OutOfMemory::so_far()));
        let (started, memory) = before.await.expect("reading files does not panic");
        let mut group = self.start(&directory, &environment).await?;
        drop(directory);
        let mut values = Values::of(&path);
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_stopped = false;
        let status = loop {
            tokio::select! {
                status = group.ended() => break status,
                _ = looks.tick() => {
                    if values.tell(&monitor).await == Verdict::Stop {
                        is_stopped = true;
                        break group.stop().await;
                    }
                }
            }
        };
        drop(group);
        let status = status.map_err(|error| stopped(Trouble::with(&path, &error)))?;
        if !is_stopped {
            // It runs no more, so the verdict changes nothing.
            values.tell(&monitor).await;
        }
        let ended = Ended {
            status,
            is_stopped,
            memory,
        };
        let temporary = self
            .environment
            .iter()
            .rfind(|(name, _)| name == "TMPDIR")
            .map(|(_, value)| value.into());
        let read = move || {
            outcome::read(&path, &started, &ended)
                .map_err(|failure| judged(failure, &path, temporary))
        };
        spawn_blocking(read)
            .await
            .expect("reading files does not panic")
    }

    async fn start(
        &self,
        directory: &Directory,
        environment: &[(OsString, OsString)],
    ) -> Result<ProcessGroup, Failure> {
        let program = Path::new(&self.program);
        let place = directory.path();
        let mut is_plain = false;
        for number in 0.. {
            let mut command = if is_plain {
                Command::new("/bin/sh")
            } else {
                Command::new(program)
            };
            if is_plain {
                command.arg(program);
            }
            if self.is_clean {
                command
                    .env_clear()
                    .envs(std::env::vars_os().filter(|(name, _)| is_harmless(name)));
            }
            command
                .args(&self.arguments)
                .envs(environment.iter().cloned())
                .current_dir(place);
            let (stdout, stderr) = directory
                .streams()
                .map_err(|error| stopped(Trouble::with(place, &error)))?;
            match ProcessGroup::start(command, stdout, stderr) {
                Ok(group) => return Ok(group),
                Err(error) => match Errno::from_io_error(&error) {
                    Some(Errno::NOEXEC) if !is_plain && is_plain_script(program) => is_plain = true,
                    // Somebody is writing it, or a process that is being started still holds what was written.
                    Some(Errno::TXTBSY) if number < BUSY => sleep(Duration::from_millis(50)).await,
                    _ => return Err(stopped(not_started(program, &error))),
                },
            }
        }
        Err(Failure::trouble("the program cannot be started"))
    }
}

impl<P> IntoObjective<P, kind::Ready> for Program {
    fn into_objective(self) -> Result<Objective, Failure> {
        self.objective()
            .map_err(|error| Failure::trouble(error.to_string()))
    }
}

/// Trouble of the machine stops a search.
fn stopped(trouble: Trouble) -> Failure {
    Failure::trouble(trouble.into_string())
}

/// A failure is that of the point, unless the machine is in trouble.
fn judged(failure: Failure, directory: &Path, temporary: Option<PathBuf>) -> Failure {
    if failure.is_trouble() {
        return failure;
    }
    match trouble_with(directory, temporary.as_deref()) {
        Some(trouble) => stopped(trouble)
            .about("the program failed while the machine was in trouble")
            .with_output(failure.output()),
        None => failure,
    }
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
