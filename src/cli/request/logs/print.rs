//! Prints what jobs have written, and what they write while they run.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use idds::client::{self, Client, ErrorKind};
use idds::workflow::{RequestId, RequestStatus, printable};
use tokio::task::block_in_place;
use tokio::time::sleep;

use super::written::{Line, Written};
use crate::cli::output::{self, Format};
use crate::cli::request::why::{self, WhyReport, WhyRow};
use crate::cli::{App, Exit};

/// Shortest time between two looks.
const SOON: Duration = Duration::from_millis(500);

/// Longest one.
const LATE: Duration = Duration::from_secs(30);

/// Of the time that passes, the part that looking may take: one of so many.
const SHARE: u32 = 10;

/// Largest archive that is looked through.
const MAX_ARCHIVE: u64 = 1 << 30;

/// What is printed instead of a download.
#[derive(Args, Clone, Debug, Default)]
#[command(rename_all = "snake_case")]
pub struct Printing {
    /// Step whose jobs are meant: its name, its id, its task, or the number of its transform; prints what they have written
    #[arg(value_name = "STEP")]
    step: Option<String>,

    /// Print what jobs have written instead of downloading it
    #[arg(long, conflicts_with_all = ["dest_dir", "filename", "overwrite"])]
    print: bool,

    /// Print what jobs have written and go on with what they write, until the request ends
    #[arg(short, long, conflicts_with_all = ["dest_dir", "filename", "overwrite"])]
    follow: bool,
}

impl Printing {
    /// Tells whether something is to be printed.
    pub fn is_wanted(&self) -> bool {
        self.print || self.follow || self.step.is_some()
    }

    /// Prints it.
    pub async fn run(self, app: &App, target: client::Target) -> Result<Exit> {
        let client = app.client()?;
        let (client::Target::Request(request) | client::Target::Both(request, _)) = target else {
            return Err(Exit::Usage.because(
                "the outputs of one request are printed: give its id, and leave --workload_id out",
            ));
        };
        let mut interrupted = pin!(app.interrupt.wanted());
        let (mut written, mut heading) = (Written::default(), Heading::default());
        loop {
            let look = Instant::now();
            let report = why::of_server(&client, request).await?;
            let is_last = !self.follow
                || RequestStatus::from_name(&report.status).is_none_or(RequestStatus::is_terminal);
            let wanted = self.wanted(&report, is_last)?;
            match archive(&client, request).await {
                Ok(file) => {
                    let is_wanted = |transform: u64| match &wanted {
                        Some(wanted) => wanted.contains(&transform),
                        None => true,
                    };
                    let tell = |line: Line<'_>| heading.tell(app, &report, &line);
                    block_in_place(|| written.take(&file, is_wanted, is_last, tell))
                        .context("the log files of the server cannot be read")?;
                }
                // There are none before anything has started.
                Err(error) if !is_last && is_missing(&error) => {}
                Err(error) => return Err(error),
            }
            if is_last {
                if self.follow {
                    app.note(format_args!("request {request} is {}", report.status));
                }
                return Ok(Exit::Ok);
            }
            let pause = (look.elapsed() * SHARE).clamp(SOON, LATE);
            tokio::select! {
                () = sleep(pause) => {}
                exit = &mut interrupted => return Ok(exit),
            }
        }
    }

    /// Returns the transforms that are meant; none where all are.
    fn wanted(&self, report: &WhyReport, is_last: bool) -> Result<Option<Vec<u64>>> {
        let Some(step) = &self.step else {
            return Ok(None);
        };
        let rows = report.found(step)?;
        let transforms: Vec<_> = rows.iter().filter_map(|row| row.transform_id).collect();
        match (&*transforms, rows.first()) {
            ([], Some(row)) if is_last => Err(Exit::NotFound.because(format!(
                "step {} has not started, so that it has written nothing: {}",
                printable(step),
                printable(&row.why)
            ))),
            _ => Ok(Some(transforms)),
        }
    }
}

/// Says in front of lines whose they are.
#[derive(Debug, Default)]
struct Heading {
    last: Option<(u64, String)>,
    names: HashMap<u64, String>,
}

impl Heading {
    fn tell(&mut self, app: &App, report: &WhyReport, line: &Line<'_>) -> Result<()> {
        if app.options.output() == Format::Json {
            return app.print_line(line);
        }
        let mut text = String::new();
        let place = (line.transform_id, line.file.to_owned());
        if self.last.as_ref() != Some(&place) {
            let name = self.names.entry(line.transform_id).or_insert_with(|| {
                let step = report.steps.iter();
                let mut step = step.filter(|row| row.transform_id == Some(line.transform_id));
                step.next()
                    .map_or_else(|| format!("transform {}", line.transform_id), WhyRow::label)
            });
            let blank = if self.last.is_some() { "\n" } else { "" };
            text = format!(
                "{blank}==> {}: {} <==\n",
                printable(name),
                printable(line.file)
            );
            self.last = Some(place);
        }
        text.push_str(&line.line);
        text.push('\n');
        output::write(text.as_bytes())
    }
}

/// Brings the archive of a request into a file without a name.
async fn archive(client: &Client, request: RequestId) -> Result<File> {
    let mut body = client.logs().download(request).body().await?;
    let mut file = tempfile::tempfile().context("no temporary file can be made")?;
    let mut bytes = 0;
    while let Some(piece) = body.next().await {
        let piece = piece?;
        bytes += piece.len() as u64;
        if bytes > MAX_ARCHIVE {
            return Err(Exit::Failure.because(format!(
                "the log files are more than {} MB, too many to be printed: `idds request logs {request}` downloads them",
                MAX_ARCHIVE >> 20
            )));
        }
        file.write_all(&piece)
            .context("the log files cannot be kept in a temporary file")?;
    }
    file.rewind()?;
    Ok(file)
}

fn is_missing(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<client::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::NotFound)
}
