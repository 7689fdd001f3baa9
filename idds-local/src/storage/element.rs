//! A storage element, and where datasets are in it.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::copy::{Trouble, is_part};

/// Files that are read from an element at once unless it says otherwise.
pub(super) const AT_ONCE: usize = 4;

/// Most files of a dataset.
pub(crate) const MAX_FILES: usize = 1_000_000;

/// Longest name of a file, a scope or a dataset in bytes, as file systems have it.
const MAX_NAME: usize = 255;

/// A directory that holds datasets.
#[derive(Clone, Debug, PartialEq)]
pub struct StorageElement {
    directory: PathBuf,
    delay: Duration,
    at_once: usize,
}

/// A file of a dataset, as a catalogue has it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DatasetFile {
    pub(crate) name: String,
    pub(crate) bytes: Option<u64>,
    pub(crate) adler32: Option<u32>,
}

/// Where a dataset is in an element.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    element: String,
    root: PathBuf,
    directory: PathBuf,
}

impl StorageElement {
    /// Takes a directory as a storage element.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            delay: Duration::ZERO,
            at_once: AT_ONCE,
        }
    }

    /// Sets how long it takes until a file can be read, as a tape that has to be fetched; no time by default.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets how many files can be read at once, as many as a library of tapes has drives; 4 by default.
    pub fn at_once(mut self, files: usize) -> Self {
        self.at_once = files.max(1);
        self
    }

    pub(super) fn pace(&self) -> (Duration, usize) {
        (self.delay, self.at_once)
    }

    pub(super) fn place(&self, element: &str, scope: &str, name: &str) -> Result<Place, String> {
        for part in [scope, name] {
            check_name(part).map_err(|why| {
                format!("the dataset {scope}:{name} has no place in a directory: {why}")
            })?;
        }
        Ok(Place {
            element: element.to_owned(),
            root: self.directory.clone(),
            directory: self.directory.join(scope).join(name),
        })
    }
}

impl DatasetFile {
    /// A file of this name, of which nothing else is known.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Sets its size.
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// Sets its Adler-32 checksum.
    pub fn adler32(mut self, checksum: u32) -> Self {
        self.adler32 = Some(checksum);
        self
    }
}

impl Place {
    /// Returns the directory of the dataset.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Lists the files of the dataset, in the order of their names.
    pub(crate) fn list(&self) -> Result<Vec<DatasetFile>, Trouble> {
        self.check_element()?;
        let unreadable = |error: io::Error| {
            let next = match error.kind() {
                io::ErrorKind::NotFound => {
                    "; put its files there, or name what it has under datasets"
                }
                _ => "",
            };
            Trouble::Machine(format!(
                "the dataset cannot be listed at {}: {}{next}",
                self.element,
                said(&self.directory, &error)
            ))
        };
        let entries = fs::read_dir(&self.directory).map_err(unreadable)?;
        self.check_inside(&self.directory)?;
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            if is_part(&name) || !entry.path().is_file() {
                continue;
            }
            let text = readable(&name)
                .map_err(|why| Trouble::Machine(format!("{}: {why}", entry.path().display())))?;
            files.push(DatasetFile::new(text));
            if files.len() > MAX_FILES {
                return Err(Trouble::Machine(format!(
                    "{} has more than {MAX_FILES} files; a dataset may have so many",
                    self.directory.display()
                )));
            }
        }
        files.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(files)
    }

    /// Returns where a file of the dataset is to be read, which has to be inside the element.
    pub(super) fn source(&self, name: &str) -> Result<PathBuf, Trouble> {
        self.check_element()?;
        let path = self.file(name)?;
        match path.exists() {
            true => self.check_inside(&path)?,
            false => self.check_inside(&self.root)?,
        }
        Ok(path)
    }

    /// Returns where a file of the dataset is to be written, whose directory is made.
    pub(super) fn destination(&self, name: &str) -> Result<PathBuf, Trouble> {
        self.check_element()?;
        let path = self.file(name)?;
        fs::create_dir_all(&self.directory)
            .map_err(|error| Trouble::Machine(said(&self.directory, &error)))?;
        self.check_inside(&self.directory)?;
        Ok(path)
    }

    fn file(&self, name: &str) -> Result<PathBuf, Trouble> {
        check_name(name)
            .map_err(|why| Trouble::File(format!("{name:?} is no name of a file: {why}")))?;
        Ok(self.directory.join(name))
    }

    /// An element that is gone, such as a disk that is not mounted, is no lost file.
    fn check_element(&self) -> Result<(), Trouble> {
        match fs::read_dir(&self.root) {
            Ok(_) => Ok(()),
            Err(error) => Err(Trouble::Machine(format!(
                "storage element {}: {}",
                self.element,
                said(&self.root, &error)
            ))),
        }
    }

    /// Refuses what a link leads to outside of the element.
    fn check_inside(&self, path: &Path) -> Result<(), Trouble> {
        let real = |path: &Path| {
            fs::canonicalize(path).map_err(|error| Trouble::Machine(said(path, &error)))
        };
        if real(path)?.starts_with(real(&self.root)?) {
            return Ok(());
        }
        Err(Trouble::Machine(format!(
            "{}: a link leads out of the directory of the storage element {}; put the files into it",
            path.display(),
            self.element
        )))
    }
}

/// Says what an error of the system is about, without the number that Rust puts behind it.
pub(super) fn said(path: &Path, error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error ").next().unwrap_or_default();
    format!("{}: {words}", path.display())
}

/// Refuses what is no name of one file or directory.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    match name {
        "" => Err("it is empty"),
        "." | ".." => Err("it names another directory"),
        _ if name.len() > MAX_NAME => Err("it has more than 255 bytes"),
        _ if name.contains('/') => Err("it has a /"),
        _ if name.contains('\0') => Err("it has a NUL"),
        _ if is_part(OsStr::new(name)) => Err("it is what a file is called while it is copied"),
        _ => Ok(()),
    }
}

fn readable(name: &OsStr) -> Result<String, &'static str> {
    let text = name.to_str().ok_or("its name is not UTF-8")?;
    check_name(text)?;
    Ok(text.to_owned())
}

/// Checks the names of a dataset and its files.
pub(super) fn check_dataset(scope: &str, name: &str, files: &[DatasetFile]) -> Result<(), String> {
    let at = format!("datasets.{scope}:{name}");
    for part in [scope, name] {
        check_name(part).map_err(|why| format!("{at}: {part:?}: {why}"))?;
    }
    if files.len() > MAX_FILES {
        return Err(format!(
            "{at}: it has {} files; a dataset may have {MAX_FILES}",
            files.len()
        ));
    }
    let mut known = HashSet::new();
    for file in files {
        check_name(&file.name).map_err(|why| format!("{at}: {:?}: {why}", file.name))?;
        if !known.insert(&file.name) {
            return Err(format!("{at}: {:?} is there twice", file.name));
        }
    }
    Ok(())
}
