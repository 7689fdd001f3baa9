//! The wrapper: looks after one attempt on a machine of a batch system, and ends with it.
//!
//! Its engine is elsewhere, perhaps dead, and talks to it by files alone. They are believed on both sides:
//!
//! - It makes the directory of the attempt, or does nothing. So an attempt that a batch system starts again, or twice, runs once.
//! - While the attempt runs, it moves the time of the draft of `exit.json` on. An engine believes a batch system that says the attempt
//!   is gone only when that time has stopped.
//! - When a file says that the engine has given the attempt up, it does not begin, or is ended.

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW, utimensat};
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::oneshot;
use tokio::task::spawn_local;
use tokio::time::{interval, sleep};

use super::attempt::{Need, Over, SIGNALLED, Why, look_after, recover};
use super::processes::Process;
use super::record::DRAFT;
use super::{Orphanage, State, signals};
use crate::batch::conclude;
use crate::local::wire::Report;
use crate::{End, Job};

/// Says to a program that it is to be a wrapper, and where it is written what of.
pub(crate) const ERRAND: &str = "IDDS_JOBS_ERRAND";

/// Longest errand and longest environment, in bytes.
const LONGEST: u64 = 64 << 20;

/// Beginnings of the names of variables that batch systems tell a job on the machine where it runs.
const OF_THE_NODE: [&str; 12] = [
    "SLURM",
    "HQ_",
    "_CONDOR_",
    "CUDA_",
    "GPU_",
    "ROCR_",
    "ZE_",
    "TMPDIR",
    "HOSTNAME",
    "KRB5",
    "XDG_RUNTIME",
    "OMP_",
];

/// What a wrapper is told.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Errand {
    pub(crate) job: Job,
    /// File with the environment of jobs.
    pub(crate) environment: PathBuf,
    /// Time that a job has to end when it is asked to.
    pub(crate) grace: Duration,
    /// Time between signs of life.
    pub(crate) beat: Duration,
    /// File that says that the attempt was given up.
    pub(crate) given_up: PathBuf,
    /// Whether nobody else ends the job when the wrapper is killed.
    pub(crate) needs_heir: bool,
    /// Files that are made when the attempt has begun, and when it has ended.
    pub(crate) begun: PathBuf,
    pub(crate) ended: PathBuf,
}

