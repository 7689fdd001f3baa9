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
//! | [`Independent`] | toy experiments: points that may repeat |
//!
//! What holds for all of them, whatever the space and the trials so far: as many points as asked for, each in the space and of the
//! kind of its parameters; the same points when asked again; no point that is there already, whether pending or evaluated, as long
//! as the space has others, [`Independent`] excepted. A loss of 0.0 is a loss. One that is NaN or infinite counts as the worst of all.
//! Where trials and new points have more than about two million coordinates, [`Steering`](crate::Steering) takes [`Independent`] in
//! place of any other.
//!
//! Mean regret over ten objectives of `benches/samplers`, batches of 10, 20 seeds, on 2026-11-27; 0 is the best point there is, 1 the
//! mean of random points:
//!
//! | | 20 points | 50 points | 200 points |
//! | --- | --- | --- | --- |
//! | [`Auto`] | 0.181 | 0.075 | 0.022 |
//! | TPE of Optuna 5.0.0 | 0.287 | 0.168 | 0.091 |
//! | DiscreteOnePlusOne of nevergrad 1.0.12, with proper ranges | 0.234 | 0.150 | 0.060 |
//! | the same as iDDS's steering script has it | 0.303 | 0.223 | 0.170 |
//!
//! [`Auto`] is more than 20 % worse than that TPE on one of the ten after 20 points (Branin's function, 0.056 and 0.039), and on none
//! after 50 and 200. On ten further objectives on which nothing was tuned (choices only, integers, stairs, failures, noise, 10 and 20
//! dimensions; 3 seeds, the same day):
//!
//! | | 20 points | 50 points |
//! | --- | --- | --- |
//! | [`Auto`] | 0.224 | 0.064 |
//! | TPE of Optuna 5.0.0 | 0.333 | 0.154 |
//! | DiscreteOnePlusOne of nevergrad 1.0.12, with proper ranges | 0.279 | 0.157 |
//!
//! `cargo bench --bench samplers` makes the first table anew, with `-- --objectives further` the second.

mod auto;
pub(crate) mod cholesky;
mod cma_es;
mod gaussian_process;
mod grid;
mod known;
mod normal;
mod quasi_random;
pub(crate) mod random;
#[cfg(test)]
mod tests;
mod tpe;

use std::fmt;

use idds_workflow::{OptSpace, Point};

pub use self::auto::Auto;
pub use self::cma_es::CmaEs;
pub use self::gaussian_process::GaussianProcess;
pub use self::grid::Grid;
pub use self::quasi_random::QuasiRandom;
pub use self::random::{Independent, Random};
pub use self::tpe::Tpe;
use crate::{Cube, Trial};

/// A rule by which new points are chosen.
///
/// A sampler is a pure function: the same [`Ask`] gives the same points, on every platform. That is what lets a search
/// resume and replay exactly. So it keeps nothing between two questions, takes random numbers from a generator that it seeds
/// with [`Ask::seed`], and logarithms and the like from a crate such as `libm`, as those of `std` differ between platforms.
///
/// A [`Cube`] spares it the kinds of parameters: it makes points of numbers from 0 to 1, and numbers of points.
///
/// ```
/// use idds_hpo::sampler::{Ask, Random, Sampler};
/// use idds_hpo::{Cube, Steering, Trial};
/// use idds_workflow::{OptSpace, Point};
///
/// /// Goes halfway from random points to the best one so far.
/// #[derive(Debug)]
/// struct Halfway;
///
/// impl Sampler for Halfway {
///     fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
///         let cube = Cube::new(ask.space);
///         let loss = |trial: &&Trial| trial.loss.unwrap_or(f64::INFINITY);
///         let best = ask.history.iter().min_by(|a, b| loss(a).total_cmp(&loss(b)));
///         let best = best.map_or(vec![0.5; cube.dimensions()], |best| cube.coordinates(&best.point));
///         let halfway = |point| cube.point(cube.coordinates(&point).iter().zip(&best).map(|(a, b)| 0.5 * (a + b)));
///         Random.sample(ask).into_iter().map(halfway).collect()
///     }
/// }
///
/// let space = OptSpace::builder().scalar("x", -5..=5).integer("depth", 1..=9).build()?;
/// assert_eq!(Steering::new(Halfway).propose(&space, &[], 10).len(), 10);
/// # Ok::<(), idds_workflow::Error>(())
/// ```
pub trait Sampler: fmt::Debug + Send + Sync {
    /// Returns exactly `ask.count` points of the space.
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point>;

    /// Returns about how many operations it takes to choose these points, of which a processor does some 10^9 in a second.
    ///
    /// The embedded server makes points beside others that take long. Unless this says otherwise, it is a look at every trial.
    fn work(&self, ask: &Ask<'_>) -> f64 {
        (ask.history.len() + 4 * ask.count) as f64 * Cube::new(ask.space).effort() as f64
    }
}

/// What a sampler is asked: so many new points of a space, given all trials so far.
///
/// Trials may come from anywhere: from this sampler, another one, a person, or another process that is evaluating them.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Space to choose from.
    pub space: &'a OptSpace,
    /// All trials so far in the order of their points, pending ones without a loss.
    pub history: &'a [Trial],
    /// Number of new points. Also when the space has no others left: the caller counts the budget.
    pub count: usize,
    /// Seed of the search; the same throughout, so that what is drawn must depend on the number of trials too.
    pub seed: u64,
}
