//! Tasks whose jobs are divided into events.

use std::collections::{BTreeMap, HashSet};

use derive_builder::Builder;

use super::{Task, task_settings};
use crate::error::Problem;
use crate::work::base::{Base, collection_settings, common_settings, program_settings, tag_setting};
use crate::{Error, Literal, text};

/// A task of PanDA whose jobs are divided into events, each of which may wait for events of other jobs.
///
/// PanDA runs one job for all of its events and reports each of them. [`DomaPanDAWork::es`](crate::DomaPanDAWorkBuilder::es)
/// is the newer way, which makes such jobs from a plain list.
///
/// ```
/// use idds_workflow::{DomaPanDAESWork, Event, EventDependency, EventJob};
///
/// let fit = EventJob::new("fit").event(Event::new(0)).event(Event::new(1).after(EventDependency::new("reduce", "ccd", 7)));
/// let work = DomaPanDAESWork::builder("fits").executable("fit.sh").job(fit).build()?;
/// assert_eq!(work.jobs()[0].events().count(), 2);
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
pub struct DomaPanDAESWork {
    #[builder(default, setter(custom))]
    pub(crate) base: Base,
    #[builder(default, setter(custom))]
    jobs: Vec<EventJob>,
    #[builder(default, setter(custom))]
    pub(crate) task: Task,
}

/// A job of a task, with its events by their numbers.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a job does nothing before it is added to a task"]
pub struct EventJob {
    name: String,
    events: BTreeMap<u32, Vec<EventDependency>>,
}

/// An event of a job.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "an event does nothing before it is added to a job"]
pub struct Event {
    index: u32,
    dependencies: Vec<EventDependency>,
}

/// An event that another event waits for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[must_use = "a dependency does nothing before it is added to an event"]
pub struct EventDependency {
    task: String,
    job: String,
    event: u32,
    is_number: bool,
}

impl EventJob {
    /// Makes a job of this name without events.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), events: BTreeMap::new() }
    }

    /// Adds an event; of several with one number the last one counts.
    pub fn event(mut self, event: Event) -> Self {
        self.events.insert(event.index, event.dependencies);
        self
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the events by their numbers, each with what it waits for.
    pub fn events(&self) -> impl ExactSizeIterator<Item = (u32, &[EventDependency])> {
        self.events.iter().map(|(index, dependencies)| (*index, &**dependencies))
    }
}

impl Event {
    /// Makes an event of this number within its job.
    pub fn new(index: u32) -> Self {
        Self { index, dependencies: Vec::new() }
    }

    /// Adds something that the event waits for.
    pub fn after(mut self, dependency: EventDependency) -> Self {
        self.dependencies.push(dependency);
        self
    }
}

impl EventDependency {
    /// Waits for an event of a job of a task, which may be the event's own job.
    pub fn new(task: impl Into<String>, job: impl Into<String>, event: u32) -> Self {
        Self { task: task.into(), job: job.into(), event, is_number: false }
    }

    /// Sends the number of the event as a number, where Python's own clients send text.
    ///
    /// A 2.6.21 server knows events by text only: what waits so for an event of its own job is never released.
    pub fn as_number(mut self) -> Self {
        self.is_number = true;
        self
    }

    pub(crate) fn is_number(&self) -> bool {
        self.is_number
    }

    /// Returns the name of the task, `group_label` on the wire.
    pub fn task(&self) -> &str {
        &self.task
    }

    /// Returns the name of the job, `event_job` on the wire.
    pub fn job(&self) -> &str {
        &self.job
    }

    /// Returns the number of the event, `event_index` on the wire.
    pub fn event(&self) -> u32 {
        self.event
    }
}

impl DomaPanDAESWork {
    /// Starts a task of this name, which jobs of other tasks refer to. It must not be empty when the task has jobs.
    pub fn builder(task_name: impl Into<String>) -> DomaPanDAESWorkBuilder {
        DomaPanDAESWorkBuilder::empty().task_name(task_name)
    }

    /// Returns the jobs, in their order.
    pub fn jobs(&self) -> &[EventJob] {
        &self.jobs
    }
}

