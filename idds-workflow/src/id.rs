//! Typed identifiers, and the source that an encoding takes its ids, its time and its generated names from.

use std::borrow::Cow;
use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::{Error, number};

/// Number of a request: what the server answers to a submission.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct RequestId(u64);

impl RequestId {
    /// Names the request with this number.
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// Returns the number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RequestId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Number of a task in the workload system, for example a JEDI task id.
///
/// The server stores it in a signed 32-bit column, so it is at most 2 147 483 647. Python programs often hand it over as
/// text of digits; the spelling is kept, because it stands in the request as it was given.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct WorkloadId {
    number: u32,
    is_text: bool,
}

impl WorkloadId {
    /// Largest workload id the server can store.
    pub const MAX: u32 = i32::MAX as u32;

    /// Names the task with this number.
    ///
    /// Numbers above [`WorkloadId::MAX`] are accepted here and refused by the builder of the workflow that carries them.
    pub const fn new(number: u32) -> Self {
        Self {
            number,
            is_text: false,
        }
    }

    /// Names the task by its digits, which stay text on the wire.
    ///
    /// # Errors
    ///
    /// When the text is not a decimal number without sign and leading zeros, or above [`WorkloadId::MAX`].
    pub fn from_text(digits: &str) -> Result<Self, Error> {
        match digits.parse() {
            Ok(number) if number <= Self::MAX && digits == u32::to_string(&number) => Ok(Self {
                number,
                is_text: true,
            }),
            _ => Err(Error::new(
                "workload_id",
                format!("{digits:?} is not a number from 0 to {}", Self::MAX),
            )),
        }
    }

    /// Returns the number.
    pub const fn get(self) -> u32 {
        self.number
    }
}

impl From<u32> for WorkloadId {
    fn from(number: u32) -> Self {
        Self::new(number)
    }
}

impl fmt::Display for WorkloadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

impl FromStr for WorkloadId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_text(text).map(|id| Self::new(id.number))
    }
}

impl Serialize for WorkloadId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_text {
            serializer.collect_str(&self.number)
        } else {
            serializer.serialize_u32(self.number)
        }
    }
}

impl<'de> Deserialize<'de> for WorkloadId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let id = match &value {
            Value::Number(number) => number::whole(number)
                .and_then(|number| u32::try_from(number).ok())
                .filter(|number| *number <= Self::MAX)
                .map(Self::new),
            Value::String(digits) => Self::from_text(digits).ok(),
            _ => None,
        };
        let message = || {
            format!(
                "{value} is not a number from 0 to {}, or its digits",
                Self::MAX
            )
        };
        id.ok_or_else(|| D::Error::custom(message()))
    }
}

impl JsonSchema for WorkloadId {
    fn schema_name() -> Cow<'static, str> {
        "WorkloadId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // The digits of 0 to 2147483647.
        let digits = "^(0|[1-9][0-9]{0,8}|1[0-9]{9}|20[0-9]{8}|21[0-3][0-9]{7}|214[0-6][0-9]{6}|2147[0-3][0-9]{5}\
                      |21474[0-7][0-9]{4}|214748[0-2][0-9]{3}|2147483[0-5][0-9]{2}|21474836[0-3][0-9]|214748364[0-7])$";
        json_schema!({
            "description": "Number of a task in the workload system, or its digits.",
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": Self::MAX },
                { "type": "string", "pattern": digits },
            ],
        })
    }
}

/// Identity of an object inside one request: eight hex digits on the wire.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct InternalId(u32);

impl fmt::Display for InternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// Reads eight hex digits in lower case.
impl FromStr for InternalId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match u32::from_str_radix(text, 16) {
            Ok(number)
                if text.len() == 8
                    && !text.contains(|c: char| c == '+' || c.is_ascii_uppercase()) =>
            {
                Ok(Self(number))
            }
            _ => Err(Error::new(
                "id",
                format!("{text:?} is not eight hex digits"),
            )),
        }
    }
}

impl Serialize for InternalId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A workflow is full of ids, and `Display` takes several times as long.
        let digits = [28, 24, 20, 16, 12, 8, 4, 0]
            .map(|shift| b"0123456789abcdef"[(self.0 >> shift) as usize & 0xf]);
        serializer.serialize_str(str::from_utf8(&digits).map_err(serde::ser::Error::custom)?)
    }
}

