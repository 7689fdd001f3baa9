//! Values of fields: present or absent, whole numbers, names of enumerations.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use super::Form;
use crate::literal::Takes;
use crate::{Error, Literal};

/// The value of a field that may be left out. It is never null.
#[derive(Clone)]
pub(super) struct Present<T>(pub(super) Option<T>);

impl<T> Present<T> {
    pub(super) fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    /// Hands the value to a setter of a builder, when there is one.
    pub(super) fn set<B>(self, builder: B, setter: impl FnOnce(B, T) -> B) -> B {
        match self.0 {
            Some(value) => setter(builder, value),
            None => builder,
        }
    }
}

impl<T> Default for Present<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl From<Option<&str>> for Present<String> {
    fn from(text: Option<&str>) -> Self {
        Self(text.map(str::to_owned))
    }
}

impl<T: Clone> From<&Option<T>> for Present<T> {
    fn from(value: &Option<T>) -> Self {
        Self(value.clone())
    }
}

impl<T> From<Option<T>> for Present<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

impl<T: Serialize> Serialize for Present<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Present<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}

impl<T: JsonSchema> JsonSchema for Present<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Types of whole numbers.
pub(super) trait Unsigned: Copy + TryFrom<i128> + Into<u64> {
    const MAX: u64;
}

impl Unsigned for u32 {
    const MAX: u64 = u32::MAX as u64;
}

impl Unsigned for u64 {
    const MAX: u64 = u64::MAX;
}

/// A whole number from `MIN` up. As in JSON Schema, `3.0` is one.
#[derive(Clone, Copy)]
pub(super) struct Whole<T, const MIN: u64 = 0>(pub(super) T);

impl<T: Unsigned, const MIN: u64> Serialize for Whole<T, MIN> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0.into())
    }
}

impl<'de, T: Unsigned, const MIN: u64> Deserialize<'de> for Whole<T, MIN> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let value = crate::number::whole(&number).filter(|value| *value >= i128::from(MIN));
        value
            .and_then(|value| T::try_from(value).ok())
            .map(Self)
            .ok_or_else(|| {
                D::Error::custom(format_args!(
                    "{number} is not a whole number from {MIN} to {}",
                    T::MAX
                ))
            })
    }
}

impl<T: Unsigned, const MIN: u64> JsonSchema for Whole<T, MIN> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Whole".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": T::MAX })
    }
}

/// A number of things as it is sent, which may be a text of digits unless the server calculates with it.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct WholeNumber<const DIGITS: bool>(pub(super) Literal);

impl<const DIGITS: bool> WholeNumber<DIGITS> {
    const TAKES: Takes = if DIGITS { Takes::WHOLE } else { Takes::LIMIT };
}

impl<'de, const DIGITS: bool> Deserialize<'de> for WholeNumber<DIGITS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let literal = Literal::deserialize(deserializer)?;
        match Self::TAKES.wrong(&literal) {
            None => Ok(Self(literal)),
            Some(message) => Err(D::Error::custom(message)),
        }
    }
}

impl<const DIGITS: bool> JsonSchema for WholeNumber<DIGITS> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WholeNumber".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Self::TAKES.schema()
    }
}

/// The id of a Rucio rule: a text or an integer.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct RuleId(pub(super) Literal);

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Literal::deserialize(deserializer)? {
            id @ (Literal::Text(_) | Literal::Int(_)) => Ok(Self(id)),
            // As in JSON Schema, `3.0` is an integer.
            Literal::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                Ok(Self((value as i64).into()))
            }
            other => Err(D::Error::custom(format_args!(
                "{other} is neither a text nor an integer"
            ))),
        }
    }
}

impl JsonSchema for RuleId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "RuleId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string", "maxLength": 255 }, { "type": "integer" }] })
    }
}

impl Form<Literal> for RuleId {
    fn of(id: &Literal) -> Self {
        Self(id.clone())
    }

    fn build(self) -> Result<Literal, Error> {
        Ok(self.0)
    }
}

impl<T: Named> Form<T> for ByName<T> {
    fn of(value: &T) -> Self {
        Self(*value)
    }

    fn build(self) -> Result<T, Error> {
        Ok(self.0)
    }
}

/// A whole number of 32 bits. As in JSON Schema, `3.0` is one.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Integer(pub(super) i32);

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let value = crate::number::whole(&number).and_then(|value| i32::try_from(value).ok());
        value.map(Self).ok_or_else(|| {
            D::Error::custom(format_args!(
                "{number} is not a whole number from {} to {}",
                i32::MIN,
                i32::MAX
            ))
        })
    }
}

impl JsonSchema for Integer {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Integer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX })
    }
}

/// Enumerations of the server whose values have names in a document.
pub(crate) trait Named: Copy + 'static {
    /// What a value is, for readers of the schema.
    const DESCRIPTION: &'static str;
    const NAME: &'static str;

    fn named() -> &'static [(i64, &'static str, Self)];
    fn from_code(code: i64) -> Self;
    fn code(self) -> i64;
}

macro_rules! named {
    ($enumeration:ident, $description:literal) => {
        impl Named for crate::$enumeration {
            const DESCRIPTION: &'static str = $description;
            const NAME: &'static str = stringify!($enumeration);

            fn named() -> &'static [(i64, &'static str, Self)] {
                Self::NAMED
            }

            fn from_code(code: i64) -> Self {
                Self::from_code(code)
            }

            fn code(self) -> i64 {
                self.code()
            }
        }
    };
}

named!(
    CollectionType,
    "What a collection is; a number for a type that has no name here."
);
named!(
    TransformType,
    "What a work does; a number for a type that has no name here."
);

/// A value of an enumeration: its name in snake case, or its number when it has no name.
#[derive(Clone, Copy)]
pub(crate) struct ByName<T>(pub(super) T);

impl<T: Named> Serialize for ByName<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match T::named().iter().find(|(code, ..)| *code == self.0.code()) {
            Some((_, name, _)) => serializer.collect_str(&snake_case(name)),
            None => serializer.serialize_i64(self.0.code()),
        }
    }
}

impl<'de, T: Named> Deserialize<'de> for ByName<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let by_name = |text: &str| {
            T::named()
                .iter()
                .find(|(_, name, _)| snake_case(name) == text)
                .map(|(.., v)| *v)
        };
        let by_number = |number| {
            i64::try_from(crate::number::whole(number)?)
                .ok()
                .map(T::from_code)
        };
        let known = match &value {
            serde_json::Value::String(text) => by_name(text),
            serde_json::Value::Number(number) => by_number(number),
            _ => None,
        };
        known.map(Self).ok_or_else(|| {
            let names: Vec<_> = T::named()
                .iter()
                .map(|(_, name, _)| snake_case(name))
                .collect();
            D::Error::custom(format_args!("{value} is none of {}", names.join(", ")))
        })
    }
}

impl<T: Named> JsonSchema for ByName<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = T::named()
            .iter()
            .map(|(_, name, _)| snake_case(name))
            .collect();
        json_schema!({
            "description": T::DESCRIPTION,
            "anyOf": [
                { "type": "string", "enum": names },
                { "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX },
            ],
        })
    }
}

/// Writes `NoContentDataset` as `no_content_dataset`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
