//! Arrays of numbers.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::de::Deserializer;
use serde::{Deserialize, Serialize};

use super::{Count, MAX_VALUES, Parameter, is_false, pair, wrong_range};
use crate::{Grid, Number};

/// An array of numbers, all between the same bounds where they are given.
///
/// The nevergrad script that iDDS 2.6.21 ships cannot write the points of such a parameter; other steering programs can.
///
/// ```
/// use idds_workflow::{Array, OptSpace, Point};
/// use serde_json::json;
///
/// let space = OptSpace::builder().parameter("weights", Array::new([2, 1]).range(0..=1)).build()?;
/// space.check(&Point::new().with("weights", json!([[0.5], [1]])))?;
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(
    description = "An array of numbers, all between the same bounds where they are given. The nevergrad script that iDDS \
    2.6.21 ships cannot write the points of such a parameter; other steering programs can."
)]
pub struct Array {
    params: ArrayParams,
    /// Lower and upper bound of every number, both included; they count before `lower` and `upper` of `params`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "[Number; 2]")]
    bounds: Option<[Number; 2]>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct ArrayParams {
    /// Length of every dimension, outermost first.
    #[serde(deserialize_with = "shape")]
    #[schemars(with = "Vec<Count>", length(min = 1, max = 8))]
    shape: Vec<u32>,
    /// Lower bound of every number, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number")]
    lower: Option<Number>,
    /// Upper bound of every number, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number")]
    upper: Option<Number>,
    /// Whether nevergrad adapts the step size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    mutable_sigma: Option<bool>,
    /// Whether values are integers; false by default. Not known to nevergrad.
    #[serde(default, skip_serializing_if = "is_false")]
    integer: bool,
    /// When given, values are multiples of it. Not known to nevergrad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", extend("exclusiveMinimum" = 0))]
    step: Option<Number>,
}

impl Array {
    /// Takes arrays of this shape, outermost dimension first.
    pub fn new(shape: impl IntoIterator<Item = u32>) -> Self {
        let shape = shape.into_iter().collect();
        let params = ArrayParams {
            shape,
            lower: None,
            upper: None,
            mutable_sigma: None,
            integer: false,
            step: None,
        };
        Self {
            params,
            bounds: None,
        }
    }

    /// Sets the lower and upper bound of every number, both included, the way nevergrad's `set_bounds` does.
    pub fn bounds(mut self, bounds: RangeInclusive<impl Into<Number>>) -> Self {
        self.bounds = Some(pair(bounds));
        self
    }

    /// Sets the lower and upper bound of every number, both included, as parameters of nevergrad's `Array`.
    ///
    /// On the real server nevergrad then starts in the middle; with [`Array::bounds`] it starts at 0, which must lie between
    /// the bounds.
    pub fn range(mut self, bounds: RangeInclusive<impl Into<Number>>) -> Self {
        let [lower, upper] = pair(bounds);
        (self.params.lower, self.params.upper) = (Some(lower), Some(upper));
        self
    }

    /// Takes integers only; nevergrad has no such setting.
    pub fn integer(mut self) -> Self {
        self.params.integer = true;
        self
    }

    /// Takes multiples of this positive step only, counted from 0; of an integer one when values are integers. nevergrad
    /// has no such setting.
    pub fn step(mut self, step: impl Into<Number>) -> Self {
        self.params.step = Some(step.into());
        self
    }

    /// Returns the length of every dimension, outermost first.
    pub fn shape(&self) -> &[u32] {
        &self.params.shape
    }

    /// Returns the lower bound, if any.
    pub fn lower(&self) -> Option<Number> {
        self.bounds
            .map_or(self.params.lower, |bounds| Some(bounds[0]))
    }

    /// Returns the upper bound, if any.
    pub fn upper(&self) -> Option<Number> {
        self.bounds
            .map_or(self.params.upper, |bounds| Some(bounds[1]))
    }

    /// Returns the multiples that the numbers are limited to, none when they can be any number.
    pub fn grid(&self) -> Option<Grid> {
        Grid::new(
            self.params.integer,
            self.params.step,
            self.lower(),
            self.upper(),
        )
    }

    /// Returns what nevergrad's `set_bounds` is called with, and whether bounds are given in both ways.
    pub(in crate::space) fn set_bounds(&self) -> Option<([Number; 2], bool)> {
        self.bounds
            .map(|bounds| (bounds, self.params.lower.or(self.params.upper).is_some()))
    }

    pub(super) fn numbers(&self) -> Vec<Option<Number>> {
        let ArrayParams {
            lower, upper, step, ..
        } = self.params;
        [lower, upper, step]
            .into_iter()
            .chain(self.bounds.into_iter().flatten().map(Some))
            .collect()
    }

    pub(super) fn wrong(&self) -> Option<(&'static str, String)> {
        let count = self.shape().iter().fold(1_u64, |count, length| {
            count.saturating_mul(u64::from(*length))
        });
        if count > u64::from(MAX_VALUES) {
            let message = format!(
                "{:?} makes {count} numbers; the server can store at most {MAX_VALUES}",
                self.shape()
            );
            return Some(("params.shape", message));
        }
        let part = if self.bounds.is_some() {
            "bounds"
        } else {
            "params"
        };
        wrong_range(self.lower(), self.upper())
            .map(|message| (part, message))
            .or_else(|| self.grid()?.wrong().map(|message| ("params", message)))
    }
}

impl From<Array> for Parameter {
    fn from(array: Array) -> Self {
        Self::Array(array)
    }
}

fn shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    Ok(Vec::<Count>::deserialize(deserializer)?
        .into_iter()
        .map(|Count(length)| length)
        .collect())
}
