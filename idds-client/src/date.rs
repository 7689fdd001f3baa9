//! Dates and periods as the server writes them.

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Reads a date such as `Sun, 22 Nov 2026 12:19:01 UTC`, or null.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    strtime::parse("%a, %d %b %Y %H:%M:%S UTC", &text)
        .and_then(|date| date.to_datetime()?.to_zoned(TimeZone::UTC))
        .map(|date| Some(date.timestamp()))
        .map_err(D::Error::custom)
}

/// Reads a period as Python prints it, such as `0:00:10` or `-1 day, 23:59:59.500000`, or null.
pub(crate) fn optional_period<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SignedDuration>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    match period(&text) {
        Some(period) => Ok(Some(period)),
        None => Err(D::Error::custom(format_args!("{text:?} is no period such as 0:00:10"))),
    }
}

fn period(text: &str) -> Option<SignedDuration> {
    let (days, time) = match text.split_once(", ") {
        Some((days, time)) => (days.strip_suffix(" days").or_else(|| days.strip_suffix(" day"))?.parse().ok()?, time),
        None => (0, text),
    };
    let (time, micros) = match time.split_once('.') {
        Some((time, digits)) if digits.len() == 6 => (time, digits.parse().ok()?),
        Some(_) => return None,
        None => (time, 0),
    };
    let mut parts = time.split(':').map(|part| part.parse::<u8>().ok().map(i64::from));
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let seconds = i64::checked_mul(days, 86_400)?.checked_add(hours * 3600 + minutes * 60 + seconds)?;
    if parts.next().is_some() {
        None
    } else {
        SignedDuration::from_secs(seconds).checked_add(SignedDuration::from_micros(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_read_as_python_prints_it() {
        // str(timedelta(...)) of Python 3.11.
        for (text, micros) in [
            ("0:00:10", 10_000_000),
            ("1 day, 2:03:04", 93_784_000_000),
            ("30 days, 0:00:00", 2_592_000_000_000),
            ("0:00:00.500000", 500_000),
            ("-1 day, 23:59:59.500000", -500_000),
        ] {
            assert_eq!(period(text), Some(SignedDuration::from_micros(micros)), "{text}");
        }
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in [
            "",
            "10",
            "0:00",
            "0:00:10:00",
            "0:00:x",
            "one day, 0:00:00",
            "0:00:00.5",
            "9223372036854775807 days, 0:00:00",
        ] {
            assert_eq!(period(text), None, "{text}");
        }
    }
}
