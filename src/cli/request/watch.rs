//! `idds request watch`.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use idds::workflow::python_json::repr;
use idds::workflow::{RequestId, printable};
use serde::Serialize;

use super::follow::{Follow, follow};
use super::{RequestRow, request_id};
use crate::cli::output::{Format, Show};
use crate::cli::progress::{ProgressLine, now};
use crate::cli::{App, Exit, duration, examples};

/// The arguments of `idds request watch`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds request watch 94 --timeout 12h",
    "idds request watch 94 --output json   # a line of JSON for each state",
))]
pub struct Watch {
    /// Id of the request
    #[arg(value_name = "REQUEST", value_parser = request_id)]
    request: RequestId,

    #[command(flatten)]
    rhythm: Rhythm,
}

/// For how long a request is followed, and how closely.
#[derive(Args, Clone, Copy, Debug)]
pub struct Rhythm {
    /// Time between two queries of the status
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration::parse)]
    interval: Duration,

    /// Stop waiting after this time (default: no limit)
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    timeout: Option<Duration>,
}

impl Rhythm {
    /// Returns when it is given up, if it begins now.
    pub fn deadline(self) -> Option<Instant> {
        Instant::now().checked_add(self.timeout?)
    }

    /// Returns what is left of it until this moment.
    pub fn left(self, end: Option<Instant>) -> Follow {
        Follow {
            interval: self.interval,
            timeout: end.map(|end| end.saturating_duration_since(Instant::now())),
        }
    }
}

impl Watch {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let client = app.client()?;
        let progress = ProgressLine::new(app, format!("request {}", self.request));
        let seen = |row: &RequestRow| {
            progress.aside(|| match app.options.output() {
                Format::Json => app.print_line(row),
                Format::Table | Format::Yaml => app.print(&State(std::slice::from_ref(row))),
            })
        };
        let followed = follow(
            app,
            &client,
            self.request,
            self.rhythm.left(self.rhythm.deadline()),
            &progress,
            seen,
        )
        .await?;
        Ok(followed.exit)
    }
}

/// A state of a request, in a line; in YAML the item of a list, so that all of them are one.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct State<'a>(&'a [RequestRow]);

impl Show for State<'_> {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        for row in self.0 {
            write!(f, "{} {}", now(), printable(&row.status))?;
            if let Some(substatus) = row
                .substatus
                .as_ref()
                .filter(|substatus| *substatus != "New")
            {
                write!(f, " ({})", printable(substatus))?;
            }
            if let Some(errors) = row.errors.as_ref().filter(|errors| has_message(errors)) {
                write!(f, " {}", repr(errors))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Says whether something went wrong: the server also writes `{"msg": ""}`.
fn has_message(errors: &serde_json::Value) -> bool {
    match errors {
        serde_json::Value::Null => false,
        serde_json::Value::String(text) => !text.is_empty(),
        serde_json::Value::Object(members) => members.values().any(has_message),
        _ => true,
    }
}
