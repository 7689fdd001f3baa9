//! How several jobs share one search, on the command line.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::hpo::Workers;

use crate::cli::{Exit, duration};

/// How many jobs share one search at most.
const MOST: usize = 100_000;

/// How several jobs share one search.
#[derive(Args, Debug)]
#[command(next_help_heading = "Sharing a search", rename_all = "snake_case")]
pub struct Sharing {
    /// Run as worker I of N, counted from 0: each point belongs to one worker
    #[arg(long, value_name = "I/N", value_parser = fixed, conflicts_with_all = ["workers_dir", "name", "take_over"])]
    worker: Option<(usize, usize)>,

    /// Share points with all workers that name this directory; points of a dead worker are taken
    /// over (default with `work`: DIR/workers)
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    workers_dir: Option<PathBuf>,

    /// Name of this worker; it must be the same after a restart (default: the Slurm job, or host
    /// and process)
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Time without a sign of life after which a worker counts as dead
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = duration::parse)]
    take_over: Duration,
}

impl Sharing {
    /// Shares through this directory, unless it says how else.
    pub fn or_in(mut self, directory: PathBuf) -> Self {
        if self.worker.is_none() {
            self.workers_dir.get_or_insert(directory);
        }
        self
    }

    /// Returns the name of this worker among those that share; none when nobody shares.
    pub fn name(&self) -> Result<Option<String>> {
        match (self.worker, &self.workers_dir, &self.name) {
            (Some((index, count)), _, _) => Ok(Some(format!("{index}-of-{count}"))),
            (None, Some(_), Some(name)) => Ok(Some(name.clone())),
            (None, Some(_), None) => Ok(Some(default_name(|name| env::var(name).ok()))),
            (None, None, Some(_)) => Err(Exit::Usage
                .because("--name is for workers that share a search; use `idds hpo work`, or give --workers_dir, too")),
            (None, None, None) => Ok(None),
        }
    }

    /// Returns how the points are shared under this name.
    pub fn workers(&self, name: &str) -> Option<Workers> {
        match (self.worker, &self.workers_dir) {
            (Some((index, count)), _) => Some(Workers::fixed(index, count)),
            (None, Some(folder)) => Some(Workers::folder(folder, name).take_over(self.take_over)),
            (None, None) => None,
        }
    }
}

/// A name that no other worker has, and in a Slurm job one that is still its own when the job is requeued.
fn default_name(variable: impl Fn(&str) -> Option<String>) -> String {
    if let Some(job) = variable("SLURM_JOB_ID") {
        return format!(
            "slurm-{job}-{}",
            variable("SLURM_PROCID").as_deref().unwrap_or("0")
        );
    }
    let host = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    format!("{host}-{}", std::process::id())
}

fn fixed(text: &str) -> Result<(usize, usize), String> {
    let numbers = text
        .split_once('/')
        .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
    numbers
        .filter(|(index, count)| index < count)
        .ok_or_else(|| "it is not I/N with I from 0 to N - 1, such as 0/4".to_owned())
        .and_then(|(index, count)| match count {
            0..=MOST => Ok((index, count)),
            _ => Err(format!("there are at most {MOST} workers")),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_is_requeued_keeps_its_name() {
        let task = |name: &str| (name == "SLURM_JOB_ID").then(|| "17".to_owned());
        assert_eq!(default_name(task), "slurm-17-0");
        let step =
            |name: &str| task(name).or_else(|| (name == "SLURM_PROCID").then(|| "3".to_owned()));
        assert_eq!(default_name(step), "slurm-17-3");
        assert!(default_name(|_| None).ends_with(&format!("-{}", std::process::id())));
    }

    #[test]
    fn a_worker_is_one_of_as_many() {
        assert_eq!(fixed("3/4"), Ok((3, 4)));
        for text in ["3/1000000000000", "4/4", "0/0", "1", "-1/4", "a/b", ""] {
            assert!(fixed(text).is_err(), "{text}");
        }
    }
}
