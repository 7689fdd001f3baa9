//! `idds serve`.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueHint};
use idds::client::{Announcement, Client, RunningServers, Secret};
use idds::local::{Error, ErrorKind, Server};
use idds::view::View;
use rustix::fs::{FileType, Mode};
use schemars::JsonSchema;
use serde::Serialize;

use super::number::{port, whole};
use super::output::{Format, Show};
use super::run::Where;
use super::storage::StorageOptions;
use super::trouble::without_number;
use super::view::{page_beside, tell_page};
use super::{App, Exit, examples};

/// The arguments of `idds serve`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds serve --port 8443 --directory idds-data",
    "(umask 077; exec idds serve >serve.sh) & sleep 1; . ./serve.sh    # clients in this shell use it",
    "idds ping --host http://127.0.0.1:8443/idds    # your other shells find the token",
    "idds serve --like 2.6.21    # what hangs or fails there also does here",
))]
pub struct Serve {
    /// Port to listen on; 0 takes a free one
    #[arg(short, long, value_name = "PORT", default_value_t, value_parser = port)]
    port: u16,

    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,

    /// Run without a token: every user of this machine can use the server
    #[arg(long, conflicts_with = "allow_remote")]
    no_token: bool,

    /// Accept clients on other machines; they need the token, which is sent unencrypted
    #[arg(long)]
    allow_remote: bool,

    /// Name of this machine that clients on other machines use; may be repeated
    #[arg(long, value_name = "NAME", requires = "allow_remote", value_hint = ValueHint::Hostname)]
    host_name: Vec<String>,

    /// Directory for requests, points and files (default: a temporary one, deleted at the end)
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: Option<PathBuf>,

    /// Random seed of new searches: the same losses give the same points
    #[arg(long, value_name = "NUMBER", default_value_t, value_parser = whole::<u64>)]
    seed: u64,

    /// Imitate the defects of this version of iDDS that decide how a workflow ends
    #[arg(long, value_name = "VERSION", value_parser = ["2.6.21"])]
    like: Option<String>,

    /// Run the programs of works, in the current directory; so it is unless --no_token, --allow_remote or --like is given
    #[arg(long, conflicts_with_all = ["no_token", "like"])]
    programs: bool,

    /// Batch system for the jobs, `slurm` or `hyperqueue`, or NAME of a section [on.NAME] of the configuration (default: this machine)
    #[arg(
        long,
        value_name = "NAME",
        requires = "directory",
        conflicts_with = "no_programs"
    )]
    on: Option<String>,

    /// Run no programs: only searches, whose points others evaluate
    #[arg(long, conflicts_with = "programs")]
    no_programs: bool,

    /// Port of the page for a browser on this machine; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t, value_parser = port)]
    page_port: u16,

    #[command(flatten)]
    storage: StorageOptions,
}

/// A server that runs.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Served {
    /// Address for clients. It holds the token of the server, unless that has none: it is to be kept as a password is.
    pub url: String,
    /// Process that serves it.
    pub pid: u32,
    /// A file that the Python client is given for a certificate.
    pub proxy: String,
    /// Address of the page for a browser on this machine, with a token of its own; null when it could not be served.
    pub page: Option<String>,
}

impl Show for Served {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        // The Python client wants a way to authenticate, for this one a file that is not empty, and a configuration of the site
        // unless it is told that it is a client.
        let (url, proxy) = (&self.url, quoted(&self.proxy));
        writeln!(
            f,
            "export IDDS_HOST={url} IDDS_AUTH_TYPE=x509_proxy X509_USER_PROXY={proxy} IDDS_CLIENT_MODE=1"
        )
    }
}

