//! The options that every command takes.

use std::env;
use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgAction, Args, ValueEnum, ValueHint};
use idds::client::{
    AuthType, Client, ClientBuilder, Configuration, Error, RunningServer, RunningServers,
    ServerFamily,
};
use idds::workflow::{Server, ServerVersion};
use tracing::warn;

use super::exit::Exit;
use super::named::Named;
use super::output::{self, Format};

/// The options that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options", rename_all = "snake_case")]
pub struct Options {
    /// URL of the server, for example https://iddsserver.cern.ch:443/idds
    #[arg(short = 'H', long, global = true, value_name = "URL", value_hint = ValueHint::Url)]
    pub host: Option<String>,

    /// Configuration file of the site (default: the first one found)
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,

    /// Directory of your own configuration (default: ~/.idds)
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub local_config_root: Option<PathBuf>,

    /// Version of iDDS on the server (default: 2.6.21)
    #[arg(long, global = true, value_name = "VERSION", value_parser = server_version)]
    pub server_version: Option<ServerVersion>,

    /// Format of results; JSON and YAML are stable and meant for programs
    // As text, since an option of `hpo steer` has this name, too, and clap wants one type for both.
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "table", value_parser = ["table", "json", "yaml"])]
    output: String,

    /// Show causes of errors and calls to the server; repeat for more detail
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// Suppress progress messages
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// Returns what reads a way to authenticate.
pub fn auth_type() -> Named<AuthType> {
    let read = |text: &str| text.parse().map_err(|error: Error| error.to_string());
    Named::new(read, || {
        [AuthType::X509Proxy, AuthType::Oidc, AuthType::None]
            .map(AuthType::as_str)
            .to_vec()
    })
}

fn no_server() -> anyhow::Error {
    Exit::Usage.because(
        "no server is set; give --host URL, or set it once as in `idds config set host https://iddsserver.cern.ch:443/idds`; \
         `idds serve` runs one on this machine",
    )
}

/// Reads a version whose routes are known: what others do is not.
fn server_version(text: &str) -> Result<ServerVersion, String> {
    let known = || {
        let families: Vec<String> = ServerFamily::ALL.iter().map(ToString::to_string).collect();
        let (last, others) = families.split_last().expect("there are families");
        format!(
            "the versions that are known are {} and {last}, such as 2.6.21",
            others.join(", ")
        )
    };
    let version: ServerVersion = text.parse().map_err(|_| known())?;
    if ServerFamily::knows(version) {
        Ok(version)
    } else {
        Err(known())
    }
}

impl Options {
    /// Returns how results are printed.
    pub fn output(&self) -> Format {
        Format::from_str(&self.output, false).unwrap_or_default()
    }

    /// Returns the server that advice is about, where none is asked: iDDS of the version that is set.
    pub fn server(&self) -> Server {
        self.server_version
            .map_or_else(Server::default, Server::Idds)
    }

    /// Makes the client that the options, the environment and the configuration files ask for.
    pub fn client(&self) -> Result<Client> {
        let configuration = self.configuration()?;
        let own = configuration
            .host()
            .is_none()
            .then(|| self.own_server(&configuration))
            .transpose()?;
        if self.host.is_some() && configuration.server_token().is_some() {
            warn!(
                "every user of this machine sees the arguments of a command, and the token in --host: leave it out for a \
                 server of yours on this machine, or set IDDS_HOST"
            );
        }
        let builder = ClientBuilder::from_lookup(|name| match (name, &own) {
            ("IDDS_HOST", Some(host)) => Some(host.clone()),
            _ => self.variable(name),
        })?;
        Ok(match self.server_version {
            Some(version) => builder.server_version(version).build(),
            None => builder.build(),
        }?)
    }

    /// Makes a client that nobody asks with, for this host, or for the one of a way to authenticate.
    pub fn client_for(&self, host: Option<&str>, auth_type: AuthType) -> Result<Client> {
        let named = Configuration::from_lookup(|name| match name {
            "IDDS_AUTH_TYPE" => Some(auth_type.to_string()),
            _ => self.variable(name),
        })?;
        let token = named.server_token().filter(|_| host.is_none());
        let host = host
            .or(named.host())
            .map(ToOwned::to_owned)
            .ok_or_else(no_server)?;
        let mut builder = ClientBuilder::from_lookup(|name| match name {
            "IDDS_AUTH_TYPE" => Some(AuthType::None.to_string()),
            "IDDS_HOST" => Some(host.clone()),
            _ => self.variable(name),
        })?;
        if let Some(token) = token {
            builder = builder.server_token(token.clone());
        }
        Ok(builder.build()?)
    }

    /// Returns the address of the one embedded server that this user runs here, where no other server is named.
    fn own_server(&self, configuration: &Configuration) -> Result<String> {
        let servers = RunningServers::of(configuration)
            .map(|servers| servers.all())
            .unwrap_or_default();
        match &servers[..] {
            [] => Err(no_server()),
            [server] => {
                let url = server.url();
                if !self.quiet {
                    output::tell(format_args!("no server is set; using your own at {url}"));
                }
                Ok(url)
            }
            servers => {
                let urls: Vec<_> = servers.iter().map(RunningServer::url).collect();
                let what = format!(
                    "no server is set, and you run several: give --host with one of {}",
                    urls.join(", ")
                );
                Err(Exit::Usage.because(what))
            }
        }
    }

    /// Returns the user's configuration file, which need not be there.
    pub fn local_file(&self) -> Result<PathBuf> {
        let no_home =
            || Exit::Usage.because("there is no home directory; give --local_config_root");
        self.configuration()?.local_file().ok_or_else(no_home)
    }

    /// Reads what the configuration files say, whatever the environment and the options say instead.
    pub fn saved(&self) -> Result<Configuration, Error> {
        Configuration::from_lookup(|name| match name {
            "HOME" | "IDDS_HOME" | "VIRTUAL_ENV" | "IDDS_CONFIG" | "IDDS_LOCAL_CONFIG_ROOT" => {
                self.variable(name)
            }
            _ => None,
        })
    }

    /// Reads the configuration that is in effect.
    pub fn configuration(&self) -> Result<Configuration, Error> {
        Configuration::from_lookup(|name| self.variable(name))
    }

    /// Looks up an environment variable; an option stands for the variable of its meaning.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.option(name)
            .or_else(|| env::var(name).ok())
            .or_else(|| match name {
                "HOME" => env::home_dir()?.into_os_string().into_string().ok(),
                _ => None,
            })
    }

    /// Returns the option that stands for an environment variable.
    pub fn option(&self, variable: &str) -> Option<String> {
        let text = |path: &PathBuf| path.display().to_string();
        match variable {
            "IDDS_HOST" => self.host.clone(),
            "IDDS_CONFIG" => self.config.as_ref().map(text),
            "IDDS_LOCAL_CONFIG_ROOT" => self.local_config_root.as_ref().map(text),
            _ => None,
        }
    }
}
