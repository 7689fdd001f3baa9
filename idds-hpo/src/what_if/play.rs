//! The search itself, which runs against a server and evaluations that take as long as those on record, in time that does not
//! pass.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use idds_client::{HyperParameters, PointId};
use idds_workflow::{RequestId, RequestStatus};
use serde::Deserialize;
use serde_json::json;

use super::{Forecast, Slowness, WhatIf};
use crate::search::Durations;
use crate::{
    Command, Direction, Evaluation, Failure, Header, History, Loss, OnFailure, Search, SearchEvent,
    SearchOptions, SearchResult, TrialRecord,
};

/// What the record says of durations.
pub(super) struct Recorded {
    /// The evaluations of each point, in the order of their beginnings: never none.
    pub(super) points: Vec<Vec<EvaluationEnd>>,
    median: Duration,
    turnaround: Duration,
}

impl Recorded {
    pub(super) fn of(result: &SearchResult) -> Option<Self> {
        let points: Vec<_> = result
            .trials
            .iter()
            .map(outcomes)
            .filter(|outcomes| !outcomes.is_empty())
            .collect();
        let mut all = Durations::default();
        let has_good = points.iter().flatten().any(|outcome| outcome.is_good);
        let counts = |outcome: &&EvaluationEnd| outcome.is_good || !has_good;
        points
            .iter()
            .flatten()
            .filter(counts)
            .for_each(|outcome| all.add(outcome.duration));
        let mut gaps = Durations::default();
        for generation in result.generations().into_iter().skip(1) {
            let before = result.trials[..generation.start]
                .iter()
                .filter_map(|trial| trial.known)
                .max();
            gaps.add(
                result.trials[generation.start]
                    .appeared
                    .saturating_sub(before.unwrap_or_default()),
            );
        }
        Some(Self {
            points,
            median: all.median()?,
            turnaround: gaps.median().unwrap_or_default(),
        })
    }

    /// Plays the search through.
    pub(super) fn play(&self, plan: &WhatIf) -> Forecast {
        Play::new(self, plan).run()
    }
}

/// How an evaluation ended.
#[derive(Clone, Copy)]
pub(super) struct EvaluationEnd {
    pub(super) duration: Duration,
    pub(super) is_good: bool,
}

/// The evaluations of a trial that have an end. One that was given up for a faster one would have taken longer still, which
/// nobody knows.
fn outcomes(trial: &TrialRecord) -> Vec<EvaluationEnd> {
    let outcome = |evaluation: &Evaluation| {
        Some(EvaluationEnd {
            duration: evaluation.duration()?,
            is_good: evaluation.failure.is_none(),
        })
    };
    trial.evaluations.iter().filter_map(outcome).collect()
}

/// A search that is played through.
struct Play<'a> {
    recorded: &'a Recorded,
    plan: &'a WhatIf,
    search: Search,
    server: Server,
    /// What is going to happen, in the order of its time; at the same time, in the order in which it was begun.
    agenda: BTreeMap<(Duration, usize), SearchEvent>,
    /// The evaluations that run: when they began, and where their end is in the agenda.
    running: HashMap<(PointId, u32), (Duration, (Duration, usize))>,
    number: usize,
    forecast: Forecast,
}

/// The server, which proposes a generation a turnaround after the last loss of the one before.
struct Server {
    losses: Vec<Option<Loss>>,
    /// Number of points that have none.
    open: usize,
    /// Number of points that are not proposed yet.
    left: usize,
    batch: usize,
    turnaround: Duration,
    latest: Duration,
}

impl<'a> Play<'a> {
    fn new(recorded: &'a Recorded, plan: &'a WhatIf) -> Self {
        let points = recorded.points.len();
        let options = SearchOptions {
            concurrency: plan.workers,
            attempts: plan.attempts.max(1),
            backoff: Duration::ZERO,
            evaluation_timeout: plan.timeout,
            speculate: plan.speculate,
            shortest_poll: Duration::ZERO,
            longest_poll: Duration::MAX,
            timeout: Duration::MAX,
            silence: Duration::MAX,
            // What was recorded worked, however its beginning is played.
            on_failure: OnFailure::Report(Loss::PANDA_PENALTY),
            ..SearchOptions::default()
        };
        let header = Header::new(RequestId::new(1), "", Direction::Minimize, Duration::ZERO);
        Self {
            recorded,
            plan,
            search: Search::new(options, History::new(header)),
            server: Server {
                losses: Vec::with_capacity(points),
                open: 0,
                left: points,
                batch: plan.batch,
                turnaround: plan.turnaround.unwrap_or(recorded.turnaround),
                latest: Duration::ZERO,
            },
            agenda: BTreeMap::from([((Duration::ZERO, 0), SearchEvent::Started { pid: 0 })]),
            running: HashMap::new(),
            number: 0,
            forecast: Forecast {
                workers: plan.workers,
                batch: plan.batch,
                points,
                generations: points.div_ceil(plan.batch),
                makespan: Duration::ZERO,
                busy: Duration::ZERO,
                idle: Duration::ZERO,
                evaluations: 0,
                speculative: 0,
                given_up: 0,
            },
        }
    }

