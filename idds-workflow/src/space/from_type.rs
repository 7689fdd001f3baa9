//! The search space of a Rust type, from the JSON Schema that schemars derives.

use indexmap::IndexMap;
use schemars::Schema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::schema::{SPACE, envelope, place};
use super::{Array, Choice, Log, OptSpace, Parameter, Scalar, TransitionChoice, checked};
use crate::error::Problem;
use crate::text::ENVELOPE;
use crate::{Error, Number};

/// Keyword that says how the values of a field are spread.
const SCALE: &str = "x-scale";

/// Keywords that a field can have. Any other would limit its values in a way that a space cannot say.
const KEYWORDS: [&str; 19] = [
    "$comment",
    "const",
    "default",
    "deprecated",
    "description",
    "enum",
    "examples",
    "format",
    "items",
    "maxItems",
    "maximum",
    "minItems",
    "minimum",
    "multipleOf",
    "oneOf",
    "prefixItems",
    "title",
    "type",
    SCALE,
];

/// What the parts of a parameter are called in the schema of a field.
const PLACES: &[(&str, &str)] = &[
    (".params.choices", ".enum"),
    (".params.lower", ".minimum"),
    (".params.upper", ".maximum"),
    (".params.step", ".multipleOf"),
    (".params", ""),
];

/// Attribute that gives a field its bounds.
const ADD_RANGE: &str = "add #[schemars(range(min = .., max = ..))]";

/// How the values of a parameter are spread.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
    /// Evenly.
    Even,
    /// Evenly in the logarithm.
    Log,
    /// Values that stand next to each other are alike.
    Ordered,
}

/// Takes the space of a struct.
pub(super) fn space(schema: &Schema) -> Result<OptSpace, Error> {
    let mut problems = Vec::new();
    let mut parameters = IndexMap::new();
    for (name, field) in fields(schema.as_value())? {
        let parameter = parameter(field)
            .map_err(|reason| vec![Problem::new(place(name), reason)])
            .and_then(|parameter| checked(name, parameter, PLACES));
        match parameter {
            Ok(parameter) => {
                parameters.insert(name.clone(), parameter);
            }
            Err(wrong) => problems.extend(wrong),
        }
    }
    if ENVELOPE.iter().all(|name| parameters.contains_key(*name)) {
        problems.push(envelope());
    }
    let space = OptSpace {
        parameters,
        ..OptSpace::default()
    };
    Error::unless_empty(problems, space)
}

/// Returns the schemas of the fields of a struct.
fn fields(schema: &Value) -> Result<impl Iterator<Item = (&String, &Value)>, Error> {
    let closed = |keyword| schema.get(keyword).is_none_or(|more| *more == json!(false));
    let open = !closed("additionalProperties") || !closed("unevaluatedProperties");
    let variants = ["oneOf", "anyOf", "allOf", "$ref"]
        .iter()
        .any(|keyword| schema.get(keyword).is_some());
    if schema.get("type") != Some(&json!("object")) || open || variants {
        let title = schema
            .get("title")
            .and_then(Value::as_str)
            .unwrap_or("the type");
        return Err(Error::new(
            SPACE,
            format!("{title} is not a struct whose fields are all parameters"),
        ));
    }
    Ok(schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten())
}

/// Takes the parameter of a field.
fn parameter(field: &Value) -> Result<Parameter, String> {
    if is_optional(field) {
        return Err("is an Option, but a point has a value for every parameter".to_owned());
    }
    let kind = field.get("type").and_then(Value::as_str);
    let choices = choices(field);
    if choices.is_none() {
        unsuited(field, kind)?;
    }
    if let Some(keyword) = field
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .find(|key| !KEYWORDS.contains(&key.as_str()))
    {
        return Err(format!(
            "has the keyword {keyword}, which a search space cannot say"
        ));
    }
    let scale = scale(field)?;
    check_order(field, scale)?;
    match (choices, kind) {
        (Some(choices), _) => choice(choices, None, scale),
        (None, Some("array")) => array(field, scale),
        (None, _) => number(field, scale),
    }
}

/// Explains why a field whose values are not listed is no number and no array.
fn unsuited(field: &Value, kind: Option<&str>) -> Result<(), String> {
    let reason = match kind {
        Some("integer" | "number") => return Ok(()),
        Some("array") if field.get("prefixItems").is_some() => {
            "is a tuple, but a parameter has values of one kind"
        }
        Some("array") => return Ok(()),
        Some("string") => "is a text; list its values: add #[schemars(extend(\"enum\" = [..]))]",
        Some("object") => {
            "is not flat; add #[serde(flatten)] to make the fields of a struct parameters of their own"
        }
        _ if field.get("oneOf").or(field.get("anyOf")).is_some() => {
            "is an enum whose variants have fields; derive Space for it and for what it stands in"
        }
        _ => {
            "is of a type that a search space cannot say; list its values: add #[schemars(extend(\"enum\" = [..]))]"
        }
    };
    Err(reason.to_owned())
}

