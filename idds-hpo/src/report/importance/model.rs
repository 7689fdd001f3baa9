//! A model of the loss whose parts belong to single parameters.

use super::axis::Effect;
use idds_sampler::{Axis, Cholesky, dot};

/// A Gaussian process whose kernel is the product of `1 + s·k` over all axes, with kernels `k` that have mean 0 over their axis.
///
/// Multiplied out, it is a constant, a part for each axis, one for each pair, and so on, each with mean 0 along all of its axes:
/// the functional analysis of variance (Durrande and others, J. Multivar. Anal. 115, 2013). A small `s` with a great variance of
/// the whole makes the loss a sum of functions of one parameter each, a great one lets all of them act together, and the losses
/// decide which. Length scales, `s` and noise are the most probable ones under log-normal priors.
#[derive(Clone, Debug)]
pub(super) struct Model {
    effects: Vec<Effect>,
    points: Vec<Vec<f64>>,
    noise: f64,
    factor: Cholesky,
    /// Variance of the process, for a kernel of 1.
    variance: f64,
    /// What a prediction is a combination of: by all losses, and with each of some groups left out.
    weights: Vec<Vec<f64>>,
    /// The logarithm of the probability of the losses.
    pub(super) evidence: f64,
    /// Share of the variance of the losses that is predicted for each loss by all others.
    pub(super) foresight: f64,
}

/// Mean and standard deviation of the logarithm of a length scale, of an `s`, and of the share of noise.
const SCALE_PRIOR: (f64, f64) = (-0.7, 0.7);
const SIZE_PRIOR: (f64, f64) = (-4.0, 1.5);
const NOISE_PRIOR: (f64, f64) = (-9.0, 3.0);

/// Smallest share of noise: keeps matrices of close points positive definite.
const MIN_NOISE: f64 = 1e-10;

/// Where the fit begins: length scale, `s`, and noise of smooth sums, of losses that turn often, and of noisy ones.
const STARTS: [(f64, f64, f64); 3] = [(0.3, -4.0, -14.0), (-1.0, -1.0, -9.0), (-0.3, -3.0, -4.0)];

/// Bounds of all logarithms.
const BOUNDS: (f64, f64) = (-20.0, 5.0);

impl Model {
    /// Fits a model to losses of mean 0 and variance 1 in this many steps, and returns also where the fit ended; none when the points
    /// cannot be told apart.
    pub(super) fn fit(
        axes: &[Axis],
        points: &[Vec<f64>],
        losses: &[f64],
        start: Option<&[f64]>,
        steps: usize,
    ) -> Option<(Self, Vec<f64>)> {
        let starts: Vec<Vec<f64>> = match start {
            Some(start) => vec![start.to_vec()],
            None => STARTS
                .iter()
                .map(|(scale, size, noise)| {
                    axes.iter()
                        .flat_map(|_| [*scale, *size])
                        .chain([*noise])
                        .collect()
                })
                .collect(),
        };
        let climbed = starts.into_iter().filter_map(|start| {
            ascend(start, steps, |parameters| {
                score(axes, parameters, points, losses)
            })
        });
        let (_, parameters) = climbed.max_by(|a, b| a.0.total_cmp(&b.0))?;
        let effects = effects(axes, &parameters);
        let noise = noise(&parameters);
        let factor = factor(&effects, noise, points)?;
        let weights = factor.solve(losses);
        let inverse = factor.inverse();
        let mean = losses.iter().sum::<f64>() / losses.len() as f64;
        let misses: f64 = (0..losses.len())
            .map(|i| square(weights[i] / inverse[i][i]))
            .sum();
        let all: f64 = losses.iter().map(|loss| square(loss - mean)).sum();
        let evidence = score(axes, &parameters, points, losses)?.0;
        let variance = variance(losses, &weights);
        let (points, foresight) = (points.to_vec(), 1.0 - misses / all);
        let model = Self {
            effects,
            points,
            noise,
            factor,
            variance,
            weights: vec![weights],
            evidence,
            foresight,
        };
        Some((model, parameters))
    }

