//! The evolution strategy with an adapted covariance matrix.

use idds_workflow::Point;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::UnitSpace;
use crate::cholesky::Cholesky;
use crate::normal;
use crate::sampler::{Ask, Sampler};
use crate::trial_history::TrialHistory;

/// Chooses points from a normal distribution that moves, stretches and turns towards the best trials of each generation.
///
/// CMA-ES (Hansen 2016) with the triangular factor of Krause and others (2016). Its state is calculated again from all trials
/// with a loss, in their order and in generations of its own size, so they may come from anywhere. Choices without an order
/// are treated as if they had one. It suits many numeric parameters and budgets of thousands of points.
#[derive(Clone, Copy, Debug, Default)]
pub struct CmaEs;

/// Dimensions above which only the diagonal of the covariance matrix is adapted.
const MOST_DIMENSIONS: usize = 100;

impl Sampler for CmaEs {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = UnitSpace::new(ask.space);
        let mut known = TrialHistory::new(ask, &cube);
        let mut rng = ChaCha8Rng::seed_from_u64(ask.seed);
        rng.set_stream(ask.history.len() as u64 + 1);
        let mut points = known.first(ask, &cube, &mut rng);
        if points.len() == ask.count {
            return points;
        }
        let mut strategy = Strategy::new(cube.dimensions());
        for generation in known.evaluated.chunks_exact(strategy.population) {
            strategy.learn(generation);
        }
        while points.len() < ask.count {
            let drawn = (0..10)
                .map(|_| cube.point(strategy.draw(&mut rng)))
                .find(|point| known.is_new(&cube.coordinates(point)));
            match drawn {
                Some(point) => {
                    known.propose(&cube, &point);
                    points.push(point);
                }
                None => points.extend(known.fill(&cube, 1, &mut rng)),
            }
        }
        points
    }
}

/// The distribution, named as in Hansen's tutorial where that has names.
struct Strategy {
    population: usize,
    /// Weights of the best trials of a generation, which sum to 1.
    weights: Vec<f64>,
    /// Number of trials that the weights are worth.
    effective: f64,
    mean: Vec<f64>,
    step: f64,
    covariance: Covariance,
    path: Vec<f64>,
    step_path: Vec<f64>,
    generations: i32,
}

enum Covariance {
    Full {
        rows: Vec<Vec<f64>>,
        factor: Cholesky,
    },
    Diagonal(Vec<f64>),
}

