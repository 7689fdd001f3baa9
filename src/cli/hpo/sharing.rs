//! How several jobs share one search, on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};
use idds::hpo::Workers;

use crate::cli::duration;

/// How several jobs share one search.
#[derive(Args, Debug)]
#[command(next_help_heading = "Sharing a search", rename_all = "snake_case")]
pub struct Sharing {
    /// Be worker I of N, from 0 on: each point belongs to one of them
    #[arg(long, value_name = "I/N", value_parser = fixed, conflicts_with = "workers_dir")]
    worker: Option<(usize, usize)>,

    /// Share points with all who name this directory; what a dead one leaves is taken over
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    workers_dir: Option<PathBuf>,

    /// Name of this worker, which it keeps when it is started again; host and process unless set
    #[arg(long, value_name = "NAME", requires = "workers_dir")]
    name: Option<String>,

    /// Time without a sign of life after which a worker is taken for dead
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = duration::parse, requires = "workers_dir")]
    take_over: Duration,
}

impl Sharing {
    /// Returns the name of this worker among those that share; none when nobody shares.
    pub fn name(&self) -> Option<String> {
        match (self.worker, &self.workers_dir) {
            (Some((index, count)), _) => Some(format!("{index}-of-{count}")),
            (None, Some(_)) => Some(self.name.clone().unwrap_or_else(default_name)),
            (None, None) => None,
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

fn default_name() -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{host}-{}", std::process::id())
}

fn fixed(text: &str) -> Result<(usize, usize), String> {
    let numbers = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
    numbers
        .filter(|(index, count)| index < count)
        .ok_or_else(|| "it is not I/N with I from 0 to N - 1, such as 0/4".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_one_of_as_many() {
        assert_eq!(fixed("3/4"), Ok((3, 4)));
        for text in ["4/4", "0/0", "1", "-1/4", "a/b", ""] {
            assert!(fixed(text).is_err(), "{text}");
        }
    }
}
