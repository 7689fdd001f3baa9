//! The background task that has jobs started, and notes how they end.

use std::collections::{HashMap, HashSet};
use std::error::Error as _;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use idds_jobs::{AttemptChange, AttemptEvent, Executor, Job, LocalExecutor, Supervisor};
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::select;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::disks::Disks;
use super::elsewhere::{Elsewhere, LOCAL, refuse_others};
use super::noting::{Batch, Became, Noter, hold};
use super::place::{Place, attempt_id, read_attempt_id};
use super::steering;
use crate::engine::run_cache::RunCache;
use crate::state::{Programs, Run};
use crate::store::jobs::{self, Attempted, JobRow};
use crate::store::{Store, StoreError, transforms};
use crate::wake::Wake;

/// Most events that are taken in together.
const MOST: usize = 512;

/// Jobs that are begun in one transaction.
const AT_ONCE: usize = 64;

/// Most ends that are not noted yet while further jobs are started: a disk may be slow, or full.
const MOST_UNNOTED: usize = 4 * MOST;

/// Time after which what could not be done is tried again.
const AGAIN: Duration = Duration::from_secs(1);

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
    programs: RunCache<Programs>,
    noter: Arc<Noter>,
    /// What is to be noted next, and what is being noted.
    batch: Batch,
    noting: Option<Noting>,
    /// Whether there may be jobs that can be started.
    is_ready: bool,
    /// When what could not be done is tried again.
    again: Option<Instant>,
}

/// A batch that is being noted; what could not be noted comes of it.
type Noting = JoinHandle<Vec<(JobRow, Became)>>;

/// What jobs may use, and who looks after them; what is not set is found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capacity {
    /// Cores.
    pub(crate) cores: Option<u32>,
    /// Bytes of memory.
    pub(crate) memory: Option<u64>,
    /// Program that looks after jobs.
    pub(crate) supervisor: Option<PathBuf>,
    /// What runs them instead of processes of this machine.
    pub(crate) elsewhere: Option<Elsewhere>,
    /// Answers jobs in their place.
    #[cfg(test)]
    pub(crate) scripted: Option<Arc<super::Scripted>>,
}

impl Capacity {
    /// Starts who runs jobs.
    fn executor(
        self,
        place: &Place,
        events: UnboundedSender<AttemptEvent>,
    ) -> io::Result<Arc<dyn Executor>> {
        #[cfg(test)]
        if let Some(scripted) = self.scripted {
            scripted.connect(events);
            return Ok(scripted);
        }
        refuse_others(&place.attempts, self.elsewhere.as_ref())?;
        if let Some(elsewhere) = self.elsewhere {
            let directory = place.attempts.join(elsewhere.directory());
            return (elsewhere.make)(directory, events).map_err(io::Error::other);
        }
        let mut builder = LocalExecutor::builder(place.attempts.join(LOCAL));
        if let Some(cores) = self.cores {
            builder = builder.cores(cores);
        }
        if let Some(memory) = self.memory {
            builder = builder.memory(memory);
        }
        if let Some(program) = self.supervisor {
            builder = builder.supervisor(Supervisor::program(program));
        }
        Ok(Arc::new(builder.start(events).map_err(io::Error::other)?))
    }
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
    /// Starts a runner; returns its task, and what ends everything that it has started.
    pub(crate) fn start(
        store: Store,
        wake: Arc<Wake>,
        place: Place,
        capacity: Capacity,
    ) -> io::Result<(JoinHandle<()>, watch::Sender<bool>)> {
        let (sender, events) = unbounded_channel();
        let executor = capacity.executor(&place, sender)?;
        let noter = Noter {
            store: store.clone(),
            wake: Arc::clone(&wake),
            place: place.clone(),
            disks: Disks::of(&[&place.attempts, &place.shared]),
        };
        let programs = RunCache::new(store.clone(), |run| match run {
            Run::Programs(programs) => Some(programs),
            Run::Steered(steered) => Some(steered.programs),
            _ => None,
        });
        let runner = Self {
            store,
            wake,
            place,
            executor,
            events,
            running: HashMap::new(),
            programs,
            noter: Arc::new(noter),
            batch: Batch::default(),
            noting: None,
            is_ready: true,
            again: None,
        };
        let (end, ended) = watch::channel(false);
        Ok((tokio::spawn(runner.run(ended)), end))
    }