fn is_optional(field: &Value) -> bool {
    let null = |kind: &Value| *kind == json!("null");
    let has_null = |branch: &Value| branch.get("type").is_some_and(null);
    field
        .get("type")
        .and_then(Value::as_array)
        .is_some_and(|kinds| kinds.iter().any(null))
        || field
            .get("anyOf")
            .and_then(Value::as_array)
            .is_some_and(|branches| branches.iter().any(has_null))
}

/// Returns the values of a field when they are listed.
fn choices(field: &Value) -> Option<Vec<Value>> {
    let listed = |schema: &Value| match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(values)), _) => Some(values.clone()),
        (_, Some(value)) => Some(vec![value.clone()]),
        _ => None,
    };
    if let Some(values) = listed(field) {
        return Some(values);
    }
    match (field.get("type"), field.get("oneOf")) {
        (Some(kind), _) if *kind == json!("boolean") => Some(vec![json!(false), json!(true)]),
        (_, Some(Value::Array(branches))) => branches
            .iter()
            .map(listed)
            .collect::<Option<Vec<_>>>()
            .map(|values| values.concat()),
        _ => None,
    }
}

fn scale(field: &Value) -> Result<Scale, String> {
    match field.get(SCALE).map(|scale| (scale, scale.as_str())) {
        None | Some((_, Some("linear"))) => Ok(Scale::Even),
        Some((_, Some("log"))) => Ok(Scale::Log),
        Some((_, Some("ordered"))) => Ok(Scale::Ordered),
        Some((other, _)) => Err(format!(
            "has the {SCALE} {other}, which is none of linear, log, ordered"
        )),
    }
}

/// Refuses an order of values that schemars does not keep.
fn check_order(field: &Value, scale: Scale) -> Result<(), String> {
    if scale != Scale::Ordered || field.get("enum").is_some() || field.get("oneOf").is_none() {
        return Ok(());
    }
    let reason =
        "schemars moves variants with doc comments to the end; list the values in their order";
    Err(format!(
        "has the {SCALE} ordered, but {reason}: add #[schemars(extend(\"enum\" = [..]))]"
    ))
}

fn choice(choices: Vec<Value>, list_len: Option<u32>, scale: Scale) -> Result<Parameter, String> {
    match (scale, list_len) {
        (Scale::Even, None) => Ok(Choice::new(choices).into()),
        (Scale::Even, Some(length)) => Ok(Choice::new(choices).repetitions(length).into()),
        (Scale::Ordered, None) => Ok(TransitionChoice::new(choices).into()),
        (Scale::Ordered, Some(length)) => {
            Ok(TransitionChoice::new(choices).repetitions(length).into())
        }
        (Scale::Log, _) => Err(format!(
            "has the {SCALE} log, but is a choice; {SCALE} ordered says that neighbours are alike"
        )),
    }
}

fn number(field: &Value, scale: Scale) -> Result<Parameter, String> {
    let Numbers {
        lower,
        upper,
        integer,
        step,
    } = Numbers::of(field)?;
    match scale {
        Scale::Ordered => Err(format!(
            "has the {SCALE} ordered, but is a number, which always has an order"
        )),
        Scale::Even => {
            let mut scalar = Scalar::new().range(lower..=upper);
            scalar = if integer { scalar.integer() } else { scalar };
            Ok(step.map_or(scalar.clone(), |step| scalar.step(step)).into())
        }
        Scale::Log => {
            let mut log = Log::new(lower..=upper);
            log = if integer { log.integer() } else { log };
            Ok(step.map_or(log.clone(), |step| log.step(step)).into())
        }
    }
}

fn array(field: &Value, scale: Scale) -> Result<Parameter, String> {
    let mut shape = Vec::new();
    let mut items = field;
    while items.get("type") == Some(&json!("array")) && items.get("enum").is_none() {
        let length = |keyword| items.get(keyword).and_then(Value::as_u64);
        match (length("minItems"), length("maxItems"), items.get("items")) {
            (Some(least), Some(most), Some(inner)) if least == most => {
                shape.push(u32::try_from(most).unwrap_or(u32::MAX));
                items = inner;
            }
            _ => {
                return Err(
                    "is a list without fixed length; take an array of at least one value"
                        .to_owned(),
                );
            }
        }
    }
    let inner = parameter(items).map_err(|reason| format!("has values of which each {reason}"));
    match (inner, choices(items), shape.as_slice()) {
        (Ok(_), Some(choices), [length]) => {
            check_order(items, scale)?;
            choice(choices, Some(*length), scale)
        }
        (Ok(_), Some(_), _) => {
            Err("is an array of arrays of choices, which a search space cannot say".to_owned())
        }
        (Ok(Parameter::Scalar(_)), None, _) if scale == Scale::Even => {
            let Numbers {
                lower,
                upper,
                integer,
                step,
            } = Numbers::of(items)?;
            let mut array = Array::new(shape).range(lower..=upper);
            array = if integer { array.integer() } else { array };
            Ok(step.map_or(array.clone(), |step| array.step(step)).into())
        }
        (Ok(_), None, _) => Err(format!(
            "has an {SCALE}, which the numbers of an array cannot have"
        )),
        // The inner attribute is the one that reaches the numbers of an array.
        (Err(reason), ..) => Err(reason.replace(
            "range(min = .., max = ..)",
            "inner(range(min = .., max = ..))",
        )),
    }
}

