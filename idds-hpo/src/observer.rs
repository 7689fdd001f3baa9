//! Observers: what follows a search while it runs.

use std::fmt;

use crate::Progress;

/// Follows a search.
pub trait Observer: fmt::Debug + Send {
    /// Sees where the search stands: after everything that happened, also at the end.
    fn progress(&mut self, progress: &Progress);
}
