//! Python environments with pinned packages.

use std::path::PathBuf;

use super::{INSTALLING, run_within, script, test_file};

/// The Python that has exactly the packages of a requirements file in `tests/`, which are installed once.
pub(super) fn venv(requirements: &str) -> PathBuf {
    let output = run_within(INSTALLING, script("venv").arg(test_file(requirements)));
    assert!(
        output.status.success(),
        "cannot install {requirements}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end())
}
