//! Objects that are being read, with their place.

use std::borrow::Cow;
use std::cell::Cell;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::DecodeError;
use crate::literal::Takes;
use crate::wire::zip;
use crate::{InternalId, Literal};

/// What all parts of one decoding share.
#[derive(Debug)]
pub(super) struct Budget {
    /// How many bytes of compressed values may still be unpacked.
    pub(super) unzipped: Cell<usize>,
}

/// The entries of a JSON object, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    at: String,
    budget: &'a Budget,
}

/// An object of a Python class.
#[derive(Debug)]
pub(super) struct Instance<'a> {
    pub(super) class: &'a str,
    pub(super) module: &'a str,
    pub(super) attributes: Fields<'a>,
}

impl<'a> Fields<'a> {
    /// Takes the entries of an object.
    pub(super) fn of(
        value: &'a Value,
        at: impl Into<String>,
        budget: &'a Budget,
    ) -> Result<Self, DecodeError> {
        let at = at.into();
        match value {
            Value::Object(map) => Ok(Self { map, at, budget }),
            other => Err(DecodeError::new(
                at,
                format_args!("{} is no object", excerpt(other)),
            )),
        }
    }

    pub(crate) fn at(&self) -> &str {
        &self.at
    }

    pub(super) fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// Unpacks an entry that may be compressed; what could not be compressed was sent as it is.
    pub(crate) fn unzipped(&self, name: &str) -> Result<Value, DecodeError> {
        let left = &self.budget.unzipped;
        let value = self.get(name).unwrap_or(&Value::Null);
        match value
            .as_str()
            .and_then(|text| zip::unpack(text, left.get()))
        {
            None => Ok(value.clone()),
            Some(Ok((value, size))) => {
                left.set(left.get() - size);
                Ok(value)
            }
            Some(Err(message)) => Err(self.error(name, message)),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        self.map.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Returns an entry that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// Returns the place of an entry.
    pub(crate) fn place(&self, name: &str) -> String {
        place(&self.at, name)
    }

    /// Says what is wrong with an entry.
    pub(crate) fn error(&self, name: &str, message: impl std::fmt::Display) -> DecodeError {
        DecodeError::new(self.place(name), message)
    }

    /// Reads an entry, none when it is missing or null.
    pub(crate) fn read<T: Deserialize<'a>>(&self, name: &str) -> Result<Option<T>, DecodeError> {
        self.get(name)
            .map(|value| T::deserialize(value).map_err(|error| self.error(name, error)))
            .transpose()
    }

    /// Reads an entry that is there, also when it is null.
    pub(crate) fn given<T: Deserialize<'a>>(&self, name: &str) -> Result<Option<T>, DecodeError> {
        self.map
            .get(name)
            .map(|value| T::deserialize(value).map_err(|error| self.error(name, error)))
            .transpose()
    }

    /// Reads a number of a kind as the server takes it; none when it is missing.
    pub(crate) fn amount(&self, name: &str, takes: Takes) -> Result<Option<Literal>, DecodeError> {
        let value = self.map.get(name).map(|value| takes.on_the_wire(value));
        let literal = value.transpose().map_err(|error| self.error(name, error))?;
        Ok(literal.flatten())
    }

