//! The neutral form of works of any class.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Effort, Read, deserialize_by_reading, none_of};
use crate::error::suggestion;
use crate::work::class::Class;
use crate::work::each_class;
use crate::{AnyWork, Error};

/// A class of works, for reading a work of any.
pub(crate) struct WorkKind {
    pub(crate) name: &'static str,
    read: fn(Value, Effort) -> Result<AnyWork, Error>,
    schema: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of the work alone, and the rest of its file's name.
    pub(super) document: fn() -> Schema,
}

impl WorkKind {
    pub(crate) const fn of<W: Class + Read + JsonSchema>() -> Self {
        Self {
            name: W::TYPE,
            read: |tree, effort| W::read(tree, effort).map(W::into),
            schema: SchemaGenerator::subschema_for::<W>,
            document: super::schema::root::<W>,
        }
    }
}

impl AnyWork {
    /// Returns the schemas of the works of all classes.
    pub(super) fn schemas(generator: &mut SchemaGenerator) -> Vec<Schema> {
        Self::KINDS
            .iter()
            .map(|kind| (kind.schema)(generator))
            .collect()
    }
}

impl Read for AnyWork {
    fn read(tree: Value, effort: Effort) -> Result<Self, Error> {
        let kinds = || Self::KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>();
        match tree
            .get("type")
            .map(|kind| (kind, Self::KINDS.iter().find(|known| kind == known.name)))
        {
            Some((_, Some(kind))) => (kind.read)(tree, effort),
            Some((kind, None)) => {
                let word = kind.as_str().unwrap_or_default();
                Err(Error::new(
                    "type",
                    none_of(&kind.to_string(), word, &kinds()),
                ))
            }
            None => Err(match tree.as_object() {
                Some(fields) if fields.contains_key("steps") => Error::new(
                    "type",
                    "is missing; a step with steps of its own is a workflow, write type: workflow",
                ),
                Some(fields) => {
                    let meant = fields
                        .keys()
                        .find(|key| !suggestion(key, ["type"]).is_empty());
                    let meant = meant.map_or_else(String::new, |key| {
                        format!(" {key} is no field here, write type;")
                    });
                    Error::new(
                        "type",
                        format!("is missing;{meant} it is one of {}", kinds().join(", ")),
                    )
                }
                None => Error::new("", "is no work, which is an object with a type"),
            }),
        }
    }
}

deserialize_by_reading!(AnyWork);

impl Serialize for AnyWork {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        each_class!(self, work => work.serialize(serializer))
    }
}

impl JsonSchema for AnyWork {
    fn schema_name() -> Cow<'static, str> {
        "Work".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A work of any type.", "oneOf": Self::schemas(generator) })
    }
}
