//! The judge of the live page: Chromium, with axe-core in it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{is_installed, node, run};

/// A browser that uses the page as a person does.
pub(crate) struct Browser {
    packages: PathBuf,
}

/// What was looked at, and what is wrong.
#[derive(Debug, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) wrong: Vec<String>,
    pub(crate) said: Vec<String>,
}

impl Browser {
    /// The browser, or `None` where it cannot be installed; in CI that is a failure.
    pub(crate) fn available() -> Option<Self> {
        is_installed("page").then(|| Self {
            packages: node::packages("page"),
        })
    }

    /// Says what is wrong with the page of this command, which runs in a directory of its own.
    pub(crate) fn judge(&self, idds: &Path, folder: &Path) -> Verdict {
        let output = run(node::program(&self.packages, "page/judge.mjs")
            .arg(idds)
            .arg(folder));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let verdict = serde_json::from_slice(&output.stdout);
        verdict.unwrap_or_else(|error| panic!("the judge prints a verdict: {error}: {said}"))
    }
}
