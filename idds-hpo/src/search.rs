//! The search as a state machine: events in, commands out.
//!
//! There is no I/O here and no clock: the time since the start of the search comes in with every event. The
//! [`Driver`](crate::Driver) carries the commands out.

use std::collections::VecDeque;
use std::time::Duration;

use idds_client::{Error as ClientError, ErrorKind, HyperParameters, PointId};
use idds_workflow::RequestStatus;
use indexmap::IndexMap;
use serde_json::Value;

use crate::{Loss, Progress, StopReason, TrialRecord};

/// How often an acknowledged loss is reported again when the server does not show it.
const MAX_REPORTS: u32 = 3;

/// How many refusals in a row are borne.
const MAX_REFUSALS: u32 = 5;

/// The rules of a search.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Number of evaluations at once; 1 by default.
    pub evaluations: usize,
    /// Number of times an evaluation is tried before it counts as failed; 3 by default, as with PanDA.
    pub attempts: u32,
    /// What becomes of a point whose evaluation failed; by default the server is told [`Loss::PANDA_PENALTY`].
    pub on_failure: OnFailure,
    /// What becomes of a loss that is NaN or infinite; by default the evaluation counts as failed.
    pub on_non_finite: OnNonFinite,
    /// Time after which the search stops whatever its state; 7 days by default. The server can be silent for ever.
    pub time_limit: Duration,
    /// Time that the server may be out of reach without a break; 15 minutes by default. Errors that do not pass stop the
    /// search at once, and a sixth refusal in a row does.
    pub patience: Duration,
    /// Shortest time between two looks at the server; 50 ms by default.
    pub shortest_poll: Duration,
    /// Longest time between two looks at the server; 10 s by default. The time doubles while nothing changes.
    pub longest_poll: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            evaluations: 1,
            attempts: 3,
            on_failure: OnFailure::Report(Loss::PANDA_PENALTY),
            on_non_finite: OnNonFinite::Fail,
            time_limit: Duration::from_secs(7 * 24 * 3600),
            patience: Duration::from_secs(15 * 60),
            shortest_poll: Duration::from_millis(50),
            longest_poll: Duration::from_secs(10),
        }
    }
}

/// What becomes of a point whose evaluation failed as often as it may.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnFailure {
    /// The server is told this loss, and the record of the trial says that it was made up.
    Report(Loss),
    /// The point stays without a loss. The server then proposes no further points until somebody else reports one.
    LeaveOpen,
    /// The search stops.
    Stop,
}

/// What becomes of a loss that is NaN or infinite.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnNonFinite {
    /// The evaluation counts as failed.
    Fail,
    /// The server is told this loss, and the record of the trial says that it was made up.
    Report(Loss),
}

/// What happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// Time passed: the moment [`Search::wakes_at`] named has come.
    Woke,
    /// The server was asked for the state of the request, and then for its points.
    Polled {
        /// State of the request, before the points were read.
        status: RequestStatus,
        /// All points of the request.
        points: Vec<HyperParameters>,
    },
    /// The server could not be asked.
    PollFailed(ClientError),
    /// An evaluation ended.
    Evaluated {
        /// Point that was evaluated.
        id: PointId,
        /// Its loss as the objective gave it, or why there is none.
        outcome: Result<f64, String>,
    },
    /// The server acknowledged a loss.
    Reported {
        /// Point of the loss.
        id: PointId,
    },
    /// A loss could not be reported.
    ReportFailed {
        /// Point of the loss.
        id: PointId,
        /// Why.
        error: ClientError,
    },
}

/// What is to be done.
#[derive(Debug)]
#[non_exhaustive]
pub enum Command {
    /// Ask the server for the state of the request and then for its points; answered by [`Event::Polled`] or
    /// [`Event::PollFailed`].
    Poll,
    /// Evaluate a point; answered by [`Event::Evaluated`].
    Evaluate {
        /// Point to evaluate.
        id: PointId,
        /// Its parameters.
        parameters: Value,
    },
    /// Tell the server a loss; answered by [`Event::Reported`] or [`Event::ReportFailed`].
    Report {
        /// Point of the loss.
        id: PointId,
        /// The loss.
        loss: Loss,
    },
    /// The search is over. No command follows, and evaluations that still run do not matter any more.
    Stop(Result<StopReason, ClientError>),
}

/// A search over the points of one request.
#[derive(Debug)]
pub struct Search {
    rules: Rules,
    trials: IndexMap<PointId, Entry>,
    queue: VecDeque<PointId>,
    running: usize,
    reports: Vec<(Duration, PointId)>,
    status: RequestStatus,
    polls: u64,
    is_polling: bool,
    next_poll: Duration,
    interval: Duration,
    failing_since: Option<Duration>,
    refusals: u32,
    is_over: bool,
}

