//! Why a text cannot be read.

use std::fmt::{self, Display};

use serde::de::{Expected, Unexpected};

use crate::printable;

/// Why a text cannot be read: where, and what is wrong there.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}, column {column}: {}", Placed { place, message })]
pub struct Error {
    line: usize,
    column: usize,
    place: String,
    message: String,
    is_syntax: bool,
}

impl Error {
    /// Reports what is wrong at this byte of the text.
    pub(super) fn new(text: &str, at: usize, place: &[Step], message: String) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let place = written(place);
        // What is read by rules of its own, such as a space, names the place itself.
        let is_named = message
            .strip_prefix(&place)
            .is_some_and(|rest| rest.starts_with(['.', '[', ':']));
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line..].chars().count() + 1,
            place: if is_named { String::new() } else { place },
            message,
            is_syntax: false,
        }
    }

    /// Reports that the text is no JSON of Python.
    pub(super) fn syntax(text: &str, at: usize, message: String) -> Self {
        Self {
            is_syntax: true,
            ..Self::new(text, at, &[], message)
        }
    }

    /// Returns the line, the first one being 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the character of the line, the first one being 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Returns the place, such as `points[0][1]`; empty when it is the whole text, or when it is no JSON of Python.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns what is wrong there, with the value and what would be right.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Tells whether the text is no JSON of Python, so that nothing of it was read.
    pub fn is_syntax(&self) -> bool {
        self.is_syntax
    }
}

struct Placed<'a> {
    place: &'a str,
    message: &'a str,
}

impl Display for Placed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [place, message] = [self.place, self.message].map(printable);
        if place.is_empty() {
            f.write_str(&message)
        } else {
            write!(f, "{place}: {message}")
        }
    }
}

/// One step from a value to one inside it.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Name(String),
    Index(usize),
}

fn written(place: &[Step]) -> String {
    let mut text = String::new();
    for step in place {
        match step {
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Name(name) => {
                let dot = if text.is_empty() { "" } else { "." };
                text.push_str(&format!("{dot}{}", name.escape_debug()));
            }
        }
    }
    text
}

/// What is wrong with a value while it is being read; the place is added from the inside out.
#[derive(Debug)]
pub(super) struct Fault {
    message: String,
    at: Option<usize>,
    /// The innermost step comes first.
    steps: Vec<Step>,
}

impl Fault {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            at: Some(at),
            steps: Vec::new(),
        }
    }

    /// Says where the value stands, unless a value inside it is what is wrong.
    pub(super) fn at(mut self, at: usize) -> Self {
        self.at.get_or_insert(at);
        self
    }

    pub(super) fn within(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    pub(super) fn into_parts(self) -> (Option<usize>, Vec<Step>, String) {
        (self.at, self.steps, self.message)
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<M: Display>(message: M) -> Self {
        Self {
            message: message.to_string(),
            at: None,
            steps: Vec::new(),
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!(
            "{} is given where {} is expected",
            Found(found),
            wanted(&expected.to_string())
        ))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let wanted = wanted(&expected.to_string());
        Self::custom(format_args!(
            "a list of {length} is given where {wanted} is expected"
        ))
    }

    fn unknown_variant(name: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!(
            "{} is none of {}",
            quoted(name),
            expected.join(", ")
        ))
    }

    fn unknown_field(name: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!(
            "the field {} is unknown; known are {}",
            quoted(name),
            expected.join(", ")
        ))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::custom(format_args!("{name} is missing"))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::custom(format_args!("{name} is given twice"))
    }
}

struct Found<'a>(Unexpected<'a>);

impl Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(value) => write!(f, "{value}"),
            Unexpected::Unsigned(value) => write!(f, "{value}"),
            Unexpected::Signed(value) => write!(f, "{value}"),
            Unexpected::Float(value) => write!(f, "{value:?}"),
            Unexpected::Str(text) => f.write_str(&quoted(text)),
            Unexpected::Unit => f.write_str("null"),
            Unexpected::Seq => f.write_str("a list"),
            Unexpected::Map => f.write_str("an object"),
            other => other.fmt(f),
        }
    }
}

/// Most characters of a foreign text that an error shows.
const SHOWN: usize = 60;

/// Returns a text as an error shows it.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Returns a value as it stands in the text, cut when it is long.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Says in words of JSON what serde expects in words of Rust.
fn wanted(expected: &str) -> String {
    let words = match expected {
        "a string" | "string" | "str" | "a borrowed string" | "a character" => "text",
        "a boolean" => "true or false",
        "f64" | "f32" | "a JSON number" => "a number",
        "u64" | "u32" | "u16" | "u8" | "usize" | "u128" => "a whole number from 0 on",
        "i64" | "i32" | "i16" | "i8" | "isize" | "i128" => "a whole number",
        "a map" => "an object",
        "a sequence" => "a list",
        "unit" => "null",
        _ if expected.starts_with("struct ") && !expected.contains(" with ") => "an object",
        _ if expected.starts_with("tuple struct ") || expected.starts_with("a tuple of size ") => {
            let length = expected
                .split_whitespace()
                .find(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
            return length.map_or_else(
                || "a list".to_owned(),
                |length| format!("a list of {length}"),
            );
        }
        _ => expected,
    };
    words.to_owned()
}
