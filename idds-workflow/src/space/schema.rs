//! The JSON Schemas of a space and of a point in it, and the checks made with them.

use std::borrow::Cow;
use std::sync::LazyLock;

use indexmap::IndexMap;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::condition::{WHEN, add_forms};
use super::violation::Checker;
use super::{
    Array, Choice, Log, LogNormal, Normal, OptSpace, Parameter, Point, Scalar, TransitionChoice,
};
use crate::error::Problem;
use crate::neutral::none_of;
use crate::text::{self, ENVELOPE};
use crate::{Error, Grid, Number};

/// Where a space stands in a definition; the beginning of every place in it.
pub(super) const SPACE: &str = "opt_space";

/// Names the place of a parameter.
pub(super) fn place(name: &str) -> String {
    format!("{SPACE}.{name}")
}

/// Deepest nesting of a space or a point: an iDDS request nests both further, and JSON readers stop at 128 levels.
pub(super) const MAX_DEPTH: usize = 64;

/// Tells whether a document has more levels than the limit, without recursion.
pub(super) fn is_deeper(document: &Value, limit: usize) -> bool {
    let mut open = vec![(document, 0)];
    while let Some((value, depth)) = open.pop() {
        match value {
            Value::Array(_) | Value::Object(_) if depth == limit => return true,
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(fields) => open.extend(fields.values().map(|field| (field, depth + 1))),
            _ => {}
        }
    }
    false
}

/// Refuses a document that is nested too deep to be walked through or printed.
pub(super) fn check_depth(place: &str, document: &Value) -> Result<(), Error> {
    if is_deeper(document, MAX_DEPTH) {
        return Err(Error::new(
            place,
            format!("is nested deeper than {MAX_DEPTH} levels"),
        ));
    }
    Ok(())
}

/// One validator per kind of parameter: one for the whole space would say no more than "not valid under any of the
/// schemas".
static KINDS: LazyLock<IndexMap<&'static str, Checker>> = LazyLock::new(|| {
    let mut generator = inline();
    let kinds = kinds(&mut generator);
    let definitions = Value::Object(generator.take_definitions(true));
    let with_definitions = |mut schema: Schema| {
        schema.insert("$defs".to_owned(), definitions.clone());
        Checker::new(schema.to_value())
    };
    kinds
        .map(|(kind, schema)| (kind, with_definitions(schema)))
        .into_iter()
        .collect()
});

/// Returns the parameters of a document that is a space.
pub(super) fn parameters(document: &Value) -> Result<&Map<String, Value>, Error> {
    check_depth(SPACE, document)?;
    match document {
        Value::Object(parameters) if is_envelope(parameters) => {
            Error::unless_empty(vec![envelope()], parameters)
        }
        Value::Object(parameters) => Ok(parameters),
        other => Err(Error::new(
            SPACE,
            format!("{other} is not an object of parameters"),
        )),
    }
}

/// Refuses a space that the server's decoder would take for a Python object.
pub(super) fn envelope() -> Problem {
    let message = "has parameters class, module and attributes, which the server would take for a Python object";
    Problem::new(SPACE, message)
}

/// Checks one parameter against the schema of its kind.
pub(super) fn problems(name: &str, parameter: &Value) -> Vec<Problem> {
    let place = place(name);
    if name.is_empty() {
        return vec![Problem::new(place, "a parameter needs a name")];
    }
    if text::is_python_object(parameter) {
        let message = "an object with class, module and attributes would become a Python object on the server";
        return vec![Problem::new(place, message)];
    }
    let kinds = || KINDS.keys().copied().collect::<Vec<_>>().join(", ");
    match parameter.get("type") {
        None if parameter.as_object().is_some_and(Map::is_empty) => Vec::new(),
        None => vec![Problem::new(
            place,
            format!("{parameter} has no type, which is one of {}", kinds()),
        )],
        Some(kind) => match kind.as_str().and_then(|kind| KINDS.get(kind)) {
            None => {
                let kinds: Vec<_> = KINDS.keys().copied().collect();
                let message = none_of(
                    &format!("type {kind}"),
                    kind.as_str().unwrap_or_default(),
                    &kinds,
                );
                vec![Problem::new(place, message)]
            }
            Some(checker) => checker.problems(parameter, &place),
        },
    }
}

/// Checks points of one space.
#[derive(Debug)]
pub(crate) struct PointChecker {
    schema: Checker,
    /// Grids that the schema does not express.
    grids: Vec<(String, Grid)>,
    /// The space, when some parameters do not exist in every point.
    conditional: Option<OptSpace>,
}

