//! Where to look next.

use idds_workflow::Point;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::fit::MANY_AXES;
use super::model::Model;
use crate::normal;
use crate::trial_history::TrialHistory;
use crate::unit_space::{Axis, UnitSpace};

/// The search for the point whose loss promises the largest improvement.
#[derive(Clone, Copy)]
pub(crate) struct Acquisition<'a> {
    pub(crate) axes: &'a [Axis],
    pub(crate) model: &'a Model,
    /// Loss that is to be improved.
    pub(crate) best: f64,
    /// Points in whose neighbourhood is looked, and what is expected there.
    pub(crate) centres: &'a [(f64, Vec<f64>)],
    /// What is expected of failures: 0 where points work, 1 where they fail; none where nothing has failed.
    pub(crate) failures: Option<&'a Model>,
    /// Points that are evaluated at the same time, near which nothing new would be learnt.
    pub(crate) beside: &'a [Vec<f64>],
    /// The best point so far, when something far from it is wanted, and with another combination of choices.
    pub(crate) far_from: Option<&'a [f64]>,
    /// Number of candidates, relative to the usual one.
    pub(crate) effort: f64,
}

/// Number of random points that are looked at.
const RANDOM: f64 = 200.0;

/// Number of points that are looked at in the neighbourhood of each centre.
const NEIGHBOURS: f64 = 40.0;

/// How far those neighbours are, in length scales.
const REACHES: [f64; 4] = [0.3, 0.1, 0.03, 0.01];

/// Number of candidates that are improved, and of steps of each.
const CLIMBERS: usize = 4;
const STEPS: f64 = 40.0;

/// Distance to the points of the same batch, in length scales, and to the best point where something far from it is wanted.
const APART: f64 = 0.4;
const FAR: f64 = 1.0;

/// Subtracted where a combination of choices is not the wanted one: more than promises differ by.
const OTHER_CHOICES: f64 = 100.0;

/// Smallest probability to work that is told apart from less.
const LEAST_CHANCE: f64 = 0.01;

