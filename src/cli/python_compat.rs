//! The commands of iDDS's documentation, by their names there: other words for the commands above.

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Command, Subcommand};
use idds::client::{AuthType, PointId, Route, Setup as Changes};
use idds::workflow::python_json::repr;
use idds::workflow::{RequestId, ServerVersion, WorkloadId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::hpo::Point;
use super::number::{real, whole};
use super::options::auth_type;
use super::output::Show;
use super::request::{
    Abort, AllowSideEffect, Close, Finish, Logs, Printing, Resume, Retry, Status, Suspend, Target,
    Wait, known, request_id,
};
use super::{App, Exit, auth, cacher, config, message, secret};

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

/// The arguments of `idds setup`; the host is a global option.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case")]
pub struct Setup {
    /// Authentication method: x509_proxy or oidc
    #[arg(long, value_name = "AUTH_TYPE", value_parser = auth_type(), hide_possible_values = true)]
    auth_type: Option<AuthType>,

    /// File with the certificate
    #[arg(long, value_name = "FILE")]
    x509_proxy: Option<PathBuf>,

    /// Virtual organisation
    #[arg(long, value_name = "NAME")]
    vo: Option<String>,

    /// Token file; - reads the token itself from standard input or asks for it, because all users
    /// of this machine can see arguments
    #[arg(long, value_name = "FILE|-")]
    oidc_token: Option<String>,
}

impl Setup {
    async fn run(self, app: &App) -> Result<Exit> {
        let Self {
            auth_type,
            x509_proxy,
            vo,
            oidc_token,
        } = self;
        let host = app.options.host.clone();
        if host.is_none()
            && auth_type.is_none()
            && x509_proxy.is_none()
            && vo.is_none()
            && oidc_token.is_none()
        {
            return Err(Exit::Usage
                .because("there is nothing to set; give --host, --auth_type, --x509_proxy, --vo or --oidc_token"));
        }
        let mut changes = Changes::new();
        if let Some(host) = host {
            changes = changes.host(host);
        }
        if let Some(auth_type) = auth_type {
            changes = changes.auth_type(auth_type);
        }
        if let Some(x509_proxy) = x509_proxy {
            changes = changes.x509_proxy(x509_proxy);
        }
        if let Some(vo) = vo {
            changes = changes.vo(vo);
        }
        changes = match oidc_token {
            Some(token) if token == "-" || is_token(&token) => {
                changes.oidc_token(secret::given(app, "the token", &token).await?)
            }
            Some(file) => changes.oidc_token_file(file),
            None => changes,
        };
        config::save(app, &changes)
    }
}

/// Says whether it is a JSON web token: three parts in base64, the first of which is a JSON object.
fn is_token(text: &str) -> bool {
    text.starts_with("eyJ") && text.split('.').count() == 3
}

/// The arguments of `idds setup_oidc_client_token`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case")]
pub struct SetupOidcClientToken {
    /// URL of the identity provider
    #[arg(long, value_name = "URL")]
    oidc_issuer: String,

    /// Client id of the program at the identity provider
    #[arg(long, value_name = "ID")]
    oidc_client_id: String,

    /// Client secret; - reads it from standard input or asks for it, because all users of this
    /// machine can see arguments
    #[arg(long, value_name = "TEXT|-")]
    oidc_client_secret: String,

    /// Audience of the token: the service it is meant for
    #[arg(long, value_name = "NAME")]
    oidc_audience: Option<String>,

    /// Scope of the token: what it gives access to
    #[arg(long, value_name = "WORDS")]
    oidc_scope: Option<String>,
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

/// The arguments of `idds get_hyperparameters`.
#[derive(Args, Debug)]
pub struct GetHyperparameters {
    #[command(flatten)]
    which: Which,

    /// Show only this point; the first is 1
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    id: Option<u64>,

    /// Show only points with this status: New has no loss, Available has one
    #[arg(long, value_name = "STATUS", ignore_case = true)]
    status: Option<PointStatus>,

    /// Show at most COUNT points
    #[arg(long, value_name = "COUNT", value_parser = whole::<usize>)]
    limit: Option<usize>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum PointStatus {
    #[value(alias = "0")]
    New,
    #[value(alias = "2")]
    Available,
}

/// The arguments of `idds update_hyperparameter`.
#[derive(Args, Debug)]
pub struct UpdateHyperparameter {
    #[command(flatten)]
    which: Which,

    /// Id of the point
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    id: u64,

    /// Loss of the point
    #[arg(long, value_name = "NUMBER", value_parser = real)]
    loss: f64,
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
            Self::SetupOidcClientToken(args) => {
                let robot = auth::Robot {
                    issuer: args.oidc_issuer,
                    client_id: args.oidc_client_id,
                    client_secret: secret::given(
                        app,
                        "the secret of the program",
                        &args.oidc_client_secret,
                    )
                    .await?,
                    scope: args.oidc_scope,
                    audience: args.oidc_audience,
                };
                robot.run(app).await
            }
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

/// Points of a search, as the documented command prints them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Points(Vec<Point>);

impl Show for Points {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|point| writeln!(f, "{}", repr(&json!(point))))
    }
}

impl GetHyperparameters {
    async fn run(self, app: &App) -> Result<Exit> {
        let target = Target::from(self.which).required()?;
        let client = app.client()?;
        let mut call = client.hpo().get(target);
        if let Some(id) = self.id {
            call = call.id(id.to_string());
        }
        call = match self.status {
            Some(PointStatus::New) => call.open(),
            Some(PointStatus::Available) => call.evaluated(),
            None => call,
        };
        let points = call.limit(self.limit.unwrap_or(usize::MAX)).await?;
        if points.is_empty() {
            known(&client, target).await?;
        }
        app.print(&Points(points.into_iter().map(Point::from).collect()))?;
        Ok(Exit::Ok)
    }
}

/// A loss that was reported.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Reported {
    /// `update successfully`.
    pub message: &'static str,
    /// 0.
    pub status: u8,
}

impl Show for Reported {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "{}", repr(&json!(self)))
    }
}

impl UpdateHyperparameter {
    async fn run(self, app: &App) -> Result<Exit> {
        let target = Target::from(self.which).required()?;
        app.client()?
            .hpo()
            .update(target, &PointId::new(self.id.to_string()), self.loss)
            .await?;
        app.print(&Reported {
            message: "update successfully",
            status: 0,
        })?;
        Ok(Exit::Ok)
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
