//! The parameters of all points as columns, each with a scale.

use serde_json::Value;

use crate::TrialRecord;

/// How many items of a list get a column of their own.
const MAX_ITEMS: usize = 8;

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

/// Returns the columns of all points, in the order in which their names appear.
pub(super) fn columns(trials: &[TrialRecord]) -> Vec<Column> {
    let mut columns: Vec<(String, Vec<Option<Value>>)> = Vec::new();
    for (row, trial) in trials.iter().enumerate() {
        for (name, value) in flat(&trial.parameters) {
            let index = columns.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                columns.push((name, vec![None; trials.len()]));
                columns.len() - 1
            });
            columns[index].1[row] = Some(value);
        }
    }
    columns.into_iter().map(|(name, values)| Column { scale: Scale::of(&values), name, values }).collect()
}

/// The values of a point with their names.
fn flat(parameters: &Value) -> Vec<(String, Value)> {
    match parameters {
        Value::Object(members) => members.iter().flat_map(|(name, value)| items(name, value)).collect(),
        // A point of a segmented space.
        Value::Array(pair) if pair.len() == 2 && pair[1].is_object() => {
            std::iter::once(("model".to_owned(), pair[0].clone())).chain(flat(&pair[1])).collect()
        }
        other => items("value", other),
    }
}

fn items(name: &str, value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Array(items) => {
            let named = |(index, item): (usize, &Value)| (format!("{name}[{index}]"), item.clone());
            items.iter().take(MAX_ITEMS).enumerate().map(named).collect()
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
        columns(&trials)
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
