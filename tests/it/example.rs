//! The examples, run as a newcomer runs them.

use std::path::Path;
use std::process::Command;

/// The command that runs an example in a folder of its own, with nothing of iDDS in the environment.
pub(crate) fn command(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command
        .args([
            "run",
            "--quiet",
            "--all-features",
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .args(["--example", name])
        .current_dir(folder);
    for (variable, _) in std::env::vars_os() {
        let name = variable.to_string_lossy();
        if name.starts_with("IDDS_") || name.starts_with("OIDC_") || name == "X509_USER_PROXY" {
            command.env_remove(&variable);
        }
    }
    command
}

/// Runs a command and returns what it prints; a failure shows both streams.
pub(crate) fn output(mut command: Command) -> String {
    let output = command.output().expect("cargo runs");
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{stdout}\n{stderr}");
    stdout
}