impl Strategy {
    fn new(dimensions: usize) -> Self {
        let population = 4 + (3.0 * libm::log(dimensions as f64)) as usize;
        let parents = population / 2;
        let raw: Vec<f64> = (1..=parents)
            .map(|rank| libm::log(parents as f64 + 0.5) - libm::log(rank as f64))
            .collect();
        let sum: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|weight| weight / sum).collect();
        Self {
            population,
            effective: 1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>(),
            weights,
            mean: vec![0.5; dimensions],
            step: 0.25,
            covariance: Covariance::unit(dimensions),
            path: vec![0.0; dimensions],
            step_path: vec![0.0; dimensions],
            generations: 0,
        }
    }

    fn draw(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let z: Vec<f64> = self.mean.iter().map(|_| normal::draw(rng)).collect();
        let y = self.covariance.stretch(&z);
        self.mean
            .iter()
            .zip(y)
            .map(|(mean, y)| normal::reflected(mean + self.step * y))
            .collect()
    }

    fn learn(&mut self, generation: &[(Vec<f64>, f64)]) {
        let mut ranked: Vec<&(Vec<f64>, f64)> = generation.iter().collect();
        ranked.sort_by(|a, b| a.1.total_cmp(&b.1));
        let n = self.mean.len() as f64;
        let mu = self.effective;
        let steps: Vec<Vec<f64>> = ranked
            .iter()
            .take(self.weights.len())
            .map(|(point, _)| {
                point
                    .iter()
                    .zip(&self.mean)
                    .map(|(x, mean)| (x - mean) / self.step)
                    .collect()
            })
            .collect();
        let shift: Vec<f64> = (0..self.mean.len())
            .map(|k| {
                steps
                    .iter()
                    .zip(&self.weights)
                    .map(|(step, weight)| weight * step[k])
                    .sum()
            })
            .collect();
        for (mean, shift) in self.mean.iter_mut().zip(&shift) {
            *mean = (*mean + self.step * shift).clamp(0.0, 1.0);
        }

        // Length of the steps.
        let c_sigma = (mu + 2.0) / (n + mu + 5.0);
        let damping = 1.0 + 2.0 * (((mu - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0) + c_sigma;
        let white = self.covariance.whiten(&shift);
        let gain = (c_sigma * (2.0 - c_sigma) * mu).sqrt();
        for (path, white) in self.step_path.iter_mut().zip(&white) {
            *path = (1.0 - c_sigma) * *path + gain * white;
        }
        self.generations += 1;
        let length = self.step_path.iter().map(|x| x * x).sum::<f64>().sqrt();
        let expected = n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
        self.step = (self.step * libm::exp((c_sigma / damping) * (length / expected - 1.0)))
            .clamp(1e-8, 0.5);

        // Shape of the steps.
        let forgotten = libm::pow(1.0 - c_sigma, 2.0 * f64::from(self.generations));
        let is_steady = length / (1.0 - forgotten).sqrt() < (1.4 + 2.0 / (n + 1.0)) * expected;
        let c_path = (4.0 + mu / n) / (n + 4.0 + 2.0 * mu / n);
        let gain = if is_steady {
            (c_path * (2.0 - c_path) * mu).sqrt()
        } else {
            0.0
        };
        for (path, shift) in self.path.iter_mut().zip(&shift) {
            *path = (1.0 - c_path) * *path + gain * shift;
        }
        let c_one = 2.0 / ((n + 1.3) * (n + 1.3) + mu);
        let c_mu =
            (2.0 * (mu - 2.0 + 1.0 / mu) / ((n + 2.0) * (n + 2.0) + mu)).clamp(0.0, 1.0 - c_one);
        let lost = if is_steady {
            0.0
        } else {
            c_path * (2.0 - c_path)
        };
        let kept = 1.0 - c_one - c_mu + c_one * lost;
        self.covariance.adapt(
            kept,
            [(c_one, &self.path)]
                .into_iter()
                .chain(self.weights.iter().map(|weight| c_mu * weight).zip(&steps)),
        );
    }
}

impl Covariance {
    fn unit(dimensions: usize) -> Self {
        if dimensions > MOST_DIMENSIONS {
            return Self::Diagonal(vec![1.0; dimensions]);
        }
        let rows = (0..dimensions)
            .map(|i| (0..=i).map(|j| f64::from(i == j)).collect())
            .collect();
        let factor = Cholesky::new(dimensions, |i, j| f64::from(i == j)).unwrap_or_default();
        Self::Full { rows, factor }
    }

    fn stretch(&self, z: &[f64]) -> Vec<f64> {
        match self {
            Self::Full { factor, .. } => factor.multiply(z),
            Self::Diagonal(variances) => z
                .iter()
                .zip(variances)
                .map(|(z, variance)| z * variance.sqrt())
                .collect(),
        }
    }

    /// The other way of `stretch`.
    fn whiten(&self, y: &[f64]) -> Vec<f64> {
        match self {
            Self::Full { factor, .. } => factor.forward(y),
            Self::Diagonal(variances) => y
                .iter()
                .zip(variances)
                .map(|(y, variance)| y / variance.sqrt())
                .collect(),
        }
    }

    /// Keeps a share, and adds the outer products of these vectors.
    fn adapt<'v>(&mut self, kept: f64, added: impl Iterator<Item = (f64, &'v Vec<f64>)>) {
        match self {
            Self::Full { rows, factor } => {
                let old = rows.clone();
                rows.iter_mut().flatten().for_each(|entry| *entry *= kept);
                for (weight, vector) in added {
                    for (i, row) in rows.iter_mut().enumerate() {
                        for (entry, other) in row.iter_mut().zip(vector) {
                            *entry += weight * vector[i] * other;
                        }
                    }
                }
                match Cholesky::new(rows.len(), |i, j| rows[i][j]) {
                    Some(new) => *factor = new,
                    // Rounding made it indefinite: what was before is still good.
                    None => *rows = old,
                }
            }
            Self::Diagonal(variances) => {
                variances.iter_mut().for_each(|variance| *variance *= kept);
                for (weight, vector) in added {
                    for (variance, x) in variances.iter_mut().zip(vector) {
                        *variance += weight * x * x;
                    }
                }
                variances
                    .iter_mut()
                    .for_each(|variance| *variance = variance.clamp(1e-16, 1e16));
            }
        }
    }
}
