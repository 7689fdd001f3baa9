//! The regression: what is believed of the loss between the points that were evaluated.

use crate::cholesky::{Cholesky, dot};
use crate::unit_space::Axis;

/// A Gaussian process over the coordinates of a cube, fitted to losses.
///
/// Matérn kernel of smoothness 5/2 with a length scale for each axis, constant mean, and noise; length scales and noise are
/// the most probable ones under log-normal priors, mean and variance follow from them. Losses are standardised by the caller.
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
struct Kernel {
    is_category: Vec<bool>,
    /// Reciprocals of the length scales, squared.
    weights: Vec<f64>,
    noise: f64,
}

/// What a model expects at a point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prediction {
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
}

/// Smallest share of noise: keeps matrices of close points positive definite.
const MIN_NOISE: f64 = 1e-6;

impl Kernel {
    fn new(axes: &[Axis], parameters: &[f64]) -> Self {
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

    fn separation(&self, axis: usize, a: f64, b: f64) -> f64 {
        if self.is_category[axis] {
            f64::from(a != b)
        } else {
            (a - b) * (a - b)
        }
    }

    fn squared_distance(&self, a: &[f64], b: &[f64]) -> f64 {
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

    fn factor(&self, points: &[Vec<f64>]) -> Option<Cholesky> {
        Cholesky::new(points.len(), |i, j| match i == j {
            true => 1.0 + self.noise,
            false => self.correlation(&points[i], &points[j]),
        })
    }
}

/// Mean and standard deviation of the logarithm of a length scale, before anything is known, for this many axes.
///
/// Distances grow with the square root of the number of axes. A short scale makes the first points after the start stay near
/// the best ones, which paid off on every kind of loss that was tried.
fn scale_prior(axes: usize) -> (f64, f64) {
    (libm::log(0.2) + 0.5 * libm::log(axes as f64), 0.9)
}

/// Mean and standard deviation of the logarithm of the share of noise.
const NOISE_PRIOR: (f64, f64) = (-7.0, 2.0);

/// Number of steps of the fit.
const STEPS: usize = 40;

impl Model {
    /// Fits a model to standardised losses at these points; none when there are none or they cannot be told apart.
    pub(crate) fn fit(axes: &[Axis], points: Vec<Vec<f64>>, losses: &[f64]) -> Option<Self> {
        let start: Vec<f64> = std::iter::repeat_n(scale_prior(axes.len()).0, axes.len())
            .chain([NOISE_PRIOR.0])
            .collect();
        let parameters = ascend(start, |parameters| score(axes, parameters, &points, losses));
        Self::assemble(Kernel::new(axes, &parameters), points, losses)
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

    /// Believes a loss at a point that has none yet: the one it expects there.
    pub(crate) fn believe(&mut self, at: Vec<f64>) {
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
    }

    /// Returns the coordinates of everything known and believed.
    pub(crate) fn points(&self) -> impl Iterator<Item = &Vec<f64>> {
        self.points.iter()
    }

    /// Returns the length scale of an axis, in widths of the cube.
    pub(crate) fn scale(&self, axis: usize) -> f64 {
        1.0 / self.kernel.weights[axis].sqrt()
    }
}

/// Mean and variance that make the losses most probable, given the correlations.
struct Profile {
    mean: f64,
    variance: f64,
    weights: Vec<f64>,
    residuals: Vec<f64>,
}

impl Profile {
    fn new(factor: &Cholesky, losses: &[f64]) -> Self {
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

/// Returns the logarithm of the probability of the parameters, up to a constant, and its gradient.
fn score(
    axes: &[Axis],
    parameters: &[f64],
    points: &[Vec<f64>],
    losses: &[f64],
) -> Option<(f64, Vec<f64>)> {
    let kernel = Kernel::new(axes, parameters);
    let factor = kernel.factor(points)?;
    let Profile {
        variance, weights, ..
    } = Profile::new(&factor, losses);
    let inverse = factor.inverse();
    let count = points.len();

    let mut value =
        -0.5 * (count as f64 + 2.0) * libm::log(variance) - factor.half_log_determinant();
    let mut gradient = vec![0.0; parameters.len()];
    for i in 0..count {
        for j in 0..i {
            // The derivative of the value by the correlation of `i` and `j`.
            let pull = weights[i] * weights[j] / variance - inverse[i][j];
            let distance = (5.0 * kernel.squared_distance(&points[i], &points[j])).sqrt();
            let slope = pull * 5.0 / 3.0 * (1.0 + distance) * libm::exp(-distance);
            for axis in 0..axes.len() {
                gradient[axis] += slope
                    * kernel.weights[axis]
                    * kernel.separation(axis, points[i][axis], points[j][axis]);
            }
        }
    }
    let noise: f64 = (0..count)
        .map(|i| 0.5 * (weights[i] * weights[i] / variance - inverse[i][i]))
        .sum();
    gradient[axes.len()] = noise * (kernel.noise - MIN_NOISE);

    let (mean, deviation) = scale_prior(axes.len());
    let priors = std::iter::repeat_n((mean, deviation), axes.len()).chain([NOISE_PRIOR]);
    for ((parameter, slope), (mean, deviation)) in parameters.iter().zip(&mut gradient).zip(priors)
    {
        let off = (parameter - mean) / deviation;
        value -= 0.5 * off * off;
        *slope -= off / deviation;
    }
    Some((value, gradient))
}

/// Climbs to a maximum by resilient steps, which need the signs of the gradient only, and returns the best place seen.
fn ascend(start: Vec<f64>, score: impl Fn(&[f64]) -> Option<(f64, Vec<f64>)>) -> Vec<f64> {
    let mut at = start;
    let mut steps = vec![0.25_f64; at.len()];
    let mut last = vec![0.0; at.len()];
    let mut best: Option<(f64, Vec<f64>)> = None;
    for _ in 0..STEPS {
        let Some((value, gradient)) = score(&at) else {
            break;
        };
        if best.as_ref().is_none_or(|(most, _)| value > *most) {
            best = Some((value, at.clone()));
        }
        let mut largest = 0.0_f64;
        for k in 0..at.len() {
            let agreement = gradient[k] * last[k];
            if agreement > 0.0 {
                steps[k] = (steps[k] * 1.3).min(1.0);
            } else if agreement < 0.0 {
                steps[k] *= 0.5;
            }
            let step = if gradient[k] > 0.0 {
                steps[k]
            } else if gradient[k] < 0.0 {
                -steps[k]
            } else {
                0.0
            };
            at[k] = (at[k] + step).clamp(-12.0, 6.0);
            last[k] = gradient[k];
            largest = largest.max(steps[k]);
        }
        if largest < 0.01 {
            break;
        }
    }
    best.map_or(at, |(_, best)| best)
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
    fn the_gradient_is_the_slope_of_the_value() {
        let axes = [Axis::Continuous, Axis::Categories(12)];
        let (points, losses) = line();
        let parameters = [-0.7, 0.4, -4.0];
        let (_, gradient) = score(&axes, &parameters, &points, &losses).expect("positive definite");
        for k in 0..3 {
            let value = |step: f64| {
                let mut parameters = parameters;
                parameters[k] += step;
                score(&axes, &parameters, &points, &losses)
                    .expect("positive definite")
                    .0
            };
            let slope = (value(1e-5) - value(-1e-5)) / 2e-5;
            assert!(
                (slope - gradient[k]).abs() < 1e-4 * (1.0 + slope.abs()),
                "{k}: {slope} {}",
                gradient[k]
            );
        }
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
