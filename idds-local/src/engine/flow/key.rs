//! Names of runs of works.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Name of one run of a work, or of a sub-workflow, in its workflow: the ids on the way to it, with the rounds of loops.
///
/// `00000007` is a work of a workflow without a loop, `00000007.2` the same work in the second round of a loop, and
/// `0000000a/00000004.3` a work in the third round of the sub-workflow `0000000a`. No two runs of a workflow have the same key, and the
/// same run has the same key after a restart.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub(crate) struct RunKey(String);

impl RunKey {
    /// Makes a key of steps from the outside in: the id of each, and the round of the loop that it is in.
    pub(super) fn of(steps: &[(&str, Option<u32>)]) -> Self {
        let mut key = String::new();
        for (id, round) in steps {
            if !key.is_empty() {
                key.push('/');
            }
            key.push_str(id);
            if let Some(round) = round {
                key.push('.');
                key.push_str(&round.to_string());
            }
        }
        Self(key)
    }

    /// Returns the key as text, for storage.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id of the work or sub-workflow.
    pub(crate) fn id(&self) -> &str {
        self.steps().last().map_or("", |(id, _)| id)
    }

    /// Returns the round of the innermost loop that it is in; 1 where there is none.
    pub(crate) fn round(&self) -> u32 {
        let rounds = self.steps().filter_map(|(_, round)| round);
        rounds.last().unwrap_or(1)
    }

    /// Returns the ids on the way to it, with slashes between, as all rounds of loops have them.
    pub(crate) fn path(&self) -> String {
        self.steps().map(|(id, _)| id).collect::<Vec<_>>().join("/")
    }

    /// Returns the steps from the outside in: the id of each, and the round of the loop that it is in.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&str, Option<u32>)> {
        self.0.split('/').map(|step| {
            let round = step
                .rsplit_once('.')
                .and_then(|(id, round)| Some((id, round.parse().ok()?)));
            match round {
                Some((id, round)) => (id, Some(round)),
                None => (step, None),
            }
        })
    }
}

impl From<String> for RunKey {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
