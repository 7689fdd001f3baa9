//! How much of the variance of the losses over the whole space each parameter explains.

mod axis;
mod bend;
mod model;
mod shares;
#[cfg(test)]
mod tests;

use self::bend::{Bend, POWERS};
use self::model::{Model, square};
use idds_sampler::Axis;

/// What a search tells of the influence of its parameters.
#[derive(Clone, Debug)]
pub(super) struct Importance {
    /// Of each axis: the share of the variance that it explains by itself, and by how much the share may be wrong.
    pub(super) axes: Vec<Share>,
    /// The share that only several axes together explain.
    pub(super) together: Share,
    model: Model,
    bend: Bend,
}

/// A share of the variance, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Share {
    pub(super) value: f64,
    pub(super) error: f64,
}

/// Why nothing can be said of the influence of the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Silence {
    /// There are fewer different points than these, the second number of them.
    TooFew(usize, usize),
    /// There are more axes than can be told apart.
    TooMany,
    /// All losses are equal.
    Flat,
    /// The loss of a point cannot be predicted from the others.
    Unpredictable,
    /// The points say too little of the rest of the space.
    Unexplored,
}

/// Fewest points of which something is said, and fewest for each axis.
const FEWEST: usize = 10;
const FEWEST_PER_AXIS: usize = 2;

/// Most axes; a sampler never fills a space of more.
const MOST_AXES: usize = 24;

/// Most choices of an axis: of more, no point says anything about another one.
const MOST_CATEGORIES: usize = 500;

/// Number of points the model is fitted to: at most, and for each axis.
const MOST: usize = 120;
const ENOUGH: usize = 60;
const ENOUGH_PER_AXIS: usize = 6;

/// Points that are nearer along every axis are looked at once: a search that has found the best point evaluates many around it, which
/// say nothing of the space, and from whose tiny differences no model can be fitted.
const NEAR: f64 = 0.03;

/// Number of points on which the bends of the losses are compared, and steps of each fit.
const COMPARED: usize = 40;
const COMPARED_STEPS: usize = 40;
const STEPS: usize = 60;

/// Number of groups of points, each of which is left out once to see how much hangs on it.
const GROUPS: usize = 8;

/// Of the variance over the space, the largest share that the points may leave open, and the least share of that of the losses that
/// must be predictable.
const MOST_OPEN: f64 = 0.35;
const LEAST_PREDICTABLE: f64 = 0.25;

impl Importance {
    /// Looks at the losses at these coordinates of the cube.
    ///
    /// A sampler gathers points where losses are small, so what the losses of the points vary with is not what the loss varies with
    /// over the space. A model is fitted to points that are spread as evenly as there are any, and the variance is that of the model.
    pub(super) fn new(axes: &[Axis], points: &[Vec<f64>], losses: &[f64]) -> Result<Self, Silence> {
        let is_wide =
            |axis: &Axis| matches!(axis, Axis::Categories(count) if *count > MOST_CATEGORIES);
        if axes.is_empty() || axes.len() > MOST_AXES || axes.iter().any(is_wide) {
            return Err(Silence::TooMany);
        }
        let spread = spread(
            axes,
            points,
            ENOUGH.max(ENOUGH_PER_AXIS * axes.len()).min(MOST),
        );
        let fewest = FEWEST.max(FEWEST_PER_AXIS * (axes.len() + 1));
        if spread.len() < fewest {
            return Err(Silence::TooFew(spread.len(), fewest));
        }
        let points: Vec<_> = spread.iter().map(|index| points[*index].clone()).collect();
        let losses: Vec<_> = spread.iter().map(|index| losses[*index]).collect();
        let (bend, bent, start) = bend(axes, &points, &losses)?;
        let (mut model, _) =
            Model::fit(axes, &points, &bent, Some(&start), STEPS).ok_or(Silence::Flat)?;
        if model.foresight < LEAST_PREDICTABLE {
            return Err(Silence::Unpredictable);
        }
        model.leave_out(&bent, GROUPS);
        let (shares, open) = shares::shares(&model, &bend);
        if open > MOST_OPEN {
            return Err(Silence::Unexplored);
        }
        let (all, parts) = shares.split_first().ok_or(Silence::Flat)?;
        let share = |of: &dyn Fn(&[f64]) -> f64| {
            let count = parts.len().max(1) as f64;
            let mean = parts.iter().map(|part| of(part)).sum::<f64>() / count;
            let squares: f64 = parts.iter().map(|part| square(of(part) - mean)).sum();
            // Twice the standard error, of the jackknife, and what no point tells.
            let error = 2.0 * ((count - 1.0) / count * squares).sqrt() + open;
            Share {
                value: of(all),
                error: error.min(1.0),
            }
        };
        Ok(Self {
            axes: (0..axes.len())
                .map(|axis| share(&|shares| shares[axis]))
                .collect(),
            together: share(&|shares| (1.0 - shares.iter().sum::<f64>()).max(0.0)),
            model,
            bend,
        })
    }

    /// Returns the mean loss over all other axes on a grid of two, row by row of the second, in some unit above the best loss.
    pub(super) fn surface(&self, first: usize, second: usize) -> Vec<Vec<f64>> {
        shares::surface(&self.model, &self.bend, first, second)
    }
}

/// Returns the bend under which the losses are most probable, them bent, and where the fit to them ended.
fn bend(
    axes: &[Axis],
    points: &[Vec<f64>],
    losses: &[f64],
) -> Result<(Bend, Vec<f64>, Vec<f64>), Silence> {
    let compared = points.len().min(COMPARED);
    let mut best: Option<(f64, _)> = None;
    for power in POWERS {
        let Some((bend, bent)) = Bend::new(losses, power) else {
            continue;
        };
        let Some((model, parameters)) = Model::fit(
            axes,
            &points[..compared],
            &bent[..compared],
            None,
            COMPARED_STEPS,
        ) else {
            continue;
        };
        let evidence = model.evidence + bend.stretch * compared as f64 / losses.len() as f64;
        if best.as_ref().is_none_or(|(most, _)| evidence > *most) {
            best = Some((evidence, (bend, bent, parameters)));
        }
    }
    best.map(|(_, best)| best).ok_or(Silence::Flat)
}

/// Returns at most this many points, each the one that is farthest from all before it.
fn spread(axes: &[Axis], points: &[Vec<f64>], most: usize) -> Vec<usize> {
    let apart = |a: &[f64], b: &[f64]| {
        let along = |(axis, (a, b)): (&Axis, (&f64, &f64))| match axis {
            Axis::Categories(_) => f64::from(a != b),
            _ => (a - b).abs(),
        };
        axes.iter()
            .zip(a.iter().zip(b))
            .map(along)
            .fold(0.0, f64::max)
    };
    let mut chosen = Vec::new();
    let mut distances = vec![f64::INFINITY; points.len()];
    while chosen.len() < most {
        let farthest = (0..points.len())
            .rev()
            .max_by(|a, b| distances[*a].total_cmp(&distances[*b]));
        let Some(farthest) = farthest.filter(|index| distances[*index] > NEAR) else {
            break;
        };
        chosen.push(farthest);
        for (distance, point) in distances.iter_mut().zip(points) {
            *distance = distance.min(apart(point, &points[farthest]));
        }
    }
    chosen
}
