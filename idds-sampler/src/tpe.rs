//! Tree-structured Parzen estimators.

use idds_workflow::Point;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::normal;
use crate::sampler::{Ask, Sampler};
use crate::trial_history::TrialHistory;
use crate::unit_space::{Axis, UnitSpace};

/// Chooses points that look more like the good trials than like the others.
///
/// The multivariate form of the tree-structured Parzen estimator (Bergstra and others 2011; Falkner and others 2018): the
/// best trials and all others each make a density of kernels around their points, and of some candidates drawn from the good
/// one the point is taken at which their ratio is largest. Pending trials count as bad, so that points of one batch
/// do not crowd. Its time grows with the number of trials only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tpe;

/// Number of candidates of which the best is taken.
const CANDIDATES: usize = 32;

/// Largest number of good trials.
const MOST_GOOD: usize = 25;

/// Largest number of other trials that are looked at, evenly taken from all: more make no better density.
const MOST_OTHERS: usize = 1_000;

impl Sampler for Tpe {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let cube = UnitSpace::new(ask.space);
        let axes = cube.axes();
        let mut known = TrialHistory::new(ask, &cube);
        let mut rng = ChaCha8Rng::seed_from_u64(ask.seed);
        rng.set_stream(ask.history.len() as u64 + 1);
        let mut points = known.first(ask, &cube, &mut rng);
        let mut ranked: Vec<&(Vec<f64>, f64)> = known.evaluated.iter().collect();
        ranked.sort_by(|a, b| a.1.total_cmp(&b.1));
        let good = ranked.len().div_ceil(5).min(MOST_GOOD);
        let (good, bad) = ranked.split_at(good);
        // Where a parameter does not exist, a trial says nothing about it.
        let existing = |mut coordinates: Vec<f64>| {
            if let Some(active) = cube.active(&coordinates) {
                let idle = coordinates.iter_mut().zip(active);
                idle.filter(|(_, active)| !active)
                    .for_each(|(u, _)| *u = f64::NAN);
            }
            coordinates
        };
        let of = |trials: &[&(Vec<f64>, f64)]| {
            trials
                .iter()
                .map(|(point, _)| existing(point.clone()))
                .collect::<Vec<_>>()
        };
        let good = Density::new(&axes, of(good));
        let bad: Vec<_> = bad
            .iter()
            .step_by(bad.len().div_ceil(MOST_OTHERS).max(1))
            .copied()
            .collect();
        let bad = of(&bad);
        while points.len() < ask.count {
            let pending = known.pending.iter().cloned().map(existing);
            let bad = Density::new(&axes, bad.iter().cloned().chain(pending).collect());
            let chosen = (0..CANDIDATES)
                .map(|_| existing(good.draw(&mut rng)))
                .map(|candidate| (good.log_at(&candidate) - bad.log_at(&candidate), candidate))
                .map(|(promise, candidate)| (promise, cube.point(candidate)))
                .filter(|(_, point)| known.is_new(&cube.coordinates(point)))
                .reduce(|a, b| if b.0 > a.0 { b } else { a });
            match chosen {
                Some((_, point)) => {
                    known.propose(&cube, &point);
                    points.push(point);
                }
                None => points.extend(known.fill(&cube, 1, &mut rng)),
            }
        }
        points
    }
}

/// A mixture of one kernel around each point and one over the whole cube.
struct Density<'a> {
    axes: &'a [Axis],
    points: Vec<Vec<f64>>,
    /// Width of the kernels along each axis.
    widths: Vec<f64>,
    /// What every candidate subtracts from the logarithm of the kernel around each point.
    sizes: Vec<f64>,
    /// Logarithms of what an equal and another category contribute along each axis.
    categories: Vec<(f64, f64)>,
}

