//! How long it takes from the end of one step to the start of the next.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Failure;
use super::sides::run;

/// Runs a chain of `date +%s%N`, and returns the times between its steps in milliseconds.
pub(crate) fn gaps(home: &Path) -> Result<Vec<f64>, Failure> {
    run(home)?;
    let mut told = Vec::new();
    look(&home.join(".idds"), &mut told)?;
    let mut steps = told
        .into_iter()
        .map(|path| {
            let started: f64 = fs::read_to_string(path.join("stdout"))?.trim().parse()?;
            let usage: Value = serde_json::from_slice(&fs::read(path.join("exit.json"))?)?;
            let wall = usage.pointer("/usage/wall").and_then(Value::as_f64);
            let wall = wall.ok_or_else(|| format!("no time in {usage}"))?;
            Ok((started / 1e6, wall * 1e3))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    steps.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let pairs = steps.windows(2);
    Ok(pairs
        .map(|pair| pair[1].0 - pair[0].0 - pair[0].1)
        .collect())
}

/// Finds the directories of attempts.
fn look(directory: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if directory.join("exit.json").exists() {
        found.push(directory.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            look(&entry.path(), found)?;
        }
    }
    Ok(())
}
