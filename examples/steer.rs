//! A steering program for iDDS: it reads all points so far and proposes new ones, as the container of a search does.
//!
//! ```text
//! cargo run --example steer
//! cargo run --example steer -- --max_points=20 --num_points=10 --input=idds_input.json --output=idds_output.json
//! ```
//!
//! Without arguments it shows what it proposes for a small space. A work names it by `executable` and `arguments`, with the
//! server's `%MAX_POINTS`, `%NUM_POINTS`, `%IN` and `%OUT` in place of the values.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use idds::sampler::Steering;
use idds::workflow::SteeringInput;

/// What is read without arguments.
const SAMPLE: &str = r#"{
    "points": [[{"A": 1, "B": 2.5}, 0.0], [{"A": 4, "B": 4.5}, 6.5], [{"A": 4, "B": 0.5}, null]],
    "opt_space": {"A": {"type": "Choice", "params": {"choices": [1, 4]}}, "B": {"type": "Scalar", "bounds": [0, 5]}}
}"#;

fn main() -> anyhow::Result<()> {
    let (mut max_points, mut num_points, mut input, mut output) = (20, 10, None, None);
    for argument in std::env::args().skip(1) {
        let (name, value) = argument
            .split_once('=')
            .with_context(|| format!("{argument} is not --NAME=VALUE"))?;
        match name {
            "--max_points" => max_points = count(&argument, value)?,
            "--num_points" => num_points = count(&argument, value)?,
            "--input" => input = Some(PathBuf::from(value)),
            "--output" => output = Some(PathBuf::from(value)),
            _ => anyhow::bail!("{name} is none of --max_points, --num_points, --input, --output"),
        }
    }
    let input: SteeringInput = match &input {
        Some(path) => read(path).with_context(|| format!("cannot read {}", path.display()))?,
        None => SteeringInput::from_json(SAMPLE.as_bytes())?,
    };
    let answer =
        serde_json::to_string(&Steering::default().answer(&input, num_points, max_points))?;
    match output {
        Some(path) => write_whole(&path, &answer)
            .with_context(|| format!("cannot write {}", path.display()))?,
        None => println!("{answer}"),
    }
    Ok(())
}

fn count(argument: &str, value: &str) -> anyhow::Result<usize> {
    value
        .parse()
        .with_context(|| format!("{argument} is not a number of points, such as 10"))
}

fn read(path: &Path) -> anyhow::Result<SteeringInput> {
    Ok(SteeringInput::from_json(&fs::read(path)?)?)
}

/// Writes a file that is there whole or not at all: the server reads what a killed program leaves.
fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
