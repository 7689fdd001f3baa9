//! Collections: the datasets a work reads and writes.

use derive_builder::Builder;
use serde_json::{Map, Value};

use crate::boxed_if_set::BoxedIfSet;
use crate::error::Problem;
use crate::{CollectionType, Error, text};

/// A dataset: a scope and a name, as in Rucio.
///
/// ```
/// use idds_workflow::{Collection, CollectionType};
///
/// let raw = Collection::builder("data16_13TeV", "data16_13TeV.00298862.physics_Main.daq.RAW")
///     .coll_type(CollectionType::Container)
///     .build()?;
/// assert_eq!(raw.to_string(), "data16_13TeV:data16_13TeV.00298862.physics_Main.daq.RAW");
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Builder, Clone, Debug, PartialEq)]
#[builder(
    pattern = "owned",
    custom_constructor,
    create_empty = "empty",
    derive(Debug),
    build_fn(private, name = "assemble", error = "Error")
)]
pub struct Collection {
    /// Scope, at most 255 characters; it may be empty.
    #[builder(setter(custom))]
    scope: String,
    /// Name, at most 255 characters; it may be empty.
    #[builder(setter(custom))]
    name: String,
    /// What the collection is; a dataset by default.
    #[builder(default = CollectionType::Dataset)]
    coll_type: CollectionType,
    /// Further keys that the server keeps with the collection; none by default.
    #[builder(default, setter(custom))]
    metadata: BoxedIfSet<Map<String, Value>>,
}

impl Collection {
    /// Keys that metadata cannot have.
    pub(crate) const FIELDS: [&str; 3] = ["scope", "name", "type"];

    /// Starts a collection of this scope and name.
    pub fn builder(scope: impl Into<String>, name: impl Into<String>) -> CollectionBuilder {
        CollectionBuilder {
            scope: Some(scope.into()),
            name: Some(name.into()),
            ..CollectionBuilder::empty()
        }
    }

    /// Makes a dataset of this scope and name.
    ///
    /// # Errors
    ///
    /// When scope or name are longer than 255 characters.
    pub fn new(scope: impl Into<String>, name: impl Into<String>) -> Result<Self, Error> {
        Self::builder(scope, name).build()
    }

    /// Returns the scope.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what the collection is.
    pub fn coll_type(&self) -> CollectionType {
        self.coll_type
    }

    /// Returns the further keys that the server keeps with the collection.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }
}

impl CollectionBuilder {
    /// Sets further keys that the server keeps with the collection; none by default.
    pub fn metadata(mut self, metadata: Map<String, Value>) -> Self {
        self.metadata = Some(metadata.into());
        self
    }

    /// Checks the values and makes the collection.
    ///
    /// # Errors
    ///
    /// When scope or name are longer than 255 characters, or the further keys repeat one of a collection or
    /// hold what the server would take for a Python object.
    pub fn build(self) -> Result<Collection, Error> {
        let collection = self.assemble()?;
        let mut problems = Vec::new();
        problems.extend(text::optional("scope", Some(&collection.scope)));
        problems.extend(text::optional("name", Some(&collection.name)));
        for key in Collection::FIELDS {
            if collection.metadata.contains_key(key) {
                problems.push(Problem::new(
                    format!("metadata.{key}"),
                    "is a field of the collection itself",
                ));
            }
        }
        if text::map_is_python_object(&collection.metadata) {
            problems.push(text::python_object("metadata"));
        }
        Error::unless_empty(problems, collection)
    }
}

/// Writes `scope:name`.
impl std::fmt::Display for Collection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.scope, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_values_are_enough() {
        let collection = Collection::builder("s", "n").build().expect("a collection");
        assert_eq!(
            (collection.coll_type(), collection.to_string()),
            (CollectionType::Dataset, "s:n".to_owned())
        );
    }

    #[test]
    fn further_keys_hold_no_python_object() {
        let object = serde_json::json!({"owner": {"class": "C", "module": "m", "attributes": {}}});
        let metadata = object.as_object().cloned().unwrap_or_default();
        let error = Collection::builder("s", "n")
            .metadata(metadata)
            .build()
            .expect_err("an object");
        insta::assert_snapshot!(error, @"metadata: an object with class, module and attributes would become a Python object on the server");
    }

    #[test]
    fn long_texts_are_named_and_empty_ones_are_not() {
        assert!(Collection::new("", "").is_ok(), "Python takes them, too");
        let error = Collection::new("", "n".repeat(256)).expect_err("too long");
        insta::assert_snapshot!(error, @"name: is 256 characters long; at most 255 are allowed");
    }
}