    fn run(mut self) -> Forecast {
        let mut now = Duration::ZERO;
        while !self.server.is_over() {
            let wake = self.search.wakes_at();
            let next = self
                .agenda
                .first_entry()
                .filter(|next| next.key().0 <= wake);
            let event = match next {
                Some(next) => {
                    now = now.max(next.key().0);
                    next.remove()
                }
                None => {
                    now = now.max(wake);
                    SearchEvent::Woke
                }
            };
            if let SearchEvent::Evaluated { id, attempt, .. } = &event {
                self.ended(now, (id.clone(), *attempt));
            }
            for command in self.search.handle(now, event) {
                self.carry_out(now, command);
            }
        }
        let mut forecast = self.forecast;
        forecast.makespan = self.server.latest;
        let workers = u32::try_from(self.plan.workers).unwrap_or(u32::MAX);
        let all = forecast.makespan.saturating_mul(workers);
        forecast.idle = all.saturating_sub(forecast.busy);
        let trials = self.search.into_result().trials;
        forecast.given_up = trials
            .iter()
            .filter(|trial| trial.made_up.is_some())
            .count();
        forecast
    }

    fn carry_out(&mut self, now: Duration, command: Command) {
        match command {
            Command::Poll { since, .. } => {
                let at = self.server.proposes(now);
                let points = self
                    .server
                    .points(since.as_ref().and_then(place).unwrap_or(0));
                let event = SearchEvent::Polled {
                    status: RequestStatus::Transforming,
                    points,
                    mine: None,
                };
                self.later(at, event);
            }
            Command::Evaluate { id, attempt, .. } => {
                let has_twin = self.running.keys().any(|(running, _)| *running == id);
                self.forecast.evaluations += 1;
                self.forecast.speculative += usize::from(has_twin);
                let EvaluationEnd { duration, is_good } = self.outcome(&id, attempt);
                let outcome = if is_good {
                    Ok(0.0)
                } else {
                    Err(Failure::point("as on record"))
                };
                let key = (id.clone(), attempt);
                let event = SearchEvent::Evaluated {
                    id,
                    attempt,
                    outcome,
                };
                let end = self.later(now.saturating_add(duration), event);
                self.running.insert(key, (now, end));
            }
            Command::Abandon { id, attempt } => {
                if let Some(end) = self.ended(now, (id, attempt)) {
                    self.agenda.remove(&end);
                }
            }
            Command::Report { id, loss } => {
                self.server.takes(now, &id, loss);
                self.later(now, SearchEvent::Reported { id });
            }
            Command::Write(_) | Command::Judge { .. } | Command::Stop(_) => {}
        }
    }

    /// Lets something happen at this time.
    fn later(&mut self, at: Duration, event: SearchEvent) -> (Duration, usize) {
        self.number += 1;
        let place = (at, self.number);
        self.agenda.insert(place, event);
        place
    }

    /// Ends an evaluation, and returns where its end was in the agenda.
    fn ended(&mut self, now: Duration, key: (PointId, u32)) -> Option<(Duration, usize)> {
        let (since, end) = self.running.remove(&key)?;
        self.forecast.busy += now.saturating_sub(since);
        Some(end)
    }

    /// Returns how an evaluation of a point ends: as on record, as far as that goes.
    fn outcome(&self, id: &PointId, attempt: u32) -> EvaluationEnd {
        let recorded = &self.recorded.points[place(id).unwrap_or(0)];
        let good = recorded.iter().find(|outcome| outcome.is_good);
        let number = attempt.saturating_sub(1) as usize;
        match (recorded.get(number), good, self.plan.slowness) {
            (Some(outcome), _, _) => *outcome,
            (None, Some(_), Slowness::Chance) => EvaluationEnd {
                duration: self.recorded.median,
                is_good: true,
            },
            (None, Some(good), Slowness::Point) => *good,
            // It always failed.
            (None, None, _) => recorded[recorded.len() - 1],
        }
    }
}

impl Server {
    /// Returns when a look at the server is answered, which proposes points if every one has a loss: a look that would find
    /// nothing is answered when there is something.
    fn proposes(&mut self, now: Duration) -> Duration {
        if self.open > 0 {
            return now;
        }
        let at = match self.losses.is_empty() {
            true => now,
            false => now.max(self.latest.saturating_add(self.turnaround)),
        };
        let count = self.batch.min(self.left);
        (self.left, self.open) = (self.left - count, count);
        self.losses.resize(self.losses.len() + count, None);
        at
    }

    fn points(&self, first: usize) -> Vec<HyperParameters> {
        let points = self.losses.iter().enumerate().skip(first);
        points
            .filter_map(|(place, loss)| {
                let loss = loss.map(Loss::get);
                let point =
                    json!({"id": (place + 1).to_string(), "parameters": place, "loss": loss});
                HyperParameters::deserialize(point).ok()
            })
            .collect()
    }

    fn takes(&mut self, now: Duration, id: &PointId, loss: Loss) {
        if let Some(known) = place(id).and_then(|place| self.losses.get_mut(place)) {
            self.open -= usize::from(known.is_none());
            *known = Some(loss);
            self.latest = now;
        }
    }

    fn is_over(&self) -> bool {
        self.left == 0 && self.open == 0
    }
}

/// Returns the place of a point, which count from 1.
fn place(id: &PointId) -> Option<usize> {
    id.as_str().parse::<usize>().ok()?.checked_sub(1)
}
