//! What a search would have taken with other numbers: a simulation from the durations that were recorded.

mod play;
#[cfg(test)]
mod tests;

use std::time::Duration;

use self::play::Recorded;
use crate::SearchResult;

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
    /// Plans for this many evaluations in parallel, over all processes, and this many points in one generation
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

    /// Sets the time that one evaluation may take, as [`SearchOptions::evaluation_timeout`](crate::SearchOptions::evaluation_timeout) does.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Sets how often an evaluation may fail or take too long before its point is given up; 3 by default.
    pub fn attempts(mut self, count: u32) -> Self {
        self.attempts = count;
        self
    }

    /// Has stragglers evaluated a second time, as [`SearchOptions::speculate`](crate::SearchOptions::speculate) does.
    pub fn speculate(mut self, factor: f64) -> Self {
        self.speculate = Some(factor);
        self
    }

    /// Sets how long the server takes from the last loss of a generation to the points of the next one; as recorded by default.
    pub fn turnaround(mut self, time: Duration) -> Self {
        self.turnaround = Some(time);
        self
    }

    /// Sets what another evaluation of a slow point would take; as any other by default.
    pub fn slowness(mut self, slowness: Slowness) -> Self {
        self.slowness = slowness;
        self
    }
}

/// What a search would take.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Forecast {
    /// Number of evaluations in parallel.
    pub workers: usize,
    /// Number of points of one generation.
    pub batch: usize,
    /// Number of all points.
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
    /// evaluations are begun, tried again, given up and begun a second time as the [`Study`](crate::Study) does, without
    /// pauses before another attempt. What another evaluation of the same point would take is not known: [`Slowness`] says
    /// what is assumed. Other batches would also bring other points, with other durations.
    ///
    /// A pure function: the same record and plan give the same forecast.
    pub fn what_if(&self, plan: &WhatIf) -> Option<Forecast> {
        Some(Recorded::of(self)?.play(plan))
    }

    /// Returns what the search would take with the smallest generations that take no longer than this part more than the best possible time with these workers, such as 0.1 for a tenth; none when no evaluation has ended here.
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
