//! The command `idds`, as a shell runs it.

mod busy;
mod cause;
mod containers;
mod files;
mod hostile;
mod hpo;
mod kills;
mod on;
mod plan;
mod planted;
mod python;
mod run;
mod schema;
mod script;
mod serve;
mod sessions;
mod spoiled;
mod terminal;
mod token;
mod view;
mod why;
mod workflow;

use std::ffi::OsStr;
use std::process::Output;

use idds::local::Server;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::in_time;

type Failure = Box<dyn std::error::Error>;

/// A user with a home of their own, and a server.
struct User {
    home: TempDir,
    url: String,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl User {
    fn of(server: &Server) -> Result<Self, Failure> {
        Ok(Self {
            home: tempfile::tempdir()?,
            url: server.url(),
        })
    }

    /// Returns the command with these arguments, in an environment that holds nothing but this user and server.
    fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_idds"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .current_dir(self.home.path());
        command
            .env("IDDS_AUTH_TYPE", "none")
            .env("IDDS_HOST", &self.url)
            .kill_on_drop(true);
        command
    }

    async fn run(&self, line: &str) -> Result<Ran, Failure> {
        let output = self.command(line.split_whitespace()).output();
        let Output {
            status,
            stdout,
            stderr,
        } = in_time(line, output).await??;
        Ok(Ran {
            code: status.code(),
            stdout: String::from_utf8(stdout)?,
            stderr: String::from_utf8(stderr)?,
        })
    }
}
