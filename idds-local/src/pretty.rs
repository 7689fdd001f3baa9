//! JSON as the server writes it, indented by 4 with sorted keys, written piece by piece.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::mem;
use std::ops::Range;

use axum::body::Body;
use futures::stream;
use serde_json::Value;

use crate::enumeration::Enumeration;
use crate::python;

/// Size of the chunks that an answer is sent in. A text of JSON that is longer is written chunk by chunk.
pub(crate) const CHUNK: usize = 64 << 10;

/// A field of an object.
pub(crate) type Field = (&'static str, Cell);

/// A value that is shown.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    /// Null.
    Null,
    /// A number.
    Integer(i64),
    /// A moment in seconds since 1970, as the server writes dates.
    Date(i64),
    /// A member of an enumeration.
    Member(&'static Enumeration, i64),
    /// A text.
    Text(String),
    /// A text that stands in the program.
    Word(&'static str),
    /// JSON, as it is stored.
    Raw(String),
    /// Anything else.
    Value(Value),
}

impl Cell {
    /// Shows what may not be there.
    pub(crate) fn maybe<T>(value: Option<T>, show: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, show)
    }

    /// Shows a text that may not be there.
    pub(crate) fn text(text: Option<&str>) -> Self {
        Self::maybe(text, |text| Self::Text(text.to_owned()))
    }

    /// Shows JSON that may not be there.
    pub(crate) fn json(text: Option<String>) -> Self {
        Self::maybe(text, Self::Raw)
    }
}

impl From<Option<i64>> for Cell {
    fn from(number: Option<i64>) -> Self {
        Self::maybe(number, Self::Integer)
    }
}

/// Members whose names are those of parameters: a person wants them in the order of the definition, where iDDS sorts all. To JSON
/// that is the same.
const PARAMETERS: [&str; 2] = ["opt_space", "parameters"];

/// In which order the members of objects are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    Sorted,
    /// As they stand.
    Kept,
}

impl Order {
    /// Returns the order within the member of this name.
    fn within(self, name: &str) -> Self {
        if PARAMETERS.contains(&name) {
            Self::Kept
        } else {
            self
        }
    }
}

/// What is to be sent: bytes, and texts of JSON that are written when their turn comes.
#[derive(Debug, Default)]
pub(crate) struct Script {
    done: VecDeque<Piece>,
    out: Vec<u8>,
    /// Moments as they were last written: those of a row are mostly alike.
    dates: [(i64, String); 2],
}

#[derive(Debug)]
enum Piece {
    Bytes(Vec<u8>),
    Json(Json),
}

impl Script {
    /// Appends text as it is.
    pub(crate) fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Begins a line at this level.
    pub(crate) fn line(&mut self, level: usize) {
        line(level, &mut self.out);
    }

    /// Appends a text of JSON whose lines begin at this level.
    pub(crate) fn raw(&mut self, text: String, level: usize) {
        self.json(text, level, Order::Sorted);
    }

    fn json(&mut self, text: String, level: usize, order: Order) {
        let is_long = text.len() > CHUNK / 2;
        let mut json = Json::new(text, level, order);
        if is_long {
            self.done.push_back(Piece::Bytes(mem::take(&mut self.out)));
            self.done.push_back(Piece::Json(json));
        } else {
            while !json.write(&mut self.out, usize::MAX) {}
        }
    }

    /// Appends the items of a list of JSON to a list at this level, and returns whether it is still without any.
    pub(crate) fn items(&mut self, text: String, level: usize, is_first: bool) -> bool {
        let start = skip_space(text.as_bytes(), 0);
        let first = skip_space(text.as_bytes(), start + 1);
        if text.as_bytes().get(first) == Some(&b']') {
            return is_first;
        }
        let mut json = Json::new(text, level, Order::Sorted);
        json.open = vec![Open::List {
            at: first,
            is_first,
            is_whole: false,
            order: Order::Sorted,
        }];
        self.done.push_back(Piece::Bytes(mem::take(&mut self.out)));
        self.done.push_back(Piece::Json(json));
        false
    }

    /// Appends an object whose lines begin at this level.
    pub(crate) fn object(&mut self, mut fields: Vec<Field>, level: usize) {
        fields.sort_by_key(|(name, _)| *name);
        if fields.is_empty() {
            return self.text("{}");
        }
        for (index, (name, cell)) in fields.into_iter().enumerate() {
            self.text(if index == 0 { "{" } else { "," });
            self.line(level + 1);
            self.text("\"");
            self.text(name);
            self.text("\": ");
            self.cell(cell, level + 1, Order::Sorted.within(name));
        }
        self.line(level);
        self.text("}");
    }

