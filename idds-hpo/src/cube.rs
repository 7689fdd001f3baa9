//! A search space as a unit cube: how numbers from 0 to 1 become a point.
//!
//! Logarithms come from `libm`, which gives the same bits on every platform; those of `std` do not.

use std::iter::repeat_n;

use idds_workflow::{Array, Grid, Log, LogNormal, Number, OptSpace, Parameter, Point, Scalar};
use serde_json::{Value, json};

/// The unit cube of a space: one coordinate for every number or choice that a point has.
///
/// Coordinates are spread as the space means them: evenly over choices and scalars, evenly over the logarithm of `Log`
/// parameters, by their distribution for `Normal` and `LogNormal`. A scalar that lacks a bound follows a logistic
/// distribution of scale 1 around its start, moved into the bound it has. Integers and multiples of a step each take an even
/// share of a scalar's coordinate, and are the nearest ones elsewhere.
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
        self.space
            .parameters()
            .map(|(_, parameter)| dimensions(parameter))
            .sum()
    }

    /// Returns about how many operations it takes to look a point up: choices are compared one by one.
    pub(crate) fn effort(&self) -> u64 {
        let of = |choices: usize, list_len: Option<u32>| {
            choices as u64 * u64::from(list_len.unwrap_or(1))
        };
        let comparisons = |parameter: &Parameter| match parameter {
            Parameter::Choice(choice) => of(choice.choices().len(), choice.list_len()),
            Parameter::TransitionChoice(choice) => of(choice.choices().len(), choice.list_len()),
            _ => 0,
        };
        self.space
            .parameters()
            .map(|(_, parameter)| 100 * dimensions(parameter) as u64 + comparisons(parameter))
            .sum()
    }

    /// Returns what each coordinate means.
    pub fn axes(&self) -> Vec<Axis> {
        self.space
            .parameters()
            .flat_map(|(_, parameter)| repeat_n(axis(parameter), dimensions(parameter)))
            .collect()
    }

    /// Returns the coordinates of the values of each axis, as far as it has at most so many that can be drawn.
    pub(crate) fn values(&self, most: usize) -> Vec<Option<Vec<f64>>> {
        self.space
            .parameters()
            .flat_map(|(_, parameter)| repeat_n(values(parameter, most), dimensions(parameter)))
            .collect()
    }

    /// Returns the coordinates of a point: those from which [`point`](Self::point) makes it again.
    ///
    /// A choice or a multiple of a step is in the middle of its share. What cannot be found in the space is at 0.5.
    pub fn coordinates(&self, point: &Point) -> Vec<f64> {
        let mut coordinates = Vec::with_capacity(self.dimensions());
        for (name, parameter) in self.space.parameters() {
            let end = coordinates.len() + dimensions(parameter);
            locate(
                parameter,
                point.get(name).unwrap_or(&Value::Null),
                &mut coordinates,
            );
            coordinates.resize(end, 0.5);
        }
        coordinates
    }

    /// Returns the point at these coordinates, each in `0.0..=1.0`, in the order of the parameters.
    ///
    /// The point is in the space whatever the coordinates are; missing ones count as 0.5. An untyped parameter, of which nothing
    /// is said, gets no value: toy experiments have points without any, all alike.
    pub fn point(&self, coordinates: impl IntoIterator<Item = f64>) -> Point {
        let mut coordinates = coordinates
            .into_iter()
            .map(|u| u.clamp(0.0, 1.0))
            .chain(std::iter::repeat(0.5));
        let typed = self
            .space
            .parameters()
            .filter(|(_, parameter)| !matches!(parameter, Parameter::Untyped(_)));
        typed
            .map(|(name, parameter)| (name, value(parameter, &mut coordinates)))
            .collect()
    }
}

/// What a coordinate means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Axis {
    /// Every number counts, and near ones are alike.
    Continuous,
    /// So many levels in order, each with an even share.
    Levels(usize),
    /// So many choices without order, each with an even share.
    Categories(usize),
}

