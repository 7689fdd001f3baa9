//! A progress bar.

use std::time::Duration;

use indicatif::{ProgressBar as Bar, ProgressStyle};

use crate::{Observer, Progress};

/// A progress bar on standard error: points evaluated, evaluations that run, best loss, time left.
///
/// Nothing is drawn when standard error is no terminal. The bar is finished when the search is over or dropped.
#[derive(Debug)]
pub struct ProgressBar {
    bar: Bar,
}

impl ProgressBar {
    /// Makes a bar for a search of this many points.
    pub fn new(max_points: u32) -> Self {
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} points  {elapsed}  {msg}");
        let bar = Bar::new(max_points.into()).with_style(style.expect("the template is valid"));
        Self { bar }
    }
}

impl Observer for ProgressBar {
    fn progress(&mut self, progress: &Progress) {
        let total = self.bar.length().unwrap_or_default();
        self.bar.set_position(progress.evaluated as u64);
        self.bar.set_message(message(
            progress,
            (total as usize).saturating_sub(progress.evaluated),
        ));
    }
}

/// Says where the search stands when this many losses are still to come.
fn message(progress: &Progress, to_come: usize) -> String {
    let mut message = format!("{}, {} running", progress.status, progress.running);
    if let Some(loss) = progress.best {
        message += &format!(", best loss {:.6}", loss.get());
    }
    if let Some(left) = progress.time_for(to_come).filter(|_| to_come > 0) {
        let [low, expected, high] = [left.low, left.expected, left.high].map(short);
        message += &format!(", {expected} left");
        if low != high {
            message += &format!(" ({low} to {high})");
        }
    }
    message
}

/// A time with as many digits as it deserves, such as `42s`, `7m 05s`, `3h 20m`, `2d 04h`.
fn short(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        seconds @ 3600..86_400 => format!("{}h {:02}m", seconds / 3600, seconds / 60 % 60),
        seconds => format!("{}d {:02}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        self.bar.abandon();
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::RequestStatus;

    use super::*;
    use crate::Loss;
    use crate::throughput::ThroughputEstimate;

    #[test]
    fn a_bar_says_how_long_it_will_take_and_how_sure_that_is() {
        let mut pace = ThroughputEstimate::default();
        [4, 20, 24, 40]
            .into_iter()
            .for_each(|at| pace.add(Duration::from_secs(at)));
        let progress = Progress {
            status: RequestStatus::Transforming,
            points: 10,
            evaluated: 4,
            running: 2,
            best: Loss::new(0.5),
            elapsed: Duration::from_secs(40),
            pace,
        };
        assert_eq!(
            message(&progress, 100),
            "Transforming, 2 running, best loss 0.500000, 16m 40s left (4m 53s to 28m 26s)"
        );
        assert_eq!(
            message(&progress, 0),
            "Transforming, 2 running, best loss 0.500000"
        );
        let times = [59, 61, 12_345, 200_000].map(|seconds| short(Duration::from_secs(seconds)));
        assert_eq!(times, ["59s", "1m 01s", "3h 25m", "2d 07h"]);
    }
}
