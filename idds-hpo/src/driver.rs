//! The tokio shell around [`Search`].

mod identify;
mod try_one;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::pending;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use idds_client::{Client, Error as ClientError, ErrorKind, PointId};
use idds_workflow::{OptSpace, RequestId};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinError, JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until};

use self::identify::identify;
pub use self::try_one::Tried;
use crate::journal::Place;
use crate::monitor::{Monitor, Told};
use crate::workers::{Heart, Share};
use crate::{
    Command, Direction, EarlyStopping, Entry, Error, Event, Header, History, Journal, JournalError,
    Loss, Objective, Observer, OnFailure, OnNonFinite, RequestIdentity, Rules, Search,
    SearchResult, StopReason, Verdict, Workers,
};

/// Runs the search of one request: takes open points from the server, evaluates them, reports their losses, and ends when
/// the server says that the search is over.
///
/// Running it again for the same request goes on where the server stands: points with a loss are not evaluated again. With a
/// [`Driver::journal`], it goes on where it stood itself, and loses nothing to a kill.
///
/// ```no_run
/// use std::time::Duration;
///
/// use idds_client::Client;
/// use idds_hpo::{Driver, Objective};
/// use idds_workflow::RequestId;
///
/// #[derive(serde::Deserialize)]
/// struct Params {
///     lr: f64,
/// }
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::from_env()?;
/// let result = Driver::new(&client, RequestId::new(42))
///     .evaluations(4)
///     .time_limit(Duration::from_secs(3600))
///     .run(Objective::blocking(|params: Params| (params.lr - 0.01).abs()))
///     .await?;
/// println!("{:?}", result.best());
/// # Ok(())
/// # }
/// ```
///
/// # What a point costs
///
/// Time of a point besides its evaluation, with a journal, on the embedded server with a SQLite file, in generations of 100
/// (`cargo bench --bench loop`, 27 November 2026, two cores, a flush to the disk in 0.18 ms):
///
/// | | points | evaluations at once | ms per point |
/// | --- | --- | --- | --- |
/// | this | 1,000 | 1 | 0.73 |
/// | this | 1,000 | 16 | 0.55 |
/// | Optuna with SQLite | 1,000 | 1 | 33.6 |
/// | this | 10,000 | 1 | 0.74 |
/// | this | 10,000 | 16 | 0.55 |
///
/// The last points of a search cost what the first ones do: a look at the embedded server reads the points from the first one
/// whose loss is not confirmed, and all of them once in [`Rules::longest_poll`]. iDDS itself has no way to leave points out,
/// and sends all of them once in a generation.
#[must_use = "a search starts when it is run"]
pub struct Driver {
    client: Client,
    request: RequestId,
    rules: Rules,
    space: Option<OptSpace>,
    journal: Option<Place>,
    workers: Option<Workers>,
    interrupt: BoxFuture<'static, ()>,
    observers: Vec<Box<dyn Observer>>,
}

impl Driver {
    /// Prepares the search of a request, with the default [`Rules`].
    pub fn new(client: &Client, request: RequestId) -> Self {
        Self {
            client: client.clone(),
            request,
            rules: Rules::default(),
            space: None,
            journal: None,
            workers: None,
            interrupt: pending().boxed(),
            observers: Vec::new(),
        }
    }

    /// Says which space is searched, for reports: ranges and scales of the parameters, and their influence over the whole space.
    ///
    /// Nothing else looks at it.
    pub fn space(mut self, space: OptSpace) -> Self {
        self.space = Some(space);
        self
    }

