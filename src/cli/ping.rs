//! `idds ping`.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::output::Show;
use super::{App, Exit, examples};

/// Time for an answer: a person who asks whether a server is there does not wait for minutes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The arguments of `idds ping`.
#[derive(Args, Debug)]
#[command(after_help = examples!("idds ping --host https://iddsserver.cern.ch:443/idds"))]
pub struct Ping {}

/// A server that is there and lets this user in.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Pong {
    /// Its address.
    pub host: String,
    /// `OK`.
    pub status: &'static str,
    /// How long the answer took.
    pub milliseconds: u64,
}

impl Show for Pong {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(
            f,
            "{}: {}, {} ms",
            self.host, self.status, self.milliseconds
        )
    }
}

impl Ping {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let client = app.client()?.within(PATIENCE);
        let start = Instant::now();
        client.ping().await?;
        let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        app.print(&Pong {
            host: client.host().to_owned(),
            status: "OK",
            milliseconds,
        })?;
        Ok(Exit::Ok)
    }
}
