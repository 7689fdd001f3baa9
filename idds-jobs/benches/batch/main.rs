//! What trivial jobs cost beside a plain array of the batch system, which is started for it, in one run.
//!
//! ```text
//! cargo bench --package idds-jobs --bench batch -- slurm             # 2,000 jobs of each side, three times in turn
//! cargo bench --package idds-jobs --bench batch -- hyperqueue 500
//! ```
//!
//! Slurm needs what `tests/needs slurm` names, HyperQueue the command `hq` in `PATH`. Time is from the first submission to the end of the
//! last job; for the plain array that is when the system has none of it, and for the executor when the file of the last attempt was read.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use idds_jobs::{AttemptChange, AttemptId, BatchExecutor, Executor, HyperQueue, Job, Slurm};

type Failure = Box<dyn std::error::Error>;

/// Tasks of an array, as Slurm allows them.
const ARRAY: usize = 1000;

/// A batch system that runs.
trait Side {
    /// What a plain array is submitted with.
    fn name(&self) -> &'static str;

    /// Submits `/bin/true` so many times, and waits until all have ended.
    fn plain(&self, jobs: usize) -> Result<(), Failure>;

    /// Starts an executor.
    fn executor(
        &self,
        directory: PathBuf,
        events: tokio::sync::mpsc::UnboundedSender<idds_jobs::AttemptEvent>,
    ) -> Result<BatchExecutor, Failure>;
}

fn main() -> Result<(), Failure> {
    idds_jobs::init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let jobs = arguments.iter().find_map(|argument| argument.parse().ok());
    let jobs: usize = jobs.unwrap_or(2000);
    let folder = tempfile::tempdir()?;
    match arguments.iter().any(|argument| argument == "hyperqueue") {
        true => measure(jobs, folder.path(), &OnHyperQueue::start(folder.path())?),
        false => measure(jobs, folder.path(), &OnSlurm::start(folder.path())?),
    }
}

fn measure(jobs: usize, folder: &Path, side: &dyn Side) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "side          jobs   seconds   jobs/s")?;
    let mut least = [f64::MAX; 2];
    for round in 0..3 {
        for number in 0..2 {
            let begun = Instant::now();
            match number {
                0 => side.plain(jobs)?,
                _ => ours(jobs, &folder.join(format!("round-{round}")), side)?,
            }
            let time = begun.elapsed().as_secs_f64();
            least[number] = least[number].min(time);
            let name = [side.name(), "idds-jobs"][number];
            writeln!(
                out,
                "{name:<12} {jobs:>5} {time:>9.1} {:>8.0}",
                jobs as f64 / time
            )?;
        }
    }
    writeln!(
        out,
        "least time, idds-jobs / {}: {:.2}",
        side.name(),
        least[1] / least[0]
    )?;
    Ok(())
}

fn ours(jobs: usize, place: &Path, side: &dyn Side) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (events, mut told) = tokio::sync::mpsc::unbounded_channel();
        let executor = side.executor(place.join("executor"), events)?;
        for number in 0..jobs {
            let attempt = AttemptId::new(number.to_string());
            executor.start(Job::program(
                attempt,
                place.join(number.to_string()),
                "/bin/true",
            ));
        }
        let mut left = jobs;
        while left > 0
            && let Some(event) = told.recv().await
        {
            if let AttemptChange::Ended(outcome) = event.change {
                if !outcome.is_success() {
                    return Err(format!("{}: {outcome:?}", event.attempt).into());
                }
                left -= 1;
            }
        }
        Ok(())
    })
}

/// Submits arrays of as many tasks as Slurm allows.
fn arrays(jobs: usize, submit: impl Fn(String) -> Command) -> Result<(), Failure> {
    for first in (0..jobs).step_by(ARRAY) {
        let last = ARRAY.min(jobs - first) - 1;
        let mut command = submit(format!("--array=0-{last}"));
        if !command.stdout(Stdio::null()).status()?.success() {
            return Err(format!("{command:?} failed").into());
        }
    }
    Ok(())
}

struct OnSlurm(PathBuf);

impl OnSlurm {
    fn start(folder: &Path) -> Result<Self, Failure> {
        let it = Self(folder.to_owned());
        match it.script("up")? {
            true => Ok(it),
            false => Err("tests/slurm/up failed".into()),
        }
    }

    fn script(&self, name: &str) -> io::Result<bool> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../tests/slurm")
            .join(name);
        let done = Command::new(path)
            .arg(&self.0)
            .envs([("CPUS", "8"), ("MIN_JOB_AGE", "10"), ("MAX_JOBS", "100000")])
            .stdout(Stdio::null())
            .status()?;
        Ok(done.success())
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env("SLURM_CONF", self.0.join("slurm.conf"));
        command
    }
}

impl Side for OnSlurm {
    fn name(&self) -> &'static str {
        "sbatch"
    }

    fn plain(&self, jobs: usize) -> Result<(), Failure> {
        let line = ["--wrap=/bin/true", "--output=/dev/null", "--job-name=plain"];
        arrays(jobs, |array| {
            let mut command = self.command("sbatch");
            command.arg(array).args(line);
            command
        })?;
        while !self
            .command("squeue")
            .args(["--noheader", "--name=plain"])
            .output()?
            .stdout
            .is_empty()
        {
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn executor(
        &self,
        directory: PathBuf,
        events: tokio::sync::mpsc::UnboundedSender<idds_jobs::AttemptEvent>,
    ) -> Result<BatchExecutor, Failure> {
        let system = Slurm::new().configuration(self.0.join("slurm.conf"));
        Ok(BatchExecutor::builder(directory, system).start(events)?)
    }
}

impl Drop for OnSlurm {
    fn drop(&mut self) {
        let _ = self.script("down");
    }
}

struct OnHyperQueue {
    server: PathBuf,
    children: Vec<Child>,
}

impl OnHyperQueue {
    fn start(folder: &Path) -> Result<Self, Failure> {
        let server = folder.join("server");
        std::fs::create_dir(&server)?;
        let mut it = Self {
            server,
            children: Vec::new(),
        };
        it.spawn(&["server", "start"])?;
        it.until(&["worker", "list"])?;
        it.spawn(&["worker", "start", "--cpus=8"])?;
        it.until(&["worker", "info", "1"])?;
        Ok(it)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("hq");
        command.arg("--server-dir").arg(&self.server);
        command.args(arguments).stdout(Stdio::null());
        command.stderr(Stdio::null());
        command
    }

    fn spawn(&mut self, arguments: &[&str]) -> io::Result<()> {
        let child = self.command(arguments).spawn()?;
        self.children.push(child);
        Ok(())
    }

    fn until(&self, arguments: &[&str]) -> io::Result<()> {
        while !self.command(arguments).status()?.success() {
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Side for OnHyperQueue {
    fn name(&self) -> &'static str {
        "hq submit"
    }

    fn plain(&self, jobs: usize) -> Result<(), Failure> {
        arrays(jobs, |array| {
            let mut command = self.command(&["submit", "--stdout=none", "--stderr=none"]);
            command.args([&array, "--", "/bin/true"]);
            command
        })?;
        self.command(&["job", "wait", "all"]).status()?;
        Ok(())
    }

    fn executor(
        &self,
        directory: PathBuf,
        events: tokio::sync::mpsc::UnboundedSender<idds_jobs::AttemptEvent>,
    ) -> Result<BatchExecutor, Failure> {
        let system = HyperQueue::new().server(&self.server);
        Ok(BatchExecutor::builder(directory, system).start(events)?)
    }
}

impl Drop for OnHyperQueue {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
