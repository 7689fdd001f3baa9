//! A definition from a file or standard input.

use std::path::Path;

use anyhow::Result;
use idds::workflow::{Document, Error, Position, Problem, Workflow, printable};

use crate::cli::{Exit, input};

/// The text of a definition, as JSON or YAML.
pub struct Source {
    name: String,
    text: String,
}

impl Source {
    /// Reads the text of a file, or standard input for `-`.
    pub async fn read(file: &Path) -> Result<Self> {
        Ok(Self {
            name: input::name(file).into_owned(),
            text: input::read(file).await?,
        })
    }

    /// Returns the text with its places.
    pub fn document(&self) -> Document<'_> {
        Document::of(&self.text)
    }

    /// Returns the workflow; the error has a line for each problem.
    pub fn workflow(&self) -> Result<Workflow> {
        self.document()
            .workflow()
            .map_err(|error| self.refusal(&error))
    }

    /// Names a position as compilers do: `search.yaml:12:7`.
    pub fn place(&self, position: Option<Position>) -> String {
        let name = printable(&self.name);
        position.map_or(name.to_string(), |at| {
            format!("{name}:{}:{}", at.line, at.column)
        })
    }

    fn refusal(&self, error: &Error) -> anyhow::Error {
        let line = |problem: &Problem| {
            let at = if problem.at().is_empty() {
                String::new()
            } else {
                format!("{}: ", printable(problem.at()))
            };
            format!(
                "{}: {at}{}",
                self.place(problem.position()),
                printable(problem.message())
            )
        };
        match error.problems() {
            [problem] => Exit::Usage.because(line(problem)),
            problems => {
                let what = format!("{} has {} problems", printable(&self.name), problems.len());
                Exit::Usage.because_of(what, problems.iter().map(line).collect())
            }
        }
    }
}

/// Reads a workflow in the neutral form, as JSON or YAML, from a file, or from standard input for `-`.
pub async fn read(file: &Path) -> Result<Workflow> {
    Source::read(file).await?.workflow()
}
