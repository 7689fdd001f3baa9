//! What is stored, as the server shows it.

pub(crate) mod catalog;
pub(crate) mod monitor;
pub(crate) mod request;
pub(crate) mod transform;

use serde_json::{Map, Value};

/// Fields in which the server keeps which of its threads works on something.
const THREADS: [&str; 4] = ["locking_hostname", "locking_pid", "locking_thread_id", "locking_thread_name"];

/// Takes the fields out of an object that was just made.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Returns these fields, all null.
fn nulls<const N: usize>(names: [&str; N]) -> [(String, Value); N] {
    names.map(|name| (name.to_owned(), Value::Null))
}

fn json_text(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
