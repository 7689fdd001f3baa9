//! The other ways in which people write search spaces.

mod bayes_opt;
mod hpogrid;
mod lists;
mod nevergrad;
#[cfg(test)]
mod tests;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::schema::{self, place};
use super::{OptSpace, Parameter, checked};
use crate::Error;
use crate::error::Problem;

/// A way in which a steering program wants its search space written.
///
/// | parameter | nevergrad | bayes_opt | lists | hpogrid |
/// | --- | --- | --- | --- | --- |
/// | [`Choice`](crate::Choice) | yes | no | yes | `categorical` |
/// | … with `repetitions` or `deterministic` | yes | no | no | no |
/// | [`TransitionChoice`](crate::TransitionChoice) | yes | no | no | no |
/// | [`Scalar`](crate::Scalar) between two bounds | yes | yes | no | `uniform` |
/// | … of integers | no | no | no | `uniformint` |
/// | … of multiples of a step | no | no | no | `quniform` |
/// | … of integers that are multiples of a step | no | no | no | no |
/// | … with fewer bounds, `init` or `mutable_sigma` | yes | no | no | no |
/// | [`Log`](crate::Log) | yes | no | no | `loguniform` |
/// | … of multiples of a step | no | no | no | `qloguniform` |
/// | … of integers | no | no | no | no |
/// | … with `init` or `mutable_sigma` | yes | no | no | no |
/// | [`Array`](crate::Array) | yes | no | no | no |
/// | [`Normal`](crate::Normal) | no | no | no | `normal`, `qnormal` |
/// | [`LogNormal`](crate::LogNormal) | no | no | no | `lognormal`, `qlognormal` |
///
/// The JSON form of [`OptSpace`] itself carries everything. Spaces of segments, each with a dialect inside, are
/// [`SegmentedSpace`](crate::SegmentedSpace).
///
/// ```
/// use idds_workflow::{Dialect, OptSpace};
/// use serde_json::json;
///
/// let space = Dialect::Hpogrid.read(&json!({
///     "lr": {"method": "loguniform", "dimension": {"low": 1e-6, "high": 1e-1, "base": 10}},
///     "layers": {"method": "uniformint", "dimension": {"low": 1, "high": 30}},
/// }))?;
/// let same = OptSpace::builder()
///     .parameter("lr", idds_workflow::Log::new(1e-6..=1e-1).exponent(10))
///     .integer("layers", 1..=30)
///     .build()?;
/// assert_eq!(space, same);
///
/// let error = Dialect::BayesOpt.write(&space).unwrap_err();
/// assert_eq!(error.problems()[0].to_string(), "opt_space.lr: is a Log, which the bayes_opt dialect cannot carry");
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(
    inline,
    description = "How a steering program wants its search space written."
)]
#[non_exhaustive]
pub enum Dialect {
    /// The nevergrad script of iDDS: `{"A": {"type": "Choice", "params": {"choices": [1, 4]}}}`.
    ///
    /// The form of `OptSpace` without what nevergrad lacks. nevergrad makes integers by a call, `set_integer_casting`,
    /// which the script has no word for: a parameter that takes integers or multiples of a step is refused, where the
    /// script would crash. So are a [`Scalar`](crate::Scalar) or [`Array`](crate::Array) that starts outside its bounds
    /// and a [`TransitionChoice`](crate::TransitionChoice) of one value when writing, because nevergrad 1.0 refuses them.
    #[default]
    Nevergrad,
    /// The bounds of the bayes_opt script of iDDS: `{"A": [1, 4]}` is a number from 1 to 4.
    ///
    /// That script *maximises* the loss.
    BayesOpt,
    /// The first script of iDDS: `{"A": [1, 4]}` is a choice of 1 and 4.
    Lists,
    /// The hpogrid package: `{"A": {"method": "uniform", "dimension": {"low": 1, "high": 4}}}`.
    ///
    /// Which methods work depends on the library that hpogrid is told to use; nevergrad, skopt and optuna know
    /// `categorical`, `uniform`, `uniformint`, `loguniform` and `fixed`. Bounds are included. `fixed` is read as a choice of
    /// one value, and written as `categorical`, which all libraries know. `quniform` and its like are multiples of `q`
    /// between the bounds; some libraries round to the multiple just outside. `grid_search` must be off.
    Hpogrid,
}

impl Dialect {
    /// All dialects.
    pub const ALL: [Self; 4] = [Self::Nevergrad, Self::BayesOpt, Self::Lists, Self::Hpogrid];

