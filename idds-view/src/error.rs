//! Why a page cannot be served.

use std::io;

/// Why a page cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Error {
    what: String,
    #[source]
    source: io::Error,
}

impl Error {
    pub(crate) fn new(what: impl Into<String>, source: io::Error) -> Self {
        Self {
            what: what.into(),
            source,
        }
    }

    /// Returns what the system said, such as that another program listens on the port.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}
