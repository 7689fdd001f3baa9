//! How an engine that starts programs itself runs a work.

mod arguments;
mod program;
mod task;

use std::time::Duration;

use regex::Regex;

use crate::error::Problem;
use crate::work::base::Base;
use crate::work::class::Class;
use crate::work::each_class;
use crate::{AnyWork, Collection, Error, Literal, Method, Seconds};

pub(crate) use self::program::{own_directory, program};
pub(crate) use self::task::{command_of_task, doma};

/// Longest command of a job, in bytes: about as much as a system hands to a program.
const MOST_COMMAND: usize = 1 << 20;

/// Most bytes of the names and commands of all jobs of a work: a few words may ask for a million jobs with a long command each.
const MOST_COMMANDS: usize = 256 << 20;

/// Refuses jobs whose names and commands have this many bytes.
fn check_commands(jobs: u64, bytes: usize) -> Result<(), String> {
    if bytes <= MOST_COMMANDS {
        return Ok(());
    }
    Err(format!(
        "the commands of {jobs} jobs have {bytes} bytes, more than the {MOST_COMMANDS} that a work may have here; let each job read what \
         it needs from a file"
    ))
}

/// Refuses a command of this many bytes.
fn check_command(bytes: usize) -> Result<(), String> {
    if bytes <= MOST_COMMAND {
        return Ok(());
    }
    Err(format!(
        "a command of {bytes} bytes is longer than the {MOST_COMMAND} that one may have here; let the program read a file"
    ))
}

/// Copies the files of the input of a work from the first of these storage elements to the second, or has a rule of Rucio do it.
pub(crate) fn copy(
    base: &Base,
    [from, to]: [Option<&str>; 2],
    patience: &Seconds,
    rule: Option<&Literal>,
    makes_rule: bool,
) -> Result<Execution, Problem> {
    let dataset = base.input.clone();
    let dataset = dataset
        .ok_or_else(|| Problem::new("input", "is missing: there is no dataset to be copied"))?;
    Ok(Execution::Copy(FileCopy {
        dataset,
        from: from.filter(|name| !name.is_empty()).map(str::to_owned),
        to: to.filter(|name| !name.is_empty()).map(str::to_owned),
        patience: patience.duration(),
        rule: match rule {
            Some(Literal::Text(rule)) => Some(rule.to_string()).filter(|rule| !rule.is_empty()),
            Some(Literal::Int(rule)) => Some(rule.to_string()),
            _ => None,
        },
        makes_rule,
    }))
}

/// What an engine does to run a work.
///
/// Each class says it of itself, so that the engine, [`Advice`](crate::Advice) and plans never differ.
///
/// ```
/// use idds_workflow::{AnyWork, Execution, Work};
///
/// let work: AnyWork = Work::builder("./merge.sh").arguments("run 7").build()?.into();
/// let Execution::Programs(programs) = work.execution()? else { unreachable!() };
/// assert_eq!(programs.jobs[0].command, "./merge.sh run 7");
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Execution {
    /// Points are proposed until enough of them have a loss.
    Search,
    /// Programs are started.
    Programs(Programs),
    /// The files of a dataset are copied from one storage element to another.
    Copy(FileCopy),
}

/// The programs of a work: its jobs, and what all of them have in common.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Programs {
    /// Name by which jobs of other works wait for these ones.
    pub task: Option<String>,
    /// Jobs, in their order; there is at least one.
    pub jobs: Vec<ProgramJob>,
    /// Shell commands that come before each job, and that prepare its environment.
    pub setup: Option<String>,
    /// Where the jobs begin.
    pub directory: JobDirectory,
    /// Archive that is unpacked where a job begins: a path or an address.
    pub sandbox: Option<String>,
    /// Image of the container in which the jobs run.
    pub image: Option<String>,
    /// Files of a dataset that the jobs read: [`Programs::jobs_of`] makes the jobs once these are known.
    pub inputs: Option<Box<InputFiles>>,
    /// File with the result of the work, a JSON object, below the directory of its job.
    pub result: String,
    /// Whether the work has failed when there is no result.
    pub needs_result: bool,
    /// What a job needs of the machine.
    pub needs: Needs,
    /// Number of times that a job is tried.
    pub attempts: u32,
}

