//! `idds request submit`.

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::client::{self, Client, ErrorKind};
use idds::workflow::{AnyWork, RequestId, Server, Step, Workflow, printable};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::follow::{Followed, follow};
use super::status::Report;
use super::watch::Rhythm;
use super::{Finding, RequestRow, Source};
use crate::cli::output::Show;
use crate::cli::progress::ProgressLine;
use crate::cli::{App, Exit, examples, output};

/// The arguments of `idds request submit`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds request submit search.yaml --wait",
    "my-generator | idds request submit - --output json | jq .request_id",
    "idds request submit search.yaml --dry_run",
))]
pub struct Submit {
    /// Workflow definition in YAML, JSON or the wire form; - reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Show what would be sent, without sending it
    #[arg(long, conflicts_with = "wait")]
    dry_run: bool,

    /// Send nothing if the check of the workflow finds a warning or an error
    #[arg(long)]
    strict: bool,

    /// Wait until the request ends; the exit code tells how it ended
    #[arg(long)]
    wait: bool,

    #[command(flatten)]
    rhythm: Rhythm,
}

/// The request that was made.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Submitted {
    /// Its id.
    pub request_id: u64,
    /// Its name.
    pub name: String,
}

impl Show for Submitted {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(
            f,
            "request {} is submitted: {}",
            self.request_id,
            printable(&self.name)
        )
    }
}

impl Submit {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let source = Source::read(&self.file).await?;
        let workflow = source.workflow()?;
        if self.dry_run {
            self.advise(app, &source, &workflow, app.options.server())?;
            app.print(&Payload::of(&workflow)?)?;
            return Ok(Exit::Ok);
        }
        let mut client = app.client()?;
        // What a person allows is for all of it, the submission included.
        let end = self.rhythm.deadline().filter(|_| self.wait);
        if let Some(end) = end {
            client = client.until(end);
        }
        let server = match client.server().await? {
            client::Server::Embedded => Server::Embedded,
            _ => app.options.server(),
        };
        self.advise(app, &source, &workflow, server)?;
        // The advice was shown, and --strict stops at it.
        let submission = client.requests().submit(&workflow).despite_advice();
        let name = submission.name();
        let request = submission.await.map_err(|error| look_first(error, &name))?;
        let submitted = Submitted {
            request_id: request.get(),
            name,
        };
        if !self.wait {
            app.print(&submitted)?;
            app.note(next(request, &workflow));
            return Ok(Exit::Ok);
        }
        let progress = ProgressLine::new(app, format!("request {request}"));
        progress.line(format_args!(
            "request {request} is submitted: {}",
            printable(&submitted.name)
        ));
        let seen = |row: &RequestRow| {
            progress.line(format_args!("request {request} is {}", row.status));
            Ok(())
        };
        let Followed { last, exit } = follow(
            app,
            &client,
            request,
            self.rhythm.left(end),
            &progress,
            seen,
        )
        .await?;
        drop(progress);
        app.print(&Report(last.into_iter().collect()))?;
        Ok(exit)
    }

    /// Tells what this server will not do as written. With strictness that is the reason why nothing is sent, which is told also
    /// when people want it quiet.
    fn advise(
        &self,
        app: &App,
        source: &Source,
        workflow: &Workflow,
        server: Server,
    ) -> Result<()> {
        let (findings, _) = Finding::of(workflow, &source.document(), server);
        let (bad, rest): (Vec<_>, Vec<_>) = findings
            .iter()
            .partition(|finding| self.strict && finding.is_bad());
        rest.iter()
            .for_each(|finding| app.note_styled(finding.line(source)));
        // What cannot run there may run elsewhere.
        for place in workflow.places() {
            let is_elsewhere = match server {
                Server::Embedded => place.not_here.is_some() && place.not_on_idds.is_none(),
                _ => place.not_on_idds.is_some() && place.not_here.is_none(),
            };
            if is_elsewhere {
                app.note(place);
            }
        }
        if bad.is_empty() {
            return Ok(());
        }
        let lines: Vec<_> = bad.iter().map(|finding| finding.line(source)).collect();
        let what = format!(
            "nothing was sent, because {server} would not do it as written and --strict is given"
        );
        Err(Exit::Usage.because_of(what, lines))
    }
}

/// Says how to look for a request that there may be.
fn look_first(error: client::Error, name: &str) -> anyhow::Error {
    let is_undecided = error.kind() == ErrorKind::Undecided;
    let what = format!(
        "{error}; look for it before you submit it again: `idds request list --name {}`",
        word(name)
    );
    let error = anyhow::Error::new(error);
    if is_undecided {
        error.context(what)
    } else {
        error
    }
}

/// Writes text as one word of a shell.
fn word(text: &str) -> String {
    let text = printable(text);
    let is_plain = |c: char| {
        c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '@' | '%' | '+' | '=')
    };
    if text.chars().all(is_plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Says which command goes on with a request.
fn next(request: RequestId, workflow: &Workflow) -> String {
    let is_search = |step: &Step| matches!(step, Step::Work(AnyWork::ATLASHPOWork(_)));
    match workflow.steps().any(|(_, step)| is_search(step)) {
        true => format!("next: `idds hpo run {request} -- ./train.sh` evaluates its points"),
        false => format!("next: `idds request watch {request}` follows it"),
    }
}

/// What would be sent.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Payload(Value);

impl Payload {
    /// Makes what would be sent; needs neither a server nor a certificate.
    pub fn of(workflow: &Workflow) -> Result<Self> {
        let submission = Client::builder("http://localhost")
            .build()?
            .requests()
            .submit(workflow);
        Ok(Self(serde_json::from_slice(submission.request()?.body())?))
    }
}

impl Show for Payload {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "{}", output::json(&self.0).map_err(|_| fmt::Error)?)
    }
}
