//! Evaluation by external programs, under iDDS's contract.

mod directory;
mod group;
mod outcome;
#[cfg(test)]
mod tests;
mod values;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;
use std::time::Duration;

use idds_workflow::SearchPoint;
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};

use self::directory::Directory;
use self::group::Group;
use self::values::Values;
use crate::{Monitor, Objective, Verdict};

/// How often a look is taken at what a program told.
const LOOK: Duration = Duration::from_millis(200);

/// A program that evaluates points under the contract of iDDS, as the containers of searches do.
///
/// Each point has a directory, named after it, in which the program runs:
///
/// | file | |
/// | --- | --- |
/// | `input.json` | the point: an object with its parameters |
/// | `output.json` | written by the program: `{"status": 0, "loss": 0.25}`, or a status that is not 0 and a `message` |
/// | `values.txt` | optional, for early stopping: the program adds a line `STEP VALUE`, or only `VALUE`, with each step |
/// | `stdout`, `stderr` | what the program prints, one attempt after the other |
///
/// Instead of writing `output.json`, the program can print the value of the objective as its last line. One that ends with
/// another exit code than 0 has failed. In its environment are `IDDS_REQUEST_ID`, `IDDS_POINT_ID`, `IDDS_ATTEMPT` (1, 2, …),
/// `IDDS_DIRECTORY`, which is also where it starts, and `IDDS_MODEL_ID` in a segmented search. Nothing comes in on its standard
/// input.
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
/// time is over, when the search ends, and when the process of the search dies, however that happens. A program that is
/// stopped early first gets SIGTERM and has 10 s to write its `output.json`; the value of a program that does not is the last
/// one of its `values.txt`.
///
/// ```no_run
/// use idds_client::Client;
/// use idds_hpo::{Driver, Program};
/// use idds_workflow::RequestId;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let program = Program::new("python3", "points").args(["train.py"]).link("train.py");
/// let result = Driver::new(&Client::from_env()?, RequestId::new(42)).run(program.objective()?).await?;
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
        }
    }

    /// Adds arguments. They reach the program as they are, so a path among them counts from the directory of the point.
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds a variable to the environment, which is otherwise that of the search.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
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
        fs::create_dir_all(&self.folder).map_err(|error| about(&self.folder, &error))?;
        let program = Program { program: self.found()?, folder: absolute(&self.folder)?, links, ..self };
        let program = Arc::new(program);
        Ok(Objective::monitored(move |point: Value, monitor| {
            let program = Arc::clone(&program);
            async move { program.evaluate(point, monitor).await }
        }))
    }

    /// Finds the program, so that a wrong name is told before every point has failed of it.
    fn found(&self) -> io::Result<OsString> {
        let name = Path::new(&self.program);
        if name.components().count() > 1 || name.is_absolute() {
            let path = absolute(name).map_err(|error| about(name, &error))?;
            let metadata = path.metadata().map_err(|error| about(&path, &error))?;
            if !metadata.is_file() || metadata.permissions().mode() & 0o111 == 0 {
                let what = format!("{}: this is no program, `chmod +x` makes a script one", path.display());
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
            }
            return Ok(path.into());
        }
        let places = std::env::var_os("PATH").unwrap_or_default();
        let is_program = |path: &PathBuf| {
            path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
        };
        match std::env::split_paths(&places).map(|place| place.join(name)).find(is_program) {
            Some(path) => Ok(absolute(path)?.into()),
            None => {
                let here = if name.is_file() {
                    format!("; one in the current directory is ./{}", name.display())
                } else {
                    String::new()
                };
                let what = format!("there is no program {} in PATH{here}", name.display());
                Err(io::Error::new(io::ErrorKind::NotFound, what))
            }
        }
    }

    async fn evaluate(&self, point: Value, monitor: Monitor) -> Result<f64, String> {
        // The point alone is the input; the model of a segmented one is in the environment.
        let (point, model) = match serde_json::from_value::<SearchPoint>(point.clone()) {
            Ok(known) => (serde_json::to_value(known.values()).unwrap_or(point), known.model_id()),
            Err(_) => (point, None),
        };
        let directory = Directory::take(&self.folder, monitor.point(), point, &self.links).await?;
        let mut command = group::command(&self.program, &self.arguments, directory.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
            .env("IDDS_REQUEST_ID", monitor.request().to_string())
            .env("IDDS_POINT_ID", monitor.point().as_str())
            .env("IDDS_ATTEMPT", monitor.attempt().to_string())
            .env("IDDS_DIRECTORY", directory.path());
        if let Some(model) = model {
            command.env("IDDS_MODEL_ID", model.get().to_string());
        }
        let (path, stdout, stderr) = directory.into_streams();
        let started = outcome::Started::of(&path);
        let failed = |error: io::Error| about(&path, &error).to_string();
        let mut group = Group::start(command, stdout, stderr).map_err(failed)?;
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
        let status = status.map_err(failed)?;
        if !is_stopped {
            // It runs no more, so the verdict changes nothing.
            values.tell(&monitor).await;
        }
        outcome::read(&path, &started, status, is_stopped)
    }
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
