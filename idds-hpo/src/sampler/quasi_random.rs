//! Quasi-random search.

use std::ops::Range;

use idds_workflow::Point;
use rand::RngExt;
use sobol_burley::NUM_DIMENSIONS;

use super::known::Known;
use super::{Ask, Sampler, random};
use crate::Cube;

/// Chooses points that fill the space evenly: an Owen-scrambled Sobol sequence.
///
/// The i-th point of a search depends on the seed and i only, not on how many points were asked for at once, unless it is there
/// already: then a random one that is not takes its place, as long as the space has any. Coordinates beyond the 256 that the
/// sequence has are random.
#[derive(Clone, Copy, Debug, Default)]
pub struct QuasiRandom;

/// Number of points after which the sequence repeats; each such block gets a scrambling of its own.
const BLOCK: usize = 1 << 16;

/// Spacing of the coordinates of the sequence, which are 32-bit floating-point numbers.
const RESOLUTION: f64 = 1.0 / (1 << 24) as f64;

impl Sampler for QuasiRandom {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = Cube::new(ask.space);
        let mut known = Known::new(ask, &cube);
        let indices = ask.history.len()..ask.history.len() + ask.count;
        sequence(&cube, ask.seed, indices.clone())
            .zip(indices)
            .map(|(coordinates, index)| {
                // Other numbers than those of the sequence, of which few are needed.
                let mut rng = random::rng(!ask.seed, index);
                known.instead_of(cube.point(coordinates), &cube, &mut rng)
            })
            .collect()
    }
}

/// Returns the coordinates of these points of the sequence.
pub(super) fn sequence(
    cube: &Cube<'_>,
    seed: u64,
    indices: Range<usize>,
) -> impl Iterator<Item = Vec<f64>> {
    let dimensions = cube.dimensions() as u32;
    let scramble: u32 = random::rng(seed, 0).random();
    indices.map(move |index| {
        let (block, in_block) = ((index / BLOCK) as u32, (index % BLOCK) as u32);
        let mut rng = random::rng(seed, index);
        let coordinate = |dimension| {
            let fine: f64 = rng.random();
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

#[cfg(test)]
mod tests {
    use idds_workflow::OptSpace;

    use super::*;

    #[test]
    fn sixteen_points_hit_every_sixteenth_of_the_range() {
        let space = OptSpace::builder()
            .scalar("x", 0..=16)
            .scalar("y", 0..=16)
            .build()
            .expect("a space");
        let points = QuasiRandom.sample(&Ask {
            space: &space,
            history: &[],
            count: 16,
            seed: 3,
        });
        for name in ["x", "y"] {
            let mut cells: Vec<_> = points
                .iter()
                .map(|point| {
                    point
                        .get(name)
                        .and_then(serde_json::Value::as_f64)
                        .expect("a number") as u32
                })
                .collect();
            cells.sort_unstable();
            assert_eq!(cells, (0..16).collect::<Vec<_>>());
        }
    }
}
