//! Reads `DomaPanDAWork`, `DomaPanDAESWork` and `DomaLSSTWork`.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Decoder, Inherits, Refusal, panda_base};
use crate::wire::class::{TASK_TYPE, V1_TASK_TYPE};
use crate::wire::decode::DecodeError;
use crate::wire::decode::fields::Fields;
use crate::work::Task;
use crate::work::base::{Base, TakesBase as _};
use crate::{Dependency, DomaLSSTWork, DomaPanDAESWork, DomaPanDAWork, Event, EventDependency, EventJob, Job};

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
            let work = DomaPanDAWork::builder("").base(named_base(base, fields)?).task(task);
            Ok(match jobs {
                Some(jobs) => work.jobs(jobs),
                None => work,
            }
            .build()?
            .into())
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
            if whole != task || jobs(fields, "_dependency_map", false)?.is_some() {
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
                Some(jobs) => work.jobs(jobs),
                None => work,
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
    let is_standard_type = |name: &String| [TASK_TYPE, V1_TASK_TYPE].contains(&name.as_str());
    Ok(Task {
        task_queue: fields.read("task_queue")?,
        queue: fields.read("queue")?,
        task_cloud: fields.read("task_cloud")?,
        task_site: fields.read("task_site")?,
        processing_type: fields.read("processingType")?,
        prod_source_label: fields.read("prodSourceLabel")?.unwrap_or(standard.prod_source_label),
        task_type: fields.read("task_type")?.filter(|name| !is_standard_type(name)),
        vo: fields.read("vo")?.unwrap_or(standard.vo),
        working_group: fields.read("working_group")?.unwrap_or(standard.working_group),
        max_walltime: fields.read("maxWalltime")?.unwrap_or(standard.max_walltime),
        max_attempt: fields.read("maxAttempt")?.unwrap_or(standard.max_attempt),
        core_count: fields.read("core_count")?.unwrap_or(standard.core_count),
        num_retries: fields.read("num_retries")?.unwrap_or(standard.num_retries),
        task_priority: fields.read("task_priority")?.unwrap_or(standard.task_priority),
        task_rss: fields.read("task_rss")?.unwrap_or(standard.task_rss),
        task_log: fields.read("task_log")?,
        encode_command_line: fields.or_default("encode_command_line")?,
        ..standard
    })
}

/// Reads the settings that only `DomaPanDAWork` takes.
fn particulars(fields: &Fields<'_>, task: &mut Task) -> Result<(), DecodeError> {
    task.max_name_length = fields.read("max_name_length")?.unwrap_or(task.max_name_length);
    task.task_rss_retry_offset = fields.or_default("task_rss_retry_offset")?;
    task.task_rss_retry_step = fields.or_default("task_rss_retry_step")?;
    task.task_rss_max = fields.read("task_rss_max")?;
    task.es = fields.or_default("es")?;
    task.es_label = fields.read("es_label")?;
    task.max_events_per_job = fields.read("max_events_per_job")?.unwrap_or(task.max_events_per_job);
    task.enable_job_name_map = fields.or_default("enable_job_name_map")?;
    Ok(())
}

/// Reads a dependency map; none when there is none, for which the v2 family sends an empty object.
fn jobs(fields: &Fields<'_>, name: &str, is_event_service: bool) -> Result<Option<Vec<Job>>, Refusal> {
    match fields.unzipped(name)? {
        Value::Null => Ok(None),
        Value::Object(map) if map.is_empty() => Ok(None),
        Value::Object(_) => Err(fields.error(name, "is in a file of the server").into()),
        map => {
            let entries: Vec<JobEntry> = deserialize(map, fields, name)?;
            Ok(Some(entries.into_iter().map(|entry| entry.job(is_event_service)).collect()))
        }
    }
}

fn deserialize<T: DeserializeOwned>(value: Value, fields: &Fields<'_>, name: &str) -> Result<T, DecodeError> {
    serde_json::from_value(value).map_err(|error| fields.error(name, error))
}

/// An entry of a dependency map.
#[derive(Deserialize)]
struct JobEntry {
    name: String,
    order_id: Option<u64>,
    groups: Option<String>,
    submitted: Option<bool>,
    dependencies: Vec<Awaited>,
    #[serde(flatten)]
    attributes: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Awaited {
    task: String,
    inputname: String,
    #[serde(default)]
    available: bool,
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
                event.after(EventDependency::new(group_label, event_job, event_index.0))
            };
            job.event(awaited.into_iter().fold(Event::new(index), after))
        })
    };
    Ok(map.into_iter().flatten().map(job).collect())
}

/// The number of an event, which Python takes as text and as a number.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
struct Index(u32);

impl TryFrom<Value> for Index {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let number = match &value {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64().and_then(|number| u32::try_from(number).ok()),
        };
        number.map(Self).ok_or_else(|| format!("{value} is not the number of an event"))
    }
}
