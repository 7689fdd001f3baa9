//! `DomaPanDAWork` and `DomaLSSTWork` on the wire.

use indexmap::IndexSet;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::EncodeWork;
use super::panda::panda_urls;
use crate::wire::Remedies;
use crate::wire::envelope::{EMPTY_LIST, EMPTY_OBJECT, NULL, entries};
use crate::wire::zip::Zipped;
use crate::{Dependency, DomaLSSTWork, DomaPanDAWork, Job, TransformType};

/// What stands for the directory in which the server keeps the maps of a workflow that is sent in steps.
pub(in crate::wire) const STORAGE: &str = "IDDS_WORKFLOW_ADDITIONAL_STORAGE";

impl EncodeWork for DomaPanDAWork {
    fn class(&self) -> &str {
        "DomaPanDAWork"
    }

    fn module(&self) -> &str {
        "idds.doma.workflowv2.domapandawork"
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::Processing)
    }

    fn work_tag(&self) -> Option<&str> {
        Some(self.base.work_tag.as_deref().unwrap_or("lsst"))
    }

    fn default_exec_type(&self) -> &'static str {
        "panda"
    }

    fn release_inputs_after_submitting(&self) -> bool {
        true
    }

    fn work_name(&self) -> Option<&str> {
        self.task_name()
    }

    fn compressed(&self) -> &'static [&'static str] {
        &["_dependency_map"]
    }

    fn write_own<M: SerializeMap>(&self, _: Remedies, map: &mut M) -> Result<(), M::Error> {
        self.write_with(&Zipped(DependencyMap(self)), map)
    }

    fn write_own_aside<M: SerializeMap>(&self, _: Remedies, map: &mut M) -> Result<(), M::Error> {
        #[derive(Serialize)]
        struct Aside {
            idds_dependency_map_file: String,
        }
        let name = self.task_name().unwrap_or_default();
        self.write_with(&Aside { idds_dependency_map_file: format!("{STORAGE}/{name}") }, map)
    }

    fn write_own_metadata<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        entries!(map;
            "num_inputs" => self.jobs().len(),
            "num_dependencies" => self.jobs().iter().map(|job| job.dependencies().len()).sum::<usize>(),
        );
        Ok(())
    }

    fn has_task_name(&self) -> bool {
        true
    }

    fn site(&self) -> Option<&str> {
        let filled = |text: Option<&'_ str>| text.is_some_and(|text| !text.is_empty());
        let sites = [self.task_site(), self.task_queue(), self.queue()];
        sites.into_iter().find(|site| filled(*site)).unwrap_or(self.task_cloud())
    }
}

impl DomaPanDAWork {
    /// Writes the attributes of the class, with the map in this form.
    fn write_with<M: SerializeMap>(&self, dependency_map: &impl Serialize, map: &mut M) -> Result<(), M::Error> {
        let task_name = self.task_name().unwrap_or_default();
        panda_urls!(map);
        entries!(map;
            "max_name_length" => self.max_name_length(),
            "task_name" => task_name,
            "orig_task_name" => task_name,
            "real_task_name" => NULL,
            "task_queue" => self.task_queue(),
            "queue" => self.queue(),
            "dep_tasks_id_names_map" => EMPTY_OBJECT,
            "processingType" => self.processing_type(),
            "prodSourceLabel" => self.prod_source_label(),
            "task_type" => self.task_type(),
            "maxWalltime" => self.max_walltime(),
            "maxAttempt" => self.max_attempt(),
            "core_count" => self.core_count(),
            "task_log" => self.task_log(),
            "encode_command_line" => self.encodes_command_line(),
            "task_cloud" => self.task_cloud(),
            "task_site" => self.task_site(),
            "task_rss" => self.task_rss(),
            "task_rss_retry_offset" => self.task_rss_retry_offset(),
            "task_rss_retry_step" => self.task_rss_retry_step(),
            "task_rss_max" => self.task_rss_max(),
            "task_priority" => self.task_priority(),
            "vo" => self.vo(),
            "working_group" => self.working_group(),
            "retry_number" => 0,
            "num_retries" => self.num_retries(),
            "poll_panda_jobs_chunk_size" => 2000,
            "dependency_tasks" => (!self.jobs().is_empty()).then(|| tasks(self.jobs())),
            "es" => self.uses_event_service(),
            "es_label" => self.es_label(),
            "max_events_per_job" => self.max_events_per_job(),
            "es_files" => Files(self),
            "enable_job_name_map" => self.enables_job_name_map(),
            "_dependency_map" => dependency_map,
            "dependency_map_deleted" => EMPTY_LIST,
            "input_dependency_coll_ids" => EMPTY_LIST,
            "additional_task_parameters" => EMPTY_OBJECT,
            "additional_task_parameters_per_site" => EMPTY_OBJECT,
            "max_dependency_map_length" => 10_000_000,
            "dependency_map_dir" => "/tmp/idds",
            "core_to_queues" => EMPTY_OBJECT,
        );
        Ok(())
    }
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
        if !work.has_map() {
            return EMPTY_OBJECT.serialize(serializer);
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
        let mut map = serializer.serialize_map(None)?;
        self.job.write(&mut map)?;
        if let Some((file, place)) = events.places.get(self.index) {
            let name = events.files.get(*file).map(|file| file.name.as_str());
            entries!(map; "map_id" => file, "sub_map_id" => place, "es_name" => name);
        }
        map.end()
    }
}

/// The event-service files of a task by their names.
struct Files<'a>(&'a DomaPanDAWork);

impl Serialize for Files<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct File<'a> {
            has_dependencies: bool,
            map_id: usize,
            order_ids: &'a [u64],
        }
        let files = self.0.event_files().files.iter().enumerate();
        serializer.collect_map(files.map(|(map_id, file)| {
            (&file.name, File { has_dependencies: file.has_dependencies, map_id, order_ids: &file.order_ids })
        }))
    }
}

impl EncodeWork for DomaLSSTWork {
    fn class(&self) -> &str {
        "DomaLSSTWork"
    }

    fn module(&self) -> &str {
        "idds.atlas.workflowv2.atlasdagwork"
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::Processing)
    }

    fn work_tag(&self) -> Option<&str> {
        Some(self.base.work_tag.as_deref().unwrap_or("lsst"))
    }

    fn default_exec_type(&self) -> &'static str {
        "panda"
    }

    fn write_own<M: SerializeMap>(&self, _: Remedies, map: &mut M) -> Result<(), M::Error> {
        entries!(map;
            "pandamonitor" => NULL,
            "dependency_map" => self.jobs(),
            "task_name" => self.task_name().unwrap_or_default(),
        );
        Ok(())
    }

    fn has_task_name(&self) -> bool {
        true
    }
}
