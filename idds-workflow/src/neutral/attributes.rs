//! Attributes of the user's own in documents: by name, each with its value.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Form;
use crate::work::base::{Attribute, common_attributes};
use crate::{AttributeForm, Error};

/// Attributes that a class does not have, by name.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Attributes(IndexMap<String, AttributeValue>);

/// An attribute that the class does not have.
#[derive(Clone, Deserialize, JsonSchema, Serialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an attribute, which is written as { value: 1 }"
)]
#[schemars(rename = "Attribute")]
struct AttributeValue {
    /// Value of the attribute, any JSON.
    value: Value,
    /// How it is sent; plain by default.
    #[serde(default, skip_serializing_if = "is_plain")]
    form: AttributeForm,
}

fn is_plain(form: &AttributeForm) -> bool {
    *form == AttributeForm::Plain
}

impl Attributes {
    pub(crate) fn schema(generator: &mut SchemaGenerator) -> Schema {
        let taken: Vec<_> = common_attributes().collect();
        json_schema!({
            "type": "object",
            "propertyNames": { "pattern": "^[^_]", "not": { "enum": taken } },
            "additionalProperties": generator.subschema_for::<AttributeValue>(),
        })
    }
}

impl Form<Vec<Attribute>> for Attributes {
    fn of(attributes: &Vec<Attribute>) -> Self {
        let given = |attribute: &Attribute| {
            (
                attribute.name.clone(),
                AttributeValue {
                    value: attribute.value.clone(),
                    form: attribute.form,
                },
            )
        };
        Self(attributes.iter().map(given).collect())
    }

    fn build(self) -> Result<Vec<Attribute>, Error> {
        Ok(self
            .0
            .into_iter()
            .map(|(name, AttributeValue { value, form })| Attribute { name, value, form })
            .collect())
    }
}
