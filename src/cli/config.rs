//! `idds config`: what is set, and where.

use std::fmt;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use idds::client::{AuthType, Error, Origin, Setting, Setup};
use idds::workflow::printable;
use schemars::JsonSchema;
use serde::Serialize;

use super::options::auth_type;
use super::output::Show;
use super::table::Table;
use super::{App, Exit, examples, secret};

/// The arguments of `idds config`.
#[derive(Args, Debug)]
#[command(after_help = examples!("idds config", "idds config set host https://iddsserver.cern.ch:443/idds"))]
pub struct Config {
    #[command(subcommand)]
    command: Option<ConfigCommand>,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Show the settings in effect, and where each value comes from
    Show,
    /// Print the path of your own configuration file
    Path,
    /// Change a setting in your own configuration file
    Set(Set),
}

impl Config {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        match self.command.unwrap_or(ConfigCommand::Show) {
            ConfigCommand::Show => show(app),
            ConfigCommand::Path => path(app),
            ConfigCommand::Set(args) => args.run(app).await,
        }
    }
}

fn show(app: &App) -> Result<Exit> {
    let configuration = app.options.configuration()?;
    let rows: Vec<SettingRow> = configuration
        .settings()
        .into_iter()
        .map(|setting| SettingRow::of(setting, app))
        .collect();
    app.print(rows.as_slice())?;
    Ok(Exit::Ok)
}

/// A setting that is in effect.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct SettingRow {
    /// Its name, which is that of the option in the file.
    pub name: &'static str,
    /// Its value; `[redacted]` for a token, null when it is not set.
    pub value: Option<String>,
    /// Where it comes from: an option of this command, an environment variable, a file, or `default`.
    pub origin: String,
}

impl SettingRow {
    fn of(setting: Setting, app: &App) -> Self {
        let origin = match setting.origin {
            Origin::Variable("IDDS_HOST") if app.options.host.is_some() => "--host".to_owned(),
            Origin::Variable(name) => name.to_owned(),
            Origin::File(path) => path.display().to_string(),
            _ => "default".to_owned(),
        };
        Self {
            name: setting.name,
            value: setting.value,
            origin,
        }
    }
}

impl Show for [SettingRow] {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let mut table = Table::new(["name", "value", "origin"]);
        for row in self {
            table.row([
                row.name.into(),
                row.value.as_deref().into(),
                row.origin.as_str().into(),
            ]);
        }
        table.write(f)
    }
}

/// Your own configuration file.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ConfigPath {
    /// Where it is.
    pub path: String,
    /// Whether it is there.
    pub exists: bool,
}

impl Show for ConfigPath {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "{}", printable(&self.path))
    }
}

fn path(app: &App) -> Result<Exit> {
    let path = app.options.local_file()?;
    app.print(&ConfigPath {
        path: path.display().to_string(),
        exists: path.exists(),
    })?;
    Ok(Exit::Ok)
}

/// The arguments of `idds config set`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds config set auth_type oidc",
    "idds config set host https://oidc.example:443/idds --for_auth_type oidc",
    "idds config set oidc_token - <token",
))]
pub struct Set {
    /// Name of the setting
    #[arg(value_name = "NAME", value_enum)]
    name: Name,

    /// New value; - reads a token from standard input or asks for it, because all users of this
    /// machine can see arguments
    #[arg(value_name = "VALUE")]
    value: String,

    /// Set the host only for this authentication method
    #[arg(long, value_name = "AUTH_TYPE", value_parser = auth_type())]
    for_auth_type: Option<AuthType>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Name {
    Host,
    AuthType,
    X509Proxy,
    Vo,
    OidcTokenFile,
    OidcToken,
    MaxAnswerLength,
}

impl Set {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let (setup, value) = (Setup::new(), self.value);
        if self.for_auth_type.is_some() && self.name != Name::Host {
            return Err(Exit::Usage.because("--for_auth_type can only be used with the host"));
        }
        let setup = match (self.name, self.for_auth_type) {
            (Name::Host, Some(auth_type)) => setup.host_for(auth_type, value),
            (Name::Host, None) => setup.host(value),
            (Name::AuthType, _) => setup.auth_type(
                value
                    .parse()
                    .map_err(|error: Error| Exit::Usage.because(error.to_string()))?,
            ),
            (Name::X509Proxy, _) => setup.x509_proxy(value),
            (Name::Vo, _) => setup.vo(value),
            (Name::OidcTokenFile, _) => setup.oidc_token_file(value),
            (Name::OidcToken, _) => {
                setup.oidc_token(secret::given(app, "the token", &value).await?)
            }
            (Name::MaxAnswerLength, _) => {
                let wrong = || {
                    Exit::Usage.because(format!(
                        "max_answer_length {value:?} is not a number of bytes"
                    ))
                };
                setup.max_answer_length(
                    value
                        .trim()
                        .parse()
                        .ok()
                        .filter(|bytes| *bytes > 0)
                        .ok_or_else(wrong)?,
                )
            }
        };
        save(app, &setup)
    }
}

/// Writes changes into the user's file.
pub fn save(app: &App, setup: &Setup) -> Result<Exit> {
    let path = app.options.local_file()?;
    setup.save(&path)?;
    app.note(format_args!("{} is changed", path.display()));
    Ok(Exit::Ok)
}
