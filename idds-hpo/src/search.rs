//! The search as a state machine: events in, commands out.
//!
//! There is no I/O here and no clock: the time since the start of the search comes in with every event. The
//! [`Study`](crate::Study) carries the commands out.

mod delivery;
mod evaluation;
mod event;
mod failures;
mod poll;
mod repeats;
#[cfg(test)]
mod schedules;
mod stragglers;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use idds_client::{Error as ClientError, ErrorKind, PointId};
use idds_workflow::RequestStatus;
use indexmap::IndexMap;

use self::delivery::{Answer, Deliveries};
pub use self::event::{Command, Obstacle, SearchEvent};
use self::failures::Failures;
use self::repeats::Repeats;
pub(crate) use self::stragglers::Durations;
use crate::entry::Entry;
use crate::history::History;
use crate::throughput::ThroughputEstimate;
use crate::{
    Evaluation, Failure, Loss, OnNonFinite, Progress, SearchOptions, SearchResult, Stage,
    StopReason, TrialRecord,
};

/// How many refusals in a row are borne.
const MAX_REFUSALS: u32 = 5;

/// A search over the points of one request.
///
/// All it knows of the points is its [`History`], which it changes by writing entries of the journal. Whatever else it
/// keeps is about calls and evaluations under way, and ends with the process.
#[derive(Debug)]
pub struct Search {
    options: SearchOptions,
    history: History,
    queue: VecDeque<PointId>,
    is_shared: bool,
    retries: Vec<(Duration, PointId)>,
    /// Evaluations by their point and their number among those of it.
    running: IndexMap<(PointId, u32), Running>,
    durations: Durations,
    repeats: Repeats,
    failures: Failures,
    deliveries: Deliveries,
    status: RequestStatus,
    polls: u64,
    /// So many looks at the server have been answered, or their successors have.
    seen: u64,
    polling_since: Option<Duration>,
    /// When the latest look at all points began, unless a look has failed since.
    looked_at_all: Option<Duration>,
    /// So many trials are confirmed, counted from the first one: nothing becomes of them any more.
    confirmed: usize,
    next_poll: Duration,
    interval: Duration,
    failing_since: Option<Duration>,
    refusals: u32,
    news: Duration,
    began: Duration,
    now: Duration,
    pace: ThroughputEstimate,
    deadline: Duration,
    phase: Phase,
    /// What the search ends with, unless the server says that it is over.
    obstacle: Option<Failure>,
}

/// An evaluation that runs.
#[derive(Clone, Copy, Debug)]
struct Running {
    slot: usize,
    since: Duration,
    deadline: Option<Duration>,
    stopped_at: Option<u64>,
    /// Whether another evaluation of the point runs, or ran, at the same time.
    has_twin: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Searching,
    /// Only what is evaluated is still brought to the server.
    Ending(StopReason),
    Over,
}

impl Search {
    /// Prepares a search, or goes on with what a journal says of it; [`SearchEvent::Started`] sets it going.
    pub fn new(mut options: SearchOptions, history: History) -> Self {
        options.concurrency = options.concurrency.min(SearchOptions::MAX_CONCURRENCY);
        Self {
            queue: VecDeque::new(),
            is_shared: false,
            retries: Vec::new(),
            running: IndexMap::new(),
            durations: Durations::default(),
            repeats: Repeats::default(),
            failures: Failures::default(),
            deliveries: Deliveries::default(),
            status: RequestStatus::New,
            polls: 0,
            seen: 0,
            polling_since: None,
            looked_at_all: None,
            confirmed: 0,
            next_poll: Duration::ZERO,
            interval: options.shortest_poll,
            failing_since: None,
            refusals: 0,
            news: Duration::ZERO,
            began: Duration::ZERO,
            now: Duration::ZERO,
            pace: ThroughputEstimate::default(),
            deadline: options.timeout,
            phase: Phase::Searching,
            obstacle: None,
            options,
            history,
        }
    }

