//! The examples, run as a newcomer runs them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use idds::workflow::Workflow;

use crate::reference;
use crate::support::{Judges, run_within};

#[expect(
    dead_code,
    reason = "only the workflow of the example is of interest here"
)]
#[path = "../../examples/draw_workflow.rs"]
mod draw_workflow;
#[expect(
    dead_code,
    reason = "only the workflow of the example is of interest here"
)]
#[path = "../../examples/hpo_quickstart.rs"]
mod hpo_quickstart;
#[expect(
    dead_code,
    reason = "only the workflows of the example are of interest here"
)]
#[path = "../../examples/submit_definition.rs"]
mod submit_definition;

#[expect(
    dead_code,
    reason = "only the workflows of the example are of interest here"
)]
#[path = "../../examples/data_carousel.rs"]
mod data_carousel;

/// The workflow of every example, with the name of the payload that Python makes of it.
pub(crate) fn workflows() -> Result<Vec<(String, Workflow)>, Box<dyn std::error::Error>> {
    let mut workflows = vec![
        // As the documentation has it, which was recorded before there was this example.
        ("v2_stagein".to_owned(), data_carousel::workflow()?),
        (
            "v2_example_draw_workflow".to_owned(),
            draw_workflow::workflow()?,
        ),
        (
            "v2_example_hpo_quickstart".to_owned(),
            hpo_quickstart::workflow()?,
        ),
    ];
    let written = ["v2_example_search_yaml", "v2_example_search_python"].map(str::to_owned);
    workflows.extend(written.into_iter().zip(submit_definition::workflows()?));
    Ok(workflows)
}

#[test]
fn the_workflow_of_every_example_is_what_python_makes() -> Result<(), Box<dyn std::error::Error>> {
    for (name, workflow) in workflows()? {
        let differences = reference::differences(&name, &workflow)?;
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
    Ok(())
}

#[test]
fn every_example_with_a_workflow_is_compared_with_python() -> Result<(), Box<dyn std::error::Error>>
{
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"))? {
        let path = entry?.path();
        if path.is_file() && fs::read_to_string(&path)?.contains("fn workflow") {
            let module = format!(
                "examples/{}\"]",
                path.file_name().unwrap_or_default().display()
            );
            assert!(
                include_str!("example.rs").contains(&module),
                "{} is not",
                path.display()
            );
        }
    }
    Ok(())
}

#[test]
fn the_definition_that_python_writes_is_fresh() -> Result<(), Box<dyn std::error::Error>> {
    let Some(judges) = Judges::available() else {
        return Ok(());
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/definitions");
    let committed = fs::read_to_string(folder.join("search.json"))?;
    assert_eq!(
        judges.python(&folder.join("search.py")),
        committed,
        "the first lines of search.py say how to write it"
    );
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

/// Runs a command, which may have to be compiled first, and returns what it prints; a failure shows both streams.
pub(crate) fn output(mut command: Command) -> String {
    let output = run_within(Duration::from_secs(600), &mut command);
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{stdout}\n{stderr}");
    stdout
}
