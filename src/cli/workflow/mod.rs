//! `idds workflow`: check, show and draw definitions of workflows.

mod check;
mod convert;
mod form;
mod graph;
mod show;
mod wire;

use anyhow::Result;
use clap::{Args, Subcommand};

pub use self::form::Form;
use super::{App, Exit};

/// The arguments of `idds workflow`.
#[derive(Args, Debug)]
pub struct Workflow {
    #[command(subcommand)]
    command: WorkflowCommand,
}

#[derive(Debug, Subcommand)]
enum WorkflowCommand {
    /// Check a definition: report all errors, and what the server will not do as written
    Check(check::Check),
    /// Show the steps of a workflow, or the whole definition as JSON or YAML
    Show(show::ShowWorkflow),
    /// Draw a workflow as a diagram
    Graph(graph::Graph),
    /// Write a workflow in another form: YAML, JSON, or the wire form of iDDS
    Convert(convert::Convert),
    /// Print the JSON that would be sent to the server
    Wire(wire::Wire),
}

impl Workflow {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        match self.command {
            WorkflowCommand::Check(args) => args.run(app).await,
            WorkflowCommand::Show(args) => args.run(app).await,
            WorkflowCommand::Graph(args) => args.run(app).await,
            WorkflowCommand::Convert(args) => args.run(app).await,
            WorkflowCommand::Wire(args) => args.run(app).await,
        }
    }
}
