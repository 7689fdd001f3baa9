//! Looking into JSON without reading the rest of it.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::extent::Extent;

/// Most values of a part that is looked at.
const MOST_VALUES: usize = 10_000;

/// Returns the value at this place of objects within each other; none also when it is too large to be what is looked for.
pub(crate) fn at(json: &str, place: &[&str]) -> Option<Value> {
    value(
        place
            .iter()
            .try_fold(json, |text, name| member(text, name))?,
    )
}

/// Reads a value that is not too large to be what is looked for.
pub(crate) fn value(text: &str) -> Option<Value> {
    if Extent::of(text.as_bytes()).values > MOST_VALUES {
        None
    } else {
        serde_json::from_str(text).ok()
    }
}

/// Returns the text of a member of an object; of several of this name, the last.
pub(crate) fn member<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    Member(name)
        .deserialize(&mut deserializer)
        .ok()
        .flatten()
        .map(RawValue::get)
}

/// Returns the text of the first member of an object.
pub(crate) fn first(json: &str) -> Option<&str> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    First
        .deserialize(&mut deserializer)
        .ok()
        .flatten()
        .map(RawValue::get)
}

struct Member<'n>(&'n str);

struct First;

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is_meant) = members.next_key_seed(Is(self.0))? {
            if is_meant {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

impl<'de> DeserializeSeed<'de> for First {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for First {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let first = members.next_entry::<IgnoredAny, &RawValue>()?;
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(first.map(|(_, value)| value))
    }
}

/// Whether a name is this one.
struct Is<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer).map(|name| name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_at_its_place_and_nothing_elsewhere() {
        let json = r#"{"a": {"b": [1, {}], "c": 5}, "d": "x", "\u0061": {"b": 7}}"#;
        assert_eq!(at(json, &["a", "b"]), Some(7.into()));
        assert_eq!(at(json, &["d"]), Some("x".into()));
        assert_eq!(
            (at(json, &["e"]), at(json, &["d", "b"]), at("[1]", &["a"])),
            (None, None, None)
        );
        assert_eq!(
            (first(json), first("{}"), first("5")),
            (Some(r#"{"b": [1, {}], "c": 5}"#), None, None)
        );
    }
}
