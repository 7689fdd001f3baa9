//! Where the values of a document stand in its text.

use indexmap::IndexMap;

use crate::Position;

/// Where a value stands in a text, and those inside it.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) start: Position,
    pub(super) inner: Inner,
}

/// Where the values inside a value stand.
#[derive(Clone, Debug)]
pub(super) enum Inner {
    None,
    List(Vec<Span>),
    /// With the position of every key.
    Map(IndexMap<String, (Position, Span)>),
}

impl Span {
    pub(super) fn new(start: Position) -> Self {
        Self {
            start,
            inner: Inner::None,
        }
    }

    /// Returns the position of a place such as `steps.a.jobs[1].name`: of the value, or of the innermost value around it that is
    /// there. Of a field that should not be there it is the position of its key.
    pub(super) fn find(&self, at: &str, is_key: bool) -> Position {
        self.walk(at, is_key).1
    }

    /// Returns the number of bytes of the place that are there, and where that is.
    ///
    /// A key may have dots and brackets itself, so that of all ways to read a place the one counts that leads deepest.
    fn walk(&self, at: &str, is_key: bool) -> (usize, Position) {
        let here = (0, self.start);
        let index_end = at.starts_with('[').then(|| at.find(']')).flatten();
        let index = index_end.and_then(|end| Some((end + 1, at[1..end].parse::<usize>().ok()?)));
        match &self.inner {
            Inner::None => here,
            Inner::List(items) => {
                match index.and_then(|(end, index)| Some((end, items.get(index)?))) {
                    Some((end, item)) => longer(end, item.walk(&at[end..], is_key)),
                    None => here,
                }
            }
            Inner::Map(fields) => {
                if let Some((end, index)) = index {
                    return fields
                        .get_index(index)
                        .map_or(here, |(_, (key, _))| (end, *key));
                }
                let skipped = usize::from(at.starts_with('.'));
                let rest = &at[skipped..];
                let ends = rest
                    .char_indices()
                    .filter(|(_, letter)| matches!(letter, '.' | '['));
                let ends = ends.map(|(end, _)| end).chain([rest.len()]);
                let ways = ends.filter_map(|end| {
                    let (key, value) = fields.get(&rest[..end])?;
                    let way = if is_key && end == rest.len() {
                        (0, *key)
                    } else {
                        value.walk(&rest[end..], is_key)
                    };
                    Some(longer(skipped + end, way))
                });
                ways.max_by_key(|(length, _)| *length).unwrap_or(here)
            }
        }
    }
}

fn longer(by: usize, (length, position): (usize, Position)) -> (usize, Position) {
    (by + length, position)
}
