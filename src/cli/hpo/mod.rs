//! `idds hpo`: evaluate the points of searches, look at them, and steer searches.

mod about;
mod earlier;
mod point;
mod points;
mod report;
mod run;
mod sharing;
mod steer;
mod summary;
mod tried;
mod update;
mod watcher;
mod what_if;

use anyhow::Result;
use clap::{Args, Subcommand};

pub use self::point::Point;
pub use self::run::failed;
pub use self::summary::SearchRow;
pub use self::tried::TriedRow;
pub use self::what_if::ForecastRow;
use super::{App, Exit};

/// The arguments of `idds hpo`.
#[derive(Args, Debug)]
pub struct Hpo {
    #[command(subcommand)]
    command: HpoCommand,
}

#[derive(Debug, Subcommand)]
enum HpoCommand {
    /// Evaluate the points of a search with a program
    Run(Box<run::Run>),
    /// Evaluate points as one of several workers that share a search, for example jobs of a batch
    /// system
    Work(Box<run::Run>),
    /// Show the points of a search
    Points(points::Points),
    /// Report the loss of a point
    Update(update::Update),
    /// Write a report from the journal of a search
    Report(report::Report),
    /// Estimate how long a search would take with another concurrency or other settings
    #[command(alias = "what_if")]
    WhatIf(what_if::WhatIf),
    /// Propose new points, as the steering container of a search does
    Steer(steer::Steer),
}

impl Hpo {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        match self.command {
            HpoCommand::Run(args) => args.run(app).await,
            HpoCommand::Work(args) => args.into_worker().run(app).await,
            HpoCommand::Points(args) => args.run(app).await,
            HpoCommand::Update(args) => args.run(app).await,
            HpoCommand::Report(args) => args.run(app),
            HpoCommand::WhatIf(args) => args.run(app),
            HpoCommand::Steer(args) => args.run(app),
        }
    }
}
