//! Studies of Optuna: read from its storages, and written as a search goes.

mod distribution;
mod journal;
mod lock;
mod mirror;
#[cfg(feature = "sqlite")]
mod sqlite;
mod study;

use std::path::Path;

use idds_workflow::printable;

use self::journal::Replay;
pub(crate) use self::mirror::Mirror;
pub use self::study::{OptunaStudy, OptunaTrial, TrialState};

/// First bytes of a database of SQLite.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Why a file cannot be read as studies of Optuna.
#[derive(Debug, thiserror::Error)]
#[error("{}", printable(.what))]
pub struct StudyError {
    what: String,
}

impl StudyError {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }
}

impl OptunaStudy {
    /// Reads the studies of a journal of Optuna's `JournalStorage` from the bytes of its file.
    ///
    /// A line at the end that is not whole, because another process writes it, is left out.
    ///
    /// # Errors
    ///
    /// When a line is not one of such a journal.
    pub fn parse_journal(bytes: &[u8]) -> Result<Vec<Self>, StudyError> {
        let mut replay = Replay::default();
        replay.read(bytes)?;
        Ok(replay.into_studies())
    }

    /// Reads the studies of a database of SQLite that Optuna has written.
    ///
    /// # Errors
    ///
    /// When the file is no such database, and without the feature `sqlite`.
    pub fn read_sqlite(path: impl AsRef<Path>) -> Result<Vec<Self>, StudyError> {
        #[cfg(feature = "sqlite")]
        return sqlite::read(path.as_ref());
        #[cfg(not(feature = "sqlite"))]
        return Err(StudyError::new(format!(
            "{} is a database of SQLite, which this program was built without",
            path.as_ref().display()
        )));
    }
}

/// Tells whether a file begins as a database of SQLite does.
pub(crate) fn is_sqlite(beginning: &[u8]) -> bool {
    beginning.starts_with(SQLITE)
}

/// Tells whether a file begins as a journal of Optuna does.
pub(crate) fn is_journal(beginning: &[u8]) -> bool {
    beginning.starts_with(b"{\"op_code\"")
}
