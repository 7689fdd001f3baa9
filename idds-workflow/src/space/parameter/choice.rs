//! Parameters that take one of some values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Count, Parameter};
use crate::Number;
use crate::space::schema::Plain;

/// A parameter that takes one of some values, which have no order.
///
/// ```
/// use idds_workflow::{Choice, OptSpace};
/// use serde_json::json;
///
/// let space = OptSpace::builder().parameter("layers", Choice::new(["dense", "conv"]).repetitions(3)).build()?;
/// let document = json!({"layers": {"type": "Choice", "params": {"choices": ["dense", "conv"], "repetitions": 3}}});
/// assert_eq!(serde_json::to_value(&space)?, document);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(description = "A parameter that takes one of some values, which have no order.")]
pub struct Choice {
    params: ChoiceParams,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct ChoiceParams {
    /// The values, any JSON.
    #[schemars(length(min = 1))]
    #[schemars(with = "Vec<Plain>")]
    choices: Vec<Value>,
    /// When given, a value is a list of this many choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Count")]
    repetitions: Option<Count>,
    /// Whether nevergrad mutates deterministically; false by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    deterministic: Option<bool>,
}

impl Choice {
    /// Takes one of these values.
    pub fn new<V: Into<Value>>(choices: impl IntoIterator<Item = V>) -> Self {
        let choices = choices.into_iter().map(Into::into).collect();
        Self {
            params: ChoiceParams {
                choices,
                repetitions: None,
                deterministic: None,
            },
        }
    }

    /// Makes a value a list of this many choices, 1 to 2000.
    pub fn repetitions(mut self, repetitions: u32) -> Self {
        self.params.repetitions = Some(Count(repetitions));
        self
    }

    /// Returns the values in their order.
    pub fn choices(&self) -> &[Value] {
        &self.params.choices
    }

    /// Returns the length of a value when it is a list of choices, none when it is one choice.
    pub fn list_len(&self) -> Option<u32> {
        self.params.repetitions.map(|Count(length)| length)
    }

    /// Names the first setting that only nevergrad knows.
    pub(in crate::space) fn only_nevergrad(&self) -> Option<&'static str> {
        let params = &self.params;
        params
            .repetitions
            .map(|_| "repetitions")
            .or(params.deterministic.map(|_| "deterministic"))
    }
}

impl From<Choice> for Parameter {
    fn from(choice: Choice) -> Self {
        Self::Choice(choice)
    }
}

/// A parameter that takes one of some values, where neighbours are alike: sizes, depths.
///
/// ```
/// use idds_workflow::{OptSpace, Point, TransitionChoice};
///
/// let space = OptSpace::builder().parameter("batch", TransitionChoice::new([64, 128, 256])).build()?;
/// space.check(&Point::new().with("batch", 128))?;
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(
    description = "A parameter that takes one of some values, where neighbours are alike: sizes, depths."
)]
pub struct TransitionChoice {
    params: TransitionChoiceParams,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct TransitionChoiceParams {
    /// The values, any JSON, in their order.
    #[schemars(length(min = 1))]
    #[schemars(with = "Vec<Plain>")]
    choices: Vec<Value>,
    /// Weights nevergrad gives to steps of 0, 1, … places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Number>", length(min = 2))]
    transitions: Option<Vec<Number>>,
    /// When given, a value is a list of this many choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Count")]
    repetitions: Option<Count>,
    /// Whether nevergrad keeps the order of the choices; true by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    ordered: Option<bool>,
}

impl TransitionChoice {
    /// Takes one of these values, of which neighbours are alike.
    pub fn new<V: Into<Value>>(choices: impl IntoIterator<Item = V>) -> Self {
        let choices = choices.into_iter().map(Into::into).collect();
        Self {
            params: TransitionChoiceParams {
                choices,
                transitions: None,
                repetitions: None,
                ordered: None,
            },
        }
    }

    /// Makes a value a list of this many choices, 1 to 2000.
    pub fn repetitions(mut self, repetitions: u32) -> Self {
        self.params.repetitions = Some(Count(repetitions));
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
        self.params.repetitions.map(|Count(length)| length)
    }

    pub(super) fn numbers(&self) -> Vec<Option<Number>> {
        self.params
            .transitions
            .iter()
            .flatten()
            .copied()
            .map(Some)
            .collect()
    }
}

impl From<TransitionChoice> for Parameter {
    fn from(choice: TransitionChoice) -> Self {
        Self::TransitionChoice(choice)
    }
}
