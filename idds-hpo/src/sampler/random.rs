//! Random search.

use std::ops::Range;

use idds_workflow::{OptSpace, Point};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::known::Known;
use super::{Ask, Sampler};
use crate::Cube;

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
        let cube = Cube::new(ask.space);
        let mut known = Known::new(ask, &cube);
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

/// Returns the points of these numbers.
pub(crate) fn independent(space: &OptSpace, seed: u64, indices: Range<usize>) -> Vec<Point> {
    let cube = Cube::new(space);
    indices
        .map(|index| anywhere(&cube, &mut rng(seed, index)))
        .collect()
}

/// Returns the random numbers for the point of this index.
pub(super) fn rng(seed: u64, index: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(index as u64);
    rng
}

/// Returns a random point.
pub(super) fn anywhere(cube: &Cube<'_>, rng: &mut ChaCha8Rng) -> Point {
    cube.point((0..cube.dimensions()).map(|_| rng.random::<f64>()))
}