fn axis(parameter: &Parameter) -> Axis {
    let levels = |bounds: Option<Grid>, is_bounded: bool| match bounds {
        Some(grid) if is_bounded => {
            let (first, last) = grid.indices().into_inner();
            usize::try_from(last.abs_diff(first)).map_or(Axis::Continuous, |steps| {
                Axis::Levels(steps.saturating_add(1))
            })
        }
        _ => Axis::Continuous,
    };
    match parameter {
        Parameter::Choice(choice) => Axis::Categories(choice.choices().len()),
        Parameter::TransitionChoice(choice) => Axis::Levels(choice.choices().len()),
        Parameter::Scalar(scalar) => levels(
            scalar.grid(),
            scalar.lower().is_some() && scalar.upper().is_some(),
        ),
        Parameter::Array(array) => levels(
            array.grid(),
            array.lower().is_some() && array.upper().is_some(),
        ),
        _ => Axis::Continuous,
    }
}

/// Returns the coordinates of the values along one axis of a parameter, none when they are more than so many.
fn values(parameter: &Parameter, most: usize) -> Option<Vec<f64>> {
    if let Axis::Levels(count) | Axis::Categories(count) = axis(parameter) {
        return (count <= most).then(|| {
            (0..count)
                .map(|index| (index as f64 + 0.5) / count as f64)
                .collect()
        });
    }
    let grid = parameter.grid()?;
    let end = |u: f64| {
        let number = match parameter {
            Parameter::Array(array) => array_at(array, &[], &mut std::iter::once(u)),
            _ => value(parameter, &mut std::iter::once(u)),
        };
        number.as_f64().map(|number| grid.nearest(number))
    };
    let (first, last) = (end(0.0)?, end(1.0)?);
    let count = usize::try_from(last.checked_sub(first)?)
        .ok()?
        .checked_add(1)?;
    (count <= most).then(|| {
        let mut coordinates = Vec::with_capacity(count);
        (first..=last).for_each(|index| locate(parameter, &grid.value(index), &mut coordinates));
        coordinates
    })
}

/// Adds the coordinates of a value of a parameter, as far as it has any.
fn locate(parameter: &Parameter, value: &Value, coordinates: &mut Vec<f64>) {
    match parameter {
        Parameter::Choice(choice) => {
            locate_choice(choice.choices(), choice.list_len(), value, coordinates)
        }
        Parameter::TransitionChoice(choice) => {
            locate_choice(choice.choices(), choice.list_len(), value, coordinates)
        }
        Parameter::Scalar(scalar) => {
            let at = |x| {
                share(
                    scalar.lower(),
                    scalar.upper(),
                    scalar.start(),
                    scalar.grid(),
                    x,
                )
            };
            coordinates.extend(value.as_f64().map(at));
        }
        Parameter::Array(array) => {
            let mut left = vec![value];
            while let Some(value) = left.pop() {
                match value {
                    Value::Array(inner) => left.extend(inner.iter().rev()),
                    number => coordinates.push(number.as_f64().map_or(0.5, |x| {
                        share(array.lower(), array.upper(), None, array.grid(), x)
                    })),
                }
            }
        }
        Parameter::Log(log) => coordinates.extend(value.as_f64().map(|x| {
            let (lower, upper) = match log.grid() {
                None => (log.lower().as_f64(), log.upper().as_f64()),
                Some(grid) => {
                    let (first, last) = grid.indices().into_inner();
                    let step = grid.step().as_f64();
                    (
                        (first as f64 - 0.5) * step,
                        finite((last as f64 + 0.5) * step),
                    )
                }
            };
            unit((libm::log(x) - libm::log(lower)) / (libm::log(upper) - libm::log(lower)))
        })),
        Parameter::Normal(normal) => {
            coordinates.extend(
                value
                    .as_f64()
                    .map(|x| normal_share((x - normal.mu().as_f64()) / normal.sigma().as_f64())),
            );
        }
        Parameter::LogNormal(normal) => coordinates.extend(value.as_f64().map(|x| {
            let scale = normal.base().map_or(1.0, |base| libm::log(base.as_f64()));
            normal_share((libm::log(x) / scale - normal.mu().as_f64()) / normal.sigma().as_f64())
        })),
        _ => {}
    }
}

fn locate_choice(
    choices: &[Value],
    list_len: Option<u32>,
    value: &Value,
    coordinates: &mut Vec<f64>,
) {
    let share = |value: &Value| {
        let index = choices.iter().position(|choice| choice == value);
        index.map_or(0.5, |index| (index as f64 + 0.5) / choices.len() as f64)
    };
    match (list_len, value) {
        (Some(_), Value::Array(values)) => coordinates.extend(values.iter().map(share)),
        _ => coordinates.push(share(value)),
    }
}

