//! What a JSON Schema refuses, in our words instead of those of the validator.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::Value;

use crate::error::{NO_FIELD, Problem, suggestion};

/// Most values that a message lists.
const SHOWN: usize = 10;

/// Longest value that a message repeats, in characters.
const MAX_CHARS: usize = 60;

/// A schema to check values with.
#[derive(Debug)]
pub(super) struct Checker {
    schema: Value,
    validator: Validator,
}

impl Checker {
    pub(super) fn new(schema: Value) -> Self {
        let validator =
            jsonschema::draft202012::new(&schema).expect("the schemas of this crate are valid");
        Self { schema, validator }
    }

    /// Tells what is wrong with a value that stands at this place of the definition.
    pub(super) fn problems(&self, value: &Value, place: &str) -> Vec<Problem> {
        self.validator
            .iter_errors(value)
            .flat_map(|error| self.explain(&error, place))
            .collect()
    }

    fn explain(&self, error: &ValidationError<'_>, place: &str) -> Vec<Problem> {
        let place = join(place, error.instance_path());
        let said = short(error.instance());
        let count = |count: usize, noun: &str| {
            format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
        };
        let length = |noun: &str| match error.instance().as_ref() {
            Value::Array(items) => count(items.len(), noun),
            Value::String(text) => count(text.chars().count(), noun),
            _ => said.clone(),
        };
        let message = match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                let fields = self.fields(error);
                let problem = |name: &String| {
                    let meant = suggestion(name, fields.iter().map(String::as_str));
                    let there = if meant.is_empty() {
                        format!("; there are {}", list(&fields))
                    } else {
                        meant
                    };
                    let there = if fields.is_empty() {
                        "; there are none".to_owned()
                    } else {
                        there
                    };
                    Problem::new(format!("{place}.{name}"), format!("{NO_FIELD}{there}"))
                };
                return unexpected.iter().map(problem).collect();
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                return vec![Problem::new(format!("{place}.{name}"), "is missing")];
            }
            Kind::Type { kind } => format!("{said} is not {}", type_names(kind)),
            Kind::Enum { options } => {
                let options: Vec<_> = options
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(short)
                    .collect();
                let words = options
                    .iter()
                    .map(String::as_str)
                    .filter(|_| error.instance().is_string());
                format!(
                    "{said} is none of {}{}",
                    list(&options),
                    suggestion(&said, words)
                )
            }
            Kind::Constant { expected_value } => format!("{said} is not {}", short(expected_value)),
            Kind::Minimum { limit } => {
                format!("{said} is below {limit}, the least that is allowed")
            }
            Kind::Maximum { limit } => format!("{said} is above {limit}, the most that is allowed"),
            Kind::ExclusiveMinimum { limit } => format!("{said} is not above {limit}"),
            Kind::ExclusiveMaximum { limit } => format!("{said} is not below {limit}"),
            Kind::MultipleOf { multiple_of } => {
                format!("{said} is not a multiple of {multiple_of}")
            }
            Kind::MinItems { limit: 1 } | Kind::MinLength { limit: 1 } => "is empty".to_owned(),
            Kind::MinItems { limit } => {
                format!("has {}, and needs at least {limit}", length("element"))
            }
            Kind::MaxItems { limit } => {
                format!("has {}, and may have at most {limit}", length("element"))
            }
            Kind::MinLength { limit } => {
                format!("has {}, and needs at least {limit}", length("character"))
            }
            Kind::MaxLength { limit } => {
                format!("has {}, and may have at most {limit}", length("character"))
            }
            Kind::AnyOf { .. }
            | Kind::OneOfNotValid { .. }
            | Kind::OneOfMultipleValid { .. }
            | Kind::Not { .. } => {
                format!("{said} is of no form that is allowed here")
            }
            Kind::PropertyNames { .. } => "has a name that is not allowed".to_owned(),
            _ => error.to_string(),
        };
        vec![Problem::new(place, message)]
    }

    /// Returns the fields that stand beside `additionalProperties`.
    fn fields(&self, error: &ValidationError<'_>) -> Vec<String> {
        let path = error.schema_path().as_str();
        let beside = path.rsplit_once('/').map_or("", |(beside, _)| beside);
        let fields = self
            .schema
            .pointer(beside)
            .and_then(|schema| schema["properties"].as_object());
        fields
            .into_iter()
            .flat_map(|fields| fields.keys().cloned())
            .collect()
    }
}

/// Lists words; of many, the first ones.
fn list(words: &[String]) -> String {
    let shown = words
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match words.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn type_names(kind: &TypeKind) -> String {
    let name = |kind: JsonType| match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "an integer",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    };
    match kind {
        TypeKind::Single(kind) => name(*kind).to_owned(),
        TypeKind::Multiple(kinds) => kinds.iter().map(name).collect::<Vec<_>>().join(" or "),
    }
}

/// Appends a JSON pointer to a place, as `.name` and `[index]`.
fn join(place: &str, pointer: &Location) -> String {
    pointer
        .segments()
        .fold(place.to_owned(), |place, segment| match segment {
            LocationSegment::Property(name) => format!("{place}.{name}"),
            LocationSegment::Index(index) => format!("{place}[{index}]"),
        })
}
