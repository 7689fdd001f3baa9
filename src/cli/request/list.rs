//! `idds request list` and `status`.

use anyhow::Result;
use clap::Args;

use super::RequestRow;
use super::target::Target;
use crate::cli::{App, Exit};

/// The arguments of `idds request list`.
#[derive(Args, Debug)]
pub struct List {
    /// List at most this many, the latest
    #[arg(short = 'n', long, value_name = "COUNT")]
    limit: Option<usize>,
}

impl List {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let mut infos = app.client()?.requests().list_everybody().await?;
        infos.sort_by_key(|info| info.request_id);
        let skipped = self.limit.map_or(0, |limit| infos.len().saturating_sub(limit));
        let rows: Vec<RequestRow> = infos.into_iter().skip(skipped).map(RequestRow::from).collect();
        app.print(rows.as_slice())?;
        Ok(Exit::Ok)
    }
}

/// The arguments of `idds request status`.
#[derive(Args, Debug)]
pub struct Status {
    #[command(flatten)]
    target: Target,
}

impl Status {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let target = self.target.required()?;
        let infos = app.client()?.requests().get(target).await?;
        if infos.is_empty() {
            return Err(Exit::NotFound.because(format!("the server does not know {target}")));
        }
        let rows: Vec<RequestRow> = infos.into_iter().map(RequestRow::from).collect();
        app.print(rows.as_slice())?;
        Ok(Exit::Ok)
    }
}
