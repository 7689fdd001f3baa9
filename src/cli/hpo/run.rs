//! `idds hpo run` and `idds hpo work`.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, ValueHint};
use idds::client::Client;
use idds::file;
use idds::hpo::{
    EarlierTrials, EarlyStopping, Error, Journal, JournalError, JournalErrorKind, Loss, Objective,
    OnFailure, OnNonFinite, Program, SearchOptions, StopReason, Study,
};
use idds::workflow::{RequestId, RequestStatus, printable};

use super::about::{self, About};
use super::earlier::Earlier;
use super::report::{self, ReportFile};
use super::sharing::Sharing;
use super::summary::{self, SearchRow};
use super::tried::TriedRow;
use super::watcher::{self, Watcher};
use crate::cli::number::{concurrency, whole};
use crate::cli::progress::ProgressLine;
use crate::cli::request::{cause, request_id};
use crate::cli::{App, Exit, duration, examples, output};

/// Time to wait for what is not needed: how long a search will be, before it begins, and its name, at its end.
const PATIENCE: Duration = Duration::from_secs(1);

/// The arguments of `idds hpo run` and `idds hpo work`.
#[derive(Args, Debug)]
#[command(
    rename_all = "snake_case",
    after_help = concat!(
        examples!(
            "idds hpo run 94 --try -- ./train.sh    # first: one point, not reported",
            "idds hpo run 94 -- ./train.sh",
            "idds hpo run 94 --concurrency 4 --evaluation_timeout 2h --link train.py -- python3 train.py",
            "idds hpo run 95 --from request-94/journal -- ./train.sh    # with what an earlier search has found",
            "idds hpo work 94 -- ./train.sh    # in each of several jobs that share this directory",
        ),
        "\n\n",
        include_str!("contract.txt")
    )
)]
pub struct Run {
    /// Id of the request
    #[arg(value_name = "REQUEST", value_parser = request_id)]
    request: RequestId,

    /// Program that evaluates a point, with its arguments
    #[arg(last = true, required = true, value_name = "PROGRAM", value_hint = ValueHint::CommandWithArguments)]
    program: Vec<OsString>,

    /// Evaluate one point and show the result without reporting it: the first step with a new
    /// program
    #[arg(long = "try", conflicts_with_all = ["journal", "report", "from", "optuna", "worker", "workers_dir", "name"])]
    is_try: bool,

    /// Directory for points, journal and report (default: request-REQUEST)
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: Option<PathBuf>,

    /// File or directory to link into the directory of each point; may be repeated
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    link: Vec<PathBuf>,

    /// Environment variable for the program, added to the current environment; may be repeated
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = OsStringValueParser::new().try_map(variable))]
    env: Vec<(OsString, OsString)>,

    /// Start the program with a clean environment: only PATH, HOME, USER, LOGNAME, SHELL, LANG,
    /// LC_*, TZ, TMPDIR and the variables of --env
    #[arg(long)]
    clean_env: bool,

    /// Number of points evaluated in parallel
    #[arg(short, long, value_name = "COUNT", default_value = "1", value_parser = concurrency)]
    concurrency: usize,

    /// Time limit of one evaluation (default: none)
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    evaluation_timeout: Option<Duration>,

    /// Number of attempts before a point counts as failed
    #[arg(long, value_name = "COUNT", default_value_t = SearchOptions::default().attempts, value_parser = whole::<u32>)]
    attempts: u32,

    /// What to do with a failed point: report a loss such as 1e5, leave the point open, or stop the
    /// search. By default, 1e5 is reported once another point has succeeded after it, and the
    /// search stops if no point succeeds, or none any more
    #[arg(long, value_name = "LOSS|open|stop", value_parser = on_failure)]
    on_failure: Option<OnFailure>,

    /// What to do with a loss that is not finite: count it as a failure, report a loss such as 1e5,
    /// or leave the point open
    #[arg(long, value_name = "fail|LOSS|open", default_value = "fail", value_parser = on_non_finite)]
    on_non_finite: OnNonFinite,

    /// Maximize: the program returns a score, and higher is better
    #[arg(long)]
    maximize: bool,

    /// Stop bad evaluations early, judged by the values in their values.txt: median or halving
    #[arg(long, value_name = "RULE", value_parser = early_stopping)]
    early_stopping: Option<EarlyStopping>,

    /// Evaluate a point a second time when it takes FACTOR times longer than the median and no
    /// other point is left
    #[arg(long, value_name = "FACTOR", value_parser = factor)]
    speculate: Option<f64>,

    /// Reuse the loss of an earlier point with the same parameters; only for deterministic programs
    #[arg(long)]
    reuse_losses: bool,

    /// Journal file, from which an interrupted search continues (default: DIR/journal, one for each
    /// worker)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    journal: Option<PathBuf>,

    /// Write a report to this file at the end, as `hpo report --to` does (default: DIR/report.html)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    report: Vec<ReportFile>,

    /// Write the search to this file as an Optuna study while it runs, for `optuna-dashboard FILE`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    optuna: Option<PathBuf>,

    #[command(flatten)]
    end: End,

    #[command(flatten)]
    earlier: Earlier,

    #[command(flatten)]
    sharing: Sharing,
}

