//! Documents of every schema, right and wrong, and what our readers say about them.

use idds_workflow::{
    AnyWork, Error, EvaluationOutput, OptSpace, Point, SteeringInput, SteeringOutput, Step,
    Workflow, schemas,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::documents;

/// A document, and the file of the schema it is for.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) schema: String,
    pub(crate) document: Value,
}

/// What our reader says about a document.
pub(crate) enum Reading {
    Accepted,
    /// Refused for a reason that a schema could give.
    Refused(String),
    /// Refused for reasons that JSON Schema has no words for.
    RefusedBeyondSchema,
}

/// Says why documents are refused that their schemas accept: `schemas` lists these reasons.
const BEYOND_SCHEMA: [&str; 40] = [
    "is no step of the workflow",
    "jobs wait for the task",
    "which has no such job",
    "which has no such event",
    "it can never start",
    "can ever start",
    "is no work of the workflow",
    "is not one of the initial steps",
    "wait for each other",
    "never start",
    "which cannot be asked",
    "ATLASActuatorWork has it",
    "is no global parameter that is a list",
    "is not one of the",
    "asks no step",
    "without members",
    "releases no step",
    "is an integer above",
    "is not below the upper bound",
    "is below the lower bound",
    "is above the upper bound",
    "there is not a",
    "to tell multiples of",
    "is not a multiple of",
    "is not an integer",
    "numbers; the server can store at most",
    "would become a Python object",
    "jobParameters[",
    "log.dataset: ",
    "is not the taskName",
    "although the task has jobs",
    "which event service needs",
    "is also that of jobs[",
    "the one before it in the group",
    "is the name of an earlier job",
    "waits twice for",
    "which the server takes for",
    "has a name of",
    "dialect cannot carry",
    "gives the model",
];

impl Sample {
    pub(crate) fn verdict(&self) -> Reading {
        let text = self.document.to_string();
        let said = match self.schema.as_str() {
            "workflow.json" => Workflow::from_json(&text)
                .map(drop)
                .map_err(|error| reasons(&error)),
            "opt_space.json" => OptSpace::from_value(&self.document)
                .map(drop)
                .map_err(|error| reasons(&error)),
            "point.json" | "evaluation_input.json" => Point::from_value(self.document.clone())
                .map(drop)
                .map_err(|error| reasons(&error)),
            "steering_input.json" => read::<SteeringInput>(&text),
            "steering_output.json" => read::<SteeringOutput>(&text),
            "evaluation_output.json" => read::<EvaluationOutput>(&text),
            work => match self.document["type"].as_str() {
                // `AnyWork` would read works of other types, too.
                Some(kind) if work == format!("work_{kind}.json") => read::<AnyWork>(&text),
                _ => Err(vec!["is of another type".to_owned()]),
            },
        };
        match said {
            Ok(()) => Reading::Accepted,
            Err(reasons) => {
                let is_point_outside = |reason: &str| {
                    reason.contains("initial_points[") && !reason.contains("invalid")
                };
                let is_beyond = |reason: &String| {
                    is_point_outside(reason)
                        || BEYOND_SCHEMA.iter().any(|words| reason.contains(words))
                };
                if reasons.iter().all(is_beyond) {
                    Reading::RefusedBeyondSchema
                } else {
                    Reading::Refused(reasons.join("; "))
                }
            }
        }
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<(), Vec<String>> {
    serde_json::from_str::<T>(text).map(drop).map_err(|error| {
        // Some reasons have a semicolon themselves.
        let joins = [
            "at most",
            "there are",
            "did you mean",
            "write",
            "leave",
            "put",
        ];
        let said = joins.into_iter().fold(error.to_string(), |said, join| {
            said.replace(&format!("; {join}"), join)
        });
        said.split("; ").map(str::to_owned).collect()
    })
}

fn reasons(error: &Error) -> Vec<String> {
    error
        .problems()
        .iter()
        .map(|problem| format!("{}: {}", problem.at(), problem.message()))
        .collect()
}

/// The examples of every schema.
pub(crate) fn examples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (schema, text) in schemas() {
        for document in text["examples"].as_array().into_iter().flatten() {
            samples.push(Sample {
                schema: schema.clone(),
                document: document.clone(),
            });
        }
    }
    samples
}

/// A random workflow, and its works alone.
pub(crate) fn random(seed: u64) -> Vec<Sample> {
    let workflow = documents::workflow(seed);
    let mut samples = vec![Sample {
        schema: "workflow.json".to_owned(),
        document: json!(workflow),
    }];
    for (_, step) in workflow.steps() {
        if let Step::Work(work) = step {
            let document = json!(work);
            let schema = format!(
                "work_{}.json",
                document["type"].as_str().unwrap_or_default()
            );
            samples.push(Sample { schema, document });
        }
    }
    samples
}

/// Every place of a document, as a JSON pointer.
pub(crate) fn places(document: &Value) -> Vec<String> {
    let mut places = vec![String::new()];
    collect_places(document, "", &mut places);
    places
}

/// The document with a place changed in every way: of another type, joined by an unknown field, dropped, renamed.
pub(crate) fn changed(sample: &Sample, place: &str) -> Vec<Sample> {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = sample.clone();
        change(&mut changed.document);
        changed
    };
    let others = json!([
        null, true, 0, 3, 3.0, -1, 1.5, 5_000_000_000_u64, "", "x", "workflow", "x".repeat(300), [], [1], {}, {"x": 1}
    ]);
    let replace = |other: &Value| {
        with(&|document| {
            if let Some(value) = document.pointer_mut(place) {
                *value = other.clone();
            }
        })
    };
    let mut samples: Vec<_> = others
        .as_array()
        .into_iter()
        .flatten()
        .map(replace)
        .collect();
    samples.push(with(&|document| {
        if let Some(Value::Object(fields)) = document.pointer_mut(place) {
            fields.insert("unknown".to_owned(), json!(1));
        }
    }));
    if let Some((parent, key)) = place.rsplit_once('/') {
        let key = key.replace("~1", "/").replace("~0", "~");
        samples.push(with(&|document| match document.pointer_mut(parent) {
            Some(Value::Object(fields)) => drop(fields.shift_remove(&key)),
            Some(Value::Array(items)) => drop(items.pop()),
            _ => {}
        }));
        samples.push(with(&|document| {
            if let Some(Value::Object(fields)) = document.pointer_mut(parent)
                && let Some(value) = fields.shift_remove(&key)
            {
                fields.insert(format!("_{key}"), value);
            }
        }));
    }
    samples
}

fn collect_places(value: &Value, place: &str, places: &mut Vec<String>) {
    let mut visit = |key: String, inner: &Value| {
        let place = format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"));
        places.push(place.clone());
        collect_places(inner, &place, places);
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(key, inner)| visit(key.clone(), inner)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, inner)| visit(index.to_string(), inner)),
        _ => {}
    }
}
