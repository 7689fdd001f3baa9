//! The JSON Schemas of documents.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use crate::contract::{EvaluationOutput, SteeringInput, SteeringOutput};
use crate::{AnyWork, OptSpace, Point, Workflow};

/// The address that the `$id` of every schema begins with.
pub const SCHEMAS_URL: &str = "https://github.com/HSF/idds-rs/schemas";

/// Returns the JSON Schemas (draft 2020-12) of all documents, with the names of their files: workflows, works, search
/// spaces, points, and the files of steering programs and evaluations.
///
/// A schema accepts what reading accepts, except that reading also refuses
/// - references to steps that are not there, cycles, steps that never start, questions that a sub-workflow cannot answer,
///   links and slices without their ends;
/// - conditions that ask or release no step, and those that ask another work than an actuator for a new task;
/// - search spaces whose bounds make no sense or have no multiple of the step between them, or whose arrays are too big,
///   and initial points outside their space or too long to be stored;
/// - segments that give a model twice, and spaces that their dialect cannot carry;
/// - task parameters whose datasets have no scope and name, or whose `taskName` is not the `task_name`;
/// - jobs that wait for a task or a job that is not there, or for each other;
/// - jobs without a task name, with a name or a dependency given twice or a name that is too long, and those that event
///   service cannot number;
/// - user data that the server would take for a Python object: an object with `class`, `module` and `attributes`;
/// - keys that are given twice, integers beyond 64 bits (in a space above 2^63 - 1), numbers that no 64-bit floating-point number holds, and more than 128 levels of nesting.
///
/// [`OptSpace::point_schema`] is the schema of the points of one space.
pub fn schemas() -> Vec<(String, Value)> {
    let mut schemas = vec![document::<Workflow>(
        "workflow",
        json!({ "title": "Workflow", "examples": [workflow()] }),
    )];
    for kind in AnyWork::KINDS {
        schemas.push(named(
            &format!("work_{}", kind.name),
            (kind.document)(),
            json!({}),
        ));
    }
    let point = json!({ "title": "Point", "examples": [{ "A": 4, "B": 2.5 }] });
    let evaluated = json!({
        "title": "EvaluationInput",
        "description": "What the evaluation of a point reads, in `input.json`: the point.",
        "examples": [{ "A": 4, "B": 2.5 }],
    });
    schemas.extend([
        document::<OptSpace>("opt_space", json!({})),
        document::<Point>("point", point),
        document::<SteeringInput>("steering_input", json!({})),
        document::<SteeringOutput>("steering_output", json!({})),
        document::<Point>("evaluation_input", evaluated),
        document::<EvaluationOutput>("evaluation_output", json!({})),
    ]);
    schemas
}

fn workflow() -> Value {
    json!({
        "name": "my.analysis",
        "steps": {
            "simulate": { "type": "program", "executable": "simulate.sh" },
            "merge": { "type": "program", "executable": "merge.sh" },
            "report": { "type": "program", "executable": "report.sh" },
        },
        "conditions": [
            { "when": { "step": "simulate", "is": "finished" }, "then": ["merge"] },
            {
                "when": { "any": [{ "step": "simulate", "is": "failed" }, { "step": "merge", "is": "failed" }] },
                "then": ["report"],
            },
        ],
        "lifetime": 30,
    })
}

fn document<T: JsonSchema>(name: &str, about: Value) -> (String, Value) {
    named(name, root::<T>(), about)
}

/// The schema of a type, with everything it refers to.
pub(super) fn root<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_deserialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

/// Puts what a schema is about first, and completes it.
fn named(name: &str, schema: Schema, about: Value) -> (String, Value) {
    let file = format!("{name}.json");
    let mut schema = schema.to_value();
    let mut named = Map::new();
    if let (Some(fields), Value::Object(about)) = (schema.as_object_mut(), about) {
        fields.extend(about);
        fields.insert("$id".to_owned(), json!(format!("{SCHEMAS_URL}/{file}")));
        for field in ["$schema", "$id", "title", "description", "examples"] {
            named.extend(fields.shift_remove_entry(field));
        }
        named.append(fields);
    }
    let mut named = Value::Object(named);
    tidy(&mut named);
    (file, named)
}

/// Joins the lines of descriptions, which are broken as the source is; empty lines stay. And says of objects without fields
/// that they have any: generators of code would take them for empty.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let is_open = fields.get("type").is_some_and(|kind| kind == "object");
            if is_open
                && !["properties", "additionalProperties"]
                    .iter()
                    .any(|field| fields.contains_key(*field))
            {
                fields.insert("additionalProperties".to_owned(), json!(true));
            }
            for (field, value) in fields {
                match value {
                    Value::String(text) if field == "description" => {
                        *text = text
                            .split("\n\n")
                            .map(|part| part.replace('\n', " "))
                            .collect::<Vec<_>>()
                            .join("\n\n");
                    }
                    other => tidy(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}
