//! Reading YAML, of which JSON is a part: the events of the parser become a tree of values, and where each stands.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use serde_saphyr::granit_parser::{
    self, Event, Parser, ScalarStyle, Span as EventSpan, StrInput, Tag,
};

use super::scalar;
use super::span::{Inner, Span};
use super::tree::MAX_DEPTH;
use super::words;
use crate::error::{Problem, join};
use crate::{Error, Position};

/// Most values that aliases may stand for, each counted as often as it is used.
const MAX_ALIASED: usize = 1_000_000;

/// What was read of a text.
pub(super) struct Composed {
    pub(super) tree: Value,
    pub(super) span: Span,
    /// What is wrong with it that did not keep the rest from being read.
    pub(super) problems: Vec<Problem>,
}

/// Reads a text; fails where the rest cannot be read.
pub(super) fn compose(text: &str) -> Result<Composed, Error> {
    // A key in JSON may be as long as it likes.
    let options = granit_parser::options! { emit_comments: false, simple_key_max_lookahead: text.len().max(1024) };
    let mut composer = Composer {
        parser: Parser::new_from_str_with_options(text, options),
        anchors: HashMap::new(),
        aliased: 0,
        problems: Vec::new(),
    };
    composer.document()
}

struct Composer<'t> {
    parser: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, Anchor>,
    aliased: usize,
    problems: Vec<Problem>,
}

/// A value that aliases can stand for.
struct Anchor {
    value: Value,
    span: Span,
    /// Number of values that it is.
    size: usize,
}

/// A key of an object.
enum Key {
    Name(String),
    /// `<<`: what it leads to is merged.
    Merge,
    /// None that JSON has a key for; it has its problem.
    Wrong,
}

impl<'t> Composer<'t> {
    fn document(&mut self) -> Result<Composed, Error> {
        let (mut root, mut is_over) = (None, false);
        while !is_over {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => is_over = true,
                Event::DocumentStart(..) if root.is_some() => {
                    let message = "a second document begins here; one file holds one document, so take the --- away or make two files";
                    self.problems.push(located("", message, start(&span)));
                    is_over = true;
                }
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                event => root = Some(self.value(event, &span, 0)?),
            }
        }
        let (tree, span) =
            root.unwrap_or_else(|| (Value::Null, Span::new(Position { line: 1, column: 1 })));
        Ok(Composed {
            tree,
            span,
            problems: std::mem::take(&mut self.problems),
        })
    }

    fn next(&mut self) -> Result<(Event<'t>, EventSpan), Error> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.stop(words::yaml(error.kind()), position(error.marker()))),
            None => Err(self.stop(
                "the text ends within a value".to_owned(),
                Position { line: 1, column: 1 },
            )),
        }
    }

    /// Ends reading with this problem, and all that was found before.
    fn stop(&mut self, message: impl Into<String>, position: Position) -> Error {
        let mut problems = std::mem::take(&mut self.problems);
        problems.push(located("", message, position));
        Error::of(problems)
    }

    /// Reads the value that begins with this event.
    fn value(
        &mut self,
        event: Event<'t>,
        at: &EventSpan,
        depth: usize,
    ) -> Result<(Value, Span), Error> {
        let begin = start(at);
        if depth > MAX_DEPTH {
            return Err(self.stop(
                format!("is nested more than {MAX_DEPTH} levels deep"),
                begin,
            ));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = match scalar_value(&text, style, tag.as_deref()) {
                    Ok(value) => value,
                    Err(message) => {
                        self.problems.push(located("", message, begin));
                        Value::Null
                    }
                };
                let span = Span::new(begin);
                self.keep(anchor, &value, &span, 1);
                Ok((value, span))
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", begin);
                let (mut items, mut spans) = (Vec::new(), Vec::new());
                loop {
                    let (event, at) = self.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        break;
                    }
                    let before = self.problems.len();
                    let (item, span) = self.value(event, &at, depth + 1)?;
                    self.move_within(before, || format!("[{}]", items.len()));
                    items.push(item);
                    spans.push(span);
                }
                let (value, span) = (
                    Value::Array(items),
                    Span {
                        start: begin,
                        inner: Inner::List(spans),
                    },
                );
                self.keep(anchor, &value, &span, 0);
                Ok((value, span))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", begin);
                let (value, span) = self.object(begin, depth)?;
                self.keep(anchor, &value, &span, 0);
                Ok((value, span))
            }
            Event::Alias(id) => match self.anchors.get(&id) {
                Some(anchor) => {
                    self.aliased += anchor.size;
                    if self.aliased > MAX_ALIASED {
                        let message = format!(
                            "aliases stand for more than {MAX_ALIASED} values, each counted as often as it is used"
                        );
                        return Err(self.stop(message, begin));
                    }
                    Ok((anchor.value.clone(), anchor.span.clone()))
                }
                None => Err(self.stop("an alias stands for the value that it is in", begin)),
            },
            _ => Err(self.stop("a value should be here", begin)),
        }
    }

    fn object(&mut self, begin: Position, depth: usize) -> Result<(Value, Span), Error> {
        let (mut fields, mut spans) = (Map::new(), IndexMap::new());
        let mut merged = Vec::new();
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key_at = start(&at);
            let key = self.key(event, &at, depth)?;
            let (event, at) = self.next()?;
            let before = self.problems.len();
            let (value, span) = self.value(event, &at, depth + 1)?;
            match key {
                Key::Name(name) => {
                    self.move_within(before, || name.clone());
                    if let Some((first, _)) = spans
                        .get(&name)
                        .map(|(first, span): &(Position, Span)| (*first, span))
                    {
                        let message = format!(
                            "the key {name:?} is given twice, first on line {}; take one away or rename it",
                            first.line
                        );
                        self.problems.push(located(&name, message, key_at));
                    } else {
                        spans.insert(name.clone(), (key_at, span));
                        fields.insert(name, value);
                    }
                }
                Key::Merge => merged.push((value, span, key_at)),
                Key::Wrong => {}
            }
        }
        for (value, span, key_at) in merged {
            let sources = match (value, span.inner) {
                (Value::Array(items), Inner::List(spans)) => items
                    .into_iter()
                    .zip(spans)
                    .map(|(item, span)| (item, span.inner))
                    .collect(),
                other => vec![other],
            };
            for source in sources {
                let (Value::Object(more), Inner::Map(mut more_spans)) = source else {
                    self.problems
                        .push(located("<<", "merges what is no object", key_at));
                    continue;
                };
                // What the object has itself, or an earlier source has, counts.
                for (name, value) in more {
                    if !fields.contains_key(&name)
                        && let Some(span) = more_spans.swap_remove(&name)
                    {
                        spans.insert(name.clone(), span);
                        fields.insert(name, value);
                    }
                }
            }
        }
        Ok((
            Value::Object(fields),
            Span {
                start: begin,
                inner: Inner::Map(spans),
            },
        ))
    }

    fn key(&mut self, event: Event<'t>, at: &EventSpan, depth: usize) -> Result<Key, Error> {
        if let Event::Scalar(text, ScalarStyle::Plain, 0, None) = &event
            && text.as_ref() == "<<"
        {
            return Ok(Key::Merge);
        }
        // A number is a name as it is written.
        if let Event::Scalar(text, ScalarStyle::Plain, 0, None) = &event
            && !matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL")
        {
            return Ok(Key::Name(text.clone().into_owned()));
        }
        let message = match self.value(event, at, depth + 1)?.0 {
            Value::String(text) => return Ok(Key::Name(text)),
            Value::Null => "a key is null; put it in quotes if it is a name".to_owned(),
            Value::Array(_) | Value::Object(_) => {
                "a key is a list or an object; a key is a word, and braces within braces need quotes".to_owned()
            }
            other => return Ok(Key::Name(other.to_string())),
        };
        self.problems.push(located("", message, start(at)));
        Ok(Key::Wrong)
    }

    /// Puts the problems that were found since then into the place that they are in.
    fn move_within(&mut self, before: usize, place: impl FnOnce() -> String) {
        if self.problems.len() > before {
            let place = place();
            self.problems[before..]
                .iter_mut()
                .for_each(|problem| problem.move_within(&place));
        }
    }

    /// Keeps a value that has an anchor.
    fn keep(&mut self, anchor: usize, value: &Value, span: &Span, size: usize) {
        if anchor != 0 {
            let size = if size == 0 { count(value) } else { size };
            self.anchors.insert(
                anchor,
                Anchor {
                    value: value.clone(),
                    span: span.clone(),
                    size,
                },
            );
        }
    }

    fn check_tag(&mut self, tag: Option<&Tag>, kind: &str, position: Position) {
        if let Some(tag) =
            tag.filter(|tag| tag.core_suffix() != Some(kind) && tag.original() != "!")
        {
            self.problems.push(located("", foreign(tag), position));
        }
    }
}