/// What the schema of a number says.
struct Numbers {
    lower: Number,
    upper: Number,
    integer: bool,
    step: Option<Number>,
}

impl Numbers {
    fn of(field: &Value) -> Result<Self, String> {
        let limit = |keyword| {
            field
                .get(keyword)
                .and_then(|limit| Number::deserialize(limit).ok())
        };
        let natural = field
            .get("format")
            .and_then(Value::as_str)
            .and_then(natural_range);
        let (lower, upper) = match (limit("minimum"), limit("maximum")) {
            (Some(lower), Some(upper)) => (lower, upper),
            (Some(_), None) => return Err(format!("has no upper bound; {ADD_RANGE}")),
            (None, Some(_)) => return Err(format!("has no lower bound; {ADD_RANGE}")),
            (None, None) => return Err(format!("has no range; {ADD_RANGE}")),
        };
        if let Some((least, most)) = natural {
            // schemars writes the range of small integer types itself.
            if (lower, upper) == (least, most) {
                return Err(format!(
                    "has no range but that of its type, {least} to {most}; {ADD_RANGE}"
                ));
            }
            if lower < least || upper > most {
                return Err(format!(
                    "has the range {lower} to {upper}, but its type ends at {least} and {most}"
                ));
            }
        }
        let integer = field.get("type") == Some(&json!("integer"));
        Ok(Self {
            lower,
            upper,
            integer,
            step: limit("multipleOf"),
        })
    }
}

/// Returns the lowest and highest value of an integer type.
fn natural_range(format: &str) -> Option<(Number, Number)> {
    let range = |least: i64, most: i64| Some((Number::Int(least), Number::Int(most)));
    match format {
        "int8" => range(i8::MIN.into(), i8::MAX.into()),
        "uint8" => range(u8::MIN.into(), u8::MAX.into()),
        "int16" => range(i16::MIN.into(), i16::MAX.into()),
        "uint16" => range(u16::MIN.into(), u16::MAX.into()),
        "int32" => range(i32::MIN.into(), i32::MAX.into()),
        "uint32" => range(u32::MIN.into(), u32::MAX.into()),
        "uint" | "uint64" | "uint128" => range(0, i64::MAX),
        _ => None,
    }
}

#[cfg(test)]
#[expect(dead_code, reason = "only the schemas of the types count")]
mod tests {
    use std::collections::HashMap;

    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::json;

    use crate::{Array, Choice, Log, OptSpace, Point, Scalar, TransitionChoice};

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Activation {
        /// Rectified.
        Relu,
        Tanh,
        #[serde(rename = "s")]
        Sigmoid,
    }

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    struct Dropout {
        #[schemars(range(min = 0.0, max = 0.5), extend("multipleOf" = 0.25))]
        dropout: f64,
    }

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Params {
        /// Learning rate.
        #[schemars(range(min = 1e-6, max = 0.1), extend("x-scale" = "log"))]
        learning_rate: f64,
        #[schemars(range(min = 1, max = 30))]
        depth: u32,
        #[serde(rename = "n")]
        #[schemars(range(min = 10, max = 1000), extend("x-scale" = "log"))]
        trees: u16,
        activation: Activation,
        nesterov: bool,
        #[schemars(extend("enum" = [64, 128], "x-scale" = "ordered"))]
        batch: u32,
        #[schemars(extend("enum" = ["adam", "sgd"]))]
        optimiser: String,
        #[schemars(extend("const" = 20))]
        epochs: u32,
        #[schemars(inner(range(min = 0, max = 1)))]
        weights: [f64; 3],
        #[schemars(inner(inner(range(min = 1, max = 9))))]
        sizes: [[u8; 2]; 1],
        layers: [Activation; 2],
        #[serde(flatten)]
        regularisation: Dropout,
        #[serde(default)]
        #[schemars(range(min = -1, max = 1))]
        shift: f32,
        #[serde(skip)]
        cache: u64,
    }

