//! What became of a search, as it is printed.

use std::borrow::Cow;
use std::fmt;

use idds::hpo::{Loss, SearchResult, Stage, StopReason, TrialRecord, report};
use idds::workflow::printable;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Point;
use crate::cli::output::Show;
use crate::cli::{Exit, output};

/// How many of the best points people are shown.
const BEST: usize = 5;

/// How many of the points that could not be evaluated people are shown, and how many characters of each reason.
const FAILED: usize = 20;
const REASON: usize = 500;

/// What became of a search.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct SearchRow {
    /// Id of its request.
    pub request_id: u64,
    /// Why it is over, in words such as `the server says Finished`.
    pub stop: String,
    /// Number of points that appeared.
    pub points: usize,
    /// Number of those with a loss.
    pub evaluated: usize,
    /// Points that could not be evaluated here, and why.
    pub failed: Vec<FailedPoint>,
    /// The best point; null when none has a loss.
    pub best: Option<Point>,
    /// How long it took, in seconds, all runs with this journal included.
    pub seconds: f64,
    #[serde(skip)]
    #[schemars(skip)]
    table: String,
    #[serde(skip)]
    #[schemars(skip)]
    is_over: bool,
}

/// A point that could not be evaluated.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct FailedPoint {
    /// Its name within its request.
    pub id: String,
    /// What went wrong in the last attempt.
    pub why: String,
    /// The loss that was reported for it nevertheless; null for none.
    pub loss: Option<f64>,
}

impl SearchRow {
    /// Sums up a search.
    pub fn new(result: &SearchResult) -> Self {
        let failed = result
            .trials
            .iter()
            .filter(|trial| has_failed(trial))
            .map(|trial| FailedPoint {
                id: trial.id.to_string(),
                why: trial
                    .made_up
                    .as_deref()
                    .or(trial.failure())
                    .unwrap_or_default()
                    .to_owned(),
                loss: trial.loss.map(Loss::get),
            });
        let best = result.best_trial().map(|trial| Point {
            id: trial.id.to_string(),
            parameters: trial.parameters.clone(),
            loss: trial
                .loss
                .map_or(Value::Null, |loss| result.direction.value(loss).into()),
        });
        Self {
            request_id: result.request.get(),
            stop: reason(result),
            points: result.trials.len(),
            evaluated: result
                .trials
                .iter()
                .filter(|trial| trial.loss.is_some())
                .count(),
            failed: failed.collect(),
            best,
            seconds: result.elapsed.as_secs_f64(),
            is_over: result.stop != StopReason::Unfinished,
            table: match output::width() {
                Some(columns) => report::best_points_within(result, BEST, columns),
                None => report::best_points(result, BEST),
            },
        }
    }

    /// Says in one line how far it came.
    pub fn headline(&self) -> String {
        let Self {
            request_id,
            stop,
            points,
            evaluated,
            is_over,
            ..
        } = self;
        let over = if *is_over {
            "the search is over, as "
        } else {
            ""
        };
        format!("request {request_id}: {evaluated} of {points} points have a loss; {over}{stop}")
    }
}

impl Show for SearchRow {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        if self.best.is_some() {
            writeln!(f, "{}", self.table)?;
        }
        for FailedPoint { id, why, .. } in self.failed.iter().take(FAILED) {
            writeln!(
                f,
                "point {} could not be evaluated: {}",
                printable(id),
                printable(&shortened(why))
            )?;
        }
        let more = self.failed.len().saturating_sub(FAILED);
        if more > 0 {
            writeln!(f, "and {more} more points could not be evaluated")?;
        }
        Ok(())
    }
}

fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(REASON) {
        Some((at, _)) => format!("{} …", &text[..at]).into(),
        None => text.into(),
    }
}

/// Says whether a point was given up here.
fn has_failed(trial: &TrialRecord) -> bool {
    trial.made_up.is_some() || trial.stage == Stage::LeftOpen
}

fn reason(result: &SearchResult) -> String {
    let stop = match result.stop {
        StopReason::Finished => "the server says Finished".to_owned(),
        StopReason::Ended(status) => format!("the server says {status}"),
        StopReason::MaxPoints => "the limit of points was reached".to_owned(),
        StopReason::TargetReached => "the target was reached".to_owned(),
        StopReason::NoImprovement => "there was no improvement for long enough".to_owned(),
        StopReason::Timeout => "the time limit was reached".to_owned(),
        StopReason::ServerSilent => silence(result),
        StopReason::NothingWorks => "evaluations failed".to_owned(),
        StopReason::Trouble => "a problem occurred that is not the fault of a point".to_owned(),
        StopReason::EvaluationFailed => "a point could not be evaluated".to_owned(),
        StopReason::Interrupted => "it was interrupted".to_owned(),
        StopReason::Error => "a call to the server failed".to_owned(),
        StopReason::Unfinished => "it is running, or was killed".to_owned(),
        other => format!("{other:?}"),
    };
    match &result.error {
        Some(error) => format!("{stop}: {}", printable(error)),
        None => stop,
    }
}

/// Says what the server did not do.
fn silence(result: &SearchResult) -> String {
    let left: Vec<_> = result
        .awaited()
        .iter()
        .map(|trial| trial.id.to_string())
        .collect();
    match left.as_slice() {
        [] if result.trials.is_empty() => {
            "the server has proposed no points for too long (--silence)".to_owned()
        }
        [] => "the server has proposed no further points for too long (--silence)".to_owned(),
        [first] => {
            format!("the server waits for the loss of point {first}, which was left open")
        }
        [first, ..] => format!(
            "the server waits for losses of {} points, such as point {first}",
            left.len()
        ),
    }
}

/// Returns the exit code that says how a search ended.
pub fn exit(result: &SearchResult) -> Exit {
    match result.stop {
        StopReason::Ended(_) => Exit::RequestFailed,
        StopReason::Timeout | StopReason::ServerSilent => Exit::Timeout,
        StopReason::EvaluationFailed => Exit::EvaluationFailed,
        StopReason::Interrupted => Exit::Interrupted,
        _ if result.trials.iter().any(has_failed) => Exit::EvaluationFailed,
        _ => Exit::Ok,
    }
}

/// Puts the first cause of an error into its line, where the error alone says only what it stopped.
pub fn with_reason(error: anyhow::Error) -> anyhow::Error {
    match error.chain().nth(1) {
        Some(cause) => {
            let line = format!("{error}: {cause}");
            error.context(line)
        }
        None => error,
    }
}
