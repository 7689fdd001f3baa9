//! What is found in a definition.

use std::fmt;

use anstyle::{AnsiColor, Style};
use idds::workflow::{Advice, Document, Position, Problem, Server, Severity, Workflow, printable};
use schemars::JsonSchema;
use serde::Serialize;

use super::definition::Source;
use crate::cli::output::Show;

/// Something that was found in a definition.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Finding {
    /// `problem` when the definition is wrong; else how bad it is: `note`, `warning` or `error`.
    pub severity: String,
    /// What it is about, such as `false-branch-at-once`; null for a problem.
    pub code: Option<&'static str>,
    /// Where it is, such as `steps.search.opt_space`; empty for the whole of it.
    pub at: String,
    /// Line of the text, from 1; null when the place is not known.
    pub line: Option<u32>,
    /// Column of the text in characters, from 1; null when the place is not known.
    pub column: Option<u32>,
    /// What is wrong, or what the server will do.
    pub message: String,
    /// What to do instead; null for a problem, whose message says it.
    pub instead: Option<&'static str>,
}

impl Finding {
    /// Finds what this server will not do as the workflow of the document says.
    pub fn of(
        workflow: &Workflow,
        document: &Document<'_>,
        server: Server,
    ) -> (Vec<Self>, Option<Severity>) {
        let advice = workflow.advice(server);
        let worst = advice.iter().map(Advice::severity).max();
        (
            advice
                .iter()
                .map(|advice| Self::of_advice(advice, document.position(advice.at())))
                .collect(),
            worst,
        )
    }

    fn of_advice(advice: &Advice, position: Option<Position>) -> Self {
        let code = advice.code();
        Self {
            severity: advice.severity().to_string(),
            code: Some(code.name()),
            at: advice.at().to_owned(),
            line: position.map(|at| at.line),
            column: position.map(|at| at.column),
            message: advice.effect().into_owned(),
            instead: Some(code.instead()),
        }
    }

    /// Something that keeps the workflow from being run as written.
    pub fn wrong(source: &Source, at: String, message: String) -> Self {
        let position = source.document().position(&at);
        Self {
            severity: Severity::Error.to_string(),
            code: None,
            line: position.map(|at| at.line),
            column: position.map(|at| at.column),
            at,
            message,
            instead: None,
        }
    }

    /// Tells whether strictness asks for an end.
    pub fn is_bad(&self) -> bool {
        self.severity != Severity::Note.to_string()
    }

    /// Returns a line that tells it, without a line feed.
    pub fn line(&self, source: &Source) -> String {
        let Self {
            severity,
            code,
            at,
            line,
            column,
            message,
            instead,
        } = self;
        let position = line
            .zip(*column)
            .map(|(line, column)| Position { line, column });
        let place = source.place(position);
        let colour = match severity.as_str() {
            "note" => AnsiColor::Cyan,
            "warning" => AnsiColor::Yellow,
            _ => AnsiColor::Red,
        };
        let style = Style::new().bold().fg_color(Some(colour.into()));
        let at = if at.is_empty() {
            String::new()
        } else {
            format!("{}: ", printable(at))
        };
        let message = printable(message);
        match (code, instead) {
            (Some(code), Some(instead)) => {
                format!(
                    "{place}: {style}{severity}[{code}]{style:#} {at}{message}; instead, {instead}"
                )
            }
            _ => format!("{style}{place}{style:#}: {at}{message}"),
        }
    }
}

impl From<&Problem> for Finding {
    fn from(problem: &Problem) -> Self {
        Self {
            severity: "problem".to_owned(),
            code: None,
            at: problem.at().to_owned(),
            line: problem.position().map(|at| at.line),
            column: problem.position().map(|at| at.column),
            message: problem.message().to_owned(),
            instead: None,
        }
    }
}

/// What was found in the definition of a source.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Findings<'a> {
    /// What was found.
    pub findings: Vec<Finding>,
    /// Where it was read.
    #[serde(skip)]
    pub source: &'a Source,
}

impl Show for Findings<'_> {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        self.findings
            .iter()
            .try_for_each(|finding| writeln!(f, "{}", finding.line(self.source)))
    }
}

impl Findings<'_> {
    /// Counts them, such as `2 errors, 1 warning`.
    pub fn count(&self) -> String {
        let count = |severity: &str| {
            self.findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .count()
        };
        let counts = ["problem", "error", "warning", "note"]
            .into_iter()
            .filter_map(|severity| match count(severity) {
                0 => None,
                1 => Some(format!("1 {severity}")),
                count => Some(format!("{count} {severity}s")),
            });
        counts.collect::<Vec<_>>().join(", ")
    }
}
