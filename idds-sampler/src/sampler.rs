//! What a sampler is, and what it is asked.

use std::fmt;

use idds_workflow::{OptSpace, Point};

use crate::steering::Trial;
use crate::unit_space::UnitSpace;

/// A rule by which new points are chosen.
///
/// A sampler is a pure function: the same [`Ask`] gives the same points, on every platform. That is what lets a search
/// resume and replay exactly. So it keeps nothing between two questions, takes random numbers from a generator that it seeds
/// with [`Ask::seed`], and logarithms and the like from a crate such as `libm`, as those of `std` differ between platforms.
///
/// A [`UnitSpace`] spares it the kinds of parameters: it makes points of numbers from 0 to 1, and numbers of points.
///
/// ```
/// use idds_sampler::{Ask, UnitSpace, Random, Sampler, Steering, Trial};
/// use idds_workflow::{OptSpace, Point};
///
/// /// Goes halfway from random points to the best one so far.
/// #[derive(Debug)]
/// struct Halfway;
///
/// impl Sampler for Halfway {
///     fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
///         let cube = UnitSpace::new(ask.space);
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
        (ask.history.len() + 4 * ask.count) as f64 * UnitSpace::new(ask.space).effort() as f64
    }
}

/// What a sampler is asked: this many new points of a space, given all trials so far.
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
