//! An executor of the user's choice, in place of processes of this machine.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use idds_jobs::{AttemptEvent, BatchExecutor, Executor, LocalExecutor};
use tokio::sync::mpsc::UnboundedSender;

/// Directory of what the executor of this machine keeps, among those of attempts.
pub(super) const LOCAL: &str = ".executor";

/// An executor of the user's choice.
#[derive(Clone)]
pub(crate) struct Elsewhere {
    /// Its name, of which that of its directory is made.
    pub(crate) name: String,
    pub(crate) make: Arc<MakeExecutor>,
}

/// Makes an executor that keeps what it needs in a directory.
type MakeExecutor = dyn Fn(PathBuf, UnboundedSender<AttemptEvent>) -> Result<Arc<dyn Executor>, idds_jobs::Error>
    + Send
    + Sync;

impl Elsewhere {
    pub(super) fn directory(&self) -> String {
        format!(".{}", self.name)
    }
}

impl fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Elsewhere")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Refuses to go on with attempts of which another executor still has some.
pub(super) fn refuse_others(attempts: &Path, own: Option<&Elsewhere>) -> io::Result<()> {
    let there = if own.is_some() && LocalExecutor::has_jobs(attempts.join(LOCAL)) {
        "this machine still runs jobs of it: wait a moment".to_owned()
    } else {
        let own = own.map(Elsewhere::directory);
        let names = fs::read_dir(attempts).into_iter().flatten().flatten();
        let other = names
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| own.as_ref() != Some(name))
            .filter(|name| BatchExecutor::has_jobs(attempts.join(name)))
            .find_map(|name| name.strip_prefix('.').map(str::to_owned));
        match other {
            Some(name) => format!("jobs of it are still on {name}: go on there (--on {name})"),
            None => return Ok(()),
        }
    };
    Err(io::Error::other(format!("{there}; nothing is run twice")))
}