impl Errand {
    fn read(path: &Path) -> io::Result<Self> {
        let bytes = idds_file::read_regular(path, LONGEST)?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    /// Returns the environment of the engine, with what this machine says in it.
    fn environment(&self) -> io::Result<Vec<(OsString, OsString)>> {
        let bytes = idds_file::read_regular(&self.environment, LONGEST)?;
        let of_the_engine: Vec<(OsString, OsString)> = serde_json::from_slice(&bytes)?;
        let here = std::env::vars_os().filter(|(name, _)| is_of_the_node(name));
        let kept = of_the_engine
            .into_iter()
            .filter(|(name, _)| !is_of_the_node(name) || std::env::var_os(name).is_none());
        Ok(kept.chain(here).collect())
    }
}

fn is_of_the_node(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    OF_THE_NODE.iter().any(|start| name.starts_with(start))
}

/// Does the errand that a file tells of, and returns the exit code of the wrapper.
pub(super) async fn attend(path: &Path, orphanage: Option<Orphanage>) -> io::Result<i32> {
    let errand = Errand::read(path)?;
    let attempt = errand.job.attempt().clone();
    let say = |what: &str| {
        // The file that the batch system keeps of it.
        let _ = writeln!(io::stderr(), "attempt {attempt}: {what}");
    };
    if errand.given_up.exists() {
        say("it was given up before it began");
        return Ok(0);
    }
    let state = Rc::new(State {
        is_alone: true,
        heir_of: errand.needs_heir.then(|| path.to_owned()),
        ..State::new(orphanage)
    });
    let mut children = signal(SignalKind::child())?;
    let watcher = Rc::clone(&state);
    spawn_local(async move {
        while children.recv().await.is_some() {
            watcher.look_at_children();
        }
    });
    *state.environment.borrow_mut() = Rc::new(errand.environment()?);
    state.grace.set(errand.grace);
    let (outbox, mut reports) = unbounded_channel();
    *state.outbox.borrow_mut() = Some(outbox);
    let (end, asked) = oneshot::channel();
    let begun = errand.begun.clone();
    spawn_local(async move {
        while let Some(report) = reports.recv().await {
            if matches!(report, Report::Started(_)) {
                let _ = File::create(&begun);
            }
        }
    });
    let is_signalled = Rc::new(Cell::new(false));
    let heard = Rc::clone(&is_signalled);
    let mut told = signals();
    let (draft, given_up) = (errand.job.directory().join(DRAFT), errand.given_up.clone());
    let mut beats = interval(errand.beat);
    spawn_local(async move {
        let why = loop {
            tokio::select! {
                Some(()) = told.recv() => {
                    heard.set(true);
                    break Why::Signal;
                }
                _ = beats.tick() => {
                    touch(&draft);
                    if given_up.exists() {
                        break Why::Signal;
                    }
                }
            }
        };
        let _ = end.send(why);
        // It has time to end.
        loop {
            beats.tick().await;
            touch(&draft);
        }
    });
    let Over {
        mut outcome,
        mut record,
        need,
    } = look_after(&state, &errand.job, asked).await;
    if need == Need::MustNot {
        let is_there = errand.job.directory().exists();
        say(&match is_there {
            true => "it has begun before, and is not begun again".to_owned(),
            false => format!("{:?}", outcome.end),
        });
        return Ok(i32::from(!is_there));
    }
    // A batch system sends its signals to all processes, and the job may have ended of it before this one has heard of it.
    let moment = if outcome.is_success() { 1 } else { 100 };
    sleep(Duration::from_millis(moment)).await;
    if is_signalled.get() {
        outcome.end = End::Lost {
            why: SIGNALLED.to_owned(),
        };
    }
    let mut is_told = false;
    while !errand.given_up.exists()
        && let Err(trouble) = record.write(errand.job.directory(), &outcome)
        && need == Need::Must
    {
        if !is_told {
            say(&format!("its end cannot be written down: {trouble}"));
            is_told = true;
        }
        sleep(Duration::from_secs(1)).await;
    }
    let _ = File::create(&errand.ended);
    state.end_strays().await;
    Ok(i32::from(!outcome.is_success()))
}

/// Ends what a wrapper that was killed has left behind, and writes down that the attempt was lost, unless its end is known.
pub(super) async fn clear_up(path: &Path) -> io::Result<()> {
    let errand = Errand::read(path)?;
    let state = State {
        is_alone: true,
        ..State::new(None)
    };
    *state.environment.borrow_mut() = Rc::new(errand.environment()?);
    let over = recover(&state, &errand.job, Rc::new(Process::all())).await;
    conclude(&errand.job, &over.outcome.end)
        .map_err(|trouble| io::Error::other(trouble.to_string()))?;
    File::create(&errand.ended).map(|_| ())
}

/// Moves the time of a file on, by the clock of the machine that has the file.
fn touch(path: &Path) {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    };
    let times = Timestamps {
        last_access: now,
        last_modification: now,
    };
    let _ = utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW);
}

/// Tells how long ago there was a sign of life of an attempt; none when nothing is there that could show one.
pub(crate) fn silence(directory: &Path, clock: &Path) -> Option<Duration> {
    // The clock of the file server, not that of this machine.
    fs::write(clock, []).ok()?;
    touch(clock);
    let now = fs::metadata(clock).ok()?.modified().ok()?;
    let last = fs::symlink_metadata(directory.join(DRAFT))
        .ok()?
        .modified()
        .ok()?;
    Some(now.duration_since(last).unwrap_or_default())
}
