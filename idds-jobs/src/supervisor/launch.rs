//! How a job becomes a process.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use tokio::time::sleep;

use super::{ATTEMPT, DIRECTORY};
use crate::container;
use crate::lookup::find_in;
use crate::{CommandLine, Job, Trouble, is_harmless, is_plain_script, not_started};

/// How often a program is tried to be started that is being written.
const BUSY: u32 = 20;

/// What is executed for a job.
#[derive(Debug)]
pub(super) struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    place: PathBuf,
}

impl Launch {
    pub(super) fn of(job: &Job, base: &[(OsString, OsString)]) -> Result<Self, Trouble> {
        let directory = job.directory();
        let own = [
            (ATTEMPT.into(), job.attempt().as_str().into()),
            (DIRECTORY.into(), directory.into()),
        ];
        let own: Vec<(OsString, OsString)> = job.environment().iter().cloned().chain(own).collect();
        let kept = base
            .iter()
            .filter(|(name, _)| !job.has_clean_environment() || is_harmless(name));
        let inside = match job.command() {
            CommandLine::Program(program, arguments) => (program.clone(), arguments.clone()),
            CommandLine::Shell(line) => ("/bin/sh".into(), vec!["-c".into(), line.into()]),
        };
        let place = job.place().to_owned();
        if let Some(container) = job.container_needed() {
            let inside = std::iter::once(inside.0).chain(inside.1);
            let line = container::line(job, container, base, &own, inside)
                .map_err(|error| Trouble::new(error.to_string()))?;
            // The container engine finds by its environment what it needs; the container has none of it.
            let environment = base.iter().chain(&line.environment).cloned().collect();
            return Ok(Self {
                program: line.program,
                arguments: line.arguments,
                environment,
                place,
            });
        }
        let environment: Vec<_> = kept.chain(&own).cloned().collect();
        let path = environment.iter().rfind(|(name, _)| name == "PATH");
        let path = path.map_or(OsStr::new("/usr/bin:/bin"), |(_, value)| value);
        let program = find_in(&inside.0, path, &place)
            .map_err(|error| Trouble::new(format!("the program cannot be started: {error}")))?;
        Ok(Self {
            program,
            arguments: inside.1,
            environment,
            place,
        })
    }

    /// Returns the value of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        let found = self.environment.iter().rfind(|(other, _)| other == name);
        found.map(|(_, value)| value.as_os_str())
    }

    /// Starts it, as a process group of its own, so that all of it can be ended.
    pub(super) async fn start(&self, stdout: &File, stderr: &File) -> Result<Child, Trouble> {
        let mut is_plain = false;
        for number in 0.. {
            match self.spawn(is_plain, stdout, stderr) {
                Ok(child) => return Ok(child),
                Err(error) => match Errno::from_io_error(&error) {
                    Some(Errno::NOEXEC) if !is_plain && is_plain_script(&self.program) => {
                        is_plain = true;
                    }
                    // Somebody is writing it, or a process that is being started still holds what was written.
                    Some(Errno::TXTBSY) if number < BUSY => sleep(Duration::from_millis(50)).await,
                    Some(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS)
                        if !can_enter(&self.place) =>
                    {
                        return Err(Trouble::with(&self.place, &error));
                    }
                    _ => return Err(not_started(&self.program, &error)),
                },
            }
        }
        Err(Trouble::new("the program cannot be started"))
    }

    fn spawn(&self, is_plain: bool, stdout: &File, stderr: &File) -> io::Result<Child> {
        let mut command = if is_plain {
            let mut shell = Command::new("/bin/sh");
            shell.arg(&self.program);
            shell
        } else {
            Command::new(&self.program)
        };
        let variables = self.environment.iter().map(|(name, value)| (name, value));
        command
            .args(&self.arguments)
            .env_clear()
            .envs(variables)
            .current_dir(&self.place)
            .stdin(Stdio::null())
            .stdout(stdout.try_clone()?)
            .stderr(stderr.try_clone()?)
            .process_group(0)
            .spawn()
    }
}

fn can_enter(directory: &Path) -> bool {
    directory.join(".").is_dir()
}
