//! Hyperparameter searches over iDDS: the loop that takes points from the server, evaluates them and reports their losses.
//!
//! [`Search`] decides, as a state machine without I/O, and a [`Study`] carries out. Points are chosen elsewhere: by the server,
//! or by a steering program such as [`idds_sampler::Steering`].
//!
//! With a [`Journal`] a search survives its process, with [`Workers`] several processes share one, and [`Journal::read`] and the
//! `report` module show what happened. [`SearchResult::what_if`] and [`SearchResult::best_batch`] play a search through with other
//! numbers of workers and points at once; [`SearchResult::replay`] computes again what its sampler proposed, or what another one
//! would have.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `program` | `Program`: points are evaluated by external programs, on Unix |
//! | `progress` | `ProgressBar` |
//! | `sqlite` | earlier trials of studies that Optuna keeps in SQLite |
//! | `report` | `report`: tables, pictures, pages; CSV and JSON |
//! | `parquet` | `report::parquet`: the points as an Apache Parquet file |

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod earlier;
mod early_stopping;
mod entry;
mod error;
mod failure;
mod history;
mod identity;
mod journal;
mod loss;
mod monitor;
mod objective;
mod observer;
mod options;
mod optuna;
#[cfg(all(unix, feature = "program"))]
mod program;
#[cfg(feature = "progress")]
mod progress_bar;
mod record;
mod replay;
#[cfg(feature = "report")]
pub mod report;
mod search;
mod study;
mod throughput;
mod what_if;
mod workers;

pub use self::earlier::{EarlierError, EarlierTrial, EarlierTrials, FittedTrials};
pub use self::early_stopping::{EarlyStopping, Verdict};
pub use self::entry::{Entry, Header};
pub use self::error::Error;
pub use self::failure::Failure;
pub use self::history::History;
pub use self::identity::RequestIdentity;
pub use self::journal::{Journal, JournalError, JournalErrorKind};
pub use self::loss::{Direction, Loss};
pub use self::monitor::Monitor;
pub use self::objective::{IntoObjective, IntoValue, Objective, kind};
pub use self::observer::{LogObserver, Observer};
pub use self::options::{OnFailure, OnNonFinite, SearchOptions};
pub use self::optuna::{OptunaStudy, OptunaTrial, StudyError, TrialState};
#[cfg(all(unix, feature = "program"))]
pub use self::program::Program;
#[cfg(feature = "progress")]
pub use self::progress_bar::ProgressBar;
pub use self::record::{
    Evaluation, Intermediate, Progress, SearchResult, Stage, StopReason, TrialRecord,
};
pub use self::replay::{Generation, ReplayError};
pub use self::search::{Command, Obstacle, Search, SearchEvent};
pub use self::study::{Best, Study, StudyResult, Tried, WarmStart};
pub use self::throughput::Spread;
pub use self::what_if::{Forecast, Slowness, WhatIf};
pub use self::workers::Workers;
