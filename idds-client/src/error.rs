//! What can go wrong between a call and its answer.

use std::fmt;

use crate::ServerError;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a call gave no answer.
///
/// It displays as one clause, such as `submit failed: no iDDS server answers at https://idds.example:443/idds`. What lies
/// underneath, such as `Connection refused`, is its [source](std::error::Error::source) and not repeated.
#[derive(Debug, thiserror::Error)]
#[error("{}{what}", Prefix(*.operation))]
pub struct Error {
    kind: ErrorKind,
    what: String,
    operation: Option<&'static str>,
    is_repeatable: bool,
    server: Option<Box<ServerError>>,
    source: Option<BoxError>,
}

/// The kinds of failure, told apart by what a caller can do about them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of the client is missing or wrong. Not retried.
    Configuration,
    /// The certificate or token is missing, unreadable, expired, or refused in the TLS handshake. Not retried.
    Credential,
    /// An argument that must not be sent, such as a loss that is not a number. Not retried.
    Argument,
    /// A file on this machine cannot be read or written, or is there already. Not retried.
    File,
    /// The server could not be reached; nothing was sent. Retried, whatever the call.
    Connect,
    /// The certificate of the server is not trusted; nothing was sent. Not retried.
    Certificate,
    /// No answer within the time allowed. Retried if the call may be repeated.
    Timeout,
    /// The connection broke before the whole answer was there. Retried if the call may be repeated.
    Interrupted,
    /// The server, or a gateway before it, cannot serve now (429, 502, 503, 504). Retried if the call may be repeated.
    Unavailable,
    /// The server does not let this user in, or not do this. Not retried.
    Unauthorized,
    /// The server does not know what the call names. Not retried.
    NotFound,
    /// The server said no. Not retried, as iDDS answers 500 to wrong input as well as to its own failures.
    Refused,
    /// The answer could not be understood. Not retried.
    Answer,
}

impl Error {
    /// Makes an error of this kind; `what` is one lower-case clause without full stop.
    ///
    /// For implementations of [`Transport`](crate::Transport); the client adds which call failed.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), operation: None, is_repeatable: false, server: None, source: None }
    }

    /// Adds what lies underneath.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds a clause that helps to put it right.
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        self.what.push_str(", ");
        self.what.push_str(hint);
        self
    }

    /// Names the call that failed, and whether sending it twice does what sending it once does.
    pub(crate) fn during(mut self, operation: &'static str, is_repeatable: bool) -> Self {
        self.operation = Some(operation);
        self.is_repeatable = is_repeatable;
        self
    }

    /// Returns the kind, to decide what to do.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Says whether sending the same call again is harmless and may succeed.
    ///
    /// True for [`ErrorKind::Connect`], and for [`ErrorKind::Timeout`], [`ErrorKind::Interrupted`] and
    /// [`ErrorKind::Unavailable`] when the method of the call is idempotent in the sense of HTTP (GET and PUT are, POST
    /// is not). Everything else fails again in the same way. The client itself does not
    /// send a call again.
    pub fn is_retryable(&self) -> bool {
        match self.kind {
            ErrorKind::Connect => true,
            ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::Unavailable => self.is_repeatable,
            _ => false,
        }
    }

    /// Returns what was being done, such as `submit`; none for an error in the settings of the client.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// Returns what the server said, when it is the server that said no.
    pub fn server(&self) -> Option<&ServerError> {
        self.server.as_deref()
    }
}

impl From<ServerError> for Error {
    fn from(server: ServerError) -> Self {
        Self { server: Some(Box::new(server.clone())), ..Self::new(server.kind(), server.to_string()) }
    }
}

struct Prefix(Option<&'static str>);

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |operation| write!(f, "{operation} failed: "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_retried_only_when_repeating_is_harmless() {
        let timeout = || Error::new(ErrorKind::Timeout, "no answer within 1 s");
        assert!(timeout().during("get requests", true).is_retryable());
        assert!(!timeout().during("submit", false).is_retryable());
    }

    #[test]
    fn what_was_never_sent_can_be_sent_again() {
        assert!(Error::new(ErrorKind::Connect, "nobody there").during("submit", false).is_retryable());
    }

    #[test]
    fn it_displays_as_one_clause_without_its_source() {
        let error = Error::new(ErrorKind::Connect, "nobody there").caused_by("refused").during("submit", false);
        assert_eq!(error.to_string(), "submit failed: nobody there");
        assert!(std::error::Error::source(&error).is_some());
    }
}