/// Where one encoding of a workflow takes its ids, its time and the random part of generated names from.
///
/// The same workflow with the same stamp gives the same bytes. Ids of one stamp never repeat: they run through a
/// permutation of all 32-bit numbers. (Python draws them at random, so that a workflow of 100 000 works loses about one.)
///
/// ```
/// use idds_workflow::{Stamp, Workflow, wire};
///
/// let stamp = Stamp::new("2024-03-05T06:07:08Z".parse()?, 7);
/// let workflow = Workflow::builder().name("demo").build()?;
/// let twice = [(); 2].map(|()| serde_json::to_string(&wire::Submission::new(&workflow, &stamp)).ok());
/// assert_eq!(twice[0], twice[1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stamp {
    now: Timestamp,
    /// The moment in the server's spelling, once it was asked for.
    date: OnceLock<String>,
    ids: Ids,
}

#[derive(Clone, Debug)]
enum Ids {
    Scattered { seed: u64 },
    Counted { first_id: u32, first_draw: u32 },
}

impl Stamp {
    /// Makes a source for this moment; `seed` should be random, so that two programs draw different names.
    pub const fn new(now: Timestamp, seed: u64) -> Self {
        Self {
            now,
            date: OnceLock::new(),
            ids: Ids::Scattered { seed },
        }
    }

    /// Makes a source whose ids and draws count up, as the recorded reference payloads have them.
    ///
    /// The first id is `first_id` in hex; the k-th random draw of 1 to 1000 counts up from `first_draw` and starts over
    /// after 1000.
    pub const fn counting(now: Timestamp, first_id: u32, first_draw: u32) -> Self {
        Self {
            now,
            date: OnceLock::new(),
            ids: Ids::Counted {
                first_id,
                first_draw,
            },
        }
    }

    /// Returns the moment.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the id number `index` of this encoding.
    pub(crate) fn id(&self, index: u32) -> InternalId {
        InternalId(match self.ids {
            Ids::Scattered { seed } => {
                let [low, high] = [seed as u32, (seed >> 32) as u32];
                scatter(scatter(index.wrapping_add(low)) ^ high)
            }
            Ids::Counted { first_id, .. } => first_id.wrapping_add(index),
        })
    }

    /// Returns `prefix.T`: T is the time with microseconds, followed by draw number `index`, a number from 1 to 1000.
    pub(crate) fn name(&self, prefix: &str, index: u32) -> String {
        let draw = match self.ids {
            Ids::Scattered { seed } => scatter((seed >> 16) as u32 ^ scatter(!index)),
            Ids::Counted { first_draw, .. } => first_draw.wrapping_sub(1).wrapping_add(index),
        };
        let time = self.now.to_zoned(TimeZone::UTC);
        format!(
            "{prefix}.{}{}",
            time.strftime("%Y_%m_%d_%H_%M_%S_%6f"),
            draw % 1000 + 1
        )
    }

    /// Returns the moment in the server's spelling, such as `Tue, 05 Mar 2024 06:07:08 UTC`.
    pub(crate) fn date(&self) -> &str {
        self.date.get_or_init(|| {
            self.now
                .to_zoned(TimeZone::UTC)
                .strftime("%a, %d %b %Y %H:%M:%S UTC")
                .to_string()
        })
    }
}

/// Permutes the 32-bit numbers so that neighbours come out far apart (the finaliser of MurmurHash3).
fn scatter(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x85eb_ca6b);
    x ^= x >> 13;
    x = x.wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn moment() -> Timestamp {
        "2024-03-05T06:07:08.000009Z".parse().expect("a valid time")
    }

    #[test]
    fn a_hundred_thousand_ids_are_all_different() {
        let stamp = Stamp::new(moment(), 0x0123_4567_89ab_cdef);
        let ids: HashSet<_> = (0..100_000).map(|index| stamp.id(index)).collect();
        assert_eq!(ids.len(), 100_000);
    }

    #[test]
    fn generated_names_look_like_pythons() {
        let stamp = Stamp::counting(moment(), 1, 1);
        assert_eq!(stamp.name("hpo", 0), "hpo.2024_03_05_06_07_08_0000091");
        assert_eq!(stamp.name("hpo", 1000), "hpo.2024_03_05_06_07_08_0000091");
        assert_eq!(stamp.date(), "Tue, 05 Mar 2024 06:07:08 UTC");
    }

    #[test]
    fn a_workload_id_keeps_its_spelling() {
        for form in ["20525135", "\"20525135\""] {
            let id: WorkloadId = serde_json::from_str(form).expect("a workload id");
            assert_eq!(serde_json::to_string(&id).expect("JSON"), form);
            assert_eq!(id.get(), 20_525_135);
        }
    }

    #[test]
    fn a_workload_id_the_server_cannot_store_is_refused() {
        for form in [
            "-1",
            "2147483648",
            "\"007\"",
            "\"\"",
            "\"x\"",
            "1.5",
            "null",
        ] {
            assert!(serde_json::from_str::<WorkloadId>(form).is_err(), "{form}");
        }
    }
}
