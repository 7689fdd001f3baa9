//! `idds plan`: what a workflow would do on this machine.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf, absolute};

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::client::Client;
use idds::local::{ErrorKind, PlannedWork, RunPlan};
use idds::workflow::printable;
use schemars::JsonSchema;
use serde::Serialize;

use super::record::Record;
use super::sent::Object;
use super::steps::Steps;
use super::{DATABASE, Where, check, directory, here_only};
use crate::cli::output::Show;
use crate::cli::request::Source;
use crate::cli::storage::StorageOptions;
use crate::cli::table::{Cell, Table};
use crate::cli::{App, Exit, examples};

/// The arguments of `idds plan`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = concat!(
    examples!(
        "idds plan analysis.yaml",
        "idds plan analysis.yaml --output json | jq -r '.runs[].step'",
    ),
    "\n\nNothing is started and nothing is changed. What `idds run` has done already is not planned again, and what has\nfailed is: \
     the plan is what `idds run` would do now if every step ended as Finished."
))]
pub struct Plan {
    /// The workflow, as JSON or YAML
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Directory that keeps the state of `idds run` (default: .idds/FILE beside FILE)
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: Option<PathBuf>,

    #[command(flatten)]
    storage: StorageOptions,

    /// Batch system for the jobs, `slurm` or `hyperqueue`, or NAME of a section [on.NAME] of the configuration (default: this machine)
    #[arg(long, value_name = "NAME")]
    on: Option<String>,
}

/// What a workflow would do.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Planned {
    /// Steps that are done, and are not done again.
    pub done: Vec<String>,
    /// Steps that would run, in the order in which they would start.
    pub runs: Vec<PlannedStep>,
    /// What loops ask before they go on; one round of each is planned.
    pub loops: Vec<String>,
    /// Steps that can never start.
    pub never: Vec<NeverStarts>,
    /// State in which the request would end, such as `Finished`; null when it would wait for ever.
    pub status: Option<String>,
    /// Batch system that the jobs would go to, with its options; null for this machine.
    pub on: Option<String>,
}

/// A step that would run.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct PlannedStep {
    /// Name in the workflow; a step of a sub-workflow is called like `outer/inner`.
    pub step: String,
    /// Number of the round of the loop around it, from 1.
    pub round: u32,
    /// Number of its jobs, or of the files that it moves; null for a search, for a dataset that is not there yet, and for what goes on.
    pub jobs: Option<u64>,
    /// The step whose end starts it; null when it starts at once, and for what has begun.
    pub after: Option<String>,
    /// Whether it has begun: it goes on, or what failed of it is tried again.
    pub has_begun: bool,
    /// Seconds that it took in earlier runs; null where that is not known.
    pub seconds: Option<u64>,
}

/// A step that can never start.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct NeverStarts {
    /// Name in the workflow.
    pub step: String,
    /// Why.
    pub why: String,
}

impl Plan {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        here_only(app, "plan")?;
        let on = Where::find_named(app, self.on.as_deref())?;
        let source = Source::read(&self.file).await?;
        let workflow = source.workflow()?;
        let movers = self.storage.read()?;
        check(app, &source, &workflow, &movers)?;
        let file = absolute(&self.file)?;
        let directory = directory(self.directory.as_deref(), &file)?;
        let record = Record::find(&directory, &workflow, &self.file)?;
        // Nothing is sent: the address stands in no plan.
        let client = Client::builder("http://localhost").build()?;
        let metadata = record.metadata(&client, &workflow)?;
        let plan = RunPlan::of(
            metadata.get(),
            Some(&directory.join(DATABASE)),
            movers.storage.as_ref(),
            movers.rucio.is_some(),
        )
        .map_err(|error| unplanned(&error, &self.file))?;
        let planned = Planned {
            on: on.map(|on| on.to_string()),
            ..Planned::new(plan, &Steps::of(&workflow, &Object::of(&metadata)?))
        };
        app.print(&planned)?;
        Ok(Exit::Ok)
    }
}

