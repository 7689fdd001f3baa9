//! The parameters of all points as columns, each with a scale.

use indexmap::IndexMap;
use serde_json::Value;

use crate::TrialRecord;

/// Share of a linear scale in which half of the values are too crowded to be told apart.
const CROWDED: f64 = 0.1;

/// One parameter over all points.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name; items of a list are `w[0]`, `w[1]`, ….
    pub(super) name: String,
    /// Its value in every point, none where a point lacks it.
    pub(super) values: Vec<Option<Value>>,
    scale: Scale,
}

#[derive(Debug)]
enum Scale {
    Linear { least: f64, greatest: f64 },
    Log { least: f64, greatest: f64 },
    Names(Vec<Value>),
}

/// Returns the columns of all points, in the order in which their names appear, with at most so many for a list.
pub(super) fn columns(trials: &[TrialRecord], most_items: usize) -> Vec<Column> {
    let mut columns: IndexMap<String, Vec<Option<Value>>> = IndexMap::new();
    for (row, trial) in trials.iter().enumerate() {
        for (name, value) in flat(&trial.parameters, most_items) {
            columns.entry(name).or_insert_with(|| vec![None; trials.len()])[row] = Some(value);
        }
    }
    columns.into_iter().map(|(name, values)| Column { scale: Scale::of(&values), name, values }).collect()
}

/// The values of a point with their names.
fn flat(parameters: &Value, most_items: usize) -> Vec<(String, Value)> {
    match parameters {
        Value::Object(members) => members.iter().flat_map(|(name, value)| items(name, value, most_items)).collect(),
        // A point of a segmented space.
        Value::Array(pair) if pair.len() == 2 && pair[1].is_object() => {
            std::iter::once(("model".to_owned(), pair[0].clone())).chain(flat(&pair[1], most_items)).collect()
        }
        other => items("value", other, most_items),
    }
}

/// The numbers of a list, and of lists in it, each by its own name.
fn items(name: &str, value: &Value, most: usize) -> Vec<(String, Value)> {
    match value {
        Value::Array(list) => {
            let named = list.iter().enumerate().map(|(index, item)| (format!("{name}[{index}]"), item));
            named.flat_map(|(name, item)| items(&name, item, most)).take(most).collect()
        }
        other => vec![(name.to_owned(), other.clone())],
    }
}

impl Scale {
    fn of(values: &[Option<Value>]) -> Self {
        let numbers: Option<Vec<f64>> = values.iter().flatten().map(Value::as_f64).collect();
        let Some(mut numbers) = numbers else {
            let mut names: Vec<Value> = Vec::new();
            for value in values.iter().flatten() {
                if !names.contains(value) {
                    names.push(value.clone());
                }
            }
            return Self::Names(names);
        };
        numbers.sort_by(f64::total_cmp);
        let (least, greatest) = match numbers[..] {
            [] => (f64::INFINITY, f64::NEG_INFINITY),
            [only] => (only, only),
            [least, .., greatest] => (least, greatest),
        };
        // One small value among others does not make a logarithmic scale: half of them would be crowded on a linear one.
        let is_crowded = numbers.get(numbers.len() / 2).is_some_and(|median| *median < CROWDED * greatest);
        if least > 0.0 && is_crowded { Self::Log { least, greatest } } else { Self::Linear { least, greatest } }
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
            Self::Log { least, greatest } => Some(between(value.as_f64()?.ln(), least.ln(), greatest.ln())),
            Self::Names(names) => {
                let index = names.iter().position(|name| name == value)?;
                Some((index as f64 + 0.5) / names.len() as f64)
            }
        }
    }
}

impl Column {
    /// Returns where the value of a point lies between 0 and 1.
    pub(super) fn position(&self, row: usize) -> Option<f64> {
        self.scale.position(self.values.get(row)?.as_ref()?)
    }

    /// Returns places between 0 and 1 with what stands there: the ends of a range, or every name.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        match &self.scale {
            Scale::Linear { least, greatest } | Scale::Log { least, greatest } if least < greatest => {
                vec![(0.0, short(*least)), (1.0, short(*greatest))]
            }
            Scale::Linear { least, .. } | Scale::Log { least, .. } => vec![(0.5, short(*least))],
            Scale::Names(names) => {
                let place = |index: usize| (index as f64 + 0.5) / names.len() as f64;
                names.iter().enumerate().map(|(index, name)| (place(index), text(name))).collect()
            }
        }
    }

    /// Tells whether its values grow by factors.
    pub(super) fn is_log(&self) -> bool {
        matches!(self.scale, Scale::Log { .. })
    }
}

/// A number in few characters.
pub(super) fn short(number: f64) -> String {
    match number.abs() {
        size if size != 0.0 && !(1e-3..1e6).contains(&size) => format!("{number:.2e}"),
        _ => {
            let text = format!("{number:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// A value as people write it.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(points: &[Value]) -> Vec<Column> {
        let trials: Vec<_> = points.iter().map(|point| TrialRecord::new("1".into(), point.clone())).collect();
        columns(&trials, 8)
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
        assert!(lr.is_log());
        assert_eq!([0, 1, 3].map(|row| lr.position(row)), [Some(0.0), Some(1.0), None]);
        assert!((lr.position(2).expect("a value") - 0.5).abs() < 1e-12);
        assert_eq!(columns[1].ticks(), [(0.25, "adam".to_owned()), (0.75, "sgd".to_owned())]);
    }

    #[test]
    fn lists_in_lists_have_a_column_for_every_number_up_to_a_limit() {
        let trial = TrialRecord::new("1".into(), json!({"w": [[1, 2], [3, 4]], "v": []}));
        let names = |most| columns(std::slice::from_ref(&trial), most).into_iter().map(|column| column.name);
        assert_eq!(names(8).collect::<Vec<_>>(), ["w[0][0]", "w[0][1]", "w[1][0]", "w[1][1]"]);
        assert_eq!(names(3).count(), 3);
    }

    #[test]
    fn one_small_value_does_not_make_a_scale_logarithmic() {
        let columns = of(&[1e-4, 2.0, 2.1, 2.2, 5.0].map(|b| json!({"B": b})));
        assert!(!columns[0].is_log());
        assert_eq!(columns[0].position(4), Some(1.0));
    }

    #[test]
    fn extreme_numbers_have_a_place() {
        let columns = of(&[json!({"x": f64::MIN}), json!({"x": 0}), json!({"x": f64::MAX})]);
        assert_eq!([0, 1, 2].map(|row| columns[0].position(row)), [Some(0.0), Some(0.5), Some(1.0)]);
        assert_eq!(of(&[json!({"x": 7})])[0].position(0), Some(0.5));
        assert_eq!([0.0, 2.5, 1e-7, -3e9].map(short), ["0", "2.5", "1.00e-7", "-3.00e9"]);
    }
}