    /// Keeps a [`Journal`] of the search in this file, which is made when it is not there: with it, the search survives its
    /// process.
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.journal = Some(Place::Named(path.into()));
        self
    }

    /// Keeps a journal as [`journal`](Self::journal) does, at a path that a program has chosen and no person: a symbolic link there is
    /// refused, as it may be somebody else's who wants a file to be overwritten.
    pub fn own_journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.journal = Some(Place::Own(path.into()));
        self
    }

    /// Shares the points with other processes; this one evaluates all of them unless set.
    pub fn workers(mut self, workers: Workers) -> Self {
        self.workers = Some(workers);
        self
    }

    /// Ends the search when this future is ready, such as `tokio::signal::ctrl_c().map(|_| ())`: evaluations are given up,
    /// losses are still reported.
    pub fn interrupt(mut self, interrupt: impl Future<Output = ()> + Send + 'static) -> Self {
        self.interrupt = interrupt.boxed();
        self
    }

    /// Sets all rules at once.
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Sets the number of evaluations at once; 1 unless set.
    pub fn evaluations(mut self, count: usize) -> Self {
        self.rules.evaluations = count;
        self
    }

    /// Sets how often an evaluation is tried before it counts as failed; 3 unless set.
    pub fn attempts(mut self, count: u32) -> Self {
        self.rules.attempts = count;
        self
    }

    /// Sets what becomes of a point whose evaluation failed; unless set, the server is told 1e5, as PanDA does, once an
    /// evaluation has worked.
    pub fn on_failure(mut self, policy: OnFailure) -> Self {
        self.rules.on_failure = policy;
        self
    }

    /// Sets what becomes of a loss that is NaN or infinite; unless set, the evaluation counts as failed.
    pub fn on_non_finite(mut self, policy: OnNonFinite) -> Self {
        self.rules.on_non_finite = policy;
        self
    }

    /// Sets the time after which the search stops whatever its state; 7 days unless set.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.rules.time_limit = limit;
        self
    }

    /// Makes the objective a score, of which more is better.
    pub fn maximize(mut self) -> Self {
        self.rules.direction = Direction::Maximise;
        self
    }

    /// Sets the time that one evaluation may take; no limit unless set.
    pub fn evaluation_limit(mut self, limit: Duration) -> Self {
        self.rules.evaluation_limit = Some(limit);
        self
    }

    /// Sets when an evaluation that tells intermediate values is cut short; never unless set.
    pub fn early_stopping(mut self, rule: EarlyStopping) -> Self {
        self.rules.early_stopping = rule;
        self
    }

    /// Has a point evaluated a second time when its evaluation takes so many times longer than the median, nothing else is
    /// left to evaluate, and there is room; never unless set. See [`Rules::speculate`].
    pub fn speculate(mut self, factor: f64) -> Self {
        self.rules.speculate = Some(factor);
        self
    }

    /// Gives points the losses of earlier points with the same parameters; all are evaluated unless set. See
    /// [`Rules::reuse_losses`].
    pub fn reuse_losses(mut self) -> Self {
        self.rules.reuse_losses = true;
        self
    }

    /// Adds an observer, such as a progress bar.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Runs the search to its end.
    ///
    /// Dropping the future stops the search; evaluations that compute on tokio's blocking threads run out unheeded.
    ///
    /// # Errors
    ///
    /// When the server does not know the request, refuses what is asked, or stays out of reach for longer than
    /// [`Rules::patience`]; when the journal is in use, damaged, one of another search, or cannot be written; when an evaluation
    /// meets trouble that is not the fault of its point, such as a full disk or a point that does not fit the type of the
    /// objective; and when nothing works, see [`OnFailure::Penalty`]. The error keeps the trials so far.
    pub async fn run(mut self, objective: Objective) -> Result<SearchResult, Error> {
        let since_1970 = || {
            SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default()
        };
        let request = self.request;
        let header = Header::new(
            request,
            self.client.host(),
            self.rules.direction,
            since_1970(),
        );
        let interrupt = self.interrupt.shared();
        let identity = if self.journal.is_some() || self.workers.is_some() {
            tokio::select! {
                identity = identify(&self.client, request, self.rules.patience, &mut self.observers) => {
                    identity.map_err(|error| Error::client(request, Vec::new(), error))?
                }
                // The search is over before it knows more.
                () = interrupt.clone() => RequestIdentity::default(),
            }
        } else {
            RequestIdentity::default()
        };
        let header = header.identity(identity.clone());
        let (mut journal, mut history) = match self.journal {
            None => (None, History::new(header)),
            Some(place) => {
                let opened = spawn_blocking(move || Journal::open(&place, header))
                    .await
                    .expect("opening does not panic");
                let (journal, history) =
                    opened.map_err(|error| Error::journal(request, Vec::new(), error))?;
                (Some(journal), history)
            }
        };
        if let Some(space) = self.space.filter(|space| history.space() != Some(space)) {
            let entry = Entry::Space { space };
            if let Some(journal) = &mut journal {
                // On disk with what comes next.
                journal
                    .append(&entry)
                    .map_err(|error| Error::journal(request, Vec::new(), error))?;
            }
            history.apply(&entry).expect("a space contradicts nothing");
        }
        let mut hearts = JoinSet::new();
        let share = match self.workers {
            None => None,
            Some(workers) => {
                let joined = spawn_blocking(move || workers.join(request, &identity))
                    .await
                    .expect("joining does not panic");
                let share =
                    joined.map_err(|error| Error::client(request, Vec::new(), unshared(error)))?;
                if let Share::Folder(folder) = &share {
                    hearts.spawn(live(folder.heart()));
                }
                Some(Arc::new(Mutex::new(share)))
            }
        };
        let clock = Clock::new(
            since_1970()
                .saturating_sub(history.header().started())
                .max(history.latest()),
        );
        let (values, told) = mpsc::unbounded_channel();
        let run = Run {
            client: self.client,
            request,
            objective,
            journal,
            share,
            clock,
            _hearts: hearts,
            // Tasks of their own, so that an evaluation that computes does not hold up the others; dropping the set ends them.
            tasks: JoinSet::new(),
            evaluations: HashMap::new(),
            values,
            verdicts: VecDeque::new(),
            observers: self.observers,
        };
        run.search(Search::new(self.rules, history), told, interrupt.boxed())
            .await
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client,
            request,
            rules,
            space,
            journal,
            workers,
            interrupt: _,
            observers,
        } = self;
        f.debug_struct("Driver")
            .field("client", client)
            .field("request", request)
            .field("rules", rules)
            .field("space", space)
            .field("journal", journal)
            .field("workers", workers)
            .field("observers", observers)
            .finish_non_exhaustive()
    }
}