    /// Returns the dialects that a document can be read in.
    ///
    /// There are none when no dialect fits, and several when only its author knows what is meant: `{"A": [1, 4]}` is a
    /// number from 1 to 4 in one dialect and a choice of 1 and 4 in another.
    ///
    /// ```
    /// use idds_workflow::Dialect;
    /// use serde_json::json;
    ///
    /// assert_eq!(Dialect::candidates(&json!({"A": [1, 4], "B": ["x", "y"]})), [Dialect::Lists]);
    /// assert_eq!(Dialect::candidates(&json!({"A": [1, 4]})), [Dialect::BayesOpt, Dialect::Lists]);
    /// ```
    pub fn candidates(document: &Value) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|dialect| dialect.read(document).is_ok())
            .collect()
    }

    /// Returns the name of the dialect, such as `bayes_opt`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nevergrad => "nevergrad",
            Self::BayesOpt => "bayes_opt",
            Self::Lists => "lists",
            Self::Hpogrid => "hpogrid",
        }
    }

    /// Reads a space in this dialect.
    ///
    /// ```
    /// use idds_workflow::{Dialect, OptSpace, Scalar};
    /// use serde_json::json;
    ///
    /// let document = json!({"A": [1, 4]});
    /// let bounds = OptSpace::builder().parameter("A", Scalar::new().range(1..=4)).build()?;
    /// assert_eq!(Dialect::BayesOpt.read(&document)?, bounds);
    /// assert_eq!(Dialect::Lists.read(&document)?, OptSpace::builder().choice("A", [1, 4]).build()?);
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Names every parameter that is not of the dialect, or whose bounds make no sense.
    pub fn read(self, document: &Value) -> Result<OptSpace, Error> {
        if self == Self::Nevergrad {
            return OptSpace::read_each(document, nevergrad::read);
        }
        let mut problems = Vec::new();
        let mut space = OptSpace::default();
        for (name, value) in schema::parameters(document)? {
            match self.read_parameter(name, value) {
                Ok(parameter) => {
                    space.parameters.insert(name.clone(), parameter);
                }
                Err(wrong) => problems.extend(wrong),
            }
        }
        Error::unless_empty(problems, space)
    }

    /// Writes a space in this dialect.
    ///
    /// ```
    /// use idds_workflow::{Dialect, OptSpace};
    /// use serde_json::json;
    ///
    /// let space = OptSpace::builder().scalar("A", 1..=4).build()?;
    /// let document = json!({"A": {"method": "uniform", "dimension": {"low": 1, "high": 4}}});
    /// assert_eq!(Dialect::Hpogrid.write(&space)?, document);
    /// # Ok::<(), idds_workflow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Names every parameter that the dialect cannot carry, with the reason. Nothing is left out silently.
    pub fn write(self, space: &OptSpace) -> Result<Value, Error> {
        let mut problems = Vec::new();
        let mut document = Map::new();
        for (name, parameter) in space.parameters() {
            let written = self.write_parameter(parameter);
            let written = match (space.conditions.get(name), self) {
                (None, _) => written,
                // The script looks at no member that it does not know.
                (Some(condition), Self::Nevergrad) => written.map(|mut value| {
                    value[super::condition::WHEN] = condition.to_json();
                    value
                }),
                (Some(_), _) => {
                    Err(self.cannot_carry("exists only for some values of another one"))
                }
            };
            match written {
                Ok(value) => {
                    document.insert(name.to_owned(), value);
                }
                Err(reason) => problems.push(Problem::new(place(name), reason)),
            }
        }
        Error::unless_empty(problems, Value::Object(document))
    }

    fn read_parameter(self, name: &str, value: &Value) -> Result<Parameter, Vec<Problem>> {
        let (read, places) = match self {
            Self::Nevergrad => return nevergrad::read(name, value),
            Self::BayesOpt => (bayes_opt::read(value), bayes_opt::PLACES),
            Self::Lists => (lists::read(value), lists::PLACES),
            Self::Hpogrid => (hpogrid::read(value), hpogrid::PLACES),
        };
        let parameter = read.map_err(|reason| vec![Problem::new(place(name), reason)])?;
        checked(name, parameter, places)
    }

    fn write_parameter(self, parameter: &Parameter) -> Result<Value, String> {
        match self {
            Self::Nevergrad => nevergrad::write(parameter),
            Self::BayesOpt => bayes_opt::write(parameter),
            Self::Lists => lists::write(parameter),
            Self::Hpogrid => hpogrid::write(parameter),
        }
    }

    /// Says that the dialect cannot carry something of a parameter.
    fn cannot_carry(self, what: impl fmt::Display) -> String {
        format!("{what}, which the {self} dialect cannot carry")
    }

    /// Says that the dialect cannot carry the kind of a parameter.
    fn cannot_carry_kind(self, parameter: &Parameter) -> String {
        let kind = parameter.kind();
        self.cannot_carry(format_args!(
            "is {} {kind}",
            if kind == "Array" { "an" } else { "a" }
        ))
    }

    /// Refuses a setting that has a word in the nevergrad dialect only.
    fn without(self, only_nevergrad: Option<&'static str>) -> Result<(), String> {
        only_nevergrad.map_or(Ok(()), |setting| {
            Err(self.cannot_carry(format_args!("has {setting}")))
        })
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
