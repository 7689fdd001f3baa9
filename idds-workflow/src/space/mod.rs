//! Search spaces: named parameters, each with the values it can take.

mod condition;
mod dialect;
mod from_type;
mod grid;
mod parameter;
mod point;
pub(crate) mod schema;
mod search;
mod segmented;
#[cfg(test)]
mod tests;
mod typed;
mod violation;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::RangeInclusive;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserializer, Error as _};
use serde::ser::{Error as _, SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::condition::ParameterCondition;
pub use self::dialect::Dialect;
pub use self::grid::Grid;
pub use self::parameter::{
    Array, Choice, Log, LogNormal, Normal, Parameter, Scalar, TransitionChoice, Untyped,
};
pub use self::point::{InitialPoint, Point};
pub use self::search::{SearchPoint, SearchSpace};
pub use self::segmented::{ModelId, SegmentedPoint, SegmentedSpace, SegmentedSpaceBuilder};
pub use self::typed::{Choices, Numeric, Space};
use crate::error::Problem;
use crate::{Error, Number, text};

/// The space of a hyperparameter search: parameters by name, in the order in which they were given.
///
/// The JSON form is that of iDDS's nevergrad script, `{"A": {"type": "Choice", "params": {"choices": [1, 4]}}, …}`, with
/// words of our own for what nevergrad lacks: `integer` and `step` among the `params` of numbers, and the types `Normal` and
/// `LogNormal`. Reading it runs the same checks as building. [`Dialect`] reads and writes other forms; [`OptSpace::of`]
/// takes a space from a Rust type.
///
/// A parameter can depend on choices before it, and then exists in some points only: [`OptSpaceBuilder::when`]. In JSON, it says so by
/// `"when": {"optimizer": ["sgd"]}`. The stock programs of iDDS do not look at that, and propose a value for every parameter;
/// evaluations get what exists alone, see [`active`](Self::active).
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptSpace {
    parameters: IndexMap<String, Parameter>,
    /// Of the parameters that do not exist in every point, when they do.
    conditions: IndexMap<String, ParameterCondition>,
}

impl OptSpace {
    /// Starts an empty space.
    pub fn builder() -> OptSpaceBuilder {
        OptSpaceBuilder::default()
    }

    /// Takes the space of a Rust type that has a JSON Schema: a parameter for every field of a struct, by its name in JSON.
    ///
    /// For a type of your own, [`Space`] is shorter: its derive needs no schema.
    ///
    /// [`Point::to`] brings points back into the type. The type derives [`schemars::JsonSchema`], which needs no dependency
    /// of its own when it is told where [`schemars`](crate::schemars) is, and [`serde::Deserialize`]. Their attributes count: renamed fields are parameters of that name, fields that are skipped are
    /// none, and the fields of a struct with `#[serde(flatten)]` are parameters beside the others.
    ///
    /// | field | parameter |
    /// | --- | --- |
    /// | a floating-point number with `#[schemars(range(min = .., max = ..))]` | a number between these bounds |
    /// | an integer with such a range | an integer between these bounds |
    /// | either, with `extend("x-scale" = "log")` | the same on a logarithmic scale |
    /// | either, with `extend("multipleOf" = ..)` | multiples only |
    /// | an enum of unit variants, `bool` | a choice |
    /// | anything with `extend("enum" = [..])` | a choice of these values |
    /// | a choice with `extend("x-scale" = "ordered")` | a choice whose neighbours are alike |
    /// | an array `[T; N]` of numbers, with `inner(range(min = .., max = ..))` | an array |
    /// | an array `[T; N]` of choices | a list of N choices |
    ///
    /// A range is never guessed from an integer type. A struct within a struct without `#[serde(flatten)]`, an `Option`, a
    /// tuple and an enum whose variants have fields are refused: points are flat. [`Space`] takes such an enum for parameters that exist for one value of
    /// another only.
    ///
    /// ```
    /// use idds_workflow::schemars::JsonSchema;
    /// use idds_workflow::{OptSpace, Point};
    /// use serde::Deserialize;
    ///
    /// #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    /// #[schemars(crate = "idds_workflow::schemars")]
    /// #[serde(rename_all = "lowercase")]
    /// enum Activation {
    ///     Relu,
    ///     Tanh,
    /// }
    ///
    /// #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    /// #[schemars(crate = "idds_workflow::schemars")]
    /// struct Params {
    ///     #[schemars(range(min = 1e-6, max = 0.1), extend("x-scale" = "log"))]
    ///     lr: f64,
    ///     #[schemars(range(min = 1, max = 30))]
    ///     depth: u32,
    ///     #[schemars(extend("enum" = [64, 128, 256]))]
    ///     batch: u32,
    ///     activation: Activation,
    /// }
    ///
    /// let space = OptSpace::builder()
    ///     .log("lr", 1e-6..=0.1)
    ///     .integer("depth", 1..=30)
    ///     .choice("batch", [64, 128, 256])
    ///     .choice("activation", ["relu", "tanh"])
    ///     .build()?;
    /// assert_eq!(OptSpace::of::<Params>()?, space);
    ///
    /// let point = Point::new().with("lr", 0.001).with("depth", 4).with("batch", 64).with("activation", "tanh");
    /// let params: Params = point.to()?;
    /// assert_eq!(params, Params { lr: 0.001, depth: 4, batch: 64, activation: Activation::Tanh });
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Names every field that is no parameter, with what to add: the range it lacks, or the values it can take.
    pub fn of<T: JsonSchema>() -> Result<Self, Error> {
        from_type::space(&schema::inline().into_root_schema_for::<T>())
    }

    /// Reads a space in its own JSON form, of which the nevergrad dialect is a part.
    ///
    /// # Errors
    ///
    /// Names every parameter that does not follow the JSON Schema of a space, or whose bounds make no sense.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        Self::read_each(value, Self::read_parameter)
    }

    /// Reads a space whose parameters are read by this, apart from when they exist.
    fn read_each(
        document: &Value,
        read: impl Fn(&str, &Value) -> Result<Parameter, Vec<Problem>>,
    ) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let mut space = Self::default();
        for (name, value) in schema::parameters(document)? {
            let mut value = Cow::Borrowed(value);
            if value.get(condition::WHEN).is_some() {
                match ParameterCondition::take(name, value.to_mut()) {
                    // Of one of which nothing else is said, nothing is said.
                    Ok(Some(_)) if value.as_object().is_some_and(Map::is_empty) => {
                        let message = "has no type, and says when it exists";
                        problems.push(Problem::new(schema::place(name), message));
                        continue;
                    }
                    Ok(condition) => {
                        let condition = condition.map(|condition| (name.clone(), condition));
                        space.conditions.extend(condition);
                    }
                    Err(problem) => problems.push(problem),
                }
            }
            match read(name, &value) {
                Ok(parameter) => {
                    space.parameters.insert(name.clone(), parameter);
                }
                Err(wrong) => problems.extend(wrong),
            }
        }
        if problems.is_empty() {
            problems = space.wrong_conditions();
        }
        Error::unless_empty(problems, space)
    }

    fn read_parameter(name: &str, value: &Value) -> Result<Parameter, Vec<Problem>> {
        let mut wrong = schema::problems(name, value);
        beyond_integers(value, &schema::place(name), &mut wrong);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let parameter = Parameter::deserialize(value)
            .map_err(|error| vec![Problem::new(schema::place(name), error.to_string())])?;
        parameter
            .problems(name)
            .map_or(Ok(parameter), |problem| Err(vec![problem]))
    }

    /// Returns the parameters in their order.
    pub fn parameters(&self) -> impl ExactSizeIterator<Item = (&str, &Parameter)> {
        self.parameters
            .iter()
            .map(|(name, parameter)| (name.as_str(), parameter))
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
    ///
    /// It says all that [`check`](Self::check) checks, with one exception: for a step that is no binary fraction, such as 0.1,
    /// and more than 1000 multiples, it says the range only, because validators disagree on floating-point remainders.
    ///
    /// ```
    /// use idds_workflow::OptSpace;
    /// use serde_json::json;
    ///
    /// let space = OptSpace::builder().integer("depth", 1..=30).build()?;
    /// let depth = json!({"type": "integer", "minimum": 1, "maximum": 30});
    /// assert_eq!(space.point_schema()["properties"]["depth"], depth);
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    pub fn point_schema(&self) -> Value {
        schema::point(self)
    }

    /// Tells whether only the steering program knows what its points are: a parameter is [`Untyped`].
    pub fn is_open(&self) -> bool {
        self.parameters
            .values()
            .any(|parameter| matches!(parameter, Parameter::Untyped(_)))
    }

    /// Checks that a point has exactly the parameters of the space, each with a value it can take. Of an
    /// [open](Self::is_open) space every point is right.
    ///
    /// ```
    /// use idds_workflow::{OptSpace, Point};
    ///
    /// let space = OptSpace::builder().integer("depth", 1..=30).build()?;
    /// let error = space.check(&Point::new().with("depth", 2.5)).unwrap_err();
    /// assert_eq!(error.to_string(), "point.depth: 2.5 is not an integer");
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Names every parameter that is missing, unknown or outside, with its value and what is allowed.
    pub fn check(&self, point: &Point) -> Result<(), Error> {
        Error::unless_empty(self.checker().problems("point", point), ())
    }

    /// Checks many points, for which the space is prepared only once.
    ///
    /// # Errors
    ///
    /// The place of the first point that is not in the space, and every problem of it.
    pub fn check_each<'p>(
        &self,
        points: impl IntoIterator<Item = &'p Point>,
    ) -> Result<(), (usize, Error)> {
        let mut checker = None;
        points
            .into_iter()
            .enumerate()
            .try_for_each(|(place, point)| {
                let checker = checker.get_or_insert_with(|| self.checker());
                Error::unless_empty(checker.problems("point", point), ())
                    .map_err(|error| (place, error))
            })
    }

    /// Prepares the check of many points.
    pub(crate) fn checker(&self) -> schema::PointChecker {
        schema::PointChecker::new(self)
    }
}

