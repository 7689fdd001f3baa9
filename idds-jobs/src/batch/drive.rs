//! The engine's side: what waits to be submitted, what the batch system has, and what wrappers tell.
//!
//! It works in a thread of its own, since file systems that machines share may take long to answer.

mod look;
mod submit;

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::spool::{Spool, Told, claim, conclude};
use super::system::{BatchSystem, Refusal, Task};
use crate::supervisor::SIGNALLED;
use crate::{AttemptChange, AttemptEvent, AttemptId, AttemptOutcome, End, Job, Trouble};

/// Time that is waited for more attempts before some are submitted, and the longest such time.
const GATHER: Duration = Duration::from_millis(100);
const GATHER_MOST: Duration = Duration::from_secs(1);

/// Times between looks at what wrappers have told: while they tell something, and else.
const LISTEN: Duration = Duration::from_millis(100);
const LISTEN_SELDOM: Duration = Duration::from_secs(1);

/// Times between attempts at a system that is full, or does not answer.
const AGAIN: Duration = Duration::from_secs(2);
const AGAIN_MOST: Duration = Duration::from_secs(60);

/// Tasks that are cancelled at once.
const CANCELLED: usize = 500;

/// What an executor is asked for.
#[derive(Debug)]
pub(super) enum Ask {
    Start(Box<Job>),
    Adopt(Vec<Job>),
    End(AttemptId),
}

/// Times between looks at the batch system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// When all is well.
    pub(super) look: Duration,
    /// When something is to be found out, and how long what seems to be gone is waited for.
    pub(super) settle: Duration,
}

#[derive(Debug)]
pub(super) struct Drive {
    system: Arc<dyn BatchSystem>,
    spool: Arc<Spool>,
    pace: Pace,
    events: UnboundedSender<AttemptEvent>,
    known: HashMap<AttemptId, Tracked>,
    batches: HashMap<String, Submission>,
    waiting: VecDeque<AttemptId>,
    /// Most attempts in one submission; fewer after the system was full.
    most: usize,
    calls: JoinSet<Done>,
    is_submitting: bool,
    is_looking: bool,
    submit_at: Option<Instant>,
    gathering_since: Option<Instant>,
    look_at: Option<Instant>,
    listen_at: Instant,
    last_told: Instant,
    /// How long is waited for a system that is full, and for one that does not answer.
    backoff: Duration,
    silence: Duration,
    to_cancel: Vec<Task>,
    /// Attempts of an engine before this one, while what that has submitted cannot be read.
    to_adopt: Vec<Job>,
    /// Those among them that are to end.
    unwanted: Vec<AttemptId>,
}

/// An attempt whose end is not known.
#[derive(Debug)]
struct Tracked {
    job: Job,
    /// Where it was submitted: batches, and its index there. It is in more than one when nobody knew whether the first has arrived.
    places: Vec<(String, usize)>,
    is_started: bool,
    is_ending: bool,
    /// Whether the system has it in its queue, as of the last look.
    is_queued: bool,
    /// Since when the system has it no more.
    gone: Option<Instant>,
    /// What its files said of its end, when that is the word of a signal: the system may know who sent it.
    signalled: Option<AttemptOutcome>,
    /// What was told of its waiting.
    told: Option<String>,
}

/// A batch, from before its submission until nothing of it is left.
#[derive(Debug)]
struct Submission {
    /// Attempts whose ends are not known.
    open: HashSet<AttemptId>,
    /// What the system calls it.
    id: Option<String>,
    /// When the call returned; before that, nothing can be said of what is not there.
    returned: Option<Instant>,
    /// Whether it is known to have arrived.
    has_arrived: bool,
    /// Whether something of it may still be in the system although it has ended here.
    has_leftovers: bool,
}

/// A call that has returned.
#[derive(Debug)]
enum Done {
    Submitted(String, Vec<AttemptId>, Result<String, Refusal>),
    Looked(Instant, Result<Vec<Task>, Trouble>),
    Cancelled(Vec<Task>, Result<(), Trouble>),
}

