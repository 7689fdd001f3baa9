//! A table that is drawn over and over while a workflow runs; plain lines where there is no terminal.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use idds::workflow::{RequestStatus, printable};
use indicatif::{ProgressBar, ProgressStyle};

use super::App;
use super::output;
use super::progress::now;
use super::run::StepRow;

/// Shows how far the steps of a workflow are.
#[derive(Debug)]
pub struct Live {
    form: Form,
    rows: Vec<StepRow>,
    began: Instant,
}

#[derive(Debug)]
enum Form {
    Quiet,
    /// What was told of each step.
    Lines(HashMap<String, (String, u64, u64, u64)>),
    Drawn(ProgressBar),
}

/// Lines of a terminal that are left to what stood there before.
const LEFT: usize = 3;

/// Columns of the name of a step at most, and of what comes behind it.
const NAME: usize = 48;
const NUMBERS: usize = 45;

impl Live {
    /// Begins to show.
    pub fn new(app: &App) -> Self {
        let bar = ProgressBar::new(0);
        let form = match () {
            () if app.options.quiet => Form::Quiet,
            () if bar.is_hidden() => Form::Lines(HashMap::new()),
            () => {
                let style = ProgressStyle::with_template("{msg}").expect("a right template");
                let bar = bar.with_style(style);
                bar.enable_steady_tick(Duration::from_millis(500));
                Form::Drawn(bar)
            }
        };
        Self {
            form,
            rows: Vec::new(),
            began: Instant::now(),
        }
    }

    /// Tells whether anything is shown before the end.
    pub fn is_shown(&self) -> bool {
        !matches!(self.form, Form::Quiet)
    }

    /// Shows how far it is.
    pub fn show(&mut self, status: RequestStatus, rows: Vec<StepRow>) {
        match &mut self.form {
            Form::Quiet => {}
            Form::Lines(told) => tell_changes(told, &rows),
            Form::Drawn(bar) => {
                bar.set_message(drawn(status, &rows, self.began.elapsed(), size()));
            }
        }
        self.rows = rows;
    }

    /// Shows that time has passed.
    pub fn tick(&self, status: RequestStatus) {
        if let Form::Drawn(bar) = &self.form
            && !self.rows.is_empty()
        {
            bar.set_message(drawn(status, &self.rows, self.began.elapsed(), size()));
        }
    }

    /// Ends to show, and returns what was shown last.
    pub fn end(self) -> Vec<StepRow> {
        if let Form::Drawn(bar) = &self.form {
            bar.finish_and_clear();
        }
        self.rows
    }
}

/// Returns the size of the terminal in lines and columns.
fn size() -> (usize, usize) {
    let found = rustix::termios::tcgetwinsize(std::io::stderr()).ok();
    let found = found.filter(|size| size.ws_row > 0 && size.ws_col > 0);
    found.map_or((24, 80), |size| (size.ws_row.into(), size.ws_col.into()))
}

fn tell_changes(told: &mut HashMap<String, (String, u64, u64, u64)>, rows: &[StepRow]) {
    for row in rows.iter().filter(|row| row.transform_id.is_some()) {
        let (status, running, done, failed) = row.told();
        let new = (status.to_owned(), running, done, failed);
        let label = row.label();
        let before = told.get(&label);
        // Which jobs run changes all the time; what comes of them is told in steps of a tenth.
        let tenth = |done: u64| done * 10 / row.total.max(1);
        let is_news = before.is_none_or(|before| {
            before.0 != new.0 || before.3 != new.3 || tenth(before.2) != tenth(new.2)
        });
        if is_news {
            let jobs = match (row.total, row.failed) {
                (0, _) => String::new(),
                (total, 0) => format!(", {done} of {total} done"),
                (total, failed) => format!(", {done} of {total} done, {failed} failed"),
            };
            output::tell(format_args!(
                "{} {} is {status}{jobs}",
                now(),
                printable(&label)
            ));
            told.insert(label, new);
        }
    }
}

