//! The Owen-scrambled Sobol sequence.

use std::ops::Range;

use rand::RngExt;
use sobol_burley::NUM_DIMENSIONS;

use crate::draw::rng;
use crate::unit_space::UnitSpace;

/// Number of points after which the sequence repeats; each such block gets a scrambling of its own.
const BLOCK: usize = 1 << 16;

/// Spacing of the coordinates of the sequence, which are 32-bit floating-point numbers.
const RESOLUTION: f64 = 1.0 / (1 << 24) as f64;

/// Returns the coordinates of these points of the sequence.
pub(crate) fn sequence(
    cube: &UnitSpace<'_>,
    seed: u64,
    indices: Range<usize>,
) -> impl Iterator<Item = Vec<f64>> {
    let dimensions = cube.dimensions() as u32;
    let scramble: u32 = rng(seed, 0).random();
    indices.map(move |index| {
        let (block, in_block) = ((index / BLOCK) as u32, (index % BLOCK) as u32);
        let mut random = rng(seed, index);
        let coordinate = |dimension| {
            let fine: f64 = random.random();
            if dimension < NUM_DIMENSIONS {
                let coarse =
                    sobol_burley::sample(in_block, dimension, scramble.wrapping_add(block));
                f64::from(coarse) + fine * RESOLUTION
            } else {
                fine
            }
        };
        (0..dimensions).map(coordinate).collect()
    })
}
