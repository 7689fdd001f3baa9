//! JSON as it is stored, written anew with its members sorted and its lines indented, without a tree of what is in it.

use std::ops::Range;

use super::{Order, line};

/// A text of JSON that is being written in another form, without a tree of what is in it.
#[derive(Debug)]
pub(super) struct StoredJson {
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

impl StoredJson {
    pub(super) fn new(text: String, level: usize, order: Order) -> Self {
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

    /// Takes the items of a list, without its brackets, for a list that is written already as far as `is_first` says; none when it
    /// has no items.
    pub(super) fn items(text: String, level: usize, is_first: bool) -> Option<Self> {
        let start = skip_space(text.as_bytes(), 0);
        let first = skip_space(text.as_bytes(), start + 1);
        if text.as_bytes().get(first) == Some(&b']') {
            return None;
        }
        let list = Open::List {
            at: first,
            is_first,
            is_whole: false,
            order: Order::Sorted,
        };
        Some(Self {
            open: vec![list],
            ..Self::new(text, level, Order::Sorted)
        })
    }

    /// Appends what follows until `out` has `until` bytes or more, and tells whether that was all.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, until: usize) -> bool {
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