    /// Takes what happened at a time since the start of the search, and returns what is to be done now, in this order.
    pub fn handle(&mut self, now: Duration, event: SearchEvent) -> Vec<Command> {
        let mut commands = Vec::new();
        // Answers to what was under way at the end still come in, and nothing follows the last entry of the journal.
        if self.phase == Phase::Over {
            return commands;
        }
        // As the journal has it, so that what is read back equals what was known.
        let now = Duration::from_micros(now.as_micros() as u64).max(self.history.latest());
        self.now = now;
        match event {
            SearchEvent::Woke => {}
            SearchEvent::Started { pid } => self.started(now, pid, &mut commands),
            SearchEvent::Polled {
                status,
                points,
                mine,
            } => self.polled(now, status, points, mine, &mut commands),
            SearchEvent::NothingNew { status } => self.nothing_new(now, status),
            SearchEvent::PollFailed(error) => self.poll_failed(now, error, &mut commands),
            SearchEvent::Intermediate {
                id,
                attempt,
                step,
                value,
            } => {
                self.intermediate(now, id, attempt, (step, value), &mut commands);
            }
            SearchEvent::Evaluated {
                id,
                attempt,
                outcome,
            } => {
                // An evaluation that was given up may end all the same: its point has a loss already.
                if let Some(running) = self.running.shift_remove(&(id.clone(), attempt)) {
                    self.evaluated(
                        now,
                        (id, attempt),
                        running.stopped_at,
                        outcome,
                        &mut commands,
                    );
                }
            }
            SearchEvent::Reported { id } => self.reported(now, id, &mut commands),
            SearchEvent::ReportFailed { id, error } => {
                self.report_failed(now, id, error, &mut commands);
            }
            SearchEvent::Interrupted => self.end(StopReason::Interrupted, &mut commands),
        }
        self.go_on(now, &mut commands);
        commands
    }

    /// Returns the time at which [`SearchEvent::Woke`] is due if nothing else happens before.
    pub fn wakes_at(&self) -> Duration {
        let poll = self.polling_since.is_none().then_some(self.next_poll);
        let retry = self.retries.iter().map(|(due, _)| *due).min();
        let limit = self
            .running
            .values()
            .filter_map(|running| running.deadline)
            .min();
        let silence = self
            .is_idle()
            .then(|| self.news.saturating_add(self.options.silence));
        let straggler = self.straggler().map(|(due, _)| due);
        let times = [
            poll,
            self.deliveries.wakes_at(),
            retry,
            limit,
            silence,
            straggler,
        ];
        times
            .into_iter()
            .flatten()
            .fold(self.deadline, Duration::min)
    }

    /// Returns where the search stands.
    pub fn progress(&self) -> Progress {
        Progress {
            status: self.status,
            points: self.history.trials().len(),
            evaluated: self.history.with_loss(),
            running: self.running.len(),
            best: self.history.best(),
            elapsed: self.now.saturating_sub(self.began),
            pace: self.pace,
        }
    }

    /// Returns what is known of a point.
    pub(crate) fn trial(&self, id: &PointId) -> Option<&TrialRecord> {
        self.history.get(id)
    }

    /// Returns all that is known, with the trials in the order in which their points appeared.
    pub fn into_result(self) -> SearchResult {
        self.history.into_result()
    }

    fn started(&mut self, now: Duration, pid: u32, commands: &mut Vec<Command>) {
        self.write(Entry::Session { at: now, pid }, commands);
        (self.news, self.began, self.next_poll) = (now, now, now);
        self.deadline = now.saturating_add(self.options.timeout);
        let worked = self.history.trials().filter_map(TrialRecord::worked).max();
        for trial in self.history.trials() {
            self.durations.note(trial);
            self.failures.known(trial, &self.options, worked);
            if self.options.reuse_losses {
                self.repeats.appeared(&trial.id, &trial.parameters);
                self.repeats.note(trial);
            }
            match trial.stage {
                // The process may have been killed while the report was under way.
                Stage::Evaluated => self
                    .deliveries
                    .doubt(trial.id.clone(), now.saturating_add(self.options.settling)),
                Stage::Reported => self.deliveries.acknowledged(trial.id.clone()),
                Stage::Open | Stage::Leased | Stage::Confirmed | Stage::LeftOpen => {}
            }
        }
    }

    /// Gives up all evaluations of a point.
    fn abandon(&mut self, id: &PointId, commands: &mut Vec<Command>) {
        self.running.retain(|(running, attempt), _| {
            let stays = running != id;
            if !stays {
                commands.push(Command::Abandon {
                    id: id.clone(),
                    attempt: *attempt,
                });
            }
            stays
        });
    }

    fn is_running(&self, id: &PointId) -> bool {
        self.running.keys().any(|(running, _)| running == id)
    }

    /// The number of an evaluation as the journal has it: none for the one begun last.
    fn attempt_as_written(&self, id: &PointId, attempt: u32) -> Option<u32> {
        let last = self
            .history
            .get(id)
            .map(|trial| trial.evaluations.len() as u32);
        (last != Some(attempt)).then_some(attempt)
    }

    fn evaluation(&self, id: &PointId, attempt: u32) -> Option<(&TrialRecord, &Evaluation)> {
        let trial = self.history.get(id)?;
        Some((
            trial,
            trial.evaluations.get(attempt.checked_sub(1)? as usize)?,
        ))
    }

