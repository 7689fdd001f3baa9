//! Numbers that stay integers or floating-point numbers, as they were written.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// A number as it stands in a definition: `5` and `5.0` are different to the server's optimisers and stay different.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer.
    Int(i64),
    /// A floating-point number; builders refuse NaN and infinities.
    Float(f64),
}

impl Number {
    /// Returns the value as a floating-point number, rounded when it is an integer beyond 2^53.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    /// Tells whether the number is neither NaN nor infinite.
    pub fn is_finite(self) -> bool {
        self.as_f64().is_finite()
    }
}

/// Returns the value of a number without a fraction, however it is written: `3.0` is whole, as JSON Schema has it.
pub(crate) fn whole(number: &serde_json::Number) -> Option<i128> {
    let fractional = || {
        number
            .as_f64()
            .filter(|value| value.fract() == 0.0 && value.abs() < 1e30)
    };
    number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from))
        .or_else(|| fractional().map(|value| value as i128))
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            _ => self.as_f64().partial_cmp(&other.as_f64()),
        }
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

macro_rules! from_integers {
    ($($integer:ty),+) => { $(
        impl From<$integer> for Number {
            fn from(value: $integer) -> Self {
                Self::Int(value.into())
            }
        }
    )+ };
}

from_integers!(i64, i32, u32, i16, u16, i8, u8);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => write!(f, "{value:?}"),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Int(value) => serializer.serialize_i64(value),
            Self::Float(value) => serializer.serialize_f64(value),
        }
    }
}

/// Asks for a float, so that [`python_json`](crate::python_json) gives it NaN and infinities, and takes integers as they are.
impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(AnyNumber)
    }
}

struct AnyNumber;

impl Visitor<'_> for AnyNumber {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
        Ok(Number::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
        Ok(i64::try_from(value).map_or(Number::Float(value as f64), Number::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
        Ok(Number::Float(value))
    }
}

impl JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_and_five_point_zero_stay_different() {
        for text in ["5", "5.0", "-0.0", "1e22", "9223372036854775807"] {
            let number: Number = serde_json::from_str(text).expect("a number");
            assert_eq!(
                serde_json::to_string(&number).expect("JSON").parse::<f64>(),
                text.parse::<f64>()
            );
            assert_eq!(matches!(number, Number::Int(_)), !text.contains(['.', 'e']));
        }
    }
}
