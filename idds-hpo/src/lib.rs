//! Hyperparameter searches over iDDS: the loop that takes points from the server and reports losses, and the steering that
//! proposes points.
//!
//! The two roles are independent. An *evaluator* runs the loop: `Search` decides, as a state machine without I/O, and the
//! `Driver` carries out. A *steering* program chooses points: [`Steering`] is a pure function of the points so far, the
//! space, and a seed.
//!
//! With a `Journal` a search survives its process, with `Workers` several processes share one, and `Journal::read` and the
//! `report` module show what happened. `SearchResult::what_if` and `SearchResult::best_batch` play a search through with other
//! numbers of workers and points at once; `SearchResult::replay` computes again what its sampler proposed, or what another one
//! would have.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `driver` (default) | the loop, which needs the client and tokio |
//! | `program` | `Program`: points are evaluated by external programs, on Unix |
//! | `progress` | `ProgressBar` |
//! | `report` | `report`: tables, pictures, pages; CSV and JSON |
//! | `parquet` | `report::parquet`: the points as an Apache Parquet file |
//!
//! ```
//! use idds_hpo::Steering;
//! use idds_workflow::OptSpace;
//!
//! let space = OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).build()?;
//! for point in Steering::default().seed(7).propose(&space, &[], 10) {
//!     assert_eq!(space.check(&point), Ok(()));
//! }
//! # Ok::<(), idds_workflow::Error>(())
//! ```

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod cube;
#[cfg(feature = "driver")]
mod driver;
#[cfg(feature = "driver")]
mod early_stopping;
#[cfg(feature = "driver")]
mod error;
#[cfg(feature = "driver")]
mod failure;
#[cfg(feature = "driver")]
mod history;
#[cfg(feature = "driver")]
mod journal;
#[cfg(feature = "driver")]
mod loss;
#[cfg(feature = "driver")]
mod monitor;
#[cfg(feature = "driver")]
mod objective;
#[cfg(feature = "driver")]
mod observer;
#[cfg(feature = "driver")]
mod pace;
#[cfg(all(unix, feature = "program"))]
mod program;
#[cfg(feature = "progress")]
mod progress_bar;
#[cfg(feature = "driver")]
mod record;
#[cfg(feature = "driver")]
mod replay;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "driver")]
mod rules;
pub mod sampler;
#[cfg(feature = "driver")]
mod search;
mod steering;
#[cfg(feature = "driver")]
mod what_if;
#[cfg(feature = "driver")]
mod workers;

pub use self::cube::{Axis, Cube};
#[cfg(feature = "driver")]
pub use self::driver::{Driver, Tried};
#[cfg(feature = "driver")]
pub use self::early_stopping::{EarlyStopping, Intermediate, Verdict};
#[cfg(feature = "driver")]
pub use self::error::Error;
#[cfg(feature = "driver")]
pub use self::failure::Failure;
#[cfg(feature = "driver")]
pub use self::history::History;
#[cfg(feature = "driver")]
pub use self::journal::{Entry, Header, Journal, JournalError, JournalErrorKind, RequestIdentity};
#[cfg(feature = "driver")]
pub use self::loss::{Direction, Loss};
#[cfg(feature = "driver")]
pub use self::monitor::Monitor;
#[cfg(feature = "driver")]
pub use self::objective::{IntoOutcome, Objective};
#[cfg(feature = "driver")]
pub use self::observer::{Log, Observer};
#[cfg(feature = "driver")]
pub use self::pace::Spread;
#[cfg(all(unix, feature = "program"))]
pub use self::program::Program;
#[cfg(feature = "progress")]
pub use self::progress_bar::ProgressBar;
#[cfg(feature = "driver")]
pub use self::record::{Evaluation, Progress, SearchResult, Stage, StopReason, TrialRecord};
#[cfg(feature = "driver")]
pub use self::replay::{Generation, ReplayError};
#[cfg(feature = "driver")]
pub use self::rules::{OnFailure, OnNonFinite, Rules};
#[cfg(feature = "driver")]
pub use self::search::{Command, Event, Obstacle, Search};
pub use self::steering::{Steering, Trial};
#[cfg(feature = "driver")]
pub use self::what_if::{Forecast, Slowness, WhatIf};
#[cfg(feature = "driver")]
pub use self::workers::Workers;
