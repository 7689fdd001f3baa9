//! `idds request why`.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::client::{Client, TransformId};
use idds::local::{self, ErrorKind};
use idds::view::{Progress, StepProgress};
use idds::workflow::{RequestId, RequestStatus, printable};
use schemars::JsonSchema;
use serde::Serialize;

use super::target::{request_id, unknown};
use crate::cli::output::Show;
use crate::cli::run::{self, Steps};
use crate::cli::table::{Cell, Table};
use crate::cli::{App, Exit, examples};

/// The arguments of `idds request why`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = concat!(
    examples!(
        "idds request why 1",
        "idds request why 1 merge                          # one step: its name, id, task or transform",
        "idds request why 1 --directory .idds/chain.yaml   # of an `idds run` that has ended",
    ),
    "\n\nThe embedded server says what its engine knows. Of an iDDS server it is put together from the states, counts\nand errors that it tells."
))]
pub struct Why {
    /// Id of the request
    #[arg(value_name = "REQUEST", value_parser = request_id)]
    request: RequestId,

    /// Step: its name, its id, its task, or the number of its transform (default: all steps)
    #[arg(value_name = "STEP")]
    step: Option<String>,

    /// Directory of an `idds run` that has ended, such as .idds/FILE; asks no server
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: Option<PathBuf>,
}

/// Why the steps of a request are no further.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct WhyReport {
    /// Id of the request.
    pub request_id: u64,
    /// State of the request, such as `Transforming`.
    pub status: String,
    /// Why the request is no further; null where its steps tell.
    pub why: Option<String>,
    /// The steps in the order of the workflow: once for each time that one has started, and those that have not.
    pub steps: Vec<WhyRow>,
    /// Number of steps that are left out, as there are too many.
    pub left_out: u64,
}

/// Why a step is no further.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct WhyRow {
    /// Name in the workflow, where it is known; else what it runs, or its id.
    pub step: String,
    /// Id in the request.
    pub id: String,
    /// Number of the round of the loop around it, from 1.
    pub round: u32,
    /// Id of its transform; null when it has not started.
    pub transform_id: Option<u64>,
    /// State of its transform, such as `Transforming`; `New` when it has not started.
    pub status: String,
    /// Why it has not started, is held or has failed, or what it waits for, with numbers.
    pub why: String,
}

impl Why {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let mut report = match &self.directory {
            Some(directory) => of_directory(directory, self.request)?,
            None => of_server(&app.client()?, self.request).await?,
        };
        if let Some(step) = &self.step {
            report.keep(step)?;
        }
        app.print(&report)?;
        Ok(Exit::Ok)
    }
}

/// Asks a server.
pub async fn of_server(client: &Client, request: RequestId) -> Result<WhyReport> {
    let told = Progress::of(client, request).await?;
    let told = told.ok_or_else(|| unknown(request.into()))?;
    Ok(WhyReport {
        request_id: told.request_id.get(),
        status: told.status,
        why: told.why,
        left_out: told.left_out,
        steps: told.steps.into_iter().map(WhyRow::from).collect(),
    })
}

/// Reads the directory of an `idds run` that has ended.
fn of_directory(directory: &Path, request: RequestId) -> Result<WhyReport> {
    let (steps, database) = run::kept(directory)?;
    let number = i64::try_from(request.get()).unwrap_or(i64::MAX);
    let told = local::Explanation::of(&database, number)
        .map_err(|error| unread(&error, directory))?
        .ok_or_else(|| {
            Exit::NotFound.because(format!("{} has no request {request}", directory.display()))
        })?;
    let mut report = WhyReport {
        request_id: request.get(),
        status: told.status,
        why: told.why,
        left_out: told.left_out as u64,
        steps: told.steps.into_iter().map(WhyRow::from).collect(),
    };
    let is_over = RequestStatus::from_name(&report.status).is_some_and(RequestStatus::is_terminal);
    if !is_over && report.why.is_none() {
        report.why = Some("nothing runs it now; the same `idds run` goes on with it".to_owned());
    }
    if let Some(steps) = steps {
        report.name(&steps);
    }
    Ok(report)
}

