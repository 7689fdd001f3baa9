//! Filling a form from a tree of values.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::refusal::Refusal;
use super::{Effort, Tree};
use crate::Error;
use crate::error::{Problem, join};

/// Most problems of one form.
const MOST: usize = 100;

/// A form, and what was taken out of the tree so that it could be filled.
pub(super) struct Filled<T> {
    pub(super) form: T,
    pub(super) left_out: LeftOut,
}

impl<T> Filled<T> {
    /// Builds what the form defines, and names what is wrong with it besides what was left out.
    pub(super) fn build<D>(self, build: impl FnOnce(T) -> Result<D, Error>) -> Result<D, Error> {
        match build(self.form) {
            Ok(definition) => Error::unless_empty(self.left_out.problems, definition),
            Err(error) => Err(Error::of(self.left_out.and(error.into_problems()))),
        }
    }
}

/// What is wrong in a tree and was taken out of it.
#[derive(Default)]
pub(super) struct LeftOut {
    problems: Vec<Problem>,
    /// Places that the form has no value of, or another one.
    places: Vec<String>,
    /// Objects that have a field which nobody knows, so that they may lack the one that was meant.
    around_unknown: Vec<String>,
    /// Lists that an element was taken out of, and its index.
    elements: Vec<(String, usize)>,
}

impl LeftOut {
    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Tells whether so much is wrong that nobody reads more of it.
    pub(super) fn is_full(&self) -> bool {
        self.problems.len() >= MOST
    }

    /// Adds what was taken out of the value of a field.
    pub(super) fn absorb(&mut self, field: &str, inner: Self) {
        let within = |place: String| join(field, &place);
        self.places.extend(inner.places.into_iter().map(within));
        self.around_unknown
            .extend(inner.around_unknown.into_iter().map(within));
        self.elements.extend(
            inner
                .elements
                .into_iter()
                .map(|(list, index)| (within(list), index)),
        );
        self.problems
            .extend(inner.problems.into_iter().map(|mut problem| {
                problem.move_within(field);
                problem
            }));
    }

    /// Leaves out a field whose value is wrong, or missing.
    pub(super) fn refuse(&mut self, field: &str, error: Error) {
        self.places.push(field.to_owned());
        self.problems.extend(error.within(field).into_problems());
    }

    /// Leaves out a key that is no field.
    pub(super) fn refuse_key(&mut self, key: &str, message: String) {
        self.around_unknown.push(String::new());
        self.problems.push(Problem::new(key, message));
    }

    /// Tells whether this place, one in it or one around it was taken out.
    pub(super) fn touches(&self, at: &str) -> bool {
        let is_within = |at: &str, place: &str| {
            at.strip_prefix(place).is_some_and(|rest| {
                place.is_empty() || rest.is_empty() || rest.starts_with(['.', '['])
            })
        };
        self.places
            .iter()
            .any(|place| is_within(at, place) || is_within(place, at))
    }

    /// Adds what was found later in what is left, except for what may come of what is not there.
    pub(super) fn and(mut self, more: Vec<Problem>) -> Vec<Problem> {
        for problem in more {
            let at = self.original(problem.at());
            if !self.touches(&at) && !self.around_unknown.contains(&at) {
                self.problems.push(Problem::new(at, problem.message()));
            }
        }
        self.problems
    }

    /// Returns a place of the tree as it was.
    fn original(&self, at: &str) -> String {
        let mut at = at.to_owned();
        for (list, taken) in self.elements.iter().rev() {
            let index = at
                .strip_prefix(list.as_str())
                .and_then(|rest| rest.strip_prefix('['))
                .and_then(|rest| rest.split_once(']'));
            if let Some((index, rest)) = index
                && let Some(index) = index.parse::<usize>().ok().filter(|index| index >= taken)
            {
                at = format!("{list}[{}]{rest}", index + 1);
            }
        }
        at
    }
}

