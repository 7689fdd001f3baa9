//! Grid search.

use idds_workflow::Point;

use super::known::Known;
use super::{Ask, Sampler};
use crate::cube::{Axis, Cube};

/// Goes through every combination of choices, levels, and evenly spaced values, the last parameter fastest.
///
/// Integers and multiples of a step with at most that many values, and all choices, are gone through one by one; of other
/// numbers so many are taken, the bounds among them. After the last combination the spacing is halved and those that are new
/// follow. A space that has no further combinations is gone through again.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    values: usize,
}

impl Grid {
    /// Takes so many values of each number at first, at least two; 5 by default.
    pub fn new(values: usize) -> Self {
        Self { values: values.max(2) }
    }
}

impl Default for Grid {
    fn default() -> Self {
        Self::new(5)
    }
}

/// Number of coordinates from which a grid has more combinations than anybody can try.
const MOST_VALUES: usize = 1 << 20;

impl Sampler for Grid {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = Cube::new(ask.space);
        let axes = cube.axes();
        let mut known = Known::new(ask, &cube);
        let mut points = Vec::with_capacity(ask.count);
        let mut values = self.values;
        loop {
            for point in Combinations::new(&axes, values) {
                if points.len() == ask.count {
                    return points;
                }
                let point = cube.point(point);
                if known.is_new(&cube.coordinates(&point)) {
                    known.propose(&cube, &point);
                    points.push(point);
                }
            }
            let is_complete = axes.iter().all(|axis| steps(*axis, values).1);
            if is_complete || values > MOST_VALUES {
                known = Known::default();
            }
            values = (2 * values - 1).min(2 * MOST_VALUES);
        }
    }
}

/// Returns how many values an axis has in a grid of so many, and whether those are all.
fn steps(axis: Axis, values: usize) -> (usize, bool) {
    match axis {
        Axis::Categories(count) => (count, true),
        Axis::Levels(count) if count <= values => (count, true),
        Axis::Levels(_) | Axis::Continuous => (values, false),
    }
}

/// All combinations of the values of the axes, as coordinates.
struct Combinations {
    /// How many values each axis has, and whether they are shares and not marks from bound to bound.
    axes: Vec<(usize, bool)>,
    next: Option<Vec<usize>>,
}

impl Combinations {
    fn new(axes: &[Axis], values: usize) -> Self {
        Self { axes: axes.iter().map(|axis| steps(*axis, values)).collect(), next: Some(vec![0; axes.len()]) }
    }
}

impl Iterator for Combinations {
    type Item = Vec<f64>;

    fn next(&mut self) -> Option<Vec<f64>> {
        let indices = self.next.take()?;
        let at = |(index, (count, is_share)): (&usize, &(usize, bool))| match is_share {
            true => (*index as f64 + 0.5) / *count as f64,
            false => *index as f64 / (*count - 1) as f64,
        };
        let coordinates = indices.iter().zip(&self.axes).map(at).collect();
        let mut following = indices;
        for axis in (0..self.axes.len()).rev() {
            following[axis] += 1;
            if following[axis] < self.axes[axis].0 {
                self.next = Some(following);
                break;
            }
            following[axis] = 0;
        }
        Some(coordinates)
    }
}