/// Returns the number of values that a value is.
fn count(value: &Value) -> usize {
    let (mut count, mut open) = (0, vec![value]);
    while let Some(value) = open.pop() {
        count += 1;
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => open.extend(fields.values()),
            _ => {}
        }
    }
    count
}

fn scalar_value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let Some(tag) = tag.filter(|tag| tag.original() != "!") else {
        return match (style, tag) {
            (ScalarStyle::Plain, None) => scalar::read(text),
            _ => Ok(text.into()),
        };
    };
    let value = match tag.core_suffix() {
        Some("str") => return Ok(text.into()),
        Some("int" | "float" | "bool" | "null") => scalar::read(text)?,
        _ => return Err(foreign(tag)),
    };
    match (tag.core_suffix(), value) {
        (Some("int"), value) if value.is_i64() || value.is_u64() => Ok(value),
        (Some("float"), Value::Number(number)) => {
            Ok(number.as_f64().map_or(Value::Null, Value::from))
        }
        (Some("bool"), value @ Value::Bool(_)) | (Some("null"), value @ Value::Null) => Ok(value),
        _ => Err(format!(
            "{text:?} is not what its tag {} says",
            tag.original()
        )),
    }
}

fn foreign(tag: &Tag) -> String {
    format!(
        "the tag {} is not known; a document needs no tags",
        tag.original()
    )
}

fn located(at: &str, message: impl Into<String>, position: Position) -> Problem {
    let mut problem = Problem::new(join("", at), message);
    problem.locate(|_| Some(position));
    problem
}

fn start(span: &EventSpan) -> Position {
    position(&span.start)
}

fn position(marker: &granit_parser::Marker) -> Position {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position {
        line: number(marker.line()),
        column: number(marker.col() + 1),
    }
}
