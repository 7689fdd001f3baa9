//! Why Rucio did not do what it was asked for.

/// Why Rucio did not do what it was asked for.
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
    /// The configuration, or a credential that it names, cannot be read or lacks something.
    Config,
    /// Rucio cannot be reached, or says that it is busy or broken; to be tried again.
    Unreachable,
    /// Rucio lets nobody in with this credential.
    Credential,
    /// There is no such dataset, rule, or whatever it was about.
    NotFound,
    /// There is such a rule already.
    Duplicate,
    /// Rucio refuses it.
    Refused,
    /// The answer is not one of Rucio, or is too long.
    Answer,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn because(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self {
            source: Some(Box::new(source)),
            ..Self::new(kind, message)
        }
    }

    /// Returns what kind of trouble it was.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}
