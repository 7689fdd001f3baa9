//! A search space as a unit cube: how numbers from 0 to 1 become a point.
//!
//! Logarithms come from `libm`, which gives the same bits on every platform; those of `std` do not.

use idds_workflow::{Array, Number, OptSpace, Parameter, Point, Scalar};
use serde_json::Value;

/// The unit cube of a space: one coordinate for every number or choice that a point has.
///
/// Coordinates are spread as the space means them: evenly over choices and scalars, evenly over the logarithm of `Log`
/// parameters. A scalar that lacks a bound follows a logistic distribution of scale 1 around its start, moved into the
/// bound it has.
#[derive(Clone, Copy, Debug)]
pub struct Cube<'a> {
    space: &'a OptSpace,
}

impl<'a> Cube<'a> {
    /// Looks at a space as a cube.
    pub fn new(space: &'a OptSpace) -> Self {
        Self { space }
    }

    /// Returns the number of coordinates of a point.
    pub fn dimensions(&self) -> usize {
        self.space.parameters().map(|(_, parameter)| dimensions(parameter)).sum()
    }

    /// Returns the point at these coordinates, each in `0.0..1.0`, in the order of the parameters.
    ///
    /// The point is in the space whatever the coordinates are; missing ones count as 0.5.
    pub fn point(&self, coordinates: impl IntoIterator<Item = f64>) -> Point {
        let mut coordinates =
            coordinates.into_iter().map(|u| u.clamp(0.0, 1.0 - f64::EPSILON)).chain(std::iter::repeat(0.5));
        self.space.parameters().map(|(name, parameter)| (name, value(parameter, &mut coordinates))).collect()
    }
}

fn dimensions(parameter: &Parameter) -> usize {
    match parameter {
        Parameter::Choice(choice) => choice.list_len().map_or(1, |length| length as usize),
        Parameter::TransitionChoice(choice) => choice.list_len().map_or(1, |length| length as usize),
        Parameter::Array(array) => array.shape().iter().map(|length| *length as usize).product(),
        _ => 1,
    }
}

fn value(parameter: &Parameter, coordinates: &mut impl Iterator<Item = f64>) -> Value {
    match parameter {
        Parameter::Choice(choice) => chosen(choice.choices(), choice.list_len(), coordinates),
        Parameter::TransitionChoice(choice) => chosen(choice.choices(), choice.list_len(), coordinates),
        Parameter::Scalar(scalar) => scalar_at(scalar, next(coordinates)).into(),
        Parameter::Log(log) => {
            let (lower, upper) = (log.lower().as_f64(), log.upper().as_f64());
            let exponent = libm::log(lower) + next(coordinates) * (libm::log(upper) - libm::log(lower));
            libm::exp(exponent).clamp(lower, upper).into()
        }
        Parameter::Array(array) => array_at(array, array.shape(), coordinates),
        // A kind of parameter this version does not know cannot come out of a checked space.
        _ => Value::Null,
    }
}

fn next(coordinates: &mut impl Iterator<Item = f64>) -> f64 {
    coordinates.next().unwrap_or(0.5)
}

fn chosen(choices: &[Value], list_len: Option<u32>, coordinates: &mut impl Iterator<Item = f64>) -> Value {
    let mut choose = || {
        let index = (next(coordinates) * choices.len() as f64) as usize;
        choices.get(index).or(choices.last()).cloned().unwrap_or_default()
    };
    match list_len {
        Some(length) => (0..length).map(|_| choose()).collect(),
        None => choose(),
    }
}

fn scalar_at(scalar: &Scalar, u: f64) -> f64 {
    between(scalar.lower(), scalar.upper(), scalar.start(), u)
}

fn array_at(array: &Array, shape: &[u32], coordinates: &mut impl Iterator<Item = f64>) -> Value {
    match shape {
        [] => between(array.lower(), array.upper(), None, next(coordinates)).into(),
        [length, inner @ ..] => (0..*length).map(|_| array_at(array, inner, coordinates)).collect(),
    }
}

fn between(lower: Option<Number>, upper: Option<Number>, start: Option<Number>, u: f64) -> f64 {
    let (lower, upper) = (lower.map(Number::as_f64), upper.map(Number::as_f64));
    match (lower, upper) {
        // Halving first keeps the width of the widest range finite.
        (Some(lower), Some(upper)) => (2.0 * (lower / 2.0 * (1.0 - u) + upper / 2.0 * u)).clamp(lower, upper),
        _ => {
            let u = u.max(f64::EPSILON);
            let value = start.map_or(0.0, Number::as_f64) + libm::log(u / (1.0 - u));
            value.max(lower.unwrap_or(f64::MIN)).min(upper.unwrap_or(f64::MAX))
        }
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{Log, TransitionChoice};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn space() -> OptSpace {
        OptSpace::builder()
            .choice("choice", [json!(1), json!("two"), json!(null)])
            .parameter("sizes", TransitionChoice::new([16, 32, 64]).repetitions(2))
            .scalar("bounded", -3..=5)
            .scalar("widest", f64::MIN..=f64::MAX)
            .parameter("free", Scalar::new().init(100))
            .parameter("log", Log::new(1e-9..=1e9))
            .array("array", [2, 3], 0.0..=1.0)
            .build()
            .expect("a space")
    }

    #[test]
    fn the_corners_and_the_middle_are_where_they_should_be() {
        let space =
            OptSpace::builder().choice("A", [1, 4]).scalar("B", 0..=5).log("C", 1..=100).build().expect("a space");
        let cube = Cube::new(&space);
        assert_eq!(cube.point([0.0; 3]), Point::new().with("A", 1).with("B", 0.0).with("C", 1.0));
        assert_eq!(cube.point([0.5, 0.5, 0.5]).get("B"), Some(&json!(2.5)));
        let c = cube.point([0.5; 3]).get("C").and_then(Value::as_f64).expect("a number");
        assert!((c - 10.0).abs() < 1e-12, "{c}");
        assert_eq!(cube.point([1.0; 3]).get("A"), Some(&json!(4)));
    }

    #[test]
    fn an_array_takes_a_coordinate_for_each_of_its_numbers() {
        assert_eq!(Cube::new(&space()).dimensions(), 1 + 2 + 1 + 1 + 1 + 1 + 6);
    }

    proptest! {
        #[test]
        fn every_coordinate_gives_a_point_in_the_space(coordinates in proptest::collection::vec(-0.5..1.5, 0..13)) {
            let space = space();
            prop_assert_eq!(space.check(&Cube::new(&space).point(coordinates)), Ok(()));
        }
    }
}