/// Says why there is no plan.
fn unplanned(error: &idds::local::Error, file: &Path) -> anyhow::Error {
    match error.kind() {
        ErrorKind::InUse => Exit::Failure.because(format!(
            "{} is being run by another process, which shows what it does; a plan is made when it has ended",
            file.display()
        )),
        ErrorKind::Workflow => Exit::Refused.because(error.to_string()),
        _ => Exit::Failure.because(match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }),
    }
}

impl Planned {
    fn new(plan: RunPlan, steps: &Steps) -> Self {
        let step = |work: &PlannedWork| PlannedStep {
            step: steps.name(&work.id),
            round: work.round,
            jobs: work.jobs.map(|jobs| jobs as u64),
            after: work.after.as_deref().map(|id| steps.name(id)),
            has_begun: work.has_begun,
            seconds: work.seconds.map(|seconds| seconds.round() as u64),
        };
        let label = |step: &PlannedStep| match step.round {
            1 => step.step.clone(),
            round => format!("{}.{round}", step.step),
        };
        Self {
            done: plan.done.iter().map(|work| label(&step(work))).collect(),
            runs: plan.runs.iter().map(step).collect(),
            loops: plan.loops.iter().map(|asks| steps.in_words(asks)).collect(),
            never: plan
                .never
                .iter()
                .map(|(name, why)| NeverStarts {
                    step: steps.in_words(name),
                    why: steps.in_words(why),
                })
                .collect(),
            status: plan.status,
            on: None,
        }
    }
}

impl Planned {
    /// Returns how many seconds all of it takes where nothing waits for room; none where a step is not known.
    fn longest(&self) -> Option<u64> {
        let mut ends: HashMap<&str, u64> = HashMap::new();
        for step in &self.runs {
            let begins = match &step.after {
                Some(after) => ends.get(after.as_str()).copied().unwrap_or(0),
                None => 0,
            };
            let end = begins + step.seconds?;
            ends.insert(&step.step, end);
        }
        ends.into_values().max()
    }
}

impl Show for Planned {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let mut table = Table::new(["step", "starts", "jobs", "took before"]);
        for step in &self.done {
            let name = printable(step).into_owned();
            table.row([
                Cell::Text(name),
                Cell::Text("done already".into()),
                Cell::None,
                Cell::None,
            ]);
        }
        for step in &self.runs {
            let starts = match &step.after {
                Some(after) => format!("after {}", printable(after)),
                None if step.has_begun => "goes on".to_owned(),
                None => "at once".to_owned(),
            };
            let jobs = step.jobs.and_then(|jobs| i64::try_from(jobs).ok());
            table.row([
                Cell::Text(printable(&step.step).into_owned()),
                Cell::Text(starts),
                jobs.map_or(Cell::None, Cell::Number),
                step.seconds
                    .map_or(Cell::None, |seconds| Cell::Text(format!("{seconds} s"))),
            ]);
        }
        table.write(f)?;
        for asks in &self.loops {
            writeln!(f, "a loop goes on while {}", printable(asks))?;
        }
        for never in &self.never {
            writeln!(
                f,
                "{} can never start: {}",
                printable(&never.step),
                printable(&never.why)
            )?;
        }
        if let Some(seconds) = self.longest().filter(|seconds| *seconds > 0) {
            writeln!(
                f,
                "it takes about {seconds} s, as steps took before, where cores are free"
            )?;
        }
        if let (Some(on), false) = (&self.on, self.runs.is_empty()) {
            writeln!(f, "jobs go to {}", printable(on))?;
        }
        match &self.status {
            Some(status) if self.runs.is_empty() => writeln!(f, "{status}: nothing is left to do"),
            Some(status) => writeln!(f, "it ends as {status} if every step is Finished"),
            None => writeln!(f, "it would wait for ever"),
        }
    }
}
