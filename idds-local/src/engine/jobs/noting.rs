//! What became of attempts, noted in the database: many at a time, as each time the disk is waited for.

use std::collections::{BTreeSet, HashMap};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use idds_jobs::{AttemptOutcome, End};
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Map, Value};
use tokio::task;

use super::disks::Disks;
use super::place::Place;
use super::runner::tell;
use super::steering;
use crate::agent::conclude;
use crate::engine::flow::MAX_OUTPUT;
use crate::extent::Extent;
use crate::state::Programs;
use crate::store::jobs::{self, Attempted, JobRow};
use crate::store::{Store, StoreError, still, transforms, without_waiting};
use crate::wake::Wake;

/// Most attempts of a job that the machine may fail.
const MOST_LOST: u32 = 10;

/// Longest result of a work, in bytes.
const MAX_RESULT: u64 = 1 << 20;

/// What of the end of its output is told when a job fails, in bytes.
const TAIL: u64 = 2_000;

/// Notes what became of attempts.
#[derive(Debug)]
pub(super) struct Noter {
    pub(super) store: Store,
    pub(super) wake: Arc<Wake>,
    pub(super) place: Place,
    pub(super) disks: Disks,
}

/// What is to be noted.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Attempts that have started, by the numbers of their jobs.
    started: HashMap<i64, u32>,
    ended: Vec<Ended>,
    /// What the database could not take before, such as on a full disk.
    unnoted: Vec<(JobRow, Became)>,
}

/// An attempt that has ended.
#[derive(Debug)]
struct Ended {
    job: JobRow,
    programs: Arc<Programs>,
    outcome: AttemptOutcome,
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub(super) enum Became {
    /// It has ended, with this result of the work if it gave one.
    Ended(Attempted, Option<String>),
    /// The machine stood in its way: its work is held, for this reason.
    Held(String),
}

impl Batch {
    /// Adds that an attempt has started.
    pub(super) fn start(&mut self, job: &JobRow) {
        self.started.insert(job.job_id, job.attempts);
    }

    /// Adds how an attempt has ended.
    pub(super) fn end(&mut self, job: JobRow, programs: Arc<Programs>, outcome: AttemptOutcome) {
        // That it has started says nothing any more.
        self.started.remove(&job.job_id);
        self.ended.push(Ended {
            job,
            programs,
            outcome,
        });
    }

    /// Adds what became of an attempt that never was.
    pub(super) fn became(&mut self, job: JobRow, became: Became) {
        self.unnoted.push((job, became));
    }

    /// Returns how many ends are in it.
    pub(super) fn len(&self) -> usize {
        self.ended.len() + self.unnoted.len()
    }

    /// Tells whether nothing is to be noted.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0 && self.started.is_empty()
    }

    /// Adds what could not be noted.
    pub(super) fn put_back(&mut self, unnoted: Vec<(JobRow, Became)>) {
        self.unnoted.extend(unnoted);
    }
}

impl Noter {
    /// Notes everything of a batch, and returns what could not be.
    ///
    /// A job is done when what it wrote is on the disk: otherwise a power cut could take that away from who goes on with it.
    pub(super) async fn note(self: Arc<Self>, batch: Batch) -> Vec<(JobRow, Became)> {
        let Batch {
            started,
            ended,
            mut unnoted,
        } = batch;
        let noter = Arc::clone(&self);
        let judge = move || {
            let judged = ended.into_iter().map(|ended| noter.judge(ended));
            let mut judged: Vec<_> = judged.collect();
            noter.flush(&mut judged);
            judged
        };
        match task::spawn_blocking(judge).await {
            Ok(judged) => unnoted.extend(judged),
            // The server ends, and the next one believes the files.
            Err(_) => return unnoted,
        }
        let ends = Arc::new(unnoted);
        let noted = {
            let ends = Arc::clone(&ends);
            self.store
                .call(move |connection| store(connection, &started, &ends))
                .await
        };
        match noted {
            Ok(()) => {
                ends.iter()
                    .for_each(|(job, became)| say_what_became(job, became));
                self.wake.notify_one();
                Vec::new()
            }
            Err(StoreError::Closed) => Vec::new(),
            Err(error) => {
                tell(&error, "cannot note what became of a job");
                Arc::try_unwrap(ends).unwrap_or_else(|ends| (*ends).clone())
            }
        }
    }