/// The other way of `between`.
fn share(
    lower: Option<Number>,
    upper: Option<Number>,
    start: Option<Number>,
    grid: Option<Grid>,
    x: f64,
) -> f64 {
    let (lower, upper) = (lower.map(Number::as_f64), upper.map(Number::as_f64));
    unit(match (lower, upper, grid) {
        (Some(_), Some(_), Some(grid)) => {
            let (first, last) = grid.indices().into_inner();
            ((grid.nearest(x) - first) as f64 + 0.5) / ((last - first) as f64 + 1.0)
        }
        (Some(lower), Some(upper), None) => (x / 2.0 - lower / 2.0) / (upper / 2.0 - lower / 2.0),
        _ => 1.0 / (1.0 + libm::exp(start.map_or(0.0, Number::as_f64) - x)),
    })
}

/// Returns the share of the standard normal distribution below a number.
fn normal_share(x: f64) -> f64 {
    unit(0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2))
}

/// Moves a share into its range; what is no number becomes 0.5.
fn unit(share: f64) -> f64 {
    if share.is_nan() {
        0.5
    } else {
        share.clamp(0.0, 1.0)
    }
}

fn dimensions(parameter: &Parameter) -> usize {
    match parameter {
        Parameter::Choice(choice) => choice.list_len().map_or(1, |length| length as usize),
        Parameter::TransitionChoice(choice) => {
            choice.list_len().map_or(1, |length| length as usize)
        }
        Parameter::Array(array) => array
            .shape()
            .iter()
            .map(|length| *length as usize)
            .product(),
        Parameter::Untyped(_) => 0,
        _ => 1,
    }
}

fn value(parameter: &Parameter, coordinates: &mut impl Iterator<Item = f64>) -> Value {
    match parameter {
        Parameter::Choice(choice) => chosen(choice.choices(), choice.list_len(), coordinates),
        Parameter::TransitionChoice(choice) => {
            chosen(choice.choices(), choice.list_len(), coordinates)
        }
        Parameter::Scalar(scalar) => scalar_at(scalar, next(coordinates)),
        Parameter::Log(log) => log_at(log, next(coordinates)),
        Parameter::Array(array) => array_at(array, array.shape(), coordinates),
        Parameter::Normal(normal) => {
            let (mu, sigma) = (normal.mu().as_f64(), normal.sigma().as_f64());
            on_grid(
                normal.grid(),
                finite(mu + sigma * standard_normal(next(coordinates))),
            )
        }
        Parameter::LogNormal(normal) => {
            on_grid(normal.grid(), log_normal_at(normal, next(coordinates)))
        }
        // A kind of parameter this version does not know cannot come out of a checked space.
        _ => Value::Null,
    }
}

fn next(coordinates: &mut impl Iterator<Item = f64>) -> f64 {
    coordinates.next().unwrap_or(0.5)
}

fn chosen(
    choices: &[Value],
    list_len: Option<u32>,
    coordinates: &mut impl Iterator<Item = f64>,
) -> Value {
    let mut choose = || {
        let index = (next(coordinates) * choices.len() as f64) as usize;
        choices
            .get(index)
            .or(choices.last())
            .cloned()
            .unwrap_or_default()
    };
    match list_len {
        Some(length) => (0..length).map(|_| choose()).collect(),
        None => choose(),
    }
}

fn scalar_at(scalar: &Scalar, u: f64) -> Value {
    between(
        scalar.lower(),
        scalar.upper(),
        scalar.start(),
        scalar.grid(),
        u,
    )
}

fn array_at(array: &Array, shape: &[u32], coordinates: &mut impl Iterator<Item = f64>) -> Value {
    match shape {
        [] => between(
            array.lower(),
            array.upper(),
            None,
            array.grid(),
            next(coordinates),
        ),
        [length, inner @ ..] => (0..*length)
            .map(|_| array_at(array, inner, coordinates))
            .collect(),
    }
}

fn between(
    lower: Option<Number>,
    upper: Option<Number>,
    start: Option<Number>,
    grid: Option<Grid>,
    u: f64,
) -> Value {
    match (lower, upper, grid) {
        (Some(_), Some(_), Some(grid)) => {
            let (first, last) = grid.indices().into_inner();
            let count = (last - first) as f64 + 1.0;
            grid.value((first + (u * count) as i64).min(last))
        }
        // Halving first keeps the width of the widest range finite.
        (Some(lower), Some(upper), None) => within(
            lower,
            upper,
            2.0 * (lower.as_f64() / 2.0 * (1.0 - u) + upper.as_f64() / 2.0 * u),
        ),
        _ => {
            let u = u.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
            let value = start.map_or(0.0, Number::as_f64) + libm::log(u / (1.0 - u));
            on_grid(
                grid,
                value
                    .max(lower.map_or(f64::MIN, not_below))
                    .min(upper.map_or(f64::MAX, not_above)),
            )
        }
    }
}

