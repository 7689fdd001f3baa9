//! Reading dates, periods and enumerations as the server writes them.

use std::fmt;

use idds_workflow::wire::{Enumeration, Member};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};

/// A value that the server sends by its name instead of its number.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Named<T> {
    /// A value with a name that this version of the crate knows.
    Known(T),
    /// Another name.
    Unknown(String),
}

impl<T: PartialEq> PartialEq<T> for Named<T> {
    fn eq(&self, value: &T) -> bool {
        matches!(self, Self::Known(known) if known == value)
    }
}

impl<T: fmt::Display> fmt::Display for Named<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Unknown(name) => f.pad(name),
        }
    }
}

/// Makes a reader of an enumeration by name; `from_name` is that of the enumeration.
macro_rules! read_named {
    ($($type:ty),+ $(,)?) => {
        $(impl<'de> Deserialize<'de> for Named<$type> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                Ok(<$type>::from_name(&name).map_or(Self::Unknown(name), Self::Known))
            }
        })+
    };
}

read_named!(
    idds_workflow::RequestStatus,
    idds_workflow::TransformStatus,
    idds_workflow::TransformType,
    idds_workflow::ProcessingStatus,
);

/// Reads a member of an enumeration.
pub(crate) fn member<'de, T: Enumeration, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Member::deserialize(deserializer).map(|Member(value)| value)
}

/// Reads a member of an enumeration, or null.
pub(crate) fn optional_member<'de, T: Enumeration, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let member: Option<Member<T>> = Option::deserialize(deserializer)?;
    Ok(member.map(|Member(value)| value))
}

/// Reads whether a record is locked by an agent: `TransformLocking` and its like are Idle (0) or Locking (1).
pub(crate) fn locking<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Code(i64),
        Object { attributes: Attributes },
    }
    #[derive(Deserialize)]
    struct Attributes {
        #[serde(rename = "_value_")]
        value: i64,
    }

    let form: Option<Form> = Option::deserialize(deserializer)?;
    Ok(form.is_some_and(
        |(Form::Code(value)
         | Form::Object {
             attributes: Attributes { value },
         })| value != 0,
    ))
}

/// Reads a date such as `Sun, 22 Nov 2026 12:19:01 UTC`, or null.
pub(crate) fn date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    strtime::parse("%a, %d %b %Y %H:%M:%S UTC", &text)
        .and_then(|date| date.to_datetime()?.to_zoned(TimeZone::UTC))
        .map(|date| Some(date.timestamp()))
        .map_err(D::Error::custom)
}

/// Reads a period as Python prints it, such as `0:00:10` or `-1 day, 23:59:59.500000`, or null.
pub(crate) fn period<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SignedDuration>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let expected = &"a period such as 0:00:10 or 2 days, 3:04:05";
    parse_period(&text)
        .map(Some)
        .ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), expected))
}

fn parse_period(text: &str) -> Option<SignedDuration> {
    let (days, time) = match text.split_once(", ") {
        Some((days, time)) => (
            days.strip_suffix(" days")
                .or_else(|| days.strip_suffix(" day"))?
                .parse()
                .ok()?,
            time,
        ),
        None => (0, text),
    };
    let (time, micros) = match time.split_once('.') {
        Some((time, digits)) if digits.len() == 6 => (time, digits.parse().ok()?),
        Some(_) => return None,
        None => (time, 0),
    };
    let mut parts = time
        .split(':')
        .map(|part| part.parse::<u8>().ok().map(i64::from));
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let seconds =
        i64::checked_mul(days, 86_400)?.checked_add(hours * 3600 + minutes * 60 + seconds)?;
    if parts.next().is_some() {
        None
    } else {
        SignedDuration::from_secs(seconds).checked_add(SignedDuration::from_micros(micros))
    }
}

/// Reads the state of a content, which one route sends as a member and another by name.
pub(crate) fn content_status<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<idds_workflow::ContentStatus, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Name(String),
        Member(Member<idds_workflow::ContentStatus>),
    }

    match Form::deserialize(deserializer)? {
        Form::Member(Member(status)) => Ok(status),
        Form::Name(name) => idds_workflow::ContentStatus::from_name(&name).ok_or_else(|| {
            D::Error::invalid_value(Unexpected::Str(&name), &"the name of a ContentStatus")
        }),
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::RequestStatus;

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
            assert_eq!(
                parse_period(text),
                Some(SignedDuration::from_micros(micros)),
                "{text}"
            );
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
            assert_eq!(parse_period(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_of_a_later_version_survives() {
        let named: Named<RequestStatus> = serde_json::from_str("\"Pondering\"").expect("a name");
        assert_eq!(
            (named.to_string().as_str(), named == RequestStatus::New),
            ("Pondering", false)
        );
        let named: Named<RequestStatus> = serde_json::from_str("\"ToSuspend\"").expect("a name");
        assert!(named == RequestStatus::ToSuspend);
    }

    #[test]
    fn a_lock_is_read_whatever_its_class() {
        for (text, expected) in [
            (
                r#"{"class": "TransformLocking", "module": "m", "attributes": {"_value_": 1}}"#,
                true,
            ),
            (
                r#"{"class": "ContentLocking", "module": "m", "attributes": {"_value_": 0}}"#,
                false,
            ),
            ("1", true),
            ("null", false),
        ] {
            let is_locked = locking(&mut serde_json::Deserializer::from_str(text)).expect("a lock");
            assert_eq!(is_locked, expected, "{text}");
        }
    }
}
