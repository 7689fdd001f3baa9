//! `idds hpo what-if`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::hpo::{Forecast, Journal, Slowness, WhatIf as Plan};
use schemars::JsonSchema;
use serde::Serialize;

use super::run::factor;
use crate::cli::number::{concurrency, up_to, whole};
use crate::cli::output::Show;
use crate::cli::table::Table;
use crate::cli::{App, Exit, duration, examples};

/// How much longer than possible a search may take for the sake of smaller generations, of which the sampler learns more.
const TOLERANCE: f64 = 0.1;

/// The arguments of `idds hpo what-if`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds hpo what-if request-94/journal --concurrency 4,16,64",
    "idds hpo what-if request-94/journal --concurrency 16 --batch 16,32 --speculate 2",
))]
pub struct WhatIf {
    /// Journal of a search: the estimate is based on the durations of the points evaluated with it
    #[arg(value_name = "JOURNAL", value_hint = ValueHint::FilePath)]
    journal: PathBuf,

    /// Number of points evaluated in parallel, over all workers; several numbers are compared
    #[arg(short, long, value_name = "COUNT,…", value_delimiter = ',', default_value = "1,2,4,8,16", value_parser = concurrency)]
    concurrency: Vec<usize>,

    /// Number of points of one generation (num_points_per_iteration); several numbers are compared
    /// (default: the smallest that makes the search at most 10 % longer)
    #[arg(short, long, value_name = "COUNT,…", value_delimiter = ',', value_parser = up_to(i32::MAX as usize))]
    batch: Vec<usize>,

    /// Time limit of one evaluation (default: none)
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    evaluation_timeout: Option<Duration>,

    /// Number of attempts before a point counts as failed
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = whole::<u32>)]
    attempts: u32,

    /// Evaluate a point a second time when it takes FACTOR times longer than the median
    #[arg(long, value_name = "FACTOR", value_parser = factor)]
    speculate: Option<f64>,

    /// Time from the last loss of a generation to the next points (default: as recorded)
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    turnaround: Option<Duration>,

    /// Assume that slow evaluations were slow because of their points: a second one takes as long
    #[arg(long)]
    slow_points: bool,
}

/// What a search would take with other numbers.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ForecastRow {
    /// Number of points evaluated in parallel.
    pub concurrency: usize,
    /// Number of points of one generation.
    pub batch: usize,
    /// Number of all points.
    pub points: usize,
    /// Generations: how often the sampler learns from losses.
    pub generations: usize,
    /// Time from the first point to the last loss, in seconds.
    pub seconds: f64,
    /// Part of the time that the workers are busy, from 0 to 1.
    pub utilisation: f64,
    /// Evaluations begun.
    pub evaluations: usize,
    /// Evaluations begun for the second time because the first one was slow.
    pub speculative: usize,
    /// Points without a loss of their own, because all their evaluations failed or took too long.
    pub given_up: usize,
}

impl From<Forecast> for ForecastRow {
    fn from(forecast: Forecast) -> Self {
        let Forecast {
            workers: concurrency,
            batch,
            points,
            generations,
            evaluations,
            speculative,
            given_up,
            ..
        } = forecast;
        let (seconds, utilisation) = (forecast.makespan.as_secs_f64(), forecast.utilisation());
        Self {
            concurrency,
            batch,
            points,
            generations,
            seconds,
            utilisation,
            evaluations,
            speculative,
            given_up,
        }
    }
}

impl Show for [ForecastRow] {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let mut table = Table::new([
            "concurrency",
            "batch",
            "generations",
            "evaluations",
            "given up",
            "busy",
            "time",
        ]);
        for row in self {
            let count = |count: usize| (count as u64).into();
            let busy = format!("{:.0} %", row.utilisation * 100.0);
            let [concurrency, batch, generations] =
                [row.concurrency, row.batch, row.generations].map(count);
            let [evaluations, given_up] = [row.evaluations, row.given_up].map(count);
            let time =
                duration::shown(Duration::try_from_secs_f64(row.seconds).unwrap_or_default());
            table.row([
                concurrency,
                batch,
                generations,
                evaluations,
                given_up,
                busy.into(),
                time.into(),
            ]);
        }
        table.write(f)
    }
}

impl WhatIf {
    /// Runs the command.
    pub fn run(self, app: &App) -> Result<Exit> {
        let result = Journal::read(&self.journal)?;
        let mut rows = Vec::new();
        for concurrency in &self.concurrency {
            if self.batch.is_empty() {
                rows.extend(result.best_batch(&self.plan(*concurrency, 1), TOLERANCE));
            }
            rows.extend(
                self.batch
                    .iter()
                    .filter_map(|batch| result.what_if(&self.plan(*concurrency, *batch))),
            );
        }
        if rows.is_empty() {
            let journal = self.journal.display();
            return Err(Exit::Usage.because(format!(
                "{journal} has no finished evaluation to estimate times from"
            )));
        }
        let rows: Vec<ForecastRow> = rows.into_iter().map(ForecastRow::from).collect();
        app.print(rows.as_slice())?;
        Ok(Exit::Ok)
    }

    fn plan(&self, concurrency: usize, batch: usize) -> Plan {
        let mut plan = Plan::new(concurrency, batch).attempts(self.attempts);
        if let Some(limit) = self.evaluation_timeout {
            plan = plan.timeout(limit);
        }
        if let Some(factor) = self.speculate {
            plan = plan.speculate(factor);
        }
        if let Some(time) = self.turnaround {
            plan = plan.turnaround(time);
        }
        if self.slow_points {
            plan.slowness(Slowness::Point)
        } else {
            plan
        }
    }
}
