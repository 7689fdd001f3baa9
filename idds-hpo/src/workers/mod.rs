//! Several processes that work on one request.

mod crew;
mod folder;
#[cfg(test)]
mod model;

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use idds_client::PointId;
use idds_workflow::RequestId;

use self::crew::owner;
#[cfg(all(unix, feature = "program"))]
pub(crate) use self::folder::file_name;
pub(crate) use self::folder::{Folder, Heartbeat};
use crate::RequestIdentity;

/// How the processes that work on one request share its points.
///
/// Each process has a [`Study`](crate::Study) of its own, and a journal of its own. They need nothing but the server and,
/// for [`Workers::folder`], a directory that all of them see.
#[derive(Clone, Debug)]
pub struct Workers {
    sharing: Sharing,
}

#[derive(Clone, Debug)]
enum Sharing {
    Fixed {
        index: usize,
        count: usize,
    },
    Folder {
        path: PathBuf,
        name: String,
        take_over: Duration,
    },
}

impl Workers {
    /// Makes this process worker `index` of `count`, from 0 on: each point belongs to one of them, by its id.
    ///
    /// Nobody takes the points of a worker that died: it has to be started again.
    ///
    /// # Panics
    ///
    /// When `index` is not less than `count`.
    pub fn fixed(index: usize, count: usize) -> Self {
        assert!(
            index < count,
            "worker {index} is not one of {count}, which count from 0"
        );
        Self {
            sharing: Sharing::Fixed { index, count },
        }
    }

    /// Makes this process one of those that announce themselves in a directory, under a name that no other process has.
    ///
    /// A process that is started again keeps its name. Each point is claimed by one process; that of one that gives no
    /// sign of life for a minute, or what [`Workers::take_over`] says, is claimed by another one. Should the first only have
    /// been slow, then the point is evaluated twice: at most once more for each take-over. With
    /// [`SearchOptions::speculate`](crate::SearchOptions::speculate), a process that has nothing else to evaluate also takes over what
    /// another one is slow with.
    ///
    /// Each request has a directory of its own in it, by its number and a mark that tells it from others of that number. The
    /// directory can be on NFS: files are made by hard links and renamed, nothing is locked, and clocks are not compared.
    /// It can be deleted after the search.
    pub fn folder(path: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        let take_over = Duration::from_secs(60);
        Self {
            sharing: Sharing::Folder {
                path: path.into(),
                name: name.into(),
                take_over,
            },
        }
    }

    /// Sets the time without a sign of life after which the points of a process are taken over; one minute by default.
    /// Does nothing for [`Workers::fixed`].
    pub fn take_over(mut self, after: Duration) -> Self {
        if let Sharing::Folder { take_over, .. } = &mut self.sharing {
            *take_over = after;
        }
        self
    }

    /// Begins to share the points of a request.
    ///
    /// Claims of another request of its number count for nothing: each request has a directory of its own.
    pub(crate) fn join(&self, request: RequestId, identity: &RequestIdentity) -> io::Result<Share> {
        Ok(match &self.sharing {
            Sharing::Fixed { count, .. } if *count > MOST => {
                let what =
                    format!("{count} workers are more than {MOST}, the most that share a search");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
            }
            Sharing::Fixed { index, count } => Share::Fixed {
                me: index.to_string(),
                all: (0..*count).map(|index| index.to_string()).collect(),
            },
            Sharing::Folder {
                path,
                name,
                take_over,
            } => {
                let mark = identity
                    .mark()
                    .map(|mark| format!("-{mark}"))
                    .unwrap_or_default();
                let path = path.join(format!("request-{request}{mark}"));
                Share::Folder(Box::new(Folder::join(path, name.clone(), *take_over)?))
            }
        })
    }
}

/// How many processes share a search at most.
const MOST: usize = 100_000;

/// The share of one process.
#[derive(Debug)]
pub(crate) enum Share {
    Fixed { me: String, all: Vec<String> },
    Folder(Box<Folder>),
}

impl Share {
    /// Returns which of the open points belong to this process, after claiming up to `want` more; also such as another
    /// process has held for the time `late_after`.
    pub(crate) fn claim(
        &mut self,
        now: Duration,
        open: &[PointId],
        want: usize,
        late_after: Option<Duration>,
    ) -> io::Result<HashSet<PointId>> {
        match self {
            Self::Fixed { me, all } => {
                let names: Vec<_> = all.iter().map(String::as_str).collect();
                Ok(open
                    .iter()
                    .filter(|point| owner(&names, point) == Some(me.as_str()))
                    .cloned()
                    .collect())
            }
            Self::Folder(folder) => folder.claim(now, open, want, late_after),
        }
    }
}
