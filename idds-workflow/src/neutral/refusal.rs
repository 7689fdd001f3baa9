//! Why a form cannot be filled, in our words instead of those of serde.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::error::{NO_FIELD, suggestion};

/// Longest text that a message repeats, in characters.
const MAX_CHARS: usize = 60;

/// What a field has and should not, or lacks.
#[derive(Debug)]
pub(crate) struct Refusal {
    message: String,
    /// The field that is missing, to which the place does not lead.
    missing: Option<&'static str>,
}

impl Refusal {
    /// Tells whether it is about a key that should not be there.
    pub(super) fn is_of_key(&self) -> bool {
        self.message.starts_with(NO_FIELD)
    }

    /// Returns the field that is missing, if it is about one.
    pub(super) fn missing(&self) -> Option<&'static str> {
        self.missing
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Where the place of a field is not known, it is named here.
        if let Some(field) = self.missing {
            write!(f, "{field} ")?;
        }
        f.write_str(&self.message)
    }
}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            message: message.to_string(),
            missing: None,
        }
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expectation(expected);
        let hint = match unexpected {
            Unexpected::Unsigned(number) if expected == "a string" => {
                format!("; write \"{number}\"")
            }
            Unexpected::Signed(number) if expected == "a string" => format!("; write \"{number}\""),
            Unexpected::Bool(value) if expected == "a string" => format!("; write \"{value}\""),
            Unexpected::Str("yes" | "Yes" | "YES" | "on" | "On" | "ON") if expected == TRUTH => {
                "; write true".to_owned()
            }
            Unexpected::Str("no" | "No" | "NO" | "off" | "Off" | "OFF") if expected == TRUTH => {
                "; write false".to_owned()
            }
            Unexpected::Str(text)
                if expected == "a number" && text.parse::<f64>().is_ok_and(f64::is_finite) =>
            {
                "; write it without quotes".to_owned()
            }
            Unexpected::Str("true" | "false") if expected == TRUTH => {
                "; write it without quotes".to_owned()
            }
            Unexpected::Unit => "; leave the field out when it has no value".to_owned(),
            _ => String::new(),
        };
        Self::custom(format_args!(
            "is {}, not {expected}{hint}",
            Said(unexpected)
        ))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!(
            "is {}, not {}",
            Said(unexpected),
            expectation(expected)
        ))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let elements = if length == 1 { "element" } else { "elements" };
        Self::custom(format_args!(
            "has {length} {elements}, and should be {}",
            expectation(expected)
        ))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(none_of(&format!("{variant:?}"), variant, expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(no_field(field, expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            message: "is missing".to_owned(),
            missing: Some(field),
        }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::custom(format_args!("the key {field:?} is given twice"))
    }
}

const TRUTH: &str = "true or false";

/// What other workflow systems call the steps that a step waits for.
const ORDER_ELSEWHERE: [&str; 7] = [
    "after",
    "depends_on",
    "dependencies",
    "depends",
    "needs",
    "requires",
    "upstream",
];

/// Says that a key is none of the fields that there are.
pub(super) fn no_field(key: &str, fields: &[&str]) -> String {
    // Fields of every work have this one. The order of steps stands beside them, not in them.
    if fields.contains(&"agent_attributes") && ORDER_ELSEWHERE.contains(&key) {
        return format!(
            "{NO_FIELD}; the order of steps stands in the conditions of the workflow: \
             `conditions: [{{ when: {{ step: FIRST, is: finished }}, then: [SECOND] }}]`"
        );
    }
    let meant = suggestion(key, fields.iter().copied());
    match meant.is_empty() {
        true => format!("{NO_FIELD}; there are {}", fields.join(", ")),
        false => format!("{NO_FIELD}{meant}"),
    }
}

/// Says that a value, as it is written, is none of those that are right.
pub(crate) fn none_of(written: &str, word: &str, right: &[&str]) -> String {
    format!(
        "{written} is none of {}{}",
        right.join(", "),
        suggestion(word, right.iter().copied())
    )
}

/// Says what would be right in words for the author of a document.
fn expectation(expected: &dyn Expected) -> String {
    let said = expected.to_string();
    match said.as_str() {
        "a boolean" => TRUTH.to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        "a JSON number" | "f64" | "f32" | "i64" | "u64" | "i32" | "u32" => "a number".to_owned(),
        "unit" => "null".to_owned(),
        _ if said.starts_with("struct ") => "an object".to_owned(),
        _ => match said.split_once(" with ") {
            Some((kind, elements)) if kind.starts_with("tuple") => format!("a list of {elements}"),
            // serde's words for a list that is longer than what was read of it.
            _ => match said
                .strip_suffix(" elements in sequence")
                .or_else(|| said.strip_suffix(" element in sequence"))
            {
                Some(count) => format!("a list of {count}"),
                None => said.replace("an array of length", "a list of length"),
            },
        },
    }
}

/// A value as its author would call it.
struct Said<'a>(Unexpected<'a>);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(value) => value.fmt(f),
            Unexpected::Unsigned(number) => number.fmt(f),
            Unexpected::Signed(number) => number.fmt(f),
            Unexpected::Float(number) => write!(f, "{number:?}"),
            Unexpected::Str(text) => match text.char_indices().nth(MAX_CHARS) {
                Some((end, _)) => write!(f, "{:?}…", &text[..end]),
                None => write!(f, "{text:?}"),
            },
            Unexpected::Unit | Unexpected::Option => f.write_str("null"),
            Unexpected::Seq => f.write_str("a list"),
            Unexpected::Map => f.write_str("an object"),
            other => other.fmt(f),
        }
    }
}
