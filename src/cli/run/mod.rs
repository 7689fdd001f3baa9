//! `idds run`: a workflow on this machine, to its end.

mod evaluate;
mod follow;
mod on;
mod plan;
mod record;
mod sent;
mod steps;
mod table;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, ValueHint};
use idds::client::Client;
use idds::jobs::BatchExecutor;
use idds::local::{ErrorKind, Server};
use idds::view::View;
use idds::workflow::{
    self, AdviceCode, AnyWork, RequestId, RequestStatus, Severity, Step, Workflow, printable,
};
use schemars::JsonSchema;
use serde::Serialize;

use self::evaluate::Evaluation;
pub use self::on::Where;
pub use self::plan::{Plan, Planned};
use self::record::{Begun, Record};
pub use self::steps::Steps;
pub use self::table::{StepRow, style};
use super::number::{concurrency, port, whole};
use super::output::Show;
use super::request::{Finding, Source};
use super::serve::announced;
use super::storage::{self, Movers, StorageOptions};
use super::view::{page_beside, tell_page};
use super::{App, Exit, containers, duration, examples};

/// Directory of what is kept, beside the file.
const KEPT: &str = ".idds";

/// The database in that directory.
const DATABASE: &str = "idds.sqlite3";

/// The arguments of `idds run`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = concat!(
    examples!(
        "idds run analysis.yaml    # again after Ctrl-C, a kill or a mistake: what is done is not done again",
        "idds run search.yaml --evaluate ./train.sh --concurrency 4",
        "idds run analysis.yaml --on slurm    # jobs go to Slurm; what it still has after Ctrl-C is taken over",
        "idds run analysis.yaml --output json | jq '.steps[] | select(.status != \"Finished\")'",
    ),
    "\n\nPrograms begin in the directory of FILE. What each of them prints, and how it ended, is kept in\n.idds/FILE/jobs beside it; \
     what works of HTCondor and PanDA write is there, too. The exit code is 0\nwhen the workflow is Finished, 10 when it is not, and 1 \
     when this machine stood in the way."
))]
pub struct Run {
    /// The workflow, as JSON or YAML
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Directory that keeps the state and the logs (default: .idds/FILE beside FILE)
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: Option<PathBuf>,

    /// Run it from the beginning, whatever has been done before
    #[arg(long)]
    new: bool,

    /// Program that evaluates the points of searches, with its arguments: `idds hpo run --help` says how
    #[arg(long, value_name = "PROGRAM", value_hint = ValueHint::CommandString)]
    evaluate: Option<OsString>,

    /// Number of points evaluated in parallel
    #[arg(short, long, value_name = "COUNT", default_value = "1", value_parser = concurrency)]
    concurrency: usize,

    /// Number of cores that jobs may keep busy at once (default: all of this machine)
    #[arg(long, value_name = "COUNT", value_parser = whole::<u32>)]
    cores: Option<u32>,

    /// Memory that jobs with a limit may have together, in megabytes (default: all of this machine)
    #[arg(long, value_name = "MEGABYTES", value_parser = whole::<u64>)]
    memory: Option<u64>,

    #[command(flatten)]
    storage: StorageOptions,

    #[command(flatten)]
    place: Where,

    /// Port of the page for a browser on this machine; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t, value_parser = port)]
    page_port: u16,

    /// Give up after this time; what was done is kept
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    timeout: Option<Duration>,
}

/// How a run ended.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Ran {
    /// Id of the request.
    pub request_id: u64,
    /// State of the request, such as `Finished`.
    pub status: String,
    /// Why it is not Finished; null where nothing is known.
    pub why: Option<String>,
    /// The steps, in the order of the workflow, once for each time that they ran.
    pub steps: Vec<StepRow>,
    /// Directory of what the programs printed and wrote.
    pub logs: String,
}

impl Show for Ran {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        table::write_some(&self.steps, f)?;
        write!(f, "{}", self.status)?;
        if let Some(why) = &self.why {
            write!(f, ": {}", printable(why))?;
        }
        writeln!(f)
    }
}

