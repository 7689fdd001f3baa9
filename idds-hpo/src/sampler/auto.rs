//! The sampler for those who do not want to choose one.

use idds_workflow::Point;

use super::{Ask, CmaEs, GaussianProcess, Sampler, Tpe};
use crate::cube::{Axis, Cube};

/// Chooses a sampler by the number of trials, the dimensions of the space, and the kinds of its parameters.
///
/// | space | trials so far | new points | sampler |
/// | --- | --- | --- | --- |
/// | up to 64 coordinates | up to 1,000 | up to 100 | [`GaussianProcess`] |
/// | with choices without an order | up to 10,000 | up to 100 | [`Tpe`] |
/// | otherwise | | | [`CmaEs`] |
///
/// A number or a choice takes one coordinate, a list or an array as many as it has items. The reasons:
///
/// * While trials are few, nothing gets more out of each than a Gaussian process, for any kind of parameter; from 64 coordinates or
///   1,000 trials on it would take seconds for a point and no longer be better.
/// * Parzen estimators know that choices have no order, and take milliseconds for a point among thousands of trials.
/// * An evolution strategy takes hardly any time, with however many trials and points at once; what it lacks is a notion of choices.
///
/// All of them begin in the same way, with the centre and nine points that fill the middle of the space evenly, learn from four
/// losses on, and take up the trials of another, so that it does not matter when the choice changes. Name one of them when you
/// know more: an evaluation of seconds is not worth a Gaussian process, one of hours always is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Auto;

/// Largest number of coordinates, of trials, and of points at once for which a Gaussian process is worth its time.
const MOST_DIMENSIONS: usize = 64;
const MOST_TRIALS: usize = 1_000;
const MOST_AT_ONCE: usize = 100;

/// Largest number of trials for which Parzen estimators are.
const MOST_KERNELS: usize = 10_000;

impl Sampler for Auto {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let axes = Cube::new(ask.space).axes();
        let trials = ask.history.len();
        let has_choices = axes.iter().any(|axis| matches!(axis, Axis::Categories(count) if *count > 2));
        if ask.count > MOST_AT_ONCE {
            CmaEs.sample(ask)
        } else if axes.len() <= MOST_DIMENSIONS && trials <= MOST_TRIALS {
            GaussianProcess.sample(ask)
        } else if has_choices && trials <= MOST_KERNELS {
            Tpe.sample(ask)
        } else {
            CmaEs.sample(ask)
        }
    }
}
