//! What was last seen on the server: many tabs look at it, and the server is asked once for all of them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

/// Of the time that passes, the part that asking may take: one of so many.
const SHARE: u32 = 10;

/// Longest time between two looks.
const LATE: Duration = Duration::from_secs(60);

/// An answer of the server, or in words why there is none.
pub(crate) type Seen<V> = Result<Arc<V>, Arc<str>>;

/// Answers of the server by what was asked for, as many as are looked at.
#[derive(Debug)]
pub(crate) struct Looks<K, V> {
    slots: Mutex<HashMap<K, Arc<Slot<V>>>>,
    most: usize,
}

#[derive(Debug)]
struct Slot<V> {
    /// Held by the one who asks; the others wait for the answer.
    asking: AsyncMutex<()>,
    last: Mutex<Option<Last<V>>>,
    used: Mutex<Instant>,
}

#[derive(Debug)]
struct Last<V> {
    seen: Seen<V>,
    at: Instant,
    took: Duration,
}

impl<V> Clone for Last<V> {
    fn clone(&self) -> Self {
        Self {
            seen: self.seen.clone(),
            ..*self
        }
    }
}

impl<K: Clone + Eq + Hash, V> Looks<K, V> {
    /// Keeps at most so many answers; the one that was not wanted for the longest time gives way.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            slots: Mutex::default(),
            most,
        }
    }

    /// Returns what was seen last if it is no older than `soon`, or than looking is worth; asks otherwise.
    pub(crate) async fn look<F>(&self, key: K, soon: Duration, ask: impl FnOnce() -> F) -> Seen<V>
    where
        F: Future<Output = Result<V, String>>,
    {
        let slot = self.slot(key);
        let is_fresh = |last: &Last<V>| last.at.elapsed() < pause(soon, last.took);
        if let Some(last) = slot.last().filter(is_fresh) {
            return last.seen;
        }
        let _asking = slot.asking.lock().await;
        // Another one may have asked meanwhile.
        if let Some(last) = slot.last().filter(is_fresh) {
            return last.seen;
        }
        let began = Instant::now();
        let seen = ask().await.map(Arc::new).map_err(Arc::from);
        let last = Last {
            seen: seen.clone(),
            at: Instant::now(),
            took: began.elapsed(),
        };
        *slot.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        seen
    }

    /// Returns what was seen last, unless that is longer ago.
    pub(crate) fn last(&self, key: &K, longest: Duration) -> Option<Arc<V>> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let last = slots.get(key)?.last()?;
        last.seen.ok().filter(|_| last.at.elapsed() < longest)
    }

    /// Forgets when something was seen, so that the next look asks.
    pub(crate) fn forget(&self, key: &K) {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(key) {
            *slot.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    fn slot(&self, key: K) -> Arc<Slot<V>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= self.most && !slots.contains_key(&key) {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.used());
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                slots.remove(&oldest);
            }
        }
        let slot = Arc::clone(slots.entry(key).or_insert_with(|| Arc::new(Slot::new())));
        *slot.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        slot
    }
}

impl<V> Slot<V> {
    fn new() -> Self {
        Self {
            asking: AsyncMutex::new(()),
            last: Mutex::new(None),
            used: Mutex::new(Instant::now()),
        }
    }

    fn last(&self) -> Option<Last<V>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }

    fn used(&self) -> Instant {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the time between two looks that take so long.
fn pause(soon: Duration, took: Duration) -> Duration {
    (took * SHARE).clamp(soon, LATE.max(soon))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn many_look_and_one_asks() {
        let (looks, asked) = (Looks::<u8, u32>::new(2), AtomicU32::new(0));
        let ask = async || {
            tokio::task::yield_now().await;
            Ok(asked.fetch_add(1, Ordering::Relaxed))
        };
        let both = tokio::join!(looks.look(1, HOUR, ask), looks.look(1, HOUR, ask));
        assert_eq!((both.0, both.1), (Ok(Arc::new(0)), Ok(Arc::new(0))));
        assert_eq!(looks.look(1, HOUR, ask).await, Ok(Arc::new(0)));
        looks.forget(&1);
        assert_eq!(looks.look(1, HOUR, ask).await, Ok(Arc::new(1)));
    }

    #[test]
    fn what_takes_long_is_asked_for_less_often() {
        let seconds = Duration::from_secs;
        assert_eq!(pause(seconds(1), Duration::from_millis(5)), seconds(1));
        assert_eq!(pause(seconds(1), seconds(2)), seconds(20));
        assert_eq!(pause(seconds(1), HOUR), LATE);
        assert_eq!(pause(HOUR, seconds(1)), HOUR);
    }

    #[tokio::test]
    async fn what_nobody_looks_at_gives_way() {
        let looks = Looks::<u8, u8>::new(2);
        for key in [1, 2, 1, 3] {
            let _ = looks.look(key, HOUR, async || Ok(key)).await;
        }
        let last = |key| looks.last(&key, HOUR).is_some();
        assert_eq!([1, 2, 3].map(last), [true, false, true]);
    }
}
