//! Jobs of tasks in documents.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Form;
use super::present::{Present, Whole, WholeNumber};
use crate::work::Jobs;
use crate::{Dependency, Error, Event, EventDependency, EventJob, Job, JobCount, NullableText};

/// A job of a task.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a job")]
#[schemars(rename = "Job")]
pub(crate) struct JobForm {
    /// Name of the job, and of its output.
    #[schemars(length(min = 1))]
    name: String,
    /// Number of the job in its task. Event service needs it.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    order_id: Present<WholeNumber<true>>,
    /// Group that the job shares event-service files with.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    group: Present<NullableText>,
    /// Whether the job has been submitted; works of type `doma_lsst` need it.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    submitted: Present<Option<bool>>,
    /// What the job waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    after: Vec<DependencyForm>,
    /// Values of the user's own, which the server keeps with the job.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(schema_with = "job_attributes")]
    attributes: Map<String, Value>,
}

/// The output of a job that another job waits for.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a dependency")]
#[schemars(rename = "Dependency")]
struct DependencyForm {
    /// Name of the task of the job.
    #[schemars(length(min = 1))]
    task: String,
    /// Name of the job.
    #[schemars(length(min = 1))]
    job: String,
    /// Whether the output is there already; false by default. With null the job does not say, as in most Python programs.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    available: Present<Option<bool>>,
}

fn job_attributes(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": true,
        "propertyNames": { "not": { "enum": Job::KEYS } },
    })
}

impl Form<Job> for JobForm {
    fn of(job: &Job) -> Self {
        let dependency = |dependency: &Dependency| DependencyForm {
            task: dependency.task().to_owned(),
            job: dependency.job().to_owned(),
            available: Some(dependency.given_available())
                .filter(|available| *available != Some(false))
                .into(),
        };
        Self {
            name: job.name().to_owned(),
            order_id: job.order().cloned().map(WholeNumber).into(),
            group: job.given_group().cloned().into(),
            submitted: job.given_submitted().into(),
            after: job.dependencies().iter().map(dependency).collect(),
            attributes: job.attributes().clone(),
        }
    }

    fn build(self) -> Result<Job, Error> {
        let job = self
            .order_id
            .set(Job::new(self.name), |job, number| job.order_id(number.0));
        let job = self
            .submitted
            .set(self.group.set(job, Job::group), Job::submitted);
        let job = self.after.into_iter().fold(job, |job, dependency| {
            let after = Dependency::new(dependency.task, dependency.job);
            job.after(dependency.available.set(after, Dependency::available))
        });
        Ok(self
            .attributes
            .into_iter()
            .fold(job, |job, (key, value)| job.attribute(key, value)))
    }
}

/// What a task says of the number of its jobs.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a count of jobs")]
#[schemars(rename = "JobCount")]
pub(crate) struct CountForm {
    /// Number of jobs.
    jobs: Whole<u64>,
    /// Number of dependencies of all jobs.
    dependencies: Whole<u64>,
    /// Tasks that the jobs wait for; null by default.
    #[serde(default, skip_serializing_if = "Present::is_absent")]
    tasks: Present<Vec<String>>,
}

impl Form<Box<JobCount>> for CountForm {
    fn of(count: &Box<JobCount>) -> Self {
        Self {
            jobs: Whole(count.jobs()),
            dependencies: Whole(count.dependencies()),
            tasks: count.dependency_tasks().map(<[_]>::to_vec).into(),
        }
    }

    fn build(self) -> Result<Box<JobCount>, Error> {
        Ok(Box::new(self.tasks.set(
            JobCount::new(self.jobs.0, self.dependencies.0),
            JobCount::tasks,
        )))
    }
}

/// A job that is divided into events.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a job")]
#[schemars(rename = "EventJob")]
pub(crate) struct EventJobForm {
    /// Name of the job.
    #[schemars(length(min = 1))]
    name: String,
    /// Events of the job; of several with one number the last one counts.
    #[schemars(length(min = 1))]
    events: Vec<EventForm>,
}

/// An event of a job.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "an event")]
#[schemars(rename = "Event")]
struct EventForm {
    /// Number of the event within its job.
    index: Whole<u32>,
    /// What the event waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    after: Vec<EventDependencyForm>,
}

/// An event that another event waits for.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a dependency")]
#[schemars(rename = "EventDependency")]
struct EventDependencyForm {
    /// Name of the task of the job.
    #[schemars(length(min = 1))]
    task: String,
    /// Name of the job.
    #[schemars(length(min = 1))]
    job: String,
    /// Number of the event within the job.
    event: Whole<u32>,
    /// Whether the server gets the number as a number, by which a 2.6.21 server never finds the event; false by default.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    as_number: bool,
}

impl Form<EventJob> for EventJobForm {
    fn of(job: &EventJob) -> Self {
        let awaited = |dependency: &EventDependency| EventDependencyForm {
            task: dependency.task().to_owned(),
            job: dependency.job().to_owned(),
            event: Whole(dependency.event()),
            as_number: dependency.is_number(),
        };
        let events = job.events().map(|(index, dependencies)| EventForm {
            index: Whole(index),
            after: dependencies.iter().map(awaited).collect(),
        });
        Self {
            name: job.name().to_owned(),
            events: events.collect(),
        }
    }

    fn build(self) -> Result<EventJob, Error> {
        Ok(self.events.into_iter().fold(
            EventJob::new(self.name),
            |job, EventForm { index, after }| {
                let event = after.into_iter().fold(
                    Event::new(index.0),
                    |event,
                     EventDependencyForm {
                         task,
                         job,
                         event: number,
                         as_number,
                     }| {
                        let dependency = EventDependency::new(task, job, number.0);
                        event.after(if as_number {
                            dependency.as_number()
                        } else {
                            dependency
                        })
                    },
                );
                job.event(event)
            },
        ))
    }
}

/// The jobs of a task, or null.
impl Form<Jobs> for Option<Vec<JobForm>> {
    fn of(jobs: &Jobs) -> Self {
        match jobs {
            Jobs::Absent | Jobs::Null => None,
            Jobs::List(jobs) => Some(jobs.iter().map(JobForm::of).collect()),
        }
    }

    fn build(self) -> Result<Jobs, Error> {
        self.map_or(Ok(Jobs::Null), |jobs| Form::build(jobs).map(Jobs::List))
    }
}