    fn cell(&mut self, cell: Cell, level: usize, order: Order) {
        match cell {
            Cell::Null => self.text("null"),
            Cell::Integer(number) => self.text(&number.to_string()),
            Cell::Date(moment) => self.date(moment),
            Cell::Member(enumeration, code) => self.value(&enumeration.member(code), level),
            Cell::Text(text) => string(&text, &mut self.out),
            Cell::Word(text) => string(text, &mut self.out),
            Cell::Raw(text) => self.json(text, level, order),
            Cell::Value(value) => self.ordered(&value, level, order),
        }
    }

    /// Appends a value whose lines begin at this level.
    pub(crate) fn value(&mut self, value: &Value, level: usize) {
        self.ordered(value, level, Order::Sorted);
    }

    fn ordered(&mut self, value: &Value, level: usize, order: Order) {
        match value {
            Value::String(text) => string(text, &mut self.out),
            Value::Array(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    self.text(if index == 0 { "[" } else { "," });
                    self.line(level + 1);
                    self.ordered(item, level + 1, order);
                }
                self.line(level);
                self.text("]");
            }
            Value::Object(fields) if !fields.is_empty() => {
                let mut fields: Vec<_> = fields.iter().collect();
                if order == Order::Sorted {
                    fields.sort_by_key(|(name, _)| *name);
                }
                for (index, (name, field)) in fields.into_iter().enumerate() {
                    self.text(if index == 0 { "{" } else { "," });
                    self.line(level + 1);
                    string(name, &mut self.out);
                    self.text(": ");
                    self.ordered(field, level + 1, order.within(name));
                }
                self.line(level);
                self.text("}");
            }
            simple => self.text(&simple.to_string()),
        }
    }

    fn date(&mut self, moment: i64) {
        let known = self
            .dates
            .iter()
            .position(|(at, text)| *at == moment && !text.is_empty());
        let at = known.unwrap_or_else(|| {
            let text = python::date(moment)
                .map_or_else(|| "null".to_owned(), |date| format!("\"{date}\""));
            self.dates.swap(0, 1);
            self.dates[0] = (moment, text);
            0
        });
        self.out.extend_from_slice(self.dates[at].1.as_bytes());
    }

    /// Takes the next bytes to be sent, about [`CHUNK`] of them unless they are the last.
    pub(crate) fn next_chunk(&mut self) -> Option<Vec<u8>> {
        let mut chunk = Vec::new();
        while chunk.len() < CHUNK {
            match self.done.front_mut() {
                Some(Piece::Bytes(bytes)) => {
                    chunk.append(bytes);
                    self.done.pop_front();
                }
                Some(Piece::Json(json)) => {
                    if json.write(&mut chunk, CHUNK) {
                        self.done.pop_front();
                    }
                }
                None if self.out.is_empty() => break,
                None => chunk.append(&mut self.out),
            }
        }
        (!chunk.is_empty()).then_some(chunk)
    }

    /// Tells whether nothing is left to be written.
    pub(crate) fn is_written(&self) -> bool {
        self.done.is_empty()
    }

    /// Makes a body of it, which is written as it is sent unless that is done.
    pub(crate) fn into_body(mut self) -> Body {
        if self.is_written() {
            return self.out.into();
        }
        Body::from_stream(stream::iter(std::iter::from_fn(move || {
            self.next_chunk().map(Ok::<_, Infallible>)
        })))
    }
}

fn line(level: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.resize(out.len() + 4 * level, b' ');
}

/// Appends a text in quotes.
fn string(text: &str, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(out, text);
}

/// A text of JSON that is being written in another form, without a tree of what is in it.
#[derive(Debug)]
struct Json {
    text: String,
    /// Where lists and objects that are long begin and end, by their beginnings: they are skipped more than once.
    long: Vec<(usize, usize)>,
    open: Vec<Open>,
    level: usize,
}

/// What is being written.
#[derive(Debug)]
enum Open {
    /// A value that begins here.
    Value(usize, Order),
    /// A list whose next item is looked for here.
    List {
        at: usize,
        is_first: bool,
        /// Whether its brackets are written.
        is_whole: bool,
        order: Order,
    },
    /// An object with the members that are left, the last one first.
    Object {
        members: Vec<(Range<usize>, usize)>,
        is_first: bool,
        order: Order,
    },
}

/// Length from which the end of a list or an object is noted.
const LONG: usize = 64;

