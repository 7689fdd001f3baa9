//! What a submission says about the steps of its workflow: their ids and names. All else, such as the jobs of maps, is passed over.

use std::fmt;

use anyhow::Result;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The body of a submission.
#[derive(serde::Deserialize)]
struct Body {
    request_metadata: Box<RawValue>,
}

#[derive(serde::Deserialize)]
struct Metadata {
    workflow: Object,
}

/// A workflow or a work, as it is sent.
#[derive(Debug, serde::Deserialize)]
pub struct Object {
    attributes: Attributes,
}

#[derive(Debug, serde::Deserialize)]
struct Attributes {
    #[serde(default, deserialize_with = "if_it_is_one")]
    template: Option<Template>,
    #[serde(rename = "_metadata", default, deserialize_with = "if_it_is_one")]
    metadata: Option<WorkMetadata>,
}

#[derive(Debug, serde::Deserialize)]
struct Template {
    attributes: TemplateAttributes,
}

#[derive(Debug, serde::Deserialize)]
struct TemplateAttributes {
    internal_id: Option<String>,
    #[serde(rename = "_works", default)]
    works: Works,
    #[serde(default)]
    build_work: Option<Box<Object>>,
}

#[derive(Debug, serde::Deserialize)]
struct WorkMetadata {
    attributes: Names,
}

#[derive(Debug, serde::Deserialize)]
struct Names {
    internal_id: Option<String>,
    work_name: Option<String>,
}

/// Works by their ids, in their order.
#[derive(Debug, Default)]
struct Works(Vec<(String, Object)>);

/// Reads an attribute that may be something else, as works of the user's own classes have attributes of their own.
fn if_it_is_one<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

impl<'de> Deserialize<'de> for Works {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Works;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("works by their ids")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Works, A::Error> {
                let mut works = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    works.push(entry);
                }
                Ok(Works(works))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// Returns the metadata of a submission, as JSON.
pub fn metadata(body: &[u8]) -> Result<Box<RawValue>> {
    Ok(serde_json::from_slice::<Body>(body)?.request_metadata)
}

impl Object {
    /// Reads the workflow in the metadata of a submission.
    pub fn of(metadata: &RawValue) -> Result<Self> {
        Ok(serde_json::from_str::<Metadata>(metadata.get())?.workflow)
    }

    fn template(&self) -> Option<&TemplateAttributes> {
        Some(&self.attributes.template.as_ref()?.attributes)
    }

    /// Returns the id of a workflow, or of a work.
    pub fn id(&self) -> Option<&str> {
        match self.template() {
            Some(template) => template.internal_id.as_deref(),
            None => self.names()?.internal_id.as_deref(),
        }
    }

    fn names(&self) -> Option<&Names> {
        Some(&self.attributes.metadata.as_ref()?.attributes)
    }

    /// Returns the name of a work.
    pub fn name(&self) -> Option<&str> {
        self.names()?.work_name.as_deref()
    }

    /// Returns the steps of a workflow with their ids, in its order.
    pub fn works(&self) -> &[(String, Self)] {
        self.template().map_or(&[], |template| &template.works.0)
    }

    /// Returns the work that builds what the others need.
    pub fn build(&self) -> Option<&Self> {
        self.template()?.build_work.as_deref()
    }
}
