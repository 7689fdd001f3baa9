//! The parameters of all points as columns, each with a scale.

use std::collections::HashMap;

use idds_workflow::{OptSpace, Parameter, Point};
use indexmap::IndexMap;
use serde_json::Value;

use super::number::{beginning, short, text};
use super::paper::round_numbers;
use idds_sampler::{Axis, UnitSpace};

use crate::SearchResult;

/// Share of a linear scale in which half of the values are too crowded to be told apart.
const CROWDED: f64 = 0.1;

/// How many names of an axis are looked at to be drawn; there is room for fewer.
const MOST_NAMES: usize = 1000;

/// One parameter over all points.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name; items of a list are `w[0]`, `w[1]`, ….
    pub(super) name: String,
    /// Its values by their rows, in the order of the rows; most points may lack it.
    values: Vec<(usize, Value)>,
    scale: Scale,
    /// Whether the scale is that of the space, not one that the values suggest.
    pub(super) is_known: bool,
}

/// The columns of a search.
#[derive(Debug)]
pub(super) struct Columns {
    /// Those of the most points, in the order of the space, or in which their names appear.
    pub(super) list: Vec<Column>,
    /// The names of all others.
    pub(super) left_out: Vec<String>,
}

#[derive(Clone, Debug)]
enum Scale {
    Linear { least: f64, greatest: f64 },
    Log { least: f64, greatest: f64 },
    Names(Vec<Value>, HashMap<String, usize>),
}

/// Returns the columns of all points, at most this many for a list and this many altogether.
pub(super) fn columns(result: &SearchResult, most_items: usize, most: usize) -> Columns {
    let mut scales: HashMap<String, Scale> = HashMap::new();
    // Names are counted before values are kept: a million of them may be in one point each.
    let mut counts: IndexMap<String, usize> = IndexMap::new();
    if let Some(space) = &result.space {
        for (name, scale) in axes(space, most_items.min(most)) {
            counts.insert(name.clone(), 0);
            scales.extend(scale.map(|scale| (name, scale)));
        }
    }
    for trial in &result.trials {
        each(
            &trial.parameters,
            most_items,
            &mut |name, _| match counts.get_mut(name) {
                Some(count) => *count += 1,
                None => _ = counts.insert(name.to_owned(), 1),
            },
        );
    }
    let mut left_out = Vec::new();
    if counts.len() > most {
        let mut by_count: Vec<usize> = (0..counts.len()).collect();
        by_count.sort_by_key(|index| std::cmp::Reverse(counts[*index]));
        let mut is_kept = vec![false; counts.len()];
        by_count[..most]
            .iter()
            .for_each(|index| is_kept[*index] = true);
        let mut is_kept = is_kept.into_iter();
        let named = counts
            .into_keys()
            .map(|name| (name, is_kept.next().unwrap_or_default()));
        let (kept, others): (Vec<_>, Vec<_>) = named.partition(|(_, is_kept)| *is_kept);
        counts = kept.into_iter().map(|(name, _)| (name, 0)).collect();
        left_out = others.into_iter().map(|(name, _)| name).collect();
    }
    let mut columns: IndexMap<String, Vec<(usize, Value)>> =
        counts.into_keys().map(|name| (name, Vec::new())).collect();
    for (row, trial) in result.trials.iter().enumerate() {
        each(&trial.parameters, most_items, &mut |name, value| {
            if let Some(values) = columns.get_mut(name) {
                values.push((row, value.clone()));
            }
        });
    }
    let list = columns
        .into_iter()
        .map(|(name, values)| match scales.remove(&name) {
            Some(scale) => Column {
                scale: scale.around(&values),
                name,
                values,
                is_known: true,
            },
            None => Column {
                scale: Scale::of(&values),
                name,
                values,
                is_known: false,
            },
        });
    Columns {
        list: list.collect(),
        left_out,
    }
}

/// Returns the names of the numbers of a point of a space, each with its scale if the space gives it one.
fn axes(space: &OptSpace, most_items: usize) -> Vec<(String, Option<Scale>)> {
    let of = |(name, parameter): (&str, &Parameter)| {
        // Alone, so that it exists whatever it depends on.
        let alone = OptSpace::builder()
            .parameter(name, parameter.clone())
            .build();
        let middle = alone
            .map(|space| UnitSpace::new(&space).point([]))
            .unwrap_or_default();
        let value = middle.get(name).cloned().unwrap_or_default();
        let scale = scale(parameter);
        let mut axes = Vec::new();
        items(name, &value, most_items, &mut |name, _| {
            axes.push((name.to_owned(), scale.clone()));
        });
        axes
    };
    space.parameters().flat_map(of).collect()
}

