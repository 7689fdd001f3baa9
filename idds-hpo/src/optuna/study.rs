//! Studies of Optuna as they stand in its storages.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::StudyError;

/// A study of Optuna.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct OptunaStudy {
    /// Its name.
    pub name: String,
    /// For each objective whether it is maximized.
    pub maximizes: Vec<bool>,
    /// Its trials in their order.
    pub trials: Vec<OptunaTrial>,
}

/// A trial of a study of Optuna.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OptunaTrial {
    /// How far it has come.
    pub state: TrialState,
    /// Its parameters, as the objective saw them.
    pub parameters: IndexMap<String, Value>,
    /// Its values, one for each objective; NaN and infinities as they are.
    pub values: Vec<f64>,
    /// Its intermediate values by their steps.
    pub intermediate: IndexMap<i64, f64>,
    /// Attributes that a user has set.
    pub user_attributes: IndexMap<String, Value>,
}

/// How far a trial of Optuna has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TrialState {
    /// Being evaluated.
    Running,
    /// Evaluated to its end.
    Complete,
    /// Cut short.
    Pruned,
    /// Failed.
    Fail,
    /// To be evaluated.
    Waiting,
}

impl TrialState {
    /// Its number in a journal of Optuna.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Running => 0,
            Self::Complete => 1,
            Self::Pruned => 2,
            Self::Fail => 3,
            Self::Waiting => 4,
        }
    }

    pub(super) fn of_code(code: i64) -> Option<Self> {
        [
            Self::Running,
            Self::Complete,
            Self::Pruned,
            Self::Fail,
            Self::Waiting,
        ]
        .into_iter()
        .find(|state| i64::from(state.code()) == code)
    }

    /// Reads its name in a database of Optuna.
    #[cfg(feature = "sqlite")]
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "RUNNING" => Self::Running,
            "COMPLETE" => Self::Complete,
            "PRUNED" => Self::Pruned,
            "FAIL" => Self::Fail,
            "WAITING" => Self::Waiting,
            _ => return None,
        })
    }

    /// Tells whether nothing becomes of the trial any more.
    pub(super) fn is_finished(self) -> bool {
        matches!(self, Self::Complete | Self::Pruned | Self::Fail)
    }
}

impl OptunaTrial {
    pub(super) fn new(state: TrialState) -> Self {
        Self {
            state,
            parameters: IndexMap::new(),
            values: Vec::new(),
            intermediate: IndexMap::new(),
            user_attributes: IndexMap::new(),
        }
    }
}

/// What the text of a distribution says.
#[derive(Deserialize)]
struct Distribution {
    name: String,
    attributes: Attributes,
}

#[derive(Deserialize)]
struct Attributes {
    #[serde(default)]
    choices: Vec<Value>,
}

/// Returns the value of a parameter, of which storages keep a number: the place of a choice.
pub(super) fn external(distribution: &str, internal: f64) -> Result<Value, StudyError> {
    let read: Distribution = serde_json::from_str(distribution)
        .map_err(|error| StudyError::new(format!("a distribution cannot be read: {error}")))?;
    match read.name.as_str() {
        "CategoricalDistribution" => {
            let choice = (internal.fract() == 0.0 && internal >= 0.0)
                .then(|| read.attributes.choices.get(internal as usize))
                .flatten();
            choice.cloned().ok_or_else(|| {
                let count = read.attributes.choices.len();
                StudyError::new(format!("there is no choice {internal} among {count}"))
            })
        }
        // The last two are those of Optuna before 3.0.
        "IntDistribution" | "IntUniformDistribution" | "IntLogUniformDistribution" => {
            Ok(json!(internal as i64))
        }
        _ => Ok(Number::from_f64(internal).map_or(Value::Null, Value::Number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_distribution_are_read() {
        let of = |text: &str, internal| external(text, internal).map_err(|error| error.to_string());
        let choices =
            r#"{"name": "CategoricalDistribution", "attributes": {"choices": ["adam", null, 3]}}"#;
        assert_eq!(of(choices, 0.0), Ok(json!("adam")));
        assert_eq!(of(choices, 1.0), Ok(Value::Null));
        assert_eq!(
            of(choices, 3.0),
            Err("there is no choice 3 among 3".to_owned())
        );
        assert!(of(choices, -1.0).is_err() && of(choices, f64::NAN).is_err());
        let integer = r#"{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 9}}"#;
        assert_eq!(of(integer, 4.0), Ok(json!(4)));
        let float = r#"{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}"#;
        assert_eq!(of(float, 1.0), Ok(json!(1.0)));
        assert!(of("[]", 1.0).is_err());
    }
}
