//! `NaN` and `Infinity`, which Python writes into JSON and JSON does not know.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

const WORDS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// Puts quotes around every bare `NaN`, `Infinity` and `-Infinity` outside strings; none when there is nothing to quote.
///
/// They become text, not null: a loss that is not a number is still a loss.
pub(crate) fn quote(body: &[u8]) -> Option<Vec<u8>> {
    let mut quoted = Vec::with_capacity(body.len() + 16);
    let mut in_string = false;
    let mut rest = body;
    let mut found = false;
    while let Some((&byte, tail)) = rest.split_first() {
        let word = if in_string { None } else { WORDS.iter().find(|word| rest.starts_with(word.as_bytes())) };
        if let Some(word) = word {
            quoted.push(b'"');
            quoted.extend_from_slice(word.as_bytes());
            quoted.push(b'"');
            rest = &rest[word.len()..];
            found = true;
            continue;
        }
        quoted.push(byte);
        rest = tail;
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => {
                if let Some((&escaped, tail)) = rest.split_first() {
                    quoted.push(escaped);
                    rest = tail;
                }
            }
            _ => {}
        }
    }
    found.then_some(quoted)
}

/// Reads a number or null, and the words that [`quote`] made text of.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    deserializer.deserialize_any(Number)
}

struct Number;

impl Visitor<'_> for Number {
    type Value = Option<f64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, NaN, Infinity, -Infinity or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number as f64))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "NaN" => Ok(Some(f64::NAN)),
            "Infinity" => Ok(Some(f64::INFINITY)),
            "-Infinity" => Ok(Some(f64::NEG_INFINITY)),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> Option<String> {
        quote(text.as_bytes()).map(|bytes| String::from_utf8(bytes).expect("text"))
    }

    #[test]
    fn bare_words_are_quoted() {
        let text = r#"[NaN,-Infinity, {"a":Infinity}]"#;
        assert_eq!(quoted(text).as_deref(), Some(r#"["NaN","-Infinity", {"a":"Infinity"}]"#));
    }

    #[test]
    fn words_inside_strings_are_left_alone() {
        assert_eq!(quoted(r#"{"NaN \" NaN": "Infinity\\"}"#), None);
    }

    #[test]
    fn a_cut_string_ends_quietly() {
        assert_eq!(quoted(r#"[NaN, "\"#).as_deref(), Some(r#"["NaN", "\"#));
    }

    #[test]
    fn words_and_numbers_are_read_as_numbers() {
        let read = |text: &str| optional(&mut serde_json::Deserializer::from_str(text));
        assert_eq!(read("7").expect("a number"), Some(7.0));
        assert_eq!(read("null").expect("null"), None);
        assert_eq!(read("\"-Infinity\"").expect("a word"), Some(f64::NEG_INFINITY));
        assert!(read("\"NaN\"").expect("a word").is_some_and(f64::is_nan));
        assert!(read("\"1.5\"").is_err());
    }
}