fn scale(parameter: &Parameter) -> Option<Scale> {
    match parameter {
        Parameter::Choice(choice) => Some(Scale::names(choice.choices().to_vec())),
        Parameter::TransitionChoice(choice) => Some(Scale::names(choice.choices().to_vec())),
        Parameter::Scalar(scalar) => linear(scalar.lower()?.as_f64(), scalar.upper()?.as_f64()),
        Parameter::Array(array) => linear(array.lower()?.as_f64(), array.upper()?.as_f64()),
        Parameter::Log(log) => Some(Scale::Log {
            least: log.lower().as_f64(),
            greatest: log.upper().as_f64(),
        }),
        // Without bounds: the values say how far the axis goes.
        Parameter::LogNormal(_) => Some(Scale::Log {
            least: f64::INFINITY,
            greatest: 0.0,
        }),
        _ => None,
    }
}

fn linear(least: f64, greatest: f64) -> Option<Scale> {
    Some(Scale::Linear { least, greatest })
}

/// Hands on the values of a point with their names.
pub(super) fn each<'a>(
    parameters: &'a Value,
    most_items: usize,
    take: &mut impl FnMut(&str, &'a Value),
) {
    match parameters {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| _ = items(name, value, most_items, take)),
        // A point of a segmented space.
        Value::Array(pair) if pair.len() == 2 && pair[1].is_object() => {
            take("model", &pair[0]);
            each(&pair[1], most_items, take);
        }
        other => _ = items("value", other, most_items, take),
    }
}

/// Hands on the numbers of a list, and of lists in it, each by its own name; returns how many more there may be.
fn items<'a>(
    name: &str,
    value: &'a Value,
    most: usize,
    take: &mut impl FnMut(&str, &'a Value),
) -> usize {
    match value {
        Value::Array(list) => {
            let mut left = most;
            for (index, item) in list.iter().enumerate() {
                if left == 0 {
                    break;
                }
                left = items(&format!("{name}[{index}]"), item, left, take);
            }
            left
        }
        other => {
            take(name, other);
            most.saturating_sub(1)
        }
    }
}

impl Scale {
    fn names(names: Vec<Value>) -> Self {
        let places = names
            .iter()
            .enumerate()
            .map(|(index, name)| (beginning(name), index))
            .collect();
        Self::Names(names, places)
    }

    fn of(values: &[(usize, Value)]) -> Self {
        let numbers: Option<Vec<f64>> = values.iter().map(|(_, value)| value.as_f64()).collect();
        let Some(mut numbers) = numbers else {
            let mut names: IndexMap<String, Value> = IndexMap::new();
            for (_, value) in values {
                names
                    .entry(beginning(value))
                    .or_insert_with(|| value.clone());
            }
            return Self::names(names.into_values().collect());
        };
        numbers.sort_by(f64::total_cmp);
        let (least, greatest) = match numbers[..] {
            [] => (f64::INFINITY, f64::NEG_INFINITY),
            [only] => (only, only),
            [least, .., greatest] => (least, greatest),
        };
        // One small value among others does not make a logarithmic scale: half of them would be crowded on a linear one.
        let is_crowded = numbers
            .get(numbers.len() / 2)
            .is_some_and(|median| *median < CROWDED * greatest);
        if least > 0.0 && is_crowded {
            Self::Log { least, greatest }
        } else {
            Self::Linear { least, greatest }
        }
    }

    /// Widens the scale to values outside of it, which only points of another space have.
    fn around(self, values: &[(usize, Value)]) -> Self {
        let numbers = || values.iter().filter_map(|(_, value)| value.as_f64());
        match self {
            Self::Linear { least, greatest } => Self::Linear {
                least: numbers().fold(least, f64::min),
                greatest: numbers().fold(greatest, f64::max),
            },
            Self::Log { least, greatest } => Self::Log {
                least: numbers()
                    .filter(|number| *number > 0.0)
                    .fold(least, f64::min),
                greatest: numbers().fold(greatest, f64::max),
            },
            Self::Names(mut names, places) => {
                let others = values
                    .iter()
                    .filter(|(_, value)| !places.contains_key(&beginning(value)));
                let mut others: Vec<_> = others.map(|(_, value)| value.clone()).collect();
                others.dedup();
                names.extend(others);
                Self::names(names)
            }
        }
    }

