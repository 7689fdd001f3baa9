//! Search spaces: named parameters, each with the values it can take.

mod parameter;
mod point;
pub(crate) mod schema;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::RangeInclusive;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::parameter::{Array, Choice, Log, Parameter, Scalar, TransitionChoice};
pub use self::point::{InitialPoint, Point};
use crate::error::Problem;
use crate::{Error, Number};

/// The space a hyperparameter search looks in: parameters by name, in the order they were given.
///
/// The JSON form is the nevergrad dialect of iDDS, `{"A": {"type": "Choice", "params": {"choices": [1, 4]}}, …}`. Reading
/// it runs the same checks as building. Parameters are independent of each other: a parameter that exists only when
/// another has some value cannot be expressed.
///
/// ```
/// use idds_workflow::OptSpace;
/// use serde_json::json;
///
/// let space = OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).build()?;
/// assert_eq!(
///     serde_json::to_value(&space)?,
///     json!({"A": {"type": "Choice", "params": {"choices": [1, 4]}}, "B": {"type": "Scalar", "bounds": [0, 5]}})
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct OptSpace {
    parameters: IndexMap<String, Parameter>,
}

impl OptSpace {
    /// Starts an empty space.
    pub fn builder() -> OptSpaceBuilder {
        OptSpaceBuilder::default()
    }

    /// Reads a space in the nevergrad dialect.
    ///
    /// # Errors
    ///
    /// Names every parameter that does not follow the JSON Schema of a space, or whose bounds make no sense.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        let document = schema::parameters(value)?;
        let mut problems = Vec::new();
        let mut parameters = IndexMap::with_capacity(document.len());
        for (name, value) in document {
            let wrong = schema::problems(name, value);
            if !wrong.is_empty() {
                problems.extend(wrong);
                continue;
            }
            match Parameter::deserialize(value) {
                Ok(parameter) => {
                    problems.extend(parameter.problems(name));
                    parameters.insert(name.clone(), parameter);
                }
                Err(error) => problems.push(Problem::new(schema::place(name), error.to_string())),
            }
        }
        Error::unless_empty(problems, Self { parameters })
    }

    /// Returns the parameters in their order.
    pub fn parameters(&self) -> impl ExactSizeIterator<Item = (&str, &Parameter)> {
        self.parameters.iter().map(|(name, parameter)| (name.as_str(), parameter))
    }

    /// Returns the number of parameters.
    pub fn len(&self) -> usize {
        self.parameters.len()
    }

    /// Tells whether there is no parameter: a search that only fans out the same point.
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// Returns the JSON Schema (draft 2020-12) of a point in this space: choices are an `enum`, bounds are a range.
    pub fn point_schema(&self) -> Value {
        schema::point(self)
    }

    /// Checks that a point has exactly the parameters of the space, each with a value it can take.
    ///
    /// # Errors
    ///
    /// Names every parameter that is missing, unknown or outside, with its value and what is allowed.
    pub fn check(&self, point: &Point) -> Result<(), Error> {
        Error::unless_empty(self.checker().problems("point", point), ())
    }

    /// Prepares the check of many points.
    pub(crate) fn checker(&self) -> schema::PointChecker {
        schema::PointChecker::new(self)
    }
}

impl<'de> Deserialize<'de> for OptSpace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for OptSpace {
    fn schema_name() -> Cow<'static, str> {
        "OptSpace".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema::space()
    }
}

/// Collects the parameters of a space.
#[derive(Clone, Debug, Default)]
pub struct OptSpaceBuilder {
    parameters: Vec<(String, Parameter)>,
}

impl OptSpaceBuilder {
    /// Adds a parameter that takes one of these values; they have no order.
    pub fn choice<V: Into<Value>>(self, name: impl Into<String>, choices: impl IntoIterator<Item = V>) -> Self {
        self.parameter(name, Choice::new(choices))
    }

    /// Adds a parameter that takes one of these values, where neighbours are alike.
    pub fn transition_choice<V: Into<Value>>(
        self,
        name: impl Into<String>,
        choices: impl IntoIterator<Item = V>,
    ) -> Self {
        self.parameter(name, TransitionChoice::new(choices))
    }

    /// Adds a number between two bounds, both included.
    pub fn scalar(self, name: impl Into<String>, bounds: RangeInclusive<impl Into<Number>>) -> Self {
        self.parameter(name, Scalar::new().bounds(bounds))
    }

    /// Adds a positive number between two bounds that is searched on a logarithmic scale.
    pub fn log(self, name: impl Into<String>, bounds: RangeInclusive<impl Into<Number>>) -> Self {
        self.parameter(name, Log::new(bounds))
    }

    /// Adds an array of this shape whose numbers all lie between two bounds, both included.
    pub fn array(
        self,
        name: impl Into<String>,
        shape: impl IntoIterator<Item = u32>,
        bounds: RangeInclusive<impl Into<Number>>,
    ) -> Self {
        self.parameter(name, Array::new(shape).bounds(bounds))
    }

    /// Adds a parameter with all its settings.
    pub fn parameter(mut self, name: impl Into<String>, parameter: impl Into<Parameter>) -> Self {
        self.parameters.push((name.into(), parameter.into()));
        self
    }

    /// Checks the parameters and makes the space.
    ///
    /// # Errors
    ///
    /// Names every parameter that is given twice, has no value to take, or whose bounds make no sense.
    pub fn build(self) -> Result<OptSpace, Error> {
        let mut problems = Vec::new();
        let mut document = Map::new();
        for (name, parameter) in self.parameters {
            let value = match parameter.finite().then(|| serde_json::to_value(&parameter)) {
                Some(Ok(value)) => value,
                _ => {
                    problems.push(Problem::new(schema::place(&name), "has a number that is NaN or infinite"));
                    continue;
                }
            };
            if document.insert(name.clone(), value).is_some() {
                problems.push(Problem::new(schema::place(&name), "is given twice"));
            }
        }
        match OptSpace::from_value(&Value::Object(document)) {
            Ok(space) => Error::unless_empty(problems, space),
            Err(error) => {
                problems.extend(error.into_problems());
                Error::unless_empty(problems, OptSpace { parameters: IndexMap::new() })
            }
        }
    }
}
