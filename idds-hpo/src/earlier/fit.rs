//! Which earlier trials are trials of a space.

use std::collections::HashMap;

use idds_workflow::{OptSpace, Parameter, Point};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{EarlierTrial, EarlierTrials, FittedTrials};
use crate::Direction;

/// How many reasons are told apart; further ones count together.
const MOST_REASONS: usize = 50;

pub(super) fn fit(earlier: &EarlierTrials, space: &OptSpace, direction: Direction) -> FittedTrials {
    let mut fitted = FittedTrials {
        left_out: earlier.left_out.clone(),
        ..FittedTrials::default()
    };
    let assumed: HashMap<&str, &Value> = earlier
        .assumed
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect();
    let mut places: HashMap<String, usize> = HashMap::new();
    for found in &earlier.found {
        let Some(loss) = found.outcome.loss(direction) else {
            leave_out(
                &mut fitted.left_out,
                format!("their objective had the other direction, this one is to {direction}"),
            );
            continue;
        };
        let point = match point(space, &found.parameters, &assumed) {
            Ok(point) => point,
            Err(reason) => {
                leave_out(&mut fitted.left_out, reason);
                continue;
            }
        };
        if !found.is_of_table {
            let others = found
                .parameters
                .keys()
                .filter(|name| point.get(name).is_none());
            for name in others {
                let unknown = !space.parameters().any(|(known, _)| known == name);
                if unknown
                    && (fitted.ignored.len() < MOST_REASONS || fitted.ignored.contains_key(name))
                {
                    *fitted.ignored.entry(name.clone()).or_default() += 1;
                }
            }
        }
        let trial = EarlierTrial {
            source: found.source.clone(),
            parameters: point,
            loss,
        };
        match places.get(&trial.parameters.to_string()) {
            Some(place) => {
                fitted.trials[*place] = trial;
                leave_out(
                    &mut fitted.left_out,
                    "a later trial has the same parameters".to_owned(),
                );
            }
            None => {
                places.insert(trial.parameters.to_string(), fitted.trials.len());
                fitted.trials.push(trial);
            }
        }
    }
    fitted
}

/// Returns the point of the space that a trial had, or why it had none.
fn point(
    space: &OptSpace,
    parameters: &Map<String, Value>,
    assumed: &HashMap<&str, &Value>,
) -> Result<Point, String> {
    // Those that a parameter depends on stand before it.
    let mut point = Point::new();
    for (name, parameter) in space.parameters() {
        if !space.is_active(name, &point) {
            continue;
        }
        let value = parameters
            .get(name)
            .or_else(|| assumed.get(name).copied())
            .or_else(|| only_value(parameter));
        if let Some(value) = value {
            point = point.with(name, converted(parameter, value));
        }
    }
    let Err(error) = space.check(&point) else {
        return Ok(point);
    };
    let problem = error.problems().first().expect("an error has a problem");
    let at = problem.at();
    let at = at.strip_prefix("point.").unwrap_or(at);
    Err(match point.get(at) {
        None if space.parameters().any(|(name, _)| name == at) => format!(
            "they lack {at}; give the value that it had when they were evaluated, if it had one"
        ),
        _ => format!("{at} is outside of the space"),
    })
}

/// Returns the value of a parameter that can have no other.
fn only_value(parameter: &Parameter) -> Option<&Value> {
    match parameter {
        Parameter::Choice(choice) if choice.list_len().is_none() => match choice.choices() {
            [only] => Some(only),
            _ => None,
        },
        _ => None,
    }
}

/// Gives a value the form that the space has it in.
fn converted(parameter: &Parameter, value: &Value) -> Value {
    let choose = |choices: &[Value], value: &Value| {
        let same = choices.iter().find(|choice| is_same(choice, value));
        same.cloned().unwrap_or_else(|| value.clone())
    };
    let all = |choices: &[Value]| match value {
        Value::Array(items) if !choices.contains(value) => {
            items.iter().map(|item| choose(choices, item)).collect()
        }
        value => choose(choices, value),
    };
    match parameter {
        Parameter::Choice(choice) => all(choice.choices()),
        Parameter::TransitionChoice(choice) => all(choice.choices()),
        Parameter::Untyped(_) => value.clone(),
        parameter => {
            let grid = parameter.grid();
            let is_integer = grid.is_some_and(|grid| grid.is_integer());
            number(value, is_integer)
        }
    }
}

/// Writes whole numbers as integers where those are wanted.
fn number(value: &Value, is_integer: bool) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| number(item, is_integer)).collect(),
        value if is_integer && !value.is_i64() => match value.as_f64() {
            Some(whole) if whole.fract() == 0.0 && whole.abs() < 2_f64.powi(53) => {
                Value::from(whole as i64)
            }
            _ => value.clone(),
        },
        value => value.clone(),
    }
}