impl Drive {
    pub(super) fn new(
        system: Arc<dyn BatchSystem>,
        spool: Arc<Spool>,
        pace: Pace,
        events: UnboundedSender<AttemptEvent>,
    ) -> Self {
        let now = Instant::now();
        Self {
            most: usize::MAX,
            system,
            spool,
            pace,
            events,
            known: HashMap::new(),
            batches: HashMap::new(),
            waiting: VecDeque::new(),
            calls: JoinSet::new(),
            is_submitting: false,
            is_looking: false,
            submit_at: None,
            gathering_since: None,
            look_at: None,
            listen_at: now,
            last_told: now,
            backoff: AGAIN,
            silence: AGAIN,
            to_cancel: Vec::new(),
            to_adopt: Vec::new(),
            unwanted: Vec::new(),
        }
    }

    pub(super) async fn run(mut self, mut asked: UnboundedReceiver<Ask>) {
        self.remember();
        let mut some = Vec::new();
        loop {
            let listens = !self.known.is_empty();
            tokio::select! {
                count = asked.recv_many(&mut some, 4096) => {
                    if count == 0 {
                        break;
                    }
                    for ask in some.drain(..) {
                        self.asked(ask);
                    }
                }
                Some(done) = self.calls.join_next(), if !self.calls.is_empty() => match done {
                    Ok(Done::Submitted(name, attempts, result)) => self.submitted(&name, &attempts, result),
                    Ok(Done::Looked(began, result)) => self.looked(began, result),
                    Ok(Done::Cancelled(tasks, Err(trouble))) => self.not_cancelled(tasks, &trouble),
                    Ok(Done::Cancelled(_, Ok(()))) => {}
                    // A call that panicked says nothing.
                    Err(_) => {
                        self.is_submitting = false;
                        self.is_looking = false;
                        self.look_soon(AGAIN);
                    }
                },
                () = until(self.submit_at), if !self.is_submitting => self.submit(),
                () = until(self.look_at), if !self.is_looking => self.look(),
                () = sleep_until(self.listen_at), if listens => self.listen(),
            }
            self.cancel();
        }
    }

    /// Knows again what an engine before this one has submitted.
    fn remember(&mut self) {
        match self.spool.found() {
            Ok(found) => {
                for found in found {
                    // Those whose ends are open are adopted; the batch goes when they have ended, and it is there no more.
                    let submission = Submission {
                        open: HashSet::new(),
                        has_arrived: found.id.is_some(),
                        has_leftovers: true,
                        id: found.id,
                        returned: Some(Instant::now()),
                    };
                    self.batches.insert(found.name, submission);
                }
                if !self.batches.is_empty() {
                    self.look_soon(Duration::ZERO);
                }
            }
            Err(trouble) => tracing::warn!("what was submitted before cannot be read: {trouble}"),
        }
    }

    fn asked(&mut self, ask: Ask) {
        match ask {
            Ask::Start(job) => {
                let attempt = job.attempt().clone();
                if self.known.contains_key(&attempt) {
                    return;
                }
                match job.made_absolute() {
                    Ok(job) => {
                        self.known.insert(attempt.clone(), Tracked::new(job));
                        self.waiting.push_back(attempt);
                        self.gather();
                    }
                    Err(trouble) => self.tell(
                        attempt,
                        AttemptChange::Ended(AttemptOutcome::trouble(trouble)),
                    ),
                }
            }
            Ask::Adopt(jobs) => self.adopt(jobs),
            Ask::End(attempt) => self.end(&attempt),
        }
    }

