//! `DomaPanDAWork`, `DomaPanDAESWork` and `DomaLSSTWork` on the wire.

use indexmap::IndexSet;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use std::borrow::Cow;

use super::EncodeWork;
use super::panda::panda_urls;
use crate::wire::envelope::{EMPTY_OBJECT, NULL};
use crate::wire::run::{EntryMap, Runs, entries};
use crate::wire::zip::Zipped;
use crate::wire::{Family, Remedies};
use crate::work::{EventFiles, Jobs, Task};
use crate::{
    Dependency, DomaLSSTWork, DomaPanDAESWork, DomaPanDAWork, EventDependency, EventJob, Job, NullableText,
    TransformType,
};

/// What stands for the directory in which the server keeps the maps of a workflow that is sent in steps.
pub(in crate::wire) const STORAGE: &str = "IDDS_WORKFLOW_ADDITIONAL_STORAGE";

/// Type of a task that is given none, in the v2 family.
pub(in crate::wire) const TASK_TYPE: &str = "lsst";

/// Type of a task that is given none, in the v1 family.
pub(in crate::wire) const V1_TASK_TYPE: &str = "test";

/// Says what the classes of tasks that are given job by job have in common.
macro_rules! doma_task {
    ($work:ident, $module:literal, $v1_module:expr) => {
        fn class(&self) -> &str {
            stringify!($work)
        }

        fn module(&self) -> &str {
            $module
        }

        fn v1_module(&self) -> Option<Cow<'_, str>> {
            $v1_module.map(Cow::Borrowed)
        }

        fn work_type(&self) -> Option<TransformType> {
            Some(TransformType::Processing)
        }

        fn work_tag(&self) -> Option<&str> {
            self.base.details.work_tag.as_ref().map_or(Some("lsst"), NullableText::as_text)
        }

        fn default_exec_type(&self) -> &'static str {
            "panda"
        }

        fn has_task_name(&self) -> bool {
            true
        }
    };
}

/// Says what the tasks have in common whose settings are a [`Task`].
macro_rules! panda_task {
    () => {
        fn release_inputs_after_submitting(&self) -> bool {
            true
        }

        fn work_name(&self) -> Option<&str> {
            self.task_name()
        }

        fn compressed(&self) -> &'static [&'static str] {
            &["_dependency_map"]
        }

        fn site(&self) -> Option<&str> {
            let filled = |text: Option<&'_ str>| text.is_some_and(|text| !text.is_empty());
            let sites = [self.task_site(), self.task_queue(), self.queue()];
            sites.into_iter().find(|site| filled(*site)).unwrap_or(self.task_cloud())
        }
    };
}

impl EncodeWork for DomaPanDAWork {
    doma_task!(DomaPanDAWork, "idds.doma.workflowv2.domapandawork", Some("idds.doma.workflow.domapandawork"));
    panda_task!();