/// Tells whether a value means a choice: numbers by their values, and in a table also as text.
fn is_same(choice: &Value, value: &Value) -> bool {
    if choice == value {
        return true;
    }
    match (choice, value) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::String(text), value) | (value, Value::String(text)) => {
            let written = value.to_string();
            !value.is_string() && *text == written
        }
        _ => false,
    }
}

fn leave_out(reasons: &mut IndexMap<String, usize>, reason: String) {
    let reason = match reasons.len() < MOST_REASONS || reasons.contains_key(&reason) {
        true => reason,
        false => "other reasons".to_owned(),
    };
    *reasons.entry(reason).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn space() -> OptSpace {
        OptSpace::builder()
            .log("lr", 1e-4..=0.1)
            .integer("depth", 1..=9)
            .choice("batch", [json!(64), json!("128")])
            .build()
            .expect("a space")
    }

    fn fitted(table: &str) -> FittedTrials {
        let earlier = EarlierTrials::new()
            .csv("t", table.as_bytes())
            .expect("a table");
        earlier.fit(&space(), Direction::Minimize)
    }

    #[test]
    fn values_get_the_form_of_the_space() {
        let fitted = fitted("lr,depth,batch,loss,host\n0.01,3.0,64.0,0.5,a\n0.02,4,128,0.25,b\n");
        let points: Vec<_> = fitted
            .trials
            .iter()
            .map(|trial| trial.parameters.to_string())
            .collect();
        assert_eq!(
            points,
            [
                r#"{"lr":0.01,"depth":3,"batch":64}"#,
                r#"{"lr":0.02,"depth":4,"batch":"128"}"#
            ]
        );
        assert!(fitted.left_out.is_empty() && fitted.ignored.is_empty());
    }

    #[test]
    fn what_does_not_fit_is_counted_by_its_reason() {
        let fitted = fitted(
            "lr,depth,batch,loss\n0.5,3,64,1\n0.01,10,64,1\n0.02,2.5,64,1\n0.01,3,,1\n0.01,3,64,\n0.01,3,64,inf\n0.01,3,64,2\n0.01,3,64,3\n",
        );
        let told: Vec<_> = fitted
            .left_out
            .iter()
            .map(|(reason, count)| (reason.as_str(), *count))
            .collect();
        assert_eq!(
            told,
            [
                ("they have no loss", 1),
                ("their loss is not finite", 1),
                ("lr is outside of the space", 1),
                ("depth is outside of the space", 2),
                (
                    "they lack batch; give the value that it had when they were evaluated, if it had one",
                    1
                ),
                ("a later trial has the same parameters", 1),
            ]
        );
        assert_eq!(fitted.trials.len(), 1);
        assert_eq!(fitted.trials[0].loss.get(), 3.0);
    }

    #[test]
    fn what_does_not_exist_in_a_point_is_not_missed() {
        let space = OptSpace::builder()
            .choice("optimizer", ["adam", "sgd"])
            .when("optimizer", ["sgd"], |space| {
                space.scalar("momentum", 0..=1)
            })
            .build()
            .expect("a space");
        let table = "optimizer,momentum,loss\nadam,,1\nsgd,0.5,2\nadam,0.5,3\nsgd,,4\n";
        let earlier = EarlierTrials::new()
            .csv("t", table.as_bytes())
            .expect("a table");
        let fitted = earlier.fit(&space, Direction::Minimize);
        let points: Vec<_> = fitted
            .trials
            .iter()
            .map(|trial| trial.parameters.to_string())
            .collect();
        assert_eq!(
            points,
            [
                r#"{"optimizer":"adam"}"#,
                r#"{"optimizer":"sgd","momentum":0.5}"#
            ]
        );
        assert_eq!(fitted.trials[0].loss.get(), 3.0);
        assert_eq!(fitted.left_out.len(), 2);
    }

    #[test]
    fn values_are_turned_and_losses_are_not() {
        let table = |text: &str| {
            let earlier = EarlierTrials::new()
                .csv("t", text.as_bytes())
                .expect("a table");
            earlier.fit(&space(), Direction::Maximize).trials[0]
                .loss
                .get()
        };
        assert_eq!(
            table("params_lr,params_depth,params_batch,value,state\n0.01,3,64,0.75,COMPLETE\n"),
            -0.75
        );
        assert_eq!(
            table("lr,depth,batch,value,loss\n0.01,3,64,0.75,-0.5\n"),
            -0.5
        );
    }
}
