//! The reason why an answer of the server could not be read.

use std::fmt::Display;

use crate::{Error, printable};

/// Why a value could not be decoded: the place, as a JSON Pointer, and what is wrong there.
///
/// ```
/// use idds_workflow::wire;
///
/// let error = wire::decode(&serde_json::json!({"request_metadata": {"workflow": 7}})).unwrap_err();
/// assert_eq!(error.to_string(), "/request_metadata/workflow: 7 is no object with class, module and attributes");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}: {}", printable(.at), printable(.message))]
pub struct DecodeError {
    at: String,
    message: String,
}

impl DecodeError {
    pub(crate) fn new(at: impl Into<String>, message: impl Display) -> Self {
        Self {
            at: at.into(),
            message: message.to_string(),
        }
    }

    /// Names the place of a value that a builder refused.
    pub(super) fn refused(at: &str, error: &Error) -> Self {
        Self::new(at, error)
    }

    /// Returns the place, a JSON Pointer (RFC 6901) such as `/request_metadata/workflow/attributes/template`; it is empty
    /// for the whole value.
    pub fn at(&self) -> &str {
        &self.at
    }

    /// Returns what is wrong there.
    pub fn message(&self) -> &str {
        &self.message
    }
}