/// When a search is over before the server says so.
#[derive(Args, Debug)]
#[command(next_help_heading = "Stopping early", rename_all = "snake_case")]
struct End {
    /// Stop after COUNT points have been tried here, including failed ones
    #[arg(long, value_name = "COUNT", value_parser = whole::<usize>)]
    max_points: Option<usize>,

    /// Stop when a value at least as good as VALUE is found
    #[arg(long, value_name = "VALUE", value_parser = finite)]
    target: Option<f64>,

    /// Stop after COUNT points in a row without improvement
    #[arg(long, value_name = "COUNT", value_parser = whole::<usize>)]
    no_improvement: Option<usize>,

    /// Stop after this time
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = duration::parse)]
    timeout: Duration,

    /// Stop if the server does nothing for this time while no point is left to evaluate
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration::parse)]
    silence: Duration,
}

impl Run {
    /// Makes it one of the workers that share through the directory of the search, unless it says how else they share.
    pub fn into_worker(mut self) -> Self {
        let directory = self.directory();
        self.sharing = self.sharing.or_in(directory.join("workers"));
        self
    }

    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        if self.is_try {
            return self.try_one(app).await;
        }
        let name = self.sharing.name()?;
        let directory = self.directory();
        let suffix = name
            .as_ref()
            .map(|name| format!("-{}", name.replace('/', "_")))
            .unwrap_or_default();
        let journal = self
            .journal
            .clone()
            .unwrap_or_else(|| directory.join(format!("journal{suffix}")));
        let client = app.client()?;
        let earlier = self.earlier(app, &client, &journal).await?;
        let is_new = !directory.exists();
        let program = self.program(app, directory.join("points"))?;
        fs::create_dir_all(&directory)
            .with_context(|| format!("{} cannot be made", directory.display()))?;
        warn_of_others(app, &directory);
        let objective = objective(program)?;
        let options = self.options();
        let progress = Arc::new(ProgressLine::new(app, format!("request {}", self.request)));
        let max_points = Arc::new(OnceLock::new());
        let watcher = Watcher::new(Arc::clone(&progress), &options, Arc::clone(&max_points));
        let asked = watcher::max_points(client.clone(), self.request);
        let mut asking =
            tokio::spawn(async move { asked.await.map(|count| max_points.set(count)) });
        // For a bar that knows its length from the start; a server that takes long says it later.
        let began = Instant::now();
        let _ = tokio::time::timeout(PATIENCE.min(self.end.timeout), &mut asking).await;