    #[test]
    fn every_field_of_a_struct_is_a_parameter_and_points_come_back_into_it() {
        let space = OptSpace::builder()
            .parameter("learningRate", Log::new(1e-6..=0.1))
            .integer("depth", 1..=30)
            .parameter("n", Log::new(10..=1000).integer())
            .choice("activation", ["tanh", "s", "relu"])
            .choice("nesterov", [false, true])
            .parameter("batch", TransitionChoice::new([64, 128]))
            .choice("optimiser", ["adam", "sgd"])
            .fixed("epochs", 20)
            .parameter("weights", Array::new([3]).range(0..=1))
            .parameter("sizes", Array::new([1, 2]).range(1..=9).integer())
            .parameter("layers", Choice::new(["tanh", "s", "relu"]).repetitions(2))
            .parameter("shift", Scalar::new().range(-1..=1))
            .parameter("dropout", Scalar::new().range(0.0..=0.5).step(0.25))
            .build()
            .expect("a space");
        let of = OptSpace::of::<Params>().expect("a space");
        assert_eq!(of, space);

        let point = Point::of(&json!({
            "learningRate": 0.01, "depth": 3, "n": 10, "activation": "relu", "nesterov": true, "batch": 64,
            "optimiser": "sgd", "epochs": 20, "weights": [0, 0.5, 1.0], "sizes": [[1, 9]], "layers": ["s", "tanh"],
            "dropout": 0.25, "shift": -0.5
        }))
        .expect("a point");
        assert_eq!(of.check(&point), Ok(()));
        let params = Params {
            learning_rate: 0.01,
            depth: 3,
            trees: 10,
            activation: Activation::Relu,
            nesterov: true,
            batch: 64,
            optimiser: "sgd".to_owned(),
            epochs: 20,
            weights: [0.0, 0.5, 1.0],
            sizes: [[1, 9]],
            layers: [Activation::Sigmoid, Activation::Tanh],
            regularisation: Dropout { dropout: 0.25 },
            shift: -0.5,
            cache: 0,
        };
        assert_eq!(point.to::<Params>(), Ok(params));
    }

    #[derive(JsonSchema)]
    enum Conditional {
        Adam { beta: f64 },
        Sgd,
    }

    #[derive(JsonSchema)]
    struct Wrong {
        free: f64,
        count: u32,
        byte: u8,
        #[schemars(range(min = 1))]
        half: u64,
        #[schemars(range(min = -1, max = 300))]
        outside: u8,
        #[schemars(range(min = 5, max = 1))]
        reversed: f64,
        #[schemars(range(min = 0, max = 1), extend("x-scale" = "log"))]
        log_of_zero: f64,
        #[schemars(range(min = 0, max = 1), extend("x-scale" = "logarithmic"))]
        scale: f64,
        #[schemars(range(min = 0, max = 1), extend("exclusiveMinimum" = 0))]
        exclusive: f64,
        #[schemars(range(min = 0, max = 1))]
        optional: Option<f64>,
        optional_choice: Option<Activation>,
        text: String,
        nested: Dropout,
        conditional: Conditional,
        tuple: (f64, bool),
        list: Vec<f64>,
        array: [f64; 2],
        choices: [[bool; 2]; 2],
        anything: serde_json::Value,
        #[schemars(extend("enum" = []))]
        no_choice: u32,
        #[schemars(extend("x-scale" = "log"))]
        log_choice: bool,
        #[schemars(extend("x-scale" = "ordered"))]
        ordered: Activation,
        #[schemars(extend("x-scale" = "ordered"))]
        ordered_array: [Activation; 2],
        #[schemars(inner(range(min = 1, max = 2)), extend("x-scale" = "log"))]
        log_array: [f64; 2],
    }

    #[derive(JsonSchema)]
    struct Recursive {
        next: Box<Recursive>,
    }

    #[derive(JsonSchema)]
    struct Flattened {
        #[serde(flatten)]
        conditional: Conditional,
    }

    #[derive(JsonSchema)]
    struct Envelope {
        class: bool,
        module: bool,
        attributes: bool,
    }

    #[test]
    fn a_field_that_is_no_parameter_is_named_with_what_to_add() {
        let errors = [
            OptSpace::of::<Wrong>(),
            OptSpace::of::<Conditional>(),
            OptSpace::of::<Flattened>(),
            OptSpace::of::<Recursive>(),
            OptSpace::of::<Envelope>(),
            OptSpace::of::<HashMap<String, f64>>(),
            OptSpace::of::<f64>(),
        ];
        let problems = errors
            .into_iter()
            .flat_map(|error| error.expect_err("a wrong type").into_problems());
        let lines: Vec<_> = problems.map(|problem| problem.to_string()).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }
}
