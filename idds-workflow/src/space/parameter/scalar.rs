//! Numbers between bounds.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Parameter, is_false, pair, wrong_range, wrong_start};
use crate::{Grid, Number};

/// A number, between bounds where they are given.
///
/// Values are floating-point numbers also when the bounds are integers, as nevergrad makes them, unless
/// [`integer`](Self::integer) says otherwise.
///
/// ```
/// use idds_workflow::{OptSpace, Scalar};
/// use serde_json::json;
///
/// let space = OptSpace::builder().parameter("depth", Scalar::new().range(1..=30).integer()).build()?;
/// let document = json!({"depth": {"type": "Scalar", "params": {"lower": 1, "upper": 30, "integer": true}}});
/// assert_eq!(serde_json::to_value(&space)?, document);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
#[schemars(
    description = "A number, between bounds where they are given. Values are floating-point numbers also when the bounds are \
    integers, unless integer is set."
)]
pub struct Scalar {
    /// Settings of nevergrad's `Scalar`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ScalarParams")]
    params: Option<ScalarParams>,
    /// Lower and upper bound, both included; they count before `lower` and `upper` of `params`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "[Number; 2]")]
    bounds: Option<[Number; 2]>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
struct ScalarParams {
    /// Where the search starts; the middle of the bounds, or 0, by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number")]
    init: Option<Number>,
    /// Lower bound, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number")]
    lower: Option<Number>,
    /// Upper bound, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number")]
    upper: Option<Number>,
    /// Whether nevergrad adapts the step size.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    mutable_sigma: Option<bool>,
    /// Whether values are integers; false by default. Not known to nevergrad.
    #[serde(skip_serializing_if = "is_false")]
    integer: bool,
    /// When given, values are multiples of it. Not known to nevergrad.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", extend("exclusiveMinimum" = 0))]
    step: Option<Number>,
}

impl Scalar {
    /// Takes any number.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the lower and upper bound, both included, the way nevergrad's `set_bounds` does.
    pub fn bounds(mut self, bounds: RangeInclusive<impl Into<Number>>) -> Self {
        self.bounds = Some(pair(bounds));
        self
    }

    /// Sets the lower and upper bound, both included, as parameters of nevergrad's `Scalar`.
    ///
    /// On the real server nevergrad then starts in the middle and steps on the scale of the range; with
    /// [`Scalar::bounds`] it starts at 0, or [`init`](Self::init), which must lie between the bounds, and steps by 1.
    pub fn range(mut self, bounds: RangeInclusive<impl Into<Number>>) -> Self {
        let [lower, upper] = pair(bounds);
        let params = self.params.get_or_insert_default();
        (params.lower, params.upper) = (Some(lower), Some(upper));
        self
    }

    /// Sets where the search starts; the middle of the bounds, or 0, by default.
    pub fn init(mut self, init: impl Into<Number>) -> Self {
        self.params.get_or_insert_default().init = Some(init.into());
        self
    }

    /// Takes integers only; nevergrad has no such setting.
    pub fn integer(mut self) -> Self {
        self.params.get_or_insert_default().integer = true;
        self
    }

    /// Takes multiples of this positive step only, counted from 0; of an integer one when values are integers. nevergrad
    /// has no such setting.
    pub fn step(mut self, step: impl Into<Number>) -> Self {
        self.params.get_or_insert_default().step = Some(step.into());
        self
    }

    /// Returns where the search starts, when set.
    pub fn start(&self) -> Option<Number> {
        self.params.as_ref()?.init
    }

    /// Tells whether nevergrad starts at 0, moved into the bounds, instead of in the middle.
    pub(crate) fn starts_at_zero(&self) -> bool {
        self.bounds.is_some() && self.start().is_none()
    }

    /// Returns the lower bound, if any.
    pub fn lower(&self) -> Option<Number> {
        self.bounds
            .map(|bounds| bounds[0])
            .or_else(|| self.params.as_ref()?.lower)
    }

    /// Returns the upper bound, if any.
    pub fn upper(&self) -> Option<Number> {
        self.bounds
            .map(|bounds| bounds[1])
            .or_else(|| self.params.as_ref()?.upper)
    }

    /// Returns the multiples that the values are limited to, none when they can be any number.
    pub fn grid(&self) -> Option<Grid> {
        let params = self.params.as_ref()?;
        Grid::new(params.integer, params.step, self.lower(), self.upper())
    }

    /// Names the first setting that only nevergrad knows.
    pub(in crate::space) fn only_nevergrad(&self) -> Option<&'static str> {
        let params = self.params.as_ref()?;
        params
            .init
            .map(|_| "init")
            .or(params.mutable_sigma.map(|_| "mutable_sigma"))
    }

    /// Returns what nevergrad's `set_bounds` is called with, and whether bounds are given in both ways.
    pub(in crate::space) fn set_bounds(&self) -> Option<([Number; 2], bool)> {
        let in_params = self
            .params
            .as_ref()
            .is_some_and(|params| params.lower.or(params.upper).is_some());
        self.bounds.map(|bounds| (bounds, in_params))
    }

    pub(super) fn numbers(&self) -> Vec<Option<Number>> {
        let params = self
            .params
            .as_ref()
            .map_or([None; 4], |p| [p.init, p.lower, p.upper, p.step]);
        params
            .into_iter()
            .chain(self.bounds.into_iter().flatten().map(Some))
            .collect()
    }

    pub(super) fn wrong(&self) -> Option<(&'static str, String)> {
        let part = if self.bounds.is_some() {
            "bounds"
        } else {
            "params"
        };
        let (lower, upper, grid) = (self.lower(), self.upper(), self.grid());
        wrong_range(lower, upper)
            .map(|message| (part, message))
            .or_else(|| grid?.wrong().map(|message| ("params", message)))
            .or_else(|| {
                wrong_start(self.start(), lower, upper, grid)
                    .map(|message| ("params.init", message))
            })
    }
}

impl From<Scalar> for Parameter {
    fn from(scalar: Scalar) -> Self {
        Self::Scalar(scalar)
    }
}
