//! The parameters of a point as Optuna has them: each a number with a distribution.

use idds_workflow::{Grid, Number, OptSpace, Parameter, Point};
use serde_json::{Map, Value, json};

/// Half of the range that a parameter without bounds is shown in, unless its value is beyond.
const WIDE: f64 = 40.0;

/// A parameter of Optuna.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// Its name; items of a list are `w[0]`, `w[1]`, ….
    pub(super) name: String,
    /// What Optuna's storages keep of the value: the number, or the place of the choice.
    pub(super) internal: f64,
    pub(super) distribution: Value,
}

/// Returns the parameters of a point, and whether they say all of it.
pub(super) fn parts(space: Option<&OptSpace>, point: &Value) -> (Vec<Part>, bool) {
    let (Some(space), Some(values)) = (space, point.as_object()) else {
        return (Vec::new(), point.as_object().is_some_and(Map::is_empty));
    };
    let (mut parts, mut is_all) = (Vec::new(), true);
    let point = Point::from_value(point.clone()).unwrap_or_default();
    for (name, value) in values
        .iter()
        .filter(|(name, _)| space.is_active(name, &point))
    {
        let parameter = space.parameters().find(|(known, _)| known == name);
        let count = parts.len();
        if !parameter.is_some_and(|(_, parameter)| add(&mut parts, name, parameter, value)) {
            parts.truncate(count);
            is_all = false;
        }
    }
    (parts, is_all)
}

/// Adds the parameters of a value, and tells whether it is one of the parameter.
fn add(parts: &mut Vec<Part>, name: &str, parameter: &Parameter, value: &Value) -> bool {
    match (parameter, value) {
        (Parameter::Choice(choice), value) if choice.list_len().is_none() => {
            choose(parts, name, choice.choices(), value)
        }
        (Parameter::TransitionChoice(choice), value) if choice.list_len().is_none() => {
            choose(parts, name, choice.choices(), value)
        }
        (_, Value::Array(items)) => items.iter().enumerate().all(|(index, item)| {
            let name = format!("{name}[{index}]");
            match parameter {
                Parameter::Choice(choice) => choose(parts, &name, choice.choices(), item),
                Parameter::TransitionChoice(choice) => choose(parts, &name, choice.choices(), item),
                _ => add(parts, &name, parameter, item),
            }
        }),
        (_, value) => {
            let part = value.as_f64().and_then(|number| {
                Some(Part {
                    name: name.to_owned(),
                    internal: number,
                    distribution: numeric(parameter, number)?,
                })
            });
            parts.extend(part.clone());
            part.is_some()
        }
    }
}

fn choose(parts: &mut Vec<Part>, name: &str, choices: &[Value], value: &Value) -> bool {
    let is_same =
        |choice: &Value| choice == value || choice.is_number() && choice.as_f64() == value.as_f64();
    let Some(place) = choices.iter().position(is_same) else {
        return false;
    };
    // Optuna's choices are no lists and no objects.
    let shown = |choice: &Value| match choice {
        Value::Array(_) | Value::Object(_) => choice.to_string().into(),
        plain => plain.clone(),
    };
    let choices: Vec<Value> = choices.iter().map(shown).collect();
    parts.push(Part {
        name: name.to_owned(),
        internal: place as f64,
        distribution: json!({"name": "CategoricalDistribution", "attributes": {"choices": choices}}),
    });
    true
}

/// Returns the distribution of a number. One without bounds has those of its value and what is usual around it.
fn numeric(parameter: &Parameter, value: f64) -> Option<Value> {
    let bound = |number: Option<Number>| number.map(Number::as_f64);
    let around = |lower: Option<f64>, upper: Option<f64>, start: f64| {
        let low = lower.unwrap_or((start - WIDE).min(value));
        (low, upper.unwrap_or((start + WIDE).max(value)))
    };
    let (low, high, is_log) = match parameter {
        Parameter::Scalar(scalar) => {
            let start = bound(scalar.start()).unwrap_or_default();
            let (low, high) = around(bound(scalar.lower()), bound(scalar.upper()), start);
            (low, high, false)
        }
        Parameter::Array(array) => {
            let (low, high) = around(bound(array.lower()), bound(array.upper()), 0.0);
            (low, high, false)
        }
        Parameter::Log(log) => (log.lower().as_f64(), log.upper().as_f64(), true),
        Parameter::Normal(normal) => {
            let (mu, wide) = (normal.mu().as_f64(), 9.0 * normal.sigma().as_f64());
            ((mu - wide).min(value), (mu + wide).max(value), false)
        }
        Parameter::LogNormal(_) => (0.0, value.max(WIDE), false),
        _ => return None,
    };
    Some(distribution(parameter.grid(), (low, high), is_log))
}

fn distribution(grid: Option<Grid>, (low, high): (f64, f64), is_log: bool) -> Value {
    let step = grid.map_or(0.0, |grid| grid.step().as_f64());
    // Optuna wants bounds that are multiples of the step.
    let (low, high) = match grid {
        Some(_) => (
            (low / step - 1e-9).ceil() * step,
            (high / step + 1e-9).floor() * step,
        ),
        None => (low, high),
    };
    match grid {
        // Integers on a logarithmic scale have a step of 1.
        Some(grid) if grid.is_integer() => {
            let is_log = is_log && step == 1.0;
            json!({"name": "IntDistribution", "attributes": {
                "log": is_log, "step": step as i64, "low": low as i64, "high": high as i64,
            }})
        }
        // And other numbers on one have none.
        Some(_) if !is_log => json!({"name": "FloatDistribution", "attributes": {
            "step": step, "low": low, "high": high, "log": false,
        }}),
        _ => json!({"name": "FloatDistribution", "attributes": {
            "step": null, "low": low, "high": high, "log": is_log,
        }}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_parameter_has_a_distribution() {
        let space = OptSpace::builder()
            .log("lr", 1e-4..=0.1)
            .integer("depth", 1..=9)
            .choice("batch", [json!(64), json!([1, 2])])
            .array("w", [2], 0..=1)
            .build()
            .expect("a space");
        let point = json!({"lr": 0.01, "depth": 3, "batch": [1, 2], "w": [0.5, 0.25]});
        let (parts, is_all) = parts(Some(&space), &point);
        assert!(is_all);
        let shown: Vec<_> = parts
            .iter()
            .map(|part| {
                format!(
                    "{} {} {}",
                    part.name, part.internal, part.distribution["attributes"]
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#"lr 0.01 {"step":null,"low":0.0001,"high":0.1,"log":true}"#,
                r#"depth 3 {"log":false,"step":1,"low":1,"high":9}"#,
                r#"batch 1 {"choices":[64,"[1,2]"]}"#,
                r#"w[0] 0.5 {"step":null,"low":0.0,"high":1.0,"log":false}"#,
                r#"w[1] 0.25 {"step":null,"low":0.0,"high":1.0,"log":false}"#,
            ]
        );
    }

    #[test]
    fn what_is_no_point_of_the_space_is_not_all_said() {
        let space = OptSpace::builder()
            .choice("A", [1, 4])
            .build()
            .expect("a space");
        assert_eq!(parts(Some(&space), &json!({"A": 2})), (Vec::new(), false));
        assert_eq!(
            parts(Some(&space), &json!([7, {"A": 1}])),
            (Vec::new(), false)
        );
        assert_eq!(parts(None, &json!({"A": 1})), (Vec::new(), false));
        assert_eq!(parts(None, &json!({})), (Vec::new(), true));
    }
}
