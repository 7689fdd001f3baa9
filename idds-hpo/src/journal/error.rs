//! What can be wrong with a journal.

use std::fmt;
use std::path::{Path, PathBuf};

use idds_workflow::printable;

use super::line::BadLine;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What is wrong with a journal; what lies underneath is its [source](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[error("{}{}", Prefix(.path.as_deref()), printable(.what))]
pub struct JournalError {
    kind: JournalErrorKind,
    path: Option<PathBuf>,
    what: String,
    source: Option<BoxError>,
}

/// The kinds of trouble with a journal, told apart by what a caller can do about them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JournalErrorKind {
    /// The file cannot be opened, read or written.
    File,
    /// Another driver, on this machine or on another one, runs the search with this journal.
    InUse,
    /// A line is damaged, or is not one of a journal.
    Line,
    /// The file is no journal, or one of another search or of another version of the format.
    Other,
}

impl JournalError {
    pub(super) fn new(kind: JournalErrorKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            path: None,
            what: what.into(),
            source: None,
        }
    }

    pub(super) fn line(number: usize, field: &str, why: impl fmt::Display) -> Self {
        Self::new(
            JournalErrorKind::Line,
            format!("line {number}, {field}: {why}"),
        )
    }

    pub(super) fn bad(number: usize, BadLine { field, why, .. }: BadLine) -> Self {
        Self::line(number, &field, why)
    }

    /// Reports a file that is something else.
    pub(super) fn foreign() -> Self {
        Self::new(
            JournalErrorKind::Other,
            "this file is no journal of a search",
        )
    }

    pub(super) fn caused_by(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(super) fn at(mut self, path: &Path) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Returns the kind, to decide what to do.
    pub fn kind(&self) -> JournalErrorKind {
        self.kind
    }
}

struct Prefix<'a>(Option<&'a Path>);

impl fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |path| {
            write!(f, "{}: ", printable(&path.to_string_lossy()))
        })
    }
}
