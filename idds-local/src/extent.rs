//! How much is in a JSON text, and what Python writes that JSON does not have, found without building anything.

use std::borrow::Cow;

/// How much is in a text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Extent {
    /// Values, those inside others included; a text that is no JSON may have any number.
    pub(crate) values: usize,
    /// Levels of lists and objects.
    pub(crate) depth: usize,
    /// Whether something in it is no JSON, but may be JSON of Python.
    is_python: bool,
}

impl Extent {
    /// Measures a text.
    ///
    /// A value is counted for each comma, and for each list or object that is not empty: that is exact for lists, and for
    /// objects, whose names are no values.
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut extent = Self {
            values: 1,
            ..Self::default()
        };
        let (mut at, mut depth) = (0, 0_usize);
        // An empty list has no value in it.
        let mut is_open = false;
        while let Some(byte) = text.get(at) {
            let was_open = is_open && !byte.is_ascii_whitespace();
            match byte {
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ if was_open => extent.values += 1,
                _ => {}
            }
            is_open &= !was_open;
            match byte {
                b'"' => at = end_of_string(text, at, &mut extent.is_python),
                b'[' | b'{' => {
                    depth += 1;
                    extent.depth = extent.depth.max(depth);
                    is_open = true;
                }
                b',' => extent.values += 1,
                b'N' | b'I' | 0xEF => extent.is_python = true,
                _ => {}
            }
            at += 1;
        }
        extent
    }

    /// Makes JSON of a text of this extent as Python writes it: `NaN` and infinities become texts, half of a surrogate pair
    /// becomes U+FFFD, and a byte order mark is gone. What else is no JSON stays so.
    pub(crate) fn strict(self, text: &[u8]) -> Cow<'_, [u8]> {
        if !self.is_python {
            return text.into();
        }
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let mut strict = Vec::with_capacity(text.len() + text.len() / 8);
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            let rest = &text[at..];
            let word = [&b"NaN"[..], b"Infinity", b"-Infinity"]
                .into_iter()
                .find(|word| rest.starts_with(word));
            match (byte, word) {
                (_, Some(word)) => {
                    strict.push(b'"');
                    strict.extend_from_slice(word);
                    strict.push(b'"');
                    at += word.len();
                }
                (b'"', None) => {
                    let end = end_of_string(text, at, &mut false).min(text.len() - 1);
                    push_string(&text[at..=end], &mut strict);
                    at = end + 1;
                }
                (other, None) => {
                    strict.push(*other);
                    at += 1;
                }
            }
        }
        strict.into()
    }
}

/// Returns where a string ends that begins here, or the end of the text.
fn end_of_string(text: &[u8], start: usize, has_surrogates: &mut bool) -> usize {
    let mut at = start + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => {
                *has_surrogates |= text.get(at + 1) == Some(&b'u')
                    && matches!(text.get(at + 2), Some(b'd' | b'D'));
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    at
}

/// Appends a string whose surrogates come in pairs.
fn push_string(text: &[u8], strict: &mut Vec<u8>) {
    let unit = |at: usize| {
        let escape = text
            .get(at..at + 6)
            .filter(|escape| escape.starts_with(b"\\u"))?;
        u16::from_str_radix(str::from_utf8(&escape[2..]).ok()?, 16).ok()
    };
    let is_high = |unit: u16| (0xD800..0xDC00).contains(&unit);
    let is_low = |unit: u16| (0xDC00..0xE000).contains(&unit);
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let taken = match unit(at) {
            Some(high) if is_high(high) && unit(at + 6).is_some_and(is_low) => 12,
            Some(half) if is_high(half) || is_low(half) => {
                strict.extend_from_slice("\u{FFFD}".as_bytes());
                at += 6;
                continue;
            }
            _ if *byte == b'\\' => 2,
            _ => 1,
        };
        let end = (at + taken).min(text.len());
        strict.extend_from_slice(&text[at..end]);
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(text: &str) -> (usize, usize) {
        let Extent { values, depth, .. } = Extent::of(text.as_bytes());
        (values, depth)
    }

    #[test]
    fn every_value_is_counted() {
        for (text, expected) in [
            ("5", (1, 0)),
            ("[]", (1, 1)),
            (" [ ] ", (1, 1)),
            ("[1]", (2, 1)),
            ("[1, [2, {}], \"a,[\\\"\"]", (6, 3)),
            (r#"{"a": {"b": 1, "c": []}, "d": null}"#, (5, 3)),
            ("[[],[],[]]", (4, 2)),
            ("", (1, 0)),
            ("]]]]", (1, 0)),
            ("\"open", (1, 0)),
        ] {
            assert_eq!(extent(text), expected, "{text}");
        }
        assert_eq!(extent(&"[".repeat(1000)).1, 1000);
    }

    #[test]
    fn what_only_python_reads_becomes_json() {
        let strict = |text: &[u8]| {
            String::from_utf8(Extent::of(text).strict(text).into_owned()).expect("text")
        };
        for (python, json) in [
            (
                r#"{"a": NaN, "NaN": [Infinity, -Infinity]}"#,
                r#"{"a": "NaN", "NaN": ["Infinity", "-Infinity"]}"#,
            ),
            ("\u{feff}[1]", "[1]"),
            (
                r#"["\ud800", "\udc00x", "\ud83d\ude00", "\\ud800"]"#,
                "[\"\u{FFFD}\", \"\u{FFFD}x\", \"\\ud83d\\ude00\", \"\\\\ud800\"]",
            ),
            (r#"["Infinity and NaN"]"#, r#"["Infinity and NaN"]"#),
            ("[1, -2]", "[1, -2]"),
            ("NaN\"", "\"NaN\"\""),
        ] {
            assert_eq!(strict(python.as_bytes()), json);
        }
    }
}
