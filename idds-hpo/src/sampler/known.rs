//! What samplers that learn have in common: the trials so far, the first points, and no point twice.

use std::collections::HashSet;

use idds_workflow::Point;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{Ask, QuasiRandom, Sampler};
use crate::{Axis, Cube};

/// The trials so far as coordinates of the cube.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Coordinates and losses of the trials that have a loss that is a number.
    pub(super) evaluated: Vec<(Vec<f64>, f64)>,
    /// Coordinates of the trials that have none, those just proposed included.
    pub(super) pending: Vec<Vec<f64>>,
    /// Bits of the coordinates of all trials.
    seen: HashSet<Vec<u64>>,
}

/// Number of trials before anything is learnt: the centre, and points that fill the middle of the space evenly.
const FIRST: usize = 10;

/// Number of trials with a loss from which something can be learnt.
const ENOUGH: usize = 4;

/// Number of attempts to find a point that was not there yet; after that the space is taken for exhausted.
const ATTEMPTS: usize = 100;

impl Known {
    pub(super) fn new(ask: &Ask<'_>, cube: &Cube<'_>) -> Self {
        let mut known = Self::default();
        for trial in ask.history {
            let coordinates = cube.coordinates(&trial.point);
            known.seen.insert(bits(&coordinates));
            match trial.loss.filter(|loss| loss.is_finite()) {
                Some(loss) => known.evaluated.push((coordinates, loss)),
                None => known.pending.push(coordinates),
            }
        }
        known
    }

    /// Proposes what can be proposed before anything is learnt, which may be less than was asked for.
    pub(super) fn first(&mut self, ask: &Ask<'_>, cube: &Cube<'_>, rng: &mut ChaCha8Rng) -> Vec<Point> {
        let there = ask.history.len();
        let is_blind = self.evaluated.len() < ENOUGH;
        let count = if is_blind { ask.count } else { FIRST.saturating_sub(there).min(ask.count) };
        if count == 0 {
            return Vec::new();
        }
        // The centre comes before the sequence, which is therefore one behind.
        let centre = (there == 0).then(|| cube.point([]));
        let behind = &ask.history[..there.saturating_sub(1)];
        let sequence = Ask { history: behind, count: count - usize::from(centre.is_some()), ..*ask };
        let spread = QuasiRandom.sample(&sequence).into_iter().map(|point| halfway(cube, &point));
        let mut points = Vec::with_capacity(ask.count);
        for point in centre.into_iter().chain(spread) {
            if self.is_new(&cube.coordinates(&point)) {
                self.propose(cube, &point);
                points.push(point);
            }
        }
        if is_blind {
            points.extend(self.fill(cube, count - points.len(), rng));
        }
        points
    }

    /// Returns the losses of the evaluated trials.
    pub(super) fn losses(&self) -> Vec<f64> {
        self.evaluated.iter().map(|(_, loss)| *loss).collect()
    }

    /// Returns random points that are not there yet, as long as there are any.
    pub(super) fn fill(&mut self, cube: &Cube<'_>, count: usize, rng: &mut ChaCha8Rng) -> Vec<Point> {
        (0..count)
            .map(|_| {
                let mut point = cube.point((0..cube.dimensions()).map(|_| rng.random::<f64>()));
                for _ in 0..ATTEMPTS {
                    if self.is_new(&cube.coordinates(&point)) {
                        break;
                    }
                    point = cube.point((0..cube.dimensions()).map(|_| rng.random::<f64>()));
                }
                self.propose(cube, &point);
                point
            })
            .collect()
    }

    /// Notes that a point is proposed, and returns its coordinates.
    pub(super) fn propose(&mut self, cube: &Cube<'_>, point: &Point) -> Vec<f64> {
        let coordinates = cube.coordinates(point);
        self.seen.insert(bits(&coordinates));
        self.pending.push(coordinates.clone());
        coordinates
    }

    /// Says whether no trial is at these coordinates.
    pub(super) fn is_new(&self, coordinates: &[f64]) -> bool {
        !self.seen.contains(&bits(coordinates))
    }
}

/// Returns the point halfway between the centre and another, with the choices of that one.
///
/// In many dimensions nearly all points are near some edge, and the best ones seldom are.
fn halfway(cube: &Cube<'_>, point: &Point) -> Point {
    let halved = cube.coordinates(point).into_iter().zip(cube.axes()).map(|(u, axis)| match axis {
        Axis::Categories(_) => u,
        Axis::Continuous | Axis::Levels(_) => 0.25 + 0.5 * u,
    });
    cube.point(halved)
}

fn bits(coordinates: &[f64]) -> Vec<u64> {
    coordinates.iter().map(|coordinate| coordinate.to_bits()).collect()
}
