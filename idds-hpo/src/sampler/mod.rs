//! Samplers: rules by which new points are chosen.
//!
//! Which one is for whom:
//!
//! | sampler | for |
//! | --- | --- |
//! | [`Auto`] | everybody: it chooses one of the next three |
//! | [`GaussianProcess`] | up to some hundred evaluations that each take long |
//! | [`Tpe`] | spaces that are mostly choices, thousands of evaluations |
//! | [`CmaEs`] | many numbers, thousands of evaluations, large batches |
//! | [`Grid`] | every combination |
//! | [`QuasiRandom`], [`Random`] | points that no loss has any influence on |
//!
//! Mean regret over ten objectives, batches of 10, 10 seeds, all in one run of `cargo bench --bench samplers -- --seeds 10`; 0 is
//! the best point there is, 1 the mean of random points:
//!
//! | | 20 points | 50 points | 200 points | ms a point |
//! | --- | --- | --- | --- | --- |
//! | [`Auto`] | 0.186 | 0.075 | 0.019 | 10.9 |
//! | TPE of Optuna 5.0.0 | 0.287 | 0.177 | 0.094 | 6.7 |
//! | DiscreteOnePlusOne of nevergrad 1.0.12, with proper ranges | 0.232 | 0.150 | 0.064 | 3.3 |

mod auto;
mod cholesky;
mod cma_es;
mod gaussian_process;
mod grid;
mod known;
mod normal;
mod quasi_random;
mod random;
mod tpe;

use std::fmt;

use idds_workflow::{OptSpace, Point};

pub use self::auto::Auto;
pub use self::cma_es::CmaEs;
pub use self::gaussian_process::GaussianProcess;
pub use self::grid::Grid;
pub use self::quasi_random::QuasiRandom;
pub use self::random::Random;
pub use self::tpe::Tpe;
use crate::Trial;

/// A rule by which new points are chosen.
///
/// A sampler is a pure function: the same [`Ask`] gives the same points, on every platform. That is what lets a search
/// resume and replay exactly.
pub trait Sampler: fmt::Debug + Send + Sync {
    /// Returns exactly `ask.count` points of the space.
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point>;
}

/// What a sampler is asked: so many new points of a space, given all trials so far.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Space to choose from.
    pub space: &'a OptSpace,
    /// All trials so far in the order of their points, pending ones without a loss.
    pub history: &'a [Trial],
    /// Number of new points.
    pub count: usize,
    /// Seed of the search; the same throughout.
    pub seed: u64,
}