    pub(super) fn adopt(&mut self, jobs: Vec<Job>) {
        let mut places: HashMap<AttemptId, Vec<(String, usize)>> = HashMap::new();
        let found = match self.spool.found() {
            Ok(found) => found,
            Err(trouble) => {
                // They may run, so nothing is said of their ends.
                for job in &jobs {
                    let why = trouble.to_string();
                    self.tell(job.attempt().clone(), AttemptChange::Waits { why });
                }
                self.to_adopt.extend(jobs);
                self.look_soon(AGAIN);
                return;
            }
        };
        for found in found {
            for (index, attempt) in found.attempts.into_iter().enumerate() {
                let place = (found.name.clone(), index);
                places.entry(attempt).or_default().push(place);
            }
        }
        for job in jobs {
            let attempt = job.attempt().clone();
            if self.known.contains_key(&attempt) {
                continue;
            }
            let job = match job.made_absolute() {
                Ok(job) => job,
                Err(trouble) => {
                    self.tell(
                        attempt,
                        AttemptChange::Ended(AttemptOutcome::trouble(trouble)),
                    );
                    continue;
                }
            };
            match places.remove(&attempt) {
                Some(places) => {
                    for (name, _) in &places {
                        if let Some(batch) = self.batches.get_mut(name) {
                            batch.open.insert(attempt.clone());
                        }
                    }
                    let mut tracked = Tracked::new(job);
                    tracked.places = places;
                    self.known.insert(attempt.clone(), tracked);
                    self.read(&attempt);
                }
                None if fs::symlink_metadata(job.directory()).is_err() => {
                    self.tell(attempt, AttemptChange::NeverStarted);
                }
                None => {
                    let why = format!("it was not submitted to {} from here", self.system.name());
                    match conclude(&job, &End::Lost { why }) {
                        Ok(outcome) => self.tell(attempt, AttemptChange::Ended(outcome)),
                        Err(trouble) => self.tell(
                            attempt,
                            AttemptChange::Ended(AttemptOutcome::trouble(trouble)),
                        ),
                    }
                }
            }
        }
        for attempt in std::mem::take(&mut self.unwanted) {
            self.end(&attempt);
        }
        self.look_soon(Duration::ZERO);
    }

    fn end(&mut self, attempt: &AttemptId) {
        if self.to_adopt.iter().any(|job| job.attempt() == attempt) {
            self.unwanted.push(attempt.clone());
        }
        let Some(tracked) = self.known.get_mut(attempt) else {
            return;
        };
        tracked.is_ending = true;
        if tracked.places.is_empty() {
            self.waiting.retain(|waiting| waiting != attempt);
            self.ended(attempt, AttemptOutcome::of(End::Stopped));
            return;
        }
        // In this order: what has not begun by now never does.
        if let Ok(true) = claim(&tracked.job, &End::Stopped) {
            self.ended(attempt, AttemptOutcome::of(End::Stopped));
        }
        // The look finds what is to be cancelled.
        self.look_soon(GATHER);
    }

    /// Hears what wrappers have told.
    fn listen(&mut self) {
        let told = self.spool.told();
        let now = Instant::now();
        if !told.is_empty() {
            self.last_told = now;
        }
        // An attempt that has ended need not be told to have started.
        let ended: HashSet<(String, usize)> = told
            .iter()
            .filter(|(_, _, told)| *told == Told::Ended)
            .map(|(batch, index, _)| (batch.clone(), *index))
            .collect();
        let of_place: HashMap<&(String, usize), &AttemptId> = self
            .known
            .iter()
            .flat_map(|(attempt, it)| it.places.iter().map(move |place| (place, attempt)))
            .collect();
        let told: Vec<_> = told
            .into_iter()
            .map(|(batch, index, what)| {
                let place = (batch, index);
                (
                    of_place
                        .get(&place)
                        .map(|attempt| AttemptId::clone(attempt)),
                    place,
                    what,
                )
            })
            .collect();
        for (attempt, place, what) in told {
            let is_heard = match (&attempt, what) {
                (Some(attempt), Told::Begun) if !ended.contains(&place) => {
                    self.started(attempt);
                    true
                }
                (Some(attempt), Told::Ended) => self.read(attempt),
                _ => true,
            };
            if is_heard {
                self.spool.heard(&place.0, place.1, what);
            }
        }
        let pace = if self.last_told.elapsed() < 10 * LISTEN_SELDOM {
            LISTEN
        } else {
            LISTEN_SELDOM
        };
        self.listen_at = now + pace;
    }

    fn started(&mut self, attempt: &AttemptId) {
        if let Some(tracked) = self.known.get_mut(attempt)
            && !tracked.is_started
        {
            tracked.is_started = true;
            tracked.told = None;
            self.tell(attempt.clone(), AttemptChange::Started);
        }
    }

