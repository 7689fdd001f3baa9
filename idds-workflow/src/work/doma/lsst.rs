//! Tasks of the first prototype for the Rubin Observatory.

use derive_builder::Builder;

use super::{Job, map};
use crate::Error;
use crate::work::base::{Base, collection_settings, common_settings, program_settings, tag_setting};

/// A task of the first prototype for the Rubin Observatory, from the ATLAS package; [`DomaPanDAWork`](crate::DomaPanDAWork)
/// has taken its place.
#[derive(Builder, Clone, Debug, PartialEq)]
#[builder(
    pattern = "owned",
    custom_constructor,
    create_empty = "empty",
    derive(Debug),
    build_fn(private, name = "assemble", error = "Error")
)]
pub struct DomaLSSTWork {
    #[builder(default, setter(custom))]
    pub(crate) base: Base,
    #[builder(default, setter(custom))]
    jobs: Option<Vec<Job>>,
}

impl DomaLSSTWork {
    /// Starts a task of this name.
    pub fn builder(task_name: impl Into<String>) -> DomaLSSTWorkBuilder {
        DomaLSSTWorkBuilder::empty().task_name(task_name)
    }

    /// Returns the jobs, in their order; none when there is no dependency map at all.
    pub fn jobs(&self) -> Option<&[Job]> {
        self.jobs.as_deref()
    }
}

impl DomaLSSTWorkBuilder {
    /// Adds a job. The server wants to know of each whether it was [submitted](Job::submitted).
    pub fn job(mut self, job: Job) -> Self {
        self.jobs.get_or_insert_default().get_or_insert_default().push(job);
        self
    }

    /// Adds jobs.
    pub fn jobs(mut self, jobs: impl IntoIterator<Item = Job>) -> Self {
        self.jobs.get_or_insert_default().get_or_insert_default().extend(jobs);
        self
    }

    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// Names every job without a name, with the name of another one or with one of more than 4000 characters, every
    /// dependency that a job has twice, and every text that is too long for the server.
    pub fn build(self) -> Result<DomaLSSTWork, Error> {
        let work = self.assemble()?;
        let mut problems = work.base.problems();
        problems.extend(map::problems(work.jobs().unwrap_or_default(), &4000.into()));
        Error::unless_empty(problems, work)
    }
}

program_settings!(DomaLSSTWork, DomaLSSTWorkBuilder);
tag_setting!(DomaLSSTWork, DomaLSSTWorkBuilder);
collection_settings!(DomaLSSTWork, DomaLSSTWorkBuilder);
common_settings!(DomaLSSTWork, DomaLSSTWorkBuilder);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_enough() {
        let work = DomaLSSTWork::builder("task").build().expect("a work");
        assert_eq!((work.task_name(), work.jobs()), (Some("task"), None));
    }
}