impl Run {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        if self.file.as_os_str() == "-" {
            let what =
                "a workflow that is run is a file, so that it can be gone on with; put it into one";
            return Err(Exit::Usage.because(what));
        }
        here_only(app, "run")?;
        let on = self.place.find(app)?;
        let source = Source::read(&self.file).await?;
        let workflow = source.workflow()?;
        let movers = self.storage.read()?;
        check(app, &source, &workflow, &movers)?;
        self.check_searches(&workflow)?;
        let file = absolute(&self.file)?;
        let beside = file.parent().unwrap_or(Path::new("/")).to_owned();
        let directory = directory(self.directory.as_deref(), &file)?;
        std::fs::create_dir_all(&directory)
            .with_context(|| format!("{} cannot be made", directory.display()))?;
        let record = Record::open(&directory, &workflow, &self.file, self.new)?;
        let wanted = app.interrupt.wanted();

        let mut builder = Server::builder()
            .database(directory.join(DATABASE))
            .cacher(directory.join("cacher"))
            .jobs(directory.join("jobs"))
            .programs(&beside);
        if let Some(cores) = self.cores {
            builder = builder.cores(cores);
        }
        if let Some(megabytes) = self.memory {
            builder = builder.memory(megabytes << 20);
        }
        if let Some(on) = &on {
            builder = on.set(builder);
        }
        let server = movers
            .of(builder)
            .start()
            .await
            .map_err(|error| not_started(&error, &self.file))?;
        let announcement = announced(app, &server);
        let client = Client::builder(server.url()).build()?;
        let view = page_beside(app, client.clone(), self.page_port).await?;
        let result = self
            .go(
                app,
                (&client, view.as_ref()),
                &workflow,
                (&record, &directory),
                wanted,
            )
            .await;
        if let Some(view) = view {
            view.shutdown().await;
        }
        drop(announcement);
        let mut server = server;
        match &on {
            // They may have waited there for long, and the same command takes them over.
            Some(on) if BatchExecutor::has_jobs(directory.join("jobs").join(on.kept())) => {
                app.note(format_args!(
                    "jobs are still on {on}: the same command takes them over, and what runs there goes on meanwhile"
                ));
            }
            None if !matches!(result, Ok(Exit::Ok)) => server.end_jobs().await,
            _ => {}
        }
        server.shutdown().await;
        result
    }

    /// Refuses a workflow with a search that nobody would evaluate, and an evaluation without a search.
    fn check_searches(&self, workflow: &Workflow) -> Result<()> {
        match (first_search("", workflow), &self.evaluate) {
            (Some(step), None) => Err(Exit::Usage.because(format!(
                "step {step} is a search: `--evaluate ./train.sh` names the program that evaluates its points"
            ))),
            (None, Some(_)) => Err(Exit::Usage.because(
                "--evaluate is for searches, and the workflow has none; leave it out",
            )),
            _ => Ok(()),
        }
    }

    /// Submits the workflow unless that is done, and follows it to its end.
    async fn go(
        &self,
        app: &App,
        (client, view): (&Client, Option<&View>),
        workflow: &Workflow,
        (record, directory): (&Record, &Path),
        wanted: impl Future<Output = Exit> + Send + 'static,
    ) -> Result<Exit> {
        let sent = record.sent(client, workflow)?;
        let begun = record.begin(client, workflow, &sent).await?;
        let request = begun.request();
        let steps = Steps::of(workflow, &sent);
        let file = printable(&self.file.display().to_string()).into_owned();
        match begun {
            Begun::New(_) => {}
            Begun::Over(_) => app.note(format_args!(
                "{file} is Finished already, as it stands; --new runs it from the beginning"
            )),
            Begun::GoesOn(_) => app.note(format_args!(
                "{file} goes on where it was; --new runs it from the beginning"
            )),
        }
        if let Some(view) = view {
            view.define(request, workflow.clone());
            tell_page(app, &view.url_of(request));
        }
        let evaluation = self
            .evaluate
            .as_ref()
            .map(|program| Evaluation::new(client, request, directory, program, self.concurrency))
            .transpose()?;
        let jobs = directory.join("jobs").join(format!("request_{request}"));
        let end = follow::to_the_end(
            app,
            client,
            (request, &steps),
            evaluation,
            (self.timeout, wanted),
        )
        .await?;
        let why = follow::why(client, request)
            .await
            .map(|why| steps.named(&why));
        app.print(&Ran {
            request_id: request.get(),
            status: end.status.to_string(),
            why: why.clone(),
            steps: end.rows,
            logs: jobs.display().to_string(),
        })?;
        if jobs.exists() {
            app.note(format_args!("logs are in {}", jobs.display()));
        }
        if end.exit == Exit::Ok {
            return Ok(Exit::Ok);
        }
        let next = match end.status {
            RequestStatus::Suspended => {
                "it is held, and nothing was counted as failed; when that is put right, the same command goes on"
            }
            status if status.is_terminal() => {
                "when that is put right, the same command tries again what has failed"
            }
            _ => "the same command goes on",
        };
        app.note(next);
        Ok(end.exit)
    }
}