/// Fills a form from a tree. With all effort it is filled without what is wrong, as far as it can be.
pub(super) fn fill<T: DeserializeOwned>(
    mut tree: Value,
    effort: Effort,
) -> Result<Filled<T>, Error> {
    let mut left_out = LeftOut::default();
    if effort == Effort::First {
        return Ok(Filled {
            form: fill_by(tree, |fields| T::deserialize(fields))?,
            left_out,
        });
    }
    loop {
        let mut track = serde_path_to_error::Track::new();
        let filled = T::deserialize(serde_path_to_error::Deserializer::new(
            Tree(tree.clone()),
            &mut track,
        ));
        let refusal = match filled {
            Ok(form) => return Ok(Filled { form, left_out }),
            Err(refusal) => refusal,
        };
        let path = track.path();
        let place = left_out.original(&place(&path, &refusal));
        // A wrong value that was taken out is missing now.
        if refusal.missing().is_none() || !left_out.touches(&place) {
            left_out
                .problems
                .push(Problem::new(place, message(&refusal)));
        }
        if left_out.problems.len() >= MOST
            || !take(&mut tree, &path, refusal.is_of_key(), &mut left_out)
        {
            return Err(Error::of(left_out.problems));
        }
    }
}

/// Fills a form from a tree by this function, and says at which place that failed.
pub(crate) fn fill_by<T>(
    tree: Value,
    deserialize: impl FnOnce(serde_path_to_error::Deserializer<'_, '_, Tree>) -> Result<T, Refusal>,
) -> Result<T, Error> {
    let mut track = serde_path_to_error::Track::new();
    deserialize(serde_path_to_error::Deserializer::new(
        Tree(tree),
        &mut track,
    ))
    .map_err(|refusal| {
        let (place, message) = (place(&track.path(), &refusal), message(&refusal));
        // A space names its parameters from `opt_space` on, wherever it stands.
        let is_named = message.starts_with(&format!("{place}."));
        Error::new(if is_named { String::new() } else { place }, message)
    })
}

fn place(path: &Path, refusal: &Refusal) -> String {
    let place = path.to_string();
    let place = if place == "." { String::new() } else { place };
    refusal
        .missing()
        .map_or(place.clone(), |field| join(&place, field))
}

fn message(refusal: &Refusal) -> String {
    match refusal.missing() {
        Some(_) => "is missing".to_owned(),
        None => refusal.to_string(),
    }
}

/// Takes the value at this path out of the tree. Nothing hangs on a field that is unknown anyway.
fn take(tree: &mut Value, path: &Path, is_unknown: bool, left_out: &mut LeftOut) -> bool {
    let segments: Vec<_> = path
        .iter()
        .filter(|segment| !matches!(segment, Segment::Enum { .. } | Segment::Unknown))
        .collect();
    let Some((last, around)) = segments.split_last() else {
        return false;
    };
    let (mut value, mut place) = (tree, String::new());
    for segment in around {
        let (inner, name) = match segment {
            Segment::Map { key } => (value.get_mut(key), key.clone()),
            Segment::Seq { index } => (value.get_mut(index), format!("[{index}]")),
            _ => return false,
        };
        let Some(inner) = inner else { return false };
        value = inner;
        place = join(&place, &name);
    }
    match (last, value) {
        (Segment::Map { key }, Value::Object(fields)) => {
            if is_unknown {
                let original = left_out.original(&place);
                left_out.around_unknown.push(original);
            } else {
                let original = left_out.original(&join(&place, key));
                left_out.places.push(original);
            }
            fields.shift_remove(key).is_some()
        }
        (Segment::Seq { index }, Value::Array(items)) if *index < items.len() => {
            let original = left_out.original(&join(&place, &format!("[{index}]")));
            left_out.places.push(original);
            left_out.elements.push((place, *index));
            items.remove(*index);
            true
        }
        _ => false,
    }
}
