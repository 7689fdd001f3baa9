//! Problems of a definition, each with its place.

use std::fmt;

use crate::printable;

/// What is said of a key that should not be there.
pub(crate) const NO_FIELD: &str = "is no field here";

/// Why a definition was refused: all problems that were found, each with its place.
///
/// ```
/// use idds_workflow::OptSpace;
///
/// let error = OptSpace::builder().choice("A", [0; 0]).scalar("B", 5..=0).build().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "opt_space.A.params.choices: is empty; \
///      opt_space.B.bounds: the lower bound 5 is not below the upper bound 0"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", Clauses(.problems))]
pub struct Error {
    problems: Vec<Problem>,
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    at: String,
    message: String,
    position: Option<Position>,
}

/// A position in a text.
///
/// ```
/// use idds_workflow::{Position, Workflow};
///
/// let error = Workflow::from_yaml("name: a\nlifetime: -1\n").unwrap_err();
/// assert_eq!(error.problems()[0].position(), Some(Position { line: 2, column: 11 }));
/// assert_eq!(error.to_string(), "line 2, column 11: lifetime: -1 is not a number of days from 0 up");
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl Error {
    /// Reports one problem at one place.
    pub(crate) fn new(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            problems: vec![Problem::new(at, message)],
        }
    }

    /// Reports these problems, at least one.
    pub(crate) fn of(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// Returns `value` when nothing is wrong with it, else all that is.
    pub(crate) fn unless_empty<T>(problems: Vec<Problem>, value: T) -> Result<T, Self> {
        if problems.is_empty() {
            Ok(value)
        } else {
            Err(Self { problems })
        }
    }

    /// Returns the problems; there is at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Adds the place that all problems are in, in front of their own.
    pub(crate) fn within(mut self, place: &str) -> Self {
        self.problems
            .iter_mut()
            .for_each(|problem| problem.move_within(place));
        self
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

impl From<derive_builder::UninitializedFieldError> for Error {
    fn from(error: derive_builder::UninitializedFieldError) -> Self {
        Self::new(error.field_name(), "is missing")
    }
}

impl Problem {
    pub(crate) fn new(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            message: message.into(),
            position: None,
        }
    }

    /// Adds the place that the problem is in, in front of its own.
    pub(crate) fn move_within(&mut self, place: &str) {
        self.at = join(place, &self.at);
    }

    /// Says where in the text it is, unless that is known.
    pub(crate) fn locate(&mut self, position: impl FnOnce(&str) -> Option<Position>) {
        if self.position.is_none() {
            self.position = position(&self.at);
        }
    }

    /// Tells whether it is about a key and not about its value.
    pub(crate) fn is_of_key(&self) -> bool {
        self.message.starts_with(NO_FIELD)
    }

    /// Returns the place, such as `opt_space.B.bounds` or `initial_points[1].A`; empty when it is everything that was read.
    pub fn at(&self) -> &str {
        &self.at
    }

    /// Returns what is wrong there, with the value and what would be right.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns where in the text it is, when a text was read.
    pub fn position(&self) -> Option<Position> {
        self.position
    }
}

/// Puts a place in front of another one.
pub(crate) fn join(place: &str, at: &str) -> String {
    let separator = if place.is_empty() || at.is_empty() || at.starts_with('[') {
        ""
    } else {
        "."
    };
    format!("{place}{separator}{at}")
}

/// Asks whether the word was meant that is most like this one, when one is like it.
pub(crate) fn suggestion<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> String {
    let lower = word.to_lowercase();
    let alike_to = |other: &str| {
        let distance = strsim::damerau_levenshtein(&lower, &other.to_lowercase());
        // One slip in three letters; in fewer letters every other word is alike.
        (distance * 3 <= word.chars().count()).then_some(distance)
    };
    let alike = words
        .into_iter()
        .filter(|other| *other != word && other.len().abs_diff(word.len()) <= word.len() / 3 + 1);
    match alike
        .filter_map(|other| Some((alike_to(other)?, other)))
        .min_by_key(|(distance, _)| *distance)
    {
        Some((_, other)) => format!("; did you mean {other}?"),
        None => String::new(),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "{position}: ")?;
        }
        // Both may quote what stands in the definition of somebody else.
        let message = printable(&self.message);
        match self.at.as_str() {
            "" => f.write_str(&message),
            at => write!(f, "{}: {message}", printable(at)),
        }
    }
}

struct Clauses<'a>(&'a [Problem]);

impl fmt::Display for Clauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}