    /// Has the model predict also what it would predict without each of this many groups of the losses.
    pub(super) fn leave_out(&mut self, losses: &[f64], groups: usize) {
        for group in 0..groups {
            let is_kept = |index: &usize| index % groups != group;
            let kept: Vec<usize> = (0..self.points.len()).filter(is_kept).collect();
            let points: Vec<_> = kept
                .iter()
                .map(|index| self.points[*index].clone())
                .collect();
            let some: Vec<_> = kept.iter().map(|index| losses[*index]).collect();
            let Some(factor) = factor(&self.effects, self.noise, &points) else {
                continue;
            };
            let mut weights = vec![0.0; self.points.len()];
            kept.iter()
                .zip(factor.solve(&some))
                .for_each(|(index, weight)| weights[*index] = weight);
            self.weights.push(weights);
        }
    }

    /// Returns the number of different predictions: 1, and one for each group that was left out.
    pub(super) fn predictions(&self) -> usize {
        self.weights.len()
    }

    /// Returns the number of its points.
    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    /// Returns the factors of every point in a prediction, at each place of each axis.
    pub(super) fn tables(&self) -> Vec<Vec<Vec<f64>>> {
        let axis = |(axis, effect): (usize, &Effect)| {
            let places = effect.places.iter();
            places
                .map(|place| {
                    self.points
                        .iter()
                        .map(|point| 1.0 + effect.value(*place, point[axis]))
                        .collect()
                })
                .collect()
        };
        self.effects.iter().enumerate().map(axis).collect()
    }

    /// Returns the variance of what is not known of the loss at these places, from the products of the factors of every point.
    pub(super) fn doubt(&self, at: &[f64], products: &[f64]) -> f64 {
        let whole: f64 = self
            .effects
            .iter()
            .zip(at)
            .map(|(effect, at)| 1.0 + effect.value(*at, *at))
            .product();
        let known = self.factor.forward(products);
        self.variance * (whole - dot(&known, &known)).max(0.0)
    }

    /// Returns the place of an axis by its number.
    pub(super) fn place(&self, axis: usize, index: usize) -> f64 {
        self.effects[axis].places[index]
    }

    /// Returns the predictions from the products of the factors of every point.
    pub(super) fn predict(&self, products: &[f64], into: &mut Vec<f64>) {
        into.clear();
        into.extend(self.weights.iter().map(|weights| dot(weights, products)));
    }
}

pub(super) fn square(value: f64) -> f64 {
    value * value
}

fn effects(axes: &[Axis], parameters: &[f64]) -> Vec<Effect> {
    let logs = parameters.chunks_exact(2);
    axes.iter()
        .zip(logs)
        .map(|(axis, log)| Effect::new(*axis, libm::exp(log[0]), libm::exp(log[1])))
        .collect()
}

fn noise(parameters: &[f64]) -> f64 {
    MIN_NOISE + parameters.last().map_or(0.0, |log| libm::exp(*log))
}

fn factor(effects: &[Effect], noise: f64, points: &[Vec<f64>]) -> Option<Cholesky> {
    let means = means(effects, points);
    Cholesky::new(points.len(), |i, j| {
        let factor = |(axis, effect): (usize, &Effect)| {
            1.0 + effect.between(
                points[i][axis],
                points[j][axis],
                means[axis][i].0,
                means[axis][j].0,
            )
        };
        let product: f64 = effects.iter().enumerate().map(factor).product();
        if i == j { product + noise } else { product }
    })
}

/// Returns the most probable variance; a prior worth two losses keeps it near 1.
fn variance(losses: &[f64], weights: &[f64]) -> f64 {
    (dot(losses, weights) + 2.0) / (losses.len() as f64 + 2.0)
}

/// Returns what the effects subtract at every point, and how that changes with the logarithm of the length scale.
fn means(effects: &[Effect], points: &[Vec<f64>]) -> Vec<Vec<(f64, f64)>> {
    let axis = |(axis, effect): (usize, &Effect)| {
        points
            .iter()
            .map(|point| effect.mean(point[axis]))
            .collect()
    };
    effects.iter().enumerate().map(axis).collect()
}

