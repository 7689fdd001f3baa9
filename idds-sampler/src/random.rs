//! Random search.

use idds_workflow::Point;

use crate::draw::{anywhere, independent, rng};
use crate::sampler::{Ask, Sampler};
use crate::trial_history::TrialHistory;
use crate::unit_space::UnitSpace;

/// Chooses points at random, each as the space spreads them, and none twice as long as the space has others.
///
/// The i-th point of a search depends on the seed and i only, not on how many points were asked for at once, unless it is there
/// already: then another one takes its place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Random;

/// Chooses every point at random and independently of all others, so that points repeat: for toy experiments, and where the
/// loss of a point is not the same every time.
///
/// The i-th point of a search depends on the seed and i only. The only sampler that repeats points of a space that has others.
#[derive(Clone, Copy, Debug, Default)]
pub struct Independent;

impl Sampler for Random {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = UnitSpace::new(ask.space);
        let mut known = TrialHistory::new(ask, &cube);
        let draw = |index| {
            let mut rng = rng(ask.seed, index);
            let point = anywhere(&cube, &mut rng);
            known.instead_of(point, &cube, &mut rng)
        };
        (ask.history.len()..ask.history.len() + ask.count)
            .map(draw)
            .collect()
    }
}

impl Sampler for Independent {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        independent(
            ask.space,
            ask.seed,
            ask.history.len()..ask.history.len() + ask.count,
        )
    }
}
