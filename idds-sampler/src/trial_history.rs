//! What samplers that learn have in common: the trials so far, the first points, and no point twice.

use std::collections::HashSet;

use idds_workflow::Point;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::combinations::Combinations;
use crate::draw;
use crate::sampler::Ask;
use crate::sobol;
use crate::unit_space::{Axis, UnitSpace};

/// The trials so far as coordinates of the cube.
#[derive(Debug, Default)]
pub(crate) struct TrialHistory {
    /// Coordinates and losses of the trials that have a loss. One that is no number counts as the worst there is.
    pub(crate) evaluated: Vec<(Vec<f64>, f64)>,
    /// Coordinates of the trials that have none and still may get one, those just proposed included.
    pub(crate) pending: Vec<Vec<f64>>,
    /// Bits of the coordinates of all trials.
    seen: HashSet<Vec<u64>>,
    /// Whether the space has no other points.
    is_exhausted: bool,
}

/// Number of trials before anything is learnt: the centre, and points that fill what is around it evenly.
const FIRST: usize = 10;

/// Returns the share of each axis that the first points fill: three quarters up to ten dimensions, half from twenty on.
///
/// In many dimensions nearly all points are near some edge. The best ones seldom are, but a table of recorded evaluations
/// often has them there.
fn inner_share(dimensions: usize) -> f64 {
    (1.0 - 0.025 * dimensions as f64).clamp(0.5, 0.75)
}

/// Number of trials with a loss from which something can be learnt.
const ENOUGH: usize = 4;

/// Number of later trials with a loss after which one that has none is not waited for: it keeps no others away.
const LOST: usize = 40;

/// Number of attempts to draw a point that was not there yet, before the points of the space are gone through.
const ATTEMPTS: usize = 100;

/// Number of points of a space that is always gone through; beyond, only one of which a fourth was tried.
const FEW: usize = 1 << 12;

impl TrialHistory {
    pub(crate) fn new(ask: &Ask<'_>, cube: &UnitSpace<'_>) -> Self {
        let mut known = Self::default();
        let losses = ask
            .history
            .iter()
            .filter_map(|trial| trial.loss.filter(|loss| loss.is_finite()));
        let worst = losses.reduce(f64::max);
        let mut later = ask
            .history
            .iter()
            .filter(|trial| trial.loss.is_some())
            .count();
        for trial in ask.history {
            later -= usize::from(trial.loss.is_some());
            let coordinates = cube.coordinates(&trial.point);
            known.seen.insert(bits(&coordinates));
            match trial
                .loss
                .and_then(|loss| if loss.is_finite() { Some(loss) } else { worst })
            {
                Some(loss) => known.evaluated.push((coordinates, loss)),
                None if later < LOST => known.pending.push(coordinates),
                None => {}
            }
        }
        known
    }

