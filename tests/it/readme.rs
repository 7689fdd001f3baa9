//! The snippets of the README, as a newcomer runs them: in order, in an empty directory, with an empty home.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use idds::workflow::Workflow;

use crate::support::run_within;

type Failure = Box<dyn std::error::Error>;

const README: &str = include_str!("../../README.md");

/// The port that the README's own server has; tests run side by side, so they take a free one instead.
const PORT: &str = "8080";

/// Returns what stands between the fences of a language, in the order of the page.
fn snippets(language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = README.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("```").filter(|name| !name.is_empty()) {
            let body: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            if name == language {
                found.push(body.join("\n"));
            }
        }
    }
    found
}

/// Commands of Cargo are written down instead of run: the gates of CI run the same ones.
const BEGIN: &str = r#"
set -eu
cargo() { echo "$*" >>"$CARGO_CALLS"; }
rustup() { :; }
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
"#;

#[test]
fn every_command_of_the_readme_runs_in_order_in_an_empty_directory() -> Result<(), Failure> {
    let [home, folder] = [tempfile::tempdir()?, tempfile::tempdir()?];
    let port = TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port()
        .to_string();
    let idds = Path::new(env!("CARGO_BIN_EXE_idds"))
        .parent()
        .ok_or("no directory")?;
    let calls = home.path().join("cargo-calls");
    let script = format!("{BEGIN}\n{}\n", snippets("sh").join("\n")).replace(PORT, &port);
    let output = run_within(
        Duration::from_secs(120),
        Command::new("bash")
            .args(["-c", &script])
            .env_clear()
            .env("HOME", home.path())
            .env(
                "PATH",
                format!("{}:{}", idds.display(), std::env::var("PATH")?),
            )
            .env("CARGO_CALLS", &calls)
            .current_dir(folder.path()),
    );
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains("Finished"), "{stdout}\n{stderr}");
    for call in fs::read_to_string(calls)?.lines() {
        assert!(is_right(call), "cargo {call}");
    }
    Ok(())
}

/// Tells whether a command of Cargo names what there is.
fn is_right(call: &str) -> bool {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    match call.split(' ').collect::<Vec<_>>().as_slice() {
        ["run", "--example", name] => [format!("{name}.rs"), format!("{name}/main.rs")]
            .iter()
            .any(|file| examples.join(file).is_file()),
        ["test", "--workspace", "--all-features"]
        | ["install", "--path", "."]
        | [
            "build",
            "--release",
            "--target",
            "x86_64-unknown-linux-musl",
            "--package",
            "idds",
        ] => true,
        ["add", name, "--git", repository] => {
            *name == env!("CARGO_PKG_NAME") && *repository == env!("CARGO_PKG_REPOSITORY")
        }
        _ => false,
    }
}

#[test]
fn the_program_of_the_readme_is_part_of_the_example() {
    let example = include_str!("../../examples/hpo_quickstart.rs");
    let mut rest = example.lines().map(str::trim);
    for line in snippets("rust")
        .iter()
        .flat_map(|program| program.lines())
        .map(str::trim)
    {
        assert!(
            line.is_empty() || rest.any(|of_example| of_example == line),
            "not in the example: {line}"
        );
    }
}

#[test]
fn the_definitions_of_the_readme_are_right() -> Result<(), Failure> {
    let definitions = snippets("yaml");
    assert!(!definitions.is_empty());
    for definition in definitions {
        Workflow::from_yaml(&definition)?;
    }
    Ok(())
}
