//! Search spaces of Rust types: what `#[derive(Space)]` writes.

use serde_json::Value;

use super::{OptSpace, OptSpaceBuilder};
use crate::Error;

/// A type whose values are the points of a search space.
///
/// It is derived, and so the space is written once, at the fields that the points are read into. Attributes of serde count: a
/// renamed field is a parameter of that name, a skipped one is none, and the fields of a flattened struct are parameters
/// beside the others.
///
/// | field | parameter |
/// | --- | --- |
/// | `#[space(0.1..=0.5)] dropout: f64` | a number between these bounds |
/// | `#[space(1..=6)] layers: u8` | an integer between these bounds |
/// | `#[space(log, 1e-5..=1e-1)] rate: f64` | either of them, on a logarithmic scale |
/// | `#[space(32..=512, step = 32)] width: u32` | either of them, multiples only |
/// | `#[space(choice("adam", "sgd"))] optimizer: String` | one of these values |
/// | `#[space(ordered, choice(16, 32, 64))] batch: u32` | one of these values, of which neighbours are alike |
/// | `#[space(normal(0.0, 1.0))] shift: f64` | any number, those around the mean more often |
/// | `#[space(log_normal(0.0, 1.0))] scale: f64` | a positive number whose logarithm is normally distributed |
/// | `activation: Activation`, `nesterov: bool` | one of the [`Choices`] of the type |
/// | `#[space(0..=1)] weights: [f64; 3]` | an array of such numbers |
/// | `kinds: [Activation; 2]` | a list of such choices |
///
/// ```
/// use idds_workflow::{Choices, OptSpace, Point, Space};
/// use serde::Deserialize;
///
/// #[derive(Choices, Debug, Deserialize, PartialEq)]
/// #[serde(rename_all = "lowercase")]
/// enum Activation {
///     Relu,
///     Tanh,
/// }
///
/// #[derive(Debug, Deserialize, PartialEq, Space)]
/// struct Params {
///     #[space(log, 1e-5..=1e-1)]
///     learning_rate: f64,
///     #[space(1..=6)]
///     layers: u8,
///     #[space(choice("adam", "sgd"))]
///     optimizer: String,
///     activation: Activation,
/// }
///
/// let space = OptSpace::builder()
///     .log("learning_rate", 1e-5..=1e-1)
///     .integer("layers", 1..=6)
///     .choice("optimizer", ["adam", "sgd"])
///     .choice("activation", ["relu", "tanh"])
///     .build()?;
/// assert_eq!(Params::space()?, space);
/// # Ok::<(), idds_workflow::Error>(())
/// ```
///
/// An enum whose variants have fields is a choice with parameters that exist for one value of it only. `#[serde(tag = "..")]` names the choice, and the
/// enum is flattened where it stands, as the parameters of a point stand side by side. A variant can also have another `Space` as its only field. Variants may
/// share a field that has the same values in all of them.
///
/// ```
/// use idds_workflow::{OptSpace, Space, point};
/// use serde::Deserialize;
///
/// #[derive(Debug, Deserialize, PartialEq, Space)]
/// #[serde(tag = "optimizer", rename_all = "lowercase")]
/// enum Optimizer {
///     Adam,
///     Sgd {
///         #[space(0.0..=0.99)]
///         momentum: f64,
///     },
/// }
///
/// #[derive(Debug, Deserialize, PartialEq, Space)]
/// struct Params {
///     #[space(1..=6)]
///     layers: u8,
///     #[serde(flatten)]
///     optimizer: Optimizer,
/// }
///
/// let space = OptSpace::builder()
///     .integer("layers", 1..=6)
///     .choice("optimizer", ["adam", "sgd"])
///     .when("optimizer", ["sgd"], |space| space.scalar("momentum", 0.0..=0.99))
///     .build()?;
/// assert_eq!(Params::space()?, space);
/// let params: Params = point! { "layers": 2, "optimizer": "sgd", "momentum": 0.9 }.to()?;
/// assert_eq!(params, Params { layers: 2, optimizer: Optimizer::Sgd { momentum: 0.9 } });
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no search space",
    note = "derive it: `#[derive(serde::Deserialize, idds::workflow::Space)]`, with `#[space(..)]` at each field"
)]
pub trait Space: Sized {
    /// Adds the parameters of the type to a space.
    fn add_to(space: OptSpaceBuilder) -> OptSpaceBuilder;

    /// Returns the space.
    ///
    /// # Errors
    ///
    /// Names every parameter whose bounds make no sense, such as those of a logarithmic scale that begins at 0.
    fn space() -> Result<OptSpace, Error> {
        Self::add_to(OptSpace::builder()).build()
    }
}

/// A type that has a few values, of which a parameter takes one: `bool`, and enums that derive it.
///
/// Attributes of serde count: a renamed variant is the choice of that name, a skipped one is none.
#[diagnostic::on_unimplemented(
    message = "the values of a `{Self}` are not known",
    label = "which values can it take?",
    note = "say it at the field, such as `#[space(1..=6)]`, `#[space(log, 1e-5..=1e-1)]` or `#[space(choice(\"adam\", \"sgd\"))]`; \
            an enum without fields can `#[derive(Choices)]`"
)]
pub trait Choices {
    /// Returns all of its values, as they stand in points.
    fn choices() -> Vec<Value>;
}

impl Choices for bool {
    fn choices() -> Vec<Value> {
        vec![Value::Bool(false), Value::Bool(true)]
    }
}

/// A type of numbers, which a range of a [`Space`] can be given for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type of numbers",
    label = "a range needs a field with numbers",
    note = "implement `Numeric` for a type of your own that is read from a number"
)]
pub trait Numeric {
    /// Whether it takes integers only.
    const IS_INTEGER: bool = true;
}

impl Numeric for i8 {}
impl Numeric for i16 {}
impl Numeric for i32 {}
impl Numeric for i64 {}
impl Numeric for isize {}
impl Numeric for u8 {}
impl Numeric for u16 {}
impl Numeric for u32 {}
impl Numeric for u64 {}
impl Numeric for usize {}

impl Numeric for f32 {
    const IS_INTEGER: bool = false;
}

impl Numeric for f64 {
    const IS_INTEGER: bool = false;
}
