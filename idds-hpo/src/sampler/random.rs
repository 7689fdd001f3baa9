//! Random search.

use idds_workflow::Point;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{Ask, Sampler};
use crate::Cube;

/// Chooses every point independently of all others.
///
/// The i-th point of a search depends on the seed and i only, not on how many points were asked for at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Random;

impl Sampler for Random {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = Cube::new(ask.space);
        let mut rng = ChaCha8Rng::seed_from_u64(ask.seed);
        (ask.history.len()..ask.history.len() + ask.count)
            .map(|index| {
                rng.set_stream(index as u64);
                rng.set_word_pos(0);
                cube.point((0..cube.dimensions()).map(|_| rng.random::<f64>()))
            })
            .collect()
    }
}