/// Returns the steps of the workflow that was last run with a directory, and the database there.
pub fn kept(directory: &Path) -> Result<(Option<Steps>, PathBuf)> {
    let database = directory.join(DATABASE);
    if !database.is_file() {
        return Err(Exit::NotFound.because(format!(
            "{} has no {DATABASE}: `idds run` keeps its state in .idds/FILE beside FILE, unless --directory names another one",
            directory.display()
        )));
    }
    // Nothing is sent: the address stands in no step.
    let client = Client::builder("http://localhost").build()?;
    let steps = Record::last(directory)?
        .map(|(record, workflow)| {
            Ok::<_, anyhow::Error>(Steps::of(&workflow, &record.sent(&client, &workflow)?))
        })
        .transpose()?;
    Ok((steps, database))
}

/// Refuses a server that is named: these commands are about this machine.
fn here_only(app: &App, command: &str) -> Result<()> {
    match &app.options.host {
        Some(_) => Err(Exit::Usage.because(format!(
            "`idds {command}` is about this machine and asks no server: leave --host out; `idds request submit FILE --host URL` \
             gives a workflow to a server"
        ))),
        None => Ok(()),
    }
}

/// Refuses a workflow that would not do here what it says.
fn check(app: &App, source: &Source, workflow: &Workflow, movers: &Movers) -> Result<()> {
    let (mut findings, _) = Finding::of(workflow, &source.document(), workflow::Server::Embedded);
    storage::settle(&mut findings, workflow, source, movers);
    containers::look_for(&mut findings, workflow, source);
    let error = Severity::Error.to_string();
    // Here it is known that nobody names them, so that this is no warning.
    for finding in &mut findings {
        if finding.code == Some(AdviceCode::EmbeddedStorage.name()) {
            finding.severity.clone_from(&error);
        }
    }
    let (bad, rest): (Vec<_>, Vec<_>) = findings
        .iter()
        .partition(|finding| finding.severity == error);
    rest.iter()
        .for_each(|finding| app.note_styled(finding.line(source)));
    if !bad.is_empty() {
        let lines = bad.iter().map(|finding| finding.line(source)).collect();
        let what = "nothing is started, as it cannot be run here as written";
        return Err(Exit::Refused.because_of(what, lines));
    }
    Ok(())
}

/// Returns the directory that keeps the state of the run of a file.
fn directory(chosen: Option<&Path>, file: &Path) -> Result<PathBuf> {
    let beside = file.parent().unwrap_or(Path::new("/"));
    let directory = match chosen {
        Some(directory) => absolute(directory)?,
        None => beside.join(KEPT).join(file.file_name().unwrap_or_default()),
    };
    let in_the_way = directory
        .ancestors()
        .find(|path| path.exists() && !path.is_dir());
    match in_the_way {
        None => Ok(directory),
        Some(path) => Err(Exit::Usage.because(format!(
            "{} is no directory, and the state of the run is kept in one: --directory DIR names another",
            path.display()
        ))),
    }
}

/// Returns the name of the first search of a workflow.
fn first_search(at: &str, workflow: &Workflow) -> Option<String> {
    workflow.steps().find_map(|(name, step)| match step {
        Step::Work(AnyWork::ATLASHPOWork(_)) => Some(format!("{at}{name}")),
        Step::Workflow(inner) => first_search(&format!("{at}{name}/"), inner),
        _ => None,
    })
}

/// Says why the engine did not start, and what to do.
fn not_started(error: &idds::local::Error, file: &Path) -> anyhow::Error {
    let source = std::error::Error::source(error)
        .map(|source| format!(": {source}"))
        .unwrap_or_default();
    let next = match error.kind() {
        ErrorKind::InUse => format!(
            "; {} is being run by another process: wait for that one, or end it",
            file.display()
        ),
        ErrorKind::Foreign => "; it is left as it is: give another --directory".to_owned(),
        _ => String::new(),
    };
    Exit::Failure.because(format!("{error}{source}{next}"))
}

impl Begun {
    fn request(&self) -> RequestId {
        match self {
            Self::New(request) | Self::GoesOn(request) | Self::Over(request) => *request,
        }
    }
}