#[derive(Debug)]
struct Entry {
    record: TrialRecord,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// To be evaluated, or being evaluated.
    Open,
    /// Evaluated; the report is on its way or will be repeated.
    Evaluated { reports: u32 },
    /// The server acknowledged the loss when so many polls had begun: an answer to one of them may still lack it.
    Acknowledged { polls: u64, reports: u32 },
    /// The server shows a loss.
    Settled,
    /// Given up without a loss.
    LeftOpen,
}

impl Search {
    /// Starts a search; the first [`Event::Woke`] sets it going.
    pub fn new(rules: Rules) -> Self {
        Self {
            interval: rules.shortest_poll,
            rules,
            trials: IndexMap::new(),
            queue: VecDeque::new(),
            running: 0,
            reports: Vec::new(),
            status: RequestStatus::New,
            polls: 0,
            is_polling: false,
            next_poll: Duration::ZERO,
            failing_since: None,
            refusals: 0,
            is_over: false,
        }
    }

    /// Takes what happened at a time since the start of the search, and returns what is to be done now.
    pub fn handle(&mut self, now: Duration, event: Event) -> Vec<Command> {
        let mut commands = Vec::new();
        if self.is_over {
            return commands;
        }
        match event {
            Event::Woke => {}
            Event::Polled { status, points } => self.polled(now, status, points),
            Event::PollFailed(error) => self.poll_failed(now, error, &mut commands),
            Event::Evaluated { id, outcome } => self.evaluated(now, &id, outcome, &mut commands),
            Event::Reported { id } => self.reported(now, &id),
            Event::ReportFailed { id, error } => self.report_failed(now, id, error, &mut commands),
        }
        self.go_on(now, &mut commands);
        commands
    }

    /// Returns the time at which [`Event::Woke`] is due if nothing else happens before.
    pub fn wakes_at(&self) -> Duration {
        let poll = (!self.is_polling).then_some(self.next_poll);
        let report = self.reports.iter().map(|(due, _)| *due).min();
        [poll, report].into_iter().flatten().fold(self.rules.time_limit, Duration::min)
    }

    /// Returns where the search stands.
    pub fn progress(&self) -> Progress {
        let best = self.trials.values().filter_map(|entry| entry.record.loss).min();
        let evaluated = self.trials.values().filter(|entry| entry.record.loss.is_some()).count();
        Progress { status: self.status, points: self.trials.len(), evaluated, running: self.running, best }
    }

    /// Returns the records of all trials, in the order in which their points appeared.
    pub fn into_trials(self) -> Vec<TrialRecord> {
        self.trials.into_values().map(|entry| entry.record).collect()
    }

    fn polled(&mut self, now: Duration, status: RequestStatus, points: Vec<HyperParameters>) {
        self.is_polling = false;
        self.succeeded();
        let mut has_news = status != self.status;
        self.status = status;
        for HyperParameters { id, parameters, loss, .. } in points {
            match self.trials.get_mut(&id) {
                None => {
                    has_news = true;
                    let mut record = TrialRecord::new(id.clone(), parameters);
                    record.loss = loss.and_then(Loss::new);
                    let state = if loss.is_some() { State::Settled } else { State::Open };
                    if state == State::Open {
                        self.queue.push_back(id.clone());
                    }
                    self.trials.insert(id, Entry { record, state });
                }
                Some(entry) => match (entry.state, loss) {
                    (State::Acknowledged { polls, reports }, None) if polls < self.polls && reports < MAX_REPORTS => {
                        entry.state = State::Evaluated { reports };
                        self.reports.push((now, id));
                    }
                    (State::Open | State::LeftOpen, Some(loss)) => {
                        // Somebody else reported it.
                        has_news = true;
                        entry.record.loss = Loss::new(loss);
                        entry.state = State::Settled;
                        self.queue.retain(|queued| *queued != id);
                    }
                    (_, Some(_)) => entry.state = State::Settled,
                    _ => {}
                },
            }
        }
        self.interval = if has_news { self.rules.shortest_poll } else { self.longer_interval() };
        self.next_poll = now + self.interval;
    }

    fn poll_failed(&mut self, now: Duration, error: ClientError, commands: &mut Vec<Command>) {
        self.is_polling = false;
        self.interval = self.longer_interval();
        self.next_poll = now + self.interval;
        self.failed(now, error, commands);
    }

