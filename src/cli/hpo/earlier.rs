//! Trials of earlier searches that a search begins with.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueHint};
use idds::client::Client;
use idds::hpo::EarlierTrials;
use idds::workflow::RequestId;
use serde_json::Value;

use crate::cli::Exit;

/// The arguments about trials of earlier searches.
#[derive(Args, Clone, Debug)]
#[command(
    next_help_heading = "Starting from earlier trials",
    rename_all = "snake_case"
)]
pub struct Earlier {
    /// Earlier trials that the sampler takes into account: a journal, an Optuna study (SQLite or
    /// journal file; FILE#NAME for one of several), a CSV table, or the id of another request; may
    /// be repeated
    #[arg(long, value_name = "FILE|REQUEST", value_hint = ValueHint::FilePath)]
    from: Vec<PathBuf>,

    /// Value of a parameter in earlier trials that lack it, for example because it was added since
    /// then; may be repeated
    #[arg(long, value_name = "NAME=VALUE", requires = "from", value_parser = assumption)]
    assume: Vec<(String, Value)>,
}

impl Earlier {
    /// Reads the trials; none when no place is given.
    pub async fn read(&self, client: &Client) -> Result<Option<EarlierTrials>> {
        let mut earlier = self.begin();
        for place in &self.from {
            earlier = match request(place) {
                None => read(earlier, place)?,
                Some(request) => {
                    let points = client.hpo().get(request).unique().await?;
                    if points.is_empty() {
                        bail!("request {request} has no points (--from)");
                    }
                    earlier.points(request, &points)
                }
            };
        }
        Ok((!self.from.is_empty()).then_some(earlier))
    }

    /// Reads the trials of files alone; none when no place is given.
    pub fn read_files(&self) -> Result<Option<EarlierTrials>> {
        let mut earlier = self.begin();
        for place in &self.from {
            if let Some(request) = request(place) {
                return Err(Exit::Usage.because(format!(
                    "--from {request}: there is no file of this name, and a steering program asks no server for a request; write its \
                     points to a file with `idds hpo report JOURNAL --to points.csv`"
                )));
            }
            earlier = read(earlier, place)?;
        }
        Ok((!self.from.is_empty()).then_some(earlier))
    }

    fn begin(&self) -> EarlierTrials {
        let assume = |earlier: EarlierTrials, (name, value): &(String, Value)| {
            earlier.assume(name, value.clone())
        };
        self.assume.iter().fold(EarlierTrials::new(), assume)
    }
}

fn read(earlier: EarlierTrials, place: &Path) -> Result<EarlierTrials> {
    earlier
        .read(place)
        .map_err(|error| Exit::Usage.because(format!("--from {error}")))
}

/// Returns the request that is meant by a number, unless a file has this name.
fn request(place: &Path) -> Option<RequestId> {
    let number = place.to_str()?.parse::<u64>().ok()?;
    (!place.exists()).then(|| RequestId::new(number as _))
}

/// Reads the value as JSON where it is some, and else as text.
fn assumption(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("it is not NAME=VALUE, such as dropout=0.1")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((name.to_owned(), value))
}
