//! The JSON Schemas of a space and of a point in it, and the checks made with them.

use std::sync::LazyLock;

use indexmap::IndexMap;
use jsonschema::Validator;
use jsonschema::paths::{Location, LocationSegment};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::{Array, Choice, Log, OptSpace, Parameter, Point, Scalar, TransitionChoice};
use crate::error::Problem;
use crate::{Error, Number};

/// Where a space stands in a definition; the beginning of every place in it.
pub(super) const SPACE: &str = "opt_space";

/// Names the place of a parameter.
pub(super) fn place(name: &str) -> String {
    format!("{SPACE}.{name}")
}

/// One validator per kind of parameter: one for the whole space would say no more than "not valid under any of the
/// schemas".
static KINDS: LazyLock<IndexMap<&'static str, Validator>> =
    LazyLock::new(|| kinds().map(|(kind, schema)| (kind, validator(schema.as_value()))).into_iter().collect());

/// Returns the parameters of a document that is a space.
pub(super) fn parameters(document: &Value) -> Result<&Map<String, Value>, Error> {
    match document {
        Value::Object(parameters) if is_envelope(parameters) => {
            let message =
                "has parameters class, module and attributes, which the server would take for a Python object";
            Err(Error::new(SPACE, message))
        }
        Value::Object(parameters) => Ok(parameters),
        other => Err(Error::new(SPACE, format!("{other} is not an object of parameters"))),
    }
}

/// Checks one parameter against the schema of its kind.
pub(super) fn problems(name: &str, parameter: &Value) -> Vec<Problem> {
    let place = place(name);
    if name.is_empty() {
        return vec![Problem::new(place, "a parameter needs a name")];
    }
    if any_envelope(parameter) {
        let message = "an object with class, module and attributes would become a Python object on the server";
        return vec![Problem::new(place, message)];
    }
    let kinds = || KINDS.keys().copied().collect::<Vec<_>>().join(", ");
    match parameter.get("type") {
        None => vec![Problem::new(place, format!("{parameter} has no type, which is one of {}", kinds()))],
        Some(kind) => match kind.as_str().and_then(|kind| KINDS.get(kind)) {
            None => vec![Problem::new(place, format!("type {kind} is none of {}", kinds()))],
            Some(validator) => violations(validator, parameter, &place).collect(),
        },
    }
}

/// Checks points of one space.
#[derive(Debug)]
pub(crate) struct PointChecker(Validator);

impl PointChecker {
    pub(super) fn new(space: &OptSpace) -> Self {
        Self(validator(&point(space)))
    }

    /// Tells what is wrong with a point that stands at this place of the definition.
    pub(crate) fn problems(&self, place: &str, point: &Point) -> Vec<Problem> {
        violations(&self.0, &Value::Object(point.as_map().clone()), place).collect()
    }
}

/// The JSON Schema of a space.
pub(super) fn space() -> Schema {
    let any_of: Vec<_> = kinds().into_iter().map(|(_, schema)| schema).collect();
    schemars::json_schema!({
        "title": "Search space",
        "description": "Parameters by name, in the order given.",
        "type": "object",
        "propertyNames": { "minLength": 1 },
        "additionalProperties": { "oneOf": any_of },
        "examples": [{
            "A": { "type": "Choice", "params": { "choices": [1, 4] } },
            "B": { "type": "Scalar", "bounds": [0, 5] },
        }],
    })
}

/// The JSON Schema of a point in the space.
pub(super) fn point(space: &OptSpace) -> Value {
    let properties: Map<_, _> =
        space.parameters().map(|(name, parameter)| (name.to_owned(), values(parameter))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Point",
        "description": "A value for every parameter of the search space.",
        "type": "object",
        "required": properties.keys().collect::<Vec<_>>(),
        "properties": properties,
        "additionalProperties": false,
    })
}

/// The schema of the values of one parameter.
fn values(parameter: &Parameter) -> Value {
    match parameter {
        Parameter::Choice(choice) => one_of(choice.choices(), choice.list_len()),
        Parameter::TransitionChoice(choice) => one_of(choice.choices(), choice.list_len()),
        Parameter::Scalar(scalar) => number(scalar.lower(), scalar.upper()),
        Parameter::Log(log) => number(Some(log.lower()), Some(log.upper())),
        Parameter::Array(array) => {
            let numbers = number(array.lower(), array.upper());
            array.shape().iter().rev().fold(numbers, |items, length| list(&items, *length))
        }
    }
}

fn one_of(choices: &[Value], list_len: Option<u32>) -> Value {
    let mut distinct: Vec<&Value> = Vec::new();
    for choice in choices {
        if !distinct.contains(&choice) {
            distinct.push(choice);
        }
    }
    let choice = json!({ "enum": distinct });
    list_len.map_or_else(|| choice.clone(), |length| list(&choice, length))
}

fn number(lower: Option<Number>, upper: Option<Number>) -> Value {
    let mut schema = json!({ "type": "number" });
    for (keyword, bound) in [("minimum", lower), ("maximum", upper)] {
        if let Some(bound) = bound {
            schema[keyword] = json!(bound);
        }
    }
    schema
}

fn list(items: &Value, length: u32) -> Value {
    json!({ "type": "array", "items": items, "minItems": length, "maxItems": length })
}

/// The schema of every kind of parameter, with its name in `type`.
fn kinds() -> [(&'static str, Schema); 5] {
    [
        ("Choice", kind::<Choice>("Choice")),
        ("TransitionChoice", kind::<TransitionChoice>("TransitionChoice")),
        ("Scalar", kind::<Scalar>("Scalar")),
        ("Log", kind::<Log>("Log")),
        ("Array", kind::<Array>("Array")),
    ]
}

/// The schema of one kind: the fields of its type, and `type` itself.
///
/// schemars would write an internally tagged enum as a reference next to the tag, which `additionalProperties: false` in
/// the referred schema forbids.
fn kind<T: JsonSchema>(name: &str) -> Schema {
    let mut settings = SchemaSettings::draft2020_12().for_deserialize();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    let object = schema.ensure_object();
    let mut properties = Map::from_iter([("type".to_owned(), json!({ "const": name }))]);
    if let Some(Value::Object(fields)) = object.remove("properties") {
        properties.extend(fields);
    }
    let mut required = vec![json!("type")];
    if let Some(Value::Array(fields)) = object.remove("required") {
        required.extend(fields);
    }
    object.insert("properties".to_owned(), Value::Object(properties));
    object.insert("required".to_owned(), Value::Array(required));
    schema
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).expect("the schemas of this module are valid")
}

fn violations<'a>(validator: &'a Validator, value: &'a Value, place: &'a str) -> impl Iterator<Item = Problem> + 'a {
    validator.iter_errors(value).map(move |error| Problem::new(join(place, error.instance_path()), error.to_string()))
}

/// Appends a JSON pointer to a place, as `.name` and `[index]`.
fn join(place: &str, pointer: &Location) -> String {
    pointer.segments().fold(place.to_owned(), |place, segment| match segment {
        LocationSegment::Property(name) => format!("{place}.{name}"),
        LocationSegment::Index(index) => format!("{place}[{index}]"),
    })
}

/// Tells whether the server's decoder would take the object for a Python object and import its class.
fn is_envelope(object: &Map<String, Value>) -> bool {
    ["class", "module", "attributes"].iter().all(|key| object.contains_key(*key))
}

fn any_envelope(value: &Value) -> bool {
    match value {
        Value::Object(object) => is_envelope(object) || object.values().any(any_envelope),
        Value::Array(items) => items.iter().any(any_envelope),
        _ => false,
    }
}
