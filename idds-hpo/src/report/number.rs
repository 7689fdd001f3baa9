//! Numbers and texts as people write them.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::Value;

/// Digits that are shown of a number.
const DIGITS: usize = 5;

/// A number in few characters: `0.001`, `1e-5`, `12500`, `2.5e7`.
pub fn short(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return if number == 0.0 {
            "0".to_owned()
        } else {
            number.to_string()
        };
    }
    let scientific = format!("{number:.*e}", DIGITS - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or_default();
    if (-3..7).contains(&power) {
        let decimals = usize::try_from(DIGITS as i32 - 1 - power).unwrap_or_default();
        return without_zeros(&format!("{number:.decimals$}"));
    }
    format!("{}e{power}", without_zeros(mantissa))
}

fn without_zeros(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

/// How many characters are shown of a text of others.
const MOST: usize = 200;

/// A value as people write it, shortened when it is long.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => {
            number.as_f64().map_or_else(|| number.to_string(), short)
        }
        Value::String(text) => brief(text).into_owned(),
        Value::Array(_) | Value::Object(_) => brief(&beginning(value)).into_owned(),
        other => other.to_string(),
    }
}

/// A text of others, shortened when it is long.
pub(super) fn brief(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{} …", &text[..at]).into(),
        None => text.into(),
    }
}

/// The beginning of the JSON of a value, which may be of any length: more than is shown, and enough to tell values apart.
pub(super) fn beginning(value: &Value) -> String {
    let mut sink = Beginning(Vec::new());
    // What is too long ends with an error.
    let _ = serde_json::to_writer(&mut sink, value);
    String::from_utf8_lossy(&sink.0).into_owned()
}

struct Beginning(Vec<u8>);

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = (4 * MOST).saturating_sub(self.0.len());
        self.0.extend(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room {
            Err(io::ErrorKind::WriteZero.into())
        } else {
            Ok(bytes.len())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Replaces what XML has no place for, and what turns the text around it.
pub(super) fn harmless(text: String) -> String {
    let is_harmful = |c: char| {
        matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(is_harmful) {
        text.replace(is_harmful, "\u{fffd}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let short = [
            0.0,
            2.5,
            1e-7,
            -3e9,
            0.1 + 0.2,
            1e-3,
            12_500.0,
            123_456_789.0,
            1e-5,
            0.000_123_4,
        ]
        .map(short);
        assert_eq!(
            short,
            [
                "0", "2.5", "1e-7", "-3e9", "0.3", "0.001", "12500", "1.2346e8", "1e-5", "1.234e-4"
            ]
        );
    }

    #[test]
    fn a_value_of_any_length_is_shown_in_a_line() {
        assert_eq!(
            text(&serde_json::json!({"a": [1, null, "x"]})),
            r#"{"a":[1,null,"x"]}"#
        );
        for value in [
            Value::from("ä".repeat(1 << 20)),
            Value::from(vec![0.5; 1 << 20]),
            serde_json::json!(["\"".repeat(1 << 20)]),
        ] {
            let text = text(&value);
            assert!(
                text.chars().count() == MOST + 2 && text.ends_with(" …"),
                "{text}"
            );
            assert!(beginning(&value).len() <= 4 * MOST + 3);
        }
    }

    #[test]
    fn a_text_has_nothing_that_xml_lacks() {
        assert_eq!(
            harmless("a\u{0}\u{1b}[1m\u{202e}ä\n".to_owned()),
            "a\u{fffd}\u{fffd}[1m\u{fffd}ä\n"
        );
    }
}