    /// Works until the server ends, or until it is to end what runs.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        if let Err(error) = self.adopt().await {
            tell(&error, "cannot find out which jobs run");
        }
        let mut some = Vec::new();
        loop {
            if self.is_ready && self.again.is_none() {
                match self.start_ready().await {
                    Ok(()) => {}
                    Err(StoreError::Closed) => return,
                    Err(error) => {
                        tell(&error, "cannot start jobs");
                        self.again = Some(Instant::now() + AGAIN);
                    }
                }
            }
            self.note();
            select! {
                () = self.wake.for_runner() => {
                    self.is_ready = true;
                    if let Err(error) = self.end_unwanted().await {
                        tell(&error, "cannot find out which jobs are to be ended");
                    }
                }
                count = self.events.recv_many(&mut some, MOST) => {
                    if count == 0 {
                        return;
                    }
                    for event in some.drain(..) {
                        self.take(event).await;
                    }
                }
                unnoted = noted(&mut self.noting) => self.noted(unnoted),
                () = moment(self.again) => self.again = None,
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
        let most = self.executor.most().max(AT_ONCE);
        // Some are begun together, as the disk is waited for.
        while self.running.len() + AT_ONCE <= most && self.batch.len() < MOST_UNNOTED {
            let found = self
                .store
                .call(move |connection| jobs::ready(connection, after, AT_ONCE))
                .await?;
            self.is_ready = found.len() == AT_ONCE;
            let Some(last) = found.last() else { break };
            after = last.job_id;
            let mut fit = Vec::new();
            // One whose last attempt is being ended waits for that end: the two would be in each other's way.
            let found = found
                .into_iter()
                .filter(|job| !self.running.contains_key(&job.job_id));
            for job in found.collect::<Vec<_>>() {
                let programs = self.programs(job.transform_id).await?;
                let job = JobRow {
                    attempts: job.attempts + 1,
                    tries: job.tries + 1,
                    ..job
                };
                let checked = self
                    .place
                    .attempt(&job, &programs, job.attempts)
                    .and_then(|it| match self.executor.check(&it) {
                        Ok(()) => Ok(it),
                        Err(error) => Err(error.to_string()),
                    });
                match checked {
                    Ok(it) => fit.push((job, it)),
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
            if !self.is_ready {
                break;
            }
        }
        Ok(())
    }

    /// Notes that attempts of jobs begin, before they do.
    async fn begin(
        &mut self,
        fit: Vec<(JobRow, Job)>,
    ) -> Result<Vec<(JobRow, Arc<Programs>, Job)>, StoreError> {
        if fit.is_empty() {
            return Ok(Vec::new());
        }
        let begin = move |connection: &mut Connection| {
            let now = Timestamp::now().as_second();
            let transaction = connection.transaction()?;
            let mut begun = Vec::new();
            for (job, it) in fit {
                if let Some((attempts, tries)) = jobs::begin(&transaction, job.job_id, now)? {
                    let is_same = (attempts, tries) == (job.attempts, job.tries);
                    let job = JobRow {
                        attempts,
                        tries,
                        ..job
                    };
                    begun.push((job, it, is_same));
                }
            }
            transaction.commit()?;
            Ok(begun)
        };
        let begun = self.store.call(begin).await?;
        let mut started = Vec::new();
        for (job, it, is_same) in begun {
            let programs = self.programs(job.transform_id).await?;
            let directory = self.place.of_attempt(&job, job.attempts);
            let made = directory.parent().map(crate::private::make_directory);
            if job.number < 0
                && let Err(why) = steering::write_input(&self.store, &self.place, &job).await?
            {
                self.hold(job, why).await?;
                continue;
            }
            let it = match made {
                Some(Err(error)) => Err(format!("{}: {error}", directory.display())),
                _ if is_same => Ok(it),
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
                hold(&transaction, &job, &why, now)?;
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
        let Some(running) = self
            .running
            .get(&id)
            .filter(|running| running.job.attempts == attempt)
        else {
            return;
        };
        match event.change {
            AttemptChange::Started => self.batch.start(&running.job),
            AttemptChange::Ended(outcome) => {
                if let Some(Attempt { job, programs, .. }) = self.running.remove(&id) {
                    self.batch.end(job, programs, outcome);
                }
            }
            AttemptChange::NeverStarted => {
                if let Some(Attempt { job, .. }) = self.running.remove(&id) {
                    let how = "it was never started".to_owned();
                    let lost = Became::Ended(Attempted::Lost { how }, None);
                    self.batch.became(job, lost);
                }
            }
            AttemptChange::Unrecorded { why } => {
                let (name, transform) = (running.job.name.clone(), running.job.transform_id);
                tracing::warn!("the end of job {name} cannot be written down: {why}");
                self.told(transform, why).await;
            }
            AttemptChange::Waits { why } => {
                let transform = running.job.transform_id;
                tracing::warn!("job {}: {why}", running.job.name);
                self.told(transform, why).await;
            }
            _ => {}
        }
    }

    /// Notes with a work what stands in the way of a job.
    async fn told(&self, transform: i64, why: String) {
        if let Err(error) = self.tell_trouble(transform, why).await {
            tell(&error, "cannot note what stands in the way of a job");
        }
    }

    async fn tell_trouble(&self, transform: i64, why: String) -> Result<(), StoreError> {
        self.store
            .call(move |connection| {
                let errors = serde_json::json!({ "msg": why }).to_string();
                transforms::set_errors(connection, transform, &errors)
            })
            .await
    }

    /// Begins to note what has become of attempts, unless that is being done already; what comes meanwhile is noted together then.
    fn note(&mut self) {
        if self.noting.is_none() && self.again.is_none() && !self.batch.is_empty() {
            let batch = std::mem::take(&mut self.batch);
            self.noting = Some(tokio::spawn(Arc::clone(&self.noter).note(batch)));
        }
    }

    /// Takes in what could not be noted.
    fn noted(&mut self, unnoted: Vec<(JobRow, Became)>) {
        self.noting = None;
        self.is_ready = true;
        if !unnoted.is_empty() {
            self.batch.put_back(unnoted);
            self.again = Some(Instant::now() + AGAIN);
        }
    }

    /// Ends attempts whose jobs are done for already, as their user has ended the work, and those of works that are held, unless they have begun.
    async fn end_unwanted(&mut self) -> Result<(), StoreError> {
        if self.running.is_empty() {
            return Ok(());
        }
        let wanted = |connection: &mut Connection| {
            let running = jobs::running(connection)?.into_iter();
            let running: HashSet<_> = running.map(|job| (job.job_id, job.attempts)).collect();
            Ok((running, jobs::held(connection)?))
        };
        let (wanted, held) = self.store.call(wanted).await?;
        // What has begun goes on to its end.
        for (id, attempt) in held {
            if let Some(running) = self.running.get(&id)
                && running.job.attempts == attempt
            {
                self.executor.withdraw(&attempt_id(&running.job, attempt));
            }
        }
        for (id, attempt) in &mut self.running {
            if !attempt.is_ended && !wanted.contains(&(*id, attempt.job.attempts)) {
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
                None => break,
            }
        }
        if self.noting.is_some() {
            let unnoted = noted(&mut self.noting).await;
            self.batch.put_back(unnoted);
        }
        let batch = std::mem::take(&mut self.batch);
        Arc::clone(&self.noter).note(batch).await;
    }

    /// Returns what the jobs of a work have in common.
    async fn programs(&mut self, transform: i64) -> Result<Arc<Programs>, StoreError> {
        let programs = self.programs.of(transform).await?;
        // Jobs are stored with works of programs alone.
        programs.ok_or(StoreError::Database(rusqlite::Error::InvalidQuery))
    }
}

/// Waits until a batch is noted, and returns what could not be; without one, for ever.
async fn noted(noting: &mut Option<Noting>) -> Vec<(JobRow, Became)> {
    match noting {
        // It is cut short when the server ends.
        Some(noting) => noting.await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}

/// Waits for a moment that may never come.
async fn moment(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Logs what the database did not do.
pub(super) fn tell(error: &StoreError, what: &str) {
    if !matches!(error, StoreError::Closed) {
        match error.source() {
            Some(source) => tracing::error!("{what}: {error}: {source}"),
            None => tracing::error!("{what}: {error}"),
        }
    }
}