impl DomaPanDAESWorkBuilder {
    /// Adds a job.
    pub fn job(mut self, job: EventJob) -> Self {
        self.jobs.get_or_insert_default().push(job);
        self
    }

    /// Adds jobs.
    pub fn jobs(mut self, jobs: impl IntoIterator<Item = EventJob>) -> Self {
        self.jobs.get_or_insert_default().extend(jobs);
        self
    }

    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// Names every problem: jobs without a name, with the name of another one, with one of more than 4000 characters or
    /// without events, dependencies without a name and ones that an event has twice, a task with jobs that has no name, and
    /// numbers that must be above 0.
    pub fn build(self) -> Result<DomaPanDAESWork, Error> {
        let work = self.assemble()?;
        let mut problems = work.base.problems();
        if work.task_name().is_none_or(str::is_empty) && !work.jobs.is_empty() {
            problems.push(Problem::new("task_name", "is empty, although the task has jobs"));
        }
        problems.extend(work.task.problems());
        problems.extend(job_problems(&work.jobs, &work.task.max_name_length));
        Error::unless_empty(problems, work)
    }
}

fn job_problems(jobs: &[EventJob], max_name_length: &Literal) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = HashSet::new();
    if text::ENVELOPE.iter().all(|name| jobs.iter().any(|job| job.name == *name)) {
        problems.push(text::python_object("jobs"));
    }
    for (index, job) in jobs.iter().enumerate() {
        let place = || format!("jobs[{index}]");
        let chars = job.name.chars().count();
        if chars == 0 {
            problems.push(Problem::new(place(), "has no name"));
        } else if !names.insert(&job.name) {
            problems.push(Problem::new(place(), format!("{:?} is the name of an earlier job", job.name)));
        }
        if max_name_length.as_f64().is_some_and(|most| chars as f64 > most) {
            let message = format!("has a name of {chars} characters, above the {max_name_length} that are allowed");
            problems.push(Problem::new(place(), message));
        }
        if job.events.is_empty() {
            problems.push(Problem::new(place(), "has no events"));
        }
        for (number, dependencies) in job.events() {
            let mut seen = HashSet::new();
            for dependency in dependencies {
                let EventDependency { task, job, event, is_number: _ } = dependency;
                if task.is_empty() || job.is_empty() {
                    let message = format!("event {number} waits for a job or a task without a name");
                    problems.push(Problem::new(place(), message));
                } else if !seen.insert(dependency) {
                    let message = format!("event {number} waits twice for event {event} of {job:?} of {task:?}");
                    problems.push(Problem::new(place(), message));
                }
            }
        }
    }
    problems
}

program_settings!(DomaPanDAESWork, DomaPanDAESWorkBuilder);
task_settings!(DomaPanDAESWork, DomaPanDAESWorkBuilder);
tag_setting!(DomaPanDAESWork, DomaPanDAESWorkBuilder);
collection_settings!(DomaPanDAESWork, DomaPanDAESWorkBuilder);
common_settings!(DomaPanDAESWork, DomaPanDAESWorkBuilder);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_enough() {
        let work = DomaPanDAESWork::builder("task").build().expect("a work");
        assert_eq!((work.task_name(), work.jobs().len(), work.working_group()), (Some("task"), 0, Some("lsst")));
    }

    #[test]
    fn every_problem_of_the_jobs_is_named() {
        let twice = || EventDependency::new("t", "a", 3);
        let error = DomaPanDAESWork::builder("")
            .max_attempt(0)
            .job(EventJob::new("a").event(Event::new(1).after(twice()).after(twice())))
            .job(EventJob::new("a").event(Event::new(0).after(EventDependency::new("", "x", 0))))
            .job(EventJob::new("").event(Event::new(0)))
            .job(EventJob::new("b".repeat(4001)))
            .build()
            .expect_err("eight problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r#"
        task_name: is empty, although the task has jobs
        max_attempt: 0 is not above 0
        jobs[0]: event 1 waits twice for event 3 of "a" of "t"
        jobs[1]: "a" is the name of an earlier job
        jobs[1]: event 0 waits for a job or a task without a name
        jobs[2]: has no name
        jobs[3]: has a name of 4001 characters, above the 4000 that are allowed
        jobs[3]: has no events
        "#);
    }
}
