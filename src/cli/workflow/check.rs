//! `idds workflow check`.

use std::fmt;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use anyhow::Result;
use clap::{Args, ValueHint};
use idds::workflow::{Advice, Problem, ServerVersion, Severity, printable};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::output::Show;
use crate::cli::request::definition;
use crate::cli::{App, Exit, examples};

/// The arguments of `idds workflow check`.
#[derive(Args, Debug)]
#[command(after_help = concat!(
    examples!("idds workflow check search.yaml --strict"),
    "\n\nThe exit code is 2 when the definition is wrong, 4 when the server would not do it as written, and 0\notherwise."
))]
pub struct Check {
    /// The workflow, as JSON or YAML; - is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Warnings count, too
    #[arg(long)]
    strict: bool,
}

/// Something that was found in a definition.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Finding {
    /// `problem` when the definition is wrong; else how bad it is: `note`, `warning` or `error`.
    pub severity: String,
    /// What it is about, such as `false-branch-at-once`; null for a problem.
    pub code: Option<&'static str>,
    /// Where it is, such as `steps.search.opt_space`; empty for the whole of it.
    pub at: String,
    /// What is wrong, or what the server will do.
    pub message: String,
    /// What to do instead; null for a problem, whose message says it.
    pub instead: Option<&'static str>,
}

impl Check {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let (findings, exit) = match definition::parse(&self.file).await? {
            Err(error) => (error.problems().iter().map(Finding::from).collect(), Exit::Usage),
            Ok(workflow) => {
                let advice = workflow.advice(app.options.server_version.unwrap_or(ServerVersion::V2_6_21));
                let limit = if self.strict { Severity::Warning } else { Severity::Error };
                let is_bad = advice.iter().any(|advice| advice.severity() >= limit);
                let findings: Vec<_> = advice.iter().map(Finding::from).collect();
                (findings, if is_bad { Exit::Refused } else { Exit::Ok })
            }
        };
        app.print(findings.as_slice())?;
        if findings.is_empty() {
            app.note("nothing is wrong with it");
        }
        Ok(exit)
    }
}

impl From<&Problem> for Finding {
    fn from(problem: &Problem) -> Self {
        Self {
            severity: "problem".to_owned(),
            code: None,
            at: problem.at().to_owned(),
            message: problem.message().to_owned(),
            instead: None,
        }
    }
}

impl From<&Advice> for Finding {
    fn from(advice: &Advice) -> Self {
        let code = advice.code();
        Self {
            severity: advice.severity().to_string(),
            code: Some(code.name()),
            at: advice.at().to_owned(),
            message: code.effect().to_owned(),
            instead: Some(code.instead()),
        }
    }
}

impl Show for [Finding] {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        for Finding { severity, code, at, message, instead } in self {
            let colour = match severity.as_str() {
                "note" => AnsiColor::Cyan,
                "warning" => AnsiColor::Yellow,
                _ => AnsiColor::Red,
            };
            let style = Style::new().bold().fg_color(Some(colour.into()));
            let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
            let place = if at.is_empty() { String::new() } else { format!(" {}", printable(at)) };
            write!(f, "{style}{severity}{code}{style:#}{place}: {}", printable(message))?;
            match instead {
                Some(instead) => writeln!(f, "; instead, {instead}")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}
