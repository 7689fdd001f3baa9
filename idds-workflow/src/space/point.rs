//! Points of a search space.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SearchPoint;
use super::schema::check_depth;
use crate::{Error, Number};

/// One point of a search space: a value for every parameter.
///
/// ```
/// use idds_workflow::Point;
///
/// let point = Point::from([("A", 1), ("B", 2)]);
/// let mixed = idds_workflow::point! { "A": 1, "B": 2.5 };
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "UPPERCASE")]
/// struct Params {
///     a: i64,
///     b: f64,
/// }
/// let params: Params = mixed.to()?;
/// assert_eq!((params.a, params.b), (1, 2.5));
/// assert_eq!(point.to_string(), r#"{"A":1,"B":2}"#);
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Point(Map<String, Value>);

/// Makes a [`Point`] of names and values, which may be of different kinds.
///
/// ```
/// use idds_workflow::{Point, point};
///
/// let point = point! { "A": 1, "B": 2.5, "optimizer": "adam", "layers": [64, 32] };
/// assert_eq!(point.to_string(), r#"{"A":1,"B":2.5,"optimizer":"adam","layers":[64,32]}"#);
/// ```
#[macro_export]
macro_rules! point {
    ($($name:literal: $value:expr),* $(,)?) => {
        $crate::Point::new()$(.with($name, $value))*
    };
}

/// Reads an object only. (A map of `serde_json` takes null for an empty one.)
impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(deserializer)?)
            .map_err(|error| D::Error::custom(error.problems()[0].message()))
    }
}

impl Point {
    /// Makes a point without values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a point of any value that serialises to a JSON object, such as a struct of parameters.
    ///
    /// # Errors
    ///
    /// When the value does not serialise, or to something else than an object.
    pub fn of(value: &impl Serialize) -> Result<Self, Error> {
        Self::from_value(
            serde_json::to_value(value).map_err(|error| Error::new("point", error.to_string()))?,
        )
    }

    /// Makes a point of a JSON object.
    ///
    /// # Errors
    ///
    /// When the value is no object.
    pub fn from_value(value: Value) -> Result<Self, Error> {
        match value {
            Value::Object(values) => Ok(Self(values)),
            other => Err(Error::new(
                "point",
                format!("{other} is not an object of parameter values"),
            )),
        }
    }

    /// Sets the value of a parameter.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Returns the value of a parameter.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns the values by name, in their order.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Reads the point into a type of the caller's, such as a struct of parameters.
    ///
    /// # Errors
    ///
    /// When the type has a parameter that the point lacks, or of another kind, or the point is nested deeper than 64 levels.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.0
            .values()
            .try_for_each(|value| check_depth("point", value))?;
        T::deserialize(&Value::Object(self.0.clone()))
            .map_err(|error| Error::new("point", format!("{error} in {self}")))
    }
}

impl<K: Into<String>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Point {
    fn from(values: [(K, V); N]) -> Self {
        Self(
            values
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Point {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(values: I) -> Self {
        Self(
            values
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// Writes the point as JSON.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl JsonSchema for Point {
    fn schema_name() -> Cow<'static, str> {
        "Point".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "description": "A value for every parameter of the search space." })
    }
}

/// A point known before the search begins, with its loss when it was evaluated already.
///
/// The JSON form is `[point, loss]`, the loss being null for a point that is still to be evaluated. A point of a segmented
/// search is `[model_id, point]` itself.
///
/// ```
/// use idds_workflow::InitialPoint;
///
/// let points = [InitialPoint::new([("A", 1)], 0.5), InitialPoint::new([("A", 4)], None)];
/// assert_eq!(serde_json::to_string(&points)?, r#"[[{"A":1},0.5],[{"A":4},null]]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(
    expecting = "a list of a point and its loss, such as [{\"A\": 1}, 0.5] or [{\"A\": 1}, null]"
)]
#[schemars(
    description = "A point known before the search begins, and its loss, null for a point that is still to be evaluated.",
    // Generators that do not know `prefixItems` make a type of this.
    extend("items" = { "type": ["object", "array", "number", "null"] })
)]
pub struct InitialPoint(SearchPoint, Option<Number>);

impl InitialPoint {
    /// Pairs a point with its loss.
    pub fn new(point: impl Into<SearchPoint>, loss: impl Into<Option<f64>>) -> Self {
        Self(point.into(), loss.into().map(Number::Float))
    }

    /// Returns the point.
    pub fn point(&self) -> &SearchPoint {
        &self.0
    }

    /// Returns the loss, none when the point is still to be evaluated.
    pub fn loss(&self) -> Option<Number> {
        self.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_no_point() {
        let error = serde_json::from_str::<Point>("null").expect_err("no object");
        insta::assert_snapshot!(error, @"null is not an object of parameter values");
        assert_eq!(
            serde_json::from_str::<Point>("{}").expect("a point"),
            Point::new()
        );
    }
}