    fn evaluated(
        &mut self,
        now: Duration,
        (id, attempt): (PointId, u32),
        stopped_at: Option<u64>,
        outcome: Result<f64, Failure>,
        commands: &mut Vec<Command>,
    ) {
        self.news = now;
        if self.is_shared && self.queue.is_empty() {
            // There may be points that nobody has taken.
            self.next_poll = now;
        }
        let told = self
            .evaluation(&id, attempt)
            .and_then(|(_, evaluation)| evaluation.intermediate.last().copied());
        let outcome = match (outcome, told) {
            // It was told to stop, and what it told last is its loss.
            (Err(_), Some(told)) if stopped_at.is_some() => Ok((told.loss.get(), Some(told.loss))),
            (outcome, _) => outcome.map(|value| (value, self.options.direction.loss(value))),
        };
        let (loss, made_up) = match (outcome, self.options.on_non_finite) {
            (Ok((_, Some(loss))), _) => (loss, None),
            (Ok((value, None)), OnNonFinite::Report(loss)) => {
                (loss, Some(format!("the loss was {value}")))
            }
            (Ok((value, None)), OnNonFinite::LeaveOpen) => {
                let (why, attempt) = (
                    format!("the loss was {value}"),
                    self.attempt_as_written(&id, attempt),
                );
                self.write(
                    Entry::Failed {
                        at: now,
                        point: id.clone(),
                        why,
                        attempt,
                    },
                    commands,
                );
                self.abandon(&id, commands);
                return self.write(Entry::LeftOpen { at: now, point: id }, commands);
            }
            (Ok((value, None)), OnNonFinite::Fail) => {
                let failure = Failure::point(format!("the loss was {value}"));
                return self.evaluation_failed(now, (id, attempt), failure, commands);
            }
            (Err(failure), _) if failure.is_trouble() => {
                return self.end_by(
                    StopReason::Trouble,
                    failure.about(format_args!("point {id}")),
                    commands,
                );
            }
            (Err(failure), _) => {
                return self.evaluation_failed(now, (id, attempt), failure, commands);
            }
        };
        self.abandon(&id, commands);
        if made_up.is_none() {
            self.failures.worked();
        }
        let attempt = self.attempt_as_written(&id, attempt);
        let (at, point) = (now, id.clone());
        self.write(
            Entry::Evaluated {
                at,
                point,
                loss,
                made_up,
                stopped_at,
                attempt,
                same_as: None,
            },
            commands,
        );
        if let Some(trial) = self.history.get(&id) {
            self.durations.note(trial);
            self.repeats.note(trial);
        }
        self.has_loss(now, id, loss, commands);
    }

    /// Sends a loss on its way, and sees whether it is the last one that is needed.
    fn has_loss(&mut self, now: Duration, id: PointId, loss: Loss, commands: &mut Vec<Command>) {
        self.deliveries.due(id, now);
        self.pace.add(now.saturating_sub(self.began));
        let is_on_target = self
            .options
            .target
            .and_then(|target| self.options.direction.loss(target))
            .is_some_and(|target| loss <= target);
        if is_on_target {
            self.end(StopReason::TargetReached, commands);
        } else if self
            .options
            .no_improvement
            .is_some_and(|limit| self.history.since_best() >= limit)
        {
            self.end(StopReason::NoImprovement, commands);
        }
    }

    fn reported(&mut self, now: Duration, id: PointId, commands: &mut Vec<Command>) {
        self.succeeded();
        self.news = now;
        if self
            .deliveries
            .answered(&id, Answer::Acknowledged { polls: self.polls })
        {
            self.write(Entry::Reported { at: now, point: id }, commands);
        }
        if self.running.is_empty() && self.queue.is_empty() && self.deliveries.are_sent() {
            // The generation may be complete: new points can be there any moment.
            self.interval = self.options.shortest_poll;
            self.next_poll = now;
        }
    }

    fn report_failed(
        &mut self,
        now: Duration,
        id: PointId,
        error: ClientError,
        commands: &mut Vec<Command>,
    ) {
        let answer = match error.kind() {
            // The server has not got it, or said no.
            ErrorKind::Connect | ErrorKind::Refused => Answer::NotDone {
                again: now.saturating_add(self.longer_interval()),
            },
            _ => {
                let settled = now.saturating_add(self.options.settling);
                self.next_poll = self.next_poll.min(settled);
                Answer::Unknown { settled }
            }
        };
        self.deliveries.answered(&id, answer);
        self.failed(now, error, commands);
    }

    /// Gives up on a failure that does not pass, or that has not passed for too long.
    fn failed(&mut self, now: Duration, error: ClientError, commands: &mut Vec<Command>) {
        let since = *self.failing_since.get_or_insert(now);
        // The server also refuses what is right, while its database is in trouble.
        let may_pass = match error.kind() {
            ErrorKind::Refused => self.refusals < MAX_REFUSALS,
            // All calls of a search can be repeated.
            ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Interrupted
            | ErrorKind::Unavailable => true,
            _ => false,
        };
        self.refusals += u32::from(error.kind() == ErrorKind::Refused);
        if !may_pass || now.saturating_sub(since) >= self.options.patience {
            self.stop(now, Err(Obstacle::Server(error)), commands);
        }
    }

