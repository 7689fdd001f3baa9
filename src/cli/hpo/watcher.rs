//! Tells on standard error how a search goes.

use std::fmt;
use std::sync::Arc;

use idds::hpo::{Direction, Observer, Progress as Standing};

use crate::cli::progress::Progress;

/// Follows a search.
pub struct Watcher {
    progress: Arc<Progress>,
    direction: Direction,
    seen: Option<(usize, usize)>,
}

impl Watcher {
    /// Makes one that tells by this.
    pub fn new(progress: Arc<Progress>, direction: Direction) -> Self {
        Self { progress, direction, seen: None }
    }
}

impl Observer for Watcher {
    fn progress(&mut self, standing: &Standing) {
        let Standing { status, points, evaluated, running, best, .. } = *standing;
        let best = best.map(|loss| format!(", best {}", self.direction.value(loss))).unwrap_or_default();
        self.progress.state(format_args!("{status}, {running} running{best}"));
        self.progress.counts(evaluated as u64, points as u64);
        if points > 0 && self.seen.replace((points, evaluated)) != Some((points, evaluated)) {
            self.progress.log(format_args!("{evaluated} of {points} points evaluated, {running} running{best}"));
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}
