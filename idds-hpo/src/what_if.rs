//! What a search would have taken with other numbers: a simulation from the durations that were recorded.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use crate::search::Durations;
use crate::{Evaluation, SearchResult, TrialRecord};

/// The numbers of a search that [`SearchResult::what_if`] plays through.
///
/// ```no_run
/// use std::time::Duration;
///
/// use idds_hpo::{Journal, WhatIf};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let result = Journal::read("search.journal")?;
/// let plan = WhatIf::new(16, 32).timeout(Duration::from_secs(3600)).speculate(2.0);
/// if let Some(forecast) = result.what_if(&plan) {
///     println!("{:?}, of which the workers are busy {:.0} %", forecast.makespan, forecast.utilisation() * 100.0);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a plan is played through by SearchResult::what_if"]
pub struct WhatIf {
    workers: usize,
    batch: usize,
    timeout: Option<Duration>,
    attempts: u32,
    speculate: Option<f64>,
    turnaround: Option<Duration>,
    slowness: Slowness,
}

/// Why an evaluation took longer than others: what another evaluation of the same point would take.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Slowness {
    /// It was bad luck, as of a slow machine: another one takes the median of all.
    #[default]
    Chance,
    /// It is the point, as of a large model: another one takes as long.
    Point,
}

impl WhatIf {
    /// Plans so many evaluations at once, over all processes, and so many points of one generation
    /// (`num_points_per_iteration`).
    ///
    /// 0 of either counts as 1.
    pub fn new(workers: usize, batch: usize) -> Self {
        Self {
            workers: workers.max(1),
            batch: batch.max(1),
            timeout: None,
            attempts: 3,
            speculate: None,
            turnaround: None,
            slowness: Slowness::default(),
        }
    }

    /// Sets the time that one evaluation may take, as [`Rules::evaluation_limit`](crate::Rules::evaluation_limit) does.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Sets how often an evaluation may fail or take too long before its point is given up; 3 unless set.
    pub fn attempts(mut self, count: u32) -> Self {
        self.attempts = count;
        self
    }

    /// Has stragglers evaluated a second time, as [`Rules::speculate`](crate::Rules::speculate) does.
    pub fn speculate(mut self, factor: f64) -> Self {
        self.speculate = Some(factor);
        self
    }

    /// Sets how long the server takes from the last loss of a generation to the points of the next one; as recorded unless
    /// set.
    pub fn turnaround(mut self, time: Duration) -> Self {
        self.turnaround = Some(time);
        self
    }

    /// Sets what another evaluation of a slow point would take; as any other unless set.
    pub fn slowness(mut self, slowness: Slowness) -> Self {
        self.slowness = slowness;
        self
    }
}

/// What a search would take.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Forecast {
    /// Evaluations at once.
    pub workers: usize,
    /// Points of one generation.
    pub batch: usize,
    /// Points in all.
    pub points: usize,
    /// Generations: how often the sampler learns from losses.
    pub generations: usize,
    /// Time from the first point to the last loss, with the turnaround of the server between generations.
    pub makespan: Duration,
    /// Time of all workers spent on evaluations.
    pub busy: Duration,
    /// Time of all workers spent waiting: for the slowest of a generation, and for the server.
    pub idle: Duration,
    /// Evaluations begun.
    pub evaluations: usize,
    /// Evaluations begun for the second time because the first one was slow.
    pub speculative: usize,
    /// Points without a loss of their own, because all their evaluations failed or took too long.
    pub given_up: usize,
}

impl Forecast {
    /// Returns the part of the time that the workers are busy, from 0 to 1.
    pub fn utilisation(&self) -> f64 {
        let all = (self.busy + self.idle).as_secs_f64();
        if all > 0.0 {
            self.busy.as_secs_f64() / all
        } else {
            1.0
        }
    }
}

impl SearchResult {
    /// Plays the search through with other numbers, and returns what it would take; none when no evaluation has ended here.
    ///
    /// The points are those that were evaluated here, in their order, each with the durations that were recorded for it,
    /// failures too. The server proposes a generation when every point of the one before has a loss (its barrier);
    /// evaluations are begun, tried again, given up and begun a second time as the [`Driver`](crate::Driver) does, without
    /// pauses before another attempt. What another evaluation of the same point would take is not known: [`Slowness`] says
    /// what is assumed. Other batches would also bring other points, with other durations.
    ///
    /// A pure function: the same record and plan give the same forecast.
    pub fn what_if(&self, plan: &WhatIf) -> Option<Forecast> {
        Some(Recorded::of(self)?.play(plan))
    }