impl PointChecker {
    pub(super) fn new(space: &OptSpace) -> Self {
        let beyond_schema = |grid: &Grid| !grid.is_exact() && grid.few_values().is_none();
        let grids = space
            .parameters()
            .filter_map(|(name, parameter)| {
                Some((name.to_owned(), parameter.grid().filter(beyond_schema)?))
            })
            .collect();
        Self {
            schema: Checker::new(flat(space, None)),
            grids,
            conditional: space.is_conditional().then(|| space.clone()),
        }
    }

    /// Tells what is wrong with a point that stands at this place of the definition.
    pub(crate) fn problems(&self, place: &str, point: &Point) -> Vec<Problem> {
        if let Err(error) = point
            .as_map()
            .values()
            .try_for_each(|value| check_depth(place, value))
        {
            return error.into_problems();
        }
        let document = Value::Object(point.as_map().clone());
        let off_grid = self.grids.iter().filter_map(|(name, grid)| {
            let number = off_grid(grid, point.get(name)?)?;
            Some(Problem::new(
                format!("{place}.{name}"),
                format!("{number} is not {}", grid.values()),
            ))
        });
        let misplaced = self.conditional.as_ref();
        let misplaced = misplaced.map(|space| space.misplaced(place, point));
        self.schema
            .problems(&document, place)
            .into_iter()
            .chain(off_grid)
            .chain(misplaced.into_iter().flatten())
            .collect()
    }
}

/// Returns a number of the value that is off the grid.
fn off_grid<'a>(grid: &Grid, value: &'a Value) -> Option<&'a Value> {
    match value {
        Value::Number(number) => number
            .as_f64()
            .filter(|number| !grid.contains(*number))
            .map(|_| value),
        Value::Array(items) => items.iter().find_map(|item| off_grid(grid, item)),
        _ => None,
    }
}

/// The JSON Schema of a space.
pub(super) fn space(generator: &mut SchemaGenerator) -> Schema {
    // The kinds refer to its definition.
    generator.subschema_for::<Plain>();
    let mut any_of: Vec<_> = kinds(&mut inline())
        .into_iter()
        .map(|(_, schema)| schema)
        .collect();
    any_of.push(schemars::json_schema!({
        "title": "Untyped",
        "description": "A parameter of which only the steering program knows anything.",
        "type": "object",
        "properties": {},
        "additionalProperties": false,
    }));
    schemars::json_schema!({
        "title": "Search space",
        "description": "Parameters by name, in the order given. A lower bound is below its upper bound, a start lies \
            between the bounds, integers and multiples of a step exist between them, and an array has at most 2000 \
            numbers.",
        "type": "object",
        "propertyNames": { "minLength": 1 },
        "additionalProperties": { "oneOf": any_of },
        "not": { "required": ENVELOPE },
        "examples": [{
            "A": { "type": "Choice", "params": { "choices": [1, 4] } },
            "B": { "type": "Scalar", "bounds": [0, 5] },
            "C": { "type": "Scalar", "params": { "lower": 1, "upper": 30, "integer": true } },
        }],
    })
}

/// The JSON Schema of a point in the space.
pub(super) fn point(space: &OptSpace) -> Value {
    if !space.is_conditional() || space.is_open() {
        return flat(space, None);
    }
    let properties = properties(space);
    let mut schema = flat(space, Some("unevaluatedProperties"));
    if let Some(always) = schema["properties"].as_object_mut() {
        always.retain(|name, _| space.condition(name).is_none());
    }
    add_forms(space, &mut schema, &properties);
    schema
}

fn properties(space: &OptSpace) -> Map<String, Value> {
    space
        .parameters()
        .map(|(name, parameter)| (name.to_owned(), values(parameter)))
        .collect()
}

/// The schema of a point without what depends on others: nobody must have that. The keyword says which parameters there are no others of.
fn flat(space: &OptSpace, closed: Option<&str>) -> Value {
    if space.is_open() {
        return json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Point",
            "description": "A point of which only the steering program knows anything.",
            "type": "object",
        });
    }
    let properties = properties(space);
    let required = properties
        .keys()
        .filter(|name| space.condition(name).is_none());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Point",
        "description": match space.is_conditional() {
            true => "A value for every parameter of the search space that exists in the point.",
            false => "A value for every parameter of the search space.",
        },
        "type": "object",
        "required": required.collect::<Vec<_>>(),
        "properties": properties,
        (closed.unwrap_or("additionalProperties")): false,
    })
}

