//! The table of steps.

use std::fmt;

use anstyle::{AnsiColor, Style};
use idds::workflow::printable;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::table::{Cell, Table};

/// State of a step that has not begun.
pub const WAITING: &str = "New";

/// A step, once for each time that it ran.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct StepRow {
    /// Name in the workflow; a step of a sub-workflow is called like `outer/inner`.
    pub step: String,
    /// Number of the run, from 1; above 1 in loops.
    pub run: u32,
    /// State, such as `Finished`; `New` when it has not begun.
    pub status: String,
    /// Id of its transform, by which its logs are found; null when it has not begun.
    pub transform_id: Option<u64>,
    /// Number of its jobs, or points of a search.
    pub total: u64,
    /// Number of jobs that run.
    pub running: u64,
    /// Number of jobs that are done.
    pub done: u64,
    /// Number of jobs that failed, or will not run.
    pub failed: u64,
    /// Steps that have to end before it starts.
    pub waits_for: Vec<String>,
}

impl StepRow {
    /// A step that has not begun.
    pub fn waiting(step: String, waits_for: Vec<String>) -> Self {
        Self {
            step,
            run: 1,
            status: WAITING.to_owned(),
            transform_id: None,
            total: 0,
            running: 0,
            done: 0,
            failed: 0,
            waits_for,
        }
    }

    /// Returns its name, with the number of the run where it ran before.
    pub fn label(&self) -> String {
        match self.run {
            1 => self.step.clone(),
            run => format!("{}.{run}", self.step),
        }
    }

    /// Returns what there is to say besides the numbers.
    pub fn remark(&self) -> String {
        match &*self.waits_for {
            [] => String::new(),
            names => format!("waits for {}", names.join(", ")),
        }
    }

    /// Returns what is to be told when this changes.
    pub fn told(&self) -> (&str, u64, u64, u64) {
        (&self.status, self.running, self.done, self.failed)
    }
}

/// Writes the rows as a table.
pub fn write(rows: &[StepRow], f: &mut dyn fmt::Write) -> fmt::Result {
    let mut table = Table::new(["step", "state", "jobs", "running", "done", "failed", ""]);
    for row in rows {
        let number = |number: u64| match row.transform_id {
            Some(_) => Cell::Number(i64::try_from(number).unwrap_or(i64::MAX)),
            None => Cell::None,
        };
        table.row([
            Cell::Text(printable(&row.label()).into_owned()),
            Cell::Styled(row.status.clone(), style(&row.status)),
            number(row.total),
            number(row.running),
            number(row.done),
            number(row.failed),
            Cell::Text(printable(&row.remark()).into_owned()),
        ]);
    }
    table.write(f)
}

/// Returns the style of a state.
pub fn style(status: &str) -> Style {
    let colour = match status {
        "Finished" => AnsiColor::Green,
        "Failed" | "Cancelled" | "Expired" => AnsiColor::Red,
        "SubFinished" | "Suspended" => AnsiColor::Yellow,
        "Transforming" => AnsiColor::Cyan,
        _ => return Style::new(),
    };
    Style::new().fg_color(Some(colour.into()))
}