/// Returns the logarithm of the probability of the losses and the parameters, up to a constant, and its gradient.
fn score(
    axes: &[Axis],
    parameters: &[f64],
    points: &[Vec<f64>],
    losses: &[f64],
) -> Option<(f64, Vec<f64>)> {
    let effects = effects(axes, parameters);
    let noise = noise(parameters);
    let factor = factor(&effects, noise, points)?;
    let means = means(&effects, points);
    let weights = factor.solve(losses);
    let inverse = factor.inverse();
    let count = points.len();
    let variance = variance(losses, &weights);

    let mut value =
        -0.5 * (count as f64 + 2.0) * libm::log(variance) - factor.half_log_determinant();
    let mut gradient = vec![0.0; parameters.len()];
    let mut below = vec![1.0; axes.len() + 1];
    let mut slopes = vec![(0.0, 0.0); axes.len()];
    for i in 0..count {
        for j in 0..=i {
            let pull = weights[i] * weights[j] / variance - inverse[i][j];
            let pull = if i == j { 0.5 * pull } else { pull };
            for (axis, effect) in effects.iter().enumerate() {
                let (a, b) = (points[i][axis], points[j][axis]);
                slopes[axis] = effect.slopes(a, b, means[axis][i], means[axis][j]);
                below[axis + 1] = below[axis] * (1.0 + slopes[axis].0);
            }
            let mut above = pull;
            for axis in (0..axes.len()).rev() {
                let others = below[axis] * above;
                let (size, by_scale) = slopes[axis];
                gradient[2 * axis] += others * by_scale;
                gradient[2 * axis + 1] += others * size;
                above *= 1.0 + size;
            }
        }
    }
    let of_noise: f64 = (0..count)
        .map(|i| 0.5 * (weights[i] * weights[i] / variance - inverse[i][i]))
        .sum();
    gradient[2 * axes.len()] = of_noise * (noise - MIN_NOISE);

    let priors = axes
        .iter()
        .flat_map(|_| [SCALE_PRIOR, SIZE_PRIOR])
        .chain([NOISE_PRIOR]);
    for ((parameter, slope), (mean, deviation)) in parameters.iter().zip(&mut gradient).zip(priors)
    {
        let off = (parameter - mean) / deviation;
        value -= 0.5 * off * off;
        *slope -= off / deviation;
    }
    Some((value, gradient))
}

/// Climbs to a maximum by resilient steps, which need the signs of the gradient only, and returns the best place seen.
fn ascend(
    start: Vec<f64>,
    steps: usize,
    score: impl Fn(&[f64]) -> Option<(f64, Vec<f64>)>,
) -> Option<(f64, Vec<f64>)> {
    let mut at = start;
    let mut reach = vec![0.4_f64; at.len()];
    let mut last = vec![0.0; at.len()];
    let mut best: Option<(f64, Vec<f64>)> = None;
    for _ in 0..steps {
        let Some((value, gradient)) = score(&at) else {
            break;
        };
        if best.as_ref().is_none_or(|(most, _)| value > *most) {
            best = Some((value, at.clone()));
        }
        for k in 0..at.len() {
            let agreement = gradient[k] * last[k];
            if agreement > 0.0 {
                reach[k] = (reach[k] * 1.3).min(1.5);
            } else if agreement < 0.0 {
                reach[k] *= 0.5;
            }
            let step = if gradient[k] == 0.0 {
                0.0
            } else {
                reach[k].copysign(gradient[k])
            };
            at[k] = (at[k] + step).clamp(BOUNDS.0, BOUNDS.1);
            last[k] = gradient[k];
        }
        if reach.iter().all(|reach| *reach < 0.02) {
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_the_slope_of_the_value() {
        let axes = [Axis::Continuous, Axis::Categories(3), Axis::Levels(5)];
        let points: Vec<Vec<f64>> = (0..12)
            .map(|i| {
                vec![
                    f64::from(i) / 11.0,
                    (f64::from(i % 3) + 0.5) / 3.0,
                    (f64::from(i * 7 % 5) + 0.5) / 5.0,
                ]
            })
            .collect();
        let losses: Vec<f64> = points
            .iter()
            .map(|point| libm::sin(5.0 * point[0]) + point[1] * point[2])
            .collect();
        let parameters = [-0.7, -0.4, 0.1, -0.5, -0.3, -1.0, -4.0];
        let (_, gradient) = score(&axes, &parameters, &points, &losses).expect("positive definite");
        for k in 0..parameters.len() {
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
}
