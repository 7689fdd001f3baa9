//! Normally distributed numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Parameter, is_false};
use crate::{Grid, Number};

/// A normally distributed number: any number, those around `mu` more often.
///
/// ```
/// use idds_workflow::{Normal, OptSpace};
/// use serde_json::json;
///
/// let space = OptSpace::builder().parameter("shift", Normal::new(0, 2.5).step(0.5)).build()?;
/// let document = json!({"shift": {"type": "Normal", "params": {"mu": 0, "sigma": 2.5, "step": 0.5}}});
/// assert_eq!(serde_json::to_value(&space)?, document);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(description = "A normally distributed number: any number, those around mu more often.")]
pub struct Normal {
    params: NormalParams,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct NormalParams {
    /// Mean.
    mu: Number,
    /// Standard deviation.
    #[schemars(extend("exclusiveMinimum" = 0))]
    sigma: Number,
    /// Whether values are integers; false by default.
    #[serde(default, skip_serializing_if = "is_false")]
    integer: bool,
    /// When given, values are multiples of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", extend("exclusiveMinimum" = 0))]
    step: Option<Number>,
}

impl Normal {
    /// Takes numbers of this mean and standard deviation; the latter is positive.
    pub fn new(mu: impl Into<Number>, sigma: impl Into<Number>) -> Self {
        Self {
            params: NormalParams {
                mu: mu.into(),
                sigma: sigma.into(),
                integer: false,
                step: None,
            },
        }
    }

    /// Takes integers only.
    pub fn integer(mut self) -> Self {
        self.params.integer = true;
        self
    }

    /// Takes multiples of this positive step only; of an integer one when values are integers.
    pub fn step(mut self, step: impl Into<Number>) -> Self {
        self.params.step = Some(step.into());
        self
    }

    /// Returns the mean.
    pub fn mu(&self) -> Number {
        self.params.mu
    }

    /// Returns the standard deviation.
    pub fn sigma(&self) -> Number {
        self.params.sigma
    }

    /// Returns the multiples that the values are limited to, none when they can be any number.
    pub fn grid(&self) -> Option<Grid> {
        Grid::new(self.params.integer, self.params.step, None, None)
    }

    pub(super) fn numbers(&self) -> Vec<Option<Number>> {
        vec![
            Some(self.params.mu),
            Some(self.params.sigma),
            self.params.step,
        ]
    }
}

impl From<Normal> for Parameter {
    fn from(normal: Normal) -> Self {
        Self::Normal(normal)
    }
}

/// A positive number whose logarithm is normally distributed.
///
/// A value is the base to the power of a normally distributed exponent. A value with a step can also be 0.
///
/// ```
/// use idds_workflow::{LogNormal, OptSpace};
/// use serde_json::json;
///
/// let space = OptSpace::builder().parameter("rate", LogNormal::in_base(10, -3, 1)).build()?;
/// let document = json!({"rate": {"type": "LogNormal", "params": {"mu": -3, "sigma": 1, "base": 10}}});
/// assert_eq!(serde_json::to_value(&space)?, document);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(
    description = "A positive number whose logarithm is normally distributed: the base to the power of a normally distributed \
    exponent. A value with a step can also be 0."
)]
pub struct LogNormal {
    params: LogNormalParams,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct LogNormalParams {
    /// Mean of the logarithm.
    mu: Number,
    /// Standard deviation of the logarithm.
    #[schemars(extend("exclusiveMinimum" = 0))]
    sigma: Number,
    /// Base of the logarithm; e by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", extend("exclusiveMinimum" = 1))]
    base: Option<Number>,
    /// Whether values are integers; false by default.
    #[serde(default, skip_serializing_if = "is_false")]
    integer: bool,
    /// When given, values are multiples of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Number", extend("exclusiveMinimum" = 0))]
    step: Option<Number>,
}

impl LogNormal {
    /// Takes numbers whose natural logarithm has this mean and standard deviation; the latter is positive.
    pub fn new(mu: impl Into<Number>, sigma: impl Into<Number>) -> Self {
        let (mu, sigma) = (mu.into(), sigma.into());
        Self {
            params: LogNormalParams {
                mu,
                sigma,
                base: None,
                integer: false,
                step: None,
            },
        }
    }

    /// Takes numbers whose logarithm to this base, above 1, has this mean and standard deviation.
    pub fn in_base(
        base: impl Into<Number>,
        mu: impl Into<Number>,
        sigma: impl Into<Number>,
    ) -> Self {
        let mut normal = Self::new(mu, sigma);
        normal.params.base = Some(base.into());
        normal
    }

    /// Takes integers only, from 0 on.
    pub fn integer(mut self) -> Self {
        self.params.integer = true;
        self
    }

    /// Takes multiples of this positive step only, from 0 on; of an integer one when values are integers.
    pub fn step(mut self, step: impl Into<Number>) -> Self {
        self.params.step = Some(step.into());
        self
    }

    /// Returns the mean of the logarithm.
    pub fn mu(&self) -> Number {
        self.params.mu
    }

    /// Returns the standard deviation of the logarithm.
    pub fn sigma(&self) -> Number {
        self.params.sigma
    }

    /// Returns the base of the logarithm when it is not e.
    pub fn base(&self) -> Option<Number> {
        self.params.base
    }

    /// Returns the multiples that the values are limited to, none when they can be any positive number.
    pub fn grid(&self) -> Option<Grid> {
        Grid::new(
            self.params.integer,
            self.params.step,
            Some(Number::Int(0)),
            None,
        )
    }

    pub(super) fn numbers(&self) -> Vec<Option<Number>> {
        vec![
            Some(self.params.mu),
            Some(self.params.sigma),
            self.params.base,
            self.params.step,
        ]
    }
}

impl From<LogNormal> for Parameter {
    fn from(normal: LogNormal) -> Self {
        Self::LogNormal(normal)
    }
}
