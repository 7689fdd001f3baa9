//! What tells a request from another one that has its number.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What tells a request from another one that has the same number: on another server, or on one whose database is new.
///
/// What is not known is absent, and differs from nothing.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RequestIdentity {
    /// Id of the server's database, which the embedded server tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// When the server made the request, such as `2026-11-30T08:15:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Id of its workflow, which the client drew when it was submitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
}

impl RequestIdentity {
    /// Tells whether it is certainly another request.
    pub fn differs_from(&self, other: &Self) -> bool {
        let differ = |ours: &Option<String>, theirs: &Option<String>| {
            ours.as_ref()
                .zip(theirs.as_ref())
                .is_some_and(|(ours, theirs)| ours != theirs)
        };
        differ(&self.database, &other.database)
            || differ(&self.created_at, &other.created_at)
            || differ(&self.workflow, &other.workflow)
    }
}

impl RequestIdentity {
    /// Returns a few characters that no other request of its number has; none when nothing is known.
    pub(crate) fn mark(&self) -> Option<String> {
        let Self {
            database: _,
            created_at,
            workflow,
        } = self;
        let known = [
            created_at.as_deref()?,
            workflow.as_deref().unwrap_or_default(),
        ];
        Some(format!(
            "{:08x}",
            crc32fast::hash(known.join(" ").as_bytes())
        ))
    }
}

/// Says when it was made, which is what a person knows of it.
impl fmt::Display for RequestIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.created_at {
            Some(created_at) => write!(f, "made at {created_at}"),
            None => f.write_str("made at a time that is not known"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_differs_from_nothing() {
        let known = |database: &str, created_at: &str| RequestIdentity {
            database: (!database.is_empty()).then(|| database.to_owned()),
            created_at: (!created_at.is_empty()).then(|| created_at.to_owned()),
            workflow: None,
        };
        assert!(known("a", "1").differs_from(&known("b", "1")));
        assert!(known("a", "1").differs_from(&known("a", "2")));
        assert!(!known("a", "1").differs_from(&known("a", "1")));
        assert!(!known("a", "").differs_from(&known("", "1")));
        assert!(!known("", "").differs_from(&known("a", "1")));
    }
}
