//! The engine's side: what waits to be submitted, what the batch system has, and what wrappers tell.
//!
//! It works in a thread of its own, since file systems that machines share may take long to answer.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs;
use std::path::absolute;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::spool::{Spool, Told, claim, conclude};
use super::system::{BatchSystem, Refusal, Task, TaskState, Word};
use super::verdict::Remains;
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
                match made_absolute(*job) {
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

    fn adopt(&mut self, jobs: Vec<Job>) {
        let mut places: HashMap<AttemptId, Vec<(String, usize)>> = HashMap::new();
        let found = match self.spool.found() {
            Ok(found) => found,
            Err(trouble) => {
                let why = trouble.into_string();
                for job in jobs {
                    let why = why.clone();
                    self.tell(
                        job.attempt().clone(),
                        AttemptChange::Ended(AttemptOutcome::trouble(Trouble::new(why))),
                    );
                }
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
            let job = match made_absolute(job) {
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
        self.look_soon(Duration::ZERO);
    }

    fn end(&mut self, attempt: &AttemptId) {
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

    /// Waits a moment for more.
    fn gather(&mut self) {
        let now = Instant::now();
        let since = *self.gathering_since.get_or_insert(now);
        let full = self.waiting.len() >= self.most();
        let at = if full {
            now
        } else {
            (now + GATHER).min(since + GATHER_MOST)
        };
        // A system that was full is not asked sooner for that.
        if self.backoff == AGAIN || self.submit_at.is_none() {
            self.submit_at = Some(at);
        }
    }

    fn most(&self) -> usize {
        self.most.min(self.system.most_at_once()).max(1)
    }

    /// Submits those that need the same as the one that has waited longest.
    fn submit(&mut self) {
        self.submit_at = None;
        self.gathering_since = None;
        let most = self.most();
        let Some(first) = self.waiting.front().and_then(|first| self.known.get(first)) else {
            return;
        };
        let needs = Needs::of(&first.job);
        let mut chosen = Vec::new();
        let mut rest = VecDeque::new();
        for attempt in std::mem::take(&mut self.waiting) {
            match self.known.get(&attempt) {
                Some(tracked) if chosen.len() < most && Needs::of(&tracked.job) == needs => {
                    chosen.push(attempt);
                }
                Some(_) => rest.push_back(attempt),
                None => {}
            }
        }
        self.waiting = rest;
        let jobs: Vec<&Job> = chosen
            .iter()
            .map(|attempt| &self.known[attempt].job)
            .collect();
        let batch = match self.spool.make(&jobs) {
            Ok(batch) => batch,
            Err(trouble) => {
                let why = trouble.into_string();
                for attempt in chosen {
                    self.ended(&attempt, AttemptOutcome::trouble(Trouble::new(&why)));
                }
                return;
            }
        };
        for (index, attempt) in chosen.iter().enumerate() {
            if let Some(tracked) = self.known.get_mut(attempt) {
                tracked.places.push((batch.name.clone(), index));
                tracked.gone = None;
            }
        }
        let submission = Submission {
            open: chosen.iter().cloned().collect(),
            id: None,
            returned: None,
            has_arrived: false,
            has_leftovers: false,
        };
        self.batches.insert(batch.name.clone(), submission);
        self.is_submitting = true;
        let (system, spool) = (Arc::clone(&self.system), Arc::clone(&self.spool));
        self.calls.spawn_blocking(move || {
            let started = system.start(&batch);
            // At once, also when the engine ends meanwhile.
            if let Ok(id) = &started {
                spool.submitted(&batch.name, id);
            }
            Done::Submitted(batch.name, chosen, started)
        });
    }

    fn submitted(&mut self, name: &str, attempts: &[AttemptId], result: Result<String, Refusal>) {
        self.is_submitting = false;
        let now = Instant::now();
        if let Some(batch) = self.batches.get_mut(name) {
            batch.returned = Some(now);
        }
        match result {
            Ok(id) => {
                tracing::debug!(
                    "{} took {} attempts as {id}",
                    self.system.name(),
                    attempts.len()
                );
                if let Some(batch) = self.batches.get_mut(name) {
                    batch.has_arrived = true;
                    batch.id = Some(id);
                }
                self.backoff = AGAIN;
                // What was ended while it was being submitted.
                let ending = attempts.iter().filter(|attempt| {
                    self.known
                        .get(*attempt)
                        .is_none_or(|tracked| tracked.is_ending)
                });
                if ending.count() > 0 {
                    self.look_soon(self.pace.settle);
                }
                if !self.waiting.is_empty() {
                    self.submit_at = Some(now);
                }
                self.look_later();
            }
            Err(Refusal::Never(why)) => {
                self.withdraw(name);
                for attempt in attempts {
                    if self.known.contains_key(attempt) {
                        let why = format!("{}: {why}", self.system.name());
                        self.ended(attempt, AttemptOutcome::trouble(Trouble::new(why)));
                    }
                }
                if !self.waiting.is_empty() {
                    self.submit_at = Some(now);
                }
            }
            Err(Refusal::Full(why)) => {
                self.withdraw(name);
                for attempt in attempts.iter().rev() {
                    if self.known.contains_key(attempt) {
                        self.waiting.push_front(attempt.clone());
                        self.waits(attempt, Some(why.clone()));
                    }
                }
                // Half of it may fit, and the rest when something has ended.
                self.most = (attempts.len() / 2).max(1);
                let wait = if attempts.len() > 1 {
                    Duration::ZERO
                } else {
                    self.backoff
                };
                if attempts.len() == 1 {
                    self.backoff = (self.backoff * 2).min(AGAIN_MOST);
                }
                self.submit_at = Some(now + wait);
            }
            Err(Refusal::Unknown(why)) => {
                tracing::warn!(
                    "{}: {why}; whether it has the jobs is looked up",
                    self.system.name()
                );
                for attempt in attempts {
                    self.waits(attempt, Some(why.clone()));
                }
                self.look_soon(self.pace.settle);
                if !self.waiting.is_empty() {
                    self.submit_at = Some(now + self.backoff);
                    self.backoff = (self.backoff * 2).min(AGAIN_MOST);
                }
            }
        }
    }

    /// Forgets a batch that the system did not take.
    fn withdraw(&mut self, name: &str) {
        if let Some(batch) = self.batches.remove(name) {
            for attempt in batch.open {
                if let Some(tracked) = self.known.get_mut(&attempt) {
                    tracked.places.retain(|(place, _)| place != name);
                }
            }
        }
        self.spool.forget(name);
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

    /// Asks the system who is still there.
    fn look(&mut self) {
        self.look_at = None;
        if self.known.is_empty() && self.batches.is_empty() {
            return;
        }
        self.is_looking = true;
        let (system, spool) = (Arc::clone(&self.system), Arc::clone(&self.spool));
        let began = Instant::now();
        self.calls
            .spawn_blocking(move || Done::Looked(began, system.still_there(&spool.prefix)));
    }

    fn looked(&mut self, began: Instant, result: Result<Vec<Task>, Trouble>) {
        self.is_looking = false;
        let tasks = match result {
            Ok(tasks) => tasks,
            Err(trouble) => {
                let why = format!("{} does not answer: {trouble}", self.system.name());
                tracing::warn!("{why}");
                let submitted: Vec<_> = self
                    .known
                    .iter()
                    .filter(|(_, tracked)| !tracked.places.is_empty())
                    .map(|(attempt, _)| attempt.clone())
                    .collect();
                // It may be all over.
                for attempt in submitted {
                    if !self.read(&attempt) {
                        self.waits(&attempt, Some(why.clone()));
                    }
                }
                self.look_at = Some(Instant::now() + self.silence);
                self.silence = (self.silence * 2).min(self.pace.look.max(AGAIN));
                return;
            }
        };
        self.silence = AGAIN;
        let mut there: HashMap<(&str, usize), &Task> = HashMap::new();
        let mut alive: HashSet<&str> = HashSet::new();
        for task in &tasks {
            // A task that was started again has two rows, of which one lives.
            let place = (task.batch.as_str(), task.index);
            if !matches!(task.state, TaskState::Over(_)) {
                alive.insert(&task.batch);
                there.insert(place, task);
            } else {
                there.entry(place).or_insert(task);
            }
            if let Some(batch) = self.batches.get_mut(&task.batch) {
                batch.has_arrived = true;
            }
        }
        let attempts: Vec<_> = self.known.keys().cloned().collect();
        let mut next = None;
        for attempt in attempts {
            let Some(tracked) = self.known.get(&attempt) else {
                continue;
            };
            let seen: Vec<&Task> = tracked
                .places
                .iter()
                .filter_map(|(name, index)| there.get(&(name.as_str(), *index)).copied())
                .collect();
            if self.judge(began, &attempt, &seen) {
                next = Some(self.pace.settle);
            }
        }
        // What has ended for the engine, or is to end, and not for the system.
        let open: HashSet<(&str, usize)> = self
            .known
            .values()
            .filter(|tracked| !tracked.is_ending)
            .flat_map(|tracked| &tracked.places)
            .map(|(name, index)| (name.as_str(), *index))
            .collect();
        let is_open = |task: &Task| open.contains(&(task.batch.as_str(), task.index));
        for task in &tasks {
            if !is_open(task) && !matches!(task.state, TaskState::Over(_)) {
                self.to_cancel.push(task.clone());
                next = Some(self.pace.settle);
            }
        }
        let over: Vec<String> = self
            .batches
            .iter()
            .filter(|(name, batch)| {
                batch.open.is_empty()
                    && !alive.contains(name.as_str())
                    && batch.returned.is_some_and(|returned| returned < began)
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in over {
            self.batches.remove(&name);
            self.spool.forget(&name);
        }
        if self.look_at.is_none() && !(self.known.is_empty() && self.batches.is_empty()) {
            self.look_at = Some(Instant::now() + next.unwrap_or(self.pace.look));
        }
    }

    /// Judges an attempt by what the system says of it; returns true when it is to be looked at again soon.
    fn judge(&mut self, began: Instant, attempt: &AttemptId, seen: &[&Task]) -> bool {
        let Some(tracked) = self.known.get_mut(attempt) else {
            return false;
        };
        let is_settled = |name: &String| {
            let batch = self.batches.get(name);
            batch.is_none_or(|batch| batch.returned.is_some_and(|returned| returned < began))
        };
        if tracked.places.is_empty() || !tracked.places.iter().all(|(name, _)| is_settled(name)) {
            return false;
        }
        let living = seen
            .iter()
            .find(|task| !matches!(task.state, TaskState::Over(_)));
        let word = seen.iter().find_map(|task| match &task.state {
            TaskState::Over(word) => Some(word),
            _ => None,
        });
        if let Some(outcome) = tracked.signalled.clone() {
            // A task that is being ended is no word yet, unless it is to be started again.
            let is_word = word.is_some() || seen.is_empty();
            let waits = matches!(living.map(|task| &task.state), Some(TaskState::Waits(_)));
            if !is_word && !waits {
                return true;
            }
            let end = self
                .remains(attempt, seen, word)
                .map_or(outcome.end.clone(), |remains| remains.end());
            let outcome = match end {
                // It said itself that a signal has come.
                End::Lost { .. } => match word {
                    Some(Word::Machine(_)) => AttemptOutcome { end, ..outcome },
                    _ => outcome,
                },
                end => AttemptOutcome { end, ..outcome },
            };
            self.ended(attempt, outcome);
            return false;
        }
        if let Some(task) = living {
            tracked.gone = None;
            tracked.is_queued = matches!(task.state, TaskState::Waits(_));
            let why = match &task.state {
                TaskState::Waits(why) => why.clone(),
                _ => None,
            };
            // The word of the wrapper may be lost, as on a full disk.
            let has_begun = matches!(task.state, TaskState::Runs)
                && fs::symlink_metadata(tracked.job.directory()).is_ok();
            let is_ending = tracked.is_ending;
            self.waits(attempt, why);
            if self.read(attempt) {
                return false;
            }
            if has_begun {
                self.started(attempt);
            }
            return is_ending;
        }
        if self.read(attempt) {
            return self.known.contains_key(attempt);
        }
        let settle = self.pace.settle;
        let Some(tracked) = self.known.get_mut(attempt) else {
            return false;
        };
        let gone = *tracked.gone.get_or_insert(began);
        if gone.elapsed() < settle || gone == began {
            return true;
        }
        let has_arrived = tracked.places.iter().any(|(name, _)| {
            self.batches
                .get(name)
                .is_some_and(|batch| batch.has_arrived)
        });
        let has_begun = fs::symlink_metadata(tracked.job.directory()).is_ok();
        if has_begun {
            let silence = self.spool.silence(&tracked.job);
            if silence.is_some_and(|silence| silence <= self.spool.longest_silence()) {
                // The system is wrong, or does not reach the node: it runs.
                return true;
            }
        } else if !has_arrived && !tracked.is_ending {
            // Should it arrive after all, what begins first counts, and the other one does nothing.
            tracked.gone = None;
            self.waiting.push_back(attempt.clone());
            self.gather();
            return false;
        }
        // Slurm keeps no trace of a task that is cancelled while it waits: no other one goes from the queue without having run.
        let is_cancelled = word.is_none() && !has_begun && tracked.is_queued;
        let word = if is_cancelled {
            Some(&Word::Cancelled)
        } else {
            word
        };
        self.conclude(attempt, seen, word, has_begun)
    }

    /// Ends an attempt that is gone; returns true when that has to be tried again.
    fn conclude(
        &mut self,
        attempt: &AttemptId,
        seen: &[&Task],
        word: Option<&Word>,
        has_begun: bool,
    ) -> bool {
        let Some(end) = self
            .remains(attempt, seen, word)
            .map(|remains| remains.end())
        else {
            return false;
        };
        let Some(tracked) = self.known.get(attempt) else {
            return false;
        };
        // First, so that it neither begins nor goes on anywhere.
        let given_up = tracked
            .places
            .iter()
            .try_for_each(|(name, index)| self.spool.give_up(name, *index));
        let concluded = given_up.and_then(|()| match has_begun {
            true => conclude(&tracked.job, &end).map(Some),
            false => {
                claim(&tracked.job, &end).map(|is_ours| is_ours.then(|| AttemptOutcome::of(end)))
            }
        });
        match concluded {
            Ok(Some(outcome)) => {
                self.ended(attempt, outcome);
                false
            }
            // It has begun this moment.
            Ok(None) => true,
            Err(trouble) => {
                let why = trouble.into_string();
                self.tell(attempt.clone(), AttemptChange::Unrecorded { why });
                true
            }
        }
    }

    fn remains<'a>(
        &'a self,
        attempt: &AttemptId,
        seen: &[&'a Task],
        word: Option<&'a Word>,
    ) -> Option<Remains<'a>> {
        let tracked = self.known.get(attempt)?;
        let (name, index) = tracked.places.last()?;
        let id = seen.first().map(|task| task.id.as_str());
        let id = id.or_else(|| self.batches.get(name)?.id.as_deref());
        let _ = index;
        Some(Remains {
            job: &tracked.job,
            system: self.system.name(),
            id: id.unwrap_or(name),
            is_ending: tracked.is_ending,
            has_begun: fs::symlink_metadata(tracked.job.directory()).is_ok(),
            word,
            said: self.spool.said(name),
        })
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

/// What attempts have in common that are submitted together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Needs {
    cores: u32,
    memory: Option<u64>,
    time: Option<Duration>,
}

impl Needs {
    fn of(job: &Job) -> Self {
        Self {
            cores: job.cores_needed(),
            memory: job.memory_limit(),
            time: job.time_limit(),
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

/// The wrapper works in another directory.
fn made_absolute(mut job: Job) -> Result<Job, Trouble> {
    job.map_paths(|path| absolute(path).map_err(|error| Trouble::with(path, &error)))?;
    Ok(job)
}