    /// Puts on the disk what jobs wrote that are done.
    fn flush(&self, judged: &mut [(JobRow, Became)]) {
        let is_done = |became: &Became| matches!(became, Became::Ended(Attempted::Done, _));
        if !judged.iter().any(|(_, became)| is_done(became)) {
            return;
        }
        if let Err(why) = self.disks.flush() {
            for (_, became) in judged.iter_mut().filter(|(_, became)| is_done(became)) {
                *became = Became::Held(format!("what the job wrote is not on the disk: {why}"));
            }
        }
    }

    /// Decides what became of an attempt that has ended.
    fn judge(&self, ended: Ended) -> (JobRow, Became) {
        let Ended {
            job,
            programs,
            outcome,
        } = ended;
        let is_final = job.tries >= programs.attempts;
        let directory = self.place.of_attempt(&job, job.attempts);
        let failed = |how: String| Became::Ended(Attempted::Failed { how, is_final }, None);
        let lost = |how: String| Became::Ended(Attempted::Lost { how }, None);
        let became = match outcome.end {
            End::Exited { code: 0 } => match read(&job, &directory, &programs) {
                Ok(result) => Became::Ended(Attempted::Done, result),
                Err(what) => failed(what),
            },
            End::Trouble { why } => Became::Held(why),
            End::Stopped => lost("it was stopped before its end".to_owned()),
            End::Lost { why } if job.attempts < job.tries + MOST_LOST => lost(why),
            end => match told_at_the_end(&directory) {
                tail if tail.is_empty() => failed(in_words(&end)),
                tail => failed(format!("{}; it said: {tail}", in_words(&end))),
            },
        };
        (job, became)
    }
}

/// Stores what became of attempts.
fn store(
    connection: &mut Connection,
    started: &HashMap<i64, u32>,
    ends: &[(JobRow, Became)],
) -> rusqlite::Result<()> {
    let all = |connection: &mut Connection| {
        let now = Timestamp::now().as_second();
        let transaction = connection.transaction()?;
        for (job, attempt) in started {
            jobs::set_processing(&transaction, *job, *attempt, now)?;
        }
        let (mut requests, mut concluded) = (BTreeSet::new(), BTreeSet::new());
        for (job, became) in ends {
            match became {
                Became::Ended(attempted, result) => {
                    match result {
                        Some(points) if job.number < 0 => {
                            steering::store_points(&transaction, job, points, now)?;
                        }
                        Some(result) => {
                            transforms::set_result(&transaction, job.transform_id, result)?;
                        }
                        None => {}
                    }
                    jobs::end(&transaction, job, attempted, now)?;
                    requests.insert(job.request_id);
                    // Jobs of searches have an agent look after them.
                    if job.number > 0 {
                        concluded.insert((job.request_id, job.transform_id));
                    }
                }
                Became::Held(why) => hold(&transaction, job, why, now)?,
            }
        }
        // At once, and not by the agent: the disk is waited for less often.
        for transform in concluded {
            conclude(&transaction, transform, now)?;
        }
        for request in requests {
            still::settle(&transaction, request, now)?;
        }
        transaction.commit()
    };
    match ends {
        // What runs is lost with the machine anyway.
        [] => without_waiting(connection, all),
        _ => all(connection),
    }
}

/// Leaves a job for later, and holds its work: the machine stands in its way.
pub(super) fn hold(
    connection: &Connection,
    job: &JobRow,
    why: &str,
    now: i64,
) -> rusqlite::Result<()> {
    let lost = Attempted::Lost {
        how: why.to_owned(),
    };
    jobs::end(connection, job, &lost, now)?;
    still::hold(connection, (job.request_id, job.transform_id), why, now)
}