/// What carries out the commands of a search.
struct Run {
    client: Client,
    request: RequestId,
    objective: Objective,
    journal: Option<Journal>,
    share: Option<Arc<Mutex<Share>>>,
    clock: Clock,
    /// Gives signs of life as long as it is not dropped.
    _hearts: JoinSet<()>,
    tasks: JoinSet<Event>,
    /// By their point and their number among those of it.
    evaluations: HashMap<(PointId, u32), AbortHandle>,
    values: mpsc::UnboundedSender<Told>,
    verdicts: VecDeque<oneshot::Sender<Verdict>>,
    observers: Vec<Box<dyn Observer>>,
}

impl Run {
    async fn search(
        mut self,
        mut search: Search,
        mut told: mpsc::UnboundedReceiver<Told>,
        interrupt: BoxFuture<'static, ()>,
    ) -> Result<SearchResult, Error> {
        let mut interrupt = interrupt.fuse();
        let mut events = vec![Event::Started {
            pid: std::process::id(),
        }];
        loop {
            let mut commands = Vec::new();
            for event in events.drain(..) {
                if let Event::PollFailed(error) | Event::ReportFailed { error, .. } = &event {
                    self.observers
                        .iter_mut()
                        .for_each(|observer| observer.unanswered(error));
                }
                commands.extend(search.handle(self.clock.now(), event));
            }
            let commands = match self.keep(commands).await {
                Ok(commands) => commands,
                Err(error) => {
                    return Err(Error::journal(
                        self.request,
                        search.into_result().trials,
                        error,
                    ));
                }
            };
            self.observe(&search);
            for command in commands {
                tracing::debug!(request = %self.request, ?command);
                if let Command::Stop(why) = command {
                    let mut result = search.into_result();
                    if let StopReason::Ended(_) = result.stop {
                        result.error = sentence(self.client.clone(), self.request).await;
                    }
                    return match why {
                        Ok(_) => Ok(result),
                        Err(obstacle) => {
                            Err(Error::obstacle(self.request, result.trials, obstacle))
                        }
                    };
                }
                self.carry_out(command);
            }
            tokio::select! {
                Some(done) = self.tasks.join_next() => events.extend(self.event(done)),
                Some(told) = told.recv() => events.push(self.told(told)),
                () = &mut interrupt => events.push(Event::Interrupted),
                () = self.clock.reaches(search.wakes_at()) => events.push(Event::Woke),
            }
            // What is ready now shares one flush of the journal.
            while let Some(done) = self.tasks.try_join_next() {
                events.extend(self.event(done));
            }
        }
    }

