//! The builder of works of all classes.

use super::class::Class;
use crate::Error;
use crate::error::Problem;

/// A work that is being built.
///
/// The setters of a field have its name. A class says with its `builder` function what a work of it cannot do without.
///
/// ```
/// use idds_workflow::Work;
///
/// let error = Work::builder("run.sh").username("u".repeat(300)).attribute("_works", 1).build().unwrap_err();
/// assert_eq!(error.problems().len(), 2);
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing before it is built"]
pub struct Builder<W> {
    pub(crate) work: W,
    /// What was wrong with values before they came here.
    pub(crate) problems: Vec<Problem>,
}

#[expect(private_bounds, reason = "all classes of works are in this crate")]
impl<W: Class> Builder<W> {
    /// Starts a work without anything set.
    pub(crate) fn new() -> Self {
        Self {
            work: W::standard(),
            problems: Vec::new(),
        }
    }

    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// Names every problem: every setting with a value that the server cannot store or use, and every attribute of the
    /// user's own that the class has already.
    pub fn build(mut self) -> Result<W, Error> {
        self.problems.extend(self.work.finish());
        Error::unless_empty(self.problems, self.work)
    }
}
