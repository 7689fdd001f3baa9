//! What is remembered of a run: its definition, and with which ids it was submitted.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use idds::client::{Client, StoredRequest};
use idds::file::WholeFile;
use idds::workflow::{RequestId, RequestStatus, Stamp, Workflow};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::sent::{self, Object};
use crate::cli::Exit;

/// Name of the file.
const RECORD: &str = "run.json";

/// What is remembered of a run, in a file that is written before anything is submitted.
///
/// The engine of a run has requests of this run alone: the one with the name in the record is what has come of it.
#[derive(Debug)]
pub struct Record {
    at: String,
    seed: u64,
}

#[derive(Debug, Deserialize, Serialize)]
struct Kept {
    /// The definition, in its neutral form. It may be long, and is compared as the text that it is.
    definition: Box<RawValue>,
    /// When it was first run, and a number that was drawn then: ids follow from them.
    at: String,
    seed: u64,
}

/// What has become of a run when it is begun.
#[derive(Clone, Copy, Debug)]
pub enum Begun {
    /// It was submitted.
    New(RequestId),
    /// It was submitted before, and goes on.
    GoesOn(RequestId),
    /// It was submitted before, and is Finished.
    Over(RequestId),
}

impl Record {
    /// Reads the record of a directory, or makes it; refuses to go on with another definition.
    pub fn open(directory: &Path, workflow: &Workflow, file: &Path, is_new: bool) -> Result<Self> {
        let path = directory.join(RECORD);
        if !is_new && let Some(record) = Self::known(&path, workflow, file)? {
            return Ok(record);
        }
        let kept = Kept::new(workflow)?;
        let text = serde_json::to_string(&kept)? + "\n";
        WholeFile::own(&path)
            .and_then(|whole| whole.finish_with(text))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(kept.into())
    }

    /// Reads the record of a directory, or returns what it would be; nothing is written.
    pub fn find(directory: &Path, workflow: &Workflow, file: &Path) -> Result<Self> {
        match Self::known(&directory.join(RECORD), workflow, file)? {
            Some(record) => Ok(record),
            None => Ok(Kept::new(workflow)?.into()),
        }
    }

    /// Reads which workflow was last run with a directory, and its record; none where nothing was.
    pub fn last(directory: &Path) -> Result<Option<(Self, Workflow)>> {
        let Some(kept) = read(&directory.join(RECORD))? else {
            return Ok(None);
        };
        let workflow = Workflow::from_json(kept.definition.get())?;
        Ok(Some((kept.into(), workflow)))
    }

    fn known(path: &PathBuf, workflow: &Workflow, file: &Path) -> Result<Option<Self>> {
        let Some(kept) = read(path)? else {
            return Ok(None);
        };
        let definition = neutral(workflow)?;
        if kept.definition.get() != definition.get() {
            let read = |text: &RawValue| serde_json::from_str::<Value>(text.get());
            let (before, now) = (read(&kept.definition)?, read(&definition)?);
            if before != now {
                return Err(changed(&before, &now, file));
            }
        }
        Ok(Some(kept.into()))
    }

    fn stamp(&self) -> Stamp {
        // A time that cannot be read is one of a file that somebody has changed; ids are as different as the seeds are.
        let at = self.at.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        Stamp::new(at, self.seed)
    }

    /// Returns the metadata of what is sent: ids of steps stand in it.
    pub fn metadata(&self, client: &Client, workflow: &Workflow) -> Result<Box<RawValue>> {
        let submission = client.requests().submit(workflow).stamp(self.stamp());
        sent::metadata(submission.request()?.body())
    }

    /// Returns the workflow as it is sent.
    pub fn sent(&self, client: &Client, workflow: &Workflow) -> Result<Object> {
        Object::of(&self.metadata(client, workflow)?)
    }

    /// Submits the workflow, or goes on with what has come of it; `sent` is the workflow as it is sent.
    pub async fn begin(
        &self,
        client: &Client,
        workflow: &Workflow,
        sent: &Object,
    ) -> Result<Begun> {
        let id = sent.id();
        let all = client.requests().list_all().await?;
        for info in all.into_iter().rev() {
            let Some(request) = info.request_id else {
                continue;
            };
            let stored = client.requests().get(request).metadata().await?;
            let stored = stored.first().map(StoredRequest::as_value);
            let stored_id = stored.and_then(|row| row.pointer(WORKFLOW_ID)?.as_str());
            if id.is_some() && id == stored_id {
                return go_on(client, request, info.status).await;
            }
        }
        let submission = client.requests().submit(workflow).stamp(self.stamp());
        Ok(Begun::New(submission.await?))
    }
}

impl From<Kept> for Record {
    fn from(Kept { at, seed, .. }: Kept) -> Self {
        Self { at, seed }
    }
}

impl Kept {
    fn new(workflow: &Workflow) -> Result<Self> {
        Ok(Self {
            definition: neutral(workflow)?,
            at: Timestamp::now().to_string(),
            seed: seed(),
        })
    }
}

/// Returns the neutral form of a workflow.
fn neutral(workflow: &Workflow) -> Result<Box<RawValue>> {
    Ok(serde_json::value::to_raw_value(workflow)?)
}

/// Where the id of a workflow stands.
const WORKFLOW_ID: &str = "/request_metadata/workflow/attributes/template/attributes/internal_id";

async fn go_on(client: &Client, request: RequestId, status: RequestStatus) -> Result<Begun> {
    if status == RequestStatus::Finished {
        return Ok(Begun::Over(request));
    }
    if status.is_terminal() {
        client.requests().retry(request).await?;
    }
    Ok(Begun::GoesOn(request))
}

/// Most bytes of a record: a workflow with what belongs to it.
const MOST: u64 = 256 << 20;

fn read(path: &PathBuf) -> Result<Option<Kept>> {
    let text = match idds::file::read_regular(path, MOST) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.with_context(|| format!("{} cannot be read", path.display()))?,
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| {
        Exit::Failure.because(format!(
            "{} does not say what was run: {error}; --new runs the workflow from the beginning",
            path.display()
        ))
    })
}

/// Says that a workflow is not the one that was begun, and which steps differ.
fn changed(before: &Value, now: &Value, file: &Path) -> anyhow::Error {
    let steps = |definition: &Value| {
        definition
            .get("steps")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    };
    let (old, new) = (steps(before), steps(now));
    let mut told: Vec<String> = Vec::new();
    for (name, step) in &new {
        match old.get(name) {
            None => told.push(format!("step {name} is new")),
            Some(other) if other != step => told.push(format!("step {name} is another one")),
            Some(_) => {}
        }
    }
    told.extend(
        old.keys()
            .filter(|name| !new.contains_key(*name))
            .map(|name| format!("step {name} is gone")),
    );
    if told.is_empty() {
        told.push("what stands around its steps is another".to_owned());
    }
    Exit::Usage.because(format!(
        "{} was changed since it was begun: {}; --new runs it from the beginning, and with the file as it was before it goes on",
        file.display(),
        told.join(", ")
    ))
}

/// Draws a number that tells this run from others.
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
