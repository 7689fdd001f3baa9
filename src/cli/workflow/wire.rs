//! `idds workflow wire`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};

use crate::cli::request::{Payload, definition};
use crate::cli::{App, Exit, examples};

/// The arguments of `idds workflow wire`.
#[derive(Args, Debug)]
#[command(after_help = examples!("idds workflow wire search.yaml | jq .request_metadata.workflow.attributes"))]
pub struct Wire {
    /// Workflow definition in YAML, JSON or the wire form; - reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

impl Wire {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        app.print(&Payload::of(&definition::read(&self.file).await?)?)?;
        Ok(Exit::Ok)
    }
}
