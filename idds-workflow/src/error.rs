//! What is wrong with a definition.

use std::fmt;

/// Why a definition was refused: all problems that were found, each with its place.
///
/// ```
/// use idds_workflow::OptSpace;
///
/// let error = OptSpace::builder().choice("A", [0; 0]).scalar("B", 5..=0).build().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "opt_space.A.params.choices: [] has less than 1 item; \
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
}

impl Error {
    /// Reports one problem at one place.
    pub(crate) fn new(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self { problems: vec![Problem::new(at, message)] }
    }

    /// Reports these problems, at least one.
    pub(crate) fn of(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// Returns `value` when nothing is wrong with it, else all that is.
    pub(crate) fn unless_empty<T>(problems: Vec<Problem>, value: T) -> Result<T, Self> {
        if problems.is_empty() { Ok(value) } else { Err(Self { problems }) }
    }

    /// Returns the problems; there is at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Adds the place that all problems are in, in front of their own.
    pub(crate) fn within(mut self, place: &str) -> Self {
        for problem in &mut self.problems {
            let separator = if problem.at.is_empty() || problem.at.starts_with('[') { "" } else { "." };
            problem.at = format!("{place}{separator}{}", problem.at);
        }
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
        Self { at: at.into(), message: message.into() }
    }

    /// Returns the place, such as `opt_space.B.bounds` or `initial_points[1].A`; empty when it is everything that was read.
    pub fn at(&self) -> &str {
        &self.at
    }

    /// Returns what is wrong there, with the value and what would be right.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at.as_str() {
            "" => f.write_str(&self.message),
            at => write!(f, "{at}: {}", self.message),
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
