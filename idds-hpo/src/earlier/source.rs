//! Files that earlier trials are read from.

use std::fmt;
use std::path::Path;

use idds_file::read_regular;
use idds_workflow::printable;

use super::EarlierTrials;
use crate::Journal;
use crate::optuna::{self, OptunaStudy};

/// Largest file that is read.
const MOST_BYTES: u64 = 256 << 20;

/// Why earlier trials cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", printable(.source_name), printable(.what))]
pub struct EarlierError {
    source_name: String,
    what: String,
}

impl EarlierError {
    pub(super) fn new(source: impl Into<String>, what: impl fmt::Display) -> Self {
        Self {
            source_name: source.into(),
            what: what.to_string(),
        }
    }
}

impl EarlierTrials {
    /// Adds the trials of a file, which tells by its beginning what it is: the journal of a search, a study of Optuna (a database of
    /// SQLite, or a journal of its `JournalStorage`), or else a table in CSV, see [`csv`](Self::csv).
    ///
    /// Where a file has several studies of Optuna, `FILE#NAME` names one.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is none of these, or has several studies and none is named.
    pub fn read(self, path: impl AsRef<Path>) -> Result<Self, EarlierError> {
        let path = path.as_ref();
        let (path, study) = match path.to_str().and_then(|text| text.rsplit_once('#')) {
            Some((file, study)) if !path.exists() => (Path::new(file), Some(study)),
            _ => (path, None),
        };
        let source = path.display().to_string();
        let wrong = |what: &dyn fmt::Display| EarlierError::new(&source, what);
        let bytes = read_regular(path, MOST_BYTES)
            .map_err(|error| wrong(&format_args!("it cannot be read: {error}")))?;
        let studies = if optuna::is_sqlite(&bytes) {
            OptunaStudy::read_sqlite(path)
        } else if optuna::is_journal(&bytes) {
            OptunaStudy::parse_journal(&bytes)
        } else if is_own_journal(&bytes) {
            let result = Journal::parse(&bytes).map_err(|error| wrong(&error))?;
            return Ok(self.result(source.as_str(), &result));
        } else {
            return self.csv(source, &bytes);
        };
        let studies = studies.map_err(|error| wrong(&error))?;
        let names = || {
            let names = studies.iter().map(|study| study.name.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let chosen = match (study, &studies[..]) {
            (_, []) => return Err(wrong(&"it has no study")),
            (None, [only]) => only,
            (None, _) => {
                let what = format!(
                    "it has several studies; append #NAME to name one of {}",
                    names()
                );
                return Err(wrong(&what));
            }
            (Some(name), _) => studies
                .iter()
                .find(|study| study.name == name)
                .ok_or_else(|| wrong(&format!("it has no study {name:?}; there is {}", names())))?,
        };
        self.study(source.as_str(), chosen)
    }
}

/// Tells whether a file begins as a journal of this crate does: eight hexadecimal digits, a space, and JSON.
fn is_own_journal(bytes: &[u8]) -> bool {
    bytes.split_at_checked(8).is_some_and(|(checksum, rest)| {
        checksum.iter().all(u8::is_ascii_hexdigit) && rest.starts_with(b" {")
    })
}
