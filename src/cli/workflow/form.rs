//! The forms in which a definition is written.

use anyhow::Result;
use clap::ValueEnum;
use idds::workflow::Workflow;

use super::show::Definition;
use crate::cli::output::{self, Format};
use crate::cli::request::Payload;

/// A form in which a definition is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum Form {
    #[default]
    Yaml,
    Json,
    Wire,
}

impl Form {
    /// Writes a definition on standard output.
    pub fn print(self, workflow: &Workflow) -> Result<()> {
        let definition =
            || Ok::<_, serde_json::Error>(Definition(serde_json::from_str(&workflow.to_json())?));
        match self {
            Self::Yaml => output::print(&definition()?, Format::Yaml),
            Self::Json => output::print(&definition()?, Format::Json),
            Self::Wire => output::print(&Payload::of(workflow)?, Format::Json),
        }
    }
}
