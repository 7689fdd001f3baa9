//! The journal of Optuna's `JournalStorage`: a line of JSON for each operation.

use idds_workflow::python_json;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::StudyError;
use super::study::{OptunaStudy, OptunaTrial, TrialState, external};

/// Numbers of the operations.
pub(super) mod op {
    pub(in super::super) const CREATE_STUDY: i64 = 0;
    pub(in super::super) const DELETE_STUDY: i64 = 1;
    pub(in super::super) const SET_STUDY_USER_ATTR: i64 = 2;
    pub(in super::super) const CREATE_TRIAL: i64 = 4;
    pub(in super::super) const SET_TRIAL_PARAM: i64 = 5;
    pub(in super::super) const SET_TRIAL_STATE_VALUES: i64 = 6;
    pub(in super::super) const SET_TRIAL_INTERMEDIATE_VALUE: i64 = 7;
    pub(in super::super) const SET_TRIAL_USER_ATTR: i64 = 8;
    /// The greatest one; others change nothing that is read here.
    pub(in super::super) const LAST: i64 = 10;
}

/// What a file says as far as it was read, by the rules by which Optuna reads it: what is about a study that there is not, or about a
/// trial that is over, has no effect.
#[derive(Debug, Default)]
pub(super) struct Replay {
    /// Studies by their ids; none for those that were deleted.
    studies: Vec<Option<OptunaStudy>>,
    /// For each trial of the file its study and its place there.
    trials: Vec<(usize, usize)>,
    /// Lines that were read.
    lines: usize,
}

/// An operation, with the fields that any of them has.
#[derive(Deserialize)]
struct Operation {
    op_code: i64,
    study_id: Option<usize>,
    study_name: Option<String>,
    #[serde(default)]
    directions: Vec<i64>,
    trial_id: Option<usize>,
    state: Option<i64>,
    value: Option<f64>,
    values: Option<Vec<f64>>,
    #[serde(default)]
    params: IndexMap<String, f64>,
    #[serde(default)]
    distributions: IndexMap<String, String>,
    #[serde(default)]
    user_attrs: IndexMap<String, Value>,
    #[serde(default)]
    intermediate_values: IndexMap<String, f64>,
    param_name: Option<String>,
    param_value_internal: Option<f64>,
    distribution: Option<String>,
    step: Option<i64>,
    intermediate_value: Option<f64>,
    #[serde(default)]
    user_attr: IndexMap<String, Value>,
}

impl Replay {
    /// Reads further lines, and returns how many bytes of them were whole.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<usize, StudyError> {
        let mut whole = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(text) = line.strip_suffix(b"\n") else {
                break;
            };
            self.lines += 1;
            self.line(text)
                .map_err(|error| StudyError::new(format!("line {}: {error}", self.lines)))?;
            whole += line.len();
        }
        Ok(whole)
    }

    fn line(&mut self, text: &[u8]) -> Result<(), StudyError> {
        // Python writes NaN and infinities as such.
        let operation: Operation =
            python_json::read(text).map_err(|error| StudyError::new(error.to_string()))?;
        let lacks = |field: &str| StudyError::new(format!("{field} is missing"));
        match operation.op_code {
            op::CREATE_STUDY => {
                let name = operation.study_name.ok_or_else(|| lacks("study_name"))?;
                if self.studies().any(|study| study.name == name) {
                    return Ok(());
                }
                let maximizes = operation.directions.iter().map(|code| *code == 2);
                self.studies.push(Some(OptunaStudy {
                    name,
                    maximizes: maximizes.collect(),
                    trials: Vec::new(),
                }));
            }
            op::DELETE_STUDY => {
                let id = operation.study_id.ok_or_else(|| lacks("study_id"))?;
                if let Some(study) = self.studies.get_mut(id) {
                    *study = None;
                }
            }
            op::CREATE_TRIAL => {
                let id = operation.study_id.ok_or_else(|| lacks("study_id"))?;
                let trial = created(&operation)?;
                if let Some(Some(study)) = self.studies.get_mut(id) {
                    self.trials.push((id, study.trials.len()));
                    study.trials.push(trial);
                }
            }
            code @ op::SET_TRIAL_PARAM..=op::SET_TRIAL_USER_ATTR => {
                let id = operation.trial_id.ok_or_else(|| lacks("trial_id"))?;
                let Some(trial) = self.trial(id).filter(|trial| !trial.state.is_finished()) else {
                    return Ok(());
                };
                change(trial, code, operation)?;
            }
            code if (0..=op::LAST).contains(&code) => {}
            code => return Err(StudyError::new(format!("there is no operation {code}"))),
        }
        Ok(())
    }

    fn trial(&mut self, id: usize) -> Option<&mut OptunaTrial> {
        let (study, place) = *self.trials.get(id)?;
        self.studies.get_mut(study)?.as_mut()?.trials.get_mut(place)
    }

    /// Returns the study of this name with its id.
    pub(super) fn study(&self, name: &str) -> Option<(usize, &OptunaStudy)> {
        let mut studies = self.studies.iter().enumerate();
        studies
            .find_map(|(id, study)| Some((id, study.as_ref().filter(|study| study.name == name)?)))
    }

    /// Returns the id that the next study gets.
    pub(super) fn next_study(&self) -> usize {
        self.studies.len()
    }

    /// Returns the id that the next trial gets.
    pub(super) fn next_trial(&self) -> usize {
        self.trials.len()
    }

    /// Returns the trial of this id.
    pub(super) fn known_trial(&self, id: usize) -> Option<&OptunaTrial> {
        let (study, place) = *self.trials.get(id)?;
        self.studies.get(study)?.as_ref()?.trials.get(place)
    }

    /// Returns the trial of this id if it is one of a study.
    pub(super) fn trial_of(&self, study: usize, id: usize) -> Option<&OptunaTrial> {
        let is_there = self.trials.get(id).is_some_and(|(of, _)| *of == study);
        self.known_trial(id).filter(|_| is_there)
    }

    /// Returns the studies that there are.
    pub(super) fn studies(&self) -> impl Iterator<Item = &OptunaStudy> {
        self.studies.iter().flatten()
    }

    pub(super) fn into_studies(self) -> Vec<OptunaStudy> {
        self.studies.into_iter().flatten().collect()
    }
}

