//! What can go wrong before a job is started.

use std::fmt;
use std::io;

/// What can go wrong before a job is started.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Error {
    kind: ErrorKind,
    what: String,
    #[source]
    source: Option<io::Error>,
}

/// What can be done about an [`Error`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The job can never run here: it needs more than there is.
    Unfit,
    /// Another process uses the directory of the executor.
    Busy,
    /// The executor cannot work here, as its message says.
    Machine,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl fmt::Display) -> Self {
        Self {
            kind,
            what: what.to_string(),
            source: None,
        }
    }

    pub(crate) fn caused_by(mut self, source: io::Error) -> Self {
        self.source = Some(source);
        self
    }

    /// Returns what can be done about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}
