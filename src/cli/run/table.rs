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

/// Most rows of a table for people.
const MOST: usize = 40;

/// Writes the rows as a table; where there are many, those of steps that are neither done nor still to begin, and how many the others are.
pub fn write_some(rows: &[StepRow], f: &mut dyn fmt::Write) -> fmt::Result {
    if rows.len() <= MOST {
        return write(rows, f);
    }
    let is_news = |row: &&StepRow| row.status != WAITING && row.status != "Finished";
    let news: Vec<StepRow> = rows.iter().filter(is_news).take(MOST).cloned().collect();
    if !news.is_empty() {
        write(&news, f)?;
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for row in rows {
        match counts.iter_mut().find(|(status, _)| *status == row.status) {
            Some((_, count)) => *count += 1,
            None => counts.push((&row.status, 1)),
        }
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    writeln!(
        f,
        "{} steps: {}; --output json lists all",
        rows.len(),
        counts.join(", ")
    )
}

/// Writes the rows as a table.
fn write(rows: &[StepRow], f: &mut dyn fmt::Write) -> fmt::Result {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_steps_those_are_shown_that_have_not_gone_well() {
        let rows: Vec<StepRow> = (0..1000)
            .map(|number| StepRow {
                status: match number {
                    0..990 => "Finished",
                    990..992 => "Failed",
                    _ => WAITING,
                }
                .to_owned(),
                transform_id: (number < 992).then_some(number),
                ..StepRow::waiting(format!("step_{number}"), Vec::new())
            })
            .collect();
        let mut text = String::new();
        write_some(&rows, &mut text).expect("a text");
        let lines: Vec<_> = text.lines().collect();
        // A header and its rule stand above the rows.
        assert_eq!(lines.len(), 5, "{text}");
        assert!(lines[2].contains("step_990") && lines[3].contains("step_991"));
        assert_eq!(
            lines[4],
            "1000 steps: 990 Finished, 2 Failed, 8 New; --output json lists all"
        );
        text.clear();
        write_some(&rows[..3], &mut text).expect("a text");
        assert_eq!(text.lines().count(), 5, "{text}");
    }
}