    /// Writes to the journal what is to be written, and returns the other commands.
    async fn keep(&mut self, commands: Vec<Command>) -> Result<Vec<Command>, JournalError> {
        let mut entries = Vec::new();
        let mut others = Vec::new();
        for command in commands {
            match command {
                Command::Write(entry) => {
                    self.observers
                        .iter_mut()
                        .for_each(|observer| observer.happened(&entry));
                    entries.push(entry);
                }
                other => others.push(other),
            }
        }
        let has_effect = |command: &Command| {
            matches!(
                command,
                Command::Evaluate { .. } | Command::Report { .. } | Command::Stop(_)
            )
        };
        let is_durable = others.iter().any(has_effect);
        if let Some(mut journal) = self.journal.take() {
            let write = move || {
                entries.iter().try_for_each(|entry| journal.append(entry))?;
                if is_durable {
                    journal.flush()?;
                } else {
                    journal.write()?;
                }
                Ok(journal)
            };
            self.journal = Some(
                spawn_blocking(write)
                    .await
                    .expect("writing does not panic")?,
            );
        }
        Ok(others)
    }

    fn carry_out(&mut self, command: Command) {
        let (client, request) = (self.client.clone(), self.request);
        match command {
            Command::Poll {
                want,
                late_after,
                next,
                since,
            } => {
                let (share, now) = (self.share.clone(), self.clock.now());
                self.tasks.spawn(poll(
                    (client, request),
                    (next, since),
                    share,
                    (now, want, late_after),
                ));
            }
            Command::Report { id, loss } => _ = self.tasks.spawn(report(client, request, id, loss)),
            Command::Evaluate {
                id,
                attempt,
                parameters,
            } => {
                let monitor = Monitor::new(request, id.clone(), attempt, self.values.clone());
                let evaluation = self.objective.evaluate(parameters, monitor);
                let key = (id.clone(), attempt);
                let task = async move {
                    Event::Evaluated {
                        id,
                        attempt,
                        outcome: evaluation.await,
                    }
                };
                self.evaluations.insert(key, self.tasks.spawn(task));
            }
            Command::Abandon { id, attempt } => {
                if let Some(evaluation) = self.evaluations.remove(&(id, attempt)) {
                    evaluation.abort();
                }
            }
            Command::Judge { verdict, .. } => {
                if let Some(waiting) = self.verdicts.pop_front() {
                    // An evaluation that waits no more was given up.
                    let _ = waiting.send(verdict);
                }
            }
            Command::Write(_) | Command::Stop(_) => {}
        }
    }

    /// The event that a task ended with; none when it was given up.
    fn event(&mut self, done: Result<Event, JoinError>) -> Option<Event> {
        match done {
            Ok(event) => {
                if let Event::Evaluated { id, attempt, .. } = &event {
                    self.evaluations.remove(&(id.clone(), *attempt));
                }
                Some(event)
            }
            Err(error) if error.is_cancelled() => None,
            Err(error) => panic!("tasks catch the panics of the objective: {error}"),
        }
    }

    /// Verdicts come in the order of what was told.
    fn told(
        &mut self,
        Told {
            id,
            attempt,
            step,
            value,
            verdict,
        }: Told,
    ) -> Event {
        self.verdicts.push_back(verdict);
        Event::Intermediate {
            id,
            attempt,
            step,
            value,
        }
    }

    fn observe(&mut self, search: &Search) {
        let progress = search.progress();
        for observer in &mut self.observers {
            observer.progress(&progress);
        }
    }
}

