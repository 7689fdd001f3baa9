//! A definition from a file or standard input.

use std::path::Path;

use anyhow::Result;
use idds::workflow::{Error, Workflow};

use crate::cli::{Exit, input};

/// Reads a workflow in the neutral form, as JSON or YAML, from a file, or from standard input for `-`.
pub async fn read(file: &Path) -> Result<Workflow> {
    parse(file).await?.map_err(|error| Exit::Usage.because(format!("{}: {error}", input::name(file))))
}

/// Does the same, and returns all that is wrong with the definition.
pub async fn parse(file: &Path) -> Result<Result<Workflow, Error>> {
    let text = input::read(file).await?;
    // JSON is YAML too, but its own reader has no limit of size and knows the places better.
    Ok(if text.trim_start().starts_with('{') { Workflow::from_json(&text) } else { Workflow::from_yaml(&text) })
}