/// Tells of the integers that a [`Number`](crate::Number) has no place for; choices are kept as they are.
fn beyond_integers(value: &Value, place: &str, problems: &mut Vec<Problem>) {
    match value {
        Value::Number(number)
            if number
                .as_u64()
                .is_some_and(|number| i64::try_from(number).is_err()) =>
        {
            let what = format!(
                "{number} is an integer above {}, which would become a floating-point number; append .0 if that is meant",
                i64::MAX
            );
            problems.push(Problem::new(place, what));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(at, item)| beyond_integers(item, &format!("{place}[{at}]"), problems));
        }
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| *name != "choices");
            fields.for_each(|(name, field)| {
                beyond_integers(field, &format!("{place}.{name}"), problems);
            });
        }
        _ => {}
    }
}

impl Serialize for OptSpace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.parameters.len()))?;
        for (name, parameter) in &self.parameters {
            match self.conditions.get(name) {
                None => map.serialize_entry(name, parameter)?,
                Some(condition) => {
                    let mut value = serde_json::to_value(parameter).map_err(S::Error::custom)?;
                    value[condition::WHEN] = condition.to_json();
                    map.serialize_entry(name, &value)?;
                }
            }
        }
        map.end()
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

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schema::space(generator)
    }
}

/// Collects the parameters of a space.
///
/// ```
/// use idds_workflow::{OptSpace, Point};
///
/// let space = OptSpace::builder()
///     .log("lr", 1e-6..=0.1)
///     .integer("depth", 1..=30)
///     .transition_choice("batch", [64, 128, 256])
///     .fixed("epochs", 20)
///     .build()?;
/// space.check(&Point::new().with("lr", 0.01).with("depth", 3).with("batch", 64).with("epochs", 20))?;
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OptSpaceBuilder {
    parameters: Vec<(String, Parameter, ParameterCondition)>,
    /// When those exist that are added now.
    condition: ParameterCondition,
}

