//! Reads `DomaPanDAWork`, `DomaPanDAESWork` and `DomaLSSTWork`.

use std::collections::{BTreeMap, HashSet};

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::{Map, Value};

use super::{Decoder, Inherits, Refusal, panda_base};
use crate::wire::class::{TASK_TYPE, V1_TASK_TYPE};
use crate::wire::decode::DecodeError;
use crate::wire::decode::fields::Fields;
use crate::work::base::{Base, TakesBase as _};
use crate::work::{Jobs, Task};
use crate::{
    Dependency, DomaLSSTWork, DomaPanDAESWork, DomaPanDAWork, DomaPanDAWorkBuilder, Event, EventDependency, EventJob,
    Job, JobCount, Literal, NullableText,
};

/// Attributes of every task: its settings, and what the server keeps there.
const OWN: &[&str] = &[
    "panda_url",
    "panda_url_ssl",
    "panda_monitor",
    "panda_auth",
    "panda_auth_vo",
    "panda_config_root",
    "pandacache_url",
    "panda_verify_host",
    "max_name_length",
    "task_name",
    "orig_task_name",
    "real_task_name",
    "task_queue",
    "queue",
    "dep_tasks_id_names_map",
    "processingType",
    "prodSourceLabel",
    "task_type",
    "maxWalltime",
    "maxAttempt",
    "core_count",
    "task_log",
    "encode_command_line",
    "task_cloud",
    "task_site",
    "task_rss",
    "task_rss_retry_offset",
    "task_rss_retry_step",
    "task_rss_max",
    "task_priority",
    "vo",
    "working_group",
    "retry_number",
    "num_retries",
    "poll_panda_jobs_chunk_size",
    "dependency_tasks",
    "es",
    "es_label",
    "max_events_per_job",
    "es_files",
    "enable_job_name_map",
    "dependency_map",
    "_dependency_map",
    "_es_dependency_map",
    "dependency_map_deleted",
    "input_dependency_coll_ids",
    "additional_task_parameters",
    "additional_task_parameters_per_site",
    "max_dependency_map_length",
    "dependency_map_dir",
    "core_to_queues",
];

pub(super) const CLASSES: &[Decoder] = &[
    Decoder {
        class: "DomaPanDAWork",
        module: "idds.doma.workflowv2.domapandawork",
        own: OWN,
        inherits: Inherits::Placement,
        decode: |base, fields| {
            let mut task = task(fields)?;
            particulars(fields, &mut task)?;
            let is_v2 = fields.get("_dependency_map").is_some();
            let jobs = jobs(fields, if is_v2 { "_dependency_map" } else { "dependency_map" }, task.es)?;
            let counted = counted(fields, jobs.list())?;
            let work = DomaPanDAWork::builder("").base(named_base(base, fields)?).task(task);
            let work = match jobs {
                Jobs::List(jobs) => work.jobs(jobs),
                Jobs::Null => work.null_jobs(),
                Jobs::Absent => work,
            };
            Ok(counted.into_iter().fold(work, DomaPanDAWorkBuilder::counted).build()?.into())
        },
    },
    Decoder {
        class: "DomaPanDAESWork",
        module: "idds.doma.workflowv2.domapandaeswork",
        own: OWN,
        inherits: Inherits::Placement,
        decode: |base, fields| {
            let task = task(fields)?;
            let mut whole = task.clone();
            particulars(fields, &mut whole)?;
            if whole != task || matches!(jobs(fields, "_dependency_map", false)?, Jobs::List(_)) {
                let message = "has settings of DomaPanDAWork that its constructor does not take, or does not read";
                return Err(DecodeError::new(fields.at(), message).into());
            }
            let work = DomaPanDAESWork::builder("").base(named_base(base, fields)?).task(task);
            Ok(work.jobs(event_jobs(fields)?).build()?.into())
        },
    },
    Decoder {
        class: "DomaLSSTWork",
        module: "idds.atlas.workflowv2.atlasdagwork",
        own: &["pandamonitor", "dependency_map", "task_name"],
        inherits: Inherits::Placement,
        decode: |base, fields| {
            let is_held_back = base.release_inputs_after_submitting;
            let base = panda_base(base, fields, "lsst")?;
            let work = DomaLSSTWork::builder("");
            let work = work.base(Base { release_inputs_after_submitting: is_held_back, ..base });
            Ok(match jobs(fields, "dependency_map", false)? {
                Jobs::List(jobs) => work.jobs(jobs),
                Jobs::Absent | Jobs::Null => work,
            }
            .build()?
            .into())
        },
    },
];

/// Makes what a task has in common with all works: its name is also that of the work, and the agents append numbers to it.
fn named_base(base: Base, fields: &Fields<'_>) -> Result<Base, DecodeError> {
    let task_name = match fields.read::<String>("orig_task_name")? {
        Some(name) => Some(name),
        None => base.details.task_name.clone(),
    };
    // The classes write an empty one when there is none, and then the name of the work is its id and not empty too.
    let metadata = fields.metadata()?;
    let is_empty = metadata.get("work_name") == Some(&Value::from(""));
    let task_name = task_name.filter(|name| !name.is_empty() || is_empty);
    let mut base = panda_base(base, fields, "lsst")?;
    base.details.task_name = task_name;
    Ok(base)
}

