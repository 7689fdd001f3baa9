//! Versions of the server.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// Version of an iDDS server, such as 2.6.21; later versions are greater.
///
/// ```
/// use idds_workflow::ServerVersion;
///
/// let version: ServerVersion = "2.6.21".parse()?;
/// assert_eq!(version, ServerVersion::V2_6_21);
/// assert!(version < "2.10.0".parse()?);
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ServerVersion {
    major: u32,
    minor: u32,
    patch: u32,
}

impl ServerVersion {
    /// The version that this crate is checked with.
    pub const V2_6_21: Self = Self::new(2, 6, 21);

    /// Makes the version with these three numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Reads two or three numbers with dots between; the third is 0 when it is missing.
impl FromStr for ServerVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[major, minor]) => Ok(Self::new(major, minor, 0)),
            Ok(&[major, minor, patch]) => Ok(Self::new(major, minor, patch)),
            _ => Err(Error::new(
                "version",
                format!("{text:?} is not like 2.6.21"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let [old, short, new] = ["2.6.9", "2.7", "10.0.0"]
            .map(|text| text.parse::<ServerVersion>().expect("a version"));
        assert!(old < ServerVersion::V2_6_21 && ServerVersion::V2_6_21 < short && short < new);
        assert_eq!(short.to_string(), "2.7.0");
    }

    #[test]
    fn what_is_no_version_is_named() {
        for text in ["", "2", "2.6.x", "1.2.3.4"] {
            let error = text.parse::<ServerVersion>().expect_err("no version");
            assert_eq!(
                error.to_string(),
                format!("version: {text:?} is not like 2.6.21")
            );
        }
    }
}
