//! Why an evaluation gave no value.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use idds_file::is_of_the_machine;
use idds_workflow::printable;

/// Why an evaluation gave no value: either the point failed, or something stood in the way that is not the point's fault.
///
/// A point that failed is tried again, and then the rule for it decides ([`SearchOptions::on_failure`](crate::SearchOptions::on_failure)).
/// Trouble stops the search: no loss is reported, the points stay open, and the journal lets the search go on.
///
/// An objective may return any error. One that is a `Failure`, or was caused by one, keeps its kind; one that was caused by an
/// [`io::Error`] of a machine that has no space, no memory or no file descriptors left is trouble; every other one is the
/// failure of its point. (An `anyhow::Error` shows its innermost cause only when it has a context.)
///
/// ```
/// use idds_hpo::{Failure, Objective};
///
/// #[derive(serde::Deserialize)]
/// struct Params {
///     lr: f64,
/// }
///
/// let objective = Objective::blocking(|params: Params| {
///     let data = std::fs::read("data.bin").map_err(|error| Failure::trouble(format!("data.bin: {error}")))?;
///     if params.lr > 1.0 {
///         return Err(Failure::point("it diverges"));
///     }
///     Ok(params.lr * data.len() as f64)
/// });
/// # let _ = objective;
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    is_trouble: bool,
    what: String,
    output: String,
}

impl Failure {
    /// Makes the failure of a point; `what` is one lower-case clause without full stop.
    pub fn point(what: impl Into<String>) -> Self {
        Self {
            is_trouble: false,
            what: what.into(),
            output: String::new(),
        }
    }

    /// Makes trouble that is not the point's fault; `what` names the place and what to do.
    pub fn trouble(what: impl Into<String>) -> Self {
        Self {
            is_trouble: true,
            what: what.into(),
            output: String::new(),
        }
    }

    /// Adds the end of what the evaluation printed, in lines.
    pub fn with_output(mut self, output: impl Into<String>) -> Self {
        self.output = output.into();
        self
    }

    /// Makes it say first what it is about.
    pub(crate) fn about(mut self, what: impl fmt::Display) -> Self {
        self.what = format!("{what}: {}", self.what);
        self
    }

    /// Looks at an error once, and tells whose fault it is.
    pub(crate) fn of(error: Box<dyn StdError + Send + Sync>) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(failure) => return *failure,
            Err(error) => error,
        };
        let is_one = |cause: &(dyn StdError + 'static)| {
            let is_failure = cause.downcast_ref::<Self>().is_some_and(Self::is_trouble);
            is_failure
                || cause
                    .downcast_ref::<io::Error>()
                    .is_some_and(is_of_the_machine)
        };
        let mut cause: Option<&(dyn StdError + 'static)> = Some(&*error);
        let mut is_trouble = false;
        while let Some(this) = cause.filter(|_| !is_trouble) {
            (is_trouble, cause) = (is_one(this), this.source());
        }
        Self {
            is_trouble,
            ..Self::point(error.to_string())
        }
    }

    /// Tells whether it is not the point's fault.
    pub fn is_trouble(&self) -> bool {
        self.is_trouble
    }

    /// Returns the end of what the evaluation printed, in lines; empty when that is not known.
    pub fn output(&self) -> &str {
        &self.output
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may quote what a program has written.
        f.write_str(&printable(&self.what))
    }
}

impl StdError for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the checkpoint cannot be written")]
    struct Outer(#[source] io::Error);

    #[test]
    fn one_look_tells_whose_fault_an_error_is() {
        let of = |error: Box<dyn StdError + Send + Sync>| Failure::of(error);
        // ENOMEM, ENFILE, EMFILE, ENOSPC, EROFS, as Linux numbers them.
        for number in [12, 23, 24, 28, 30] {
            let error = io::Error::from_raw_os_error(number);
            let text = error.to_string();
            assert_eq!(of(error.into()), Failure::trouble(text), "{number}");
            let deep = of(Outer(io::Error::from_raw_os_error(number)).into());
            assert_eq!(
                deep,
                Failure::trouble("the checkpoint cannot be written"),
                "{number}"
            );
        }
        // ENOENT, EACCES and EDOM can be the fault of the point.
        for number in [2, 13, 33] {
            assert!(
                !of(io::Error::from_raw_os_error(number).into()).is_trouble(),
                "{number}"
            );
        }
        assert_eq!(of("no data".into()), Failure::point("no data"));
        assert_eq!(
            of(Failure::trouble("no licence").into()),
            Failure::trouble("no licence")
        );
    }
}