    /// Where a value lies between 0 and 1.
    fn position(&self, value: &Value) -> Option<f64> {
        // Halves, as the widest range is not a finite number.
        let between = |value: f64, least: f64, greatest: f64| match greatest / 2.0 - least / 2.0 {
            range if range > 0.0 => ((value / 2.0 - least / 2.0) / range).clamp(0.0, 1.0),
            _ => 0.5,
        };
        match self {
            Self::Linear { least, greatest } => Some(between(value.as_f64()?, *least, *greatest)),
            Self::Log { least, greatest } => {
                let value = value.as_f64().filter(|value| *value > 0.0)?;
                Some(between(
                    libm::log(value),
                    libm::log(*least),
                    libm::log(*greatest),
                ))
            }
            Self::Names(names, places) => {
                let index = places.get(&beginning(value))?;
                Some((*index as f64 + 0.5) / names.len() as f64)
            }
        }
    }
}

impl Column {
    /// Returns the value of a point.
    pub(super) fn value(&self, row: usize) -> Option<&Value> {
        let index = self
            .values
            .binary_search_by_key(&row, |(row, _)| *row)
            .ok()?;
        self.values.get(index).map(|(_, value)| value)
    }

    /// Returns all values with their rows.
    pub(super) fn values(&self) -> &[(usize, Value)] {
        &self.values
    }

    /// Returns where the value of a point lies between 0 and 1.
    pub(super) fn position(&self, row: usize) -> Option<f64> {
        self.scale.position(self.value(row)?)
    }

    /// Returns what its values are along the scale, as far as the values say.
    pub(super) fn axis(&self) -> Axis {
        match &self.scale {
            Scale::Names(names, _) => Axis::Categories(names.len()),
            Scale::Linear { .. } | Scale::Log { .. } => Axis::Continuous,
        }
    }

    /// Returns places between 0 and 1 with what stands there: some round numbers, or every name.
    pub(super) fn ticks(&self, about: f64) -> Vec<(f64, String)> {
        let at = |number: f64| {
            (
                self.scale.position(&number.into()).unwrap_or(0.5),
                short(number),
            )
        };
        match &self.scale {
            Scale::Linear { least, greatest } if least < greatest => {
                let tries =
                    (0..4).map(|more| round_numbers(*least, *greatest, about + f64::from(more)));
                let round = tries.into_iter().find(|round| round.len() > 1);
                round
                    .unwrap_or_else(|| vec![*least, *greatest])
                    .into_iter()
                    .map(at)
                    .collect()
            }
            Scale::Log { least, greatest } if least < greatest => {
                let (first, last) = (
                    libm::ceil(libm::log10(*least) - 1e-9) as i32,
                    libm::floor(libm::log10(*greatest) + 1e-9) as i32,
                );
                if last <= first {
                    return vec![at(*least), at(*greatest)];
                }
                let step = (f64::from(last - first) / about).ceil().max(1.0) as usize;
                (first..=last)
                    .step_by(step)
                    .map(|power| at(libm::pow(10.0, f64::from(power))))
                    .collect()
            }
            Scale::Linear { least, .. } | Scale::Log { least, .. } if least.is_finite() => {
                vec![(0.5, short(*least))]
            }
            Scale::Linear { .. } | Scale::Log { .. } => Vec::new(),
            Scale::Names(names, _) => {
                let place = |index: usize| (index as f64 + 0.5) / names.len() as f64;
                let step = names.len().div_ceil(MOST_NAMES).max(1);
                names
                    .iter()
                    .enumerate()
                    .step_by(step)
                    .map(|(index, name)| (place(index), text(name)))
                    .collect()
            }
        }
    }

    /// Says how its axis is divided, when it is not the usual way.
    pub(super) fn remark(&self) -> Option<&'static str> {
        match (&self.scale, self.is_known) {
            (Scale::Log { .. }, true) => Some("log scale"),
            // The space is not known.
            (Scale::Log { .. }, false) => Some("drawn on a log scale"),
            _ => None,
        }
    }
}

/// The numbers of rows, with where they are on each axis.
type Rows = Vec<(usize, Vec<f64>)>;

