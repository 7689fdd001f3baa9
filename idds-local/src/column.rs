//! Values of JSON as columns of the database take them.

use serde_json::Value;

use crate::answer::Failure;
use crate::enumeration::Enumeration;
use crate::python;

/// Reads a member of an enumeration, given as an object or as its number.
pub(crate) fn member(
    value: Option<Value>,
    enumeration: &Enumeration,
) -> Result<Option<i64>, Failure> {
    match value {
        None => Ok(None),
        Some(value @ Value::Object(_)) => enumeration
            .read(&value)
            .map(Some)
            .ok_or_else(Failure::undecodable),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(code) if enumeration.contains(code) => Ok(Some(code)),
            _ => Err(Failure::core(format!(
                "{number} is not a valid {}",
                enumeration.class()
            ))),
        },
        Some(other) => Err(Failure::core(format!(
            "'{}' object has no attribute 'value'",
            python_type(&other)
        ))),
    }
}

/// Reads a number of a 32-bit column, which may also be text of digits.
pub(crate) fn integer(value: Value) -> Result<Option<i64>, Failure> {
    let digits = match value {
        Value::Null => return Ok(None),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text,
        other => return Err(not_adaptable(&other)),
    };
    python::column_integer(&digits, 32)
        .map(Some)
        .map_err(|details| Failure::database(&details))
}

/// Reads a text of a column that holds this many characters; a number is written as text.
pub(crate) fn text(value: Value, max: usize) -> Result<Option<String>, Failure> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        other => return Err(not_adaptable(&other)),
    };
    if text.contains('\0') {
        return Err(Failure::core(
            "A string literal cannot contain NUL (0x00) characters.",
        ));
    }
    if text.chars().count() > max {
        return Err(Failure::database(&format!(
            "value too long for type character varying({max})"
        )));
    }
    Ok(Some(text))
}

fn not_adaptable(value: &Value) -> Failure {
    Failure::database(&format!("can't adapt type '{}'", python_type(value)))
}

/// Returns the Python type that a value is read as.
pub(crate) fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(_) => "float",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}
