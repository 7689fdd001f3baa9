//! Values as Python, and the database behind it, read and write them.

use std::num::IntErrorKind;

use idds_workflow::python_json;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// Reads a number as Python's `float()` does: white space around it and single underscores between digits are allowed.
///
/// Digits of other scripts, which Python reads as well, are not.
pub(crate) fn float(text: &str) -> Option<f64> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let is_digit = |index: Option<usize>| {
        index
            .and_then(|index| bytes.get(index))
            .is_some_and(u8::is_ascii_digit)
    };
    let separates =
        |(index, _)| is_digit(usize::checked_sub(index, 1)) && is_digit(Some(index + 1));
    if !text.match_indices('_').all(separates) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// Reads an integer of a column of this many bits as PostgreSQL does, or says in its words why not.
pub(crate) fn column_integer(text: &str, bits: u32) -> Result<i64, String> {
    let (kind, max) = if bits == 32 {
        ("integer", i64::from(i32::MAX))
    } else {
        ("bigint", i64::MAX)
    };
    let digits = text.trim();
    let out_of_range = || format!("value {} is out of range for type {kind}", json_text(text));
    match digits.parse::<i64>() {
        Ok(number) if (-max - 1..=max).contains(&number) => Ok(number),
        Ok(_) => Err(out_of_range()),
        Err(error) => match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => Err(out_of_range()),
            _ => Err(format!(
                "invalid input syntax for type {kind}: {}",
                json_text(text)
            )),
        },
    }
}

/// Quotes a text as Python's `repr()` does, cut after 100 characters.
pub(crate) fn repr(text: &str) -> String {
    let cut = match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    python_json::repr(&cut.into())
}

/// Writes a text as `json.dumps` does: ASCII only.
pub(crate) fn json_text(text: &str) -> String {
    let mut quoted = String::from('"');
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str(r"\\"),
            '\n' => quoted.push_str(r"\n"),
            '\r' => quoted.push_str(r"\r"),
            '\t' => quoted.push_str(r"\t"),
            ' '..='~' => quoted.push(char),
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    quoted.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Writes seconds since 1970 the way the server writes dates, such as `Sun, 22 Nov 2026 11:43:42 UTC`.
pub(crate) fn date(seconds: i64) -> Option<String> {
    let moment = Timestamp::from_second(seconds).ok()?;
    Some(
        moment
            .to_zoned(TimeZone::UTC)
            .strftime("%a, %d %b %Y %H:%M:%S UTC")
            .to_string(),
    )
}

/// Returns the year and the month of a moment in seconds since 1970.
pub(crate) fn year_and_month(seconds: i64) -> Option<(i16, i8)> {
    let moment = Timestamp::from_second(seconds)
        .ok()?
        .to_zoned(TimeZone::UTC);
    Some((moment.year(), moment.month()))
}

/// Reads an integer as Python's `int()` does, or says in its words why not. Digits of other scripts are not read.
pub(crate) fn int(text: &str) -> Result<i64, String> {
    let is_digits =
        |text: &str| float(text).is_some() && !text.contains(['.', 'e', 'E', 'n', 'N', 'i', 'I']);
    let number = is_digits(text)
        .then(|| text.trim().replace('_', "").parse().ok())
        .flatten();
    number.ok_or_else(|| format!("invalid literal for int() with base 10: {}", repr(text)))
}

/// Writes a value as `json.dumps` does, with spaces after commas and colons, in ASCII only.
pub(crate) fn dumps(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::String(string) => text.push_str(&json_text(string)),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            for (index, (name, field)) in fields.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                text.push_str(&json_text(name));
                text.push_str(": ");
                write(field, text);
            }
            text.push('}');
        }
        simple => text.push_str(&simple.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        let read = [
            ("0.5", 0.5),
            ("1e-05", 1e-5),
            ("-3.5e+300", -3.5e300),
            (" 4.5\n", 4.5),
            ("1_000", 1000.0),
            ("1_0.0_1e1_0", 10.01e10),
            ("+7.", 7.0),
            (".5", 0.5),
            ("-0", 0.0),
            ("1e999", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ];
        for (text, number) in read {
            assert_eq!(float(text), Some(number), "{text:?}");
        }
        assert!(float("nan").is_some_and(f64::is_nan));
        for text in [
            "", " ", "0x10", "1,5", "null", "best", "_1", "1_", "1__0", "1_.0", "1e_5", "1 000",
            ".", "e5", "😀_",
        ] {
            assert_eq!(float(text), None, "{text:?}");
        }
    }

    #[test]
    fn texts_are_quoted_as_python_quotes_them() {
        assert_eq!(repr("1,5"), "'1,5'");
        assert_eq!(repr("a'b"), "\"a'b\"");
        assert_eq!(repr("x\ny\0"), r"'x\ny\x00'");
        assert_eq!(
            json_text("é\n\"😀\x7f"),
            r#""\u00e9\n\"\ud83d\ude00\u007f""#
        );
    }

    #[test]
    fn integers_are_read_as_python_reads_them() {
        for (text, number) in [("7", 7), (" -1_000\n", -1000), ("+0", 0)] {
            assert_eq!(int(text), Ok(number));
        }
        for text in [
            "",
            "abc",
            "1.0",
            "1e3",
            "1__0",
            "nan",
            "99999999999999999999",
        ] {
            assert_eq!(
                int(text),
                Err(format!(
                    "invalid literal for int() with base 10: {}",
                    repr(text)
                ))
            );
        }
    }

    #[test]
    fn json_is_written_with_spaces_and_in_ascii() {
        let value = serde_json::json!([{ "A": 4, "é": [] }, null, 0.5, true]);
        assert_eq!(
            dumps(&value),
            r#"[{"A": 4, "\u00e9": []}, null, 0.5, true]"#
        );
    }

    #[test]
    fn dates_are_spelled_as_the_server_spells_them() {
        assert_eq!(
            date(1_795_347_822).as_deref(),
            Some("Sun, 22 Nov 2026 11:43:42 UTC")
        );
        assert_eq!(date(i64::MAX), None);
    }
}
