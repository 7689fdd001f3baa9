//! The sampler for those who do not want to choose one.

use idds_workflow::Point;

use crate::cma_es::CmaEs;
use crate::gaussian_process::GaussianProcess;
use crate::quasi_random::QuasiRandom;
use crate::sampler::{Ask, Sampler};
use crate::tpe::Tpe;
use crate::unit_space::{Axis, UnitSpace};

/// Chooses a sampler by the number of trials, the dimensions of the space, the kinds of its parameters, and the work that the new
/// points would be.
///
/// | space | trials so far | new points | sampler |
/// | --- | --- | --- | --- |
/// | up to 64 coordinates | up to 1,000 | up to 100 | [`GaussianProcess`] |
/// | with choices without an order | up to 10,000 | up to 100 | [`Tpe`] |
/// | otherwise | | | [`CmaEs`] |
/// | where the one above would take more than about 4 s of a processor | | | the next one, [`QuasiRandom`] after the last |
///
/// A number or a choice takes one coordinate, a list or an array as many as it has items. The reasons:
///
/// * While trials are few, nothing gets more out of each than a Gaussian process, for any kind of parameter; from 64 coordinates or
///   1,000 trials on it would take seconds for a point and no longer be better.
/// * Parzen estimators know that choices have no order, and take milliseconds for a point among thousands of trials.
/// * An evolution strategy takes hardly any time, with however many trials and points at once; what it lacks is a notion of choices.
/// * Work is estimated in operations, not measured: the same trials give the same points on every machine.
///
/// All of them begin in the same way, with the centre and nine points that fill three quarters of each range evenly, learn from four
/// different losses on, and take up the trials of another, so that it does not matter when the choice changes. Name one of them when you
/// know more: an evaluation of seconds is not worth a Gaussian process, one of hours always is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Auto;

/// Largest number of coordinates, of trials, and of points at once for which a Gaussian process is worth its time.
const MOST_DIMENSIONS: usize = 64;
const MOST_TRIALS: usize = 1_000;
const MOST_AT_ONCE: usize = 100;

/// Largest number of trials for which Parzen estimators are.
const MOST_KERNELS: usize = 10_000;

/// Operations that new points may take; a processor does about 10^9 of them in a second.
const MOST_WORK: f64 = 4e9;

impl Sampler for Auto {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        Choice::of(ask).sampler.sample(ask)
    }

    fn work(&self, ask: &Ask<'_>) -> f64 {
        Choice::of(ask).work
    }
}

/// A sampler that was chosen.
struct Choice {
    sampler: &'static dyn Sampler,
    /// Operations that it takes.
    work: f64,
}

impl Choice {
    fn of(ask: &Ask<'_>) -> Self {
        let cube = UnitSpace::new(ask.space);
        let axes = cube.axes();
        let (trials, is_batch) = (ask.history.len(), ask.count > MOST_AT_ONCE);
        let has_choices = axes
            .iter()
            .any(|axis| matches!(axis, Axis::Categories(count) if *count > 2));
        let task = Task {
            trials: trials as f64,
            count: ask.count as f64,
            dimensions: axes.len() as f64,
        };
        let fitting: [(bool, f64, &'static dyn Sampler); 3] = [
            (
                !is_batch && axes.len() <= MOST_DIMENSIONS && trials <= MOST_TRIALS,
                task.gaussian_process(),
                &GaussianProcess,
            ),
            (
                !is_batch && has_choices && trials <= MOST_KERNELS,
                task.parzen_estimators(),
                &Tpe,
            ),
            (true, task.evolution_strategy(), &CmaEs),
        ];
        let fits = |(is_worth, work, _): &(bool, f64, &'static dyn Sampler)| {
            *is_worth && *work <= MOST_WORK
        };
        let look = QuasiRandom.work(ask);
        match fitting.into_iter().find(fits) {
            Some((_, work, sampler)) => Self {
                sampler,
                work: look + work,
            },
            None => Self {
                sampler: &QuasiRandom,
                work: look,
            },
        }
    }
}

/// What decides how much work it is to choose points.
#[derive(Clone, Copy, Debug)]
struct Task {
    trials: f64,
    count: f64,
    dimensions: f64,
}

impl Task {
    /// Returns the operations of Gaussian processes: fits of 40 steps and of some 100 draws, and for each point a look at up to 600
    /// candidates and at all trials.
    fn gaussian_process(self) -> f64 {
        let Self {
            trials,
            count,
            dimensions,
        } = self;
        let model = trials.min(300.0);
        let asked = trials.min(120.0);
        let fit = 100.0 * asked * asked * (asked / 3.0 + dimensions) + model * model * model;
        let looks = 600.0 * (12.0 / count.max(1.0)).clamp(0.1, 1.0);
        let point = looks * model * (model / 2.0 + 2.0 * dimensions) + model * model * dimensions;
        fit + count * point
    }

    /// Returns the operations of Parzen estimators: for each point a density of all trials, at which 32 candidates are looked.
    fn parzen_estimators(self) -> f64 {
        let Self {
            trials,
            count,
            dimensions,
        } = self;
        count * (trials.min(1_100.0) + count) * dimensions * 150.0 + trials * dimensions
    }

    /// Returns the operations of an evolution strategy, which has a full matrix up to 100 dimensions.
    fn evolution_strategy(self) -> f64 {
        let Self {
            trials,
            count,
            dimensions,
        } = self;
        let (generation, point) = match dimensions <= 100.0 {
            true => (
                dimensions * dimensions * (dimensions / 3.0 + 10.0),
                dimensions * dimensions,
            ),
            false => (dimensions * 60.0, dimensions * 10.0),
        };
        let generations = trials / (4.0 + 3.0 * dimensions.max(1.0).ln());
        generations * generation + count * (point + dimensions * 400.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_searches_are_far_from_too_much_work() {
        let task = |trials, count, dimensions| Task {
            trials,
            count,
            dimensions,
        };
        assert!(task(300.0, 10.0, 20.0).gaussian_process() < MOST_WORK);
        assert!(task(5_000.0, 50.0, 20.0).parzen_estimators() < MOST_WORK);
        assert!(task(100_000.0, 1_000.0, 30.0).evolution_strategy() < MOST_WORK);
    }

    #[test]
    fn thousands_of_coordinates_are_too_much_for_what_looks_at_all_trials() {
        let task = Task {
            trials: 5_000.0,
            count: 10.0,
            dimensions: 4_000.0,
        };
        assert!(task.parzen_estimators() > MOST_WORK && task.evolution_strategy() < MOST_WORK);
    }
}
