//! `idds workflow check`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::workflow::{Server, Severity};

use crate::cli::request::{Finding, Findings, Source};
use crate::cli::storage::{self, StorageOptions};
use crate::cli::{App, Exit, containers, examples};

/// The arguments of `idds workflow check`.
#[derive(Args, Debug)]
#[command(after_help = concat!(
    examples!(
        "idds workflow check search.yaml --strict",
        "idds workflow check search.yaml --embedded    # for `idds serve`",
    ),
    "\n\nThe exit code is 2 when the definition is wrong, 4 when the server would not do it as written, and 0\notherwise."
))]
pub struct Check {
    /// Workflow definition in YAML, JSON or the wire form; - reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,

    /// Check for the embedded server of `idds serve` instead of iDDS
    #[arg(long, conflicts_with = "server_version")]
    embedded: bool,

    #[command(flatten)]
    storage: StorageOptions,
}

/// Most steps of which it is told where they can run.
const MOST_PLACES: usize = 100;

impl Check {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let movers = self.storage.read()?;
        if movers.are_there() && !self.embedded {
            let what = "--storage and --rucio are for the embedded server: give --embedded, too";
            return Err(Exit::Usage.because(what));
        }
        let server = if self.embedded {
            Server::Embedded
        } else {
            app.options.server()
        };
        let source = Source::read(&self.file).await?;
        let document = source.document();
        let mut places = Vec::new();
        let (findings, exit) = match document.workflow() {
            Err(error) => (
                error.problems().iter().map(Finding::from).collect(),
                Exit::Usage,
            ),
            Ok(workflow) => {
                let (mut findings, _) = Finding::of(&workflow, &document, server);
                storage::settle(&mut findings, &workflow, &source, &movers);
                if self.embedded {
                    containers::look_for(&mut findings, &workflow, &source);
                }
                let limit = if self.strict {
                    Severity::Warning
                } else {
                    Severity::Error
                };
                places = workflow.places();
                let is_as_bad = findings.iter().any(|finding| match limit {
                    Severity::Warning => finding.is_bad(),
                    _ => finding.severity == limit.to_string(),
                });
                (findings, if is_as_bad { Exit::Refused } else { Exit::Ok })
            }
        };
        let findings = Findings {
            findings,
            source: &source,
        };
        app.print(&findings)?;
        for place in places.iter().take(MOST_PLACES) {
            app.note(place);
        }
        if let more @ 1.. = places.len().saturating_sub(MOST_PLACES) {
            app.note(format_args!("and {more} more steps"));
        }
        let count = findings.count();
        match exit {
            Exit::Usage => app.note(count),
            _ if count.is_empty() => app.note(format_args!(
                "checked for {server}: nothing is wrong with it"
            )),
            _ => app.note(format_args!("checked for {server}: {count}")),
        }
        Ok(exit)
    }
}
