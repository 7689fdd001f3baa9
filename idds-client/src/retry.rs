//! Retries.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::{HeaderMap, header};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::Error;

/// When a client repeats a failed call.
///
/// Only what [can be repeated](Error::is_retryable) is sent again, after a wait that doubles from failure to failure and
/// half of which is random, so that the clients of a server do not come back all at once. What the server says with
/// `Retry-After` counts before that.
///
/// Clones of a client share a budget: each retry takes from it, and successes pay back. When a server fails most calls,
/// the budget is soon used up and calls fail at once, so a broken server is not hammered by everybody who wants it back.
///
/// ```
/// use std::time::Duration;
///
/// use idds_client::{Client, Retry};
///
/// let patient = Retry::default().attempts(8).longest_wait(Duration::from_secs(120));
/// let client = Client::builder("https://idds.example:443/idds").retry(patient);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct Retry {
    attempts: u32,
    first_wait: Duration,
    longest_wait: Duration,
    budget: u32,
    settle: Duration,
}

impl Default for Retry {
    /// Four attempts, the waits are 0.25 s to 30 s, the budget is 100 retries.
    fn default() -> Self {
        Self {
            attempts: 4,
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(30),
            budget: 100,
            settle: Duration::from_secs(30),
        }
    }
}

impl Retry {
    /// Sends every call once.
    pub fn none() -> Self {
        Self::default().attempts(1)
    }

    /// Sets how often a call is sent at most, the first time included; 4 by default.
    pub fn attempts(mut self, most: u32) -> Self {
        self.attempts = most.max(1);
        self
    }

    /// Sets the wait after the first failure; 250 ms by default.
    pub fn first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// Sets the longest wait; 30 s by default. A server that asks for a longer one is not asked again.
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// Sets the number of retries that all clones of a client share; 100 by default.
    ///
    /// A retry takes one. A success pays back a fifth, or the whole of one if it was a retry.
    pub fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }

    /// Sets how long a submission whose answer was lost is looked for on the server; 30 s by default.
    ///
    /// The time that the POST took comes on top, or 20 s for each megabyte of it if that is longer. What is not found then is not
    /// submitted again, since it may still arrive: the call ends with [`ErrorKind::Undecided`](crate::ErrorKind::Undecided).
    pub fn settle(mut self, time: Duration) -> Self {
        self.settle = time;
        self
    }

    pub(crate) fn settling_time(&self) -> Duration {
        self.settle
    }

    /// Decides what follows a failure: the wait before the next attempt, or none to give up.
    ///
    /// `attempts` is how often the call was sent by now, `left` what remains of the time it may take, and `random` lies
    /// between 0 and 1.
    pub(crate) fn wait_after(
        &self,
        error: &Error,
        attempts: u32,
        left: Option<Duration>,
        random: f64,
    ) -> Option<Duration> {
        if attempts >= self.attempts || !error.is_retryable() {
            return None;
        }
        let doubled = 2u32.saturating_pow(attempts.saturating_sub(1));
        let backoff = self
            .first_wait
            .saturating_mul(doubled)
            .min(self.longest_wait);
        let share = 0.5 + random.clamp(0.0, 1.0) / 2.0;
        let jittered =
            Duration::try_from_secs_f64(backoff.as_secs_f64() * share).unwrap_or(backoff);
        let wait = match error.retry_after() {
            Some(asked) if asked > self.longest_wait => return None,
            // Never before the time that the server asked for, and not all clients at that moment.
            Some(asked) => asked.saturating_add(jittered.min(self.first_wait)),
            None => jittered,
        };
        // What would begin after the deadline cannot succeed, so the failure is told now.
        left.is_none_or(|left| wait < left).then_some(wait)
    }
}

/// Retry budget shared by all clones of a client, in units of 1/5 retry.
#[derive(Debug)]
pub(crate) struct Budget {
    fifths: AtomicU32,
    most: u32,
}

const WHOLE: u32 = 5;

impl Budget {
    pub(crate) fn new(retry: &Retry) -> Self {
        let most = retry.budget.saturating_mul(WHOLE);
        Self {
            fifths: AtomicU32::new(most),
            most,
        }
    }

    /// Takes one retry, if it is there.
    pub(crate) fn spend(&self) -> bool {
        self.change(|fifths| fifths.checked_sub(WHOLE))
    }

    /// Pays back for a call that succeeded at this attempt.
    pub(crate) fn earn(&self, attempts: u32) {
        let earned = if attempts > 1 { WHOLE } else { 1 };
        self.change(|fifths| {
            (fifths < self.most).then(|| fifths.saturating_add(earned).min(self.most))
        });
    }

