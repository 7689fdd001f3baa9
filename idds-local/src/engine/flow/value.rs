//! Attributes of works, as Python has them.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::definition::Definition;
use super::run::Run;

/// Tells whether Python takes a value for true.
pub(super) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// Tells whether Python takes two values for equal: 1, 1.0 and True are.
pub(super) fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| is_equal(value, other)))
        }
        (Value::Number(_) | Value::Bool(_), Value::Number(_) | Value::Bool(_)) => {
            match (integer(one), integer(other)) {
                (Some(one), Some(other)) => one == other,
                _ => number(one) == number(other),
            }
        }
        _ => one == other,
    }
}

fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(value) => Some(i128::from(*value)),
        Value::Number(number) => number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from)),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Number(number) => number.as_f64(),
        _ => None,
    }
}

/// What a run of a work has got and said.
#[derive(Clone, Debug, Default)]
pub(super) struct StepValues {
    /// Attributes that were set when it started, by links and global parameters, and by what it said.
    pub(super) set: Vec<(String, Arc<Value>)>,
    pub(super) parameters: Option<Map<String, Value>>,
    pub(super) output: Map<String, Value>,
}

impl StepValues {
    pub(super) fn get(&self, name: &str) -> Option<&Arc<Value>> {
        self.set
            .iter()
            .find(|(set, _)| set == name)
            .map(|(_, value)| value)
    }

    pub(super) fn set(&mut self, name: &str, value: Arc<Value>) {
        match self.set.iter_mut().find(|(set, _)| set == name) {
            Some((_, old)) => *old = value,
            None => self.set.push((name.to_owned(), value)),
        }
    }

    /// Takes what a run has said; Python makes an attribute `user_NAME` of each.
    pub(super) fn say(&mut self, output: &Map<String, Value>) {
        self.output = output.clone();
        for (name, value) in output {
            self.set(&format!("user_{name}"), Arc::new(value.clone()));
        }
    }
}

/// Returns an attribute of a run of a work.
pub(super) fn attribute(
    definition: &Definition,
    run: &Run,
    step: usize,
    name: &str,
) -> Option<Arc<Value>> {
    let values = run.steps[step].values.as_deref();
    if let Some(set) = values.and_then(|values| values.get(name)) {
        return Some(set.clone());
    }
    let def = definition.workflows[run.workflow].step(step)?;
    def.reads.as_ref()?.attributes.get(name).cloned()
}

/// Tells whether a run of a work has done what its custom conditions ask.
pub(super) fn custom_condition(definition: &Definition, run: &Run, step: usize) -> bool {
    let reads = definition.workflows[run.workflow].steps.get(step);
    let Some(work) = reads.and_then(|step| step.reads.as_deref()) else {
        return false;
    };
    let said = |key: &str| -> Arc<Value> {
        let values = run.steps[step].values.as_deref();
        if let Some(value) = values.and_then(|values| values.output.get(key)) {
            return Arc::new(value.clone());
        }
        let found = attribute(definition, run, step, &format!("user_{key}"))
            .or_else(|| attribute(definition, run, step, key));
        found
            .filter(|value| is_truthy(value))
            .unwrap_or_else(|| Arc::new(Value::Null))
    };
    if work
        .any_of
        .iter()
        .any(|(key, value)| is_equal(&said(key), value))
    {
        return true;
    }
    !work.all_of.is_empty()
        && work
            .all_of
            .iter()
            .all(|(key, value)| is_equal(&said(key), value))
}

/// Returns what a link reads of a step that has ended.
///
/// What Python takes for false is passed as null, and an attribute that is not there as the text "None".
pub(super) fn source(
    definition: &Definition,
    run: &Run,
    step: usize,
    name: &str,
    suffix: &str,
    number: u32,
) -> Value {
    let workflow = &definition.workflows[run.workflow];
    let Some(def) = workflow.steps.get(step) else {
        return Value::Null;
    };
    if let Some(inner) = def.workflow {
        let inner = &definition.workflows[inner];
        return match name {
            "name" => inner.name.clone().into(),
            "num_run" => number.into(),
            "get_internal_id" => inner.id.clone().into(),
            _ => "None".into(),
        };
    }
    let values = run.steps[step].values.as_deref();
    let reads = def.reads.as_deref();
    let name = match name {
        "get_work_name" => "work_name",
        "get_internal_id" => "internal_id",
        "get_output_data" => "output_data",
        "get_parameters" => "parameters",
        "get_arguments" => "arguments",
        "get_loop_index" => "num_run",
        "get_primary_input_collection" => "primary_input_collection",
        "get_primary_output_collection" => "primary_output_collection",
        other => other,
    };
    let collection = |own: Option<&Value>, suffix: &str| match own {
        Some(own) => {
            let mut collection = own.clone();
            if let Some(Value::String(name)) = collection.get_mut("name")
                && !name.contains("___idds___")
            {
                name.push_str(suffix);
            }
            json!({ "scope": collection["scope"], "name": collection["name"] })
        }
        None => Value::Null,
    };
    let set = values.and_then(|values| values.get(name));
    let value = match name {
        "primary_input_collection" => collection(
            set.map(|set| &**set)
                .or(reads.and_then(|work| work.input.as_ref())),
            "",
        ),
        // A collection that was set by a link is set once more, after the number of the loop was appended to the one before it.
        "primary_output_collection" => match set {
            Some(set) => collection(
                Some(set),
                suffix
                    .trim_start_matches('.')
                    .find('.')
                    .map_or("", |dot| &suffix[dot..]),
            ),
            None => collection(reads.and_then(|work| work.output.as_ref()), suffix),
        },
        "output_data" => values.map_or(Value::Null, |values| values.output.clone().into()),
        "num_run" => number.into(),
        "internal_id" => def.id.clone().into(),
        "work_name" => def.name.clone().into(),
        "parameters" if values.is_some_and(|values| values.parameters.is_some()) => values
            .and_then(|values| values.parameters.clone())
            .map_or(Value::Null, Value::Object),
        name => match attribute(definition, run, step, name) {
            Some(value) => (*value).clone(),
            None => return "None".into(),
        },
    };
    if is_truthy(&value) {
        value
    } else {
        Value::Null
    }
}
