//! Quasi-random search.

use idds_workflow::Point;

use crate::draw::rng;
use crate::sampler::{Ask, Sampler};
use crate::sobol::sequence;
use crate::trial_history::TrialHistory;
use crate::unit_space::UnitSpace;

/// Chooses points that fill the space evenly: an Owen-scrambled Sobol sequence.
///
/// The i-th point of a search depends on the seed and i only, not on how many points were asked for at once, unless it is there
/// already: then a random one that is not takes its place, as long as the space has any. Coordinates beyond the 256 that the
/// sequence has are random.
#[derive(Clone, Copy, Debug, Default)]
pub struct QuasiRandom;

impl Sampler for QuasiRandom {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = UnitSpace::new(ask.space);
        let mut known = TrialHistory::new(ask, &cube);
        let indices = ask.history.len()..ask.history.len() + ask.count;
        sequence(&cube, ask.seed, indices.clone())
            .zip(indices)
            .map(|(coordinates, index)| {
                // Other numbers than those of the sequence, of which few are needed.
                let mut rng = rng(!ask.seed, index);
                known.instead_of(cube.point(coordinates), &cube, &mut rng)
            })
            .collect()
    }
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
