//! The jobs of tasks, read from the wire.

use std::collections::{BTreeMap, HashSet};

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::{Map, Value};

use super::jobs::Jobs;
use crate::wire::DecodeError;
use crate::wire::decode::{Fields as WireFields, Refusal};
use crate::{Dependency, Event, EventDependency, EventJob, Job, JobCount, Literal, NullableText};

/// Reads a dependency map: none, for which the v2 family sends an empty object, or null, or jobs.
pub(super) fn jobs(
    fields: &WireFields<'_>,
    name: &str,
    is_event_service: bool,
) -> Result<Jobs, Refusal> {
    match fields.unzipped(name)? {
        // The server writes the value itself where it is not there.
        Value::Null if fields.get(name).is_none() => Ok(Jobs::Absent),
        Value::Null => Ok(Jobs::Null),
        Value::Object(map) if map.is_empty() => Ok(Jobs::Absent),
        Value::Object(_) => Err(fields.error(name, "is in a file of the server").into()),
        map => {
            let entries: Vec<JobEntry> = deserialize(map, fields, name)?;
            Ok(Jobs::List(
                entries
                    .into_iter()
                    .map(|entry| entry.job(is_event_service))
                    .collect(),
            ))
        }
    }
}

/// Reads what a task says of the number of its jobs, where that is not their number.
pub(super) fn counted(
    fields: &WireFields<'_>,
    jobs: &[Job],
) -> Result<Option<JobCount>, DecodeError> {
    let metadata = fields.metadata()?;
    let tasks: Option<Vec<String>> = fields.read("dependency_tasks")?;
    let (Some(inputs), Some(dependencies)) = (
        metadata.read("num_inputs")?,
        metadata.read("num_dependencies")?,
    ) else {
        return Ok(None);
    };
    let awaited: HashSet<_> = jobs
        .iter()
        .flat_map(Job::dependencies)
        .map(Dependency::task)
        .collect();
    // The agents find the tasks themselves where there are none.
    let is_same = match &tasks {
        None => jobs.is_empty(),
        Some(tasks) => tasks.iter().map(String::as_str).collect::<HashSet<_>>() == awaited,
    };
    let true_dependencies: usize = jobs.iter().map(|job| job.dependencies().len()).sum();
    let is_true =
        (inputs, dependencies) == (jobs.len() as u64, true_dependencies as u64) && is_same;
    let count = JobCount::new(inputs, dependencies);
    Ok((!is_true).then(|| tasks.into_iter().fold(count, JobCount::tasks)))
}

fn deserialize<T: DeserializeOwned>(
    value: Value,
    fields: &WireFields<'_>,
    name: &str,
) -> Result<T, DecodeError> {
    serde_json::from_value(value).map_err(|error| fields.error(name, error))
}

/// An entry of a dependency map.
#[derive(Deserialize)]
struct JobEntry {
    name: String,
    #[serde(default, deserialize_with = "given")]
    order_id: Option<Literal>,
    #[serde(default, deserialize_with = "given")]
    groups: Option<NullableText>,
    #[serde(default, deserialize_with = "given")]
    submitted: Option<Option<bool>>,
    dependencies: Vec<Awaited>,
    #[serde(flatten)]
    attributes: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Awaited {
    task: String,
    inputname: String,
    available: Option<bool>,
}

/// Reads a value that is there, also when it is null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl JobEntry {
    fn job(self, is_event_service: bool) -> Job {
        // Event service derives them from the other jobs.
        let is_derived =
            |key: &str| is_event_service && ["map_id", "sub_map_id", "es_name"].contains(&key);
        let mut job = Job::new(self.name);
        if let Some(number) = self.order_id {
            job = job.order_id(number);
        }
        if let Some(group) = self.groups {
            job = job.group(group);
        }
        if let Some(is_submitted) = self.submitted {
            job = job.submitted(is_submitted);
        }
        for Awaited {
            task,
            inputname,
            available,
        } in self.dependencies
        {
            job = job.after(Dependency::new(task, inputname).available(available));
        }
        let attributes = self
            .attributes
            .into_iter()
            .filter(|(key, _)| !is_derived(key));
        attributes.fold(job, |job, (key, value)| job.attribute(key, value))
    }
}

/// Reads the jobs of a task that are divided into events.
pub(super) fn event_jobs(fields: &WireFields<'_>) -> Result<Vec<EventJob>, Refusal> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct AwaitedEvent {
        group_label: String,
        event_job: String,
        event_index: Index,
    }
    const NAME: &str = "_es_dependency_map";
    type Entries = IndexMap<String, BTreeMap<u32, Vec<AwaitedEvent>>>;
    let map: Option<Entries> = match fields.get(NAME) {
        None => None,
        Some(map) => deserialize(map.clone(), fields, NAME)?,
    };
    let job = |(name, events): (String, BTreeMap<u32, Vec<AwaitedEvent>>)| {
        events
            .into_iter()
            .fold(EventJob::new(name), |job, (index, awaited)| {
                let after = |event: Event,
                             AwaitedEvent {
                                 group_label,
                                 event_job,
                                 event_index,
                             }| {
                    let dependency =
                        EventDependency::new(group_label, event_job, event_index.number);
                    event.after(if event_index.is_number {
                        dependency.as_number()
                    } else {
                        dependency
                    })
                };
                job.event(awaited.into_iter().fold(Event::new(index), after))
            })
    };
    Ok(map.into_iter().flatten().map(job).collect())
}

/// The number of an event, which Python takes as text and as a number.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
struct Index {
    number: u32,
    is_number: bool,
}

impl TryFrom<Value> for Index {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let number = match &value {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64().and_then(|number| u32::try_from(number).ok()),
        };
        let is_number = !value.is_string();
        number
            .map(|number| Self { number, is_number })
            .ok_or_else(|| format!("{value} is not the number of an event"))
    }
}
