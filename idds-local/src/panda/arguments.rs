//! The arguments of a call: those that have names, and those that have not.

use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Arguments by their names, as JSON.
pub(super) type Arguments = IndexMap<String, Box<RawValue>>;

/// Most arguments of a call; each takes more memory than it is long.
const MOST: usize = 1_000;

/// A list or an object with few items.
#[derive(Debug)]
pub(super) struct Few<T>(pub(super) T);

struct Reader<T>(PhantomData<T>);

impl<'de> Deserialize<'de> for Few<Arguments> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Reader::<Arguments>(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Few<Vec<Box<RawValue>>> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Reader::<Vec<_>>(PhantomData))
    }
}

impl<'de> Visitor<'de> for Reader<Arguments> {
    type Value = Few<Arguments>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut arguments = Arguments::new();
        while let Some((name, value)) = members.next_entry()? {
            arguments.insert(name, value);
            check(arguments.len())?;
        }
        Ok(Few(arguments))
    }
}

impl<'de> Visitor<'de> for Reader<Vec<Box<RawValue>>> {
    type Value = Few<Vec<Box<RawValue>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut arguments = Vec::new();
        while let Some(value) = items.next_element()? {
            arguments.push(value);
            check(arguments.len())?;
        }
        Ok(Few(arguments))
    }
}

fn check<E: Error>(count: usize) -> Result<(), E> {
    match count > MOST {
        true => Err(E::custom(format!("there are more than {MOST} arguments"))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_few_arguments() {
        let list = |count: usize| format!("[{}1]", "1,".repeat(count - 1));
        let object = |count: usize| {
            let members: Vec<_> = (0..count)
                .map(|number| format!("\"{number}\": 1"))
                .collect();
            format!("{{{}}}", members.join(","))
        };
        let lists = |count| serde_json::from_str::<Few<Vec<Box<RawValue>>>>(&list(count));
        let objects = |count| serde_json::from_str::<Few<Arguments>>(&object(count));
        assert_eq!(lists(MOST).expect("a list").0.len(), MOST);
        assert_eq!(objects(MOST).expect("an object").0.len(), MOST);
        for error in [lists(MOST + 1).err(), objects(MOST + 1).err()] {
            let error = error.expect("too many").to_string();
            assert!(error.starts_with("there are more than 1000"), "{error}");
        }
    }
}
