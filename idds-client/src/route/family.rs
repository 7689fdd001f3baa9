//! Versions that share their routes.

use std::fmt;

use idds_workflow::ServerVersion;

/// Versions of the server that have the same routes.
///
/// What a call does with a server of each family. A call that would do something else than it says is refused with
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), unless it is told to go on `anyway`.
///
#[doc = include_str!("table.md")]
///
/// The arguments in braces are named as the Python client names them. The routes are taken from idds-server 0.5.4, 0.11.15, 1.3.30, 2.1.0,
/// 2.2.0 and 2.6.21; only the last one was seen at work. The embedded server says in its answers what it is, and is asked for that before a
/// call is refused. A version between two families is taken for the older one. Workflow tasks came after 2.4.7; the older ones of the last
/// family answer 404.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ServerFamily {
    /// Before 0.11.
    V0_5,
    /// From 0.11 to before 1.3.
    V0_11,
    /// From 1.3 to before 2.2. Late releases of 2.1 have the routes of 2.2 already.
    V1_3,
    /// From 2.2 on.
    V2_2,
}

impl ServerFamily {
    /// Every family, the oldest first.
    pub const ALL: [Self; 4] = [Self::V0_5, Self::V0_11, Self::V1_3, Self::V2_2];

    /// Says whether it is a version that was there when this was written, from 0.5 to 2.6: a newer one may have other routes.
    pub fn knows(version: ServerVersion) -> bool {
        (ServerVersion::new(0, 5, 0)..ServerVersion::new(2, 7, 0)).contains(&version)
    }

    /// Returns the latest version of the family whose routes are known: 0.5.4, 0.11.15, 2.1.0 or 2.6.21.
    pub const fn version(self) -> ServerVersion {
        match self {
            Self::V0_5 => ServerVersion::new(0, 5, 4),
            Self::V0_11 => ServerVersion::new(0, 11, 15),
            Self::V1_3 => ServerVersion::new(2, 1, 0),
            Self::V2_2 => ServerVersion::V2_6_21,
        }
    }
}

impl From<ServerVersion> for ServerFamily {
    fn from(version: ServerVersion) -> Self {
        if version < ServerVersion::new(0, 11, 0) {
            Self::V0_5
        } else if version < ServerVersion::new(1, 3, 0) {
            Self::V0_11
        } else if version < ServerVersion::new(2, 2, 0) {
            Self::V1_3
        } else {
            Self::V2_2
        }
    }
}

/// Writes the range of versions, such as `1.3 to 2.1`.
impl fmt::Display for ServerFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::V0_5 => "0.5",
            Self::V0_11 => "0.11",
            Self::V1_3 => "1.3 to 2.1",
            Self::V2_2 => "2.2 to 2.6",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_between_two_families_is_taken_for_the_older_one() {
        for (version, family) in [
            ("0.1", ServerFamily::V0_5),
            ("0.10.5", ServerFamily::V0_5),
            ("1.2.17", ServerFamily::V0_11),
            ("1.3.0", ServerFamily::V1_3),
            ("2.1.41", ServerFamily::V1_3),
            ("2.2.0", ServerFamily::V2_2),
            ("3.0", ServerFamily::V2_2),
        ] {
            let version: ServerVersion = version.parse().expect("a version");
            assert_eq!(ServerFamily::from(version), family, "{version}");
        }
    }

    #[test]
    fn versions_before_the_first_and_after_the_last_are_not_known() {
        let knows = |text: &str| ServerFamily::knows(text.parse().expect("a version"));
        assert!(
            ["0.5.4", "0.11", "1.3.30", "2.0", "2.6.21", "2.6.99"]
                .into_iter()
                .all(knows)
        );
        assert!(!["0.4.9", "2.7", "3.0", "9.9.9"].into_iter().any(knows));
    }

    #[test]
    fn the_version_of_a_family_is_one_of_it() {
        for family in ServerFamily::ALL {
            assert_eq!(ServerFamily::from(family.version()), family);
        }
    }
}
