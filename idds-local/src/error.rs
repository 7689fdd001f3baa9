//! Why a server did not start, or a workflow cannot be planned.

/// Why a server did not start, or a workflow cannot be planned.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What kind of trouble it was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The address can be reached from other machines, and nobody said that this is wanted, or the server has no token.
    Remote,
    /// The address cannot be listened on: it is taken, or not of this machine.
    Address,
    /// The database cannot be opened or made.
    Database,
    /// The file is not a database of this version of the server: another one must be named. It is left as it is.
    Foreign,
    /// The directory for uploaded files cannot be made.
    Cacher,
    /// The file of the token cannot be read or made, or others can read it.
    Token,
    /// Programs of works cannot be started: nothing looks after them, or their directory cannot be used.
    Jobs,
    /// The file of the storage elements cannot be read, or does not name any.
    Storage,
    /// The workflow cannot be run by this server.
    Workflow,
    /// Another server, of this process or another, has the database open. It may be retried when that one has ended.
    InUse,
}

impl Error {
    pub(crate) fn new(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self {
            kind,
            message: message.into(),
            source: Some(Box::new(source)),
        }
    }

    pub(crate) fn unsourced(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    /// Returns what kind of trouble it was.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}
