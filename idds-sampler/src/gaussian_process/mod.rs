//! Bayesian optimisation with a Gaussian process.

mod acquisition;
mod fit;
mod losses;
mod model;

use idds_workflow::Point;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use self::acquisition::Acquisition;
use self::model::Model;
use crate::sampler::{Ask, Sampler};
use crate::trial_history::TrialHistory;
use crate::unit_space::{Axis, UnitSpace};

/// Chooses points by what Gaussian processes expect of them: where the loss is likely to be lower than any so far.
///
/// The points of one batch are chosen one after the other, each as if those before it, and all pending ones, had given the
/// expected loss, and at a distance from them. They ask several models in turn, which differ in what few losses leave open;
/// later, every fifth one is wanted far from the best point, or with other choices. Losses that were made up for failures, far above all others,
/// teach where points fail, and nothing else. It takes the fewest evaluations of all samplers on smooth losses of up to some
/// twenty parameters. The time it needs grows with the cube of the number of trials, up to 300 trials: of more, it looks at
/// the best and the latest ones, and of as many pending ones at the latest. Of more than 100 points at once, the rest are
/// random ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct GaussianProcess;

/// Largest number of trials a model is fitted to.
const MOST: usize = 300;

/// Largest number of points that are chosen by one ask.
const MOST_AT_ONCE: usize = 100;

/// Number of points in whose neighbourhood each model looks.
const CENTRES: usize = 5;

/// Number of points for each of which all candidates are looked at; of more, each gets fewer.
const FULL_EFFORT: usize = 12;

/// From so many trials on, one in so many points of a batch is wanted far from the best one, or with other choices. Earlier, few
/// points are where the best one is.
const FAR_FROM: usize = 60;
const FAR_ONE_IN: usize = 5;

impl Sampler for GaussianProcess {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = UnitSpace::new(ask.space);
        let mut known = TrialHistory::new(ask, &cube);
        let mut rng = ChaCha8Rng::seed_from_u64(ask.seed);
        rng.set_stream(ask.history.len() as u64 + 1);
        let mut points = known.first(ask, &cube, &mut rng);
        if points.len() < ask.count {
            let axes = cube.axes();
            if let Some(mut beliefs) = Beliefs::new(&axes, &known, ask.count, &mut rng) {
                while points.len() < ask.count.min(MOST_AT_ONCE) {
                    match beliefs.best(&cube, &known, &mut rng) {
                        Some(point) => {
                            beliefs.add(known.propose(&cube, &point));
                            points.push(point);
                        }
                        None => points.extend(known.fill(&cube, 1, &mut rng)),
                    }
                }
            }
            points.extend(known.fill(&cube, ask.count - points.len(), &mut rng));
        }
        points
    }
}

/// What is believed of losses and failures while a batch is chosen.
struct Beliefs<'a> {
    axes: &'a [Axis],
    models: Vec<Belief>,
    failures: Option<Model>,
    /// The best point so far.
    best: Vec<f64>,
    /// Pending points, those just chosen included.
    beside: Vec<Vec<f64>>,
    /// Number of trials that the models are fitted to.
    trials: usize,
    /// Number of points that were looked for.
    turn: usize,
    effort: f64,
}

