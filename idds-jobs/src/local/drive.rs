//! The engine's side: what waits, what runs, and the connection to the supervisor.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use super::slots::{Needs, Slots};
use super::start::Supervisor;
use super::wire::{Order, Report, line};
use crate::{
    AttemptChange, AttemptEvent, AttemptId, AttemptOutcome, End, Error, Job, Trouble, Victim,
    moment,
};

/// Time between attempts to reach a supervisor.
const PAUSE: Duration = Duration::from_secs(1);

/// What an executor is asked for.
#[derive(Debug)]
pub(super) enum Ask {
    Start(Box<Job>, Option<Error>),
    Adopt(Vec<Job>),
    End(AttemptId),
    Withdraw(AttemptId),
}

/// An attempt whose end is not known.
#[derive(Debug)]
enum Phase {
    /// There is no room for it yet.
    Waiting,
    /// The supervisor was told to start it, or has it.
    Handed(Box<Job>),
    /// Perhaps it was started by an engine before; then it may have room, or not.
    Asked { job: Box<Job>, is_counted: bool },
}

#[derive(Debug)]
pub(super) struct Drive {
    directory: PathBuf,
    supervisor: Supervisor,
    environment: Vec<(OsString, OsString)>,
    grace: Duration,
    slots: Slots,
    events: UnboundedSender<AttemptEvent>,
    known: HashMap<AttemptId, Phase>,
    /// Those that were asked to end.
    ending: HashSet<AttemptId>,
    link: Option<Link>,
    /// When the supervisor is tried to be reached again, and why it could not be.
    again: Option<(Instant, String)>,
}

#[derive(Debug)]
struct Link {
    to: OwnedWriteHalf,
    reports: UnboundedReceiver<Report>,
}

impl Drive {
    pub(super) fn new(
        directory: PathBuf,
        supervisor: Supervisor,
        environment: Vec<(OsString, OsString)>,
        grace: Duration,
        slots: Slots,
        events: UnboundedSender<AttemptEvent>,
    ) -> Self {
        Self {
            directory,
            supervisor,
            environment,
            grace,
            slots,
            events,
            known: HashMap::new(),
            ending: HashSet::new(),
            link: None,
            again: None,
        }
    }

    pub(super) async fn run(mut self, mut asked: UnboundedReceiver<Ask>) {
        let mut some = Vec::new();
        loop {
            tokio::select! {
                count = asked.recv_many(&mut some, 1024) => {
                    if count == 0 {
                        break;
                    }
                    for ask in some.drain(..) {
                        self.asked(ask).await;
                    }
                }
                report = heard(&mut self.link) => match report {
                    Some(report) => self.heard(report).await,
                    None => {
                        self.link = None;
                        self.resume().await;
                    }
                },
                () = until(self.again.as_ref().map(|(at, _)| *at)) => {
                    self.resume().await;
                }
            }
            self.fill().await;
        }
    }

    async fn asked(&mut self, ask: Ask) {
        match ask {
            Ask::Start(job, unfit) => {
                let attempt = job.attempt().clone();
                if self.known.contains_key(&attempt) {
                    return;
                }
                match (unfit, job.made_absolute()) {
                    (Some(error), _) => self.trouble(attempt, Trouble::new(error.to_string())),
                    (None, Err(trouble)) => self.trouble(attempt, trouble),
                    (None, Ok(job)) => {
                        self.known.insert(attempt, Phase::Waiting);
                        self.slots.push(job);
                    }
                }
            }
            Ask::Adopt(jobs) => {
                let mut open = Vec::new();
                for job in jobs {
                    let attempt = job.attempt().clone();
                    if self.known.contains_key(&attempt) {
                        continue;
                    }
                    match job.made_absolute() {
                        Ok(job) => {
                            let phase = Phase::Asked {
                                job: Box::new(job.clone()),
                                is_counted: false,
                            };
                            self.known.insert(attempt, phase);
                            open.push(job);
                        }
                        Err(trouble) => self.trouble(attempt, trouble),
                    }
                }
                // What the link tells of its end is heard by the loop, which asks again.
                if !open.is_empty() && self.reached().await {
                    self.send(&Order::Adopt(open)).await;
                }
            }
            Ask::End(attempt) => match self.known.get(&attempt) {
                Some(Phase::Waiting) => self.withdraw(attempt),
                Some(_) => {
                    self.ending.insert(attempt.clone());
                    self.send(&Order::End(attempt)).await;
                }
                None => {}
            },
            Ask::Withdraw(attempt) => {
                if let Some(Phase::Waiting) = self.known.get(&attempt) {
                    self.withdraw(attempt);
                }
            }
        }
    }

    /// Ends an attempt for which there was no room yet.
    fn withdraw(&mut self, attempt: AttemptId) {
        self.slots.withdraw(&attempt);
        self.known.remove(&attempt);
        self.ended(attempt, AttemptOutcome::of(End::Stopped));
    }

