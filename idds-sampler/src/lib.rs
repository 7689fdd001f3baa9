//! Points of a search space: samplers that choose them, and the steering of a search.
//!
//! [`Steering`] is a pure function: the points so far, the space, a number of points and a seed give the new points, the same
//! ones on every platform. A [`Sampler`] is the rule by which it chooses. It sees the space as a [`UnitSpace`]: each number and
//! each choice of a point is a coordinate between 0 and 1.
//!
//! ```
//! use idds_sampler::Steering;
//! use idds_workflow::OptSpace;
//!
//! let space = OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).build()?;
//! for point in Steering::default().seed(7).propose(&space, &[], 10) {
//!     assert_eq!(space.check(&point), Ok(()));
//! }
//! # Ok::<(), idds_workflow::Error>(())
//! ```
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
//! Where trials and new points have more than about two million coordinates, [`Steering`] takes [`Independent`] in
//! place of any other.
//!
//! How good they are beside Optuna, SMAC, CatCMA and nevergrad, and where they lose, is in [`docs/samplers.md`], with the figures of
//! all sides. `cargo bench --bench samplers` compares them anew, on functions and on tables of recorded evaluations.
//!
//! [`docs/samplers.md`]: https://github.com/HSF/idds-rs/blob/main/docs/samplers.md

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod auto;
mod cholesky;
mod cma_es;
mod combinations;
mod draw;
mod gaussian_process;
mod grid;
mod normal;
mod quasi_random;
mod random;
mod sampler;
#[cfg(test)]
mod searches;
mod sobol;
mod steering;
#[cfg(test)]
mod tests;
mod tpe;
mod trial_history;
mod unit_space;

pub use self::auto::Auto;
pub use self::cholesky::{Cholesky, dot};
pub use self::cma_es::CmaEs;
pub use self::gaussian_process::GaussianProcess;
pub use self::grid::Grid;
pub use self::quasi_random::QuasiRandom;
pub use self::random::{Independent, Random};
pub use self::sampler::{Ask, Sampler};
pub use self::steering::{Steering, Trial};
pub use self::tpe::Tpe;
pub use self::unit_space::{Axis, UnitSpace};