    fn succeeded(&mut self) {
        self.failing_since = None;
        self.refusals = 0;
    }

    /// Does what is due: reports first, then evaluations, then a look at the server.
    fn go_on(&mut self, now: Duration, commands: &mut Vec<Command>) {
        if self.phase == Phase::Searching && !self.status.is_terminal() {
            self.give_up_late_ones(now, commands);
            self.reuse(now, commands);
            self.settle_failures(now, commands);
            self.keep_to_budget(commands);
        }
        match (self.phase, self.status) {
            (Phase::Over, _) => return,
            (_, RequestStatus::Finished) => {
                return self.stop(now, Ok(StopReason::Finished), commands);
            }
            (_, status) if status.is_terminal() => {
                return self.stop(now, Ok(StopReason::Ended(status)), commands);
            }
            (Phase::Ending(reason), _) if self.deliveries.are_confirmed() => {
                return self.stop(now, Ok(reason), commands);
            }
            _ if now >= self.deadline => {
                return self.stop(now, Ok(StopReason::Timeout), commands);
            }
            _ if self.is_idle() && now >= self.news.saturating_add(self.options.silence) => {
                return self.stop(now, Ok(StopReason::ServerSilent), commands);
            }
            _ => {}
        }
        for id in self.deliveries.send(now) {
            if let Some(loss) = self.history.get(&id).and_then(|trial| trial.loss) {
                commands.push(Command::Report { id, loss });
            }
        }
        if self.phase == Phase::Searching {
            self.evaluate(now, commands);
        }
        if self.polling_since.is_none() && now >= self.next_poll {
            self.polling_since = Some(now);
            self.polls += 1;
            let busy = self.running.len() + self.queue.len() + self.retries.len();
            let is_searching = self.phase == Phase::Searching;
            let want = if is_searching {
                self.options.concurrency.max(1).saturating_sub(busy)
            } else {
                0
            };
            commands.push(self.look(now, want));
        }
    }

    /// Begins to end: nothing is evaluated any more, and what is evaluated is brought to the server.
    fn end(&mut self, reason: StopReason, commands: &mut Vec<Command>) {
        if self.phase != Phase::Searching {
            return;
        }
        self.phase = Phase::Ending(reason);
        self.queue.clear();
        self.retries.clear();
        if self.deliveries.are_sent() {
            // Only a look at the server confirms what it has acknowledged, and there is nothing else to wait for.
            self.next_poll = Duration::ZERO;
        }
        commands.extend(
            self.running
                .drain(..)
                .map(|((id, attempt), _)| Command::Abandon { id, attempt }),
        );
    }

    /// Begins to end with what stood in the way.
    fn end_by(&mut self, reason: StopReason, obstacle: Failure, commands: &mut Vec<Command>) {
        if self.phase == Phase::Searching {
            self.obstacle = Some(obstacle);
            self.end(reason, commands);
        }
    }

    fn stop(
        &mut self,
        now: Duration,
        why: Result<StopReason, Obstacle>,
        commands: &mut Vec<Command>,
    ) {
        let (reason, why) = match (self.phase, self.obstacle.take(), why) {
            (_, _, Err(obstacle)) => (StopReason::Error, Err(obstacle)),
            (_, _, Ok(reason @ (StopReason::Finished | StopReason::Ended(_)))) => {
                (reason, Ok(reason))
            }
            // All other reasons are less than what stood in the way.
            (Phase::Ending(reason), Some(failure), Ok(_)) => {
                (reason, Err(Obstacle::Evaluation(failure)))
            }
            (_, _, Ok(reason)) => (reason, Ok(reason)),
        };
        self.phase = Phase::Over;
        let error = why.as_ref().err().map(ToString::to_string);
        self.write(
            Entry::Stopped {
                at: now,
                reason,
                error,
            },
            commands,
        );
        commands.push(Command::Stop(why));
    }

    /// Makes something happen: in the history, and first of all in the journal.
    fn write(&mut self, entry: Entry, commands: &mut Vec<Command>) {
        let applied = self.history.apply(&entry);
        debug_assert_eq!(applied, Ok(()), "{entry:?}");
        commands.push(Command::Write(entry));
    }

    /// Tells whether nothing is left to do but to wait for the server.
    fn is_idle(&self) -> bool {
        self.running.is_empty()
            && self.queue.is_empty()
            && self.retries.is_empty()
            && self.deliveries.are_sent()
    }

    fn longer_interval(&self) -> Duration {
        self.interval.saturating_mul(2).clamp(
            self.options.shortest_poll,
            self.options.longest_poll.max(self.options.shortest_poll),
        )
    }
}
