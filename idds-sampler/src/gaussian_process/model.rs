//! The regression: what is believed of the loss between the points that were evaluated.

use rand_chacha::ChaCha8Rng;

use super::fit;
use crate::cholesky::{Cholesky, dot};
use crate::unit_space::Axis;

/// A Gaussian process over the coordinates of a cube, fitted to losses.
///
/// Matérn kernel of smoothness 5/2 with a length scale for each axis, constant mean, and noise; length scales and noise come
/// from [`fit`], mean and variance follow from them. Losses are standardised by the caller.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    kernel: Kernel,
    points: Vec<Vec<f64>>,
    factor: Cholesky,
    /// What the mean of a prediction is a combination of.
    weights: Vec<f64>,
    residuals: Vec<f64>,
    mean: f64,
    variance: f64,
}

/// Correlation of the losses at two points, and the share of noise.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    is_category: Vec<bool>,
    /// Reciprocals of the length scales, squared.
    pub(super) weights: Vec<f64>,
    pub(super) noise: f64,
}

/// What a model expects at a point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prediction {
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
}

/// Smallest share of noise: keeps matrices of close points positive definite.
pub(super) const MIN_NOISE: f64 = 1e-6;

impl Kernel {
    pub(super) fn new(axes: &[Axis], parameters: &[f64]) -> Self {
        let (scales, noise) = parameters.split_at(axes.len());
        Self {
            is_category: axes
                .iter()
                .map(|axis| matches!(axis, Axis::Categories(_)))
                .collect(),
            weights: scales.iter().map(|log| libm::exp(-2.0 * log)).collect(),
            noise: MIN_NOISE + libm::exp(noise[0]),
        }
    }

    pub(super) fn separation(&self, axis: usize, a: f64, b: f64) -> f64 {
        if self.is_category[axis] {
            f64::from(a != b)
        } else {
            (a - b) * (a - b)
        }
    }

    pub(super) fn squared_distance(&self, a: &[f64], b: &[f64]) -> f64 {
        let mut sum = 0.0;
        for axis in 0..self.weights.len() {
            sum += self.weights[axis] * self.separation(axis, a[axis], b[axis]);
        }
        sum
    }

    fn correlation(&self, a: &[f64], b: &[f64]) -> f64 {
        let squared = 5.0 * self.squared_distance(a, b);
        let distance = squared.sqrt();
        (1.0 + distance + squared / 3.0) * libm::exp(-distance)
    }

    pub(super) fn factor(&self, points: &[Vec<f64>]) -> Option<Cholesky> {
        Cholesky::new(points.len(), |i, j| match i == j {
            true => 1.0 + self.noise,
            false => self.correlation(&points[i], &points[j]),
        })
    }
}

impl Model {
    /// Fits a model to standardised losses at these points; none when there are none or they cannot be told apart.
    pub(crate) fn fit(axes: &[Axis], points: Vec<Vec<f64>>, losses: &[f64]) -> Option<Self> {
        let parameters = fit::most_probable(axes, &points, losses);
        Self::assemble(Kernel::new(axes, &parameters), points, losses)
    }

    /// Returns so many models at most, whose parameters are drawn by how probable they are; the first one has the most probable ones.
    ///
    /// After few losses, many parameters explain them. Models that differ in what they take for granted propose different points.
    pub(crate) fn ensemble(
        axes: &[Axis],
        points: &[Vec<f64>],
        losses: &[f64],
        size: usize,
        rng: &mut ChaCha8Rng,
    ) -> Vec<Self> {
        let from = points.len().saturating_sub(fit::MOST);
        fit::draws(axes, &points[from..], &losses[from..], size, rng)
            .into_iter()
            .filter_map(|parameters| {
                Self::assemble(Kernel::new(axes, &parameters), points.to_vec(), losses)
            })
            .collect()
    }

    fn assemble(kernel: Kernel, points: Vec<Vec<f64>>, losses: &[f64]) -> Option<Self> {
        let factor = kernel.factor(&points)?;
        let Profile {
            mean,
            variance,
            weights,
            residuals,
        } = Profile::new(&factor, losses);
        Some(Self {
            kernel,
            points,
            factor,
            weights,
            residuals,
            mean,
            variance,
        })
    }

