//! Secret text, which is never shown.

use std::fmt;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

use super::unusable;
use crate::Error;
use crate::private_file::read_secret;

/// Text that shows as `[redacted]` and is wiped from memory when dropped: a token, a device code.
///
/// ```
/// use idds_client::Secret;
///
/// let token = Secret::new("hunter2");
/// assert_eq!(format!("{token:?}"), "[redacted]");
/// assert_eq!(token.expose(), "hunter2");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Makes a secret of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// Reads the text of a file, without the white space around it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`](crate::ErrorKind::Credential) when the file belongs to somebody else than this user or the
    /// administrator, is open to others, is no regular one, or holds no text.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let what = "the file with the secret";
        let text = String::from_utf8(read_secret(what, path)?).unwrap_or_default();
        match text.trim() {
            "" => Err(unusable(format!("{what} {} holds no text", path.display()))),
            text => Ok(Self::new(text)),
        }
    }

    /// Returns the text itself, to be sent and never to be shown.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Says whether both are the same text.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<&String> for Secret {
    fn from(text: &String) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
    }

    #[test]
    fn what_others_say_is_shown_without_it() {
        assert_eq!(
            Secret::new("code").scrub("GET /token/code/5 failed"),
            "GET /token/[redacted]/5 failed"
        );
        assert_eq!(Secret::new("").scrub("as it is"), "as it is");
        let token = Secret::new("0123456789abcdefghijklmnop");
        assert_eq!(
            token.scrub("no 0123456789abcdefgh… here"),
            "no [redacted]… here"
        );
    }
}
