//! What trivial jobs on Slurm cost beside a plain `sbatch --array`, on a cluster that is started for it, in one run.
//!
//! ```text
//! cargo bench --package idds-jobs --bench slurm              # 2,000 jobs of each, three times in turn
//! cargo bench --package idds-jobs --bench slurm -- 500
//! ```
//!
//! It needs what `tests/needs slurm` names. Time is from the first submission to the end of the last job; for the plain array that is
//! when `squeue` has none of it, and for the executor when the file of the last attempt was read.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use idds_jobs::{AttemptChange, AttemptId, BatchExecutor, Executor, Job, Slurm};

type Failure = Box<dyn std::error::Error>;

/// Tasks of an array, as Slurm allows them.
const ARRAY: usize = 1000;

fn main() -> Result<(), Failure> {
    idds_jobs::init();
    let jobs: usize = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(2000);
    let folder = tempfile::tempdir()?;
    let script = |name: &str| -> Result<(), Failure> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../tests/slurm")
            .join(name);
        let done = Command::new(path)
            .arg(folder.path())
            .envs([("CPUS", "8"), ("MIN_JOB_AGE", "10"), ("MAX_JOBS", "100000")])
            .stdout(Stdio::null())
            .status()?;
        done.success()
            .then_some(())
            .ok_or_else(|| format!("tests/slurm/{name} failed").into())
    };
    script("up")?;
    let measured = measure(jobs, folder.path());
    script("down")?;
    measured
}

fn measure(jobs: usize, folder: &Path) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "side          jobs   seconds   jobs/s")?;
    let mut least = [f64::MAX; 2];
    for round in 0..3 {
        for side in 0..2 {
            let begun = Instant::now();
            match side {
                0 => plain(jobs, folder)?,
                _ => ours(jobs, folder, round)?,
            }
            let time = begun.elapsed().as_secs_f64();
            least[side] = least[side].min(time);
            let name = ["sbatch", "idds-jobs"][side];
            writeln!(
                out,
                "{name:<12} {jobs:>5} {time:>9.1} {:>8.0}",
                jobs as f64 / time
            )?;
        }
    }
    writeln!(
        out,
        "least time, idds-jobs / sbatch: {:.2}",
        least[1] / least[0]
    )?;
    Ok(())
}

fn slurm(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(name);
    command.env("SLURM_CONF", folder.join("slurm.conf"));
    command
}

fn plain(jobs: usize, folder: &Path) -> Result<(), Failure> {
    for first in (0..jobs).step_by(ARRAY) {
        let last = ARRAY.min(jobs - first) - 1;
        let array = format!("--array=0-{last}");
        let line = ["--wrap=/bin/true", "--output=/dev/null", "--job-name=plain"];
        let done = slurm("sbatch", folder)
            .arg(array)
            .args(line)
            .stdout(Stdio::null())
            .status()?;
        if !done.success() {
            return Err("sbatch failed".into());
        }
    }
    while !slurm("squeue", folder)
        .args(["--noheader", "--name=plain"])
        .output()?
        .stdout
        .is_empty()
    {
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

fn ours(jobs: usize, folder: &Path, round: usize) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let place = folder.join(format!("round-{round}"));
        let (events, mut told) = tokio::sync::mpsc::unbounded_channel();
        let system = Slurm::new().configuration(folder.join("slurm.conf"));
        let executor = BatchExecutor::builder(place.join("executor"), system).start(events)?;
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
