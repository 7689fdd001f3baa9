//! How works are run, remembered.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::state::Run;
use crate::store::{Store, StoreError, transforms};

/// Most works that are remembered.
const MOST: usize = 1_000;

/// How works are run, as their transforms say it once and for all, so that it is not read for each job or file.
pub(crate) struct RunCache<T> {
    store: Store,
    pick: fn(Run) -> Option<T>,
    kept: HashMap<i64, Option<Arc<T>>>,
}

impl<T> RunCache<T> {
    /// Remembers what is picked.
    pub(crate) fn new(store: Store, pick: fn(Run) -> Option<T>) -> Self {
        Self {
            store,
            pick,
            kept: HashMap::new(),
        }
    }

    /// Returns how a work is run; nothing when that is not what is picked.
    pub(crate) async fn of(&mut self, transform: i64) -> Result<Option<Arc<T>>, StoreError> {
        if let Some(kept) = self.kept.get(&transform) {
            return Ok(kept.clone());
        }
        let text = self
            .store
            .call(move |connection| transforms::search(connection, transform))
            .await?;
        let run = serde_json::from_str(&text).ok();
        let picked = run.and_then(self.pick).map(Arc::new);
        if self.kept.len() >= MOST {
            self.kept.clear();
        }
        self.kept.insert(transform, picked.clone());
        Ok(picked)
    }
}

impl<T> fmt::Debug for RunCache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunCache")
            .field("kept", &self.kept.len())
            .finish_non_exhaustive()
    }
}
