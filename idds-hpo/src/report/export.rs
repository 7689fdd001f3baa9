//! The data of a search for other programs.

use serde_json::{Map, Value, json};

use super::columns::{Column, columns, text};
use crate::{SearchResult, Stage, TrialRecord};

/// Returns all points as CSV (RFC 4180), one a line: what became of them, times in seconds since the start of the search,
/// and their parameters.
pub fn csv(result: &SearchResult) -> String {
    let parameters = columns(&result.trials);
    let fixed = [
        "point",
        "stage",
        "loss",
        "value",
        "made_up",
        "foreign",
        "stopped_at",
        "attempts",
        "failure",
        "started",
        "ended",
    ];
    let mut table = String::new();
    let header = fixed.iter().map(|name| (*name).to_owned());
    line(&mut table, header.chain(parameters.iter().map(|column| column.name.clone())));
    for (row, trial) in result.trials.iter().enumerate() {
        let seconds = |time: Option<std::time::Duration>| time.map(|time| time.as_secs_f64().to_string());
        let last = trial.evaluations.last();
        let cells = [
            Some(trial.id.to_string()),
            Some(stage(trial.stage).to_owned()),
            trial.loss.map(|loss| loss.to_string()),
            trial.loss.map(|loss| result.direction.value(loss).to_string()),
            trial.made_up.clone(),
            Some(trial.is_foreign.to_string()),
            trial.stopped_at.map(|step| step.to_string()),
            Some(trial.attempts().to_string()),
            trial.failure().map(str::to_owned),
            seconds(last.map(|evaluation| evaluation.started)),
            seconds(last.and_then(|evaluation| evaluation.ended)),
        ];
        let value = |column: &Column| column.values[row].as_ref().map(text).unwrap_or_default();
        line(&mut table, cells.map(Option::unwrap_or_default).into_iter().chain(parameters.iter().map(value)));
    }
    table
}

/// Returns everything that is known of a search as JSON, times in seconds since its start.
pub fn json(result: &SearchResult) -> Value {
    json!({
        "request": result.request,
        "direction": result.direction,
        "stop": result.stop,
        "elapsed": result.elapsed.as_secs_f64(),
        "trials": result.trials.iter().map(trial).collect::<Vec<_>>(),
    })
}

fn trial(trial: &TrialRecord) -> Value {
    let evaluations = trial.evaluations.iter().map(|evaluation| {
        let mut members = Map::new();
        members.insert("slot".to_owned(), json!(evaluation.slot));
        members.insert("started".to_owned(), json!(evaluation.started.as_secs_f64()));
        members.insert("ended".to_owned(), json!(evaluation.ended.map(|ended| ended.as_secs_f64())));
        members.insert("failure".to_owned(), json!(evaluation.failure));
        let told = evaluation.intermediate.iter().map(|value| json!([value.step, value.loss]));
        members.insert("intermediate".to_owned(), told.collect());
        Value::Object(members)
    });
    json!({
        "point": trial.id,
        "parameters": trial.parameters,
        "stage": stage(trial.stage),
        "loss": trial.loss,
        "made_up": trial.made_up,
        "foreign": trial.is_foreign,
        "stopped_at": trial.stopped_at,
        "evaluations": evaluations.collect::<Vec<_>>(),
    })
}

pub(super) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Open => "open",
        Stage::Leased => "leased",
        Stage::Evaluated => "evaluated",
        Stage::Reported => "reported",
        Stage::Confirmed => "confirmed",
        Stage::LeftOpen => "left open",
    }
}

fn line(table: &mut String, cells: impl Iterator<Item = String>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            table.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            table.push('"');
            table.push_str(&cell.replace('"', "\"\""));
            table.push('"');
        } else {
            table.push_str(&cell);
        }
    }
    table.push_str("\r\n");
}
