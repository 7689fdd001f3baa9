//! JSON as the server writes it, indented by 4 with sorted keys, written piece by piece.

mod stored;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::mem;

use axum::body::Body;
use futures::stream;
use serde_json::Value;

use self::stored::StoredJson;
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
    Stored(StoredJson),
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
        let mut json = StoredJson::new(text, level, order);
        if is_long {
            self.done.push_back(Piece::Bytes(mem::take(&mut self.out)));
            self.done.push_back(Piece::Stored(json));
        } else {
            while !json.write(&mut self.out, usize::MAX) {}
        }
    }

    /// Appends the items of a list of JSON to a list at this level, and returns whether it is still without any.
    pub(crate) fn items(&mut self, text: String, level: usize, is_first: bool) -> bool {
        let Some(json) = StoredJson::items(text, level, is_first) else {
            return is_first;
        };
        self.done.push_back(Piece::Bytes(mem::take(&mut self.out)));
        self.done.push_back(Piece::Stored(json));
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
                Some(Piece::Stored(json)) => {
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