impl Json {
    fn new(text: String, level: usize, order: Order) -> Self {
        let (mut long, mut open, mut at) = (Vec::new(), Vec::new(), 0);
        let bytes = text.as_bytes();
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => at = string_end(bytes, at),
                b'[' | b'{' => open.push(at),
                b']' | b'}' => {
                    let start = open.pop().unwrap_or(at);
                    if at - start >= LONG {
                        long.push((start, at));
                    }
                }
                _ => {}
            }
            at += 1;
        }
        long.sort_unstable();
        Self {
            open: vec![Open::Value(skip_space(bytes, 0), order)],
            text,
            long,
            level,
        }
    }

    /// Appends what follows until there are so many bytes or more, and tells whether that was all.
    fn write(&mut self, out: &mut Vec<u8>, until: usize) -> bool {
        while out.len() < until {
            let Some(open) = self.open.pop() else {
                return true;
            };
            let bytes = self.text.as_bytes();
            // Levels that are open below this one, each of which is a line further in.
            let level = self.level + self.open.len();
            match open {
                Open::Value(at, order) => match bytes.get(at) {
                    Some(b'[') => {
                        let first = skip_space(bytes, at + 1);
                        match bytes.get(first) {
                            Some(b']') | None => out.extend_from_slice(b"[]"),
                            Some(_) => self.open.push(Open::List {
                                at: first,
                                is_first: true,
                                is_whole: true,
                                order,
                            }),
                        }
                    }
                    Some(b'{') => match self.members(at, order) {
                        members if members.is_empty() => out.extend_from_slice(b"{}"),
                        members => self.open.push(Open::Object {
                            members,
                            is_first: true,
                            order,
                        }),
                    },
                    _ => out.extend_from_slice(bytes.get(at..self.end(at)).unwrap_or_default()),
                },
                Open::List {
                    at,
                    is_first,
                    is_whole,
                    order,
                } => {
                    let is_end = matches!(bytes.get(at), Some(b']') | None);
                    if is_end && is_whole {
                        line(level, out);
                        out.push(b']');
                    }
                    if is_end {
                        continue;
                    }
                    out.extend_from_slice(if is_first { b"[" } else { b"," });
                    line(level + 1, out);
                    let mut next = skip_space(bytes, self.end(at).max(at + 1));
                    if bytes.get(next) == Some(&b',') {
                        next = skip_space(bytes, next + 1);
                    }
                    self.open.push(Open::List {
                        at: next,
                        is_first: false,
                        is_whole,
                        order,
                    });
                    self.open.push(Open::Value(at, order));
                }
                Open::Object {
                    mut members,
                    is_first,
                    order,
                } => {
                    let Some((name, value)) = members.pop() else {
                        line(level, out);
                        out.push(b'}');
                        continue;
                    };
                    out.extend_from_slice(if is_first { b"{" } else { b"," });
                    line(level + 1, out);
                    out.extend_from_slice(&bytes[name.clone()]);
                    out.extend_from_slice(b": ");
                    let within = order.within(inner(&self.text[name]));
                    self.open.push(Open::Object {
                        members,
                        is_first: false,
                        order,
                    });
                    self.open.push(Open::Value(value, within));
                }
            }
        }
        self.open.is_empty()
    }

    /// Returns the members of the object that begins here, the last name first: where the name is and where its value begins.
    fn members(&self, start: usize, order: Order) -> Vec<(Range<usize>, usize)> {
        let bytes = self.text.as_bytes();
        let mut members = Vec::new();
        let mut at = skip_space(bytes, start + 1);
        while bytes.get(at) == Some(&b'"') {
            let name = at..string_end(bytes, at) + 1;
            // Behind the colon.
            let value = skip_space(bytes, skip_space(bytes, name.end) + 1);
            at = skip_space(bytes, self.end(value));
            if bytes.get(at) == Some(&b',') {
                at = skip_space(bytes, at + 1);
            }
            members.push((name, value));
        }
        if order == Order::Kept {
            members.reverse();
        } else if members.len() > 1 {
            let written = |name: &Range<usize>| &self.text[name.clone()];
            if members.iter().any(|(name, _)| written(name).contains('\\')) {
                members.sort_by_cached_key(|(name, _)| {
                    serde_json::from_str(written(name)).unwrap_or_else(|_| written(name).to_owned())
                });
            } else {
                members.sort_by(|(a, _), (b, _)| inner(written(a)).cmp(inner(written(b))));
            }
            members.reverse();
            // Of a name that stands twice, the last one counts.
            members.dedup_by(|(a, _), (b, _)| written(a) == written(b));
        }
        members
    }

    /// Returns where the value ends that begins here.
    fn end(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        match bytes.get(start) {
            Some(b'"') => (string_end(bytes, start) + 1).min(bytes.len()),
            Some(b'[' | b'{') => {
                match self.long.binary_search_by_key(&start, |(start, _)| *start) {
                    Ok(index) => self.long[index].1 + 1,
                    Err(_) => short_end(bytes, start),
                }
            }
            _ => {
                let is_end =
                    |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
                start
                    + bytes[start.min(bytes.len())..]
                        .iter()
                        .take_while(|byte| !is_end(byte))
                        .count()
            }
        }
    }
}

