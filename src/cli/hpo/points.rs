//! `idds hpo points`.

use anyhow::Result;
use clap::Args;

use super::Point;
use crate::cli::number::whole;
use crate::cli::request::{Target, known};
use crate::cli::{App, Exit, examples};

/// The arguments of `idds hpo points`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = examples!(
    "idds hpo points 94 --open",
    "idds hpo points 94 --output json | jq -r 'min_by(.loss).parameters'",
))]
pub struct Points {
    #[command(flatten)]
    target: Target,

    /// Show only this point
    #[arg(long, value_name = "POINT")]
    id: Option<String>,

    /// Show only points without a loss
    #[arg(long, conflicts_with = "evaluated")]
    open: bool,

    /// Show only points with a loss
    #[arg(long)]
    evaluated: bool,

    /// Show at most COUNT points
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = whole::<usize>)]
    limit: Option<usize>,
}

impl Points {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let (client, target) = (app.client()?, self.target.required()?);
        let mut call = client.hpo().get(target);
        if let Some(id) = &self.id {
            call = call.id(id.as_str());
        }
        if self.open {
            call = call.open();
        }
        if self.evaluated {
            call = call.evaluated();
        }
        let points = call.limit(self.limit.unwrap_or(usize::MAX)).await?;
        if points.is_empty() {
            known(&client, target).await?;
        }
        let points: Vec<Point> = points.into_iter().map(Point::from).collect();
        app.print(points.as_slice())?;
        Ok(Exit::Ok)
    }
}
