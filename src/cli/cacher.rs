//! `idds cacher`: files that the server keeps for its jobs.

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand, ValueHint};
use idds::client::Uploaded;
use idds::workflow::printable;
use schemars::JsonSchema;
use serde::Serialize;

use super::output::Show;
use super::progress::ProgressLine;
use super::request::save;
use super::{App, Exit, examples, input};

/// The arguments of `idds cacher`.
#[derive(Args, Debug)]
pub struct Cacher {
    #[command(subcommand)]
    command: CacherCommand,
}

#[derive(Debug, Subcommand)]
enum CacherCommand {
    /// Upload a file, replacing one of the same name
    Put(Put),
    /// Download a file
    Get(Get),
}

impl Cacher {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        match self.command {
            CacherCommand::Put(args) => args.run(app).await,
            CacherCommand::Get(args) => args.run(app).await,
        }
    }
}

/// The arguments of `idds cacher put`.
#[derive(Args, Debug)]
#[command(after_help = examples!("idds cacher put sandbox.tar.gz"))]
pub struct Put {
    /// File to upload
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,

    /// Name of the file on the server (default: the same name)
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// A file that is on the server now.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct UploadedFile {
    /// Its name there.
    pub name: String,
    /// Its size, in bytes.
    pub bytes: u64,
    /// Its address, at which the server wants to know who asks, too.
    pub url: String,
}

impl Show for UploadedFile {
    fn show(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(f, "{}", printable(&self.url))
    }
}

impl Put {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let upload = app.client()?.cacher().upload(&self.file);
        let upload = match self.name {
            Some(name) => upload.name(name),
            None => upload,
        };
        let progress = ProgressLine::new(app, self.file.display().to_string());
        let uploaded = upload
            .on_progress(move |now| progress.bytes(now.done, now.total))
            .await?;
        let Uploaded {
            name, bytes, url, ..
        } = uploaded;
        app.print(&UploadedFile { name, bytes, url })?;
        Ok(Exit::Ok)
    }
}

/// The arguments of `idds cacher get`.
#[derive(Args, Debug)]
#[command(after_help = examples!("idds cacher get sandbox.tar.gz", "idds cacher get sandbox.tar.gz --to /tmp/mine.tar.gz"))]
pub struct Get {
    /// Name of the file on the server
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Destination: a file, an existing directory, or - for standard output
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub to: Option<PathBuf>,

    /// Replace an existing file
    #[arg(long)]
    pub overwrite: bool,
}

impl Get {
    /// Runs the command.
    pub async fn run(self, app: &App) -> Result<Exit> {
        let download = app.client()?.cacher().download(&self.name);
        let download = match self.to {
            Some(path) if path.is_dir() => download.to_directory(path),
            Some(path) => download.to_file(input::destination(&path)),
            None => download,
        };
        save(app, self.name, download, self.overwrite).await
    }
}
