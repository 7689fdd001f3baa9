//! When to look again.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::Error;

/// The rhythm of looking at a request, until a deadline.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    interval: Duration,
    deadline: Option<Instant>,
    is_over: bool,
    failures: u32,
}

/// How many failures in a row that may pass are passed over.
const PATIENCE: u32 = 10;

impl Pace {
    /// Time between two looks unless something else is wanted.
    pub(super) const INTERVAL: Duration = Duration::from_secs(2);

    pub(super) fn new(interval: Duration, deadline: Option<Duration>) -> Self {
        let deadline = deadline.and_then(|deadline| Instant::now().checked_add(deadline));
        Self {
            interval,
            deadline,
            is_over: false,
            failures: 0,
        }
    }

    /// Waits for the time of the next look, the last one of which is at the deadline; false when that has passed.
    pub(super) async fn pause(&mut self) -> bool {
        if self.is_over {
            return false;
        }
        let next = Instant::now() + jittered(self.interval, rand::random());
        let until = self.deadline.map_or(next, |deadline| deadline.min(next));
        self.is_over = self.deadline == Some(until);
        sleep_until(until).await;
        true
    }

    /// Says whether there is no look after this one.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Passes over an error that may pass by the next look.
    pub(super) fn tolerate(&mut self, error: Error) -> Result<(), Error> {
        self.failures += 1;
        if !error.is_retryable() || self.failures >= PATIENCE || self.is_over {
            return Err(error);
        }
        tracing::debug!(%error, failures = self.failures, "looking again");
        Ok(())
    }
}

/// Makes an interval up to a fifth longer or shorter, so that many clients do not ask at once; `random` is from 0 to 1.
fn jittered(interval: Duration, random: f64) -> Duration {
    interval.mul_f64(0.8 + 0.4 * random)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn an_interval_varies_by_a_fifth() {
        let second = Duration::from_secs(1);
        assert_eq!(jittered(second, 0.0), Duration::from_millis(800));
        assert_eq!(jittered(second, 0.5), second);
        assert!(jittered(second, 1.0) <= Duration::from_millis(1201));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_look_is_at_the_deadline() {
        let start = Instant::now();
        let mut pace = Pace::new(Duration::from_secs(2), Some(Duration::from_secs(5)));
        let mut looks = Vec::new();
        while pace.pause().await {
            looks.push(start.elapsed());
        }
        assert!((3..=4).contains(&looks.len()), "{looks:?}");
        // The timer of the runtime counts whole milliseconds.
        let last = looks.last().expect("a look");
        assert!((5000..5002).contains(&last.as_millis()), "{looks:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_passed_over_until_they_are_many_in_a_row() {
        let mut pace = Pace::new(Duration::from_secs(2), None);
        let unavailable = || {
            Error::new(ErrorKind::Unavailable, "tired")
                .during("get requests")
                .after_sending(&http::Method::GET, "/request", 1, true)
        };
        for _ in 1..PATIENCE {
            assert!(pace.tolerate(unavailable()).is_ok());
        }
        pace.succeeded();
        for _ in 1..PATIENCE {
            assert!(pace.tolerate(unavailable()).is_ok());
        }
        assert!(pace.tolerate(unavailable()).is_err());
        assert!(
            pace.tolerate(Error::new(ErrorKind::Unauthorized, "no"))
                .is_err()
        );
    }
}
