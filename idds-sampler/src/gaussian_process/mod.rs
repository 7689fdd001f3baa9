//! Bayesian optimisation with a Gaussian process.

mod acquisition;
mod losses;
mod model;

use idds_workflow::Point;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use self::acquisition::Acquisition;
use self::model::Model;
use crate::UnitSpace;
use crate::sampler::{Ask, Sampler};
use crate::trial_history::TrialHistory;

/// Chooses points by what a Gaussian process expects of them: where the loss is likely to be lower than any so far.
///
/// The points of one batch are chosen one after the other, each as if those before it, and all pending ones, had given the
/// expected loss, so that they do not crowd. It takes the fewest evaluations of all samplers on smooth losses of up to some
/// twenty parameters. The time it needs grows with the cube of the number of trials, up to 300 trials: of more, it looks at
/// the best and the latest ones, and of as many pending ones at the latest. Of more than 100 points at once, the rest are
/// random ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct GaussianProcess;

/// Largest number of trials a model is fitted to.
const MOST: usize = 300;

/// Largest number of points that are chosen by one model.
const MOST_AT_ONCE: usize = 100;

impl Sampler for GaussianProcess {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = UnitSpace::new(ask.space);
        let axes = cube.axes();
        let mut known = TrialHistory::new(ask, &cube);
        let mut rng = ChaCha8Rng::seed_from_u64(ask.seed);
        rng.set_stream(ask.history.len() as u64 + 1);
        let mut points = known.first(ask, &cube, &mut rng);
        if points.len() == ask.count {
            return points;
        }
        let losses = losses::standardised(&known.losses());
        let (coordinates, losses): (Vec<_>, Vec<_>) = choose(&losses)
            .into_iter()
            .map(|index| (known.evaluated[index].0.clone(), losses[index]))
            .unzip();
        let Some(mut model) = Model::fit(&axes, coordinates, &losses) else {
            points.extend(known.fill(&cube, ask.count - points.len(), &mut rng));
            return points;
        };
        for pending in &known.pending[known.pending.len().saturating_sub(MOST)..] {
            model.believe(pending.clone());
        }
        while points.len() < ask.count.min(MOST_AT_ONCE) {
            match Acquisition::new(&axes, &model).best(&cube, &known, &mut rng) {
                Some(point) => {
                    model.believe(known.propose(&cube, &point));
                    points.push(point);
                }
                None => points.extend(known.fill(&cube, 1, &mut rng)),
            }
        }
        points.extend(known.fill(&cube, ask.count - points.len(), &mut rng));
        points
    }
}

/// Returns which trials to look at: all, or the best half and the latest.
fn choose(losses: &[f64]) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..losses.len()).collect();
    if indices.len() > MOST {
        indices.sort_by(|a, b| losses[*a].total_cmp(&losses[*b]).then(a.cmp(b)));
        let mut rest = indices.split_off(MOST / 2);
        rest.sort_unstable();
        indices.extend(&rest[rest.len() - MOST / 2..]);
        indices.sort_unstable();
    }
    indices
}