    fn change(&self, to: impl FnMut(u32) -> Option<u32>) -> bool {
        self.fifths
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, to)
            .is_ok()
    }
}

/// Reads how long the server wants to be left alone.
///
/// A date is compared with the server's own clock where the answer has it, for one of the two clocks may be wrong.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = text(header::DATE).and_then(date).unwrap_or(now);
    let wait: SignedDuration = date(asked)?.duration_since(now);
    Some(wait.try_into().unwrap_or(Duration::ZERO))
}

/// Reads a date in one of the three forms of HTTP (RFC 9110, 5.6.7).
pub(crate) fn date(text: &str) -> Option<Timestamp> {
    [
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y",
    ]
    .iter()
    .find_map(|form| {
        let date =
            strtime::parse(form, text).and_then(|date| date.to_datetime()?.to_zoned(TimeZone::UTC));
        date.ok().map(|date| date.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, Method};

    use super::*;
    use crate::ErrorKind;

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, "broken").after_sending(&Method::GET, "/ping", 1, true)
    }

    fn wait(error: &Error, attempts: u32, left: Option<u64>, random: f64) -> Option<u128> {
        let left = left.map(Duration::from_millis);
        Retry::default()
            .attempts(20)
            .wait_after(error, attempts, left, random)
            .map(|wait| wait.as_millis())
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits = |random| {
            [1, 2, 3, 8, 19]
                .map(|attempts| wait(&error(ErrorKind::Timeout), attempts, None, random))
        };
        assert_eq!(waits(1.0), [250, 500, 1000, 30_000, 30_000].map(Some));
        assert_eq!(waits(0.0), [125, 250, 500, 15_000, 15_000].map(Some));
    }

    #[test]
    fn what_fails_again_in_the_same_way_is_given_up_at_once() {
        assert_eq!(wait(&error(ErrorKind::Refused), 1, None, 0.5), None);
        let once = Error::new(ErrorKind::Timeout, "lost").after_sending(
            &Method::POST,
            "/request",
            1,
            false,
        );
        assert_eq!(wait(&once, 1, None, 0.5), None);
        assert_eq!(
            Retry::none().wait_after(&error(ErrorKind::Connect), 1, None, 0.5),
            None
        );
    }

    #[test]
    fn no_wait_outlasts_the_deadline() {
        assert_eq!(
            wait(&error(ErrorKind::Connect), 1, Some(251), 1.0),
            Some(250)
        );
        assert_eq!(wait(&error(ErrorKind::Connect), 1, Some(250), 1.0), None);
    }

    #[test]
    fn the_server_is_left_alone_as_long_as_it_asks() {
        let asking =
            |seconds| error(ErrorKind::Unavailable).not_before(Some(Duration::from_secs(seconds)));
        assert_eq!(wait(&asking(7), 1, None, 1.0), Some(7_250));
        assert_eq!(wait(&asking(0), 9, None, 1.0), Some(250));
        assert_eq!(wait(&asking(31), 1, None, 1.0), None);
    }

    fn asked(headers: &[(HeaderName, &'static str)]) -> Option<u64> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().expect("a value")))
            .collect();
        let now = "1994-11-06T08:49:00Z".parse().expect("a time");
        retry_after(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_every_form_of_date() {
        for (text, seconds) in [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(37)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(37)),
            ("Sun Nov  6 08:49:37 1994", Some(37)),
            ("Sun, 06 Nov 1994 08:48:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(asked(&[(header::RETRY_AFTER, text)]), seconds, "{text}");
        }
    }

    #[test]
    fn a_date_is_one_of_the_servers_clock() {
        let wait = (header::RETRY_AFTER, "Sun, 06 Nov 2044 08:49:37 GMT");
        assert_eq!(
            asked(&[wait, (header::DATE, "Sun, 06 Nov 2044 08:49:30 GMT")]),
            Some(7)
        );
    }

    #[test]
    fn a_server_that_fails_everything_uses_up_the_budget() {
        let budget = Budget::new(&Retry::default().budget(2));
        assert_eq!(
            [budget.spend(), budget.spend(), budget.spend()],
            [true, true, false]
        );
        budget.earn(2);
        assert_eq!([budget.spend(), budget.spend()], [true, false]);
    }

    #[test]
    fn five_successes_pay_for_a_retry_and_never_more_than_the_whole_budget() {
        let budget = Budget::new(&Retry::default().budget(1));
        (0..50).for_each(|_| budget.earn(1));
        assert_eq!([budget.spend(), budget.spend()], [true, false]);
        (0..4).for_each(|_| budget.earn(1));
        assert!(!budget.spend());
        budget.earn(1);
        assert!(budget.spend());
    }
}