    /// Returns what the search would take with the smallest generations that cost no more than so much of the time that is
    /// possible with these workers, such as 0.1 for a tenth; none when no evaluation has ended here.
    ///
    /// The larger the generations, the less the workers wait for the slowest of each, and the less the sampler learns on
    /// the way: the smallest that cost little time are the best. The batch of the plan does not matter.
    pub fn best_batch(&self, plan: &WhatIf, tolerance: f64) -> Option<Forecast> {
        let recorded = Recorded::of(self)?;
        let forecasts: Vec<_> = batches(recorded.points.len(), plan.workers)
            .into_iter()
            .map(|batch| {
                recorded.play(&WhatIf {
                    batch,
                    ..plan.clone()
                })
            })
            .collect();
        let shortest = forecasts
            .iter()
            .map(|forecast| forecast.makespan)
            .min()?
            .as_secs_f64();
        let limit = shortest * (1.0 + tolerance.max(0.0));
        forecasts
            .into_iter()
            .find(|forecast| forecast.makespan.as_secs_f64() <= limit)
    }
}

/// The sizes of generations that are tried, in order: all small ones, and then those that keep all workers busy.
fn batches(points: usize, workers: usize) -> Vec<usize> {
    let multiples = (1..=points.div_ceil(workers)).map(|times| times * workers);
    let mut sizes: Vec<_> = (1..=workers.min(64))
        .chain(multiples)
        .map(|size| size.min(points))
        .collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// What the record says of durations.
struct Recorded {
    /// The evaluations of each point, in the order of their beginnings: never none.
    points: Vec<Vec<Outcome>>,
    median: Duration,
    turnaround: Duration,
}

impl Recorded {
    fn of(result: &SearchResult) -> Option<Self> {
        let points: Vec<_> = result
            .trials
            .iter()
            .map(outcomes)
            .filter(|outcomes| !outcomes.is_empty())
            .collect();
        let mut all = Durations::default();
        let has_good = points.iter().flatten().any(|outcome| outcome.is_good);
        let counts = |outcome: &&Outcome| outcome.is_good || !has_good;
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

    fn play(&self, plan: &WhatIf) -> Forecast {
        let mut play = Play {
            recorded: self,
            plan,
            durations: Durations::default(),
            forecast: Forecast {
                workers: plan.workers,
                batch: plan.batch,
                points: self.points.len(),
                generations: self.points.len().div_ceil(plan.batch),
                makespan: Duration::ZERO,
                busy: Duration::ZERO,
                idle: Duration::ZERO,
                evaluations: 0,
                speculative: 0,
                given_up: 0,
            },
        };
        let turnaround = plan.turnaround.unwrap_or(self.turnaround);
        let mut now = Duration::ZERO;
        for first in (0..self.points.len()).step_by(plan.batch) {
            if first > 0 {
                now = now.saturating_add(turnaround);
            }
            now = play.generation(now, first..(first + plan.batch).min(self.points.len()));
        }
        let mut forecast = play.forecast;
        forecast.makespan = now;
        let all = now.saturating_mul(u32::try_from(plan.workers).unwrap_or(u32::MAX));
        forecast.idle = all.saturating_sub(forecast.busy);
        forecast
    }
}

/// How an evaluation ended.
#[derive(Clone, Copy)]
struct Outcome {
    duration: Duration,
    is_good: bool,
}

/// The evaluations of a trial that have an end. One that was given up for a faster one would have taken longer still, which
/// nobody knows.
fn outcomes(trial: &TrialRecord) -> Vec<Outcome> {
    let outcome = |evaluation: &Evaluation| {
        Some(Outcome {
            duration: evaluation.duration()?,
            is_good: evaluation.failure.is_none(),
        })
    };
    trial.evaluations.iter().filter_map(outcome).collect()
}

/// A forecast in the making.
struct Play<'a> {
    recorded: &'a Recorded,
    plan: &'a WhatIf,
    durations: Durations,
    forecast: Forecast,
}

/// An evaluation that runs.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
struct Running {
    ends: Duration,
    /// In the order of their beginnings.
    number: usize,
    since: Duration,
    point: usize,
    is_good: bool,
    is_late: bool,
}

#[derive(Clone, Default)]
struct Point {
    begun: usize,
    running: usize,
    failures: u32,
    has_twin: bool,
    is_done: bool,
}

impl Play<'_> {
    /// Plays one generation; returns when its last point has a loss.
    fn generation(&mut self, start: Duration, points: std::ops::Range<usize>) -> Duration {
        let mut queue: VecDeque<_> = points.clone().collect();
        let mut states = vec![Point::default(); points.len()];
        let mut running = BinaryHeap::new();
        let mut busy = 0;
        let mut now = start;
        loop {
            // All that have come to their time limit at once are given up before anything begins.
            let is_due = running
                .peek()
                .is_some_and(|Reverse(next): &Reverse<Running>| next.is_late && next.ends <= now);
            while !is_due
                && busy < self.plan.workers
                && let Some(point) = queue.pop_front()
            {
                running.push(Reverse(self.begin(
                    now,
                    point,
                    &mut states[point - points.start],
                )));
                busy += 1;
            }
            let straggler = self.straggler(now, busy, &running, &states, points.start);
            if let Some((due, point)) = straggler
                && due <= now
                && !is_due
            {
                let state = &mut states[point - points.start];
                state.has_twin = true;
                self.forecast.speculative += 1;
                running.push(Reverse(self.begin(now, point, state)));
                busy += 1;
                continue;
            }
            let Some(Reverse(next)) = running.peek().copied() else {
                return now;
            };
            let state = &mut states[next.point - points.start];
            if state.is_done {
                // It was given up when the point had its loss.
                running.pop();
                continue;
            }
            if let Some((due, _)) = straggler.filter(|(due, _)| *due < next.ends) {
                now = due;
                continue;
            }
            running.pop();
            now = next.ends;
            self.forecast.busy += now - next.since;
            busy -= 1;
            state.running -= 1;
            state.failures += u32::from(!next.is_good);
            let is_given_up = state.running == 0 && state.failures >= self.plan.attempts.max(1);
            if next.is_good || is_given_up {
                state.is_done = true;
                busy -= state.running;
                let others = running
                    .iter()
                    .filter(|Reverse(other)| other.point == next.point);
                self.forecast.busy += others
                    .map(|Reverse(other)| now - other.since)
                    .sum::<Duration>();
                self.forecast.given_up += usize::from(!next.is_good);
                if next.is_good {
                    self.durations.add(now - next.since);
                }
            } else if state.running == 0 {
                queue.push_back(next.point);
            }
        }
    }

    /// Begins an evaluation, whose duration and outcome are those of the record, as far as it goes.
    fn begin(&mut self, now: Duration, point: usize, state: &mut Point) -> Running {
        let recorded = &self.recorded.points[point];
        let good = recorded.iter().find(|outcome| outcome.is_good);
        let outcome = match (recorded.get(state.begun), good, self.plan.slowness) {
            (Some(outcome), _, _) => *outcome,
            (None, Some(_), Slowness::Chance) => Outcome {
                duration: self.recorded.median,
                is_good: true,
            },
            (None, Some(good), Slowness::Point) => *good,
            // It always failed.
            (None, None, _) => recorded[recorded.len() - 1],
        };
        let limit = self.plan.timeout.filter(|limit| outcome.duration > *limit);
        let (is_late, is_good) = (limit.is_some(), limit.is_none() && outcome.is_good);
        let ends = now.saturating_add(limit.unwrap_or(outcome.duration));
        // One that is tried again after all have failed may be slow again.
        state.has_twin &= state.running > 0;
        state.begun += 1;
        state.running += 1;
        self.forecast.evaluations += 1;
        let number = self.forecast.evaluations;
        Running {
            ends,
            number,
            since: now,
            point,
            is_good,
            is_late,
        }
    }

    /// The point that is evaluated a second time next, and when, if there is room.
    fn straggler(
        &self,
        now: Duration,
        busy: usize,
        running: &BinaryHeap<Reverse<Running>>,
        states: &[Point],
        first: usize,
    ) -> Option<(Duration, usize)> {
        let limit = self
            .durations
            .limit(self.plan.speculate.filter(|_| busy < self.plan.workers)?)?;
        let state = |running: &Running| &states[running.point - first];
        let alone = running
            .iter()
            .filter(|Reverse(running)| !state(running).is_done && !state(running).has_twin);
        let Reverse(slowest) =
            alone.min_by_key(|Reverse(running)| (running.since, running.number))?;
        Some((slowest.since.saturating_add(limit).max(now), slowest.point))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use idds_client::{HyperParameters, PointId};
    use idds_workflow::{RequestId, RequestStatus};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{Command, Direction, Event, Header, History, Rules, Search, StopReason};

    /// A search whose points took so many seconds; the second ones after failures.
    fn recorded(seconds: &[(Vec<u64>, u64)]) -> SearchResult {
        let trials = (1..).zip(seconds).map(|(id, (failures, last))| {
            let mut trial = TrialRecord::new(id.to_string().as_str().into(), json!({"x": id}));
            let evaluation = |seconds: u64, failure: Option<&str>| Evaluation {
                ended: Some(Duration::from_secs(seconds)),
                failure: failure.map(str::to_owned),
                ..Evaluation::new(0, Duration::ZERO)
            };
            trial.evaluations.extend(
                failures
                    .iter()
                    .map(|seconds| evaluation(*seconds, Some("no luck"))),
            );
            trial.evaluations.push(evaluation(*last, None));
            trial
        });
        let trials = trials.collect();
        let (request, direction, stop) =
            (RequestId::new(1), Direction::Minimise, StopReason::Finished);
        SearchResult {
            request,
            direction,
            stop,
            error: None,
            space: None,
            started: None,
            server: String::new(),
            trials,
            elapsed: Duration::ZERO,
        }
    }

    fn simple(seconds: &[u64]) -> SearchResult {
        recorded(
            &seconds
                .iter()
                .map(|seconds| (Vec::new(), *seconds))
                .collect::<Vec<_>>(),
        )
    }

    fn seconds(forecast: Forecast) -> (u64, u64, u64) {
        (
            forecast.makespan.as_secs(),
            forecast.busy.as_secs(),
            forecast.idle.as_secs(),
        )
    }

    #[test]
    fn every_generation_waits_for_its_slowest_point() {
        let result = simple(&[1, 5, 1, 1, 2, 2]);
        let play = |plan: WhatIf| seconds(result.what_if(&plan).expect("evaluations"));
        assert_eq!(play(WhatIf::new(2, 2)), (5 + 1 + 2, 12, 4));
        assert_eq!(play(WhatIf::new(2, 6)), (7, 12, 2));
        assert_eq!(play(WhatIf::new(1, 2)), (12, 12, 0));
        assert_eq!(
            play(WhatIf::new(2, 2).turnaround(Duration::from_secs(10))),
            (28, 12, 44)
        );
        assert_eq!(play(WhatIf::new(9, 99)).0, 5);
    }

    #[test]
    fn a_time_limit_gives_up_what_takes_longer_as_often_as_it_may_be_tried() {
        let result = simple(&[1, 1, 1, 9]);
        let plan = WhatIf::new(1, 4)
            .timeout(Duration::from_secs(2))
            .attempts(2);
        let by_chance = result.what_if(&plan).expect("evaluations");
        assert_eq!(
            (
                seconds(by_chance).0,
                by_chance.evaluations,
                by_chance.given_up
            ),
            (3 + 2 + 1, 5, 0)
        );
        let by_point = result
            .what_if(&plan.slowness(Slowness::Point))
            .expect("evaluations");
        assert_eq!(
            (seconds(by_point).0, by_point.evaluations, by_point.given_up),
            (3 + 2 + 2, 5, 1)
        );
    }

    #[test]
    fn a_second_evaluation_of_a_straggler_saves_time_only_if_the_point_is_not_to_blame() {
        let result = simple(&[1, 1, 1, 1, 1, 20]);
        let plan = WhatIf::new(2, 2).speculate(3.0);
        let forecast = result.what_if(&plan).expect("evaluations");
        assert_eq!(
            (seconds(forecast).0, forecast.speculative),
            (1 + 1 + 3 + 1, 1)
        );
        let forecast = result
            .what_if(&plan.slowness(Slowness::Point))
            .expect("evaluations");
        assert_eq!((seconds(forecast).0, forecast.speculative), (1 + 1 + 20, 1));
    }

    #[test]
    fn the_best_batch_is_the_smallest_that_costs_little_time() {
        let result = simple(&[2; 40]);
        let best = |tolerance| {
            result
                .best_batch(&WhatIf::new(4, 1), tolerance)
                .expect("evaluations")
                .batch
        };
        assert_eq!(best(0.0), 4);
        // With a server that takes its time, larger ones pay.
        let slow = WhatIf::new(4, 1).turnaround(Duration::from_secs(10));
        assert_eq!(
            result.best_batch(&slow, 0.0).map(|forecast| forecast.batch),
            Some(40)
        );
        assert_eq!(
            result
                .best_batch(&slow, 1.0)
                .map(|forecast| (forecast.batch, forecast.generations)),
            Some((16, 3))
        );
    }

    #[test]
    fn of_a_search_without_evaluations_nothing_is_said() {
        assert_eq!(simple(&[]).what_if(&WhatIf::new(1, 1)), None);
        assert_eq!(simple(&[]).best_batch(&WhatIf::new(1, 1), 0.1), None);
    }

    /// Lets the search itself run against a server with a barrier, in time that does not pass; returns how long it takes and
    /// how many evaluations it begins.
    fn played(result: &SearchResult, plan: &WhatIf) -> (Duration, usize) {
        let rules = Rules {
            evaluations: plan.workers,
            attempts: plan.attempts,
            backoff: Duration::ZERO,
            evaluation_limit: plan.timeout,
            speculate: plan.speculate,
            shortest_poll: Duration::ZERO,
            longest_poll: Duration::from_secs(1_000_000),
            // What was recorded worked, however its beginning is played.
            on_failure: crate::OnFailure::Report(crate::Loss::PANDA_PENALTY),
            ..Rules::default()
        };
        let header = Header::new(
            RequestId::new(1),
            "http://127.0.0.1:1/idds",
            Direction::Minimise,
            Duration::ZERO,
        );
        let mut search = Search::new(rules, History::new(header));
        let mut losses: Vec<Option<f64>> = Vec::new();
        let mut agenda: BTreeMap<(Duration, usize), Event> =
            BTreeMap::from([((Duration::ZERO, 0), Event::Started { pid: 1 })]);
        let (mut now, mut begun, mut number, mut last) = (Duration::ZERO, 0, 0, Duration::ZERO);
        let median = Recorded::of(result).expect("evaluations").median;
        loop {
            let wake = search.wakes_at();
            let event = match agenda.first_entry().filter(|entry| entry.key().0 <= wake) {
                Some(entry) => {
                    now = now.max(entry.key().0);
                    entry.remove()
                }
                None => {
                    now = now.max(wake);
                    Event::Woke
                }
            };
            for command in search.handle(now, event) {
                number += 1;
                match command {
                    Command::Poll { .. } => {
                        if losses.iter().all(Option::is_some) {
                            let more = plan.batch.min(result.trials.len() - losses.len());
                            losses.extend(vec![None; more]);
                            if more == 0 {
                                return (last, begun);
                            }
                        }
                        let points = (1..).zip(&losses);
                        let points: Vec<_> = points
                            .map(|(id, loss)| json!({"id": id.to_string(), "parameters": {"x": id}, "loss": loss}))
                            .collect();
                        let points: Vec<HyperParameters> =
                            serde_json::from_value(json!(points)).expect("points");
                        let status = RequestStatus::Transforming;
                        agenda.insert(
                            (now, number),
                            Event::Polled {
                                status,
                                points,
                                mine: None,
                            },
                        );
                    }
                    Command::Evaluate { id, attempt, .. } => {
                        begun += 1;
                        let outcomes = outcomes(&result.trials[place(&id)]);
                        let outcome = outcomes.get(attempt as usize - 1).copied();
                        let outcome = outcome.unwrap_or(Outcome {
                            duration: median,
                            is_good: true,
                        });
                        let value = if outcome.is_good {
                            Ok(1.0)
                        } else {
                            Err(crate::Failure::point("no luck"))
                        };
                        agenda.insert(
                            (now + outcome.duration, number),
                            Event::Evaluated {
                                id,
                                attempt,
                                outcome: value,
                            },
                        );
                    }
                    Command::Report { id, loss } => {
                        losses[place(&id)] = Some(loss.get());
                        last = now;
                        agenda.insert((now, number), Event::Reported { id });
                    }
                    Command::Stop(why) => panic!("{why:?}"),
                    _ => {}
                }
            }
        }
    }

    fn place(id: &PointId) -> usize {
        id.as_str().parse::<usize>().expect("a number") - 1
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Durations of odd microseconds, so that no two things happen at once.
        #[test]
        fn the_forecast_is_what_the_search_does(
            durations in proptest::collection::vec((proptest::collection::vec(1..9_000_u64, 0..2), 1..90_000_u64), 1..30),
            workers in 1..6_usize,
            batch in 1..12_usize,
            timeout in proptest::option::of(20_001..60_001_u64),
            speculate in proptest::option::of(1.5..4.0),
        ) {
            let mut result = recorded(&durations);
            let mut unit = 0;
            for evaluation in result.trials.iter_mut().flat_map(|trial| &mut trial.evaluations) {
                unit += 1;
                let millis = evaluation.ended.expect("it has an end").as_secs();
                evaluation.ended = Some(Duration::from_micros(1000 * millis + 7 * unit));
            }
            let mut plan = WhatIf::new(workers, batch);
            (plan.timeout, plan.speculate) = (timeout.map(Duration::from_millis), speculate);
            let forecast = result.what_if(&plan).expect("evaluations");
            prop_assert_eq!((forecast.makespan, forecast.evaluations), played(&result, &plan));
            let all = forecast.makespan * u32::try_from(workers).expect("few");
            prop_assert_eq!(forecast.busy + forecast.idle, all);
        }
    }
}