/// Returns a name without its quotes: with them, a name would come after a longer one that begins with it and goes on with `!`.
fn inner(name: &str) -> &str {
    name.trim_matches('"')
}

/// Returns the end of a list or an object of which nothing is noted.
fn short_end(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Returns where the string that begins here has its last quote.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len().saturating_sub(1)
}

fn skip_space(bytes: &[u8], start: usize) -> usize {
    let is_space = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\n' | b'\r');
    start
        + bytes[start.min(bytes.len())..]
            .iter()
            .take_while(is_space)
            .count()
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::json;
    use serde_json::ser::{PrettyFormatter, Serializer};

    use super::*;

    fn pretty(mut value: Value) -> String {
        value.sort_all_objects();
        let mut bytes = Vec::new();
        let formatter = PrettyFormatter::with_indent(b"    ");
        value
            .serialize(&mut Serializer::with_formatter(&mut bytes, formatter))
            .expect("JSON");
        String::from_utf8(bytes).expect("text")
    }

    fn sent(mut script: Script) -> String {
        let mut bytes = Vec::new();
        while let Some(mut chunk) = script.next_chunk() {
            bytes.append(&mut chunk);
        }
        String::from_utf8(bytes).expect("text")
    }

    fn samples() -> Vec<Value> {
        let long = "y".repeat(100);
        vec![
            json!(null),
            json!("x\"\\\u{1}é"),
            json!([]),
            json!({}),
            json!([[], {}, [[1]], -1.5e300, true]),
            json!({ "b": 1, "a": { "d": [1, { "f": long, "e": {} }], "c": "}]\"" }, "ab": [], "a!": 2, "": 0 }),
            (0..2000)
                .map(|number| json!({ "n": number, "a": [long, number] }))
                .collect(),
        ]
    }

    #[test]
    fn a_value_and_its_text_are_written_as_serde_writes_them() {
        for value in samples() {
            let mut script = Script::default();
            script.value(&value, 0);
            assert_eq!(sent(script), pretty(value.clone()));
            for text in [
                value.to_string(),
                pretty(value.clone()),
                format!(" {} ", serde_json::to_string_pretty(&value).expect("JSON")),
            ] {
                let mut script = Script::default();
                script.raw(text, 0);
                assert_eq!(sent(script), pretty(value.clone()));
            }
        }
    }

    #[test]
    fn lines_inside_are_further_in() {
        let mut script = Script::default();
        let raw = || Cell::Raw(r#"{"x": [1]}"#.to_owned());
        script.object(vec![("b", raw()), ("a", Cell::Integer(1))], 1);
        assert_eq!(
            sent(script),
            "{\n        \"a\": 1,\n        \"b\": {\n            \"x\": [\n                1\n            ]\n        }\n    }"
        );
    }

    #[test]
    fn parameters_keep_their_order() {
        let text = r#"{"b": {"opt_space": {"z": {"y": 1, "x": 2}, "a": 0}}, "a": 1}"#;
        let written = |text: &str| text.replace(['\n', ' '], "");
        let (mut raw, mut value) = (Script::default(), Script::default());
        raw.raw(text.to_owned(), 0);
        value.value(&serde_json::from_str(text).expect("JSON"), 0);
        let expected = r#"{"a":1,"b":{"opt_space":{"z":{"y":1,"x":2},"a":0}}}"#;
        assert_eq!(
            [written(&sent(raw)), written(&sent(value))],
            [expected, expected]
        );
    }

    #[test]
    fn items_of_a_list_are_taken_out_of_it() {
        let mut script = Script::default();
        let is_empty = script.items(" [ ]".to_owned(), 0, true);
        let is_empty = script.items("[1, {\"a\": []}]".to_owned(), 0, is_empty);
        assert!(!script.items("[2]".to_owned(), 0, is_empty));
        assert_eq!(
            sent(script),
            "[\n    1,\n    {\n        \"a\": []\n    },\n    2"
        );
    }

    #[test]
    fn of_a_name_that_stands_twice_the_last_counts() {
        let mut script = Script::default();
        script.raw(r#"{"b": 1, "\u0061": 0, "b": 2}"#.to_owned(), 0);
        assert_eq!(sent(script), "{\n    \"\\u0061\": 0,\n    \"b\": 2\n}");
    }

    #[test]
    fn what_is_no_json_ends_too() {
        for text in [
            "",
            "[",
            "{",
            "{\"a\"",
            "{\"a\":",
            "[1,",
            "\"",
            "\"\\",
            "]",
            "{]",
            "[}",
            "[1 2]",
            "{\"a\" 1}",
        ] {
            let mut script = Script::default();
            script.raw(text.to_owned(), 0);
            sent(script);
        }
    }
}
