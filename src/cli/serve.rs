//! `idds serve`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueHint};
use idds::local::{ErrorKind, Server};
use schemars::JsonSchema;
use serde::Serialize;

use super::output::Show;
use super::{App, Exit, examples};

/// The arguments of `idds serve`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds serve --port 8443 --directory idds-data",
    "idds serve >serve.sh & sleep 1; . ./serve.sh    # clients of this shell use it",
))]
pub struct Serve {
    /// Port to listen on; a free one unless set
    #[arg(short, long, value_name = "PORT", default_value_t)]
    port: u16,

    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,

    /// Let other machines in: nobody is asked who they are, and everybody can read and change everything
    #[arg(long)]
    allow_remote: bool,

    /// Directory that keeps requests, points and files; everything is lost at the end unless set
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: Option<PathBuf>,

    /// Seed of new searches: the same losses give the same points
    #[arg(long, value_name = "NUMBER", default_value_t)]
    seed: u64,
}

/// A server that runs.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Served {
    /// Address for clients.
    pub url: String,
    /// Process that serves it.
    pub pid: u32,
}

impl Show for Served {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "export IDDS_HOST={} IDDS_AUTH_TYPE=none", self.url)
    }
}

impl Serve {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let mut builder = Server::builder().bind(SocketAddr::new(self.address, self.port)).seed(self.seed);
        if self.allow_remote {
            builder = builder.allow_remote();
        }
        if let Some(directory) = &self.directory {
            std::fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))?;
            builder = builder.database(directory.join("idds.sqlite3"));
        }
        let wanted = app.interrupt.wanted();
        let server = builder.start().await.map_err(|error| match error.kind() {
            ErrorKind::Remote => {
                let what = format!(
                    "{} can be reached from other machines, whoever they are; give --allow_remote if that is right",
                    self.address
                );
                Exit::Usage.because(what)
            }
            _ => super::hpo::with_reason(error.into()),
        })?;
        let url = server.url();
        app.note(format_args!("an iDDS is at {url}; Ctrl-C ends it. Clients find it after:"));
        app.print(&Served { url, pid: std::process::id() })?;
        wanted.await;
        app.note("the server ends");
        server.shutdown().await;
        Ok(Exit::Ok)
    }
}