        let interrupted = Arc::new(OnceLock::new());
        let (wanted, heard) = (app.interrupt.wanted(), Arc::clone(&interrupted));
        let interrupt = async move {
            let exit = wanted.await;
            heard.get_or_init(|| exit);
            tokio::spawn(ask_for_patience(Arc::downgrade(&progress)));
        };
        // Only the report needs it, so that nothing waits for it before the search is over.
        let mut title = tokio::spawn(about::title(client.clone(), self.request));
        let mut study = Study::new(&client, self.request)
            .options(options.timeout(self.end.timeout.saturating_sub(began.elapsed())))
            .interrupt(interrupt)
            .observer(watcher);
        study = match &self.journal {
            Some(journal) => study.journal(journal),
            None => study.own_journal(journal),
        };
        if let Some(earlier) = earlier {
            study = study.earlier(earlier);
        }
        if let Some(path) = &self.optuna {
            study = study.optuna(path);
        }
        if let Some(workers) = name.as_deref().and_then(|name| self.sharing.workers(name)) {
            study = study.workers(workers);
        }
        let result = study.run(objective).await;
        asking.abort();
        if result.is_err() && is_new {
            // A search that never began leaves nothing behind; directories that hold something are not removed.
            let _ =
                fs::remove_dir(directory.join("points")).and_then(|()| fs::remove_dir(&directory));
        }
        let result = match result {
            Ok(result) => result.into_search_result(),
            Err(error) if error.is_failed() => error
                .into_result()
                .context("a search that failed has a result")?,
            Err(error) => return Err(failed(error)),
        };

        let ended = tokio::time::timeout(PATIENCE, &mut title).await;
        title.abort();
        let about = self.about(ended.ok().and_then(Result::ok).flatten(), &directory);
        // First of all, as a report may take long, or fail.
        app.print(&SearchRow::new(&result))?;
        let mut reports = self.report.clone();
        if reports.is_empty() {
            reports.push(ReportFile::own(
                directory.join(format!("report{suffix}.html")),
            ));
        }
        report::write(app, &reports, &result, &about, |path| {
            app.note(format_args!("report of the search: {}", path.display()));
        })?;
        if let StopReason::Ended(status) = result.stop {
            if let Some(cause) = cause(&client, self.request).await {
                app.note(cause);
            }
            if status == RequestStatus::Suspended {
                let request = self.request;
                app.note(format_args!(
                    "next: `idds request resume {request}`; then run this command again to continue"
                ));
            }
        }
        Ok(interrupted
            .get()
            .copied()
            .unwrap_or_else(|| summary::exit(&result)))
    }

    /// Evaluates one point in a directory of its own, which is made anew.
    async fn try_one(self, app: &App) -> Result<Exit> {
        let folder = self.directory().join("try");
        let program = self.program(app, folder.clone())?;
        if let Err(error) = fs::remove_dir_all(&folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error).with_context(|| format!("{} cannot be replaced", folder.display()));
        }
        let objective = objective(program)?;
        let study = Study::new(&app.client()?, self.request).options(self.options());
        let wanted = app.interrupt.wanted();
        let tried = tokio::select! {
            tried = study.try_one(objective) => tried.map_err(failed)?,
            exit = wanted => return Ok(exit),
        };
        let row = TriedRow::new(self.request, &folder, tried);
        app.print(&row)?;
        if let Some(command) = row.next() {
            app.note(command);
        }
        Ok(row.exit())
    }

    /// Reads the trials of earlier searches. When the search goes on, its journal has those that count, and they may be gone elsewhere.
    async fn earlier(
        &self,
        app: &App,
        client: &Client,
        journal: &Path,
    ) -> Result<Option<EarlierTrials>> {
        let error = match self.earlier.read(client).await {
            Ok(earlier) => return Ok(earlier),
            Err(error) => error,
        };
        match Journal::read(journal) {
            Ok(result) if !result.earlier.is_empty() => {
                let count = result.earlier.len();
                app.note(format_args!(
                    "note: {error:#}; continuing with the {count} earlier trials in the journal"
                ));
                Ok(None)
            }
            _ => Err(error),
        }
    }

    fn directory(&self) -> PathBuf {
        self.directory
            .clone()
            .unwrap_or_else(|| format!("request-{}", self.request).into())
    }

    /// Says what the report says besides the points.
    fn about(&self, title: Option<String>, directory: &Path) -> About {
        let program = self
            .program
            .iter()
            .map(|part| part.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ");
        let host = rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned();
        let facts =
            [("program", program), ("host", host)].map(|(name, value)| (name.to_owned(), value));
        About {
            title,
            facts: facts.into(),
            points: Some(directory.join("points")),
        }
    }

    fn options(&self) -> SearchOptions {
        let mut options = SearchOptions::new()
            .concurrency(self.concurrency)
            .attempts(self.attempts)
            .on_non_finite(self.on_non_finite)
            .timeout(self.end.timeout)
            .silence(self.end.silence);
        if self.maximize {
            options = options.maximize();
        }
        if self.reuse_losses {
            options = options.reuse_losses();
        }
        options = set(
            options,
            self.evaluation_timeout,
            SearchOptions::evaluation_timeout,
        );
        options = set(options, self.on_failure, SearchOptions::on_failure);
        options = set(options, self.speculate, SearchOptions::speculate);
        options = set(options, self.early_stopping, SearchOptions::early_stopping);
        options = set(options, self.end.max_points, SearchOptions::max_points);
        options = set(options, self.end.target, SearchOptions::target);
        set(
            options,
            self.end.no_improvement,
            SearchOptions::no_improvement,
        )
    }

    fn program(&self, app: &App, folder: PathBuf) -> Result<Program> {
        let (name, arguments) = self
            .program
            .split_first()
            .ok_or_else(|| Exit::Usage.because("there is no program"))?;
        for argument in arguments {
            let path = Path::new(argument);
            let is_linked = path.components().next().is_some_and(|first| {
                self.link
                    .iter()
                    .any(|link| link.file_name() == Some(first.as_os_str()))
            });
            if path.is_relative() && path.exists() && !is_linked {
                let path = path.display();
                app.note(format_args!(
                    "note: {path} is a relative path, but evaluations run in other directories; give its full path, or --link {path}"
                ));
            }
        }
        let program = Program::new(name, folder).args(arguments);
        let program = self
            .env
            .iter()
            .fold(program, |program, (name, value)| program.env(name, value));
        let program = if self.clean_env {
            program.clean_environment()
        } else {
            program
        };
        Ok(self.link.iter().fold(program, Program::link))
    }
}

