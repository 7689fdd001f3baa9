//! The neutral form of definitions: JSON or YAML without class names, which any language can write.
//!
//! A `…Form` mirrors a definition field by field, with the descriptions that end up in the JSON Schemas. Reading makes a
//! tree of values first, fills the forms from it, and hands them to the builders, so that a document meets the checks
//! that a program meets. When something is wrong, the document is read once more, thoroughly: what is wrong is taken out of
//! the tree, so that what else is wrong comes to light, and every place is looked up in the text.

mod attributes;
mod collection;
mod condition;
mod document;
mod fill;
mod jobs;
mod present;
mod refusal;
mod scalar;
pub(crate) mod schema;
mod sent;
pub(crate) mod settings;
mod space;
mod span;
mod tree;
mod words;
mod work;
mod workflow;
mod yaml;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::Value;

pub(crate) use self::attributes::Attributes;
pub(crate) use self::collection::CollectionForm;
pub use self::document::Document;
pub(crate) use self::fill::fill_by;
use self::fill::{Filled, fill};
pub(crate) use self::jobs::{CountForm, EventJobForm, JobForm};
pub(crate) use self::present::{ByName, RuleId};
pub(crate) use self::refusal::none_of;
pub(crate) use self::settings::{Form, Reading};
pub(crate) use self::space::SpaceForm;
pub(crate) use self::tree::Tree;
pub(crate) use self::work::WorkKind;
use crate::{Error, Workflow};

/// How much of what is wrong is looked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effort {
    /// What is found first, and what the builders find.
    First,
    /// Everything.
    All,
}

/// A definition that can be read from a tree of values.
pub(crate) trait Read: Sized {
    /// Reads and checks the definition; places of problems are relative to it.
    fn read(tree: Value, effort: Effort) -> Result<Self, Error>;
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

pub(crate) fn deserialize<'de, T: Read, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::read(Tree::deserialize(deserializer)?.0, Effort::First).map_err(D::Error::custom)
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
    /// Names every place, with its position, that is no JSON, no field, of the wrong type, or refused by the builders.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        Document::json(text).workflow()
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
    /// [`Document`] says how YAML is read. Aliases may stand for 1 000 000 values, each counted as often as it is used.
    ///
    /// # Errors
    ///
    /// Names every place, with its position, that is no YAML, no field, of the wrong type, or refused by the builders.
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        Document::yaml(text).workflow()
    }

    /// Writes the workflow in its neutral form as JSON, indented.
    pub fn to_json(&self) -> String {
        // What no YAML may have is written as an escape, since JSON is read with the places that a reader of YAML knows.
        escaped(&serde_json::to_string_pretty(self).expect("a definition has text keys only"))
    }

    /// Writes the workflow in its neutral form as YAML.
    ///
    /// # Errors
    ///
    /// When a text cannot be written in YAML.
    pub fn to_yaml(&self) -> Result<String, Error> {
        let text =
            serde_saphyr::to_string(self).map_err(|error| Error::new("yaml", error.to_string()))?;
        // The library writes some characters as they are that no YAML may have; JSON, which is YAML, has an escape for each.
        match text.contains(is_unprintable) {
            true => Ok(self.to_json() + "\n"),
            false => Ok(text),
        }
    }
}

/// Tells whether YAML may not have a character but as an escape.
fn is_unprintable(character: char) -> bool {
    matches!(character,
        '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// Writes those characters of JSON as escapes, which stand in texts only.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match is_unprintable(character) {
            true => text.push_str(&format!("\\u{:04x}", u32::from(character))),
            false => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::{Work, Workflow};

    #[test]
    fn every_character_survives_yaml() {
        let rare = [
            '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}', '😀',
        ];
        for character in ('\u{1}'..='\u{a1}').chain(rare) {
            let mut workflow = Workflow::builder();
            for text in ["Xa", "aXb", "a bX"] {
                let text = text.replace('X', &character.to_string());
                let work = Work::builder("./a").arguments(text).build();
                workflow = workflow.work(work.expect("a work"));
            }
            let workflow = workflow.build().expect("a workflow");
            let yaml = workflow.to_yaml().expect("YAML");
            assert_eq!(Workflow::from_yaml(&yaml).as_ref(), Ok(&workflow), "{yaml}");
        }
    }
}