    fn only_in_v2(&self) -> Option<&'static str> {
        let (task, standard) = (&self.task, Task::default());
        let fields = [
            ("max_name_length", task.max_name_length != standard.max_name_length),
            ("task_rss_retry_offset", task.task_rss_retry_offset != standard.task_rss_retry_offset),
            ("task_rss_retry_step", task.task_rss_retry_step != standard.task_rss_retry_step),
            ("task_rss_max", !task.task_rss_max.is_null()),
            ("es", task.es),
            ("es_label", task.es_label.is_some()),
            ("max_events_per_job", task.max_events_per_job != standard.max_events_per_job),
            ("enable_job_name_map", task.enable_job_name_map),
        ];
        fields.into_iter().find(|(_, is_set)| *is_set).map(|(field, _)| field)
    }

    fn write_own<M: EntryMap>(&self, _: Remedies, map: &mut M) -> Result<(), M::Error> {
        self.write_with(&Zipped(DependencyMap(self)), map)
    }

    fn write_own_aside<M: EntryMap>(&self, _: Remedies, map: &mut M) -> Result<(), M::Error> {
        #[derive(Serialize)]
        struct Aside {
            idds_dependency_map_file: String,
        }
        let name = self.task_name().unwrap_or_default();
        self.write_with(&Aside { idds_dependency_map_file: format!("{STORAGE}/{name}") }, map)
    }

    fn write_own_v1<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let task = &self.task;
        panda_urls!(map);
        entries!(map;
            "dependency_map" => self.has_map().then_some(self.jobs()),
            "dependency_map_deleted": [],
            "task_name" => self.task_name().unwrap_or_default(),
            "real_task_name": null,
            "task_queue" => task.task_queue,
            "queue" => task.queue,
            "dep_tasks_id_names_map": {},
            "processingType" => task.processing_type,
            "prodSourceLabel" => task.prod_source_label,
            "task_type" => task.task_type.as_ref().map_or(Some(V1_TASK_TYPE), NullableText::as_text),
            "maxWalltime" => task.max_walltime,
            "maxAttempt" => task.max_attempt,
            "core_count" => task.core_count,
            "task_log" => task.task_log,
            "encode_command_line" => task.encode_command_line,
            "task_cloud" => task.task_cloud,
            "task_site" => task.task_site,
            "task_rss" => task.task_rss,
            "task_priority" => task.task_priority,
            "vo" => task.vo,
            "working_group" => task.working_group,
            "retry_number": 0,
            "num_retries" => task.num_retries,
            "poll_panda_jobs_chunk_size": 2000,
            "dependency_tasks": null,
        );
        Ok(())
    }

    fn write_own_metadata<M: EntryMap>(&self, family: Family, map: &mut M) -> Result<(), M::Error> {
        if family == Family::V1 {
            return Ok(());
        }
        match self.counted() {
            Some(count) => entries!(map; "num_inputs" => count.jobs(), "num_dependencies" => count.dependencies()),
            None => {
                let dependencies = self.jobs().iter().map(|job| job.dependencies().len());
                entries!(map; "num_inputs" => self.jobs().len(), "num_dependencies" => dependencies.sum::<usize>());
            }
        }
        Ok(())
    }
}

impl DomaPanDAWork {
    fn write_with<M: EntryMap>(&self, dependency_map: &impl Serialize, map: &mut M) -> Result<(), M::Error> {
        let name = self.task_name().unwrap_or_default();
        let tasks = match self.counted() {
            Some(count) => count.dependency_tasks().map(|tasks| tasks.iter().map(String::as_str).collect()),
            None => (!self.jobs().is_empty()).then(|| tasks(self.jobs())),
        };
        write_task(name, &self.task, tasks.as_ref(), self.event_files(), dependency_map, map)
    }
}

impl EncodeWork for DomaPanDAESWork {
    doma_task!(DomaPanDAESWork, "idds.doma.workflowv2.domapandaeswork", None);
    panda_task!();

    fn write_own<M: EntryMap>(&self, remedies: Remedies, map: &mut M) -> Result<(), M::Error> {
        let name = self.task_name().unwrap_or_default();
        write_task(name, &self.task, None, &EventFiles::default(), &Zipped(NULL), map)?;
        let is_sent = remedies == Remedies::Add || !self.jobs().is_empty();
        entries!(map; "_es_dependency_map" => is_sent.then(|| EventMap(self.jobs())));
        Ok(())
    }

    fn write_own_metadata<M: EntryMap>(&self, _: Family, map: &mut M) -> Result<(), M::Error> {
        entries!(map; "num_inputs": 0, "num_dependencies": 0);
        Ok(())
    }
}

/// Writes the attributes of `DomaPanDAWork` in the v2 family, with the dependency map in this form.
fn write_task<M: EntryMap>(
    task_name: &str,
    task: &Task,
    awaited: Option<&IndexSet<&str>>,
    event_files: &EventFiles,
    dependency_map: &impl Serialize,
    map: &mut M,
) -> Result<(), M::Error> {
    panda_urls!(map);
    entries!(map;
        "max_name_length" => task.max_name_length,
        "task_name" => task_name,
        "orig_task_name" => task_name,
        "real_task_name": null,
        "task_queue" => task.task_queue,
        "queue" => task.queue,
        "dep_tasks_id_names_map": {},
        "processingType" => task.processing_type,
        "prodSourceLabel" => task.prod_source_label,
        "task_type" => task.task_type.as_ref().map_or(Some(TASK_TYPE), NullableText::as_text),
        "maxWalltime" => task.max_walltime,
        "maxAttempt" => task.max_attempt,
        "core_count" => task.core_count,
        "task_log" => task.task_log,
        "encode_command_line" => task.encode_command_line,
        "task_cloud" => task.task_cloud,
        "task_site" => task.task_site,
        "task_rss" => task.task_rss,
        "task_rss_retry_offset" => task.task_rss_retry_offset,
        "task_rss_retry_step" => task.task_rss_retry_step,
        "task_rss_max" => task.task_rss_max,
        "task_priority" => task.task_priority,
        "vo" => task.vo,
        "working_group" => task.working_group,
        "retry_number": 0,
        "num_retries" => task.num_retries,
        "poll_panda_jobs_chunk_size": 2000,
        "dependency_tasks" => awaited,
        "es" => task.es,
        "es_label" => task.es_label,
        "max_events_per_job" => task.max_events_per_job,
        "es_files" => Files(event_files),
        "enable_job_name_map" => task.enable_job_name_map,
        "_dependency_map" => dependency_map,
        "dependency_map_deleted": [],
        "input_dependency_coll_ids": [],
        "additional_task_parameters": {},
        "additional_task_parameters_per_site": {},
        "max_dependency_map_length" => 10_000_000,
        "dependency_map_dir": "/tmp/idds",
        "core_to_queues": {},
    );
    Ok(())
}

