//! Quantized numbers: multiples of a step.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::Number;

/// Most steps between 0 and a bound, or an unbounded value: beyond, a floating-point number does not tell neighbours apart.
const MOST_STEPS: f64 = 9_007_199_254_740_992.0;

/// How far a floating-point number may be from a multiple of a step, relative to the number: `3 * 0.1` is not `0.3`.
const TOLERANCE: f64 = 4.0 * f64::EPSILON;

/// Most values that the JSON Schema of a point lists.
const FEW_VALUES: i64 = 1000;

/// The multiples of a step between two bounds: the values of a number that is an integer or has a step.
///
/// Multiples are counted from 0, not from the lower bound: with the step 4, the values between 1 and 10 are 4 and 8.
///
/// ```
/// use idds_workflow::Scalar;
/// use serde_json::json;
///
/// let grid = Scalar::new().range(0.1..=0.5).step(0.1).grid().expect("a step is set");
/// assert_eq!(grid.indices(), 1..=5);
/// assert_eq!(grid.value(3), json!(0.3));
/// assert_eq!(grid.value(grid.nearest(0.27)), json!(0.3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    step: Number,
    integer: bool,
    lower: f64,
    upper: f64,
}

impl Grid {
    /// Makes the grid of a number; none when the number is neither an integer nor has a step.
    pub(super) fn new(
        integer: bool,
        step: Option<Number>,
        lower: Option<Number>,
        upper: Option<Number>,
    ) -> Option<Self> {
        let step = step.or(integer.then_some(Number::Int(1)))?;
        let (lower, upper) = (
            lower.map_or(f64::NEG_INFINITY, Number::as_f64),
            upper.map_or(f64::INFINITY, Number::as_f64),
        );
        Some(Self {
            step,
            integer,
            lower,
            upper,
        })
    }

    /// Returns the distance between two values, 1 for plain integers.
    pub fn step(&self) -> Number {
        self.step
    }

    /// Tells whether the values are JSON integers.
    pub fn is_integer(&self) -> bool {
        self.integer
    }

    /// Tells whether every integer between the bounds is a value.
    pub(super) fn is_every_integer(&self) -> bool {
        self.integer && self.step.as_f64() == 1.0
    }

    /// Returns which multiples of the step lie between the bounds, 2 being twice the step.
    ///
    /// The range is never empty for a parameter of a checked space. Without a bound it ends where floating-point
    /// numbers no longer tell multiples apart: at 2^53 for integers.
    pub fn indices(&self) -> RangeInclusive<i64> {
        let most = self.most();
        let first = self.index_at(self.lower, f64::ceil).clamp(-most, most);
        let last = self.index_at(self.upper, f64::floor).clamp(-most, most);
        first as i64..=last as i64
    }

    /// Returns a multiple of the step, moved into the bounds.
    ///
    /// It is the number that people write: three times 0.1 is 0.3, not 0.30000000000000004.
    pub fn value(&self, index: i64) -> Value {
        if self.integer {
            return Value::from(index.saturating_mul(self.step.as_f64() as i64));
        }
        let product = index as f64 * self.step.as_f64();
        if self.is_exact() {
            return Value::from(product);
        }
        let decimal = format!("{product:.14e}").parse().unwrap_or(product);
        let value = if is_close(decimal, product) {
            decimal
        } else {
            product
        };
        Value::from(value.max(self.lower).min(self.upper))
    }

    /// Returns which multiple of the step between the bounds is nearest to a number; NaN counts as 0.
    pub fn nearest(&self, number: f64) -> i64 {
        let indices = self.indices();
        ((number / self.step.as_f64()).round() as i64)
            .min(*indices.end())
            .max(*indices.start())
    }

    /// Tells whether a number is a multiple of the step, as far as floating-point numbers can say.
    pub(super) fn contains(&self, number: f64) -> bool {
        let step = self.step.as_f64();
        is_close((number / step).round() * step, number)
    }

    /// Tells what is wrong with the step or the bounds.
    pub(super) fn wrong(&self) -> Option<String> {
        let Self {
            step, lower, upper, ..
        } = *self;
        let too_far = |bound: &f64| bound.is_finite() && bound.abs() / step.as_f64() > self.most();
        if let Some(bound) = [lower, upper].into_iter().find(too_far) {
            return Some(format!(
                "{} is too far from 0 to tell multiples of {step} apart",
                shown(bound)
            ));
        }
        let empty = self.indices().is_empty();
        empty.then(|| {
            format!(
                "there is not {} between {} and {}",
                self.values(),
                shown(lower),
                shown(upper)
            )
        })
    }

