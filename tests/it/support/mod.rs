//! What the tests need from outside: the real Python packages and the real iDDS server.

mod browser;
pub(crate) mod http;
mod judges;
mod node;
mod oracle;
mod pictures;
mod python;
mod real_server;
mod run;
mod terminal;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub(crate) use browser::Browser;
pub(crate) use judges::Judges;
pub(crate) use oracle::Oracle;
pub(crate) use pictures::Pictures;
pub(crate) use real_server::RealServer;
pub(crate) use run::{in_time, run, run_within};
pub(crate) use terminal::Terminal;

/// Time to install packages, or to wait until another process has; the scripts that do it give up earlier, and say at what.
const INSTALLING: Duration = Duration::from_secs(1500);

/// The Python that has the real iDDS packages, or `None` where it cannot be installed; in CI that is a failure.
pub(crate) fn python() -> Option<PathBuf> {
    is_installed("oracle").then(|| python::venv("requirements.txt"))
}

/// A file of the source tree below `tests/`.
pub(crate) fn test_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(path)
}

/// A command in the source tree below `tests/` that keeps its files in this build's target directory.
pub(crate) fn script(path: &str) -> Command {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("cargo's directory is below the target directory");
    let mut command = Command::new(test_file(path));
    command.env("CARGO_TARGET_DIR", target);
    command
}

/// The Python that has the iDDS packages, or `None` where it cannot be installed; in CI that is a failure.
pub(crate) fn idds_python() -> Option<String> {
    is_installed("oracle").then(|| python::venv("requirements.txt").display().to_string())
}

/// The Python that has the real Optuna, or `None` where it cannot be installed; in CI that is a failure.
pub(crate) fn optuna() -> Option<PathBuf> {
    is_installed("oracle").then(|| python::venv("optuna/requirements.txt"))
}

/// Tells whether this machine has what `what` needs. If not, the caller skips its test; in CI that is a failure.
fn is_installed(what: &str) -> bool {
    let needs = run(script("needs").arg(what));
    let packages = String::from_utf8_lossy(&needs.stdout)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if packages.is_empty() {
        return true;
    }
    let message = format!(
        "the {what} needs programs this machine lacks, install them with: apt-get install {packages}"
    );
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{message}"
    );
    // Unlike `eprintln!`, this is shown for tests that pass, too.
    writeln!(std::io::stderr(), "SKIPPED: {message}").expect("stderr is open");
    false
}