/// Returns the coordinates of the points in the space, with the names of the axes: those of the cube when the space is known, and
/// otherwise places along the columns. Points that lack some parameter are left out.
pub(super) fn coordinates(
    result: &SearchResult,
    columns: &[Column],
) -> (Vec<Axis>, Vec<String>, Rows) {
    if let Some(space) = &result.space {
        let cube = UnitSpace::new(space);
        let names: Vec<_> = axes(space, usize::MAX)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        let point = |(row, trial): (usize, &crate::TrialRecord)| {
            let members = trial.parameters.as_object()?;
            let point: Point = members
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone()))
                .collect();
            space
                .check(&point)
                .is_ok()
                .then(|| (row, cube.coordinates(&point)))
        };
        let points: Vec<_> = result.trials.iter().enumerate().filter_map(point).collect();
        if names.len() == cube.dimensions() && !points.is_empty() {
            return (cube.axes(), names, points);
        }
    }
    let point = |row: usize| {
        columns
            .iter()
            .map(|column| column.position(row))
            .collect::<Option<Vec<_>>>()
            .map(|point| (row, point))
    };
    let points = (0..result.trials.len()).filter_map(point).collect();
    (
        columns.iter().map(Column::axis).collect(),
        columns.iter().map(|column| column.name.clone()).collect(),
        points,
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::tests::result;

    fn of(points: &[Value]) -> Vec<Column> {
        let trials: Vec<_> = points
            .iter()
            .map(|point| (point.clone(), None, None))
            .collect();
        columns(&result(&trials), 8, 100).list
    }

    #[test]
    fn every_kind_of_point_becomes_columns() {
        let columns = of(&[
            json!({"lr": 1e-5, "opt": "adam", "w": [1, 2]}),
            json!({"lr": 0.1, "opt": "sgd"}),
            json!([3, {"lr": 1e-3}]),
            json!("toy"),
        ]);
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["lr", "opt", "w[0]", "w[1]", "model", "value"]);
        let lr = &columns[0];
        assert_eq!(lr.remark(), Some("drawn on a log scale"));
        assert_eq!(
            [0, 1, 3].map(|row| lr.position(row)),
            [Some(0.0), Some(1.0), None]
        );
        assert!((lr.position(2).expect("a value") - 0.5).abs() < 1e-12);
        assert_eq!(
            columns[1].ticks(4.0),
            [(0.25, "adam".to_owned()), (0.75, "sgd".to_owned())]
        );
    }

    #[test]
    fn lists_in_lists_have_a_column_for_every_number_up_to_a_limit() {
        let trials = [(json!({"w": [[1, 2], [3, 4]], "v": []}), None, None)];
        let names = |most| {
            columns(&result(&trials), most, 100)
                .list
                .into_iter()
                .map(|column| column.name)
        };
        assert_eq!(
            names(8).collect::<Vec<_>>(),
            ["w[0][0]", "w[0][1]", "w[1][0]", "w[1][1]"]
        );
        assert_eq!(names(3).count(), 3);
    }

    #[test]
    fn the_space_gives_order_scale_and_range() {
        let space = OptSpace::builder()
            .log("lr", 1e-5..=0.1)
            .choice("opt", ["adam", "sgd"])
            .scalar("x", 0..=10)
            .build();
        let mut result = result(&[(json!({"x": 2.0, "opt": "sgd", "lr": 0.05}), None, None)]);
        result.space = space.ok();
        let columns = columns(&result, 8, 100).list;
        let names: Vec<_> = columns
            .iter()
            .map(|column| (column.name.as_str(), column.is_known))
            .collect();
        assert_eq!(names, [("lr", true), ("opt", true), ("x", true)]);
        let ticks: Vec<_> = columns[0]
            .ticks(4.0)
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(ticks, ["1e-5", "1e-4", "0.001", "0.01", "0.1"]);
        assert_eq!(
            (columns[1].position(0), columns[2].position(0)),
            (Some(0.75), Some(0.2))
        );
    }

    #[test]
    fn only_the_most_usual_of_too_many_names_have_a_column() {
        let points: Vec<_> = (0..50)
            .map(|n| (json!({"a": n, format!("own {n}"): n, "z": n}), None, None))
            .collect();
        let columns = columns(&result(&points), 8, 3);
        let names: Vec<_> = columns
            .list
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(
            (names, columns.left_out.len()),
            (vec!["a", "own 0", "z"], 49)
        );
        assert_eq!(columns.list[1].values().len(), 1);
    }

    #[test]
    fn one_small_value_does_not_make_a_scale_logarithmic() {
        let columns = of(&[1e-4, 2.0, 2.1, 2.2, 5.0].map(|b| json!({"B": b})));
        assert_eq!(columns[0].remark(), None);
        assert_eq!(columns[0].position(4), Some(1.0));
    }

    #[test]
    fn extreme_numbers_have_a_place() {
        let columns = of(&[
            json!({"x": f64::MIN}),
            json!({"x": 0}),
            json!({"x": f64::MAX}),
        ]);
        assert_eq!(
            [0, 1, 2].map(|row| columns[0].position(row)),
            [Some(0.0), Some(0.5), Some(1.0)]
        );
        assert_eq!(of(&[json!({"x": 7})])[0].position(0), Some(0.5));
    }
}
