//! The kinds of parameters.

mod array;
mod choice;
mod log;
mod normal;
mod scalar;

use std::borrow::Cow;
use std::ops::RangeInclusive;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

pub use self::array::Array;
pub use self::choice::{Choice, TransitionChoice};
pub use self::log::Log;
pub use self::normal::{LogNormal, Normal};
pub use self::scalar::Scalar;
use super::schema::{MAX_DEPTH, is_deeper, place};
use crate::error::Problem;
use crate::{Grid, Number};

/// Most values a parameter can have: the server keeps a point as JSON in 4000 characters.
const MAX_VALUES: u32 = 2000;

/// One parameter of a search space.
///
/// ```
/// use idds_workflow::{OptSpace, Parameter};
///
/// let space = OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).build()?;
/// let choices = space.parameters().filter(|(_, parameter)| matches!(parameter, Parameter::Choice(_)));
/// assert_eq!(choices.map(|(name, _)| name).collect::<Vec<_>>(), ["A"]);
/// # Ok::<(), idds_workflow::Error>(())
/// ```
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
    /// A normally distributed number.
    Normal(Normal),
    /// A positive number whose logarithm is normally distributed.
    LogNormal(LogNormal),
    /// A parameter whose values only the steering program knows: `{}`.
    #[serde(untagged)]
    Untyped(Untyped),
}

/// A parameter whose values only the steering program knows, written `{}`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Untyped {}

impl Parameter {
    /// Tells what is wrong with the parameter beyond what its JSON Schema says.
    pub(super) fn problems(&self, name: &str) -> Option<Problem> {
        let (part, message) = match self {
            Self::Choice(_)
            | Self::TransitionChoice(_)
            | Self::Normal(_)
            | Self::LogNormal(_)
            | Self::Untyped(_) => {
                return None;
            }
            Self::Scalar(scalar) => scalar.wrong()?,
            Self::Log(log) => log.wrong()?,
            Self::Array(array) => array.wrong()?,
        };
        Some(Problem::new(format!("{}.{part}", place(name)), message))
    }

    /// Tells why the definition cannot be written as JSON, which only builders can bring about.
    pub(super) fn unwritable(&self) -> Option<&'static str> {
        let numbers = match self {
            Self::Choice(choice) => return nested(choice.choices()),
            Self::TransitionChoice(choice) => match nested(choice.choices()) {
                None => choice.numbers(),
                reason => return reason,
            },
            Self::Scalar(scalar) => scalar.numbers(),
            Self::Log(log) => log.numbers(),
            Self::Array(array) => array.numbers(),
            Self::Normal(normal) => normal.numbers(),
            Self::LogNormal(normal) => normal.numbers(),
            Self::Untyped(_) => return None,
        };
        let infinite = numbers
            .into_iter()
            .flatten()
            .any(|number| !number.is_finite());
        infinite.then_some("has a number that is NaN or infinite")
    }

    /// Returns the multiples of a step that its numbers are limited to, whatever its kind; none when they are not.
    pub fn grid(&self) -> Option<Grid> {
        match self {
            Self::Choice(_) | Self::TransitionChoice(_) | Self::Untyped(_) => None,
            Self::Scalar(scalar) => scalar.grid(),
            Self::Log(log) => log.grid(),
            Self::Array(array) => array.grid(),
            Self::Normal(normal) => normal.grid(),
            Self::LogNormal(normal) => normal.grid(),
        }
    }

    /// Names the kind, as `type` does.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Choice(_) => "Choice",
            Self::TransitionChoice(_) => "TransitionChoice",
            Self::Scalar(_) => "Scalar",
            Self::Log(_) => "Log",
            Self::Array(_) => "Array",
            Self::Normal(_) => "Normal",
            Self::LogNormal(_) => "LogNormal",
            Self::Untyped(_) => "parameter without a type",
        }
    }
}

/// A number of values, read from any number that is one: `3.0` is 3.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
struct Count(u32);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        let count = number.as_f64();
        if (1.0..=f64::from(MAX_VALUES)).contains(&count) && count.fract() == 0.0 {
            Ok(Self(count as u32))
        } else {
            Err(D::Error::custom(format_args!(
                "{number} is not an integer from 1 to {MAX_VALUES}"
            )))
        }
    }
}

impl JsonSchema for Count {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_VALUES })
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's skip_serializing_if passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

fn nested(choices: &[serde_json::Value]) -> Option<&'static str> {
    // The space, the parameter, its params and the list of choices are levels too.
    let too_deep = choices
        .iter()
        .any(|choice| is_deeper(choice, MAX_DEPTH - 4));
    too_deep.then_some("has a choice that is nested too deep")
}

fn pair(bounds: RangeInclusive<impl Into<Number>>) -> [Number; 2] {
    let (lower, upper) = bounds.into_inner();
    [lower.into(), upper.into()]
}

fn wrong_range(lower: Option<Number>, upper: Option<Number>) -> Option<String> {
    let (lower, upper) = (lower?, upper?);
    (lower >= upper)
        .then(|| format!("the lower bound {lower} is not below the upper bound {upper}"))
}

fn wrong_start(
    start: Option<Number>,
    lower: Option<Number>,
    upper: Option<Number>,
    grid: Option<Grid>,
) -> Option<String> {
    let start = start?;
    if let Some(lower) = lower.filter(|lower| start < *lower) {
        return Some(format!("{start} is below the lower bound {lower}"));
    }
    if let Some(upper) = upper.filter(|upper| start > *upper) {
        return Some(format!("{start} is above the upper bound {upper}"));
    }
    let grid = grid.filter(|grid| !grid.contains(start.as_f64()))?;
    Some(format!("{start} is not {}", grid.values()))
}