fn log_at(log: &Log, u: f64) -> Value {
    let at = |lower: f64, upper: f64| {
        let exponent = libm::log(lower) + u * (libm::log(upper) - libm::log(lower));
        libm::exp(exponent).clamp(lower, upper)
    };
    match log.grid() {
        None => within(
            log.lower(),
            log.upper(),
            at(log.lower().as_f64(), log.upper().as_f64()),
        ),
        // Half a step more on both sides, so that the first and the last multiple get their share.
        Some(grid) => {
            let (first, last) = grid.indices().into_inner();
            let step = grid.step().as_f64();
            grid.value(grid.nearest(at(
                (first as f64 - 0.5) * step,
                finite((last as f64 + 0.5) * step),
            )))
        }
    }
}

fn log_normal_at(normal: &LogNormal, u: f64) -> f64 {
    let exponent = normal.mu().as_f64() + normal.sigma().as_f64() * standard_normal(u);
    let scale = normal.base().map_or(1.0, |base| libm::log(base.as_f64()));
    libm::exp(exponent * scale).clamp(f64::MIN_POSITIVE, f64::MAX)
}

/// Moves a number between two bounds. Where no floating-point number lies between them, it is the lower one.
fn within(lower: Number, upper: Number, number: f64) -> Value {
    let number = number.max(not_below(lower)).min(not_above(upper));
    if number < not_below(lower) {
        json!(lower)
    } else {
        number.into()
    }
}

/// Returns the lowest floating-point number that is not below a number: an integer beyond 2^53 may lie between two.
fn not_below(number: Number) -> f64 {
    let rounded = number.as_f64();
    if matches!(number, Number::Int(exact) if (rounded as i128) < exact.into()) {
        rounded.next_up()
    } else {
        rounded
    }
}

/// Returns the highest floating-point number that is not above a number.
fn not_above(number: Number) -> f64 {
    let rounded = number.as_f64();
    if matches!(number, Number::Int(exact) if rounded as i128 > exact.into()) {
        rounded.next_down()
    } else {
        rounded
    }
}

/// Moves a number onto the grid, if there is one.
fn on_grid(grid: Option<Grid>, number: f64) -> Value {
    grid.map_or_else(|| number.into(), |grid| grid.value(grid.nearest(number)))
}

fn finite(number: f64) -> f64 {
    number.clamp(f64::MIN, f64::MAX)
}

/// Returns the number below which this share of the standard normal distribution lies, at most 9 in size.
fn standard_normal(share: f64) -> f64 {
    let below = |x: f64| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
    let (mut lower, mut upper) = (-9.0, 9.0);
    // As many halvings as a floating-point number has digits.
    for _ in 0..f64::MANTISSA_DIGITS {
        let middle = 0.5 * (lower + upper);
        if below(middle) < share {
            lower = middle
        } else {
            upper = middle
        }
    }
    0.5 * (lower + upper)
}

#[cfg(test)]
mod tests {
    use idds_workflow::{Normal, TransitionChoice};
    use proptest::prelude::*;

    use super::*;