impl OptSpaceBuilder {
    /// Adds a parameter that takes one of these values; they have no order.
    pub fn choice<V: Into<Value>>(
        self,
        name: impl Into<String>,
        choices: impl IntoIterator<Item = V>,
    ) -> Self {
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
    pub fn scalar(
        self,
        name: impl Into<String>,
        bounds: RangeInclusive<impl Into<Number>>,
    ) -> Self {
        self.parameter(name, Scalar::new().bounds(bounds))
    }

    /// Adds an integer between two bounds, both included.
    ///
    /// The real server's nevergrad has no integers; see [`Dialect::Nevergrad`].
    pub fn integer(
        self,
        name: impl Into<String>,
        bounds: RangeInclusive<impl Into<Number>>,
    ) -> Self {
        self.parameter(name, Scalar::new().range(bounds).integer())
    }

    /// Adds a parameter that has the same value in every point: a choice of one.
    pub fn fixed(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.choice(name, [value.into()])
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

    /// Adds a parameter whose values only the steering program knows, as toy Monte Carlo has it: `{}`.
    ///
    /// Points of a space with one are not checked: they may have any parameters, and lack this one. Our samplers give it no
    /// value.
    pub fn untyped(self, name: impl Into<String>) -> Self {
        self.parameter(name, Parameter::Untyped(Untyped::default()))
    }

    /// Adds a parameter with all its settings.
    pub fn parameter(mut self, name: impl Into<String>, parameter: impl Into<Parameter>) -> Self {
        let condition = self.condition.clone();
        self.parameters
            .push((name.into(), parameter.into(), condition));
        self
    }

    /// Adds parameters that exist only when another one, a choice that stands before them, has one of these values.
    ///
    /// A point has no value for a parameter that does not exist in it. Such a parameter can be depended on in turn, and what is added by a
    /// `when` within a `when` depends on both.
    ///
    /// ```
    /// use idds_workflow::{OptSpace, point};
    ///
    /// let space = OptSpace::builder()
    ///     .choice("optimizer", ["adam", "sgd"])
    ///     .when("optimizer", ["sgd"], |space| space.scalar("momentum", 0..=1))
    ///     .build()?;
    /// space.check(&point! { "optimizer": "sgd", "momentum": 0.5 })?;
    /// space.check(&point! { "optimizer": "adam" })?;
    /// let error = space.check(&point! { "optimizer": "adam", "momentum": 0.5 }).unwrap_err();
    /// assert_eq!(error.to_string(), "point.momentum: is given, and exists only when optimizer is \"sgd\"");
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    pub fn when<V: Into<Value>>(
        mut self,
        parameter: impl AsRef<str>,
        values: impl IntoIterator<Item = V>,
        add: impl FnOnce(Self) -> Self,
    ) -> Self {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        let before = self.condition.clone();
        self.condition = self.condition.and(parameter.as_ref(), &values);
        let mut added = add(self);
        added.condition = before;
        added
    }

    /// Checks the parameters and makes the space.
    ///
    /// # Errors
    ///
    /// Names every parameter that is given twice, has no value to take, or whose bounds make no sense.
    pub fn build(self) -> Result<OptSpace, Error> {
        let mut problems = Vec::new();
        let mut parameters = IndexMap::with_capacity(self.parameters.len());
        let names: HashSet<_> = self
            .parameters
            .iter()
            .map(|(name, ..)| name.as_str())
            .collect();
        if text::ENVELOPE.iter().all(|name| names.contains(name)) {
            problems.push(schema::envelope());
        }
        let mut conditions: IndexMap<String, ParameterCondition> = IndexMap::new();
        for (name, parameter, condition) in self.parameters {
            if let Some(there) = parameters.get(&name) {
                // Variants of an enum may have the same field.
                let both = conditions.get(&name).and_then(|there| there.or(&condition));
                match both.filter(|_| *there == parameter) {
                    Some(both) => {
                        conditions.insert(name, both);
                        continue;
                    }
                    None => problems.push(Problem::new(schema::place(&name), "is given twice")),
                }
            }
            if condition.values().len() > 0 {
                conditions.insert(name.clone(), condition);
            }
            match checked(&name, parameter, &[]) {
                Ok(parameter) => {
                    parameters.insert(name, parameter);
                }
                Err(wrong) => problems.extend(wrong),
            }
        }
        let space = OptSpace {
            parameters,
            conditions,
        };
        if problems.is_empty() {
            problems = space.wrong_conditions();
        }
        Error::unless_empty(problems, space)
    }
}

/// Checks a parameter that was not read from JSON. Its problems name parts by the words of its source, given as pairs of
/// our word and theirs.
fn checked(
    name: &str,
    parameter: Parameter,
    places: &[(&str, &str)],
) -> Result<Parameter, Vec<Problem>> {
    let place = schema::place(name);
    let value = match parameter.unwritable() {
        None => serde_json::to_value(&parameter).map_err(|error| error.to_string()),
        Some(reason) => Err(reason.to_owned()),
    };
    let value = value.map_err(|reason| vec![Problem::new(&place, reason)])?;
    let Err(problems) = OptSpace::read_parameter(name, &value) else {
        return Ok(parameter);
    };
    let translated = |problem: Problem| {
        let part = problem.at().strip_prefix(&place).unwrap_or_default();
        let theirs = places
            .iter()
            .find_map(|(our, their)| Some(format!("{place}{their}{}", part.strip_prefix(our)?)));
        theirs
            .map(|at| Problem::new(at, problem.message()))
            .unwrap_or(problem)
    };
    Err(problems.into_iter().map(translated).collect())
}
