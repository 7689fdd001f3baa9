//! Values as Python's `repr` writes them.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::{Number, Value};

use crate::printable;

/// Writes a value as Python's `repr` writes what `json.loads` makes of it, as scripts around the Python command read it.
///
/// ```
/// use idds_workflow::python_json::repr;
///
/// assert_eq!(repr(&serde_json::json!({"a": [null, 1e16], "b": "it's"})), r#"{'a': [None, 1e+16], 'b': "it's"}"#);
/// ```
pub fn repr(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("None"),
        Value::Bool(true) => text.push_str("True"),
        Value::Bool(false) => text.push_str("False"),
        Value::Number(number) => text.push_str(&self::number(number)),
        Value::String(string) => quote(string, text),
        Value::Array(items) => {
            list('[', ']', items, text, write);
        }
        Value::Object(members) => list('{', '}', members, text, |(name, member), text| {
            quote(name, text);
            text.push_str(": ");
            write(member, text);
        }),
    }
}

fn list<T>(
    open: char,
    close: char,
    items: impl IntoIterator<Item = T>,
    text: &mut String,
    write: impl Fn(T, &mut String),
) {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        write(item, text);
    }
    text.push(close);
}

fn number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => self::float(float),
        _ => number.to_string(),
    }
}

/// Writes the shortest digits that read back as the same number, with an exponent below 1e-4 and from 1e16 on.
fn float(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, power) = exponent
            .strip_prefix('-')
            .map_or(('+', exponent), |power| ('-', power));
        return format!("{digits}e{sign}{power:0>2}");
    }
    format!("{number:?}")
}

/// Writes a string in single quotes, or in double quotes when only single ones are in it.
fn quote(string: &str, text: &mut String) {
    let quote = if string.contains('\'') && !string.contains('"') {
        '"'
    } else {
        '\''
    };
    text.push(quote);
    for character in string.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            _ if character == quote => text.extend(['\\', character]),
            _ if is_printable(character) => text.push(character),
            _ => {
                // Writing to a string does not fail.
                let _ = match u32::from(character) {
                    code @ 0..=0xff => write!(text, "\\x{code:02x}"),
                    code @ 0x100..=0xffff => write!(text, "\\u{code:04x}"),
                    code => write!(text, "\\U{code:08x}"),
                };
            }
        }
    }
    text.push(quote);
}

/// Says whether a character can be seen, about which Python and Rust agree.
fn is_printable(character: char) -> bool {
    matches!(
        printable(character.encode_utf8(&mut [0; 4])),
        Cow::Borrowed(_)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_look_as_in_python() {
        for (value, expected) in [
            (json!({"msg": ""}), "{'msg': ''}"),
            (
                json!([null, true, false, {"a": [], "b": {}}]),
                "[None, True, False, {'a': [], 'b': {}}]",
            ),
            (
                json!([1, -2.0, 0.1, 1e-4, 1e-5, 1.5e-7, 1e15, 1e16, 1.25e22, -0.0]),
                "[1, -2.0, 0.1, 0.0001, 1e-05, 1.5e-07, 1000000000000000.0, 1e+16, 1.25e+22, -0.0]",
            ),
            (
                json!(["it's", "say \"it's\"", "a\\b\n\t\r"]),
                r#"["it's", 'say "it\'s"', 'a\\b\n\t\r']"#,
            ),
            (
                json!("é 😀\u{0}\u{7f}\u{a0}\u{2028}e\u{301}\u{e0001}"),
                "'é 😀\\x00\\x7f\\xa0\\u2028e\u{301}\\U000e0001'",
            ),
        ] {
            assert_eq!(repr(&value), expected);
        }
    }
}
