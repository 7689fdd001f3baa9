//! The period in which a credential is valid.

use jiff::{SignedDuration, Timestamp};

use super::unusable;
use crate::Error;

/// The time in which a certificate or token is valid, both ends included; an open end is none.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Validity {
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) not_after: Option<Timestamp>,
}

/// By how much the clocks of this machine, the server and the provider may differ (RFC 7519, 4.1.4 and 4.1.5): within it, the server
/// decides. Many providers make tokens that are valid from the very second on.
const LEEWAY: SignedDuration = SignedDuration::from_mins(2);

/// Where a moment lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Phase {
    /// Too early, by more than clocks may differ.
    Early,
    /// In the time, or near it.
    Valid,
    /// Too late.
    Late,
}

/// That a credential is refused here because of the time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("it is {0} by the clock of this machine")]
pub(crate) struct Untimely(Timestamp);

impl Validity {
    /// Says where a moment lies.
    pub(crate) fn phase(&self, now: Timestamp) -> Phase {
        match (self.not_before, self.not_after) {
            (_, Some(end)) if now.duration_since(end) > LEEWAY => Phase::Late,
            (Some(start), _) if start.duration_since(now) > LEEWAY => Phase::Early,
            _ => Phase::Valid,
        }
    }

    /// Fails when `now` is outside, by more than clocks may differ; `what` names the credential in the error.
    pub(crate) fn check(&self, what: &str, now: Timestamp) -> Result<(), Error> {
        let why = match (self.phase(now), self.not_before, self.not_after) {
            (Phase::Late, _, Some(end)) => {
                format!(
                    "expired {} ago, at {}",
                    span(now.duration_since(end)),
                    moment(end)
                )
            }
            (Phase::Early, Some(start), _) => {
                format!(
                    "is valid only in {}, from {}",
                    span(start.duration_since(now)),
                    moment(start)
                )
            }
            _ => return Ok(()),
        };
        Err(unusable(format!("{what} {why}")).caused_by(Untimely(now)))
    }

    /// Returns the time in which both are valid.
    pub(crate) fn and(self, other: Self) -> Self {
        let earlier = |a: Option<Timestamp>, b| a.into_iter().chain(b).min();
        Self {
            not_before: self.not_before.max(other.not_before),
            not_after: earlier(self.not_after, other.not_after),
        }
    }
}

/// Writes a moment to the second.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Writes a time in its largest fitting unit, rounded down: `3 h`.
pub(crate) fn span(time: SignedDuration) -> String {
    let seconds = time.as_secs();
    match seconds {
        ..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn an_expired_credential_says_since_when() {
        let validity = Validity {
            not_before: None,
            not_after: Some(at("2026-11-22T09:00:00Z")),
        };
        assert!(
            validity
                .check("the token", at("2026-11-22T09:00:00Z"))
                .is_ok()
        );
        let error = validity
            .check("the token", at("2026-11-22T12:00:01Z"))
            .expect_err("expired");
        assert_eq!(
            error.to_string(),
            "the token expired 3 h ago, at 2026-11-22 09:00:00 UTC"
        );
    }

    #[test]
    fn a_credential_from_the_future_says_from_when() {
        let validity = Validity {
            not_before: Some(at("2026-11-22T09:00:00Z")),
            not_after: None,
        };
        let error = validity
            .check("the token", at("2026-11-22T08:53:00Z"))
            .expect_err("too early");
        assert_eq!(
            error.to_string(),
            "the token is valid only in 7 min, from 2026-11-22 09:00:00 UTC"
        );
        assert!(error.is_untimely());
    }

    #[test]
    fn what_clocks_may_differ_by_is_left_to_the_server() {
        let [start, end] = ["2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z"].map(at);
        let validity = Validity {
            not_before: Some(start),
            not_after: Some(end),
        };
        for (moment, phase) in [
            ("2026-11-22T08:57:59Z", Phase::Early),
            ("2026-11-22T08:58:00Z", Phase::Valid),
            ("2026-11-22T08:59:55Z", Phase::Valid),
            ("2026-11-22T10:02:00Z", Phase::Valid),
            ("2026-11-22T10:02:01Z", Phase::Late),
        ] {
            assert_eq!(validity.phase(at(moment)), phase, "{moment}");
        }
    }

    #[test]
    fn a_chain_is_valid_while_all_of_it_is() {
        let [a, b, c] = [
            "2026-01-01T00:00:00Z",
            "2026-02-01T00:00:00Z",
            "2026-03-01T00:00:00Z",
        ]
        .map(at);
        let proxy = Validity {
            not_before: Some(b),
            not_after: Some(c),
        };
        let user = Validity {
            not_before: Some(a),
            not_after: None,
        };
        assert_eq!(proxy.and(user), proxy);
        assert_eq!(user.and(proxy), proxy);
    }
}
