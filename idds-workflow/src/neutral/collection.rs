//! The neutral form of collections.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::present::{ByName, Present};
use super::{Effort, Form, Read, deserialize_by_reading, fill};
use crate::{Collection, CollectionType, Error};

/// A dataset: a scope and a name, as in Rucio.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a collection")]
#[schemars(rename = "Collection", example = example())]
pub(crate) struct CollectionForm {
    /// Scope; it may be empty.
    #[schemars(length(max = 255))]
    scope: String,
    /// Name; it may be empty.
    #[schemars(length(max = 255))]
    name: String,
    /// What the collection is; a dataset by default.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    coll_type: Present<ByName<CollectionType>>,
    /// Further keys that the server keeps with the collection.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(schema_with = "metadata")]
    metadata: Map<String, Value>,
}

fn example() -> Value {
    serde_json::json!({ "scope": "data16_13TeV", "name": "data16_13TeV.00298862.physics_Main.daq.RAW" })
}

fn metadata(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": true,
        "propertyNames": { "not": { "enum": Collection::FIELDS } },
    })
}

impl CollectionForm {
    pub(super) fn build(self) -> Result<Collection, Error> {
        let coll_type = self
            .coll_type
            .0
            .map_or(CollectionType::Dataset, |coll_type| coll_type.0);
        Collection::builder(self.scope, self.name)
            .coll_type(coll_type)
            .metadata(self.metadata)
            .build()
    }
}

impl From<&Collection> for CollectionForm {
    fn from(collection: &Collection) -> Self {
        let coll_type =
            Some(collection.coll_type()).filter(|coll_type| *coll_type != CollectionType::Dataset);
        Self {
            scope: collection.scope().to_owned(),
            name: collection.name().to_owned(),
            coll_type: coll_type.map(ByName).into(),
            metadata: collection.metadata().clone(),
        }
    }
}

impl Form<Collection> for CollectionForm {
    fn of(collection: &Collection) -> Self {
        collection.into()
    }

    fn build(self) -> Result<Collection, Error> {
        Self::build(self)
    }
}

impl Read for Collection {
    fn read(tree: Value, effort: Effort) -> Result<Self, Error> {
        fill::<CollectionForm>(tree, effort)?.build(CollectionForm::build)
    }
}

deserialize_by_reading!(Collection);

impl Serialize for Collection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        CollectionForm::from(self).serialize(serializer)
    }
}

impl JsonSchema for Collection {
    fn schema_name() -> Cow<'static, str> {
        CollectionForm::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        CollectionForm::json_schema(generator)
    }
}