    fn evaluated(&mut self, now: Duration, id: &PointId, outcome: Result<f64, String>, commands: &mut Vec<Command>) {
        self.running = self.running.saturating_sub(1);
        let Some(Entry { record, state }) = self.trials.get_mut(id) else { return };
        record.attempts += 1;
        record.ended = Some(now);
        if *state != State::Open {
            return;
        }
        let (loss, made_up) = match outcome.map(|value| (value, Loss::new(value))) {
            Ok((_, Some(loss))) => (loss, None),
            Ok((value, None)) => match self.rules.on_non_finite {
                OnNonFinite::Report(loss) => (loss, Some(format!("the loss was {value}"))),
                OnNonFinite::Fail => return self.evaluation_failed(now, id, format!("the loss was {value}"), commands),
            },
            Err(why) => return self.evaluation_failed(now, id, why, commands),
        };
        record.loss = Some(loss);
        record.made_up = made_up;
        *state = State::Evaluated { reports: 0 };
        self.reports.push((now, id.clone()));
    }

    fn evaluation_failed(&mut self, now: Duration, id: &PointId, why: String, commands: &mut Vec<Command>) {
        let Some(Entry { record, state }) = self.trials.get_mut(id) else { return };
        record.failure = Some(why.clone());
        if record.attempts < self.rules.attempts {
            self.queue.push_back(id.clone());
            return;
        }
        match self.rules.on_failure {
            OnFailure::Report(loss) => {
                record.loss = Some(loss);
                record.made_up = Some(why);
                *state = State::Evaluated { reports: 0 };
                self.reports.push((now, id.clone()));
            }
            OnFailure::LeaveOpen => *state = State::LeftOpen,
            OnFailure::Stop => self.stop(Ok(StopReason::EvaluationFailed), commands),
        }
    }

    fn reported(&mut self, now: Duration, id: &PointId) {
        self.succeeded();
        if let Some(Entry { state, .. }) = self.trials.get_mut(id)
            && let State::Evaluated { reports } = *state
        {
            *state = State::Acknowledged { polls: self.polls, reports: reports + 1 };
        }
        if self.running == 0 && self.queue.is_empty() && self.reports.is_empty() {
            // The generation may be complete: new points can be there any moment.
            self.interval = self.rules.shortest_poll;
            self.next_poll = now;
        }
    }

    fn report_failed(&mut self, now: Duration, id: PointId, error: ClientError, commands: &mut Vec<Command>) {
        self.reports.push((now + self.longer_interval(), id));
        self.failed(now, error, commands);
    }

    /// Gives up on a failure that does not pass, or that has not passed for too long.
    fn failed(&mut self, now: Duration, error: ClientError, commands: &mut Vec<Command>) {
        let since = *self.failing_since.get_or_insert(now);
        // The server also refuses what is right, while its database is in trouble.
        let may_pass = match error.kind() {
            ErrorKind::Refused => self.refusals < MAX_REFUSALS,
            _ => error.is_retryable(),
        };
        self.refusals += u32::from(error.kind() == ErrorKind::Refused);
        if !may_pass || now.saturating_sub(since) >= self.rules.patience {
            self.stop(Err(error), commands);
        }
    }

    fn succeeded(&mut self) {
        self.failing_since = None;
        self.refusals = 0;
    }

    /// Does what is due: reports first, then evaluations, then a look at the server.
    fn go_on(&mut self, now: Duration, commands: &mut Vec<Command>) {
        if self.is_over {
            return;
        }
        if self.status.is_terminal() {
            let reason = match self.status {
                RequestStatus::Finished => StopReason::Finished,
                other => StopReason::Ended(other),
            };
            return self.stop(Ok(reason), commands);
        }
        if now >= self.rules.time_limit {
            return self.stop(Ok(StopReason::TimeLimit), commands);
        }
        let trials = &self.trials;
        self.reports.retain(|(due, id)| match trials.get(id) {
            Some(Entry { state: State::Evaluated { .. }, record: TrialRecord { loss: Some(loss), .. } }) => {
                if *due <= now {
                    commands.push(Command::Report { id: id.clone(), loss: *loss });
                }
                *due > now
            }
            _ => false,
        });
        while self.running < self.rules.evaluations.max(1) {
            let Some(id) = self.queue.pop_front() else { break };
            if let Some(Entry { record, .. }) = self.trials.get_mut(&id) {
                self.running += 1;
                record.started = Some(now);
                commands.push(Command::Evaluate { parameters: record.parameters.clone(), id });
            }
        }
        if !self.is_polling && now >= self.next_poll {
            self.is_polling = true;
            self.polls += 1;
            commands.push(Command::Poll);
        }
    }

    fn stop(&mut self, why: Result<StopReason, ClientError>, commands: &mut Vec<Command>) {
        self.is_over = true;
        commands.push(Command::Stop(why));
    }

    fn longer_interval(&self) -> Duration {
        (self.interval * 2).clamp(self.rules.shortest_poll, self.rules.longest_poll)
    }
}

#[cfg(test)]
mod tests;
