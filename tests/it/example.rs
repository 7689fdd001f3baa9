//! The examples, run as a newcomer runs them.

use std::fs;
use std::path::Path;
use std::process::Command;

use idds::workflow::Stamp;
use idds::workflow::wire::{Encoded, Remedies};
use serde_json::Value;

#[expect(dead_code, reason = "only the workflow of the example is of interest here")]
#[path = "../../examples/hpo_quickstart.rs"]
mod hpo_quickstart;

#[test]
fn the_workflow_of_the_quickstart_is_the_one_of_the_documentation() -> Result<(), Box<dyn std::error::Error>> {
    let stamp = Stamp::new("2024-03-05T06:07:08Z".parse()?, 0);
    let ours = serde_json::to_value(Encoded::new(&hpo_quickstart::workflow()?, &stamp).remedies(Remedies::Omit))?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/v2_hpo_nevergrad.json");
    let recorded: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let search = |workflow: &Value| {
        let works = workflow.pointer("/attributes/template/attributes/_works").and_then(Value::as_object);
        let search = works.and_then(|works| works.values().next()).cloned().unwrap_or_default();
        let names = ["method", "opt_space", "initial_points", "max_points", "num_points_per_iteration"];
        names.map(|name| search["attributes"][name].clone())
    };
    assert_eq!(search(&ours), search(&recorded));
    Ok(())
}

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
