//! The parameters of the regression: what the losses say of length scales and noise.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::model::{Kernel, MIN_NOISE, Profile};
use crate::normal;
use crate::unit_space::Axis;

/// Largest number of losses that are asked for parameters, the latest ones: more say little new.
pub(super) const MOST: usize = 120;

/// Number of axes from which on few losses say so little of each that draws of parameters are hardly more than the prior.
pub(super) const MANY_AXES: usize = 10;

/// Mean and standard deviation of the logarithm of a length scale, before anything is known, for this many axes.
///
/// Distances grow with the square root of the number of axes. With many axes, short scales keep the first batches near the best
/// point, which paid off there.
fn scale_prior(axes: usize) -> (f64, f64) {
    let scale = if axes > MANY_AXES { 0.2 } else { 0.5 };
    (libm::log(scale) + 0.5 * libm::log(axes as f64), 0.9)
}

/// Mean and standard deviation of the logarithm of the share of noise.
const NOISE_PRIOR: (f64, f64) = (-5.5, 2.0);

/// Number of steps of the fit.
const STEPS: usize = 40;

/// Number of steps between two draws.
const THIN: usize = 4;

/// Logarithms beyond which parameters mean the same.
const RANGE: (f64, f64) = (-12.0, 6.0);

/// Returns the most probable parameters: the logarithm of the length scale of each axis, and of the share of noise.
pub(super) fn most_probable(axes: &[Axis], points: &[Vec<f64>], losses: &[f64]) -> Vec<f64> {
    let start: Vec<f64> = priors(axes.len()).map(|(mean, _)| mean).collect();
    ascend(start, |parameters| score(axes, parameters, points, losses))
}

/// Returns so many parameters, drawn by how probable they are, the first ones apart, which are the most probable ones.
///
/// Elliptical slice sampling (Murray, Adams and MacKay 2010), which has nothing to tune.
pub(super) fn draws(
    axes: &[Axis],
    points: &[Vec<f64>],
    losses: &[f64],
    count: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<Vec<f64>> {
    let value = |parameters: &[f64]| {
        likelihood(axes, parameters, points, losses).unwrap_or(f64::NEG_INFINITY)
    };
    let mut at = most_probable(axes, points, losses);
    let mut now = value(&at);
    let mut draws = vec![at.clone()];
    while draws.len() < count && now.is_finite() {
        for _ in 0..THIN {
            (now, at) = slice(now, at, axes.len(), value, rng);
        }
        draws.push(at.clone());
    }
    draws
}

/// Goes on to other parameters on an ellipse through these and through ones drawn from the prior.
fn slice(
    now: f64,
    at: Vec<f64>,
    axes: usize,
    value: impl Fn(&[f64]) -> f64,
    rng: &mut ChaCha8Rng,
) -> (f64, Vec<f64>) {
    let turned: Vec<f64> = priors(axes)
        .map(|(_, deviation)| deviation * normal::draw(rng))
        .collect();
    let threshold = now + libm::log(1.0 - rng.random::<f64>());
    let mut angle = std::f64::consts::TAU * rng.random::<f64>();
    let (mut low, mut high) = (angle - std::f64::consts::TAU, angle);
    // The arc shrinks towards where it came from; twenty times make it a thousandth at most.
    for _ in 0..20 {
        let (sin, cos) = (libm::sin(angle), libm::cos(angle));
        let next: Vec<f64> = priors(axes)
            .zip(at.iter().zip(&turned))
            .map(|((mean, _), (at, turned))| {
                (mean + (at - mean) * cos + turned * sin).clamp(RANGE.0, RANGE.1)
            })
            .collect();
        let there = value(&next);
        if there > threshold {
            return (there, next);
        }
        if angle < 0.0 {
            low = angle;
        } else {
            high = angle;
        }
        angle = low + (high - low) * rng.random::<f64>();
    }
    (now, at)
}

/// Returns mean and standard deviation of each parameter before anything is known.
fn priors(axes: usize) -> impl Iterator<Item = (f64, f64)> {
    std::iter::repeat_n(scale_prior(axes), axes).chain([NOISE_PRIOR])
}

/// Returns the logarithm of the probability of the losses, up to a constant; none where the points cannot be told apart.
fn likelihood(
    axes: &[Axis],
    parameters: &[f64],
    points: &[Vec<f64>],
    losses: &[f64],
) -> Option<f64> {
    let factor = Kernel::new(axes, parameters).factor(points)?;
    let variance = Profile::new(&factor, losses).variance;
    let count = points.len() as f64;
    Some(-0.5 * (count + 2.0) * libm::log(variance) - factor.half_log_determinant())
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

    let slopes = parameters.iter().zip(&mut gradient);
    for ((parameter, slope), (mean, deviation)) in slopes.zip(priors(axes.len())) {
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
            at[k] = (at[k] + step).clamp(RANGE.0, RANGE.1);
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
    use rand_chacha::rand_core::SeedableRng;

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
    fn draws_differ_and_begin_with_the_most_probable_parameters() {
        let axes = [Axis::Continuous, Axis::Continuous];
        let (points, losses) = line();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let draws = draws(&axes, &points, &losses, 6, &mut rng);
        assert_eq!(draws.len(), 6);
        assert_eq!(draws[0], most_probable(&axes, &points, &losses));
        assert!(draws.windows(2).all(|two| two[0] != two[1]));
        assert!(
            draws
                .iter()
                .flatten()
                .all(|parameter| (RANGE.0..=RANGE.1).contains(parameter))
        );
    }
}
