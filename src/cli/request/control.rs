//! The commands that the server obeys later: abort, close, retry, suspend, resume, finish.

use std::fmt;
use std::time::Duration;

use anyhow::{Error, Result};
use clap::Args;
use idds::client::{self, Client, Decision, ErrorKind, Outcome};
use idds::workflow::{RequestId, WorkloadId, printable};
use schemars::JsonSchema;
use serde::Serialize;

use super::Target;
use crate::cli::output::Show;
use crate::cli::progress::ProgressLine;
use crate::cli::{App, Exit, duration, examples};

/// Time after which a command that is waited for is given again, since the server loses some.
const AGAIN: Duration = Duration::from_secs(30);

/// Which requests were told something, which they obey later.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Told {
    /// What they were told, such as `abort`.
    pub command: &'static str,
    /// Ids of the requests.
    pub requests: Vec<u64>,
}

impl Show for Told {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        self.requests
            .iter()
            .try_for_each(|id| writeln!(f, "request {id}: {} is registered", self.command))
    }
}

/// What became of a command to one request.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct OutcomeRow {
    /// Id of the request.
    pub request_id: u64,
    /// What it was told, such as `abort`.
    pub command: &'static str,
    /// `applied`, `refused`, or `pending` when nothing was decided in time.
    pub outcome: &'static str,
    /// Why it was refused, in the words of the server.
    pub reason: Option<String>,
    /// The state of the request.
    pub status: String,
}

impl Show for [OutcomeRow] {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        self.iter().try_for_each(|row| {
            let OutcomeRow {
                request_id,
                command,
                outcome,
                status,
                ..
            } = row;
            let reason = row
                .reason
                .as_ref()
                .map(|reason| format!(": {}", printable(reason)))
                .unwrap_or_default();
            writeln!(
                f,
                "request {request_id}: {command} is {outcome}{reason}; it is {status}"
            )
        })
    }
}

/// Whether to wait until a command is obeyed.
#[derive(Args, Clone, Copy, Debug)]
pub struct Wait {
    /// Wait until the server has carried out or refused the command
    #[arg(long)]
    pub wait: bool,

    /// Longest time to wait
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration::parse, requires = "wait")]
    pub timeout: Duration,
}

impl Wait {
    /// Does not wait.
    pub const NOT: Self = Self {
        wait: false,
        timeout: Duration::ZERO,
    };
}

/// Whether to send what the server would take for something else.
#[derive(Args, Clone, Copy, Debug)]
pub struct AllowSideEffect {
    /// Send the command even to a server that does something else, or nothing
    #[arg(long)]
    pub anyway: bool,
}

fn registered(app: &App, command: &'static str, requests: Vec<RequestId>) -> Result<Exit> {
    app.print(&Told {
        command,
        requests: requests.into_iter().map(RequestId::get).collect(),
    })?;
    Ok(Exit::Ok)
}

fn judged(app: &App, command: &'static str, outcomes: Vec<Outcome>) -> Result<Exit> {
    let row = |outcome: Outcome| {
        let (decision, reason) = match outcome.decision {
            Decision::Applied => ("applied", None),
            Decision::Refused(reason) => ("refused", Some(reason)),
            Decision::Pending => ("pending", None),
        };
        OutcomeRow {
            request_id: outcome.request.get(),
            command,
            outcome: decision,
            reason,
            status: outcome.info.status.to_string(),
        }
    };
    let rows: Vec<OutcomeRow> = outcomes.into_iter().map(row).collect();
    app.print(rows.as_slice())?;
    let is = |outcome| rows.iter().any(|row| row.outcome == outcome);
    Ok(match () {
        () if is("refused") => Exit::Refused,
        () if is("pending") => Exit::Timeout,
        () => Exit::Ok,
    })
}

/// A command to whatever requests are named.
type Command = client::RequestCommand<client::Target>;