    /// Proposes what can be proposed before anything is learnt, which may be less than was asked for.
    pub(crate) fn first(
        &mut self,
        ask: &Ask<'_>,
        cube: &UnitSpace<'_>,
        rng: &mut ChaCha8Rng,
    ) -> Vec<Point> {
        let there = ask.history.len();
        let is_blind = !self.tells_apart() || cube.dimensions() == 0;
        let count = if is_blind {
            ask.count
        } else {
            FIRST.saturating_sub(there).min(ask.count)
        };
        if count == 0 {
            return Vec::new();
        }
        // The centre comes before the sequence, which is therefore one behind.
        let centre = (there == 0).then(|| cube.point([]));
        let behind = there.saturating_sub(1);
        let spread = (behind..).zip(sobol::sequence(cube, ask.seed, behind..there + count - 1));
        let spread = spread.map(|(index, coordinates)| match index < FIRST - 1 {
            true => inner(cube, coordinates),
            false => cube.point(coordinates),
        });
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

    /// Says whether there are enough losses to learn from, and different ones.
    fn tells_apart(&self) -> bool {
        let losses = self.losses();
        losses.len() >= ENOUGH && losses.iter().any(|loss| *loss != losses[0])
    }

    /// Returns the losses of the evaluated trials.
    pub(crate) fn losses(&self) -> Vec<f64> {
        self.evaluated.iter().map(|(_, loss)| *loss).collect()
    }

    /// Returns random points that are not there yet, as long as there are any.
    pub(crate) fn fill(
        &mut self,
        cube: &UnitSpace<'_>,
        count: usize,
        rng: &mut ChaCha8Rng,
    ) -> Vec<Point> {
        (0..count)
            .map(|_| self.instead_of(draw::anywhere(cube, rng), cube, rng))
            .collect()
    }

    /// Proposes a point, or a random one when it is there already, as long as the space has any that is not.
    pub(crate) fn instead_of(
        &mut self,
        point: Point,
        cube: &UnitSpace<'_>,
        rng: &mut ChaCha8Rng,
    ) -> Point {
        let mut chosen = point;
        if !self.is_exhausted && !self.is_new(&cube.coordinates(&chosen)) {
            let mut others = (0..ATTEMPTS).map(|_| draw::anywhere(cube, rng));
            match others
                .find(|other| self.is_new(&cube.coordinates(other)))
                .or_else(|| self.left(cube, rng))
            {
                Some(other) => chosen = other,
                None => self.is_exhausted = true,
            }
        }
        self.propose(cube, &chosen);
        chosen
    }

    /// Returns one of the points that are left of a space with few points.
    fn left(&self, cube: &UnitSpace<'_>, rng: &mut ChaCha8Rng) -> Option<Point> {
        let most = FEW.max(4 * self.seen.len());
        let axes: Vec<Vec<f64>> = cube.values(most).into_iter().collect::<Option<_>>()?;
        if cube.active(&[]).is_some() {
            // Fewer than the combinations of all values.
            let points = Combinations::new(cube, axes).map(|coordinates| cube.point(coordinates));
            let mut points: Vec<Point> = points.take(most + 1).collect();
            if points.len() > most {
                return None;
            }
            points.retain(|point| self.is_new(&cube.coordinates(point)));
            return (!points.is_empty())
                .then(|| points.swap_remove(rng.random_range(0..points.len())));
        }
        let count = axes
            .iter()
            .try_fold(1_usize, |count, values| count.checked_mul(values.len()))?;
        if count > most {
            return None;
        }
        let start = rng.random_range(0..count);
        (start..count).chain(0..start).find_map(|index| {
            let mut rest = index;
            let place = |values: &Vec<f64>| {
                let at = rest % values.len();
                rest /= values.len();
                values[at]
            };
            let point = cube.point(axes.iter().map(place).collect::<Vec<_>>());
            self.is_new(&cube.coordinates(&point)).then_some(point)
        })
    }

    /// Notes that a point is proposed, and returns its coordinates.
    pub(crate) fn propose(&mut self, cube: &UnitSpace<'_>, point: &Point) -> Vec<f64> {
        let coordinates = cube.coordinates(point);
        self.seen.insert(bits(&coordinates));
        self.pending.push(coordinates.clone());
        coordinates
    }

    /// Says whether no trial is at these coordinates.
    pub(crate) fn is_new(&self, coordinates: &[f64]) -> bool {
        !self.seen.contains(&bits(coordinates))
    }
}

/// Returns the point at these coordinates, drawn towards the centre but for the choices.
fn inner(cube: &UnitSpace<'_>, coordinates: Vec<f64>) -> Point {
    let share = inner_share(coordinates.len());
    let point = cube.point(coordinates);
    let drawn = cube
        .coordinates(&point)
        .into_iter()
        .zip(cube.axes())
        .map(|(u, axis)| match axis {
            Axis::Categories(_) => u,
            Axis::Continuous | Axis::Levels(_) => 0.5 + share * (u - 0.5),
        });
    cube.point(drawn)
}

fn bits(coordinates: &[f64]) -> Vec<u64> {
    coordinates
        .iter()
        .map(|coordinate| coordinate.to_bits())
        .collect()
}