impl<'a> Density<'a> {
    fn new(axes: &'a [Axis], points: Vec<Vec<f64>>) -> Self {
        // The rule of Scott, for the spread of the points.
        let count = points.len() as f64;
        let shrink = libm::pow(count + 1.0, -1.0 / (axes.len() as f64 + 4.0));
        let widths = (0..axes.len())
            .map(|axis| {
                let there = || {
                    points
                        .iter()
                        .map(|point| point[axis])
                        .filter(|u| !u.is_nan())
                };
                let count = there().count() as f64;
                let mean = there().sum::<f64>() / count.max(1.0);
                let spread: f64 = there().map(|u| (u - mean) * (u - mean)).sum();
                let least = match axes[axis] {
                    Axis::Levels(levels) => 0.5 / levels as f64,
                    _ => 0.01,
                };
                // One further point a cube's width away keeps the kernels of few points wide.
                (((spread + 0.08) / (count + 1.0)).sqrt() * shrink).max(least)
            })
            .collect::<Vec<_>>();
        let size = |point: &Vec<f64>, axis: usize| size(point[axis], widths[axis]);
        let is_number = |axis: &usize| !matches!(axes[*axis], Axis::Categories(_));
        let numbers: Vec<usize> = (0..axes.len()).filter(is_number).collect();
        let sizes = points
            .iter()
            .map(|point| numbers.iter().map(|axis| size(point, *axis)).sum())
            .collect();
        let categories = axes
            .iter()
            .map(|axis| match axis {
                Axis::Categories(categories) => {
                    let stay = stay(points.len(), *categories);
                    (
                        libm::log(1.0 - stay + stay * *categories as f64),
                        libm::log(1.0 - stay),
                    )
                }
                _ => (0.0, 0.0),
            })
            .collect();
        Self {
            axes,
            points,
            widths,
            sizes,
            categories,
        }
    }

    fn draw(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let centre = self.points.get(rng.random_range(0..=self.points.len()));
        (0..self.axes.len())
            .map(|axis| {
                let uniform: f64 = rng.random();
                match (centre, self.axes[axis]) {
                    (None, _) => uniform,
                    (Some(point), _) if point[axis].is_nan() => uniform,
                    (Some(point), Axis::Categories(count))
                        if uniform < stay(self.points.len(), count) =>
                    {
                        point[axis]
                    }
                    (Some(_), Axis::Categories(_)) => rng.random(),
                    (Some(point), _) => loop {
                        let u = point[axis] + self.widths[axis] * normal::draw(rng);
                        if (0.0..=1.0).contains(&u) {
                            break u;
                        }
                    },
                }
            })
            .collect()
    }

    fn log_at(&self, at: &[f64]) -> f64 {
        let kernels = self
            .points
            .iter()
            .zip(&self.sizes)
            .map(|(point, size)| self.log_kernel(point, at) - size);
        let logs: Vec<f64> = kernels.chain([0.0]).collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.iter().map(|log| libm::exp(log - most)).sum();
        most + libm::log(sum / logs.len() as f64)
    }

    /// Returns the logarithm of a kernel's density, relative to the even one over the cube, but for its size.
    fn log_kernel(&self, point: &[f64], at: &[f64]) -> f64 {
        (0..self.axes.len())
            .map(|axis| match self.axes[axis] {
                // Even, as it would be without this point; its size has nothing of an axis that it does not have.
                _ if point[axis].is_nan() => 0.0,
                Axis::Categories(_) if at[axis].is_nan() => 0.0,
                _ if at[axis].is_nan() => size(point[axis], self.widths[axis]),
                Axis::Categories(count) => {
                    let (same, other) = self.categories[axis];
                    let index = |u: f64| (u * count as f64) as usize;
                    if index(point[axis]) == index(at[axis]) {
                        same
                    } else {
                        other
                    }
                }
                _ => {
                    let z = (at[axis] - point[axis]) / self.widths[axis];
                    -0.5 * z * z
                }
            })
            .sum()
    }
}

/// Returns the logarithm of what a kernel with its middle here has of its density inside the cube, relative to its peak; nothing for one that
/// has no middle.
fn size(middle: f64, width: f64) -> f64 {
    if middle.is_nan() {
        return 0.0;
    }
    let inside = normal::share((1.0 - middle) / width) - normal::share(-middle / width);
    libm::log(width * inside * normal::ROOT_TAU)
}

/// Returns the probability that a category is that of the kernel's point, apart from chance.
fn stay(points: usize, categories: usize) -> f64 {
    let count = points as f64;
    count / (count + categories as f64)
}
