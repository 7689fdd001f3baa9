//! The calls to [Rucio](https://rucio.cern.ch) by which iDDS follows a dataset: what it is, which files it has, a rule that brings them
//! somewhere, and how far the rule is.
//!
//! ```no_run
//! use idds_rucio::{Config, Did, NewRule, Rucio};
//!
//! # async fn example() -> Result<(), idds_rucio::Error> {
//! let rucio = Rucio::new(Config::from_env()?)?;
//! let raw = Did::new("data16_13TeV", "data16_13TeV.00298862.physics_Main.daq.RAW");
//! let rule = rucio.add_rule(&NewRule::new(&raw, "NDGF-T1_DATADISK").source("NDGF-T1_DATATAPE")).await?;
//! for lock in rucio.locks(&rule).await? {
//!     println!("{}: {:?}", lock.name, lock.state);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What Rucio answers is foreign: it is bounded when it is read. A password, a key or a token is never shown.

mod answer;
mod auth;
mod client;
mod config;
mod error;

pub use self::answer::{Did, DidMetadata, FileOfDid, Lock, LockState, NewRule, Rule, RuleState};
pub use self::client::Rucio;
pub use self::config::{Auth, Config};
pub use self::error::{Error, ErrorKind};