/// The schema of the values of one parameter.
fn values(parameter: &Parameter) -> Value {
    match parameter {
        Parameter::Choice(choice) => one_of(choice.choices(), choice.list_len()),
        Parameter::TransitionChoice(choice) => one_of(choice.choices(), choice.list_len()),
        Parameter::Scalar(scalar) => number(scalar.lower(), scalar.upper(), scalar.grid()),
        Parameter::Log(log) => number(Some(log.lower()), Some(log.upper()), log.grid()),
        Parameter::Array(array) => {
            let numbers = number(array.lower(), array.upper(), array.grid());
            array
                .shape()
                .iter()
                .rev()
                .fold(numbers, |items, length| list(&items, *length))
        }
        Parameter::Normal(normal) => number(None, None, normal.grid()),
        Parameter::LogNormal(normal) => match normal.grid() {
            Some(grid) => number(Some(Number::Int(0)), None, Some(grid)),
            None => json!({ "type": "number", "exclusiveMinimum": 0 }),
        },
        Parameter::Untyped(_) => json!({}),
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

/// The schema of a number.
///
/// Validators disagree on whether 0.3 is a multiple of 0.1. Steps that are not exact in binary become a list of values,
/// and where there are too many of them only [`PointChecker`] knows.
fn number(lower: Option<Number>, upper: Option<Number>, grid: Option<Grid>) -> Value {
    let mut schema = json!({ "type": "number" });
    for (keyword, bound) in [("minimum", lower), ("maximum", upper)] {
        if let Some(bound) = bound {
            schema[keyword] = json!(bound);
        }
    }
    let Some(grid) = grid else { return schema };
    if grid.is_integer() {
        schema["type"] = json!("integer");
        if !grid.is_every_integer() {
            schema["multipleOf"] = json!(grid.step());
        }
    } else if grid.is_exact() {
        schema["multipleOf"] = json!(grid.step());
    } else if let Some(values) = grid.few_values() {
        return json!({ "enum": values });
    }
    schema
}

fn list(items: &Value, length: u32) -> Value {
    json!({ "type": "array", "items": items, "minItems": length, "maxItems": length })
}

/// The schema of every kind of parameter, with its name in `type`.
fn kinds(generator: &mut SchemaGenerator) -> [(&'static str, Schema); 7] {
    [
        kind::<Choice>("Choice", generator),
        kind::<TransitionChoice>("TransitionChoice", generator),
        kind::<Scalar>("Scalar", generator),
        kind::<Log>("Log", generator),
        kind::<Array>("Array", generator),
        kind::<Normal>("Normal", generator),
        kind::<LogNormal>("LogNormal", generator),
    ]
}

/// Makes schemas without references, but for those of recursive types.
pub(super) fn inline() -> SchemaGenerator {
    let mut settings = SchemaSettings::draft2020_12().for_deserialize();
    settings.inline_subschemas = true;
    settings.into_generator()
}

/// The schema of one kind: the fields of its type, and `type` itself.
///
/// schemars would write an internally tagged enum as a reference next to the tag, which `additionalProperties: false` in
/// the referred schema forbids.
fn kind<T: JsonSchema>(
    name: &'static str,
    generator: &mut SchemaGenerator,
) -> (&'static str, Schema) {
    let mut object = Map::from_iter([("title".to_owned(), json!(name))]);
    object.append(T::json_schema(generator).ensure_object());
    let when = json!({
        "description": "Other parameters, choices that stand before this one, each with the values for which this one exists.",
        "type": "object",
        "additionalProperties": { "type": "array", "minItems": 1 },
    });
    let mut properties = Map::from_iter([("type".to_owned(), json!({ "const": name }))]);
    let when = (WHEN.to_owned(), when);
    if let Some(Value::Object(fields)) = object.remove("properties") {
        properties.extend(fields);
    }
    properties.extend([when]);
    if let Some(params) = properties
        .get_mut("params")
        .filter(|params| params["properties"]["integer"].is_object())
    {
        params["if"] =
            json!({ "properties": { "integer": { "const": true } }, "required": ["integer"] });
        params["then"] = json!({ "properties": { "step": { "type": "integer" } } });
    }
    let mut required = vec![json!("type")];
    if let Some(Value::Array(fields)) = object.remove("required") {
        required.extend(fields);
    }
    object.insert("properties".to_owned(), Value::Object(properties));
    object.insert("required".to_owned(), Value::Array(required));
    (name, object.into())
}

/// The schema of any JSON that the server takes for what it is. Generators of code need its types.
#[derive(Debug)]
pub(super) struct Plain;

impl JsonSchema for Plain {
    fn schema_name() -> Cow<'static, str> {
        "Plain".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let plain = generator.subschema_for::<Self>();
        schemars::json_schema!({
            "description": "Any JSON, without objects that have class, module and attributes.",
            "anyOf": [
                { "type": ["null", "boolean", "integer", "number", "string"] },
                { "type": "array", "items": plain },
                { "type": "object", "not": { "required": ENVELOPE }, "additionalProperties": plain },
            ],
        })
    }
}

/// Tells whether the server's decoder would take the object for a Python object and import its class.
fn is_envelope(object: &Map<String, Value>) -> bool {
    ENVELOPE.iter().all(|key| object.contains_key(*key))
}
