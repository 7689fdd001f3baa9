//! Tasks of PanDA that are given job by job, as the Rubin Observatory runs them.

mod event_service;
mod events;
mod job;
mod jobs;
mod lsst;
mod map;
mod task;

use derive_builder::Builder;

pub(crate) use self::event_service::EventFiles;
pub use self::events::{DomaPanDAESWork, DomaPanDAESWorkBuilder, Event, EventDependency, EventJob};
pub use self::job::{Dependency, Job};
pub use self::jobs::JobCount;
pub(crate) use self::jobs::Jobs;
pub use self::lsst::{DomaLSSTWork, DomaLSSTWorkBuilder};
pub(crate) use self::task::{Task, task_settings};
use super::base::{Base, collection_settings, common_settings, program_settings, tag_setting};
use crate::error::Problem;
use crate::{Error, Literal};

/// A task of PanDA whose jobs wait for jobs of other tasks.
///
/// Every job has a name, which other jobs refer to together with the name of the task. A job is released as soon as all jobs
/// are done that it waits for, whatever the other jobs of those tasks do.
///
/// ```
/// use idds_workflow::{Dependency, DomaPanDAWork, Job, Workflow};
///
/// let simulate = DomaPanDAWork::builder("simulate").executable("simulate.sh").jobs((0..3).map(|n| Job::new(format!("s{n}"))));
/// let merge = Job::new("merged").after(Dependency::new("simulate", "s0")).after(Dependency::new("simulate", "s1"));
/// let merge = DomaPanDAWork::builder("merge").executable("merge.sh").job(merge);
/// let workflow = Workflow::builder().work(simulate.build()?).work(merge.build()?).build()?;
/// assert_eq!(workflow.steps().count(), 2);
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Builder, Clone, Debug, PartialEq)]
#[builder(
    pattern = "owned",
    custom_constructor,
    create_empty = "empty",
    derive(Debug),
    build_fn(private, name = "assemble", error = "Error")
)]
pub struct DomaPanDAWork {
    #[builder(default, setter(custom))]
    pub(crate) base: Base,
    #[builder(default, setter(custom))]
    jobs: Jobs,
    #[builder(default, setter(custom))]
    counted: Option<Box<JobCount>>,
    #[builder(setter(skip))]
    event_files: EventFiles,
    #[builder(default, setter(custom))]
    pub(crate) task: Task,
}

impl DomaPanDAWork {
    /// Starts a task of this name, which jobs of other tasks refer to. It must not be empty when the task has jobs.
    pub fn builder(task_name: impl Into<String>) -> DomaPanDAWorkBuilder {
        DomaPanDAWorkBuilder::empty().task_name(task_name)
    }

    /// Returns the jobs, in their order.
    pub fn jobs(&self) -> &[Job] {
        self.jobs.list()
    }

    /// Returns what the server is told of the number of jobs, when that is not their number.
    pub fn counted(&self) -> Option<&JobCount> {
        self.counted.as_deref()
    }

    /// Returns the longest allowed name of a job, in characters.
    pub fn max_name_length(&self) -> &Literal {
        &self.task.max_name_length
    }

    /// Returns the megabytes that a job gets on top when it is tried again.
    pub fn task_rss_retry_offset(&self) -> &Literal {
        &self.task.task_rss_retry_offset
    }

    /// Returns the megabytes that are added with every attempt.
    pub fn task_rss_retry_step(&self) -> &Literal {
        &self.task.task_rss_retry_step
    }

    /// Returns the most memory that a job gets, in megabytes; null for no limit.
    pub fn task_rss_max(&self) -> &Literal {
        &self.task.task_rss_max
    }

    /// Tells whether the task uses event service.
    pub fn uses_event_service(&self) -> bool {
        self.task.es
    }

    /// Returns the label that the names of event-service files begin with.
    pub fn es_label(&self) -> Option<&str> {
        self.task.es_label.as_deref()
    }

    /// Returns the number of jobs that share an event-service file.
    pub fn max_events_per_job(&self) -> u32 {
        self.task.max_events_per_job
    }

    /// Tells whether PanDA is told the names of the jobs.
    pub fn enables_job_name_map(&self) -> bool {
        self.task.enable_job_name_map
    }

    /// Tells whether there is a list of jobs at all, be it empty.
    pub(crate) fn has_map(&self) -> bool {
        matches!(self.jobs, Jobs::List(_))
    }

    /// Returns the dependency map as it is sent.
    pub(crate) fn map(&self) -> &Jobs {
        &self.jobs
    }

    pub(crate) fn event_files(&self) -> &EventFiles {
        &self.event_files
    }
}

impl DomaPanDAWorkBuilder {
    /// Adds a job.
    pub fn job(mut self, job: Job) -> Self {
        self.jobs.get_or_insert_default().list_mut().push(job);
        self
    }

    /// Adds jobs.
    pub fn jobs(mut self, jobs: impl IntoIterator<Item = Job>) -> Self {
        self.jobs.get_or_insert_default().list_mut().extend(jobs);
        self
    }

    /// Sends `null` in the place of the jobs, as Python does for `dependency_map=None`; an empty object unless set.
    pub fn null_jobs(mut self) -> Self {
        self.jobs = Some(Jobs::Null);
        self
    }

    /// Says what the server is told of the number of jobs; the truth unless set.
    ///
    /// Python counts when a dependency map is assigned, and not again when jobs are appended to it.
    pub fn counted(mut self, count: JobCount) -> Self {
        self.counted = Some(Some(Box::new(count)));
        self
    }

