//! The deadline of a call.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::{Error, ErrorKind};

/// Bytes of a request that a server gets through in a second, by a cautious count.
///
/// 2.6.21 makes Python objects of a workflow, and writes it to its database as text; a busy one needs minutes for 60 MB.
const BYTES_PER_SECOND: u64 = 50_000;

/// Returns the time that a server may need for a request because of its size: 20 s for a megabyte.
pub(crate) fn time_for(bytes: usize) -> Duration {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    Duration::from_millis(bytes.saturating_mul(1000) / BYTES_PER_SECOND)
}

/// The moment at which a call is given up, if there is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Limit>);

#[derive(Clone, Copy, Debug)]
struct Limit {
    whole: Duration,
    end: Instant,
}

impl Deadline {
    /// Sets the end of a call that begins now and may take this long, and last until then at most; an end beyond the reach of the clock
    /// is none.
    pub(crate) fn after(limit: Option<Duration>, latest: Option<Instant>) -> Self {
        let now = Instant::now();
        let by_limit = limit.and_then(|limit| now.checked_add(limit));
        let end = by_limit.into_iter().chain(latest).min();
        Self(end.map(|end| Limit {
            whole: end.saturating_duration_since(now),
            end,
        }))
    }

    /// Returns the time that is left.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0
            .map(|limit| limit.end.saturating_duration_since(Instant::now()))
    }

    /// Does this until the end. A future that is made here is stored once, and one that is handed over twice.
    pub(crate) async fn bound<T, F>(self, work: impl FnOnce() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        match self.0 {
            Some(Limit { end, .. }) => timeout_at(end, work())
                .await
                .unwrap_or_else(|_| Err(self.over())),
            None => work().await,
        }
    }

    /// Waits, but not beyond the end.
    pub(crate) async fn wait(self, time: Duration) -> Result<(), Error> {
        match self.left() {
            Some(left) if left <= time => Err(self.over()),
            _ => {
                sleep(time).await;
                Ok(())
            }
        }
    }

    fn over(self) -> Error {
        let whole = self.0.map_or(Duration::ZERO, |limit| limit.whole);
        // Of what is left of a longer time nobody wants to know the nanoseconds.
        let whole = Duration::from_millis(whole.as_millis().try_into().unwrap_or(u64::MAX));
        Error::new(
            ErrorKind::Timeout,
            format!("the {whole:?} that the call may take are over"),
        )
    }
}