/// Reads the settings of all tasks.
fn task(fields: &Fields<'_>) -> Result<Task, DecodeError> {
    let standard = Task::default();
    let is_standard_type = |name: &NullableText| [TASK_TYPE, V1_TASK_TYPE].map(Some).contains(&name.as_text());
    Ok(Task {
        task_queue: fields.read("task_queue")?,
        queue: fields.read("queue")?,
        task_cloud: fields.read("task_cloud")?,
        task_site: fields.read("task_site")?,
        processing_type: fields.read("processingType")?,
        prod_source_label: fields.given("prodSourceLabel")?.unwrap_or(standard.prod_source_label),
        task_type: fields.given("task_type")?.filter(|name| !is_standard_type(name)),
        vo: fields.given("vo")?.unwrap_or(standard.vo),
        working_group: fields.given("working_group")?.unwrap_or(standard.working_group),
        max_walltime: fields.given("maxWalltime")?.unwrap_or(standard.max_walltime),
        max_attempt: fields.given("maxAttempt")?.unwrap_or(standard.max_attempt),
        core_count: fields.given("core_count")?.unwrap_or(standard.core_count),
        num_retries: fields.given("num_retries")?.unwrap_or(standard.num_retries),
        task_priority: fields.given("task_priority")?.unwrap_or(standard.task_priority),
        task_rss: fields.given("task_rss")?.unwrap_or(standard.task_rss),
        task_log: fields.read("task_log")?,
        encode_command_line: fields.or_default("encode_command_line")?,
        ..standard
    })
}

/// Reads the settings that only `DomaPanDAWork` takes.
fn particulars(fields: &Fields<'_>, task: &mut Task) -> Result<(), DecodeError> {
    let numbers = [
        ("max_name_length", &mut task.max_name_length),
        ("task_rss_retry_offset", &mut task.task_rss_retry_offset),
        ("task_rss_retry_step", &mut task.task_rss_retry_step),
        ("task_rss_max", &mut task.task_rss_max),
    ];
    for (name, number) in numbers {
        if let Some(given) = fields.given(name)? {
            *number = given;
        }
    }
    task.es = fields.or_default("es")?;
    task.es_label = fields.read("es_label")?;
    task.max_events_per_job = fields.read("max_events_per_job")?.unwrap_or(task.max_events_per_job);
    task.enable_job_name_map = fields.or_default("enable_job_name_map")?;
    Ok(())
}

/// Reads a dependency map: none, for which the v2 family sends an empty object, or null, or jobs.
fn jobs(fields: &Fields<'_>, name: &str, is_event_service: bool) -> Result<Jobs, Refusal> {
    match fields.unzipped(name)? {
        // The server writes the value itself where it is not there.
        Value::Null if fields.get(name).is_none() => Ok(Jobs::Absent),
        Value::Null => Ok(Jobs::Null),
        Value::Object(map) if map.is_empty() => Ok(Jobs::Absent),
        Value::Object(_) => Err(fields.error(name, "is in a file of the server").into()),
        map => {
            let entries: Vec<JobEntry> = deserialize(map, fields, name)?;
            Ok(Jobs::List(entries.into_iter().map(|entry| entry.job(is_event_service)).collect()))
        }
    }
}

/// Reads what a task says of the number of its jobs, where that is not their number.
fn counted(fields: &Fields<'_>, jobs: &[Job]) -> Result<Option<JobCount>, DecodeError> {
    let metadata = fields.metadata()?;
    let tasks: Option<Vec<String>> = fields.read("dependency_tasks")?;
    let (Some(inputs), Some(dependencies)) = (metadata.read("num_inputs")?, metadata.read("num_dependencies")?) else {
        return Ok(None);
    };
    let awaited: HashSet<_> = jobs.iter().flat_map(Job::dependencies).map(Dependency::task).collect();
    // The agents find the tasks themselves where there are none.
    let is_same = match &tasks {
        None => jobs.is_empty(),
        Some(tasks) => tasks.iter().map(String::as_str).collect::<HashSet<_>>() == awaited,
    };
    let true_dependencies: usize = jobs.iter().map(|job| job.dependencies().len()).sum();
    let is_true = (inputs, dependencies) == (jobs.len() as u64, true_dependencies as u64) && is_same;
    let count = JobCount::new(inputs, dependencies);
    Ok((!is_true).then(|| tasks.into_iter().fold(count, JobCount::tasks)))
}

fn deserialize<T: DeserializeOwned>(value: Value, fields: &Fields<'_>, name: &str) -> Result<T, DecodeError> {
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
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl JobEntry {
    fn job(self, is_event_service: bool) -> Job {
        // Event service derives them from the other jobs.
        let is_derived = |key: &str| is_event_service && ["map_id", "sub_map_id", "es_name"].contains(&key);
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
        for Awaited { task, inputname, available } in self.dependencies {
            job = job.after(Dependency::new(task, inputname).available(available));
        }
        let attributes = self.attributes.into_iter().filter(|(key, _)| !is_derived(key));
        attributes.fold(job, |job, (key, value)| job.attribute(key, value))
    }
}

/// Reads the jobs of a task that are divided into events.
fn event_jobs(fields: &Fields<'_>) -> Result<Vec<EventJob>, Refusal> {
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
        events.into_iter().fold(EventJob::new(name), |job, (index, awaited)| {
            let after = |event: Event, AwaitedEvent { group_label, event_job, event_index }| {
                let dependency = EventDependency::new(group_label, event_job, event_index.number);
                event.after(if event_index.is_number { dependency.as_number() } else { dependency })
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
        number.map(|number| Self { number, is_number }).ok_or_else(|| format!("{value} is not the number of an event"))
    }
}
