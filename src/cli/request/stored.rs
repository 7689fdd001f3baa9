//! `idds request definition`.

use anyhow::Result;
use clap::Args;
use idds::workflow::{Problem, RequestId, printable};

use super::target::{request_id, unknown};
use crate::cli::workflow::Form;
use crate::cli::{App, Exit, examples};

/// The arguments of `idds request definition`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds request definition 94 >again.yaml    # to be edited, and submitted once more",
    "idds request definition 94 --to json | jq .steps",
))]
pub struct Definition {
    /// Id of the request
    #[arg(value_name = "REQUEST", value_parser = request_id)]
    request: RequestId,

    /// Form to write: yaml, json, or wire for what a server is sent
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    to: Form,
}

impl Definition {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let Self { request, to } = self;
        let stored = app.client()?.requests().get(request).metadata().await?;
        let Some(stored) = stored.into_iter().next() else {
            return Err(unknown(request.into()));
        };
        let decoded = stored.decode().map_err(|error| {
            let what = format!(
                "the workflow of request {request} cannot be read as a definition: {error}"
            );
            Exit::Failure.because(what)
        })?;
        for problem in &decoded.problems {
            app.note(told(problem));
        }
        to.print(&decoded.workflow)?;
        Ok(Exit::Ok)
    }
}

/// Says what would be refused when the definition is submitted again.
fn told(problem: &Problem) -> String {
    let message = printable(problem.message());
    match problem.at() {
        "" => format!("to be mended before it is submitted again: {message}"),
        at => format!(
            "to be mended before it is submitted again: {}: {message}",
            printable(at)
        ),
    }
}
