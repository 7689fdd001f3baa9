//! The documented commands about the points of a search.

use std::fmt;

use anyhow::Result;
use clap::Args;
use idds::client::PointId;
use idds::workflow::python_json::repr;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::Which;
use crate::cli::hpo::Point;
use crate::cli::number::{real, whole};
use crate::cli::output::Show;
use crate::cli::request::{Target, known};
use crate::cli::{App, Exit};

/// The arguments of `idds get_hyperparameters`.
#[derive(Args, Debug)]
pub struct GetHyperparameters {
    #[command(flatten)]
    which: Which,

    /// Show only this point; the first is 1
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    id: Option<u64>,

    /// Show only points with this status: New has no loss, Available has one
    #[arg(long, value_name = "STATUS", ignore_case = true)]
    status: Option<PointStatus>,

    /// Show at most COUNT points
    #[arg(long, value_name = "COUNT", value_parser = whole::<usize>)]
    limit: Option<usize>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum PointStatus {
    #[value(alias = "0")]
    New,
    #[value(alias = "2")]
    Available,
}

/// The arguments of `idds update_hyperparameter`.
#[derive(Args, Debug)]
pub struct UpdateHyperparameter {
    #[command(flatten)]
    which: Which,

    /// Id of the point
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    id: u64,

    /// Loss of the point
    #[arg(long, value_name = "NUMBER", value_parser = real)]
    loss: f64,
}

/// Points of a search, as the documented command prints them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Points(Vec<Point>);

impl Show for Points {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|point| writeln!(f, "{}", repr(&json!(point))))
    }
}

impl GetHyperparameters {
    pub(super) async fn run(self, app: &App) -> Result<Exit> {
        let target = Target::from(self.which).required()?;
        let client = app.client()?;
        let mut call = client.hpo().get(target);
        if let Some(id) = self.id {
            call = call.id(id.to_string());
        }
        call = match self.status {
            Some(PointStatus::New) => call.open(),
            Some(PointStatus::Available) => call.evaluated(),
            None => call,
        };
        let points = call.limit(self.limit.unwrap_or(usize::MAX)).await?;
        if points.is_empty() {
            known(&client, target).await?;
        }
        app.print(&Points(points.into_iter().map(Point::from).collect()))?;
        Ok(Exit::Ok)
    }
}

/// A loss that was reported.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Reported {
    /// `update successfully`.
    pub message: &'static str,
    /// 0.
    pub status: u8,
}

impl Show for Reported {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "{}", repr(&json!(self)))
    }
}

impl UpdateHyperparameter {
    pub(super) async fn run(self, app: &App) -> Result<Exit> {
        let target = Target::from(self.which).required()?;
        app.client()?
            .hpo()
            .update(target, &PointId::new(self.id.to_string()), self.loss)
            .await?;
        app.print(&Reported {
            message: "update successfully",
            status: 0,
        })?;
        Ok(Exit::Ok)
    }
}