    fn space() -> OptSpace {
        OptSpace::builder()
            .choice("choice", [json!(1), json!("two"), json!(null)])
            .parameter("sizes", TransitionChoice::new([16, 32, 64]).repetitions(2))
            .scalar("bounded", -3..=5)
            .scalar("widest", f64::MIN..=f64::MAX)
            .scalar(
                "bounds that are rounded outwards",
                -8_888_888_888_888_888_881_i64..=8_888_888_888_888_888_881,
            )
            .scalar(
                "bounds without a float between",
                (1_i64 << 60) + 1..=(1_i64 << 60) + 2,
            )
            .parameter(
                "log of bounds that are rounded outwards",
                Log::new((1_i64 << 60) + 150..=(1_i64 << 60) + 1000),
            )
            .parameter("free", Scalar::new().init(100))
            .parameter("log", Log::new(1e-9..=1e9))
            .array("array", [2, 3], 0.0..=1.0)
            .integer("integer", -3..=5)
            .integer("widest integer", -(1_i64 << 53)..=1_i64 << 53)
            .parameter("multiple", Scalar::new().range(0.3..=0.7).step(0.1))
            .parameter("free multiple", Scalar::new().init(100).step(0.1))
            .parameter(
                "half-free integer",
                Scalar::new().range(7..=9).bounds(7..=8).integer(),
            )
            .parameter("log integer", Log::new(1..=1_000_000).integer())
            .parameter("log multiple", Log::new(0.3..=f64::MAX / 2.0).step(1e300))
            .parameter("batch", Log::new(1..=4096).integer().step(32))
            .parameter("array of integers", Array::new([2]).range(1..=3).integer())
            .parameter("normal", Normal::new(1, f64::MAX))
            .parameter("normal multiple", Normal::new(1.5, 2).step(0.1))
            .parameter("normal integer", Normal::new(0, 1e300).integer())
            .parameter("log-normal", LogNormal::in_base(10, -3, 1000))
            .parameter("log-normal multiple", LogNormal::new(0, 1000).step(0.25))
            .parameter("log-normal integer", LogNormal::new(2, 1).integer())
            .build()
            .expect("a space")
    }

    /// A space whose numbers are far from where rounding makes them the same.
    fn tame_space() -> OptSpace {
        OptSpace::builder()
            .choice("choice", [json!(1), json!("two"), json!(null)])
            .parameter("sizes", TransitionChoice::new([16, 32, 64]).repetitions(2))
            .scalar("bounded", -3..=5)
            .parameter("free", Scalar::new().init(100))
            .parameter("log", Log::new(1e-9..=1e9))
            .array("array", [2, 3], 0.0..=1.0)
            .integer("integer", -3..=5)
            .parameter("multiple", Scalar::new().range(0.3..=0.7).step(0.1))
            .parameter("free multiple", Scalar::new().init(100).step(0.1))
            .parameter("log integer", Log::new(1..=1_000_000).integer())
            .parameter("batch", Log::new(1..=4096).integer().step(32))
            .parameter("array of integers", Array::new([2]).range(1..=3).integer())
            .parameter("normal", Normal::new(1, 2))
            .parameter("normal integer", Normal::new(0, 10).integer())
            .parameter("log-normal", LogNormal::in_base(10, -3, 1))
            .parameter("log-normal integer", LogNormal::new(5, 0.5).integer())
            .build()
            .expect("a space")
    }

    #[test]
    fn a_parameter_of_which_nothing_is_said_gets_no_value() {
        let space = OptSpace::builder()
            .untyped("A")
            .scalar("B", 0..=4)
            .build()
            .expect("a space");
        let cube = Cube::new(&space);
        let point = cube.point([0.5]);
        assert_eq!(
            (cube.dimensions(), point.clone()),
            (1, Point::new().with("B", 2.0))
        );
        assert_eq!(
            (cube.coordinates(&point), space.check(&point)),
            (vec![0.5], Ok(()))
        );
        let toy = OptSpace::builder().untyped("A").build().expect("a space");
        assert_eq!(Cube::new(&toy).point([]), Point::new());
    }

    #[test]
    fn the_corners_and_the_middle_are_where_they_should_be() {
        let space = OptSpace::builder()
            .choice("A", [1, 4])
            .scalar("B", 0..=5)
            .log("C", 1..=100)
            .build()
            .expect("a space");
        let cube = Cube::new(&space);
        assert_eq!(
            cube.point([0.0; 3]),
            Point::new().with("A", 1).with("B", 0.0).with("C", 1.0)
        );
        assert_eq!(cube.point([0.5, 0.5, 0.5]).get("B"), Some(&json!(2.5)));
        let c = cube
            .point([0.5; 3])
            .get("C")
            .and_then(Value::as_f64)
            .expect("a number");
        assert!((c - 10.0).abs() < 1e-12, "{c}");
        assert_eq!(cube.point([1.0; 3]).get("A"), Some(&json!(4)));
    }

    #[test]
    fn an_array_takes_a_coordinate_for_each_of_its_numbers() {
        assert_eq!(
            Cube::new(&space()).dimensions(),
            1 + 2 + 1 + 1 + 1 + 1 + 6 + 19
        );
    }