    async fn heard(&mut self, report: Report) {
        match report {
            Report::Started(attempt) => {
                if let Some(Phase::Asked { job, is_counted }) = self.known.get_mut(&attempt)
                    && !*is_counted
                {
                    *is_counted = true;
                    self.slots.take(Needs::of(job));
                }
                self.tell(attempt, AttemptChange::Started);
            }
            Report::Ended(attempt, outcome) => {
                self.ending.remove(&attempt);
                match self.known.remove(&attempt) {
                    Some(Phase::Handed(job)) => self.slots.free(Needs::of(&job)),
                    Some(Phase::Asked { job, is_counted }) if is_counted => {
                        self.slots.free(Needs::of(&job));
                    }
                    Some(_) => {}
                    // It was told already, by a supervisor that died then.
                    None => return,
                }
                self.ended(attempt, outcome);
            }
            Report::NeverStarted(attempt) => match self.known.get(&attempt) {
                Some(Phase::Handed(job)) if self.ending.contains(&attempt) => {
                    let needs = Needs::of(job);
                    self.slots.free(needs);
                    self.ending.remove(&attempt);
                    self.known.remove(&attempt);
                    self.ended(attempt, AttemptOutcome::of(End::Stopped));
                }
                // The supervisor died before it got to it.
                Some(Phase::Handed(job)) => {
                    let order = Order::Start(job.clone());
                    self.send(&order).await;
                }
                Some(_) => {
                    self.known.remove(&attempt);
                    self.ending.remove(&attempt);
                    self.tell(attempt, AttemptChange::NeverStarted);
                }
                None => {}
            },
            Report::Unrecorded(attempt, why) => {
                self.tell(attempt, AttemptChange::Unrecorded { why });
            }
        }
    }

    /// Starts what there is room for.
    async fn fill(&mut self) {
        if self.slots.is_empty() {
            return;
        }
        if self.again.is_none() {
            self.reached().await;
        }
        if let Some((_, why)) = self.again.clone() {
            // They have not begun, and can be started when that is over.
            for job in self.slots.drain() {
                self.known.remove(job.attempt());
                self.trouble(job.attempt().clone(), Trouble::new(&why));
            }
            return;
        }
        let mut lines = Vec::new();
        while let Some(job) = self.slots.next() {
            let attempt = job.attempt().clone();
            let order = Order::Start(Box::new(job));
            lines.extend(line(&order));
            if let Order::Start(job) = order {
                self.known.insert(attempt, Phase::Handed(job));
            }
        }
        self.write(&lines).await;
    }

    /// Reaches a supervisor, a new one perhaps, and asks what has become of all that the one before had.
    async fn resume(&mut self) {
        let mut open = Vec::new();
        for phase in self.known.values_mut() {
            match phase {
                Phase::Waiting => {}
                Phase::Handed(job) => open.push(Job::clone(job)),
                Phase::Asked { job, .. } => open.push(Job::clone(job)),
            }
        }
        if open.is_empty() {
            self.again = None;
            return;
        }
        if self.reached().await {
            self.send(&Order::Adopt(open)).await;
            for attempt in self.ending.clone() {
                self.send(&Order::End(attempt)).await;
            }
        }
    }

    /// Connects to a supervisor; when that cannot be, it is tried again later, and everybody is told.
    async fn reached(&mut self) -> bool {
        if self.link.is_some() {
            return true;
        }
        let connected = self
            .supervisor
            .connect(&self.directory, &self.environment)
            .await;
        match connected {
            Ok(stream) => {
                let (from, to) = stream.into_split();
                let (heard, reports) = unbounded_channel();
                tokio::spawn(listen(from, heard));
                self.again = None;
                self.link = Some(Link { to, reports });
                let hello = Order::Hello {
                    environment: self.environment.clone(),
                    grace: u64::try_from(self.grace.as_millis()).unwrap_or(u64::MAX),
                };
                self.send(&hello).await;
                true
            }
            Err(trouble) => {
                let why = trouble.into_string();
                let is_new = self.again.as_ref().is_none_or(|(_, before)| *before != why);
                self.again = Some((Instant::now() + PAUSE, why.clone()));
                if is_new {
                    tracing::warn!("jobs cannot be looked after: {why}");
                    for (attempt, phase) in &self.known {
                        if !matches!(phase, Phase::Waiting) {
                            let why = why.clone();
                            self.tell(attempt.clone(), AttemptChange::Unrecorded { why });
                        }
                    }
                }
                false
            }
        }
    }

    async fn send(&mut self, order: &Order) {
        let line = line(order);
        self.write(&line).await;
    }

    async fn write(&mut self, lines: &[u8]) {
        if let Some(link) = &mut self.link
            && !lines.is_empty()
        {
            moment(Victim::Engine);
            // That the supervisor is gone is heard, too.
            let _ = link.to.write_all(lines).await;
            moment(Victim::Engine);
        }
    }

    fn trouble(&self, attempt: AttemptId, trouble: Trouble) {
        self.ended(attempt, AttemptOutcome::trouble(trouble));
    }

    fn ended(&self, attempt: AttemptId, outcome: AttemptOutcome) {
        self.tell(attempt, AttemptChange::Ended(outcome));
    }

    fn tell(&self, attempt: AttemptId, change: AttemptChange) {
        // An engine that listens no more asks the files later.
        let _ = self.events.send(AttemptEvent::new(attempt, change));
    }
}

/// Waits for a moment that may never come.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Returns the next report; none when the supervisor is gone. Without a link there is nothing to hear.
async fn heard(link: &mut Option<Link>) -> Option<Report> {
    match link {
        Some(link) => link.reports.recv().await,
        None => std::future::pending().await,
    }
}

async fn listen(from: OwnedReadHalf, heard: UnboundedSender<Report>) {
    let mut lines = BufReader::new(from);
    let mut text = Vec::new();
    loop {
        text.clear();
        match lines.read_until(b'\n', &mut text).await {
            Ok(length) if length > 0 => {}
            _ => break,
        }
        match serde_json::from_slice(&text) {
            Ok(report) => {
                if heard.send(report).is_err() {
                    break;
                }
            }
            Err(_) => break,
        }
    }
}