/// Returns the tasks that jobs wait for, each once.
fn tasks(jobs: &[Job]) -> IndexSet<&str> {
    jobs.iter().flat_map(Job::dependencies).map(Dependency::task).collect()
}

/// The jobs of a task, with their places in event-service files.
pub(in crate::wire) struct DependencyMap<'a>(pub(in crate::wire) &'a DomaPanDAWork);

impl Serialize for DependencyMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(work) = self;
        match work.map() {
            Jobs::Absent => return EMPTY_OBJECT.serialize(serializer),
            Jobs::Null => return NULL.serialize(serializer),
            Jobs::List(_) => {}
        }
        serializer.collect_seq(work.jobs().iter().enumerate().map(|(index, job)| Entry { work, index, job }))
    }
}

/// An entry of a dependency map.
struct Entry<'a> {
    work: &'a DomaPanDAWork,
    index: usize,
    job: &'a Job,
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let events = self.work.event_files();
        let mut map = Runs::default().map(serializer)?;
        self.job.write(&mut map)?;
        if let Some((file, place)) = events.places.get(self.index) {
            let name = events.files.get(*file).map(|file| file.name.as_str());
            entries!(map; "map_id" => file, "sub_map_id" => place, "es_name" => name);
        }
        map.end()
    }
}

/// The event-service files of a task by their names.
struct Files<'a>(&'a EventFiles);

impl Serialize for Files<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct File<'a> {
            has_dependencies: bool,
            map_id: usize,
            order_ids: &'a [u64],
        }
        let files = self.0.files.iter().enumerate();
        serializer.collect_map(files.map(|(map_id, file)| {
            (&file.name, File { has_dependencies: file.has_dependencies, map_id, order_ids: &file.order_ids })
        }))
    }
}

/// The number of an event, as it was given.
#[derive(Serialize)]
#[serde(untagged)]
enum EventIndex {
    Number(u32),
    Text(String),
}

/// The jobs of a task that are divided into events: by name, then by the number of the event.
struct EventMap<'a>(&'a [EventJob]);

impl Serialize for EventMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Awaited<'a> {
            group_label: &'a str,
            event_job: &'a str,
            event_index: EventIndex,
        }
        struct Events<'a>(&'a EventJob);

        fn awaited(dependency: &EventDependency) -> Awaited<'_> {
            let (group_label, event_job) = (dependency.task(), dependency.job());
            let (event, is_number) = (dependency.event(), dependency.is_number());
            let event_index = if is_number { EventIndex::Number(event) } else { EventIndex::Text(event.to_string()) };
            Awaited { group_label, event_job, event_index }
        }

        impl Serialize for Events<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.events().map(|(index, dependencies)| {
                    (index.to_string(), dependencies.iter().map(awaited).collect::<Vec<_>>())
                }))
            }
        }
        serializer.collect_map(self.0.iter().map(|job| (job.name(), Events(job))))
    }
}

impl EncodeWork for DomaLSSTWork {
    doma_task!(DomaLSSTWork, "idds.atlas.workflowv2.atlasdagwork", Some("idds.atlas.workflow.atlasdagwork"));

    fn write_own<M: EntryMap>(&self, _: Remedies, map: &mut M) -> Result<(), M::Error> {
        entries!(map;
            "pandamonitor": null,
            "dependency_map" => self.jobs(),
            "task_name" => self.task_name().unwrap_or_default(),
        );
        Ok(())
    }
}