/// Sets an option, if it is given.
fn set<T>(
    options: SearchOptions,
    value: Option<T>,
    setter: fn(SearchOptions, T) -> SearchOptions,
) -> SearchOptions {
    match value {
        Some(value) => setter(options, value),
        None => options,
    }
}

/// Says what takes so long, if it takes long, until a search that was interrupted is over.
async fn ask_for_patience(progress: Weak<ProgressLine>) {
    tokio::time::sleep(Duration::from_secs(1)).await;
    if let Some(progress) = progress.upgrade() {
        progress.line(
            "waiting for the server to accept the last losses; Ctrl-C again stops at once, and the journal keeps them",
        );
    }
}

/// Reads how many times longer something takes.
pub fn factor(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|factor| *factor >= 1.0)
        .ok_or_else(|| "it must be a number from 1 on, such as 2.5".to_owned())
}

fn finite(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| "it is not a number such as 0.5".to_owned())
}

fn variable(text: OsString) -> Result<(OsString, OsString), String> {
    let bytes = text.as_bytes();
    let parts = bytes
        .iter()
        .position(|byte| *byte == b'=')
        .filter(|length| *length > 0);
    let (name, value) = parts
        .map(|at| (&bytes[..at], &bytes[at + 1..]))
        .ok_or("it is not NAME=VALUE, such as OMP_NUM_THREADS=4")?;
    Ok((
        OsStr::from_bytes(name).to_owned(),
        OsStr::from_bytes(value).to_owned(),
    ))
}

/// Says that others may change the files of a search, with what to do about it.
fn warn_of_others(app: &App, directory: &Path) {
    if file::is_open_to_others(directory).unwrap_or(false) {
        let path = directory.display();
        app.note(format_args!(
            "warning: other users can write in {path} and change what this search reads; `chmod go-w {path}` prevents that"
        ));
    }
}

fn objective(program: Program) -> Result<Objective> {
    program.objective().map_err(|error| {
        let is_mistake = matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
        );
        let exit = if is_mistake {
            Exit::Usage
        } else {
            Exit::Failure
        };
        exit.because(error.to_string())
    })
}