/// A job of a work.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProgramJob {
    /// Name, which is that of its output, too.
    pub name: String,
    /// What a shell is told to run.
    pub command: String,
    /// Outputs that the job waits for: the name of a task, and that of its job.
    pub after: Vec<(String, String)>,
    /// Files of the dataset of the inputs that it reads, by their names, in the directory in which it begins.
    pub files: Vec<String>,
}

/// Files of a dataset that jobs of a work read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InputFiles {
    /// Scope of the dataset.
    pub scope: String,
    /// Name of the dataset.
    pub name: String,
    /// Names of the only files that are read.
    only: Option<Vec<String>>,
    include: Vec<Regex>,
    exclude: Vec<Regex>,
    /// Number of files that are passed over.
    skip: u64,
    /// Number of files that are read at most.
    most: Option<u64>,
    /// Number of files of a job.
    each: u64,
    /// What a shell is told to run, which names the files of its job as `%IN`.
    command: String,
}

impl PartialEq for InputFiles {
    fn eq(&self, other: &Self) -> bool {
        let texts = |patterns: &[Regex]| patterns.iter().map(Regex::to_string).collect::<Vec<_>>();
        let parts = |it: &Self| {
            (
                [it.scope.clone(), it.name.clone(), it.command.clone()],
                it.only.clone(),
                [texts(&it.include), texts(&it.exclude)],
                (it.skip, it.most, it.each),
            )
        };
        parts(self) == parts(other)
    }
}

/// Where a job begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JobDirectory {
    /// In the directory of the workflow, as a program that a person starts there.
    Shared,
    /// In an empty directory of its own, as HTCondor and PanDA have it.
    Own,
}

/// What a job needs of the machine.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Needs {
    /// Cores.
    pub cores: u32,
    /// Memory in megabytes; unknown by default.
    pub memory: Option<Memory>,
    /// How long it may take; no limit by default.
    pub time: Option<Duration>,
}

/// Memory of a job, in megabytes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Memory {
    /// Memory of the first attempt.
    pub first: f64,
    /// Memory added when a job is tried again.
    pub offset: f64,
    /// Memory added with every further attempt.
    pub step: f64,
    /// Upper limit of the memory.
    pub most: Option<f64>,
}

/// The copying of a dataset.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FileCopy {
    /// Dataset whose files are copied.
    pub dataset: Collection,
    /// Storage element to copy from; any by default.
    pub from: Option<String>,
    /// Storage element that gets it; by default the files are only waited for.
    pub to: Option<String>,
    /// Longest time to wait for the files; no limit by default.
    pub patience: Option<Duration>,
    /// Rule of Rucio that brings the files.
    pub rule: Option<String>,
    /// Whether a rule is made where Rucio brings the files and none is given.
    pub makes_rule: bool,
}

impl Default for Needs {
    fn default() -> Self {
        Self {
            cores: 1,
            memory: None,
            time: None,
        }
    }
}

impl Memory {
    /// Returns the megabytes of the attempt with this number, from 1.
    pub fn of_attempt(&self, attempt: u32) -> f64 {
        let further = f64::from(attempt.saturating_sub(1));
        let offset = if attempt > 1 { self.offset } else { 0.0 };
        let wanted = self.first + offset + self.step * further;
        self.most
            .map_or(wanted, |most| wanted.min(most.max(self.first)))
    }
}

impl AnyWork {
    /// Returns what an engine that starts programs itself does to run the work.
    ///
    /// # Errors
    ///
    /// Says what the work lacks, or what it needs that only the grid has.
    pub fn execution(&self) -> Result<Execution, Error> {
        let execution: Result<_, Problem> = each_class!(self, work => work.execution());
        execution.map_err(|problem| Error::of(vec![problem]))
    }

    /// Returns the image of the container in which programs of the work run: its jobs, or the one that proposes the points of a search.
    pub fn image(&self) -> Option<String> {
        let Self::ATLASHPOWork(search) = self else {
            return match self.execution() {
                Ok(Execution::Programs(programs)) => programs.image,
                _ => None,
            };
        };
        let is_docker = || search.executable().is_some_and(|it| it.contains("docker"));
        let has_image = match search.method() {
            Some(method) => matches!(method, Method::Container | Method::Docker),
            // As 2.6.21.
            None => is_docker(),
        };
        let image = search.sandbox_url().map(str::trim);
        image
            .filter(|image| has_image && !image.is_empty())
            .map(str::to_owned)
    }
}