    /// Reads how an attempt ended, and returns false when its files do not say so.
    fn read(&mut self, attempt: &AttemptId) -> bool {
        let Some(tracked) = self.known.get_mut(attempt) else {
            return true;
        };
        match AttemptOutcome::read(tracked.job.directory()) {
            Ok(Some(outcome)) => {
                let is_signal = matches!(&outcome.end, End::Lost { why } if why == SIGNALLED);
                if is_signal && tracked.is_ending {
                    let outcome = AttemptOutcome {
                        end: End::Stopped,
                        ..outcome
                    };
                    self.ended(attempt, outcome);
                } else if is_signal {
                    // The system may know more.
                    tracked.signalled = Some(outcome);
                    self.look_soon(self.pace.settle.min(AGAIN));
                } else {
                    self.ended(attempt, outcome);
                }
                true
            }
            Ok(None) => false,
            Err(trouble) => {
                let why = trouble.into_string();
                self.tell(attempt.clone(), AttemptChange::Unrecorded { why });
                false
            }
        }
    }

    fn ended(&mut self, attempt: &AttemptId, outcome: AttemptOutcome) {
        if let Some(tracked) = self.known.remove(attempt) {
            let is_whole = matches!(
                outcome.end,
                End::Exited { .. }
                    | End::Killed { .. }
                    | End::OutOfMemory { .. }
                    | End::OutOfTime { .. }
            );
            let is_sure = is_whole && tracked.places.len() == 1;
            for (name, _) in tracked.places {
                let Some(batch) = self.batches.get_mut(&name) else {
                    continue;
                };
                batch.open.remove(attempt);
                batch.has_leftovers |= !is_sure;
                if batch.open.is_empty() {
                    if !batch.has_leftovers && batch.returned.is_some() {
                        self.batches.remove(&name);
                        self.spool.forget(&name);
                    } else {
                        self.look_later();
                    }
                }
            }
            // There is room now, perhaps.
            if !self.waiting.is_empty() && !self.is_submitting && self.most != usize::MAX {
                let soon = Instant::now() + GATHER_MOST;
                self.submit_at = Some(self.submit_at.map_or(soon, |at| at.min(soon)));
            }
            if self.waiting.is_empty() {
                self.most = usize::MAX;
            }
            self.tell(attempt.clone(), AttemptChange::Ended(outcome));
        }
    }

    /// Cancels what is to be cancelled.
    fn cancel(&mut self) {
        while !self.to_cancel.is_empty() {
            let rest = self
                .to_cancel
                .split_off(self.to_cancel.len().min(CANCELLED));
            let some = std::mem::replace(&mut self.to_cancel, rest);
            let system = Arc::clone(&self.system);
            self.calls.spawn_blocking(move || {
                let cancelled = system.cancel(&some);
                Done::Cancelled(some, cancelled)
            });
        }
    }

    /// What could not be cancelled is found again by the next look.
    fn not_cancelled(&mut self, tasks: Vec<Task>, trouble: &Trouble) {
        tracing::warn!(
            "{}: {} jobs could not be cancelled: {trouble}",
            self.system.name(),
            tasks.len()
        );
        self.look_soon(AGAIN);
    }

    fn waits(&mut self, attempt: &AttemptId, why: Option<String>) {
        if let Some(tracked) = self.known.get_mut(attempt)
            && tracked.told != why
        {
            tracked.told.clone_from(&why);
            if let Some(why) = why {
                let why = format!("it waits: {why}");
                self.tell(attempt.clone(), AttemptChange::Waits { why });
            }
        }
    }

    fn look_soon(&mut self, wait: Duration) {
        let at = Instant::now() + wait;
        self.look_at = Some(self.look_at.map_or(at, |before| before.min(at)));
    }

    fn look_later(&mut self) {
        if self.look_at.is_none() {
            self.look_at = Some(Instant::now() + self.pace.look);
        }
    }

    fn tell(&self, attempt: AttemptId, news: AttemptChange) {
        // An engine that listens no more asks the files later.
        let _ = self.events.send(AttemptEvent::new(attempt, news));
    }
}

impl Tracked {
    fn new(job: Job) -> Self {
        Self {
            job,
            places: Vec::new(),
            is_started: false,
            is_ending: false,
            is_queued: false,
            gone: None,
            signalled: None,
            told: None,
        }
    }
}

/// Waits for a moment that may never come.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
