//! The judges of pictures: Mermaid and Graphviz.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::json;

use super::{is_installed, node, run};

/// The real programs that the text of a picture is for.
pub(crate) struct Pictures {
    packages: PathBuf,
}

/// How much a program has found in a picture.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize)]
pub(crate) struct Found {
    pub(crate) nodes: usize,
    pub(crate) edges: usize,
    pub(crate) frames: usize,
}

impl Pictures {
    /// The judges, or `None` where they cannot be installed; in CI that is a failure.
    pub(crate) fn available() -> Option<Self> {
        is_installed("pictures").then(|| Self {
            packages: node::packages("pictures"),
        })
    }

    /// Says what Mermaid finds in each drawing.
    pub(crate) fn mermaid(&self, drawings: &[String]) -> Vec<Found> {
        let file = tempfile::NamedTempFile::new().expect("the temporary directory is writable");
        fs::write(file.path(), json!(drawings).to_string()).expect("the file is writable");
        let output = run(node::program(&self.packages, "pictures/judge.mjs").arg(file.path()));
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).expect("the judge prints a list")
    }

    /// Says what Graphviz finds in a drawing.
    pub(crate) fn graphviz(&self, drawing: &str) -> Found {
        let file = tempfile::NamedTempFile::new().expect("the temporary directory is writable");
        fs::write(file.path(), drawing).expect("the file is writable");
        let output = run(Command::new("dot")
            .arg("-Tsvg")
            .arg(file.path())
            .stdin(Stdio::null()));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}");
        let svg = String::from_utf8_lossy(&output.stdout);
        let count = |class: &str| svg.matches(&format!("class=\"{class}\"")).count();
        Found {
            nodes: count("node"),
            edges: count("edge"),
            frames: count("cluster"),
        }
    }
}
