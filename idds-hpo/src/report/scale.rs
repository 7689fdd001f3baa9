//! The axis of the losses.

use super::number::short;
use super::paper::round_numbers;

/// By how many times values grow that are drawn on a logarithmic scale.
const DECADES: f64 = 1e3;

/// By how many times the largest value exceeds the median one when there is a value that no logarithmic scale has.
const BOTH_SIDES: f64 = 1e2;

/// Share of the values that are nearer to 0 than the linear part of a scale that is logarithmic on both sides of 0.
const NEAR_ZERO: usize = 10;

/// By how many times the range of the best nine tenths all others may exceed it before they are drawn at the edge.
const FAR: f64 = 6.0;

/// An axis for values, between the edges of what is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) least: f64,
    pub(super) greatest: f64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Linear,
    Log,
    /// Linear up to this distance from 0, and logarithmic beyond.
    Symmetric(f64),
}

impl Scale {
    /// Takes values that are sorted, best first.
    pub(super) fn new(best_first: &[f64]) -> Option<Self> {
        let (best, worst) = (*best_first.first()?, *best_first.last()?);
        let (least, greatest) = (best.min(worst), best.max(worst));
        if least > 0.0 && greatest / least > DECADES {
            return Some(Self {
                least,
                greatest,
                kind: Kind::Log,
            });
        }
        let mut sizes: Vec<f64> = best_first
            .iter()
            .map(|value| value.abs())
            .filter(|size| *size > 0.0)
            .collect();
        sizes.sort_by(f64::total_cmp);
        if let (Some(largest), Some(median)) = (sizes.last(), sizes.get(sizes.len() / 2))
            && least <= 0.0
            && largest / median > BOTH_SIDES
        {
            let near = sizes[sizes.len() / NEAR_ZERO].max(largest * 1e-9);
            let near = libm::pow(10.0, libm::floor(libm::log10(near)));
            return Some(Self {
                least,
                greatest,
                kind: Kind::Symmetric(near),
            });
        }
        let high = best_first[best_first.len() * 9 / 10];
        let is_far = (worst / 2.0 - best / 2.0).abs() > FAR * (high / 2.0 - best / 2.0).abs()
            && high != best;
        let edge = if is_far {
            best + 1.5 * (high - best)
        } else {
            worst
        };
        Some(Self {
            least: best.min(edge),
            greatest: best.max(edge),
            kind: Kind::Linear,
        })
    }

    /// Where a value is between 0 and 1, and beyond when it is outside.
    pub(super) fn place(&self, value: f64) -> f64 {
        let bent = |value: f64| match self.kind {
            // Halves, as the widest range is not a finite number.
            Kind::Linear => value / 2.0,
            Kind::Log => libm::log(value.max(f64::MIN_POSITIVE)),
            Kind::Symmetric(near) => {
                let size = value.abs() / near;
                (if size <= 1.0 {
                    size
                } else {
                    1.0 + libm::log10(size)
                })
                .copysign(value)
            }
        };
        let share = (bent(value) - bent(self.least)) / (bent(self.greatest) - bent(self.least));
        // A single value is in the middle.
        if share.is_finite() { share } else { 0.5 }
    }

    /// Returns values to write along the axis, about this many.
    pub(super) fn ticks(&self, about: f64) -> Vec<f64> {
        let powers = |from: f64, to: f64, about: f64| {
            let (first, last) = (
                libm::ceil(libm::log10(from) - 1e-9) as i32,
                libm::floor(libm::log10(to) + 1e-9) as i32,
            );
            let step = (f64::from(last - first) / about).ceil().max(1.0) as usize;
            (first..=last)
                .step_by(step)
                .map(|power| libm::pow(10.0, f64::from(power)))
                .collect::<Vec<_>>()
        };
        match self.kind {
            Kind::Linear => {
                let round = round_numbers(self.least, self.greatest, about);
                if round.is_empty() {
                    vec![self.least]
                } else {
                    round
                }
            }
            Kind::Log => powers(self.least, self.greatest, about),
            Kind::Symmetric(near) => {
                let half = (about / 2.0).max(1.0);
                let above = if self.greatest > near {
                    powers(near, self.greatest, half)
                } else {
                    Vec::new()
                };
                let below = if self.least < -near {
                    powers(near, -self.least, half)
                } else {
                    Vec::new()
                };
                below
                    .into_iter()
                    .rev()
                    .map(|value| -value)
                    .chain([0.0])
                    .chain(above)
                    .collect()
            }
        }
    }

    /// Says how the axis is divided, when it is not the usual way.
    pub(super) fn remark(&self) -> Option<String> {
        match self.kind {
            Kind::Linear => None,
            Kind::Log => Some("log scale".to_owned()),
            Kind::Symmetric(near) => Some(format!("log scale beyond ±{}", short(near))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_span_decades_have_a_logarithmic_axis_also_around_zero() {
        let log = Scale::new(&[1e-4, 1e-2, 1.0]).expect("values");
        assert!((log.place(1e-2) - 0.5).abs() < 1e-9);
        assert_eq!(log.remark().as_deref(), Some("log scale"));
        let both = Scale::new(&[-100.0, 0.0, 1e-3, 2e-3, 0.01, 0.02, 1e4]).expect("values");
        assert!(
            both.remark()
                .is_some_and(|remark| remark.starts_with("log scale beyond ±"))
        );
        let places: Vec<_> = both
            .ticks(6.0)
            .into_iter()
            .map(|tick| both.place(tick))
            .collect();
        assert!(places.is_sorted() && places.len() > 3, "{places:?}");
        assert!(
            Scale::new(&[1.0, 2.0, 3.0])
                .expect("values")
                .remark()
                .is_none()
        );
    }
}
