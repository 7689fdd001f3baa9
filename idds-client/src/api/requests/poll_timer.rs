//! The timer for polling a request.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tracing::{debug, warn};

use crate::{Client, Error};

/// The times at which a request is looked at, until a deadline.
#[derive(Clone, Debug)]
pub(super) struct PollTimer {
    interval: Duration,
    deadline: Option<Instant>,
    /// When the next look is, if that was told already.
    next: Option<Instant>,
    is_over: bool,
    failures: u32,
}

/// Time that the look at the deadline may take: an answer that is on its way then is worth it, a server that is away is not.
const GRACE: Duration = Duration::from_secs(1);

/// Longest time for which a server that asks for it is left alone.
const LONGEST: Duration = Duration::from_secs(60);

/// How many failures in a row that may pass are passed over.
const PATIENCE: u32 = 10;

impl PollTimer {
    /// Time between two looks unless something else is wanted.
    pub(super) const INTERVAL: Duration = Duration::from_secs(2);

    pub(super) fn new(interval: Duration, timeout: Option<Duration>) -> Self {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        Self {
            interval,
            deadline,
            next: None,
            is_over: false,
            failures: 0,
        }
    }

    /// Returns a handle of the client whose calls end soon after the deadline.
    pub(super) fn bound(&self, client: &Client) -> Client {
        match self.deadline {
            Some(deadline) => client.ending(deadline.checked_add(GRACE).unwrap_or(deadline)),
            None => client.clone(),
        }
    }

    /// Draws the time of the next look, the last one of which is at the deadline.
    fn draw(&self, at_least: Duration) -> Instant {
        let wait = jittered(self.interval, rand::random()).max(at_least);
        let next = Instant::now() + wait;
        self.deadline.map_or(next, |deadline| deadline.min(next))
    }

    /// Waits for the time of the next look; false when the last one has been.
    pub(super) async fn pause(&mut self) -> bool {
        if self.is_over {
            return false;
        }
        let next = self.next.take();
        let next = next.unwrap_or_else(|| self.draw(Duration::ZERO));
        self.is_over = self.deadline == Some(next);
        sleep_until(next).await;
        true
    }

    /// Says whether there is no look after this one.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Passes over an error that may pass by the next look; of the first in a row people are told, and when the next look is.
    pub(super) fn tolerate(&mut self, error: Error) -> Result<(), Error> {
        self.failures += 1;
        if !error.is_retryable() || self.failures >= PATIENCE || self.is_over {
            return Err(error);
        }
        let asked = error.retry_after().unwrap_or_default().min(LONGEST);
        let next = self.draw(asked);
        self.next = Some(next);
        let wait = next.saturating_duration_since(Instant::now());
        if self.failures == 1 {
            let wait = wait.as_secs_f64();
            warn!("{error}; the server is asked again in {wait:.1} s");
        } else {
            debug!(%error, failures = self.failures, ?wait, "looking again");
        }
        Ok(())
    }
}

/// Longest interval, which the clock can count.
const A_YEAR: Duration = Duration::from_secs(365 * 86_400);

/// Makes an interval up to a fifth longer or shorter, so that many clients do not ask at once; `random` is from 0 to 1.
fn jittered(interval: Duration, random: f64) -> Duration {
    interval.min(A_YEAR).mul_f64(0.8 + 0.4 * random)
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
