//! The commands of iDDS's documentation, by their names there: other words for the commands above.

mod points;
mod setup;

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Command, Subcommand};
use idds::client::Route;
use idds::workflow::python_json::repr;
use idds::workflow::{RequestId, ServerVersion, WorkloadId};
use serde::Serialize;
use serde_json::{Value, json};

pub use self::points::Reported;
use self::points::{GetHyperparameters, UpdateHyperparameter};
use self::setup::{Setup, SetupOidcClientToken};
use super::output::Show;
use super::request::{
    Abort, AllowSideEffect, Close, Finish, Logs, Printing, Resume, Retry, Status, Suspend, Target,
    Wait, request_id,
};
use super::{App, Exit, auth, cacher, message};

/// The commands of iDDS's documentation.
#[derive(Debug, Subcommand)]
#[command(rename_all = "snake_case")]
pub enum PythonCompat {
    /// Commands of the iDDS documentation, and their names here
    #[command(hide = true, name = "documented")]
    List,
    /// Set the server and the authentication method: `config set`
    #[command(hide = true)]
    Setup(Setup),
    /// Sign in: `auth login`
    #[command(hide = true)]
    SetupOidcToken,
    /// Sign in a program: `auth login --issuer`
    #[command(hide = true)]
    SetupOidcClientToken(SetupOidcClientToken),
    /// Get a new token: `auth refresh`
    #[command(hide = true)]
    RefreshOidcToken,
    /// Show the owner of the token: `auth status --oidc`
    #[command(hide = true)]
    GetOidcTokenInfo,
    /// Delete the saved token: `auth logout`
    #[command(hide = true)]
    CleanOidcToken,
    /// Abort requests: `request abort`
    #[command(hide = true)]
    AbortRequests(Control),
    /// Abort a task of a request: `request abort --task_id`
    #[command(hide = true)]
    AbortTasks(AbortTasks),
    /// Suspend requests: `request suspend`
    #[command(hide = true)]
    SuspendRequests(Control),
    /// Resume requests: `request resume`
    #[command(hide = true)]
    ResumeRequests(Control),
    /// Retry requests: `request retry`
    #[command(hide = true)]
    RetryRequests(Control),
    /// Close requests: `request close`
    #[command(hide = true)]
    CloseRequests(Control),
    /// Finish requests early: `request finish`
    #[command(hide = true)]
    FinishRequests(FinishRequests),
    /// Show the status of requests: `request status`
    #[command(hide = true)]
    GetRequestsStatus(GetRequestsStatus),
    /// Download log files: `request logs`
    #[command(hide = true)]
    DownloadLogs(DownloadLogs),
    /// Upload a file: `cacher put`
    #[command(hide = true)]
    UploadToCacher(File),
    /// Download a file: `cacher get`
    #[command(hide = true)]
    DownloadFromCacher(File),
    /// Show points of a search: `hpo points`
    #[command(hide = true)]
    GetHyperparameters(GetHyperparameters),
    /// Report the loss of a point: `hpo update`
    #[command(hide = true)]
    UpdateHyperparameter(UpdateHyperparameter),
    /// Show messages: `message list`
    #[command(hide = true, alias = "get_messsage")]
    GetMessages(Which),
}

/// Adds the list of these commands to the help of `idds documented`; what the server would do instead comes from the table of routes.
pub fn described(command: Command) -> Command {
    let all = PythonCompat::augment_subcommands(Command::new("idds"));
    let line = |it: &Command| {
        let name = it.get_name();
        let about = it.get_about().map(ToString::to_string).unwrap_or_default();
        let objection = route(name).and_then(|route| route.objection(ServerVersion::V2_6_21));
        let objection = objection.map_or_else(String::new, |it| format!("{:26} ({it})\n", ""));
        format!("  {name:<24} {about}\n{objection}")
    };
    let lines: String = all.get_subcommands().skip(1).map(line).collect();
    command.mut_subcommand("documented", |it| {
        it.after_help(format!("{}\n{lines}", super::heading!("Commands:")))
    })
}

/// Returns the route over which a documented command asks the server.
fn route(command: &str) -> Option<&'static Route> {
    Route::all().find(|route| route.documented() == Some(command))
}

/// Which requests.
#[derive(Args, Clone, Copy, Debug)]
#[command(rename_all = "snake_case")]
pub struct Which {
    /// Id of the request
    #[arg(long, value_name = "ID", value_parser = |text: &str| request_id(without_comma(text)))]
    request_id: Option<RequestId>,

    /// Id of the workload
    #[arg(long, value_name = "ID", value_parser = |text: &str| without_comma(text).parse::<WorkloadId>())]
    workload_id: Option<WorkloadId>,
}

impl From<Which> for Target {
    fn from(which: Which) -> Self {
        Self::new(which.request_id, which.workload_id)
    }
}

/// Takes away the comma that stands behind a number in the documentation.
fn without_comma(text: &str) -> &str {
    text.trim_end_matches(',')
}

/// A command to requests.
#[derive(Args, Debug)]
pub struct Control {
    #[command(flatten)]
    which: Which,

    #[command(flatten)]
    anyway: AllowSideEffect,
}

/// The arguments of `idds abort_tasks`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case")]
pub struct AbortTasks {
    #[command(flatten)]
    which: Which,

    /// Id of the task
    #[arg(long, value_name = "ID")]
    task_id: WorkloadId,

    #[command(flatten)]
    anyway: AllowSideEffect,
}