    /// Says what the values are.
    pub(super) fn values(&self) -> String {
        if self.is_every_integer() {
            "an integer".to_owned()
        } else {
            format!("a multiple of {}", self.step)
        }
    }

    /// Tells whether multiples of the step are exact in binary, so that all programs find the same remainders.
    pub(super) fn is_exact(&self) -> bool {
        self.integer || self.odd_part().is_some()
    }

    /// Returns all values when they are few, each as people write it and as floating-point numbers multiply.
    pub(super) fn few_values(&self) -> Option<Vec<Value>> {
        let indices = self.indices();
        if indices.end().checked_sub(*indices.start())? >= FEW_VALUES {
            return None;
        }
        let product = |index| {
            Value::from(
                (index as f64 * self.step.as_f64())
                    .max(self.lower)
                    .min(self.upper),
            )
        };
        let mut values: Vec<_> = indices
            .flat_map(|index| [self.value(index), product(index)])
            .collect();
        values.dedup();
        Some(values)
    }

    /// Returns the highest index that has a value of its own.
    fn most(&self) -> f64 {
        let step = self.step.as_f64();
        let most = match self.odd_part() {
            _ if self.integer => MOST_STEPS / step,
            Some(odd) => MOST_STEPS / odd,
            None => (f64::MAX / step).min(MOST_STEPS),
        };
        most.floor()
    }

    /// Returns the odd factor of a step that is a fraction with a power of two, up to 2^20, below.
    fn odd_part(&self) -> Option<f64> {
        let scaled = self.step.as_f64() * f64::from(1 << 20);
        let short = scaled.fract() == 0.0 && scaled < MOST_STEPS;
        short.then(|| (scaled as u64 >> (scaled as u64).trailing_zeros()) as f64)
    }

    fn index_at(&self, bound: f64, round: fn(f64) -> f64) -> f64 {
        let step = self.step.as_f64();
        let index = bound / step;
        let nearest = index.round();
        if is_close(nearest * step, bound) {
            nearest
        } else {
            round(index)
        }
    }
}

/// Writes an integer as one.
fn shown(number: f64) -> Number {
    if number.fract() == 0.0 && number.abs() < MOST_STEPS {
        Number::Int(number as i64)
    } else {
        Number::Float(number)
    }
}

fn is_close(multiple: f64, number: f64) -> bool {
    (multiple - number).abs() <= TOLERANCE * number.abs()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn grid(step: f64, lower: f64, upper: f64) -> Grid {
        Grid {
            step: step.into(),
            integer: false,
            lower,
            upper,
        }
    }

    #[test]
    fn bounds_that_are_multiples_only_up_to_rounding_belong_to_the_grid() {
        assert_eq!(grid(0.1, 0.1 + 0.2, 0.7).indices(), 3..=7);
        assert_eq!(grid(0.1, 0.1 + 0.2, 0.7).value(3), json!(0.1 + 0.2));
        assert_eq!(grid(0.07, 0.0, 0.21).value(3), json!(0.21));
    }

    #[test]
    fn without_bounds_the_grid_ends_where_floating_point_integers_do() {
        let everything = grid(1.0, f64::NEG_INFINITY, f64::INFINITY);
        assert_eq!(everything.indices(), -(1 << 53)..=1 << 53);
        assert_eq!(everything.nearest(f64::INFINITY), 1 << 53);
        assert_eq!(everything.nearest(f64::NAN), 0);
        assert_eq!(
            Grid {
                integer: true,
                step: Number::Int(32),
                ..everything
            }
            .value(-(1 << 48)),
            json!(-(1_i64 << 53))
        );
    }

    #[test]
    fn steps_that_no_number_can_count_are_refused() {
        assert_eq!(
            grid(1e-20, 0.0, 1.0).wrong().as_deref(),
            Some("1 is too far from 0 to tell multiples of 1e-20 apart")
        );
        assert_eq!(
            grid(7.0, 1.0, 5.0).wrong().as_deref(),
            Some("there is not a multiple of 7.0 between 1 and 5")
        );
    }

    proptest! {
        #[test]
        fn every_value_is_a_multiple_between_the_bounds(step in 1e-6..1e3_f64, lower in -1e6..1e6_f64, steps in 1.5..1e3_f64) {
            let grid = grid(step, lower, lower + steps * step);
            for index in [*grid.indices().start(), *grid.indices().end()] {
                let value = grid.value(index).as_f64().expect("a number");
                prop_assert!(grid.contains(value) && grid.lower <= value && value <= grid.upper, "{value}");
                prop_assert_eq!(grid.nearest(value), index);
            }
        }
    }
}
