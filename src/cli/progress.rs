//! How far long work is: a bar on a terminal, plain lines in a log, nothing when it shall be quiet.

use std::fmt::Display;
use std::time::Duration;

use idds::workflow::printable_within;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{Timestamp, Unit};

use super::{App, output};

/// Tells on standard error how far long work is.
#[derive(Debug)]
pub struct ProgressLine {
    form: Form,
}

#[derive(Debug)]
enum Form {
    Quiet,
    Lines,
    Bar(ProgressBar),
}

/// Longest name of work that a bar shows, in characters; it is never cut at the end of the line.
const PREFIX: usize = 60;

impl ProgressLine {
    /// Begins to tell about work that is called so.
    pub fn new(app: &App, what: impl Into<String>) -> Self {
        let bar = ProgressBar::new(0);
        let form = match () {
            () if app.options.quiet => Form::Quiet,
            // There is no terminal, or it is one that cannot write over a line, as TERM=dumb says.
            () if bar.is_hidden() => Form::Lines,
            () => {
                let style = ProgressStyle::with_template("{spinner} {prefix} {elapsed} {wide_msg}")
                    .expect("a right template");
                let bar = bar
                    .with_style(style)
                    .with_prefix(printable_within(&what.into(), PREFIX).into_owned());
                bar.enable_steady_tick(Duration::from_millis(120));
                Form::Bar(bar)
            }
        };
        Self { form }
    }

    /// Says what the work is at now.
    pub fn state(&self, state: impl Display) {
        if let Form::Bar(bar) = &self.form {
            bar.set_message(printable_within(&state.to_string(), output::LINE).into_owned());
        }
    }

    /// Says how much is done of how much; 0 of 0 when that is not known.
    pub fn counts(&self, done: u64, total: u64) {
        if let (Form::Bar(bar), 1..) = (&self.form, total) {
            if bar.length() != Some(total) {
                // What does not fit into a line would be left over when it is drawn anew.
                let template = "{spinner} {prefix} {bar:20} {pos}/{len} {elapsed} {wide_msg}";
                bar.set_style(ProgressStyle::with_template(template).expect("a right template"));
                bar.set_length(total);
            }
            bar.set_position(done);
        }
    }

    /// Says how many bytes of a file are on the other side.
    pub fn bytes(&self, done: u64, total: Option<u64>) {
        if let Form::Bar(bar) = &self.form {
            if bar.length() != Some(total.unwrap_or(0)) {
                let template = match total {
                    Some(_) => {
                        "{spinner} {prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}"
                    }
                    None => "{spinner} {prefix} {bytes} {bytes_per_sec}",
                };
                bar.set_style(ProgressStyle::with_template(template).expect("a right template"));
                bar.set_length(total.unwrap_or(0));
            }
            bar.set_position(done);
        }
    }

    /// Writes a line that stays, with the time in a log.
    pub fn line(&self, line: impl Display) {
        match &self.form {
            Form::Quiet => {}
            Form::Lines => output::tell(format_args!("{} {line}", now())),
            Form::Bar(bar) => bar.suspend(|| output::tell(line)),
        }
    }

    /// Writes a line to a log; a bar says the same.
    pub fn log(&self, line: impl Display) {
        if let Form::Lines = self.form {
            self.line(line);
        }
    }

    /// Does something that writes on the terminal, with the bar out of its way.
    pub fn aside<T>(&self, does: impl FnOnce() -> T) -> T {
        match &self.form {
            Form::Bar(bar) => bar.suspend(does),
            Form::Quiet | Form::Lines => does(),
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if let Form::Bar(bar) = &self.form {
            bar.finish_and_clear();
        }
    }
}

/// Returns the time to the second, as logs have it.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now)
}
