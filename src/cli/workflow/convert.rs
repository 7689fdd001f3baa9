//! `idds workflow convert`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};

use super::Form;
use crate::cli::request::definition;
use crate::cli::{App, Exit, examples};

/// The arguments of `idds workflow convert`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds workflow convert sent.json    # what Python's json_dumps wrote, as YAML",
    "idds workflow convert search.yaml --to wire >request.json",
))]
pub struct Convert {
    /// Workflow in YAML, JSON or the wire form; - reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Form to write: yaml, json, or wire for what a server is sent
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    to: Form,
}

impl Convert {
    /// Runs the command.
    pub async fn run(self, _app: &App) -> Result<Exit> {
        self.to.print(&definition::read(&self.file).await?)?;
        Ok(Exit::Ok)
    }
}
