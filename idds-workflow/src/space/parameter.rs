//! The kinds of parameters, as nevergrad has them.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::schema::place;
use crate::Number;
use crate::error::Problem;

/// Longest value the server can store: it keeps a point as JSON in 4000 characters.
const MAX_NUMBERS: u64 = 2000;

/// One parameter of a search space.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum Parameter {
    /// One of some values without order.
    Choice(Choice),
    /// One of some values where neighbours are alike.
    TransitionChoice(TransitionChoice),
    /// A number.
    Scalar(Scalar),
    /// A positive number, searched on a logarithmic scale.
    Log(Log),
    /// An array of numbers.
    Array(Array),
}

impl Parameter {
    /// Tells what is wrong with the parameter beyond what its JSON Schema says.
    pub(super) fn problems(&self, name: &str) -> Option<Problem> {
        let (part, message) = match self {
            Self::Choice(_) | Self::TransitionChoice(_) => return None,
            Self::Scalar(scalar) => scalar.wrong()?,
            Self::Log(log) => log.wrong()?,
            Self::Array(array) => array.wrong()?,
        };
        Some(Problem::new(format!("{}.{part}", place(name)), message))
    }

    /// Tells whether every number of the definition is finite. (JSON has no others, so only builders can meet them.)
    pub(super) fn finite(&self) -> bool {
        let finite = |numbers: &[Option<Number>]| numbers.iter().flatten().all(|number| number.is_finite());
        let pair = |bounds: Option<[Number; 2]>| finite(&bounds.map_or([None; 2], |[a, b]| [Some(a), Some(b)]));
        match self {
            Self::Choice(_) => true,
            Self::TransitionChoice(choice) => choice.params.transitions.iter().flatten().all(|n| n.is_finite()),
            Self::Scalar(Scalar { params, bounds }) => {
                pair(*bounds) && params.as_ref().is_none_or(|p| finite(&[p.init, p.lower, p.upper]))
            }
            Self::Log(Log { params: p }) => finite(&[p.init, p.exponent, Some(p.lower), Some(p.upper)]),
            Self::Array(Array { params: p, bounds }) => pair(*bounds) && finite(&[p.lower, p.upper]),
        }
    }
}

/// A parameter that takes one of some values, which have no order.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    params: ChoiceParams,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct ChoiceParams {
    /// The values, any JSON.
    #[schemars(length(min = 1))]
    choices: Vec<Value>,
    /// When given, a value is a list of this many choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1, max = 2000))]
    repetitions: Option<u32>,
    /// Whether nevergrad mutates deterministically; false unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    deterministic: Option<bool>,
}

impl Choice {
    /// Takes one of these values.
    pub fn new<V: Into<Value>>(choices: impl IntoIterator<Item = V>) -> Self {
        let choices = choices.into_iter().map(Into::into).collect();
        Self { params: ChoiceParams { choices, repetitions: None, deterministic: None } }
    }

    /// Makes a value a list of this many choices, 1 to 2000.
    pub fn repetitions(mut self, repetitions: u32) -> Self {
        self.params.repetitions = Some(repetitions);
        self
    }

    /// Returns the values in their order.
    pub fn choices(&self) -> &[Value] {
        &self.params.choices
    }

    /// Returns the length of a value when it is a list of choices, none when it is one choice.
    pub fn list_len(&self) -> Option<u32> {
        self.params.repetitions
    }
}

impl From<Choice> for Parameter {
    fn from(choice: Choice) -> Self {
        Self::Choice(choice)
    }
}

/// A parameter that takes one of some values, where neighbours are alike: sizes, depths.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TransitionChoice {
    params: TransitionChoiceParams,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct TransitionChoiceParams {
    /// The values, any JSON, in their order.
    #[schemars(length(min = 1))]
    choices: Vec<Value>,
    /// Weights nevergrad gives to steps of 0, 1, … places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Number>", length(min = 2))]
    transitions: Option<Vec<Number>>,
    /// When given, a value is a list of this many choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1, max = 2000))]
    repetitions: Option<u32>,
    /// Whether nevergrad keeps the order of the choices; true unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    ordered: Option<bool>,
}

