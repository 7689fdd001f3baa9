//! Grid search.

use idds_workflow::Point;

use crate::combinations::Combinations;
use crate::sampler::{Ask, Sampler};
use crate::trial_history::TrialHistory;
use crate::unit_space::{Axis, UnitSpace};

/// Goes through every combination of choices, levels, and evenly spaced values, the last parameter fastest.
///
/// Integers and multiples of a step with at most that many values, and all choices, are gone through one by one; of other
/// numbers this many are taken, the bounds among them. After the last combination the spacing is halved and those that are new
/// follow. A space that has no further combinations is gone through again.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    values: usize,
}

impl Grid {
    /// Takes this many values of each number at first, at least two; 5 by default.
    pub fn new(values: usize) -> Self {
        Self {
            values: values.max(2),
        }
    }
}

impl Default for Grid {
    fn default() -> Self {
        Self::new(5)
    }
}

/// Number of values of an axis at which a grid begins again.
const MOST: usize = 1 << 20;

/// Number of combinations that are there already, apart from four for every trial, after which it does so too: numbers that lie so
/// close that rounding makes them the same have fewer than they seem to.
const VAIN: usize = 1 << 12;

impl Sampler for Grid {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = UnitSpace::new(ask.space);
        let mut known = TrialHistory::new(ask, &cube);
        let mut points = Vec::with_capacity(ask.count);
        let mut count = self.values;
        let mut vain = 0;
        loop {
            let mut is_complete = true;
            let axes =
                cube.axes()
                    .into_iter()
                    .zip(cube.values(count))
                    .map(|(axis, values)| match (axis, values) {
                        (_, Some(all)) => all,
                        // Choices have no spacing to halve.
                        (Axis::Categories(all), None) => {
                            marks(all, |index| (index as f64 + 0.5) / all as f64)
                        }
                        (Axis::Levels(_) | Axis::Continuous, None) => {
                            is_complete = false;
                            marks(count, |index| index as f64 / (count - 1) as f64)
                        }
                    });
            for coordinates in Combinations::new(&cube, axes.collect()) {
                if points.len() == ask.count {
                    return points;
                }
                let point = cube.point(coordinates);
                if known.is_new(&cube.coordinates(&point)) {
                    known.propose(&cube, &point);
                    points.push(point);
                } else {
                    vain += 1;
                    if vain > VAIN + 4 * (ask.history.len() + points.len()) {
                        is_complete = true;
                        break;
                    }
                }
            }
            count = (2 * count - 1).min(MOST);
            if is_complete || count == MOST {
                known = TrialHistory::default();
                (count, vain) = (self.values, 0);
            }
        }
    }
}

fn marks(count: usize, at: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..count).map(at).collect()
}
