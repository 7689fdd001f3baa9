//! `idds view`.

use std::fmt;
use std::io;

use anyhow::Result;
use clap::Args;
use idds::client::{Client, ErrorKind};
use idds::view::{Error, View};
use rustix::fs::{FileType, Mode};
use schemars::JsonSchema;
use serde::Serialize;

use super::number::port;
use super::output::Show;
use super::serve::keep_from_others;
use super::{App, Exit, examples};

/// The arguments of `idds view`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds view    # the server of your configuration, or your own `idds serve` or `idds run`",
    "idds view --host https://iddsserver.cern.ch:443/idds --port 8500",
))]
pub struct ViewArgs {
    /// Port of the page on this machine; 0 takes a free one
    #[arg(short, long, value_name = "PORT", default_value_t, value_parser = port)]
    port: u16,
}

/// A page that is served.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Viewed {
    /// Address of the page for a browser on this machine. It holds the token of the page: it is to be kept as a password is.
    pub page: String,
    /// The server that it shows.
    pub host: String,
}

impl Show for Viewed {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "{}", self.page)
    }
}

impl ViewArgs {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let client = app.client()?;
        // Who is not let in is told so here, and not by a page.
        match client.ping().await {
            Err(error) if error.kind() != ErrorKind::Unsupported => return Err(error.into()),
            _ => {}
        }
        let host = client.host().to_owned();
        let wanted = app.interrupt.wanted();
        let view = View::builder(client).port(self.port).start().await;
        let view = view.map_err(|error| trouble(&error, "--port"))?;
        app.note(format_args!(
            "the page of {host} is served to browsers on this machine; stop it with Ctrl-C. Its address:"
        ));
        keep_from_others(app);
        app.print(&Viewed {
            page: view.url(),
            host,
        })?;
        wanted.await;
        view.shutdown().await;
        app.note("the page is closed");
        Ok(Exit::Ok)
    }
}

/// Serves the page of a server of this process, and says so when it cannot: the server runs all the same.
pub async fn page_beside(app: &App, client: Client, port: u16) -> Result<Option<View>> {
    match View::builder(client).port(port).for_owners().start().await {
        Ok(view) => Ok(Some(view)),
        // Who asks for a port wants the page there.
        Err(error) if port != 0 => Err(trouble(&error, "--page_port")),
        Err(error) => {
            let error = anyhow::Error::new(error);
            app.note(format_args!("note: there is no page: {error:#}"));
            Ok(None)
        }
    }
}

/// Tells where a page is on standard error, unless that is a file which others can read: the address has the token of the page.
pub fn tell_page(app: &App, address: &str) {
    let stat = rustix::fs::fstat(io::stderr());
    let is_open = stat.is_ok_and(|stat| {
        let mode = Mode::from_raw_mode(stat.st_mode);
        FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
            && mode.intersects(Mode::RGRP | Mode::ROTH)
    });
    match is_open {
        true => {
            app.note(
                "in a browser: `idds view` prints an address; this file can be read by others",
            );
        }
        false => app.note(format_args!("in a browser: {address}")),
    }
}

/// Says why the page cannot be served, and what to give instead.
fn trouble(error: &Error, option: &str) -> anyhow::Error {
    let next = match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there",
        io::ErrorKind::PermissionDenied => "only the administrator can listen there",
        _ => "the system refuses it",
    };
    Exit::Failure.because(format!(
        "{error}: {next}; give another {option}, or none for a free one"
    ))
}
