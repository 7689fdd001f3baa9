//! Search spaces in documents.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Form;
use crate::{Error, SearchSpace};

/// A search space as a document has it: its parts have messages of their own, which name their places.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct SpaceForm(Value);

impl Form<SearchSpace> for SpaceForm {
    fn of(space: &SearchSpace) -> Self {
        Self(json!(space))
    }

    fn build(self) -> Result<SearchSpace, Error> {
        SearchSpace::from_value(&self.0)
    }
}

impl JsonSchema for SpaceForm {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        SearchSpace::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        SearchSpace::json_schema(generator)
    }
}
