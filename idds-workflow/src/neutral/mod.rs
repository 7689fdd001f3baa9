//! The neutral form of definitions: JSON or YAML without class names, which any language can write.
//!
//! A `…Form` mirrors a definition field by field, with the descriptions that end up in the JSON Schemas. Reading makes a
//! tree of values first, fills the forms from it, and hands them to the builders, so that a document meets the checks
//! that a program meets.

mod collection;
mod condition;
mod given;
pub(crate) mod schema;
mod tree;
mod work;
mod workflow;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::Value;

pub(crate) use self::tree::Tree;
pub(crate) use self::work::WorkKind;
use crate::{Error, Workflow, python_json};

/// A definition that can be read from a tree of values.
pub(crate) trait Read: Sized {
    /// Reads and checks the definition; places of problems are relative to it.
    fn read(tree: Value) -> Result<Self, Error>;
}

/// Implements `Deserialize` by [`Read`].
macro_rules! deserialize_by_reading {
    ($($definition:ty),+ $(,)?) => { $(
        impl<'de> serde::Deserialize<'de> for $definition {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::neutral::deserialize(deserializer)
            }
        }
    )+ };
}
pub(crate) use deserialize_by_reading;

pub(crate) fn deserialize<'de, T: Read, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(Tree::deserialize(deserializer)?.0).map_err(D::Error::custom)
}

/// Fills a form from a tree.
fn fill<T: DeserializeOwned>(tree: Value) -> Result<T, Error> {
    fill_by(tree, |fields| T::deserialize(fields))
}

/// Fills a form from a tree by this function, and says at which place that failed.
pub(crate) fn fill_by<T>(
    tree: Value,
    deserialize: impl FnOnce(serde_path_to_error::Deserializer<'_, '_, Tree>) -> Result<T, serde_json::Error>,
) -> Result<T, Error> {
    let mut track = serde_path_to_error::Track::new();
    deserialize(serde_path_to_error::Deserializer::new(Tree(tree), &mut track)).map_err(|error| {
        let (place, message) = (track.path().to_string(), error.to_string());
        // A space names its parameters from `opt_space` on, wherever it stands.
        let is_named = place == "." || message.starts_with(&format!("{place}."));
        Error::new(if is_named { String::new() } else { place }, message)
    })
}

impl Workflow {
    /// Reads a workflow from its neutral form in JSON, which `schemas/workflow.json` describes.
    ///
    /// ```
    /// use idds_workflow::Workflow;
    ///
    /// let workflow = Workflow::from_json(r#"{"steps": {"hello": {"type": "program", "executable": "/bin/hostname"}}}"#)?;
    /// assert_eq!(workflow.steps().len(), 1);
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Names the places that are no JSON, no field, of the wrong type, or refused by the builders.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let tree: Tree =
            python_json::read_exact(text.as_bytes()).map_err(|error| Error::new("json", error.to_string()))?;
        Self::read(tree.0)
    }

    /// Reads a workflow from its neutral form in YAML.
    ///
    /// ```
    /// use idds_workflow::Workflow;
    ///
    /// let workflow = Workflow::from_yaml(
    ///     "
    /// steps:
    ///   simulate: { type: program, executable: simulate.sh }
    ///   merge: { type: program, executable: merge.sh }
    /// conditions:
    ///   - when: { step: simulate, is: finished }
    ///     then: [merge]
    /// ",
    /// )?;
    /// assert_eq!(workflow.conditions()[0].to_string(), "when simulate is finished then merge");
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    ///
    /// Only `true` and `false` are booleans. Texts of more than 250 000 values are refused, anchors counted as often as
    /// they are used; JSON has no such limit.
    ///
    /// # Errors
    ///
    /// Names the places that are no YAML, no field, of the wrong type, or refused by the builders.
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
        let tree: Tree = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| Error::new("yaml", error.to_string()))?;
        Self::read(tree.0)
    }

    /// Writes the workflow in its neutral form as JSON, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a definition has text keys only")
    }

    /// Writes the workflow in its neutral form as YAML.
    ///
    /// # Errors
    ///
    /// When a text cannot be written in YAML.
    pub fn to_yaml(&self) -> Result<String, Error> {
        serde_saphyr::to_string(self).map_err(|error| Error::new("yaml", error.to_string()))
    }
}
