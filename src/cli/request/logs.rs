//! `idds request logs`.

mod print;
mod written;

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};
use idds::client::{Download, Downloaded};
use idds::workflow::printable;
use schemars::JsonSchema;
use serde::Serialize;

pub use self::print::Printing;
use super::Target;
use crate::cli::output::Show;
use crate::cli::progress::ProgressLine;
use crate::cli::{App, Exit, examples, input};

/// The arguments of `idds request logs`.
#[derive(Args, Debug)]
#[command(rename_all = "snake_case", after_help = concat!(
    examples!(
        "idds request logs 94 --dest_dir logs    # an archive with all files",
        "idds request logs 94 merge              # print what the jobs of a step have written",
        "idds request logs 94 --follow           # and what they write from now on, until the request ends",
    ),
    "\n\nWith --output json, each printed line is an object with transform_id, file and line."
))]
pub struct Logs {
    /// Which requests.
    #[command(flatten)]
    pub target: Target,

    /// What is printed instead.
    #[command(flatten)]
    pub printing: Printing,

    /// Directory for the downloaded file
    #[arg(long, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub dest_dir: PathBuf,

    /// Name of the downloaded file; - writes to standard output (default: the name from the server)
    #[arg(long, value_name = "NAME")]
    pub filename: Option<PathBuf>,

    /// Replace an existing file
    #[arg(long)]
    pub overwrite: bool,
}

impl Logs {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let target = self.target.required()?;
        if self.printing.is_wanted() {
            return self.printing.run(app, target).await;
        }
        let download = app.client()?.logs().download(target);
        let download = match self.filename {
            Some(name) => download.to_file(self.dest_dir.join(input::destination(&name))),
            None => download.to_directory(self.dest_dir),
        };
        save(app, format!("logs of {target}"), download, self.overwrite).await
    }
}

/// A file that is on this machine now.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct SavedFile {
    /// Where it is.
    pub path: String,
    /// Its size, in bytes.
    pub bytes: u64,
}

impl Show for SavedFile {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "{}", printable(&self.path))
    }
}

/// Brings a file to this machine and says where it is.
pub async fn save(app: &App, what: String, download: Download, overwrite: bool) -> Result<Exit> {
    let progress = ProgressLine::new(app, what);
    let download = if overwrite {
        download.overwrite()
    } else {
        download
    };
    let Downloaded { path, bytes, .. } = download
        .on_progress(move |now| progress.bytes(now.done, now.total))
        .await?;
    if !input::is_standard_output(&path) {
        app.print(&SavedFile {
            path: path.display().to_string(),
            bytes,
        })?;
    }
    Ok(Exit::Ok)
}
