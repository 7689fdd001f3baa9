//! Checks of user data: texts that end up in columns of the server's database, and JSON that its decoder would mistake.

use serde_json::{Map, Value};

use crate::error::Problem;

/// Longest name, scope or user name the server can store, in characters.
const MAX_CHARS: usize = 255;

/// Fields by which the server knows a Python object.
pub(crate) const ENVELOPE: [&str; 3] = ["class", "module", "attributes"];

/// Tells what is wrong with a text that may be missing.
pub(crate) fn optional(field: &str, text: Option<&str>) -> Option<Problem> {
    let chars = text.map_or(0, |text| text.chars().count());
    (chars > MAX_CHARS).then(|| {
        Problem::new(
            field,
            format!("is {chars} characters long; at most {MAX_CHARS} are allowed"),
        )
    })
}

/// Tells whether the server's decoder would find a Python object in the value, and import its class.
pub(crate) fn is_python_object(value: &Value) -> bool {
    match value {
        Value::Object(object) => map_is_python_object(object),
        Value::Array(items) => items.iter().any(is_python_object),
        _ => false,
    }
}

/// Tells whether the server's decoder would take the object, or one inside it, for a Python object.
pub(crate) fn map_is_python_object(object: &Map<String, Value>) -> bool {
    ENVELOPE.iter().all(|key| object.contains_key(*key)) || object.values().any(is_python_object)
}

/// Tells whether something can be called so in Python.
pub(crate) fn is_python_name(text: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(is_start) && text.chars().all(|c| is_start(c) || c.is_ascii_digit())
}

/// Says that there is a Python object at this place.
pub(crate) fn python_object(place: &str) -> Problem {
    Problem::new(
        place,
        "an object with class, module and attributes would become a Python object on the server",
    )
}