    /// Reads an entry that must be there.
    pub(crate) fn required<T: Deserialize<'a>>(&self, name: &str) -> Result<T, DecodeError> {
        self.read(name)?
            .ok_or_else(|| self.error(name, "is missing"))
    }

    /// Reads an entry, or takes the default when it is missing or null.
    pub(crate) fn or_default<T: Deserialize<'a> + Default>(
        &self,
        name: &str,
    ) -> Result<T, DecodeError> {
        Ok(self.read(name)?.unwrap_or_default())
    }

    /// Returns the entries of an object; none when it is missing.
    pub(super) fn fields(&self, name: &str) -> Result<Option<Self>, DecodeError> {
        self.get(name)
            .map(|value| Self::of(value, self.place(name), self.budget))
            .transpose()
    }

    /// Returns the entries of an object with their places; an object that is missing has none.
    pub(super) fn members(&self, name: &str) -> Result<Vec<Member<'a>>, DecodeError> {
        let Some(fields) = self.fields(name)? else {
            return Ok(Vec::new());
        };
        let members = fields.iter().map(|(key, value)| Member {
            key,
            value,
            at: fields.place(key),
        });
        Ok(members.collect())
    }

    /// Returns the items of a list with their places; a list that is missing has none.
    pub(super) fn items(&self, name: &str) -> Result<Vec<(&'a Value, String)>, DecodeError> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                let at = self.place(name);
                Ok(items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| (item, place(&at, &index.to_string())))
                    .collect())
            }
            Some(other) => Err(self.error(name, format_args!("{} is no list", excerpt(other)))),
        }
    }

    /// Returns the object of a Python class; none when it is missing.
    pub(super) fn instance(&self, name: &str) -> Result<Option<Instance<'a>>, DecodeError> {
        self.get(name)
            .map(|value| Instance::of(value, self.place(name), self.budget))
            .transpose()
    }

    /// Returns the attributes of the metadata object.
    pub(crate) fn metadata(&self) -> Result<Self, DecodeError> {
        let metadata = self.instance("_metadata")?;
        metadata
            .map(|metadata| metadata.attributes)
            .ok_or_else(|| self.error("_metadata", "is missing"))
    }

    /// Reads an id.
    pub(super) fn id(&self, name: &str) -> Result<InternalId, DecodeError> {
        let text: &str = self.required(name)?;
        text.parse().map_err(|error| self.error(name, error))
    }
}

/// An entry of an object, and where it stands.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a Value,
    pub(super) at: String,
}

impl<'a> Instance<'a> {
    /// Tells whether the class is of the older family, v1.
    pub(super) fn is_v1(&self) -> bool {
        self.module
            .split('.')
            .find(|part| part.starts_with("workflow"))
            == Some("workflow")
    }

    /// Returns the module that the class has in the v2 family.
    pub(super) fn v2_module(&self) -> Cow<'a, str> {
        match self.is_v1() {
            true => self.module.replacen("workflow", "workflowv2", 1).into(),
            false => self.module.into(),
        }
    }

    pub(super) fn of(
        value: &'a Value,
        at: impl Into<String>,
        budget: &'a Budget,
    ) -> Result<Self, DecodeError> {
        let at = at.into();
        let (class, module) = (
            value.get("class").and_then(Value::as_str),
            value.get("module").and_then(Value::as_str),
        );
        match (class, module, value.get("attributes")) {
            (Some(class), Some(module), Some(attributes)) => Ok(Self {
                class,
                module,
                attributes: Fields::of(attributes, place(&at, "attributes"), budget)?,
            }),
            _ => {
                let message = format_args!(
                    "{} is no object with class, module and attributes",
                    excerpt(value)
                );
                Err(DecodeError::new(at, message))
            }
        }
    }
}

/// Returns the place of a part, as a JSON Pointer.
pub(crate) fn place(at: &str, part: &str) -> String {
    format!("{at}/{}", part.replace('~', "~0").replace('/', "~1"))
}

/// Returns a value as text for a message, or its beginning when it is long.
pub(super) fn excerpt(value: &Value) -> String {
    const SHOWN: usize = 60;
    match value {
        Value::Object(map) => format!("an object of {} entries", map.len()),
        Value::Array(items) => format!("a list of {} items", items.len()),
        other => {
            let text = other.to_string();
            match text.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}

/// Tells whether a value is nested deeper than this many levels. Needs no stack for it.
pub(super) fn is_deeper(value: &Value, levels: usize) -> bool {
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        if depth > levels {
            return true;
        }
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(map) => open.extend(map.values().map(|item| (item, depth + 1))),
            _ => {}
        }
    }
    false
}
