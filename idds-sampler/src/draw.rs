//! Random numbers of a search: the same ones for the same seed and point.

use std::ops::Range;

use idds_workflow::{OptSpace, Point};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::UnitSpace;

/// Returns the points of these numbers.
pub(crate) fn independent(space: &OptSpace, seed: u64, indices: Range<usize>) -> Vec<Point> {
    let cube = UnitSpace::new(space);
    indices
        .map(|index| anywhere(&cube, &mut rng(seed, index)))
        .collect()
}

/// Returns the random numbers for the point of this index.
pub(crate) fn rng(seed: u64, index: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(index as u64);
    rng
}

/// Returns a random point.
pub(crate) fn anywhere(cube: &UnitSpace<'_>, rng: &mut ChaCha8Rng) -> Point {
    cube.point((0..cube.dimensions()).map(|_| rng.random::<f64>()))
}