/// The time since the start of a search, which may have begun in another process.
#[derive(Clone, Copy)]
struct Clock {
    origin: Instant,
    offset: Duration,
}

impl Clock {
    fn new(offset: Duration) -> Self {
        Self {
            origin: Instant::now(),
            offset,
        }
    }

    fn now(self) -> Duration {
        self.offset + self.origin.elapsed()
    }

    async fn reaches(self, time: Duration) {
        match self.origin.checked_add(time.saturating_sub(self.offset)) {
            Some(instant) => sleep_until(instant).await,
            None => pending().await,
        }
    }
}

async fn poll(
    (client, request): (Client, RequestId),
    (next, since): (Option<PointId>, Option<PointId>),
    share: Option<Arc<Mutex<Share>>>,
    (now, want, late_after): (Duration, usize, Option<Duration>),
) -> Event {
    let read = async {
        let requests = client.requests().get(request).await?;
        let Some(info) = requests.first() else {
            return Err(unknown(request));
        };
        if let Some(next) = next.filter(|_| !info.status.is_terminal())
            && client.hpo().get(request).id(next).await?.is_empty()
        {
            return Ok(Event::NothingNew {
                status: info.status,
            });
        }
        // In this order, the points of an ended request are complete.
        let points = client.hpo().get(request).unique();
        let points = match since {
            Some(since) => points.since(since),
            None => points,
        };
        let points = points.await?;
        let mine = match share {
            None => None,
            Some(share) => {
                let open: Vec<_> = points
                    .iter()
                    .filter(|point| point.loss.is_none())
                    .map(|point| point.id.clone())
                    .collect();
                let claim = move || {
                    share
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .claim(now, &open, want, late_after)
                };
                Some(
                    spawn_blocking(claim)
                        .await
                        .expect("claiming does not panic")
                        .map_err(unshared)?,
                )
            }
        };
        Ok(Event::Polled {
            status: info.status,
            points,
            mine,
        })
    };
    read.await.unwrap_or_else(Event::PollFailed)
}

fn unknown(request: RequestId) -> ClientError {
    ClientError::new(
        ErrorKind::NotFound,
        format!("the server does not know request {request}"),
    )
}

/// What the server says of a request that it ended; none when it says nothing, or does not answer.
async fn sentence(client: Client, request: RequestId) -> Option<String> {
    let requests = client.requests().get(request).await.ok()?;
    let sentences = sentences(requests.first()?.errors.as_ref()?).join("; ");
    Some(sentences).filter(|sentences| !sentences.is_empty())
}

/// The sentences in what the server says went wrong, which are the texts that are not empty, at any depth.
fn sentences(errors: &Value) -> Vec<&str> {
    match errors {
        Value::String(text) => Some(text.trim())
            .filter(|text| !text.is_empty())
            .into_iter()
            .collect(),
        Value::Object(members) => members.values().flat_map(sentences).collect(),
        Value::Array(items) => items.iter().flat_map(sentences).collect(),
        _ => Vec::new(),
    }
}

/// File systems of many machines have their bad moments, as servers do.
fn unshared(error: io::Error) -> ClientError {
    ClientError::new(
        ErrorKind::Unavailable,
        "the folder of the workers cannot be used",
    )
    .caused_by(error)
}

/// Gives signs of life. One that fails is not missed before the time of a take-over.
async fn live(heart: Heart) {
    loop {
        sleep(heart.pause).await;
        let heart = heart.clone();
        let beat = spawn_blocking(move || heart.beat()).await;
        if let Ok(Err(error)) = beat {
            tracing::warn!(%error, "no sign of life");
        }
    }
}

async fn report(client: Client, request: RequestId, id: PointId, loss: Loss) -> Event {
    match client.hpo().update(request, &id, loss.get()).await {
        Ok(()) => Event::Reported { id },
        Err(error) => Event::ReportFailed { id, error },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::sentences;

    #[test]
    fn what_a_server_says_went_wrong_is_in_its_texts() {
        let errors =
            json!({"msg": "", "submit_err": {"msg": " no disk "}, "extra": ["late", 3, null]});
        assert_eq!(sentences(&errors), ["no disk", "late"]);
    }
}