impl TransitionChoice {
    /// Takes one of these values, of which neighbours are alike.
    pub fn new<V: Into<Value>>(choices: impl IntoIterator<Item = V>) -> Self {
        let choices = choices.into_iter().map(Into::into).collect();
        Self { params: TransitionChoiceParams { choices, transitions: None, repetitions: None, ordered: None } }
    }

    /// Makes a value a list of this many choices, 1 to 2000.
    pub fn repetitions(mut self, repetitions: u32) -> Self {
        self.params.repetitions = Some(repetitions);
        self
    }

    /// Sets the weights nevergrad gives to steps of 0, 1, … places; at least two.
    pub fn transitions(mut self, weights: impl IntoIterator<Item = impl Into<Number>>) -> Self {
        self.params.transitions = Some(weights.into_iter().map(Into::into).collect());
        self
    }

    /// Returns the values in their order.
    pub fn choices(&self) -> &[Value] {
        &self.params.choices
    }

    /// Returns the length of a value when it is a list of choices, none when it is one choice.
    pub fn list_len(&self) -> Option<u32> {
        self.params.repetitions
    }
}

impl From<TransitionChoice> for Parameter {
    fn from(choice: TransitionChoice) -> Self {
        Self::TransitionChoice(choice)
    }
}

/// A number, between bounds where they are given.
///
/// Values are floating-point numbers also when the bounds are integers, as nevergrad makes them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
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
    /// Where the search starts; the middle of the bounds, or 0, unless set.
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
    /// [`Scalar::bounds`] it starts at 0, moved into the bounds, and steps by 1.
    pub fn range(mut self, bounds: RangeInclusive<impl Into<Number>>) -> Self {
        let [lower, upper] = pair(bounds);
        let params = self.params.get_or_insert_default();
        (params.lower, params.upper) = (Some(lower), Some(upper));
        self
    }

    /// Sets where the search starts; the middle of the bounds, or 0, unless set.
    pub fn init(mut self, init: impl Into<Number>) -> Self {
        self.params.get_or_insert_default().init = Some(init.into());
        self
    }

    /// Returns where the search starts, when set.
    pub fn start(&self) -> Option<Number> {
        self.params.as_ref()?.init
    }

    /// Returns the lower bound, if any.
    pub fn lower(&self) -> Option<Number> {
        self.bounds.map(|bounds| bounds[0]).or_else(|| self.params.as_ref()?.lower)
    }

    /// Returns the upper bound, if any.
    pub fn upper(&self) -> Option<Number> {
        self.bounds.map(|bounds| bounds[1]).or_else(|| self.params.as_ref()?.upper)
    }

    /// Tells whether nevergrad starts at 0, moved into the bounds, instead of in the middle.
    pub(crate) fn starts_at_zero(&self) -> bool {
        self.bounds.is_some() && self.start().is_none()
    }

    fn wrong(&self) -> Option<(&'static str, String)> {
        let part = if self.bounds.is_some() { "bounds" } else { "params" };
        wrong_range(self.lower(), self.upper())
            .map(|message| (part, message))
            .or_else(|| wrong_start(self.start(), self.lower(), self.upper()).map(|message| ("params.init", message)))
    }
}

impl From<Scalar> for Parameter {
    fn from(scalar: Scalar) -> Self {
        Self::Scalar(scalar)
    }
}

/// A positive number that is searched on a logarithmic scale.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    params: LogParams,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct LogParams {
    /// Where the search starts; the geometric middle of the bounds unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number")]
    init: Option<Number>,
    /// Factor of one step of nevergrad.
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
}

impl Log {
    /// Takes a number between these positive bounds, both included.
    pub fn new(bounds: RangeInclusive<impl Into<Number>>) -> Self {
        let [lower, upper] = pair(bounds);
        Self { params: LogParams { init: None, exponent: None, lower, upper, mutable_sigma: None } }
    }

