//! `idds request`: submit workflows, and follow and control what becomes of them.

mod cause;
mod control;
pub mod definition;
mod finding;
mod follow;
mod list;
mod logs;
mod row;
mod status;
mod stored;
mod submit;
mod target;
mod watch;
mod why;

use anyhow::Result;
use clap::{Args, Subcommand};

pub use self::cause::cause;
pub use self::control::{
    Abort, AllowSideEffect, Close, Finish, OutcomeRow, Resume, Retry, Suspend, Told, Wait,
};
pub use self::definition::Source;
pub use self::finding::{Finding, Findings};
pub use self::logs::{Logs, Printing, SavedFile, save};
pub use self::row::RequestRow;
pub use self::status::{OutputRow, Status};
pub use self::submit::{Payload, Submitted};
pub use self::target::{Target, known, request_id};
pub use self::why::WhyReport;
use super::{App, Exit};

/// The arguments of `idds request`.
#[derive(Args, Debug)]
pub struct Request {
    #[command(subcommand)]
    command: RequestCommand,
}

#[derive(Debug, Subcommand)]
enum RequestCommand {
    /// Submit a workflow from a JSON or YAML file
    Submit(submit::Submit),
    /// List the requests of all users
    #[command(visible_alias = "ls")]
    List(list::List),
    /// Show the status of requests
    Status(Status),
    /// Write the workflow of a request as a definition, to be edited and submitted again
    Definition(stored::Definition),
    /// Follow a request until it ends
    Watch(watch::Watch),
    /// Abort requests
    Abort(Abort),
    /// Close requests, so that nothing new starts; a search ends as with abort
    Close(Close),
    /// Run the failed parts of requests again
    Retry(Retry),
    /// Say why the steps of a request have not started, are held, or have failed
    Why(why::Why),
    /// Download the log files of requests, or print what jobs write
    Logs(Logs),
    /// Suspend requests, so that a search gets no new points; iDDS 1.3 and later would abort them
    Suspend(Suspend),
    /// Resume suspended requests; iDDS 1.3 and later would retry them
    Resume(Resume),
    /// Finish requests early; iDDS 0.11 and later would do nothing
    Finish(Finish),
}

impl Request {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        match self.command {
            RequestCommand::Submit(args) => args.run(app).await,
            RequestCommand::List(args) => args.run(app).await,
            RequestCommand::Status(args) => args.run(app).await,
            RequestCommand::Definition(args) => args.run(app).await,
            RequestCommand::Watch(args) => args.run(app).await,
            RequestCommand::Abort(args) => args.run(app).await,
            RequestCommand::Close(args) => args.run(app).await,
            RequestCommand::Retry(args) => args.run(app).await,
            RequestCommand::Why(args) => args.run(app).await,
            RequestCommand::Logs(args) => args.run(app).await,
            RequestCommand::Suspend(args) => args.run(app).await,
            RequestCommand::Resume(args) => args.run(app).await,
            RequestCommand::Finish(args) => args.run(app).await,
        }
    }
}