    /// Returns what is expected at these coordinates.
    pub(crate) fn predict(&self, at: &[f64]) -> Prediction {
        let row: Vec<f64> = self
            .points
            .iter()
            .map(|point| self.kernel.correlation(point, at))
            .collect();
        let known = self.factor.forward(&row);
        let share = (1.0_f64 - dot(&known, &known)).max(1e-12);
        Prediction {
            mean: self.mean + dot(&row, &self.weights),
            deviation: (self.variance * share).sqrt(),
        }
    }

    /// Returns the loss that is expected at these coordinates, which is less work than with its deviation.
    pub(crate) fn mean(&self, at: &[f64]) -> f64 {
        let terms = self.points.iter().zip(&self.weights);
        self.mean
            + terms
                .map(|(point, weight)| weight * self.kernel.correlation(point, at))
                .sum::<f64>()
    }

    /// Believes a loss at a point that has none yet, the one it expects there, and returns it.
    pub(crate) fn believe(&mut self, at: Vec<f64>) -> f64 {
        let row: Vec<f64> = self
            .points
            .iter()
            .map(|point| self.kernel.correlation(point, &at))
            .collect();
        let expected = dot(&row, &self.weights);
        if self.factor.push(&row, 1.0 + self.kernel.noise) {
            self.points.push(at);
            self.residuals.push(expected);
            self.weights = self.factor.solve(&self.residuals);
        }
        self.mean + expected
    }

    /// Returns how far two points are apart, in length scales.
    pub(crate) fn distance(&self, a: &[f64], b: &[f64]) -> f64 {
        self.kernel.squared_distance(a, b).sqrt()
    }

    /// Returns the length scale of an axis, in widths of the cube.
    pub(crate) fn scale(&self, axis: usize) -> f64 {
        1.0 / self.kernel.weights[axis].sqrt()
    }
}

/// Mean and variance that make the losses most probable, given the correlations.
pub(super) struct Profile {
    mean: f64,
    pub(super) variance: f64,
    pub(super) weights: Vec<f64>,
    residuals: Vec<f64>,
}

impl Profile {
    pub(super) fn new(factor: &Cholesky, losses: &[f64]) -> Self {
        let ones = factor.solve(&vec![1.0; losses.len()]);
        // A prior worth one loss at zero keeps the mean near the losses.
        let mean = dot(&ones, losses) / (ones.iter().sum::<f64>() + 1.0);
        let residuals: Vec<f64> = losses.iter().map(|loss| loss - mean).collect();
        let weights = factor.solve(&residuals);
        // Likewise the variance near 1.
        let variance =
            (dot(&residuals, &weights) + mean * mean + 2.0) / (losses.len() as f64 + 2.0);
        Self {
            mean,
            variance,
            weights,
            residuals,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> (Vec<Vec<f64>>, Vec<f64>) {
        let points: Vec<Vec<f64>> = (0..12)
            .map(|i| vec![f64::from(i) / 11.0, f64::from(i * 7 % 12) / 11.0])
            .collect();
        let losses = points
            .iter()
            .map(|point| libm::sin(5.0 * point[0]))
            .collect();
        (points, losses)
    }

    #[test]
    fn an_axis_without_influence_gets_the_longer_scale() {
        let (points, losses) = line();
        let model =
            Model::fit(&[Axis::Continuous, Axis::Continuous], points, &losses).expect("a model");
        assert!(
            model.scale(1) > 2.0 * model.scale(0),
            "{} {}",
            model.scale(0),
            model.scale(1)
        );
    }

    #[test]
    fn predictions_meet_the_losses_and_doubt_what_is_far() {
        let (points, losses) = line();
        let model = Model::fit(
            &[Axis::Continuous, Axis::Continuous],
            points.clone(),
            &losses,
        )
        .expect("a model");
        for (point, loss) in points.iter().zip(&losses) {
            assert!((model.predict(point).mean - loss).abs() < 0.05);
        }
        assert!(model.predict(&[0.5, 5.0]).deviation > 3.0 * model.predict(&points[4]).deviation);
    }

    #[test]
    fn what_is_believed_is_no_longer_doubted() {
        let (points, losses) = line();
        let mut model =
            Model::fit(&[Axis::Continuous, Axis::Continuous], points, &losses).expect("a model");
        let before = model.predict(&[0.3, 0.9]);
        model.believe(vec![0.3, 0.9]);
        let after = model.predict(&[0.3, 0.9]);
        assert!((before.mean - after.mean).abs() < 1e-6);
        assert!(after.deviation < before.deviation);
    }
}
