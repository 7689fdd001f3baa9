//! Storage elements that are directories: their file, the datasets in them, and the copying between them.

mod copy;
mod element;
mod file;

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use indexmap::IndexMap;

pub(crate) use self::copy::{Brought, Expected, Trouble, already_there, bring};
pub(crate) use self::element::Place;
pub use self::element::{DatasetFile, StorageElement};
pub(crate) use self::file::schema;
use crate::error::{Error, ErrorKind};

/// Scope and name of a dataset.
type Did = (String, String);

/// Storage elements of this machine, each of which is a directory; for [`ServerBuilder::storage`](crate::ServerBuilder::storage).
///
/// Works that move data copy the files of a dataset from the element that is their `src_rse` to the one that is their `dest_rse`. A
/// file is at `SCOPE/DATASET/FILE` below the directory of its element. What belongs to a dataset is said by the catalogue here, or
/// else by the directory of the dataset in the element that it is copied from.
///
/// A file, in JSON or YAML, says the same; its paths begin at its own directory. [`Storage::schema`] describes it.
///
/// ```
/// use idds_local::Storage;
///
/// let text = "
/// elements:
///   TAPE: { directory: tape, delay: 1.5, at_once: 1 }
///   DISK: { directory: disk }
/// datasets:
///   \"data16_13TeV:raw\":
///     - { name: raw._0001.data, bytes: 120, adler32: \"5f2c1e9b\" }
/// ";
/// let storage = Storage::from_text(text, "/data")?;
/// assert_eq!(storage.elements().collect::<Vec<_>>(), ["TAPE", "DISK"]);
/// assert!(Storage::from_text("elements: { TAPE: { dir: tape } }", "/data").is_err());
/// # Ok::<(), idds_local::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Storage {
    elements: IndexMap<String, StorageElement>,
    datasets: HashMap<Did, Vec<DatasetFile>>,
}

impl Storage {
    /// Begins with no element.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the file that names the elements.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Storage`] when it cannot be read, or does not say what elements are.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        file::read(path.as_ref())
    }

    /// Reads the text of such a file, whose paths begin at this directory.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Storage`] when it does not say what elements are.
    pub fn from_text(text: &str, directory: impl AsRef<Path>) -> Result<Self, Error> {
        file::parse(text, directory.as_ref())
            .map_err(|message| Error::unsourced(ErrorKind::Storage, message))
    }

    /// Returns the JSON Schema of the file.
    pub fn schema() -> serde_json::Value {
        schema()
    }

    /// Adds an element; it takes the place of one with the same name.
    pub fn element(mut self, name: impl Into<String>, element: StorageElement) -> Self {
        self.elements.insert(name.into(), element);
        self
    }

    /// Says which files belong to a dataset.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Storage`] when a name would lead out of the directory of an element, or is there twice.
    pub fn dataset(
        mut self,
        scope: impl Into<String>,
        name: impl Into<String>,
        files: impl IntoIterator<Item = DatasetFile>,
    ) -> Result<Self, Error> {
        let (scope, name) = (scope.into(), name.into());
        let files: Vec<_> = files.into_iter().collect();
        element::check_dataset(&scope, &name, &files)
            .map_err(|message| Error::unsourced(ErrorKind::Storage, message))?;
        self.datasets.insert((scope, name), files);
        Ok(self)
    }

    /// Returns the names of the elements.
    pub fn elements(&self) -> impl Iterator<Item = &str> {
        self.elements.keys().map(String::as_str)
    }

    /// Returns an element, or says that there is none of that name.
    pub(crate) fn find(&self, field: &str, name: &str) -> Result<&StorageElement, String> {
        self.elements.get(name).ok_or_else(|| {
            let known: Vec<_> = self.elements().collect();
            format!(
                "{field}: there is no storage element {name:?}; there are: {}",
                known.join(", ")
            )
        })
    }

    /// Returns the place of a dataset in an element.
    pub(crate) fn place(&self, element: &str, scope: &str, name: &str) -> Result<Place, String> {
        self.find("element", element)?.place(element, scope, name)
    }

    /// Returns the element that has a dataset which is to be copied to another: the one that is named, or any.
    pub(crate) fn source<'s>(
        &'s self,
        (scope, name): (&str, &str),
        from: Option<&'s str>,
        to: &'s str,
    ) -> Result<&'s str, String> {
        if let Some(from) = from {
            return Ok(from);
        }
        let has = |element: &&str| {
            let place = self.place(element, scope, name);
            place.is_ok_and(|place| place.directory().is_dir())
        };
        self.elements()
            .filter(|element| *element != to)
            .chain([to])
            .find(has)
            .ok_or_else(|| {
                format!(
                    "no storage element has a directory {scope}/{name}: put the dataset into one"
                )
            })
    }

    /// Lists the files that belong to a dataset which is to be copied: those of the catalogue, or those that are there.
    pub(crate) fn files(
        &self,
        (scope, name): (&str, &str),
        from: Option<&str>,
        to: &str,
    ) -> Result<Vec<DatasetFile>, Trouble> {
        if let Some(files) = self.datasets.get(&(scope.to_owned(), name.to_owned())) {
            return Ok(files.clone());
        }
        let from = self.source((scope, name), from, to);
        let place = from.and_then(|from| self.place(from, scope, name));
        place.map_err(Trouble::Machine)?.list()
    }

    /// Returns how long a file of an element takes to come, and how many come at once.
    pub(crate) fn pace(&self, element: &str) -> (Duration, usize) {
        self.elements
            .get(element)
            .map_or((Duration::ZERO, 1), StorageElement::pace)
    }
}
