//! The server that advice is about.

use std::fmt;
use std::str::FromStr;

use super::ServerVersion;
use crate::Error;

/// The server that advice is about.
///
/// ```
/// use idds_workflow::{Server, ServerVersion};
///
/// assert_eq!("embedded".parse(), Ok(Server::Embedded));
/// assert_eq!(Server::from(ServerVersion::V2_6_21).to_string(), "iDDS 2.6.21");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Server {
    /// An iDDS server of this version.
    Idds(ServerVersion),
    /// The embedded server by its own rules, which `idds serve` starts.
    Embedded,
}

impl Default for Server {
    fn default() -> Self {
        Self::Idds(ServerVersion::V2_6_21)
    }
}

impl From<ServerVersion> for Server {
    fn from(version: ServerVersion) -> Self {
        Self::Idds(version)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idds(version) => write!(f, "iDDS {version}"),
            Self::Embedded => f.write_str("the embedded server"),
        }
    }
}

/// Reads `embedded`, or the version of an iDDS server.
impl FromStr for Server {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "embedded" {
            return Ok(Self::Embedded);
        }
        let version = text.parse::<ServerVersion>();
        version
            .map(Self::Idds)
            .map_err(|_| Error::new("", format!("{text:?} is neither embedded nor like 2.6.21")))
    }
}
