//! A point of a search, as the server keeps it.

use std::fmt;

use idds_workflow::python_json::{self, NumberOrText};
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Name of a point within its request: the server counts `1`, `2`, ….
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct PointId(String);

/// A point of a search: values to try, and how good they turned out to be.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct HyperParameters {
    /// Name of the point within its request.
    pub id: PointId,
    /// The values: what the steering program wrote, usually an object with the names of the parameters.
    ///
    /// `NaN` and `Infinity`, which are not JSON, are the texts `"NaN"`, `"Infinity"` and `"-Infinity"` here. An integer beyond
    /// 64 bits is refused: rounded, it would be another point.
    #[serde(deserialize_with = "python_json::exact_integers")]
    pub parameters: Value,
    /// The loss; none while the point is open. Others may have reported NaN or infinity.
    #[serde(deserialize_with = "loss")]
    pub loss: Option<f64>,
}

/// Reads a loss, which is null and never absent.
fn loss<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Option::<NumberOrText>::deserialize(deserializer).map(|loss| loss.map(|loss| loss.0))
}

impl PointId {
    /// Names a point.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PointId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for PointId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl From<&PointId> for PointId {
    fn from(id: &PointId) -> Self {
        id.clone()
    }
}

impl fmt::Display for PointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Reads text, or a number, which older servers send.
impl<'de> Deserialize<'de> for PointId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrNumber;

        impl Visitor<'_> for TextOrNumber {
            type Value = PointId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the id of a point")
            }

            fn visit_str<E: Error>(self, id: &str) -> Result<PointId, E> {
                Ok(id.into())
            }

            fn visit_u64<E: Error>(self, id: u64) -> Result<PointId, E> {
                Ok(PointId(id.to_string()))
            }
        }

        deserializer.deserialize_any(TextOrNumber)
    }
}