/// Says why the database of a directory cannot be read.
fn unread(error: &local::Error, directory: &Path) -> anyhow::Error {
    match error.kind() {
        ErrorKind::InUse => Exit::Failure.because(format!(
            "{} is being run, and the server of the run answers itself: leave --directory out",
            directory.display()
        )),
        _ => Exit::Failure.because(match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }),
    }
}

impl WhyReport {
    /// Keeps one step only.
    fn keep(&mut self, step: &str) -> Result<()> {
        self.found(step)?;
        self.steps.retain(|row| row.is(step));
        Ok(())
    }

    /// Finds the rows of a step; there is at least one.
    pub fn found(&self, step: &str) -> Result<Vec<&WhyRow>> {
        let found: Vec<_> = self.steps.iter().filter(|row| row.is(step)).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let mut names: Vec<_> = self
            .steps
            .iter()
            .map(|row| printable(&row.step).into_owned())
            .collect();
        names.dedup();
        let more = names.len().saturating_sub(MOST_NAMED);
        names.truncate(MOST_NAMED);
        let more = match more {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Err(Exit::NotFound.because(format!(
            "request {} has no step {}; it has {}{more}",
            self.request_id,
            printable(step),
            names.join(", ")
        )))
    }

    /// Calls steps by the names that the definition of the workflow has for them.
    fn name(&mut self, steps: &Steps) {
        for row in &mut self.steps {
            if steps.name(&row.id) != row.id {
                row.step = steps.name(&row.id);
            }
            if row.transform_id.is_none() {
                row.why = steps.in_words(&row.why);
            }
        }
        self.why = self.why.take().map(|why| steps.named(&why));
    }
}

/// Most steps that are named when another one was asked for.
const MOST_NAMED: usize = 20;

impl WhyRow {
    /// Tells whether this is the step of this name, id, task or transform.
    fn is(&self, step: &str) -> bool {
        let is_transform = step.parse() == Ok(self.transform_id.unwrap_or(0));
        self.step == step || self.id == step || is_transform
    }

    /// Returns its name, with the number of the round where it ran before.
    pub fn label(&self) -> String {
        match self.round {
            1 => self.step.clone(),
            round => format!("{}.{round}", self.step),
        }
    }

    fn of(id: String, name: String, what: Option<String>) -> Self {
        Self {
            // An id says nothing to a reader.
            step: match what {
                Some(what) if name == id || name.is_empty() => what,
                _ => name,
            },
            id,
            round: 1,
            transform_id: None,
            status: String::new(),
            why: String::new(),
        }
    }
}

impl From<StepProgress> for WhyRow {
    fn from(step: StepProgress) -> Self {
        Self {
            step: step.step,
            id: step.id,
            round: step.round,
            transform_id: step.transform_id.map(TransformId::get),
            status: step.status,
            why: step.why,
        }
    }
}

impl From<local::ExplainedStep> for WhyRow {
    fn from(step: local::ExplainedStep) -> Self {
        Self {
            round: step.round,
            transform_id: step.transform_id.and_then(|id| u64::try_from(id).ok()),
            status: step.status,
            why: step.why,
            ..Self::of(step.id, step.name, step.what)
        }
    }
}

impl Show for WhyReport {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let mut table = Table::new(["step", "state", "why"]);
        for row in &self.steps {
            table.row([
                Cell::Text(printable(&row.label()).into_owned()),
                Cell::Styled(row.status.clone(), run::style(&row.status)),
                Cell::Text(printable(&row.why).into_owned()),
            ]);
        }
        table.write(f)?;
        if self.left_out > 0 {
            writeln!(f, "{} more steps are left out", self.left_out)?;
        }
        write!(
            f,
            "request {} is {}",
            self.request_id,
            printable(&self.status)
        )?;
        if let Some(why) = &self.why {
            write!(f, ": {}", printable(why))?;
        }
        writeln!(f)
    }
}