/// Draws the steps within a terminal: those that run first, then what has gone wrong, what waits, and what is done.
fn drawn(
    status: RequestStatus,
    rows: &[StepRow],
    elapsed: Duration,
    (height, width): (usize, usize),
) -> String {
    let rank = |row: &&StepRow| match &*row.status {
        _ if row.running > 0 => 0,
        "Failed" | "SubFinished" | "Suspended" | "Cancelled" | "Expired" => 1,
        "Transforming" => 2,
        "New" => 3,
        _ => 4,
    };
    let room = height.saturating_sub(LEFT + 2).max(1);
    let mut shown: Vec<&StepRow> = rows.iter().collect();
    if shown.len() > room {
        shown.sort_by_key(rank);
        shown.truncate(room);
        // In the order of the workflow again.
        shown.sort_by_key(|row| {
            rows.iter()
                .position(|other| std::ptr::eq(other, *row))
                .unwrap_or_default()
        });
    }
    let longest = shown.iter().map(|row| row.label().chars().count()).max();
    let room = width.saturating_sub(1 + NUMBERS).clamp(4, NAME);
    let name_width = longest.unwrap_or(4).clamp(4, room);
    let mut lines = vec![format!(
        "{:name_width$}  {:12} {:>7} {:>7} {:>7} {:>6}",
        "step", "state", "jobs", "running", "done", "failed"
    )];
    for row in &shown {
        let label = shortened(&row.label(), name_width);
        lines.push(match row.transform_id {
            Some(_) => format!(
                "{label:name_width$}  {:12} {:>7} {:>7} {:>7} {:>6}",
                row.status, row.total, row.running, row.done, row.failed
            ),
            None => format!("{label:name_width$}  {:12} {}", row.status, row.remark()),
        });
    }
    let count = |status: &str| rows.iter().filter(|row| row.status == status).count();
    let mut sum = match status {
        RequestStatus::Transforming => String::new(),
        status => format!("{status}, "),
    };
    sum.push_str(&format!(
        "{} s: {} of {} Finished",
        elapsed.as_secs(),
        count("Finished"),
        rows.len()
    ));
    for status in ["Transforming", "Failed", "SubFinished", "Suspended"] {
        let count = count(status);
        if count > 0 {
            sum.push_str(&format!(", {count} {status}"));
        }
    }
    let left = rows.len() - shown.len();
    if left > 0 {
        sum.push_str(&format!(", {left} more"));
    }
    lines.push(sum);
    lines
        .iter()
        .map(|line| cut(line, width.saturating_sub(1)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Makes a name printable, and takes out the middle of one that is too long: names of many steps often differ at their ends.
fn shortened(name: &str, width: usize) -> String {
    let name = printable(name);
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= width {
        return name.into_owned();
    }
    let kept = width.saturating_sub(1);
    let first = letters[..kept / 2].iter();
    let last = letters[letters.len() - (kept - kept / 2)..].iter();
    first.chain(&['…']).chain(last).collect()
}

/// Makes a text printable, and cuts what is too long.
fn cut(text: &str, width: usize) -> String {
    let text = printable(text);
    if text.chars().count() <= width {
        return text.into_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: u64) -> Vec<StepRow> {
        let row = |number: u64| {
            let status = match number {
                0..400 => "Finished",
                400..403 => "Failed",
                403..410 => "Transforming",
                _ => "New",
            };
            StepRow {
                status: status.to_owned(),
                transform_id: (number < 410).then_some(number),
                total: 3,
                running: u64::from(status == "Transforming"),
                done: 1,
                ..StepRow::waiting(
                    format!("step_{number}"),
                    vec![format!("step_{}", number - 1)],
                )
            }
        };
        (0..count).map(|number| row(number.max(1))).collect()
    }

    #[test]
    fn a_thousand_steps_fit_into_a_terminal_of_80_by_24() {
        let text = drawn(
            RequestStatus::Transforming,
            &rows(1000),
            Duration::from_secs(61),
            (24, 80),
        );
        let lines: Vec<_> = text.lines().collect();
        assert!(lines.len() <= 22, "{}", lines.len());
        assert!(lines.iter().all(|line| line.chars().count() < 80), "{text}");
        assert_eq!(
            lines.last().copied(),
            Some("61 s: 400 of 1000 Finished, 7 Transforming, 3 Failed, 981 more")
        );
        let has = |name: &str| lines.iter().any(|line| line.contains(name));
        assert!(
            has("step_405") && has("step_401"),
            "what runs and what failed is shown: {text}"
        );
        assert_eq!(
            shortened("analysis_of_period_04_part_17", 20),
            "analysis_…04_part_17"
        );
    }
}