impl Acquisition<'_> {
    /// Returns the most promising point that is not there yet, if one was found.
    pub(crate) fn best(
        &self,
        cube: &UnitSpace<'_>,
        known: &TrialHistory,
        rng: &mut ChaCha8Rng,
    ) -> Option<Point> {
        let mut candidates: Vec<(f64, Vec<f64>)> = self
            .candidates(rng)
            .into_iter()
            .filter(|candidate| known.is_new(candidate))
            .map(|candidate| (self.promise(&candidate), candidate))
            .collect();
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (promise, at) in candidates.iter_mut().take(CLIMBERS) {
            let mut reach = 0.1_f64;
            for _ in 0..(STEPS * self.effort) as usize {
                let next = self.neighbour(at, reach, rng);
                let value = if known.is_new(&next) {
                    self.promise(&next)
                } else {
                    f64::NEG_INFINITY
                };
                if value > *promise {
                    (*promise, *at) = (value, next);
                    reach = (reach * 1.5).min(0.5);
                } else {
                    reach = (reach * 0.87).max(1e-4);
                }
            }
        }
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
        // Coordinates between the values of a parameter make a point that may be there already.
        candidates
            .into_iter()
            .map(|(_, coordinates)| cube.point(coordinates))
            .find(|point| known.is_new(&cube.coordinates(point)))
    }

    /// Returns points from everywhere, and from around the points where the least is expected.
    fn candidates(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<f64>> {
        let mut candidates: Vec<Vec<f64>> = (0..(RANDOM * self.effort) as usize)
            .map(|_| {
                self.axes
                    .iter()
                    .map(|axis| snap(*axis, rng.random()))
                    .collect()
            })
            .collect();
        for (_, centre) in self.centres {
            candidates.extend(
                (0..(NEIGHBOURS * self.effort) as usize)
                    .map(|index| self.neighbour(centre, REACHES[index % REACHES.len()], rng)),
            );
        }
        candidates
    }

    /// Returns the logarithm of the expected improvement, less what speaks against the point.
    fn promise(&self, coordinates: &[f64]) -> f64 {
        let expected = self.model.predict(coordinates);
        let z = (self.best - expected.mean) / expected.deviation;
        let works = self.failures.map_or(1.0, |failures| {
            (1.0 - failures.predict(coordinates).mean).clamp(LEAST_CHANCE, 1.0)
        });
        libm::log(expected.deviation) + log_improvement(z) + libm::log(works)
            - self.crowding(coordinates)
    }

    /// Returns how much speaks against a point because of others near it.
    fn crowding(&self, coordinates: &[f64]) -> f64 {
        let within = |other: &[f64], distance: f64| {
            let near = self.model.distance(other, coordinates) / distance;
            match near < 1.0 {
                true => -4.0 * libm::log(near.max(1e-9)),
                false => 0.0,
            }
        };
        // Whatever has many axes is far apart.
        let beside: f64 = match self.axes.len() > MANY_AXES {
            true => 0.0,
            false => self.beside.iter().map(|other| within(other, APART)).sum(),
        };
        let far = self.far_from.map_or(0.0, |best| {
            let mut choices = (0..self.axes.len())
                .filter(|axis| matches!(self.axes[*axis], Axis::Categories(_)))
                .peekable();
            match choices.peek().is_some() {
                true if choices.all(|axis| best[axis] == coordinates[axis]) => OTHER_CHOICES,
                true => 0.0,
                false => within(best, FAR),
            }
        });
        beside + far
    }

    /// Returns a point near another, some of whose coordinates are changed.
    fn neighbour(&self, centre: &[f64], reach: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let share = (4.0 / self.axes.len() as f64).clamp(0.25, 1.0);
        let surely = rng.random_range(0..self.axes.len());
        let change = |axis: usize, rng: &mut ChaCha8Rng| {
            let (at, kind) = (centre[axis], self.axes[axis]);
            let is_changed = axis == surely || rng.random::<f64>() < share;
            match kind {
                _ if !is_changed => at,
                Axis::Categories(_) if axis != surely && rng.random::<f64>() > reach => at,
                Axis::Categories(_) => snap(kind, rng.random()),
                _ => {
                    let step = reach * self.model.scale(axis).min(1.0) * normal::draw(rng);
                    let step = match kind {
                        // At least one level.
                        Axis::Levels(count) if axis == surely => {
                            step.abs().max(1.0 / count as f64).copysign(step)
                        }
                        _ => step,
                    };
                    snap(kind, normal::reflected(at + step))
                }
            }
        };
        (0..self.axes.len()).map(|axis| change(axis, rng)).collect()
    }
}

/// Moves a coordinate to the middle of its level or choice.
fn snap(axis: Axis, u: f64) -> f64 {
    match axis {
        Axis::Levels(count) | Axis::Categories(count) => {
            let index = ((u * count as f64) as usize).min(count.saturating_sub(1));
            (index as f64 + 0.5) / count as f64
        }
        Axis::Continuous => u,
    }
}

/// Returns the logarithm of the expected excess of a standard normal number over `-z`.
fn log_improvement(z: f64) -> f64 {
    let log_density = -0.5 * z * z - libm::log(normal::ROOT_TAU);
    if z > -6.0 {
        libm::log(z * normal::share(z) + libm::exp(log_density))
    } else {
        log_density - 2.0 * libm::log(-z)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_of_the_improvement_has_no_step_where_its_form_changes() {
        assert!((log_improvement(-6.0 + 1e-9) - log_improvement(-6.0 - 1e-9)).abs() < 0.1);
        assert!((log_improvement(0.0) - libm::log(0.398_942_280_401)).abs() < 1e-9);
        assert!(
            log_improvement(-40.0).is_finite() && log_improvement(-40.0) < log_improvement(-39.0)
        );
    }

    #[test]
    fn a_coordinate_goes_to_the_middle_of_its_share() {
        assert!((snap(Axis::Levels(4), 0.99) - 0.875).abs() < 1e-12);
        assert!((snap(Axis::Categories(2), 1.0) - 0.75).abs() < 1e-12);
        assert!((snap(Axis::Continuous, 0.3) - 0.3).abs() < 1e-12);
    }
}
