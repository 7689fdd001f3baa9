//! A search space as a unit cube: how numbers from 0 to 1 become a point.
//!
//! Logarithms come from `libm`, which gives the same bits on every platform; those of `std` do not.

use std::iter::repeat_n;

use idds_workflow::{Array, Grid, Log, LogNormal, Number, OptSpace, Parameter, Point, Scalar};
use serde_json::{Value, json};

use crate::normal;

#[cfg(test)]
mod tests;

/// The unit cube of a space: one coordinate for every number or choice that a point has.
///
/// Coordinates are spread as the space means them: evenly over choices and scalars, evenly over the logarithm of `Log`
/// parameters, by their distribution for `Normal` and `LogNormal`. A scalar that lacks a bound follows a logistic
/// distribution of scale 1 around its start, moved into the bound it has. Integers and multiples of a step each take an even
/// share of a scalar's coordinate, and are the nearest ones elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct UnitSpace<'a> {
    space: &'a OptSpace,
}

impl<'a> UnitSpace<'a> {
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

    /// Returns the coordinates of the values of each axis, as far as it has at most this many that can be drawn.
    pub(crate) fn values(&self, most: usize) -> Vec<Option<Vec<f64>>> {
        self.space
            .parameters()
            .flat_map(|(_, parameter)| repeat_n(values(parameter, most), dimensions(parameter)))
            .collect()
    }

    /// Returns the coordinates of a point: those from which [`point`](Self::point) makes it again.
    ///
    /// A choice or a multiple of a step is in the middle of its share. What cannot be found in the space is at 0.5, and so is a parameter
    /// that does not exist in the point: whatever its coordinate, the point is the same.
    pub fn coordinates(&self, point: &Point) -> Vec<f64> {
        let mut coordinates = Vec::with_capacity(self.dimensions());
        for (name, parameter) in self.space.parameters() {
            let end = coordinates.len() + dimensions(parameter);
            if self.space.is_active(name, point) {
                locate(
                    parameter,
                    point.get(name).unwrap_or(&Value::Null),
                    &mut coordinates,
                );
            }
            coordinates.resize(end, 0.5);
        }
        coordinates
    }

    /// Returns the point at these coordinates, each in `0.0..=1.0`, in the order of the parameters.
    ///
    /// The point is in the space whatever the coordinates are; missing ones count as 0.5. An untyped parameter, of which nothing
    /// is said, gets no value: toy experiments have points without any, all alike. Nor does one that does not exist in the point.
    pub fn point(&self, coordinates: impl IntoIterator<Item = f64>) -> Point {
        let mut coordinates = coordinates
            .into_iter()
            .map(|u| u.clamp(0.0, 1.0))
            .chain(std::iter::repeat(0.5));
        let typed = self
            .space
            .parameters()
            .filter(|(_, parameter)| !matches!(parameter, Parameter::Untyped(_)));
        if !self.space.is_conditional() {
            return typed
                .map(|(name, parameter)| (name, value(parameter, &mut coordinates)))
                .collect();
        }
        // Those that a parameter depends on stand before it.
        typed.fold(Point::new(), |point, (name, parameter)| {
            let value = value(parameter, &mut coordinates);
            match self.space.is_active(name, &point) {
                true => point.with(name, value),
                false => point,
            }
        })
    }

    /// Tells for each coordinate whether it is one of a parameter that exists at these; none when all exist everywhere.
    pub(crate) fn active(&self, coordinates: &[f64]) -> Option<Vec<bool>> {
        if !self.space.is_conditional() {
            return None;
        }
        let point = self.point(coordinates.iter().copied());
        let of = |(name, parameter): (&str, &Parameter)| {
            repeat_n(self.space.is_active(name, &point), dimensions(parameter))
        };
        Some(self.space.parameters().flat_map(of).collect())
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

/// Returns the coordinates of the values along one axis of a parameter, none when they are more than this many.
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
            locate_choice(choice.choices(), choice.list_len(), value, coordinates);
        }
        Parameter::TransitionChoice(choice) => {
            locate_choice(choice.choices(), choice.list_len(), value, coordinates);
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
    unit(normal::share(x))
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
    let (mut lower, mut upper) = (-9.0, 9.0);
    // As many halvings as a floating-point number has digits.
    for _ in 0..f64::MANTISSA_DIGITS {
        let middle = 0.5 * (lower + upper);
        if normal::share(middle) < share {
            lower = middle;
        } else {
            upper = middle;
        }
    }
    0.5 * (lower + upper)
}
