//! The difference between the clocks of this machine and the server.

use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};

use crate::auth::span;
use crate::retry::date;

/// What the answers of a server say about its clock.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    ahead: Mutex<Option<SignedDuration>>,
}

/// A difference from which on one of the two clocks is wrong: `Date` counts in seconds, and an answer takes some.
const WRONG: SignedDuration = SignedDuration::from_secs(60);

impl ServerClock {
    /// Takes the time out of the headers of an answer that came now.
    pub(crate) fn learn(&self, headers: &HeaderMap, now: Timestamp) {
        let there = headers
            .get(header::DATE)
            .and_then(|value| date(value.to_str().ok()?.trim()));
        if let Some(there) = there {
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(there.duration_since(now));
        }
    }

    /// Says whether an answer has told the time.
    pub(crate) fn is_known(&self) -> bool {
        self.ahead().is_some()
    }

    /// Returns the time that counts for the server, given that of this machine: the same unless one of the two clocks is wrong.
    pub(crate) fn correct(&self, now: Timestamp) -> Timestamp {
        self.wrong()
            .map_or(now, |ahead| now.saturating_add(ahead).unwrap_or(now))
    }

    /// Says how wrong the clock of this machine is; none when it is right, or nothing is known.
    pub(crate) fn complaint(&self) -> Option<String> {
        let ahead = self.wrong()?;
        let (size, side) = (
            ahead.abs(),
            if ahead.is_negative() {
                "ahead of"
            } else {
                "behind"
            },
        );
        Some(format!(
            "this machine's clock is {} {side} the server's",
            span(size)
        ))
    }

    fn wrong(&self) -> Option<SignedDuration> {
        self.ahead().filter(|ahead| ahead.abs() >= WRONG)
    }

    fn ahead(&self) -> Option<SignedDuration> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock after an answer with this date, which came at 12 o'clock by the clock of this machine.
    fn after(date: &str) -> ServerClock {
        let (clock, mut headers) = (ServerClock::default(), HeaderMap::new());
        headers.insert(header::DATE, date.parse().expect("a header"));
        clock.learn(&headers, noon());
        clock
    }

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().expect("a time")
    }

    #[test]
    fn a_wrong_clock_is_named_and_corrected() {
        let behind = after("Sun, 22 Nov 2026 12:07:30 GMT");
        assert_eq!(
            behind.complaint().as_deref(),
            Some("this machine's clock is 7 min behind the server's")
        );
        assert_eq!(behind.correct(noon()).to_string(), "2026-11-22T12:07:30Z");
        let ahead = after("Sun, 22 Nov 2026 09:00:00 GMT");
        assert_eq!(
            ahead.complaint().as_deref(),
            Some("this machine's clock is 3 h ahead of the server's")
        );
    }

    #[test]
    fn nothing_is_said_of_seconds_and_of_what_is_not_known() {
        for clock in [
            after("Sun, 22 Nov 2026 12:00:59 GMT"),
            after("noon"),
            ServerClock::default(),
        ] {
            assert_eq!((clock.complaint(), clock.correct(noon())), (None, noon()));
        }
        assert!(!after("noon").is_known());
    }
}
