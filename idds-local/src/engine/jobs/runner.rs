//! The background task that has jobs started, and notes how they end.

use std::collections::HashMap;
use std::error::Error as _;
use std::fmt;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use idds_jobs::{
    AttemptChange, AttemptEvent, AttemptOutcome, End, Executor, Job, LocalExecutor, Supervisor,
};
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Map, Value};
use tokio::select;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::task::{self, JoinHandle};
use tokio::time::sleep;

use super::place::{Place, attempt_id, read_attempt_id};
use crate::state::{Programs, Run};
use crate::store::jobs::{self, Attempted, JobRow};
use crate::store::{Store, StoreError, still, transforms};
use crate::wake::Wake;

/// Most attempts that the executor has at a time, those that wait for room in it included.
const MOST: usize = 512;

/// Jobs that are begun in one transaction.
const AT_ONCE: usize = 64;

/// Most attempts of a job that the machine may fail.
const MOST_LOST: u32 = 10;

/// Time after which what the database could not take is given to it again.
const AGAIN: Duration = Duration::from_secs(1);

/// Longest result of a work, in bytes.
const MAX_RESULT: u64 = 1 << 20;

/// What of the end of its output is told when a job fails, in bytes.
const TAIL: u64 = 2_000;

/// Has an executor run the jobs of all requests, and notes how they end.
///
/// What is to be run stands in the database, and is noted there before it is started; so a runner that starts on the database of a killed
/// one goes on with what that one has started.
pub(crate) struct Runner {
    store: Store,
    wake: Arc<Wake>,
    place: Place,
    executor: Arc<dyn Executor>,
    events: UnboundedReceiver<AttemptEvent>,
    /// Attempts that the executor has.
    running: HashMap<i64, Attempt>,
    /// What the jobs of a work have in common.
    programs: HashMap<i64, Arc<Programs>>,
    /// What became of attempts, as long as the database cannot take it, such as on a full disk.
    unnoted: Vec<(JobRow, Became)>,
}

/// What became of an attempt.
#[derive(Clone, Debug)]
enum Became {
    /// It has ended, with this result of the work if it gave one.
    Ended(Attempted, Option<String>),
    /// The machine stood in its way: its work is held, for this reason.
    Held(String),
}

/// What jobs may use, and who looks after them; what is not set is found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capacity {
    /// Cores.
    pub(crate) cores: Option<u32>,
    /// Bytes of memory.
    pub(crate) memory: Option<u64>,
    /// Program that looks after jobs.
    pub(crate) supervisor: Option<PathBuf>,
}

/// An attempt that the executor has.
#[derive(Debug)]
struct Attempt {
    job: JobRow,
    programs: Arc<Programs>,
    is_ended: bool,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("running", &self.running.len())
            .finish_non_exhaustive()
    }
}

impl Runner {
    /// Starts a runner, on processes of this machine; returns its task, and what ends everything that it has started.
    pub(crate) fn start(
        store: Store,
        wake: Arc<Wake>,
        place: Place,
        capacity: Capacity,
    ) -> Result<(JoinHandle<()>, watch::Sender<bool>), idds_jobs::Error> {
        let (sender, events) = unbounded_channel();
        let mut builder = LocalExecutor::builder(place.attempts.join(".executor"));
        if let Some(cores) = capacity.cores {
            builder = builder.cores(cores);
        }
        if let Some(memory) = capacity.memory {
            builder = builder.memory(memory);
        }
        if let Some(program) = capacity.supervisor {
            builder = builder.supervisor(Supervisor::program(program));
        }
        let executor = Arc::new(builder.start(sender)?);
        let runner = Self {
            store,
            wake,
            place,
            executor,
            events,
            running: HashMap::new(),
            programs: HashMap::new(),
            unnoted: Vec::new(),
        };
        let (end, ended) = watch::channel(false);
        Ok((tokio::spawn(runner.run(ended)), end))
    }

