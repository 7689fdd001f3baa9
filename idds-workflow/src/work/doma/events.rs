//! Tasks whose jobs are divided into events.

use std::collections::{BTreeMap, HashSet};

use idds_workflow_derive::Settings;
use serde_json::{Value, json};

use super::decode;
use super::encode::EventMap;
use super::jobs::Jobs;
use super::map::Names;
use super::task::DomaTask;
use crate::error::Problem;
use crate::neutral::EventJobForm;
use crate::wire::decode::{Fields as WireFields, Refusal};
use crate::wire::empty::NULL;
use crate::wire::run::{EntryMap, entries};
use crate::wire::zip::Zipped;
use crate::wire::{DecodeError, Family, Remedies};
use crate::work::builder::Builder;
use crate::work::class::Class;
use crate::work::fields::Fields as _;
use crate::work::part::Part as _;
use crate::{DomaPanDAWork, Execution, Literal, TransformType, execution, text};

/// A task of PanDA whose jobs are divided into events, each of which may wait for events of other jobs.
///
/// # Events
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
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program, Tag, Collections))]
#[wire(
    "dependency_tasks": null,
    "es": false,
    "es_label": null,
    "max_events_per_job": 40,
    "es_files": {},
    "enable_job_name_map": false,
    "_dependency_map" => Zipped(NULL),
    "dependency_map_deleted": [],
    "input_dependency_coll_ids": [],
    "additional_task_parameters": {},
    "additional_task_parameters_per_site": {},
    "max_dependency_map_length" => 10_000_000,
    "dependency_map_dir": "/tmp/idds",
    "core_to_queues": {},
    "_es_dependency_map" => (remedies == Remedies::Add || !self.jobs.is_empty()).then(|| EventMap(&self.jobs)),
)]
pub struct DomaPanDAESWork {
    /// Jobs, in their order. A task that has jobs needs a `task_name`.
    #[setting(form = Vec<EventJobForm>, wire = none, set = none)]
    jobs: Vec<EventJob>,
    #[setting(part)]
    task: DomaTask,
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
        Self {
            name: name.into(),
            events: BTreeMap::new(),
        }
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
        self.events
            .iter()
            .map(|(index, dependencies)| (*index, &**dependencies))
    }
}

impl Event {
    /// Makes an event of this number within its job.
    pub fn new(index: u32) -> Self {
        Self {
            index,
            dependencies: Vec::new(),
        }
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
        Self {
            task: task.into(),
            job: job.into(),
            event,
            is_number: false,
        }
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
        Builder::new().task_name(task_name)
    }
}

impl Builder<DomaPanDAESWork> {
    /// Adds a job.
    pub fn job(mut self, job: EventJob) -> Self {
        self.work.jobs.push(job);
        self
    }

    /// Adds jobs.
    pub fn jobs(mut self, jobs: impl IntoIterator<Item = EventJob>) -> Self {
        self.work.jobs.extend(jobs);
        self
    }
}

impl Class for DomaPanDAESWork {
    const TYPE: &'static str = "doma_panda_es";
    const SCHEMA: &'static str = "DomaPandaEsWork";
    const MODULE: Option<&'static str> = Some("idds.doma.workflowv2.domapandaeswork");
    const IS_IN_V1: bool = false;
    const TAG: Option<&'static str> = Some("lsst");
    const FURTHER: &'static [&'static str] = &["dependency_map"];

    fn example() -> Value {
        json!({
            "type": "doma_panda_es",
            "task_name": "fits",
            "executable": "fit.sh",
            "jobs": [
                { "name": "fit", "events": [{ "index": 0 }, { "index": 1, "after": [{ "task": "fits", "job": "fit", "event": 0 }] }] }
            ]
        })
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::Processing)
    }

    fn finish(&mut self) -> Vec<Problem> {
        let mut problems = self.task.problems(!self.jobs.is_empty());
        problems.extend(job_problems(&self.jobs, self.max_name_length()));
        problems
    }

    fn read_own(&mut self, fields: &WireFields<'_>) -> Result<(), Refusal> {
        self.task.read(fields)?;
        let (standard, mut given) = (DomaPanDAWork::standard(), DomaPanDAWork::standard());
        given.decode(fields)?;
        let has_jobs = matches!(
            decode::jobs(fields, "_dependency_map", false)?,
            Jobs::List(_)
        );
        if self.task.is_of_jobs() || given != standard || has_jobs {
            let message = "has settings of DomaPanDAWork that its constructor does not take, or does not read";
            return Err(DecodeError::new(fields.at(), message).into());
        }
        self.jobs = decode::event_jobs(fields)?;
        Ok(())
    }

    fn write_own_metadata<M: EntryMap>(&self, _: Family, map: &mut M) -> Result<(), M::Error> {
        entries!(map; "num_inputs": 0, "num_dependencies": 0);
        Ok(())
    }

    fn execution(&self) -> Result<Execution, Problem> {
        // A job is done with all of its events, and an event that waits for another job has its whole job wait.
        let after = |job: &EventJob| -> Vec<(String, String)> {
            let mut outputs: Vec<_> = job
                .events()
                .flat_map(|(_, dependencies)| dependencies)
                .map(|event| (event.task().to_owned(), event.job().to_owned()))
                .filter(|(task, name)| {
                    Some(task.as_str()) != self.task_name() || name != job.name()
                })
                .collect();
            outputs.sort_unstable();
            outputs.dedup();
            outputs
        };
        let jobs = self
            .jobs
            .iter()
            .map(|job| (job.name().to_owned(), after(job)));
        execution::doma(&self.task.base, Some(&self.task), jobs)
    }
}

fn job_problems(jobs: &[EventJob], max_name_length: &Literal) -> Vec<Problem> {
    let mut problems = Vec::new();
    if text::ENVELOPE
        .iter()
        .all(|name| jobs.iter().any(|job| job.name == *name))
    {
        problems.push(text::python_object("jobs"));
    }
    let mut names = Names::up_to(max_name_length);
    for (index, job) in jobs.iter().enumerate() {
        let place = || format!("jobs[{index}]");
        names.check(&place(), &job.name, &mut problems);
        if job.events.is_empty() {
            problems.push(Problem::new(place(), "has no events"));
        }
        for (number, dependencies) in job.events() {
            let mut seen = HashSet::new();
            for dependency in dependencies {
                let EventDependency {
                    task,
                    job,
                    event,
                    is_number: _,
                } = dependency;
                if task.is_empty() || job.is_empty() {
                    let message =
                        format!("event {number} waits for a job or a task without a name");
                    problems.push(Problem::new(place(), message));
                } else if !seen.insert(dependency) {
                    let message = format!(
                        "event {number} waits twice for event {event} of {job:?} of {task:?}"
                    );
                    problems.push(Problem::new(place(), message));
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_enough() {
        let work = DomaPanDAESWork::builder("task").build().expect("a work");
        assert_eq!(
            (work.task_name(), work.jobs().len(), work.working_group()),
            (Some("task"), 0, Some("lsst"))
        );
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
