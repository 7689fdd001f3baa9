//! `idds workflow show`.

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::workflow::printable;
use serde::Serialize;
use serde_json::Value;

use crate::cli::output::Show;
use crate::cli::request::definition;
use crate::cli::table::{Cell, Table};
use crate::cli::{App, Exit, examples};

/// The arguments of `idds workflow show`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds workflow show search.yaml",
    "idds workflow show search.yaml --output json    # YAML to JSON, with every default",
))]
pub struct ShowWorkflow {
    /// Workflow definition in YAML, JSON or the wire form; - reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

/// A workflow in its neutral form.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Definition(pub(super) Value);

impl ShowWorkflow {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let workflow = definition::read(&self.file).await?;
        app.print(&Definition(serde_json::from_str(&workflow.to_json())?))?;
        Ok(Exit::Ok)
    }
}

impl Show for Definition {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        if let Some(name) = self.0.get("name").and_then(Value::as_str) {
            writeln!(f, "{}\n", printable(name))?;
        }
        let mut table = Table::new(["step", "type", "what"]);
        steps(&self.0, "", &mut table);
        table.write(f)
    }
}

/// Adds the steps of a workflow, those of a sub-workflow after its own.
fn steps(workflow: &Value, within: &str, table: &mut Table) {
    for (name, step) in workflow
        .get("steps")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let name = format!("{within}{name}");
        let kind = step.get("type").and_then(Value::as_str);
        table.row([
            name.as_str().into(),
            kind.unwrap_or("workflow").into(),
            what(step),
        ]);
        steps(step, &format!("{name}."), table);
    }
}

/// Says in few words what a step is about.
fn what(step: &Value) -> Cell {
    let text = |name: &str| step.get(name).and_then(Value::as_str);
    if let Some(points) = step.get("max_points") {
        return format!("{points} points").into();
    }
    let program = text("executable")
        .or_else(|| text("sandbox"))
        .or_else(|| text("task_name"));
    match (program, text("arguments")) {
        (Some(program), Some(arguments)) => format!("{program} {arguments}").into(),
        (program, _) => program.into(),
    }
}