impl Serve {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let mut builder = Server::builder()
            .bind(SocketAddr::new(self.address, self.port))
            .seed(self.seed);
        if self.allow_remote {
            builder = builder.allow_remote();
        }
        if self.no_token {
            builder = builder.without_token();
        }
        for name in &self.host_name {
            builder = builder.host_name(name);
        }
        if self.like.is_some() {
            builder = builder.like_2_6_21();
        }
        if let Some(directory) = &self.directory {
            if directory.exists() && !directory.is_dir() {
                let what = format!(
                    "{} is a file; --directory names a directory",
                    directory.display()
                );
                return Err(Exit::Usage.because(what));
            }
            builder = builder.database(directory.join("idds.sqlite3"));
        }
        if self.runs_programs() {
            builder = builder.programs(std::env::current_dir()?);
            if let Some(on) = Where::find_named(app, self.on.as_deref())? {
                builder = on.set(builder);
            }
        }
        let movers = self.storage.read()?;
        if movers.are_there() && self.no_token {
            let what = "a server that moves data has a token; leave --no_token, or --storage and --rucio, out";
            return Err(Exit::Usage.because(what));
        }
        builder = movers.of(builder);
        let wanted = app.interrupt.wanted();
        let server = builder.start().await.map_err(|error| match error.kind() {
            ErrorKind::Remote => {
                let what = format!(
                    "{} can be reached from other machines; give --allow_remote to allow that",
                    self.address
                );
                Exit::Usage.because(what)
            }
            _ => self.trouble(&error.to_string(), &error.into()),
        })?;
        let announcement = announced(app, &server);
        let (url, shown) = (server.url(), server.url_without_token());
        app.note(format_args!(
            "iDDS is running at {shown}; stop it with Ctrl-C. To use it from a shell (commands and Python clients), run there:"
        ));
        // As JSON, the page is told with its token.
        if server.token().is_some() || app.options.output() != Format::Table {
            keep_from_others(app);
        }
        let proxy = self.proxy(&server)?;
        let view = page_beside(app, Client::builder(server.url()).build()?, self.page_port).await?;
        app.print(&Served {
            url,
            pid: std::process::id(),
            proxy: proxy.display().to_string(),
            page: view.as_ref().map(View::url),
        })?;
        if let Some(view) = &view {
            tell_page(app, &view.url());
        }
        wanted.await;
        if let Some(view) = view {
            view.shutdown().await;
        }
        // As long as it is there, clients show the token to what listens at the port.
        drop(announcement);
        app.note("the server has stopped");
        server.shutdown().await;
        Ok(Exit::Ok)
    }

    /// Tells whether works may start programs: whoever has the token runs them as the user of this server, so it has to be one that
    /// nobody else reads on its way.
    fn runs_programs(&self) -> bool {
        let is_trusted = !self.no_token && !self.allow_remote && self.like.is_none();
        self.programs || is_trusted && !self.no_programs
    }

    /// Writes what the Python client is given for a certificate, and returns where it is.
    fn proxy(&self, server: &Server) -> Result<PathBuf> {
        let directory = match &self.directory {
            Some(directory) => std::path::absolute(directory)?,
            None => server
                .temporary_directory()
                .map_or_else(std::env::temp_dir, Path::to_owned),
        };
        let path = directory.join("client-proxy");
        std::fs::write(
            &path,
            "no certificate: the server of `idds serve` requires its token alone\n",
        )
        .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(path)
    }

    /// Says why it cannot be served so, in the words of the system, and what to give instead.
    fn trouble(&self, what: &str, error: &anyhow::Error) -> anyhow::Error {
        let io = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<io::Error>());
        let local = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<Error>());
        let (address, port) = (self.address, self.port);
        let text = match (local.map(Error::kind), io.map(io::Error::kind)) {
            (Some(ErrorKind::Address), Some(io::ErrorKind::AddrInUse)) => {
                format!(
                    "another program listens on port {port} of {address}; give another --port, or none for a free one"
                )
            }
            (Some(ErrorKind::Address), Some(io::ErrorKind::PermissionDenied)) => {
                format!(
                    "only the administrator can listen on port {port}; give a --port from 1024 on"
                )
            }
            (Some(ErrorKind::Address), Some(io::ErrorKind::AddrNotAvailable)) => {
                format!(
                    "{address} is no address of this machine; give another --address, or none for 127.0.0.1"
                )
            }
            (Some(ErrorKind::InUse), _) => {
                format!("{what}; stop that server, or give another --directory")
            }
            (Some(ErrorKind::Foreign), _) => {
                format!("{what}; it was not changed: give another --directory")
            }
            (Some(ErrorKind::Jobs), _) => {
                let why = error.chain().nth(1).map(|why| format!(": {why}"));
                format!(
                    "{what}{}; --no_programs serves searches alone",
                    why.unwrap_or_default()
                )
            }
            (Some(ErrorKind::Token), _) => format!("{what}{}", because(io)),
            (Some(ErrorKind::Address), _) => {
                format!("{what}{}; give another --port or --address", because(io))
            }
            _ => format!("{what}{}; give another --directory", because(io)),
        };
        Exit::Failure.because(text)
    }
}

/// Tells the commands of this user where the server is, and its token.
pub fn announced(app: &App, server: &Server) -> Option<Announcement> {
    let servers = RunningServers::of(&app.options.configuration().ok()?);
    let token = server.token().map(Secret::new);
    match servers?.announce(server.local_addr(), token.as_ref()) {
        Ok(announcement) => Some(announcement),
        Err(error) => {
            let why = error
                .source()
                .map(|source| format!(": {}", without_number(&source.to_string())))
                .unwrap_or_default();
            app.note(format_args!(
                "note: {error}{why}; only clients with the complete address can use it"
            ));
            None
        }
    }
}

/// Keeps the file that standard output is from other users before the token is written into it.
///
/// The shell has made it as the user's mask lets, so mostly for everybody to read.
pub fn keep_from_others(app: &App) {
    let stdout = io::stdout();
    let Ok(stat) = rustix::fs::fstat(&stdout) else {
        return;
    };
    let mode = Mode::from_raw_mode(stat.st_mode);
    let others = Mode::RWXG | Mode::RWXO;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || !mode.intersects(others) {
        return;
    }
    match rustix::fs::fchmod(&stdout, mode - others) {
        Ok(()) => app.note("note: the line contains the token, so the file now has mode 0600; with `umask 077` it has that mode from the beginning"),
        Err(error) => {
            let why = without_number(&error.to_string());
            app.note(format_args!("note: other users can read the file with that line and its token: {why}"));
        }
    }
}

fn because(io: Option<&io::Error>) -> String {
    io.map(|io| format!(": {io}")).unwrap_or_default()
}

/// Writes a text as one word of a shell.
fn quoted(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/._-+:@,".contains(char);
    if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        assert_eq!(quoted("/home/me/data-1"), "/home/me/data-1");
        assert_eq!(quoted("/tmp/it's here"), r"'/tmp/it'\''s here'");
    }
}