/// Gives a command, and waits for what becomes of it if that is wanted.
async fn give(
    app: &App,
    name: &'static str,
    target: Target,
    (wait, anyway): (Wait, bool),
    command: impl FnOnce(&Client, client::Target) -> Command,
) -> Result<Exit> {
    let target = target.required()?;
    let command = command(&app.client()?, target);
    let command = if anyway { command.anyway() } else { command };
    if !wait.wait {
        return registered(app, name, command.await.map_err(or_anyway)?);
    }
    let progress = ProgressLine::new(app, target.to_string());
    progress.state(format_args!("{name} was sent"));
    let outcomes = command.wait().timeout(wait.timeout).again_every(AGAIN);
    let outcomes = outcomes.await.map_err(or_anyway)?;
    drop(progress);
    judged(app, name, outcomes)
}

/// Says how to send it all the same.
fn or_anyway(error: client::Error) -> Error {
    let is_unsupported = error.kind() == ErrorKind::Unsupported;
    let error = Error::new(error);
    if is_unsupported {
        Exit::Refused.because(format!("{error}; give --anyway to send it anyway"))
    } else {
        error
    }
}

macro_rules! control {
    ($(#[$doc:meta])* $args:ident, $call:ident, $example:literal $(, $anyway:ident)?) => {
        $(#[$doc])*
        #[derive(Args, Debug)]
        #[command(after_help = examples!($example))]
        pub struct $args {
            /// Which requests.
            #[command(flatten)]
            pub target: Target,

            /// Whether to wait.
            #[command(flatten)]
            pub wait: Wait,

            $(
                /// Whether to send what the server would take for something else.
                #[command(flatten)]
                pub $anyway: AllowSideEffect,
            )?
        }

        impl $args {
            /// Runs the command.
            pub async fn run(self, app: &App) -> Result<Exit> {
                let anyway = false $(|| self.$anyway.anyway)?;
                let how = (self.wait, anyway);
                give(app, stringify!($call), self.target, how, |client, target| {
                    client.requests().$call(target)
                })
                .await
            }
        }
    };
}

control!(
    /// The arguments of `idds request close`.
    Close, close, "idds request close 94"
);
control!(
    /// The arguments of `idds request retry`.
    Retry, retry, "idds request retry 94 --wait"
);
control!(
    /// The arguments of `idds request suspend`.
    Suspend, suspend, "idds request suspend 94", anyway
);
control!(
    /// The arguments of `idds request resume`.
    Resume, resume, "idds request resume 94 --wait", anyway
);

/// The arguments of `idds request abort`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!("idds request abort 94 --wait --timeout 2m"))]
pub struct Abort {
    /// Which requests.
    #[command(flatten)]
    pub target: Target,

    /// Abort only this task of the request; iDDS 1.3 and later cannot
    #[arg(long, value_name = "ID", conflicts_with = "wait")]
    pub task_id: Option<WorkloadId>,

    /// Whether to wait.
    #[command(flatten)]
    pub wait: Wait,

    /// Whether to send what the server would take for something else.
    #[command(flatten)]
    pub anyway: AllowSideEffect,
}

impl Abort {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let how = (self.wait, self.anyway.anyway);
        match self.task_id {
            Some(task) => {
                give(app, "abort task", self.target, how, |client, target| {
                    client.requests().abort_task(target, task)
                })
                .await
            }
            None => {
                give(app, "abort", self.target, how, |client, target| {
                    client.requests().abort(target)
                })
                .await
            }
        }
    }
}

/// The arguments of `idds request finish`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!("idds request finish 94 --set_all_finished"))]
pub struct Finish {
    /// Which requests.
    #[command(flatten)]
    pub target: Target,

    /// Mark everything that has not ended as finished
    #[arg(long)]
    pub set_all_finished: bool,

    /// Whether to wait.
    #[command(flatten)]
    pub wait: Wait,

    /// Whether to send what the server would take for something else.
    #[command(flatten)]
    pub anyway: AllowSideEffect,
}

impl Finish {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let how = (self.wait, self.anyway.anyway);
        give(
            app,
            "finish",
            self.target,
            how,
            |client, target| match self.set_all_finished {
                true => client.requests().force_finish(target),
                false => client.requests().finish(target),
            },
        )
        .await
    }
}
