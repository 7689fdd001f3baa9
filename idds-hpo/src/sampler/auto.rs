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
/// All of them begin in the same way, and take up the trials of another.
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
