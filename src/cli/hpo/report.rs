//! `idds hpo report`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueHint};
use idds::file::WholeFile;
use idds::hpo::{Journal, SearchResult, report};

use super::SearchRow;
use super::about::About;
use crate::cli::{App, Exit, examples};

/// The arguments of `idds hpo report`.
#[derive(Args, Debug)]
#[command(after_help = examples!(
    "idds hpo report request-94/journal --to report.html --to points.csv",
    "idds hpo report request-94/journal --output json | jq .best",
))]
pub struct Report {
    /// Journal of the search, which may still be running
    #[arg(value_name = "JOURNAL", value_hint = ValueHint::FilePath)]
    journal: PathBuf,

    /// Report file; its ending gives the format: html, svg, csv, json or parquet; may be repeated
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    to: Vec<ReportFile>,
}

impl Report {
    /// Runs the command.
    pub fn run(self, app: &App) -> Result<Exit> {
        let result = Journal::read(&self.journal)?;
        let points = self
            .journal
            .parent()
            .map(|directory| directory.join("points"));
        let about = About {
            points,
            ..About::default()
        };
        app.print(&SearchRow::new(&result))?;
        write(app, &self.to, &result, &about, |_| ())?;
        Ok(Exit::Ok)
    }
}

/// Writes reports, and says so; what is wrong with one keeps no other from being written.
pub fn write(
    app: &App,
    files: &[ReportFile],
    result: &SearchResult,
    about: &About,
    say: impl Fn(&Path),
) -> Result<()> {
    let mut first = Ok(());
    for file in files {
        match file.write(result, about) {
            Ok(()) => say(&file.path),
            Err(error) if first.is_ok() => first = Err(error),
            Err(error) => app.note(format_args!("error: {error:#}")),
        }
    }
    first
}

/// A file with a report; the end of its name says which.
#[derive(Clone, Debug)]
pub struct ReportFile {
    path: PathBuf,
    kind: Kind,
    /// Whether nobody has named the file: what is there is replaced, and no link followed.
    is_own: bool,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Html,
    Svg,
    Csv,
    Json,
    Parquet,
}

impl ReportFile {
    /// Writes the report of a search.
    pub fn write(&self, result: &SearchResult, about: &About) -> Result<()> {
        let path = &self.path;
        let text: Vec<u8> = match self.kind {
            Kind::Html => about.page(result, path).to_html().into(),
            Kind::Svg => report::loss_picture(result)
                .with_context(|| format!("{} cannot be drawn", path.display()))?
                .into(),
            Kind::Csv => report::csv(result).into(),
            Kind::Json => format!("{:#}\n", report::json(result)).into(),
            Kind::Parquet => report::parquet(result)
                .with_context(|| format!("{} cannot be made", path.display()))?,
        };
        let file = if self.is_own {
            WholeFile::own(path)
        } else {
            WholeFile::create(path)
        };
        file.and_then(|file| file.finish_with(text))
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    /// A page at a place that no person has named.
    pub fn own(path: PathBuf) -> Self {
        Self {
            path,
            kind: Kind::Html,
            is_own: true,
        }
    }
}

impl std::str::FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let kind = match path.extension().and_then(|extension| extension.to_str()) {
            Some("html") => Kind::Html,
            Some("svg") => Kind::Svg,
            Some("csv") => Kind::Csv,
            Some("json") => Kind::Json,
            Some("parquet") => Kind::Parquet,
            _ => {
                return Err(
                    "the name ends with none of .html, .svg, .csv, .json and .parquet".to_owned(),
                );
            }
        };
        Ok(Self {
            path,
            kind,
            is_own: false,
        })
    }
}
