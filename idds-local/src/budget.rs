//! How many bytes of bodies the server keeps in memory at a time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::answer::Failure;

/// Bytes that stand for one permit.
const UNIT: usize = 1 << 10;

/// Bytes of each body, or of each part of an answer, that are not counted: there are as many of them as there are connections, and what is
/// small is served however many large ones there are.
pub(crate) const FREE: usize = 64 << 10;

/// A number of bytes that all bodies, or all answers, share; clones share it, too.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    units: Arc<Semaphore>,
}

/// Bytes that are taken, until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Held {
    permit: Option<OwnedSemaphorePermit>,
    units: usize,
}

impl Budget {
    /// Has this many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            units: Arc::new(Semaphore::new((bytes / UNIT).min(Semaphore::MAX_PERMITS))),
        }
    }

    /// Takes what lacks for this many bytes in all, or says that the server has no room for them now.
    pub(crate) fn grow(&self, held: &mut Held, bytes: usize) -> Result<(), Failure> {
        let Some(lacking) = held.lacking(bytes) else {
            return Ok(());
        };
        let permit = Arc::clone(&self.units)
            .try_acquire_many_owned(lacking)
            .map_err(|_| Failure::busy())?;
        held.add(permit);
        Ok(())
    }

    /// Waits for room for this many bytes; none when there never is.
    pub(crate) async fn wait(&self, bytes: usize) -> Option<Held> {
        let mut held = Held::default();
        if let Some(lacking) = held.lacking(bytes) {
            held.add(
                Arc::clone(&self.units)
                    .acquire_many_owned(lacking)
                    .await
                    .ok()?,
            );
        }
        Some(held)
    }
}

impl Held {
    /// Returns how many units lack for this many bytes, if any.
    fn lacking(&self, bytes: usize) -> Option<u32> {
        let units = bytes.saturating_sub(FREE).div_ceil(UNIT);
        // More than there are of them is never had, whatever the number.
        let lacking = units
            .checked_sub(self.units)
            .filter(|lacking| *lacking > 0)?;
        Some(u32::try_from(lacking).unwrap_or(u32::MAX))
    }

    fn add(&mut self, permit: OwnedSemaphorePermit) {
        self.units += permit.num_permits();
        match &mut self.permit {
            Some(held) => held.merge(permit),
            None => self.permit = Some(permit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_back_and_small_bodies_take_nothing() {
        let budget = Budget::new(100 << 10);
        let mut large = Held::default();
        for kilobytes in [64, 100, 164] {
            assert!(
                budget.grow(&mut large, kilobytes << 10).is_ok(),
                "{kilobytes}"
            );
        }
        let mut other = Held::default();
        assert!(budget.grow(&mut other, FREE).is_ok());
        assert_eq!(budget.grow(&mut other, FREE + 1), Err(Failure::busy()));
        drop(large);
        assert!(budget.grow(&mut other, FREE + 1).is_ok());
    }
}