impl<'a> Beliefs<'a> {
    /// Fits models to the trials; none when they have nothing to tell.
    fn new(
        axes: &'a [Axis],
        known: &TrialHistory,
        count: usize,
        rng: &mut ChaCha8Rng,
    ) -> Option<Self> {
        let losses = known.losses();
        let failed = losses::failed(&losses);
        let (worked, mut lived): (Vec<&Vec<f64>>, Vec<f64>) = known
            .evaluated
            .iter()
            .zip(&failed)
            .filter(|(_, failed)| !**failed)
            .map(|((point, loss), _)| (point, *loss))
            .unzip();
        losses::without_a_miracle(&mut lived);
        let lived = losses::standardised(&lived);
        let (at, losses): (Vec<Vec<f64>>, Vec<f64>) = choose(&lived)
            .into_iter()
            .map(|index| (worked[index].clone(), lived[index]))
            .unzip();
        let best = (0..losses.len()).min_by(|a, b| losses[*a].total_cmp(&losses[*b]))?;
        let models = Model::ensemble(
            axes,
            &at,
            &losses,
            models(axes.len(), at.len()).min(count),
            rng,
        );
        let from = known.pending.len().saturating_sub(MOST);
        let beside = known.pending[from..].to_vec();
        let models: Vec<_> = models
            .into_iter()
            .map(|model| Belief::new(model, &at, &beside))
            .collect();
        (!models.is_empty()).then(|| Self {
            axes,
            models,
            failures: failures(axes, known, &failed),
            best: at[best].clone(),
            beside,
            trials: at.len(),
            turn: 0,
            effort: (FULL_EFFORT as f64 / count as f64).clamp(0.1, 1.0),
        })
    }

    /// Returns the point that the next model finds most promising.
    fn best(
        &mut self,
        cube: &UnitSpace<'_>,
        known: &TrialHistory,
        rng: &mut ChaCha8Rng,
    ) -> Option<Point> {
        let belief = &self.models[self.turn % self.models.len()];
        self.turn += 1;
        let is_far = self.turn.is_multiple_of(FAR_ONE_IN) && self.trials >= FAR_FROM;
        let acquisition = Acquisition {
            axes: self.axes,
            model: &belief.model,
            best: belief.centres[0].0,
            centres: &belief.centres,
            failures: self.failures.as_ref(),
            beside: &self.beside,
            far_from: is_far.then_some(&self.best),
            effort: self.effort,
        };
        acquisition.best(cube, known, rng)
    }

    /// Believes that a chosen point gives the loss that each model expects of it.
    fn add(&mut self, point: Vec<f64>) {
        for belief in &mut self.models {
            belief.add(&point);
        }
        self.beside.push(point);
    }
}

/// A model, and where it expects the least.
struct Belief {
    model: Model,
    /// The points that were evaluated or are chosen now at which least is expected, and what.
    centres: Vec<(f64, Vec<f64>)>,
}

impl Belief {
    fn new(mut model: Model, at: &[Vec<f64>], pending: &[Vec<f64>]) -> Self {
        let mut centres: Vec<_> = at
            .iter()
            .map(|point| (model.mean(point), point.clone()))
            .collect();
        sort(&mut centres);
        for point in pending {
            model.believe(point.clone());
        }
        Self { model, centres }
    }

    fn add(&mut self, point: &[f64]) {
        let expected = self.model.believe(point.to_vec());
        self.centres.push((expected, point.to_vec()));
        sort(&mut self.centres);
    }
}

/// Keeps the points at which least is expected.
fn sort(centres: &mut Vec<(f64, Vec<f64>)>) {
    centres.sort_by(|a, b| a.0.total_cmp(&b.0));
    centres.truncate(CENTRES);
}

/// Returns how many models are asked: fewer when there are many trials, which leave less open and take longer, and one with many axes.
fn models(axes: usize, trials: usize) -> usize {
    match trials {
        _ if axes > fit::MANY_AXES => 1,
        0..=60 => 10,
        61..=120 => 5,
        _ => 3,
    }
}

/// Returns a model of what failed, when something did.
fn failures(axes: &[Axis], known: &TrialHistory, failed: &[bool]) -> Option<Model> {
    failed.contains(&true).then_some(())?;
    let from = failed.len().saturating_sub(MOST / 2);
    let trials = known.evaluated[from..].iter().zip(&failed[from..]);
    let (at, labels): (Vec<_>, Vec<_>) = trials
        .map(|((point, _), failed)| (point.clone(), f64::from(*failed)))
        .unzip();
    Model::fit(axes, at, &labels)
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
