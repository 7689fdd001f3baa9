//! What Rucio is asked, and what it answers.

use serde::{Deserialize, Serialize};

/// Scope and name of a dataset, a container or a file.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Did {
    /// Scope.
    pub scope: String,
    /// Name in the scope.
    pub name: String,
}

impl Did {
    /// Names something.
    pub fn new(scope: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            scope: scope.into(),
            name: name.into(),
        }
    }
}

/// What is known of a dataset or a container.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct DidMetadata {
    /// `DATASET`, `CONTAINER` or `FILE`.
    pub did_type: Option<String>,
    /// Whether files may still be added; none for a file.
    pub is_open: Option<bool>,
    /// Bytes of all of it.
    pub bytes: Option<u64>,
    /// Number of its files.
    pub length: Option<u64>,
}

/// A file of a dataset or a container.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct FileOfDid {
    /// Scope, which may be another than that of the dataset.
    pub scope: String,
    /// Name.
    pub name: String,
    /// Size.
    pub bytes: Option<i64>,
    /// Adler-32 checksum, eight hexadecimal digits.
    pub adler32: Option<String>,
    /// Number of events.
    pub events: Option<i64>,
}

/// A rule, by which Rucio brings a dataset somewhere and keeps it there.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct Rule {
    /// Id.
    pub id: String,
    /// Scope of the dataset.
    #[serde(default)]
    pub scope: String,
    /// Name of the dataset.
    #[serde(default)]
    pub name: String,
    /// Owner.
    #[serde(default)]
    pub account: String,
    /// Where the dataset is brought.
    #[serde(default)]
    pub rse_expression: String,
    /// How far it is.
    pub state: RuleState,
    /// Files that are there.
    #[serde(default)]
    pub locks_ok_cnt: u64,
    /// Files that are on their way.
    #[serde(default)]
    pub locks_replicating_cnt: u64,
    /// Files that cannot be brought at the moment.
    #[serde(default)]
    pub locks_stuck_cnt: u64,
    /// Why it is stuck.
    pub error: Option<String>,
}

/// How far a rule is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleState {
    /// All files are there.
    Ok,
    /// Files are on their way.
    Replicating,
    /// A file cannot be brought at the moment; Rucio tries it again.
    Stuck,
    /// Nothing is tried any more until somebody lets it go on.
    Suspended,
    /// Somebody has to approve it.
    WaitingApproval,
    /// It is being made.
    Inject,
    /// A state that is not known here.
    #[serde(other)]
    Unknown,
}

/// What a rule does for one file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct Lock {
    /// Scope of the file.
    pub scope: String,
    /// Name of the file.
    pub name: String,
    /// How far it is.
    pub state: LockState,
}

/// How far a file is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LockState {
    /// It is there.
    Ok,
    /// It is on its way.
    Replicating,
    /// It cannot be brought at the moment.
    Stuck,
    /// A state that is not known here.
    #[serde(other)]
    Unknown,
}

/// A rule to be made, with one copy of the whole dataset at one place, as iDDS makes it.
#[derive(Clone, Debug)]
pub struct NewRule<'a> {
    pub(crate) did: &'a Did,
    pub(crate) rse_expression: &'a str,
    pub(crate) source: Option<&'a str>,
    pub(crate) lifetime: Option<u64>,
}

impl<'a> NewRule<'a> {
    /// Brings a dataset to a storage element, and keeps it there.
    pub fn new(did: &'a Did, rse_expression: &'a str) -> Self {
        Self {
            did,
            rse_expression,
            source: None,
            lifetime: None,
        }
    }

    /// Names the storage element that the files come from.
    pub fn source(mut self, rse_expression: &'a str) -> Self {
        self.source = Some(rse_expression);
        self
    }

    /// Sets the seconds after which Rucio forgets the rule.
    pub fn lifetime(mut self, seconds: u64) -> Self {
        self.lifetime = Some(seconds);
        self
    }
}