    #[test]
    fn the_values_of_an_axis_are_those_that_can_be_drawn() {
        let space = OptSpace::builder()
            .parameter("log integer", Log::new(1..=5).integer())
            .parameter("array of integers", Array::new([2]).range(1..=3).integer())
            .parameter("free multiple", Scalar::new().init(100).step(10))
            .parameter("normal integer", Normal::new(0, 0.2).integer())
            .integer("wide", 0..=9)
            .scalar("number", 0..=1)
            .build()
            .expect("a space");
        let cube = Cube::new(&space);
        let values = cube.values(9);
        let counts: Vec<_> = values
            .iter()
            .map(|values| values.as_ref().map(Vec::len))
            .collect();
        assert_eq!(
            counts,
            [Some(5), Some(3), Some(3), Some(9), Some(5), None, None]
        );
        let log = values[0]
            .iter()
            .flatten()
            .map(|u| cube.point([*u]).get("log integer").cloned());
        assert_eq!(
            log.collect::<Vec<_>>(),
            [1, 2, 3, 4, 5].map(|n| Some(json!(n)))
        );
        assert_eq!(cube.values(4)[0], None);
    }

    #[test]
    fn integers_get_even_shares_and_stay_json_integers() {
        let space = OptSpace::builder()
            .integer("n", 1..=4)
            .build()
            .expect("a space");
        let values: Vec<_> = (0..8)
            .filter_map(|i| {
                Cube::new(&space)
                    .point([f64::from(i) / 8.0])
                    .get("n")
                    .cloned()
            })
            .collect();
        assert_eq!(json!(values), json!([1, 1, 2, 2, 3, 3, 4, 4]));
    }

    #[test]
    fn the_first_and_the_last_integer_on_a_logarithmic_scale_get_their_share() {
        let space = OptSpace::builder()
            .parameter("n", Log::new(1..=3).integer())
            .build()
            .expect("a space");
        let count = |n: i64| {
            let at = |i: u32| {
                Cube::new(&space)
                    .point([f64::from(i) / 1000.0])
                    .get("n")
                    .and_then(Value::as_i64)
            };
            (0..1000).filter(|i| at(*i) == Some(n)).count()
        };
        // ln(1.5 / 0.5), ln(2.5 / 1.5) and ln(3.5 / 2.5), of ln(3.5 / 0.5).
        assert_eq!([1, 2, 3].map(count), [565, 263, 172]);
    }

    #[test]
    fn a_normal_parameter_has_the_quantiles_of_its_distribution() {
        let space = OptSpace::builder()
            .parameter("x", Normal::new(10, 2))
            .parameter("y", LogNormal::in_base(10, -3, 1))
            .build()
            .expect("a space");
        let at = |u: f64, name: &str| {
            Cube::new(&space)
                .point([u, u])
                .get(name)
                .and_then(Value::as_f64)
                .expect("a number")
        };
        // From scipy.stats.norm.ppf.
        for (share, quantile) in [
            (0.5, 0.0),
            (0.975, 1.959963984540054),
            (1e-9, -5.9978070150076865),
        ] {
            assert!(
                (at(share, "x") - (10.0 + 2.0 * quantile)).abs() < 1e-11,
                "{share}"
            );
            assert!(
                (at(share, "y").log10() - (quantile - 3.0)).abs() < 1e-11,
                "{share}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_point_has_the_coordinates_from_which_it_comes(coordinates in proptest::collection::vec(0.0..1.0, 30)) {
            let space = tame_space();
            let cube = Cube::new(&space);
            let point = cube.point(coordinates.iter().copied());
            let found = cube.coordinates(&point);
            prop_assert_eq!(found.len(), cube.axes().len());
            for ((axis, found), given) in cube.axes().iter().zip(&found).zip(&coordinates) {
                if let Axis::Levels(count) | Axis::Categories(count) = axis {
                    prop_assert!((found - given).abs() <= 0.5 / *count as f64 + 1e-9, "{:?}", axis);
                }
            }
            for (name, value) in cube.point(found).as_map() {
                let (a, b) = (value.as_f64(), point.get(name).and_then(Value::as_f64));
                match (a, b) {
                    (Some(a), Some(b)) => prop_assert!((a - b).abs() <= 1e-6 * (1.0 + b.abs()), "{}: {} {}", name, a, b),
                    _ if name == "array" => {}
                    _ => prop_assert_eq!(Some(value), point.get(name), "{}", name),
                }
            }
        }

        #[test]
        fn every_coordinate_gives_a_point_in_the_space(coordinates in proptest::collection::vec(-0.5..1.5, 0..33)) {
            let space = space();
            prop_assert_eq!(space.check(&Cube::new(&space).point(coordinates)), Ok(()));
        }
    }
}
