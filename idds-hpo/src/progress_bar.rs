//! A progress bar.

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
        let best = progress.best.map(|loss| format!(", best loss {:.6}", loss.get())).unwrap_or_default();
        self.bar.set_position(progress.evaluated as u64);
        self.bar.set_message(format!("{}, {} running{best}", progress.status, progress.running));
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        self.bar.abandon();
    }
}
