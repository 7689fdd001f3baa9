//! From when to when a credential may be used.

use jiff::{Timestamp, Unit};

use super::unusable;
use crate::Error;

/// The time in which a certificate or token is valid, both ends included; an open end is none.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Validity {
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) not_after: Option<Timestamp>,
}

impl Validity {
    /// Fails when `now` is outside; `what` names the credential in the error.
    pub(crate) fn check(&self, what: &str, now: Timestamp) -> Result<(), Error> {
        match (self.not_before, self.not_after) {
            (_, Some(end)) if now > end => {
                Err(unusable(format!("{what} expired {} ago, at {}", span(end, now), moment(end))))
            }
            (Some(start), _) if now < start => {
                Err(unusable(format!("{what} is valid only in {}, from {}", span(now, start), moment(start))))
            }
            _ => Ok(()),
        }
    }

    /// Returns the time in which both are valid.
    pub(crate) fn and(self, other: Self) -> Self {
        let earlier = |a: Option<Timestamp>, b| a.into_iter().chain(b).min();
        Self { not_before: self.not_before.max(other.not_before), not_after: earlier(self.not_after, other.not_after) }
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Returns the time between two moments in its largest fitting unit, rounded down: `3 h`.
fn span(from: Timestamp, to: Timestamp) -> String {
    let seconds = from.until((Unit::Second, to)).map_or(0, |span| span.get_seconds());
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
        let validity = Validity { not_before: None, not_after: Some(at("2026-11-22T09:00:00Z")) };
        assert!(validity.check("the token", at("2026-11-22T09:00:00Z")).is_ok());
        let error = validity.check("the token", at("2026-11-22T12:00:01Z")).expect_err("expired");
        assert_eq!(error.to_string(), "the token expired 3 h ago, at 2026-11-22 09:00:00 UTC");
    }

    #[test]
    fn a_credential_from_the_future_says_from_when() {
        let validity = Validity { not_before: Some(at("2026-11-22T09:00:00Z")), not_after: None };
        let error = validity.check("the token", at("2026-11-22T08:59:00Z")).expect_err("too early");
        assert_eq!(error.to_string(), "the token is valid only in 60 s, from 2026-11-22 09:00:00 UTC");
    }

    #[test]
    fn a_chain_is_valid_while_all_of_it_is() {
        let [a, b, c] = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"].map(at);
        let proxy = Validity { not_before: Some(b), not_after: Some(c) };
        let user = Validity { not_before: Some(a), not_after: None };
        assert_eq!(proxy.and(user), proxy);
        assert_eq!(user.and(proxy), proxy);
    }
}
