//! Positive numbers on a logarithmic scale.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Parameter, is_false, pair, wrong_range, wrong_start};
use crate::{Grid, Number};

/// A positive number that is searched on a logarithmic scale.
///
/// ```
/// use idds_workflow::{Log, OptSpace};
/// use serde_json::json;
///
/// let space = OptSpace::builder().parameter("trees", Log::new(10..=1000).integer()).build()?;
/// let document = json!({"trees": {"type": "Log", "params": {"lower": 10, "upper": 1000, "integer": true}}});
/// assert_eq!(serde_json::to_value(&space)?, document);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(description = "A positive number that is searched on a logarithmic scale.")]
pub struct Log {
    params: LogParams,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct LogParams {
    /// Where the search starts; the geometric middle of the bounds by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number")]
    init: Option<Number>,
    /// Factor of one step of nevergrad; the base of the other dialects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", extend("exclusiveMinimum" = 1))]
    exponent: Option<Number>,
    /// Lower bound, included.
    #[schemars(extend("exclusiveMinimum" = 0))]
    lower: Number,
    /// Upper bound, included.
    #[schemars(extend("exclusiveMinimum" = 0))]
    upper: Number,
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

impl Log {
    /// Takes a number between these positive bounds, both included.
    pub fn new(bounds: RangeInclusive<impl Into<Number>>) -> Self {
        let [lower, upper] = pair(bounds);
        Self {
            params: LogParams {
                init: None,
                exponent: None,
                lower,
                upper,
                mutable_sigma: None,
                integer: false,
                step: None,
            },
        }
    }

    /// Sets where the search starts; the geometric middle of the bounds by default.
    pub fn init(mut self, init: impl Into<Number>) -> Self {
        self.params.init = Some(init.into());
        self
    }

    /// Sets the factor of one step of nevergrad, above 1.
    pub fn exponent(mut self, exponent: impl Into<Number>) -> Self {
        self.params.exponent = Some(exponent.into());
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

    /// Returns where the search starts, when set.
    pub fn start(&self) -> Option<Number> {
        self.params.init
    }

    /// Returns the factor of one step of nevergrad, when set; the values are the same whatever it is.
    pub fn base(&self) -> Option<Number> {
        self.params.exponent
    }

    /// Returns the lower bound, which is positive.
    pub fn lower(&self) -> Number {
        self.params.lower
    }

    /// Returns the upper bound.
    pub fn upper(&self) -> Number {
        self.params.upper
    }

    /// Returns the multiples that the values are limited to, none when they can be any number.
    pub fn grid(&self) -> Option<Grid> {
        Grid::new(
            self.params.integer,
            self.params.step,
            Some(self.lower()),
            Some(self.upper()),
        )
    }

    /// Names the first setting that only nevergrad knows.
    pub(in crate::space) fn only_nevergrad(&self) -> Option<&'static str> {
        self.params
            .init
            .map(|_| "init")
            .or(self.params.mutable_sigma.map(|_| "mutable_sigma"))
    }

    pub(super) fn numbers(&self) -> Vec<Option<Number>> {
        let LogParams {
            init,
            exponent,
            lower,
            upper,
            step,
            ..
        } = self.params;
        vec![init, exponent, Some(lower), Some(upper), step]
    }

    pub(super) fn wrong(&self) -> Option<(&'static str, String)> {
        let (lower, upper, grid) = (Some(self.lower()), Some(self.upper()), self.grid());
        wrong_range(lower, upper)
            .or_else(|| grid?.wrong())
            .map(|message| ("params", message))
            .or_else(|| {
                wrong_start(self.start(), lower, upper, grid)
                    .map(|message| ("params.init", message))
            })
    }
}

impl From<Log> for Parameter {
    fn from(log: Log) -> Self {
        Self::Log(log)
    }
}