    /// Works until the server ends, or until it is to end what runs.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        if let Err(error) = self.adopt().await {
            tell(&error, "cannot find out which jobs run");
        }
        loop {
            match self.start_ready().await {
                Ok(()) => {}
                Err(StoreError::Closed) => return,
                Err(error) => tell(&error, "cannot start jobs"),
            }
            select! {
                () = self.wake.for_runner() => {
                    if let Err(error) = self.end_unwanted().await {
                        tell(&error, "cannot find out which jobs are to be ended");
                    }
                }
                event = self.events.recv() => match event {
                    Some(event) => self.take(event).await,
                    None => return,
                },
                () = sleep(AGAIN), if !self.unnoted.is_empty() => self.note_again().await,
                changed = stop.changed() => {
                    if changed.is_ok() {
                        self.end_all().await;
                    }
                    return;
                }
            }
        }
    }

    /// Takes over what an earlier server has started.
    async fn adopt(&mut self) -> Result<(), StoreError> {
        let jobs = self
            .store
            .call(|connection| jobs::running(connection))
            .await?;
        let mut adopted = Vec::new();
        for job in jobs {
            let programs = self.programs(job.transform_id).await?;
            let attempt = job.attempts;
            match self.place.attempt(&job, &programs, attempt) {
                Ok(it) => {
                    tracing::info!(
                        "job {}, attempt {attempt}, was begun before: it is taken over",
                        job.name
                    );
                    adopted.push(it);
                    let attempt = Attempt {
                        job,
                        programs,
                        is_ended: false,
                    };
                    self.running.insert(attempt.job.job_id, attempt);
                }
                Err(why) => self.hold(job, why).await?,
            }
        }
        self.executor.adopt(adopted);
        Ok(())
    }

    /// Has jobs started, as many as the executor may have.
    async fn start_ready(&mut self) -> Result<(), StoreError> {
        let mut after = 0;
        while self.running.len() < MOST {
            let most = AT_ONCE.min(MOST - self.running.len());
            let found = self
                .store
                .call(move |connection| jobs::ready(connection, after, most))
                .await?;
            let Some(last) = found.last() else { break };
            after = last.job_id;
            let is_last = found.len() < most;
            let mut fit = Vec::new();
            for job in found {
                let programs = self.programs(job.transform_id).await?;
                // The number of the attempt comes when it is noted; what stands in its way does not depend on it.
                let checked = self
                    .place
                    .attempt(&job, &programs, job.attempts + 1)
                    .and_then(|it| self.executor.check(&it).map_err(|error| error.to_string()));
                match checked {
                    Ok(()) => fit.push(job),
                    Err(why) => self.hold(job, why).await?,
                }
            }
            for (job, programs, it) in self.begin(fit).await? {
                tracing::info!(
                    "job {} of transform {} starts, attempt {}",
                    job.name,
                    job.transform_id,
                    job.attempts
                );
                let id = job.job_id;
                let attempt = Attempt {
                    job,
                    programs,
                    is_ended: false,
                };
                self.running.insert(id, attempt);
                self.executor.start(it);
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// Notes that attempts of jobs begin, before they do.
    async fn begin(
        &mut self,
        found: Vec<JobRow>,
    ) -> Result<Vec<(JobRow, Arc<Programs>, Job)>, StoreError> {
        let begin = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            let mut begun = Vec::new();
            for job in found {
                if let Some((attempts, tries)) = jobs::begin(&transaction, job.job_id, now)? {
                    begun.push(JobRow {
                        attempts,
                        tries,
                        ..job
                    });
                }
            }
            transaction.commit()?;
            Ok(begun)
        };
        let begun = self.store.call(begin).await?;
        let mut started = Vec::new();
        for job in begun {
            let programs = self.programs(job.transform_id).await?;
            let directory = self.place.of_attempt(&job, job.attempts);
            let made = directory.parent().map(crate::private::make_directory);
            let it = match made {
                Some(Err(error)) => Err(format!("{}: {error}", directory.display())),
                _ => self.place.attempt(&job, &programs, job.attempts),
            };
            match it {
                Ok(it) => started.push((job, programs, it)),
                Err(why) => self.hold(job, why).await?,
            }
        }
        Ok(started)
    }

    /// Leaves a job for later, and holds its work: the machine stands in its way.
    async fn hold(&self, job: JobRow, why: String) -> Result<(), StoreError> {
        let told = format!("transform {} is held: {why}", job.transform_id);
        self.store
            .call(move |connection| {
                let now = Timestamp::now().as_second();
                let transaction = connection.transaction()?;
                let lost = Attempted::Lost { how: why.clone() };
                jobs::end(&transaction, &job, &lost, now)?;
                still::hold(&transaction, (job.request_id, job.transform_id), &why, now)?;
                transaction.commit()
            })
            .await?;
        tracing::warn!("{told}");
        Ok(())
    }

    /// Takes in what has become of an attempt.
    async fn take(&mut self, event: AttemptEvent) {
        let Some((id, attempt)) = read_attempt_id(&event.attempt) else {
            return;
        };
        let Some((job, programs)) = self
            .running
            .get(&id)
            .filter(|running| running.job.attempts == attempt)
            .map(|running| (running.job.clone(), Arc::clone(&running.programs)))
        else {
            return;
        };
        let taken = match event.change {
            AttemptChange::Started => self.note_start(&job).await,
            AttemptChange::Ended(outcome) => {
                self.running.remove(&id);
                let became = self.became(&job, programs, outcome).await;
                self.note(job, became).await
            }
            AttemptChange::NeverStarted => {
                self.running.remove(&id);
                let how = "it was never started".to_owned();
                self.note(job, Became::Ended(Attempted::Lost { how }, None))
                    .await
            }
            AttemptChange::Unrecorded { why } => {
                tracing::warn!("the end of job {} cannot be written down: {why}", job.name);
                self.tell_trouble(&job, why).await
            }
            _ => Ok(()),
        };
        if let Err(error) = taken {
            tell(&error, "cannot note what became of a job");
        }
    }

    async fn note_start(&self, job: &JobRow) -> Result<(), StoreError> {
        let (id, attempt) = (job.job_id, job.attempts);
        self.store
            .call(move |connection| {
                jobs::set_processing(connection, id, attempt, Timestamp::now().as_second())
            })
            .await
    }

    async fn tell_trouble(&self, job: &JobRow, why: String) -> Result<(), StoreError> {
        let transform = job.transform_id;
        self.store
            .call(move |connection| {
                let errors = serde_json::json!({ "msg": why }).to_string();
                transforms::set_errors(connection, transform, &errors)
            })
            .await
    }

    /// Returns what became of an attempt that has ended.
    async fn became(
        &self,
        job: &JobRow,
        programs: Arc<Programs>,
        outcome: AttemptOutcome,
    ) -> Became {
        let is_final = job.tries >= programs.attempts;
        let directory = self.place.of_attempt(job, job.attempts);
        let is_success = outcome.is_success();
        let read = move || match is_success {
            true => read_result(&directory, &programs),
            false => Err(told_at_the_end(&directory)),
        };
        let read = task::spawn_blocking(read)
            .await
            .unwrap_or_else(|_| Err(String::new()));
        let failed = |how: String| Became::Ended(Attempted::Failed { how, is_final }, None);
        let lost = |how: String| Became::Ended(Attempted::Lost { how }, None);
        match (outcome.end, read) {
            (End::Exited { code: 0 }, Ok(result)) => Became::Ended(Attempted::Done, result),
            (End::Exited { code: 0 }, Err(what)) => failed(what),
            (End::Trouble { why }, _) => Became::Held(why),
            (End::Stopped, _) => lost("it was stopped with its server".to_owned()),
            (End::Lost { why }, _) if job.attempts < job.tries + MOST_LOST => lost(why),
            (end, tail) => match tail.err().unwrap_or_default() {
                tail if tail.is_empty() => failed(in_words(&end)),
                tail => failed(format!("{}; it said: {tail}", in_words(&end))),
            },
        }
    }

    /// Notes what became of an attempt; what the database cannot take is kept, and given to it again.
    async fn note(&mut self, job: JobRow, became: Became) -> Result<(), StoreError> {
        let noted = match became.clone() {
            Became::Ended(attempted, result) => self.store(job.clone(), attempted, result).await,
            Became::Held(why) => self.hold(job.clone(), why).await,
        };
        if !matches!(noted, Ok(()) | Err(StoreError::Closed)) {
            self.unnoted.push((job, became));
        }
        noted
    }

    /// Gives the database again what it could not take.
    async fn note_again(&mut self) {
        for (job, became) in std::mem::take(&mut self.unnoted) {
            // Each stays until it is noted; the trouble was told when it came.
            let _ = self.note(job, became).await;
        }
    }

    async fn store(
        &self,
        job: JobRow,
        attempted: Attempted,
        result: Option<String>,
    ) -> Result<(), StoreError> {
        let told = match &attempted {
            Attempted::Done => format!("job {} is done", job.name),
            Attempted::Failed { how, is_final } => format!(
                "job {}, attempt {}, failed: {how}; {}",
                job.name,
                job.attempts,
                if *is_final {
                    "it is not tried again"
                } else {
                    "it is tried again"
                }
            ),
            Attempted::Lost { how } => format!(
                "job {}, attempt {}, does not count: {how}",
                job.name, job.attempts
            ),
        };
        let transform = job.transform_id;
        self.store
            .call(move |connection| {
                let now = Timestamp::now().as_second();
                let transaction = connection.transaction()?;
                if let Some(result) = result {
                    transforms::set_result(&transaction, transform, &result)?;
                }
                jobs::end(&transaction, &job, &attempted, now)?;
                still::settle(&transaction, job.request_id, now)?;
                transaction.commit()
            })
            .await?;
        tracing::info!("{told}");
        self.wake.notify_one();
        Ok(())
    }

    /// Ends attempts whose jobs are done for already, as their user has ended the work.
    async fn end_unwanted(&mut self) -> Result<(), StoreError> {
        if self.running.is_empty() {
            return Ok(());
        }
        let attempts: Vec<_> = self
            .running
            .values()
            .filter(|attempt| !attempt.is_ended)
            .map(|attempt| (attempt.job.job_id, attempt.job.attempts))
            .collect();
        let unwanted = move |connection: &mut Connection| {
            let mut unwanted = Vec::new();
            for (job, attempt) in attempts {
                if !jobs::is_running(connection, job, attempt)? {
                    unwanted.push(job);
                }
            }
            Ok(unwanted)
        };
        for id in self.store.call(unwanted).await? {
            if let Some(attempt) = self.running.get_mut(&id) {
                tracing::info!("job {} is ended, as its work is", attempt.job.name);
                attempt.is_ended = true;
                self.executor
                    .end(&attempt_id(&attempt.job, attempt.job.attempts));
            }
        }
        Ok(())
    }

    /// Ends everything that runs, and notes that it is to be started again.
    async fn end_all(&mut self) {
        for attempt in self.running.values() {
            self.executor
                .end(&attempt_id(&attempt.job, attempt.job.attempts));
        }
        while !self.running.is_empty() {
            match self.events.recv().await {
                Some(event) => self.take(event).await,
                None => return,
            }
        }
    }

    /// Returns what the jobs of a work have in common.
    async fn programs(&mut self, transform: i64) -> Result<Arc<Programs>, StoreError> {
        if let Some(programs) = self.programs.get(&transform) {
            return Ok(Arc::clone(programs));
        }
        let text = self
            .store
            .call(move |connection| transforms::search(connection, transform))
            .await?;
        let Ok(Run::Programs(programs)) = serde_json::from_str(&text) else {
            // Jobs are stored with works of programs alone.
            return Err(StoreError::Database(rusqlite::Error::InvalidQuery));
        };
        if self.programs.len() >= MOST {
            self.programs.clear();
        }
        let programs = Arc::new(programs);
        self.programs.insert(transform, Arc::clone(&programs));
        Ok(programs)
    }
}

fn tell(error: &StoreError, what: &str) {
    if !matches!(error, StoreError::Closed) {
        match error.source() {
            Some(source) => tracing::error!("{what}: {error}: {source}"),
            None => tracing::error!("{what}: {error}"),
        }
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
    let map: Map<String, Value> = match serde_json::from_slice(&bytes) {
        Ok(map) => map,
        Err(error) => return Err(format!("{name} is no JSON object: {error}")),
    };
    if programs.needs_result && map.is_empty() {
        return Err(format!("{name} is empty"));
    }
    Ok(Some(Value::Object(map).to_string()))
}

/// Returns the last line that a job has printed on standard error, or else on standard output.
fn told_at_the_end(directory: &Path) -> String {
    ["stderr", "stdout"]
        .iter()
        .find_map(|name| last_line(&directory.join(name)))
        .unwrap_or_default()
}

fn last_line(path: &Path) -> Option<String> {
    let mut file = fs::File::open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let length = file.seek(SeekFrom::End(0)).ok()?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))
        .ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(line.trim().chars().take(200).collect())
}