fn state(code: i64) -> Result<TrialState, StudyError> {
    TrialState::of_code(code).ok_or_else(|| StudyError::new(format!("there is no state {code}")))
}

fn created(operation: &Operation) -> Result<OptunaTrial, StudyError> {
    let mut trial = OptunaTrial::new(state(operation.state.unwrap_or(0))?);
    for (name, internal) in &operation.params {
        let distribution = operation
            .distributions
            .get(name)
            .ok_or_else(|| StudyError::new(format!("{name} has no distribution")))?;
        trial
            .parameters
            .insert(name.clone(), external(distribution, *internal)?);
    }
    for (step, value) in &operation.intermediate_values {
        let step = step
            .parse()
            .map_err(|_| StudyError::new(format!("{step} is no step")))?;
        trial.intermediate.insert(step, *value);
    }
    trial.values = match (&operation.values, operation.value) {
        (Some(values), _) => values.clone(),
        (None, value) => value.into_iter().collect(),
    };
    trial.user_attributes.clone_from(&operation.user_attrs);
    Ok(trial)
}

fn change(trial: &mut OptunaTrial, code: i64, operation: Operation) -> Result<(), StudyError> {
    let lacks = |field: &str| StudyError::new(format!("{field} is missing"));
    match code {
        op::SET_TRIAL_PARAM => {
            let name = operation.param_name.ok_or_else(|| lacks("param_name"))?;
            let distribution = operation
                .distribution
                .ok_or_else(|| lacks("distribution"))?;
            let internal = operation
                .param_value_internal
                .ok_or_else(|| lacks("param_value_internal"))?;
            trial
                .parameters
                .insert(name, external(&distribution, internal)?);
        }
        op::SET_TRIAL_STATE_VALUES => {
            trial.state = state(operation.state.ok_or_else(|| lacks("state"))?)?;
            if let Some(values) = operation.values {
                trial.values = values;
            }
        }
        op::SET_TRIAL_INTERMEDIATE_VALUE => {
            let step = operation.step.ok_or_else(|| lacks("step"))?;
            let value = operation.intermediate_value.unwrap_or(f64::NAN);
            trial.intermediate.insert(step, value);
        }
        _ => trial.user_attributes.extend(operation.user_attr),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LINES: &str = concat!(
        r#"{"op_code":0,"worker_id":"a","study_name":"gone","directions":[1]}"#,
        "\n",
        r#"{"op_code":0,"worker_id":"a","study_name":"kept","directions":[2]}"#,
        "\n",
        r#"{"op_code":1,"worker_id":"a","study_id":0}"#,
        "\n",
        r#"{"op_code":4,"worker_id":"a","study_id":0,"datetime_start":null}"#,
        "\n",
        r#"{"op_code":4,"worker_id":"a","study_id":1,"datetime_start":null}"#,
        "\n",
        r#"{"op_code":5,"worker_id":"a","trial_id":0,"param_name":"x","param_value_internal":2.0,"distribution":"{\"name\": \"IntDistribution\", \"attributes\": {}}"}"#,
        "\n",
        r#"{"op_code":7,"worker_id":"a","trial_id":0,"step":3,"intermediate_value":NaN}"#,
        "\n",
        r#"{"op_code":6,"worker_id":"a","trial_id":0,"state":1,"values":[Infinity]}"#,
        "\n",
        r#"{"op_code":6,"worker_id":"a","trial_id":0,"state":3,"values":null}"#,
        "\n",
        r#"{"op_code":6,"worker_id":"a","tri"#,
    );

    #[test]
    fn what_optuna_makes_of_a_journal_is_read() {
        let studies = OptunaStudy::parse_journal(LINES.as_bytes()).expect("a journal");
        assert_eq!(studies.len(), 1);
        let study = &studies[0];
        assert_eq!(
            (study.name.as_str(), &study.maximizes[..]),
            ("kept", &[true][..])
        );
        let [trial] = &study.trials[..] else {
            panic!("one trial")
        };
        assert_eq!(trial.state, TrialState::Complete);
        assert_eq!(trial.parameters["x"], json!(2));
        assert_eq!(trial.values, [f64::INFINITY]);
        assert!(trial.intermediate[&3].is_nan());
    }

    #[test]
    fn what_is_wrong_in_a_journal_is_named_by_its_line() {
        for (line, message) in [
            ("{\"op_code\":0}\n", "line 1: study_name is missing"),
            ("{\"op_code\":11}\n", "line 1: there is no operation 11"),
            (
                "{\"op_code\":4,\"study_id\":0,\"state\":9}\n",
                "line 1: there is no state 9",
            ),
        ] {
            let error = OptunaStudy::parse_journal(line.as_bytes()).expect_err(line);
            assert_eq!(error.to_string(), message);
        }
    }
}
