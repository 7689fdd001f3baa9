//! `idds request`: submit workflows, and follow and control what becomes of them.

mod control;
mod list;
mod row;
mod target;

use anyhow::Result;
use clap::{Args, Subcommand};

pub use self::row::RequestRow;
use super::{App, Exit};

/// The arguments of `idds request`.
#[derive(Args, Debug)]
pub struct Request {
    #[command(subcommand)]
    command: RequestCommand,
}

#[derive(Debug, Subcommand)]
enum RequestCommand {
    /// List requests
    #[command(visible_alias = "ls")]
    List(list::List),
    /// Show requests
    Status(list::Status),
    /// Abort requests
    Abort(control::Abort),
    /// Close requests: what runs may finish, nothing new begins
    Close(control::Close),
    /// Run what failed in requests again
    Retry(control::Retry),
    /// Suspend requests; servers from 1.3 on would abort them
    Suspend(control::Suspend),
    /// Resume suspended requests; servers from 1.3 on would retry them
    Resume(control::Resume),
    /// Finish requests early; servers from 0.11 on would do nothing
    Finish(control::Finish),
}

impl Request {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        match self.command {
            RequestCommand::List(args) => args.run(app).await,
            RequestCommand::Status(args) => args.run(app).await,
            RequestCommand::Abort(args) => args.run(app).await,
            RequestCommand::Close(args) => args.run(app).await,
            RequestCommand::Retry(args) => args.run(app).await,
            RequestCommand::Suspend(args) => args.run(app).await,
            RequestCommand::Resume(args) => args.run(app).await,
            RequestCommand::Finish(args) => args.run(app).await,
        }
    }
}
