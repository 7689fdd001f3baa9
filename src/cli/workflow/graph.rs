//! `idds workflow graph`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum, ValueHint};

use crate::cli::request::definition;
use crate::cli::{App, Exit, examples, output};

/// The arguments of `idds workflow graph`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds workflow graph search.yaml --format svg >search.svg",
    "idds workflow graph search.yaml --format dot | dot -Tpdf >search.pdf",
))]
pub struct Graph {
    /// Workflow definition in YAML, JSON or the wire form; - reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Format of the diagram: mermaid for Markdown, dot for Graphviz, svg for a browser
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Language,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Language {
    #[default]
    Mermaid,
    Dot,
    Svg,
}

impl Graph {
    /// Runs the command.
    pub async fn run(self, _app: &App) -> Result<Exit> {
        let graph = definition::read(&self.file).await?.graph();
        let mut picture = match self.format {
            Language::Mermaid => graph.mermaid(),
            Language::Dot => graph.dot(),
            Language::Svg => graph.svg(),
        };
        if !picture.ends_with('\n') {
            picture.push('\n');
        }
        output::write(picture.as_bytes())?;
        Ok(Exit::Ok)
    }
}