    /// Sets the longest name of a job, in characters; 4000 unless set.
    pub fn max_name_length(mut self, chars: impl Into<Literal>) -> Self {
        self.task.get_or_insert_default().max_name_length = chars.into();
        self
    }

    /// Sets the megabytes that a job gets on top when it is tried again; none unless set.
    pub fn task_rss_retry_offset(mut self, megabytes: impl Into<Literal>) -> Self {
        self.task.get_or_insert_default().task_rss_retry_offset = megabytes.into();
        self
    }

    /// Sets the megabytes that are added with every attempt; none unless set.
    pub fn task_rss_retry_step(mut self, megabytes: impl Into<Literal>) -> Self {
        self.task.get_or_insert_default().task_rss_retry_step = megabytes.into();
        self
    }

    /// Sets the most memory that a job gets, in megabytes; no limit unless set.
    pub fn task_rss_max(mut self, megabytes: impl Into<Literal>) -> Self {
        self.task.get_or_insert_default().task_rss_max = megabytes.into();
        self
    }

    /// Says whether the task uses event service, where several jobs of this map run as the events of one; it does not
    /// unless set.
    pub fn es(mut self, uses_event_service: bool) -> Self {
        self.task.get_or_insert_default().es = uses_event_service;
        self
    }

    /// Sets the label that the names of event-service files begin with; `None` on the wire unless set.
    pub fn es_label(mut self, label: impl Into<String>) -> Self {
        self.task.get_or_insert_default().es_label = Some(label.into());
        self
    }

    /// Sets the number of jobs that share an event-service file, above 0; 40 unless set.
    pub fn max_events_per_job(mut self, count: u32) -> Self {
        self.task.get_or_insert_default().max_events_per_job = count;
        self
    }

    /// Says whether PanDA is told the names of the jobs; it is not unless set.
    pub fn enable_job_name_map(mut self, is_enabled: bool) -> Self {
        self.task.get_or_insert_default().enable_job_name_map = is_enabled;
        self
    }

    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// Names every problem: jobs without a name, with the name of another one or with one that is too long, dependencies
    /// that a job has twice, a task with jobs that has no name, and numbers that must be above 0. With event service, all
    /// jobs need an `order_id`, and those of a group must follow each other without a gap.
    pub fn build(self) -> Result<DomaPanDAWork, Error> {
        let mut work = self.assemble()?;
        let mut problems = work.base.problems();
        if work.task_name().is_none_or(str::is_empty) && !work.jobs().is_empty() {
            problems.push(Problem::new("task_name", "is empty, although the task has jobs"));
        }
        problems.extend(work.task.problems());
        problems.extend(map::problems(work.jobs(), work.max_name_length()));
        if work.uses_event_service() {
            let label = work.es_label().unwrap_or("None");
            work.event_files = EventFiles::new(work.jobs(), label, work.max_events_per_job(), &mut problems);
        }
        Error::unless_empty(problems, work)
    }
}

program_settings!(DomaPanDAWork, DomaPanDAWorkBuilder);
task_settings!(DomaPanDAWork, DomaPanDAWorkBuilder);
tag_setting!(DomaPanDAWork, DomaPanDAWorkBuilder);
collection_settings!(DomaPanDAWork, DomaPanDAWorkBuilder);
common_settings!(DomaPanDAWork, DomaPanDAWorkBuilder);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_enough() {
        let work = DomaPanDAWork::builder("task").build().expect("a work");
        assert_eq!((work.task_name(), work.jobs().len(), work.vo()), (Some("task"), 0, Some("wlcg")));
    }

    #[test]
    fn every_problem_of_the_jobs_is_named() {
        let error = DomaPanDAWork::builder("")
            .core_count(0)
            .job(Job::new("a").after(Dependency::new("t", "xy")).after(Dependency::new("tx", "y")))
            .job(Job::new("a").attribute("map_id", 1))
            .job(Job::new("b".repeat(4001)).after(Dependency::new("", "x")))
            .job(Job::new("").attribute("o", serde_json::json!({"class": "C", "module": "m", "attributes": {}})))
            .build()
            .expect_err("nine problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r#"
        task_name: is empty, although the task has jobs
        core_count: 0 is not above 0
        jobs[0]: waits for "y" of "tx", which the server takes for "xy" of "t"
        jobs[1]: "a" is the name of an earlier job
        jobs[1]: the attribute "map_id" is one of the job itself
        jobs[2]: has a name of 4001 characters, above the 4000 that are allowed
        jobs[2]: waits for a job or a task without a name
        jobs[3]: has no name
        jobs[3]: an object with class, module and attributes would become a Python object on the server
        "#);
    }

    #[test]
    fn event_service_needs_numbers_without_gaps() {
        let jobs = [Some(1), Some(1), None, Some(3)].into_iter().enumerate().map(|(index, number)| {
            let job = Job::new(format!("j{index}"));
            match number {
                Some(number) => job.order_id(number),
                None => job,
            }
        });
        let task = DomaPanDAWork::builder("t").jobs(jobs).es(true);
        insta::assert_snapshot!(task.build().expect_err("three problems").to_string().replace("; ", "\n"), @r#"
        jobs[1].order_id: 1 is also that of jobs[0]
        jobs[2].order_id: is missing or no whole number, which event service needs
        jobs[3].order_id: 3 does not follow 1, the one before it in the group "es_default"
        "#);
        let error = DomaPanDAWork::builder("t").es(true).max_events_per_job(0).build().expect_err("no events");
        insta::assert_snapshot!(error, @"max_events_per_job: 0 is not above 0");
    }
}
