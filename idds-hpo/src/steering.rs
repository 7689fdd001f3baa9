//! Steering: from the points so far to new points.

use std::sync::Arc;

use idds_workflow::{OptSpace, Point};

use crate::sampler::{Ask, QuasiRandom, Sampler};

/// A point that was proposed, with its loss once it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The point.
    pub point: Point,
    /// Its loss, none while the trial is pending.
    pub loss: Option<f64>,
}

/// Proposes the points of a search: a sampler and the seed of the search.
///
/// ```
/// use idds_hpo::{Steering, Trial};
/// use idds_workflow::OptSpace;
///
/// let space = OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).build()?;
/// let steering = Steering::default().seed(7);
/// let first = steering.propose(&space, &[], 10);
/// let history: Vec<_> = first.into_iter().map(|point| Trial { point, loss: None }).collect();
/// let second = steering.propose(&space, &history, 10);
/// assert_eq!(second.len(), 10);
/// assert_eq!(second, steering.propose(&space, &history, 10));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Steering {
    sampler: Arc<dyn Sampler>,
    seed: u64,
}

impl Steering {
    /// Proposes the points of this sampler, with seed 0.
    pub fn new(sampler: impl Sampler + 'static) -> Self {
        Self { sampler: Arc::new(sampler), seed: 0 }
    }

    /// Sets the seed of the search.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Returns `count` new points of the space, given all trials so far in the order of their points.
    ///
    /// A pure function: the same space, trials, count and seed give the same points, on every platform. Every point is in
    /// the space.
    pub fn propose(&self, space: &OptSpace, history: &[Trial], count: usize) -> Vec<Point> {
        self.sampler.sample(&Ask { space, history, count, seed: self.seed })
    }
}

/// Quasi-random points.
impl Default for Steering {
    fn default() -> Self {
        Self::new(QuasiRandom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sampler::Random;

    fn space() -> OptSpace {
        OptSpace::builder()
            .choice("A", [1, 4])
            .scalar("B", 0..=5)
            .log("lr", 1e-6..=0.1)
            .array("w", [300], -1..=1)
            .build()
            .expect("a space")
    }

    fn both() -> [Steering; 2] {
        [Steering::new(Random), Steering::new(QuasiRandom)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn proposals_are_in_the_space_and_as_many_as_asked(seed: u64, count in 0..20_usize) {
            for steering in both() {
                let points = steering.seed(seed).propose(&space(), &[], count);
                prop_assert_eq!(points.len(), count);
                for point in points {
                    prop_assert_eq!(space().check(&point), Ok(()));
                }
            }
        }

        #[test]
        fn asking_in_two_steps_gives_the_same_points_as_asking_once(seed: u64, first in 0..10_usize) {
            for steering in both() {
                let steering = steering.seed(seed);
                let all = steering.propose(&space(), &[], 10);
                let history: Vec<_> =
                    all[..first].iter().map(|point| Trial { point: point.clone(), loss: Some(1.0) }).collect();
                prop_assert_eq!(&steering.propose(&space(), &history, 10 - first)[..], &all[first..]);
            }
        }
    }

    #[test]
    fn another_seed_gives_other_points() {
        for steering in both() {
            let [a, b] = [1, 2].map(|seed| steering.clone().seed(seed).propose(&space(), &[], 5));
            assert_ne!(a, b);
        }
    }
}
