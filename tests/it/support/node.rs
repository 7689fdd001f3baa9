//! Node with pinned packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{INSTALLING, run_within, script, test_file};

/// The folder with the packages of a folder in `tests/`, which are installed once.
pub(super) fn packages(folder: &str) -> PathBuf {
    let output = run_within(INSTALLING, script("node").arg(test_file(folder)));
    assert!(
        output.status.success(),
        "cannot install Node packages: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end())
}

/// A command that runs a program of `tests/` with these packages.
pub(super) fn program(packages: &Path, program: &str) -> Command {
    let source = test_file(program);
    // Node looks for packages next to the program.
    let copy = packages.join(source.file_name().expect("a program has a name"));
    fs::copy(source, &copy).expect("the target directory is writable");
    let mut command = Command::new("node");
    command.arg(copy);
    command
}
