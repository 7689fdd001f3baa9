//! The data of a search for other programs.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::columns::{self, Column};
use crate::{Loss, SearchResult, Stage, TrialRecord};

/// How many parameters have a column of their own; those that the fewest points have are in one column together.
const MOST_COLUMNS: usize = 1000;

/// How many cells a table has, unless it has few columns: what most points lack would fill it with nothing.
const MOST_CELLS: usize = 20_000_000;
const FEWEST_COLUMNS: usize = 50;

/// The values of one column, none where a point has none.
pub(super) enum Cells {
    Flags(Vec<Option<bool>>),
    Integers(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
}

/// Returns the columns of the table of all points: what became of them, and their parameters.
pub(super) fn table(result: &SearchResult) -> Vec<(String, Cells)> {
    let trials = || result.trials.iter();
    let last = |trial: &TrialRecord| trial.evaluations.last().cloned();
    let texts =
        |of: &dyn Fn(&TrialRecord) -> Option<String>| Cells::Texts(trials().map(of).collect());
    let numbers =
        |of: &dyn Fn(&TrialRecord) -> Option<f64>| Cells::Numbers(trials().map(of).collect());
    let integers =
        |of: &dyn Fn(&TrialRecord) -> Option<i64>| Cells::Integers(trials().map(of).collect());
    let mut columns: Vec<(String, Cells)> = [
        ("point", texts(&|trial| Some(trial.id.to_string()))),
        ("stage", texts(&|trial| Some(stage(trial.stage).to_owned()))),
        ("loss", numbers(&|trial| trial.loss.map(Loss::get))),
        (
            "value",
            numbers(&|trial| trial.loss.map(|loss| result.direction.value(loss))),
        ),
        ("made_up", texts(&|trial| trial.made_up.clone())),
        (
            "same_as",
            texts(&|trial| trial.same_as.as_ref().map(ToString::to_string)),
        ),
        (
            "foreign",
            Cells::Flags(trials().map(|trial| Some(trial.is_foreign)).collect()),
        ),
        (
            "stopped_at",
            integers(&|trial| trial.stopped_at.and_then(|step| i64::try_from(step).ok())),
        ),
        ("attempts", integers(&|trial| Some(trial.attempts().into()))),
        (
            "failure",
            texts(&|trial| trial.failure().map(str::to_owned)),
        ),
        (
            "started",
            numbers(&|trial| Some(last(trial)?.started.as_secs_f64())),
        ),
        (
            "ended",
            numbers(&|trial| Some(last(trial)?.ended?.as_secs_f64())),
        ),
    ]
    .map(|(name, cells)| (name.to_owned(), cells))
    .into();
    let mut names: HashSet<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    let most = MOST_CELLS / result.trials.len().max(1);
    let parameters = columns::columns(result, usize::MAX, most.clamp(FEWEST_COLUMNS, MOST_COLUMNS));
    for column in parameters.list {
        // A parameter may be called as one of the columns before.
        let mut name = column.name.clone();
        while !names.insert(name.clone()) {
            name = format!("parameter {name}");
        }
        columns.push((name, cells(&column, result.trials.len())));
    }
    if !parameters.left_out.is_empty() {
        let left_out: HashSet<&str> = parameters.left_out.iter().map(String::as_str).collect();
        let rest = |trial: &TrialRecord| {
            let mut rest = Map::new();
            columns::each(&trial.parameters, usize::MAX, &mut |name, value| {
                if left_out.contains(name) {
                    rest.insert(name.to_owned(), value.clone());
                }
            });
            (!rest.is_empty()).then(|| Value::Object(rest).to_string())
        };
        columns.push(("other parameters".to_owned(), texts(&rest)));
    }
    columns
}

/// Returns the values of a parameter as the one type that holds all of them.
fn cells(column: &Column, rows: usize) -> Cells {
    fn all<T: Clone>(
        column: &Column,
        rows: usize,
        of: impl Fn(&Value) -> Option<T>,
    ) -> Option<Vec<Option<T>>> {
        let mut cells = vec![None; rows];
        for (row, value) in column.values() {
            cells[*row] = Some(of(value)?);
        }
        Some(cells)
    }
    let number = |value: &Value| value.is_number().then(|| value.as_f64()).flatten();
    None.or_else(|| all(column, rows, Value::as_bool).map(Cells::Flags))
        .or_else(|| all(column, rows, Value::as_i64).map(Cells::Integers))
        .or_else(|| all(column, rows, number).map(Cells::Numbers))
        .or_else(|| all(column, rows, |value| Some(exact(value))).map(Cells::Texts))
        .unwrap_or(Cells::Texts(Vec::new()))
}

/// A value as text that loses nothing.
fn exact(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns all points as CSV (RFC 4180), one a line: what became of them, times in seconds since the start of the search,
/// and their parameters, of lists every item in a column of its own. A parameter that is called like one of the other columns
/// is `parameter NAME`. Of more than 1000 parameters, those that the fewest points have are together in the column `other parameters`, as
/// JSON.
///
/// A spreadsheet takes a text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula, which can start programs. Such
/// a text, also the name of a parameter, has an apostrophe before it, as OWASP advises; numbers are written as they are, also `-5`. Where each
/// character counts, [`json()`] and Parquet have the texts as they were.
///
/// In tables of many points, parameters that few of them have are in the column `other parameters` as well.
pub fn csv(result: &SearchResult) -> String {
    let columns = table(result);
    let mut csv = String::new();
    line(&mut csv, columns.iter().map(|(name, _)| no_formula(name)));
    for row in 0..result.trials.len() {
        let cells = columns.iter().map(|(_, cells)| match cells {
            Cells::Flags(values) => values[row].map(|value| value.to_string()),
            Cells::Integers(values) => values[row].map(|value| value.to_string()),
            Cells::Numbers(values) => values[row].map(|value| value.to_string()),
            Cells::Texts(values) => values[row].as_deref().map(no_formula),
        });
        line(&mut csv, cells.map(Option::unwrap_or_default));
    }
    csv
}

/// Returns a text that no spreadsheet takes for a formula.
fn no_formula(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Returns everything that is known of a search as JSON, times in seconds since its start.
pub fn json(result: &SearchResult) -> Value {
    json!({
        "request": result.request,
        "direction": result.direction,
        "stop": result.stop,
        "elapsed": result.elapsed.as_secs_f64(),
        "trials": result.trials.iter().map(trial).collect::<Vec<_>>(),
        "earlier": result.earlier,
    })
}

fn trial(trial: &TrialRecord) -> Value {
    let evaluations = trial.evaluations.iter().map(|evaluation| {
        let mut members = Map::new();
        members.insert("slot".to_owned(), json!(evaluation.slot));
        members.insert(
            "started".to_owned(),
            json!(evaluation.started.as_secs_f64()),
        );
        members.insert(
            "ended".to_owned(),
            json!(evaluation.ended.map(|ended| ended.as_secs_f64())),
        );
        members.insert("failure".to_owned(), json!(evaluation.failure));
        members.insert("superseded".to_owned(), json!(evaluation.is_superseded));
        let told = evaluation
            .intermediate
            .iter()
            .map(|value| json!([value.step, value.loss]));
        members.insert("intermediate".to_owned(), told.collect());
        Value::Object(members)
    });
    json!({
        "point": trial.id,
        "parameters": trial.parameters,
        "stage": stage(trial.stage),
        "loss": trial.loss,
        "made_up": trial.made_up,
        "same_as": trial.same_as,
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
