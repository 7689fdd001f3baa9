//! When a request is looked at again.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tracing::{debug, warn};

use crate::{Client, Error};

/// The times at which a request is looked at, until a deadline.
#[derive(Clone, Debug)]
pub(super) struct PollTimer {
    interval: Duration,
    deadline: Option<Instant>,
    /// When the next look is; it is drawn before the wait, so that it can be told.
    next: Instant,
    is_over: bool,
    failures: u32,
}

/// Time that the look at the deadline may take: an answer that is on its way then is worth it, a server that is away is not.
const GRACE: Duration = Duration::from_secs(1);

/// How many failures in a row that may pass are passed over.
const PATIENCE: u32 = 10;

impl PollTimer {
    /// Time between two looks unless something else is wanted.
    pub(super) const INTERVAL: Duration = Duration::from_secs(2);

    pub(super) fn new(interval: Duration, timeout: Option<Duration>) -> Self {
        let now = Instant::now();
        let deadline = timeout.and_then(|timeout| now.checked_add(timeout));
        let mut timer = Self {
            interval,
            deadline,
            next: now,
            is_over: false,
            failures: 0,
        };
        timer.plan();
        timer
    }

    /// Returns a handle of the client whose calls end soon after the deadline.
    pub(super) fn bound(&self, client: &Client) -> Client {
        match self.deadline {
            Some(deadline) => client.ending(deadline + GRACE),
            None => client.clone(),
        }
    }

    /// Draws the time of the next look, the last one of which is at the deadline.
    fn plan(&mut self) {
        let next = Instant::now() + jittered(self.interval, rand::random());
        self.next = self.deadline.map_or(next, |deadline| deadline.min(next));
    }

    /// Waits for the time of the next look; false when the last one has been.
    pub(super) async fn pause(&mut self) -> bool {
        if self.is_over {
            return false;
        }
        self.is_over = self.deadline == Some(self.next);
        sleep_until(self.next).await;
        true
    }

    /// Says whether there is no look after this one.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Takes note of a look that succeeded, and plans the next one.
    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
        self.plan();
    }

    /// Passes over an error that may pass by the next look, which is planned; of the first in a row people are told.
    pub(super) fn tolerate(&mut self, error: Error) -> Result<(), Error> {
        self.failures += 1;
        if !error.is_retryable() || self.failures >= PATIENCE || self.is_over {
            return Err(error);
        }
        self.plan();
        let wait = self.next.saturating_duration_since(Instant::now());
        if self.failures == 1 {
            warn!("{error}; the server is asked again in {wait:.1?}");
        } else {
            debug!(%error, failures = self.failures, ?wait, "looking again");
        }
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
        let mut timer = PollTimer::new(Duration::from_secs(2), Some(Duration::from_secs(5)));
        let mut looks = Vec::new();
        while timer.pause().await {
            looks.push(start.elapsed());
            timer.succeeded();
        }
        assert!((3..=4).contains(&looks.len()), "{looks:?}");
        // The timer of the runtime counts whole milliseconds.
        let last = looks.last().expect("a look");
        assert!((5000..5002).contains(&last.as_millis()), "{looks:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_passed_over_until_they_are_many_in_a_row() {
        let mut timer = PollTimer::new(Duration::from_secs(2), None);
        let unavailable = || {
            Error::new(ErrorKind::Unavailable, "tired")
                .during("get requests")
                .after_sending(&http::Method::GET, "/request", 1, true)
        };
        for _ in 1..PATIENCE {
            assert!(timer.tolerate(unavailable()).is_ok());
        }
        timer.succeeded();
        for _ in 1..PATIENCE {
            assert!(timer.tolerate(unavailable()).is_ok());
        }
        assert!(timer.tolerate(unavailable()).is_err());
        assert!(
            timer
                .tolerate(Error::new(ErrorKind::Unauthorized, "no"))
                .is_err()
        );
    }
}