fn say_what_became(job: &JobRow, became: &Became) {
    let (name, attempt) = (&job.name, job.attempts);
    match became {
        Became::Ended(Attempted::Done, _) => tracing::info!("job {name} is done"),
        Became::Ended(Attempted::Failed { how, is_final }, _) => {
            let next = match is_final {
                true => "it is not tried again",
                false => "it is tried again",
            };
            tracing::info!("job {name}, attempt {attempt}, failed: {how}; {next}");
        }
        Became::Ended(Attempted::Lost { how }, _) => {
            tracing::info!("job {name}, attempt {attempt}, does not count: {how}");
        }
        Became::Held(why) => tracing::warn!("transform {} is held: {why}", job.transform_id),
    }
}

/// Says how an attempt ended.
fn in_words(end: &End) -> String {
    match end {
        End::Exited { code } => format!("exit code {code}"),
        End::Killed { signal } => format!("signal {signal} ended it"),
        End::OutOfMemory { limit, used } => format!(
            "it took {} MB of memory, and may have {}",
            used >> 20,
            limit >> 20
        ),
        End::OutOfTime { limit } => {
            format!(
                "it ran longer than the {} s that it may take",
                limit.as_secs_f64()
            )
        }
        End::Lost { why } => why.clone(),
        other => format!("{other:?}"),
    }
}

/// Reads what a job says about its work, or which points it proposes for a search (JSON), or says what is wrong with it.
fn read(job: &JobRow, directory: &Path, programs: &Programs) -> Result<Option<String>, String> {
    match job.number < 0 {
        true => steering::read_points(directory, programs).map(Some),
        false => read_result(directory, programs),
    }
}

/// Reads what a job says about its work (JSON), or says what is wrong with it.
fn read_result(directory: &Path, programs: &Programs) -> Result<Option<String>, String> {
    let path = directory.join(&programs.result);
    let name = &programs.result;
    let read = idds_file::read_regular(&path, MAX_RESULT);
    let bytes = match read {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return match programs.needs_result {
                true => Err(format!(
                    "it wrote no {name}, by which the workflow goes on; it belongs into the directory in which the job begins"
                )),
                false => Ok(None),
            };
        }
        Err(error) => return Err(format!("{name} cannot be read: {error}")),
    };
    let map = parse_result(name, &bytes)?;
    if programs.needs_result && map.is_empty() {
        return Err(format!("{name} is empty"));
    }
    Ok(Some(Value::Object(map).to_string()))
}

/// Reads a result, or says why the flow would not take it: a work whose end it does not take would never end.
fn parse_result(name: &str, bytes: &[u8]) -> Result<Map<String, Value>, String> {
    let values = Extent::of(bytes).values;
    if values > MAX_OUTPUT {
        return Err(format!(
            "{name} has {values} values, more than the {MAX_OUTPUT} that are taken; write them into another file, and its name into this one"
        ));
    }
    serde_json::from_slice(bytes).map_err(|error| format!("{name} is no JSON object: {error}"))
}

/// Returns the last line that a job has printed on standard error, or else on standard output.
fn told_at_the_end(directory: &Path) -> String {
    ["stderr", "stdout"]
        .iter()
        .find_map(|name| last_line(&directory.join(name)))
        .unwrap_or_default()
}

fn last_line(path: &Path) -> Option<String> {
    // A pipe would be waited for.
    let mut file = idds_file::open_regular(path).ok()?;
    let length = file.seek(SeekFrom::End(0)).ok()?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))
        .ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(line.trim().chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_the_flow_would_not_take_is_none() {
        let parse = |values: usize| {
            let text = format!("{{\"a\": [{}0]}}", "0,".repeat(values - 3));
            parse_result("result.json", text.as_bytes())
        };
        assert!(parse(MAX_OUTPUT).is_ok());
        let error = parse(MAX_OUTPUT + 1).expect_err("too many");
        assert!(
            error.starts_with("result.json has 100001 values, more than"),
            "{error}"
        );
        let error = parse_result("result.json", b"[1]").expect_err("a list");
        assert!(error.contains("is no JSON object"), "{error}");
    }
}