/// The arguments of `idds finish_requests`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case")]
pub struct FinishRequests {
    #[command(flatten)]
    which: Which,

    /// Mark everything that has not ended as finished
    #[arg(long)]
    set_all_finished: bool,

    #[command(flatten)]
    anyway: AllowSideEffect,
}

/// The arguments of `idds get_requests_status`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case")]
pub struct GetRequestsStatus {
    #[command(flatten)]
    which: Which,

    /// Show each output collection
    #[arg(long)]
    with_detail: bool,
}

/// The arguments of `idds download_logs`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case")]
pub struct DownloadLogs {
    #[command(flatten)]
    which: Which,

    /// Directory for the downloaded file
    #[arg(long, value_name = "DIR", default_value = "./")]
    dest_dir: PathBuf,

    /// Name of the downloaded file
    #[arg(long, value_name = "NAME", visible_alias = "filename")]
    dest_filename: Option<PathBuf>,
}

/// The arguments of `idds upload_to_cacher` and `download_from_cacher`.
#[derive(Args, Debug)]
pub struct File {
    /// File on this machine; its name without the directory is the name on the server
    #[arg(long, value_name = "FILE")]
    filename: PathBuf,
}

impl PythonCompat {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let wait = Wait::NOT;
        match self {
            Self::List => {
                let mut help = super::command();
                help.build();
                let help = help
                    .find_subcommand_mut("documented")
                    .map(|it| it.render_help().ansi().to_string());
                super::output::write(help.unwrap_or_default().as_bytes())?;
                Ok(Exit::Ok)
            }
            Self::Setup(args) => args.run(app).await,
            Self::SetupOidcToken => auth::Login::default().run(app).await,
            Self::SetupOidcClientToken(args) => args.run(app).await,
            Self::RefreshOidcToken => auth::refresh(app).await,
            Self::GetOidcTokenInfo => auth::Status { oidc: true }.run(app).await,
            Self::CleanOidcToken => auth::logout(app),
            Self::AbortRequests(Control { which, anyway }) => {
                Abort {
                    target: which.into(),
                    task_id: None,
                    wait,
                    anyway,
                }
                .run(app)
                .await
            }
            Self::AbortTasks(AbortTasks {
                which,
                task_id,
                anyway,
            }) => {
                Abort {
                    target: which.into(),
                    task_id: Some(task_id),
                    wait,
                    anyway,
                }
                .run(app)
                .await
            }
            Self::SuspendRequests(Control { which, anyway }) => {
                Suspend {
                    target: which.into(),
                    wait,
                    anyway,
                }
                .run(app)
                .await
            }
            Self::ResumeRequests(Control { which, anyway }) => {
                Resume {
                    target: which.into(),
                    wait,
                    anyway,
                }
                .run(app)
                .await
            }
            Self::RetryRequests(Control { which, .. }) => {
                Retry {
                    target: which.into(),
                    wait,
                }
                .run(app)
                .await
            }
            Self::CloseRequests(Control { which, .. }) => {
                Close {
                    target: which.into(),
                    wait,
                }
                .run(app)
                .await
            }
            Self::FinishRequests(FinishRequests {
                which,
                set_all_finished,
                anyway,
            }) => {
                Finish {
                    target: which.into(),
                    set_all_finished,
                    wait,
                    anyway,
                }
                .run(app)
                .await
            }
            Self::GetRequestsStatus(GetRequestsStatus { which, with_detail }) => {
                Status {
                    target: which.into(),
                    with_detail,
                    even_empty: true,
                }
                .run(app)
                .await
            }
            Self::DownloadLogs(DownloadLogs {
                which,
                dest_dir,
                dest_filename,
            }) => {
                Logs {
                    target: which.into(),
                    printing: Printing::default(),
                    dest_dir,
                    filename: dest_filename,
                    overwrite: true,
                }
                .run(app)
                .await
            }
            Self::UploadToCacher(File { filename }) => {
                cacher::Put {
                    file: filename,
                    name: None,
                }
                .run(app)
                .await
            }
            Self::DownloadFromCacher(File { filename }) => {
                let name = filename
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default();
                cacher::Get {
                    name,
                    to: Some(filename),
                    overwrite: true,
                }
                .run(app)
                .await
            }
            Self::GetHyperparameters(args) => args.run(app).await,
            Self::UpdateHyperparameter(args) => args.run(app).await,
            Self::GetMessages(which) => {
                let messages = app
                    .client()?
                    .messages()
                    .get(Target::from(which).required()?)
                    .await?;
                app.print(&Messages(
                    messages.into_iter().map(message::value).collect(),
                ))?;
                Ok(Exit::Ok)
            }
        }
    }
}

/// Messages as the Python command prints them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Messages(Vec<Value>);

impl Show for Messages {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "status: True\nmessages: {}", repr(&json!(self.0)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Commands that ask nothing of the server by a route of their own.
    const OTHERS: [&str; 7] = [
        "documented",
        "setup",
        "setup_oidc_token",
        "setup_oidc_client_token",
        "refresh_oidc_token",
        "get_oidc_token_info",
        "clean_oidc_token",
    ];

    #[test]
    fn the_table_of_routes_has_each_documented_command() {
        let all = PythonCompat::augment_subcommands(Command::new("idds"));
        let here = all.get_subcommands().map(Command::get_name);
        let here: BTreeSet<_> = here.filter(|name| !OTHERS.contains(name)).collect();
        let there: BTreeSet<_> = Route::all().filter_map(Route::documented).collect();
        assert_eq!(here, there);
    }
}