    /// Sets where the search starts; the geometric middle of the bounds unless set.
    pub fn init(mut self, init: impl Into<Number>) -> Self {
        self.params.init = Some(init.into());
        self
    }

    /// Sets the factor of one step of nevergrad, above 1.
    pub fn exponent(mut self, exponent: impl Into<Number>) -> Self {
        self.params.exponent = Some(exponent.into());
        self
    }

    /// Returns the lower bound, which is positive.
    pub fn lower(&self) -> Number {
        self.params.lower
    }

    /// Returns the upper bound.
    pub fn upper(&self) -> Number {
        self.params.upper
    }

    fn wrong(&self) -> Option<(&'static str, String)> {
        let (lower, upper) = (Some(self.lower()), Some(self.upper()));
        wrong_range(lower, upper)
            .map(|message| ("params", message))
            .or_else(|| wrong_start(self.params.init, lower, upper).map(|message| ("params.init", message)))
    }
}

impl From<Log> for Parameter {
    fn from(log: Log) -> Self {
        Self::Log(log)
    }
}

/// An array of numbers, all between the same bounds where they are given.
///
/// The nevergrad script that iDDS 2.6.21 ships cannot write the points of such a parameter; other steering programs can.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
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
    #[schemars(length(min = 1, max = 8), inner(range(min = 1)))]
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
}

impl Array {
    /// Takes arrays of this shape, outermost dimension first.
    pub fn new(shape: impl IntoIterator<Item = u32>) -> Self {
        let shape = shape.into_iter().collect();
        Self { params: ArrayParams { shape, lower: None, upper: None, mutable_sigma: None }, bounds: None }
    }

    /// Sets the lower and upper bound of every number, both included, the way nevergrad's `set_bounds` does.
    pub fn bounds(mut self, bounds: RangeInclusive<impl Into<Number>>) -> Self {
        self.bounds = Some(pair(bounds));
        self
    }

    /// Returns the length of every dimension, outermost first.
    pub fn shape(&self) -> &[u32] {
        &self.params.shape
    }

    /// Returns the lower bound, if any.
    pub fn lower(&self) -> Option<Number> {
        self.bounds.map_or(self.params.lower, |bounds| Some(bounds[0]))
    }

    /// Returns the upper bound, if any.
    pub fn upper(&self) -> Option<Number> {
        self.bounds.map_or(self.params.upper, |bounds| Some(bounds[1]))
    }

    fn wrong(&self) -> Option<(&'static str, String)> {
        let count = self.shape().iter().fold(1_u64, |count, length| count.saturating_mul(u64::from(*length)));
        if count > MAX_NUMBERS {
            let message =
                format!("{:?} makes {count} numbers; the server can store at most {MAX_NUMBERS}", self.shape());
            return Some(("params.shape", message));
        }
        let part = if self.bounds.is_some() { "bounds" } else { "params" };
        wrong_range(self.lower(), self.upper()).map(|message| (part, message))
    }
}

impl From<Array> for Parameter {
    fn from(array: Array) -> Self {
        Self::Array(array)
    }
}

fn pair(bounds: RangeInclusive<impl Into<Number>>) -> [Number; 2] {
    let (lower, upper) = bounds.into_inner();
    [lower.into(), upper.into()]
}

fn wrong_range(lower: Option<Number>, upper: Option<Number>) -> Option<String> {
    let (lower, upper) = (lower?, upper?);
    (lower >= upper).then(|| format!("the lower bound {lower} is not below the upper bound {upper}"))
}

fn wrong_start(start: Option<Number>, lower: Option<Number>, upper: Option<Number>) -> Option<String> {
    let start = start?;
    let below = lower.filter(|lower| start < *lower).map(|lower| format!("{start} is below the lower bound {lower}"));
    let above =
        || upper.filter(|upper| start > *upper).map(|upper| format!("{start} is above the upper bound {upper}"));
    below.or_else(above)
}
