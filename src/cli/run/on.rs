//! `--on`: where jobs run.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use idds::jobs::{
    AttemptEvent, BatchExecutor, BatchExecutorBuilder, Executor, HyperQueue, Slurm, find_program,
};
use idds::local::ServerBuilder;
use tokio::sync::mpsc::UnboundedSender;

use crate::cli::{App, Exit};

/// A batch system that is known by name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum System {
    Slurm,
    HyperQueue,
}

impl System {
    const ALL: [Self; 2] = [Self::Slurm, Self::HyperQueue];

    fn name(self) -> &'static str {
        match self {
            Self::Slurm => "slurm",
            Self::HyperQueue => "hyperqueue",
        }
    }

    /// Returns the command that has to be there.
    fn command(self) -> &'static str {
        match self {
            Self::Slurm => "sbatch",
            Self::HyperQueue => "hq",
        }
    }

    /// Returns the options that a profile may have.
    fn options(self) -> &'static [&'static str] {
        match self {
            Self::Slurm => &[
                "system",
                "partition",
                "account",
                "options",
                "jobs",
                "array",
                "look_every",
            ],
            Self::HyperQueue => &["system", "server", "options", "jobs", "array", "look_every"],
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The option that says where jobs run.
#[derive(Args, Debug)]
pub struct Where {
    /// Batch system for the jobs, `slurm` or `hyperqueue`, or NAME of a section [on.NAME] of the configuration (default: this machine)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["cores", "memory"])]
    on: Option<String>,
}

/// A batch system, with what a profile says of it.
#[derive(Clone, Debug)]
pub struct On {
    name: String,
    system: System,
    options: BTreeMap<String, String>,
    jobs: Option<usize>,
    array: Option<usize>,
    look_every: Option<Duration>,
}

impl Where {
    /// Returns the batch system; none for this machine.
    pub fn find(&self, app: &App) -> Result<Option<On>> {
        Self::find_named(app, self.on.as_deref())
    }

    /// Returns the batch system of this name; none for this machine.
    pub fn find_named(app: &App, name: Option<&str>) -> Result<Option<On>> {
        match name {
            None | Some("local") => Ok(None),
            Some(name) => On::find(app, name).map(Some),
        }
    }
}

impl On {
    fn find(app: &App, name: &str) -> Result<Self> {
        let section = format!("on.{name}");
        let wrong = |what: String| Exit::Usage.because(format!("--on {name}: {what}"));
        let options = app.options.configuration()?.section(&section)?;
        let chosen = options.as_ref().and_then(|options| options.get("system"));
        let chosen = chosen.map_or(name, String::as_str);
        let Some(system) = System::ALL
            .into_iter()
            .find(|system| system.name() == chosen)
        else {
            let names = System::ALL.map(System::name).join(" and ");
            return Err(wrong(match &options {
                Some(_) => format!(
                    "`system` in [{section}] of the configuration is {chosen}; there are {names}"
                ),
                None => format!(
                    "there is no such batch system; there are {names}, and profiles of yours: a section [{section}] with `system = slurm` in the \
                     file that `idds config path` names"
                ),
            }));
        };
        let command = system.command();
        if find_program(command.as_ref()).is_err() {
            return Err(wrong(format!(
                "there is no command {command} in PATH; run this where {system} can be used"
            )));
        }
        let mut options = options.unwrap_or_default();
        let known = system.options();
        if let Some(unknown) = options
            .keys()
            .find(|option| !known.contains(&option.as_str()))
        {
            return Err(wrong(format!(
                "[{section}] of the configuration has {unknown}, which means nothing for {system}; there are {}",
                known.join(", ")
            )));
        }
        let mut number = |option: &str| -> Result<Option<usize>> {
            let Some(text) = options.remove(option) else {
                return Ok(None);
            };
            match text.trim().parse() {
                Ok(number) if number > 0 => Ok(Some(number)),
                _ => Err(wrong(format!(
                    "{option} in [{section}] of the configuration is {text:?}, and has to be a whole number, at least 1"
                ))),
            }
        };
        Ok(Self {
            name: name.to_owned(),
            system,
            jobs: number("jobs")?,
            array: number("array")?,
            look_every: number("look_every")?.map(|seconds| Duration::from_secs(seconds as u64)),
            options,
        })
    }

    /// Has a server run its jobs there.
    pub fn set(&self, server: ServerBuilder) -> ServerBuilder {
        let on = self.clone();
        server.executor(&self.name, move |directory, events| {
            on.start(directory, events)
        })
    }

    /// Returns the directory of what is kept for it, in that of jobs.
    pub fn kept(&self) -> String {
        format!(".{}", self.name)
    }

    fn start(
        &self,
        directory: PathBuf,
        events: UnboundedSender<AttemptEvent>,
    ) -> Result<Arc<dyn Executor>, idds::jobs::Error> {
        let builder = match self.system {
            System::Slurm => {
                let mut slurm = Slurm::new();
                if let Some(tasks) = self.array {
                    slurm = slurm.array(tasks);
                }
                for option in self.words() {
                    slurm = slurm.option(option);
                }
                BatchExecutor::builder(directory, slurm)
            }
            System::HyperQueue => {
                let mut hyperqueue = HyperQueue::new();
                if let Some(tasks) = self.array {
                    hyperqueue = hyperqueue.array(tasks);
                }
                if let Some(directory) = self.options.get("server") {
                    hyperqueue = hyperqueue.server(directory.trim());
                }
                for option in self.words() {
                    hyperqueue = hyperqueue.option(option);
                }
                BatchExecutor::builder(directory, hyperqueue)
            }
        };
        Ok(Arc::new(self.limited(builder).start(events)?))
    }

    fn limited(&self, mut builder: BatchExecutorBuilder) -> BatchExecutorBuilder {
        if let Some(jobs) = self.jobs {
            builder = builder.most(jobs);
        }
        if let Some(time) = self.look_every {
            builder = builder.look_every(time);
        }
        builder
    }

    /// Returns the options that the commands of the system get.
    fn words(&self) -> Vec<String> {
        let get = |option: &str| self.options.get(option).map(|value| value.trim());
        let mut words = Vec::new();
        for option in ["partition", "account"] {
            if let Some(value) = get(option) {
                words.push(format!("--{option}={value}"));
            }
        }
        let extra = get("options").unwrap_or_default();
        match extra.contains('\n') {
            // A line each, so that one may hold blanks.
            true => words.extend(extra.lines().map(|line| line.trim().to_owned())),
            false => words.extend(extra.split_whitespace().map(str::to_owned)),
        }
        words.retain(|word| !word.is_empty());
        words
    }
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.system)?;
        for word in self.words() {
            write!(f, " {word}")?;
        }
        Ok(())
    }
}