/// Makes the error of a search one that says what to do, after the end of what the evaluation printed.
pub fn failed(error: Error) -> anyhow::Error {
    let Some(failure) = error.failure() else {
        let journal = error.journal_error().map(JournalError::kind);
        let error = summary::with_reason(anyhow::Error::new(error));
        return match journal {
            Some(JournalErrorKind::Other) => {
                Exit::Failure.because(format!("{error}; give this search another --directory"))
            }
            Some(JournalErrorKind::Line) => Exit::Failure.because(format!(
                "{error}; the file was changed after it was written: restore a copy, or move the file away to continue with what the server knows"
            )),
            _ => error,
        };
    };
    for line in failure.output().lines() {
        output::tell(printable(line));
    }
    if failure.is_trouble() {
        let next = "no loss was reported for it; the same command continues the search";
        return Exit::Failure.because(format!("{error}: {failure}; {next}"));
    }
    let next = "no loss was reported for it; the same command continues the search; --try evaluates one point to find the cause, and --on_failure 1e5 reports failed points anyway";
    Exit::EvaluationFailed.because(format!("{error}: {failure}; {next}"))
}

fn loss(text: &str) -> Option<Loss> {
    Loss::new(text.parse().ok()?)
}

fn on_failure(text: &str) -> Result<OnFailure, String> {
    match text {
        "open" => Ok(OnFailure::LeaveOpen),
        "stop" => Ok(OnFailure::Stop),
        _ => loss(text)
            .map(OnFailure::Report)
            .ok_or_else(|| "it is not a loss, open or stop".to_owned()),
    }
}

fn on_non_finite(text: &str) -> Result<OnNonFinite, String> {
    match text {
        "fail" => Ok(OnNonFinite::Fail),
        "open" => Ok(OnNonFinite::LeaveOpen),
        _ => loss(text)
            .map(OnNonFinite::Report)
            .ok_or_else(|| "it is not a loss, fail or open".to_owned()),
    }
}

/// Reads `median[:WARM_UP[:OTHERS]]` or `halving[:FIRST[:FACTOR]]`.
fn early_stopping(text: &str) -> Result<EarlyStopping, String> {
    let wrong = || {
        "it is neither median:WARM_UP:OTHERS nor halving:FIRST:FACTOR, such as median:5:3"
            .to_owned()
    };
    let mut parts = text.split(':');
    let name = parts.next();
    let numbers: Vec<u32> = parts
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| wrong())?;
    match (name, numbers.as_slice()) {
        (Some("median"), []) => Ok(EarlyStopping::Median {
            warm_up: 1,
            others: 3,
        }),
        (Some("median"), [warm_up, others]) => Ok(EarlyStopping::Median {
            warm_up: u64::from(*warm_up),
            others: *others as usize,
        }),
        (Some("halving"), []) => Ok(EarlyStopping::SuccessiveHalving {
            first: 1,
            factor: 3,
        }),
        (Some("halving"), [first, factor]) if *first >= 1 && *factor >= 2 => {
            Ok(EarlyStopping::SuccessiveHalving {
                first: u64::from(*first),
                factor: *factor,
            })
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_wrong_ones_refused() {
        assert_eq!(
            on_failure("1e5"),
            Ok(OnFailure::Report(Loss::PANDA_PENALTY))
        );
        assert_eq!(on_failure("open"), Ok(OnFailure::LeaveOpen));
        assert_eq!(on_non_finite("fail"), Ok(OnNonFinite::Fail));
        assert!(on_failure("inf").is_err() && on_non_finite("stop").is_err());
        assert_eq!(
            early_stopping("median"),
            Ok(EarlyStopping::Median {
                warm_up: 1,
                others: 3
            })
        );
        assert_eq!(
            early_stopping("halving:2:4"),
            Ok(EarlyStopping::SuccessiveHalving {
                first: 2,
                factor: 4
            })
        );
        for text in [
            "",
            "never",
            "median:1",
            "halving:0:3",
            "halving:1:1",
            "median:a:b",
        ] {
            assert!(early_stopping(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_variable_has_a_name_and_a_value_that_may_be_anything() {
        assert_eq!(
            variable("OPTIONS=a=b c".into()),
            Ok(("OPTIONS".into(), "a=b c".into()))
        );
        assert_eq!(variable("EMPTY=".into()), Ok(("EMPTY".into(), "".into())));
        assert!(variable("NAME".into()).is_err() && variable("=value".into()).is_err());
    }
}
