//! The README and the pages of the guide: their snippets, as a newcomer runs them in order, in an empty directory with an empty home, and
//! their links.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use idds::workflow::Workflow;

use crate::support::run_within;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const README: &str = include_str!("../../README.md");

/// The port that the server of a page has; tests run side by side, so they take a free one instead.
const PORT: &str = "8080";

/// Returns what stands between the fences of a language, in the order of the page.
fn snippets(page: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = page.lines();
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
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
"#;

/// Runs the commands of a page, and returns what they print and which commands of Cargo were among them.
fn run(page: &str) -> Result<(String, String), Failure> {
    let [home, folder] = [tempfile::tempdir()?, tempfile::tempdir()?];
    let port = TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port()
        .to_string();
    let idds = Path::new(env!("CARGO_BIN_EXE_idds"))
        .parent()
        .ok_or("no directory")?;
    let calls = home.path().join("cargo-calls");
    fs::write(&calls, "")?;
    let commands = snippets(page, "sh").join("\n");
    let script = format!("{BEGIN}\n{commands}\n").replace(PORT, &port);
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
    let told = format!("{stdout}\n{stderr}");
    match output.status.success() {
        true => Ok((told, fs::read_to_string(calls)?)),
        false => Err(told.into()),
    }
}

#[test]
fn every_command_of_the_readme_runs_in_order_in_an_empty_directory() -> Result<(), Failure> {
    let (told, calls) = run(README)?;
    assert!(told.contains("Finished"), "{told}");
    for call in calls.lines() {
        assert!(is_right(call), "cargo {call}");
    }
    Ok(())
}

/// Returns the pages below `docs/`, and those at the top, by their paths.
fn pages() -> Result<Vec<(PathBuf, String)>, Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = Vec::new();
    let folders = ["", "docs", "docs/guide", "docs/decisions"];
    for folder in folders {
        for entry in fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "md") {
                let text = fs::read_to_string(&path)?;
                pages.push((path.strip_prefix(root)?.to_owned(), text));
            }
        }
    }
    pages.sort();
    Ok(pages)
}

#[test]
fn every_command_of_the_guide_runs_in_order_in_an_empty_directory() -> Result<(), Failure> {
    let mut pages = pages()?;
    pages.retain(|(path, text)| path.starts_with("docs/guide") && !snippets(text, "sh").is_empty());
    assert!(!pages.is_empty());
    std::thread::scope(|scope| {
        let runs: Vec<_> = pages
            .iter()
            .map(|(path, text)| (path, scope.spawn(|| run(text))))
            .collect();
        for (path, run) in runs {
            let ran = run.join().map_err(|_| "it panicked")?;
            ran.map_err(|told| format!("{}: {told}", path.display()))?;
        }
        Ok(())
    })
}

#[test]
fn every_link_of_a_page_leads_somewhere() -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut dead = Vec::new();
    for (path, text) in pages()? {
        let here = path.parent().unwrap_or(Path::new(""));
        let links = text.split("](").skip(1);
        for link in links.filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.contains(' ') {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => root.join(&path),
                file => root.join(here).join(file),
            };
            let is_there = target.exists()
                && (anchor.is_empty() || anchors(&fs::read_to_string(&target)?).contains(anchor));
            if !is_there {
                dead.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
    Ok(())
}

/// Returns how the headings of a page are named in links.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading
                .chars()
                .filter(|char| char.is_alphanumeric() || " -_".contains(*char));
            kept.map(|char| if char == ' ' { '-' } else { char })
                .collect()
        })
        .collect()
}

#[test]
fn the_table_of_contents_has_every_page_of_the_guide() -> Result<(), Failure> {
    let contents = include_str!("../../docs/SUMMARY.md");
    for (path, _) in pages()? {
        if let Ok(page) = path.strip_prefix("docs")
            && page.starts_with("guide")
        {
            assert!(
                contents.contains(&format!("({})", page.display())),
                "{}",
                page.display()
            );
        }
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
    for line in snippets(README, "rust")
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
    let definitions = snippets(README, "yaml");
    assert!(!definitions.is_empty());
    for definition in definitions {
        Workflow::from_yaml(&definition)?;
    }
    Ok(())
}
