//! The jobs of tasks on the wire.

use indexmap::IndexSet;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::event_service::EventFiles;
use super::jobs::Jobs;
use crate::wire::empty::{EMPTY_OBJECT, NULL};
use crate::wire::run::{EntryMap as _, Runs, entries};
use crate::wire::zip::Zipped;
use crate::{Dependency, DomaPanDAWork, EventDependency, EventJob, Job};

/// What stands for the directory in which the server keeps the maps of a workflow that is sent in steps.
pub(crate) const STORAGE: &str = "IDDS_WORKFLOW_ADDITIONAL_STORAGE";

/// The jobs of a task in its workflow: themselves, or the name of the file that they were sent to before.
pub(super) struct SentMap<'a> {
    pub(super) work: &'a DomaPanDAWork,
    pub(super) is_aside: bool,
}

impl Serialize for SentMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.is_aside {
            return Zipped(DependencyMap(self.work)).serialize(serializer);
        }
        let name = self.work.task_name().unwrap_or_default();
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("idds_dependency_map_file", &format!("{STORAGE}/{name}"))?;
        map.end()
    }
}

/// Returns the tasks that jobs wait for, each once.
pub(super) fn tasks(jobs: &[Job]) -> IndexSet<&str> {
    jobs.iter()
        .flat_map(Job::dependencies)
        .map(Dependency::task)
        .collect()
}

/// The jobs of a task, with their places in event-service files.
pub(crate) struct DependencyMap<'a>(pub(crate) &'a DomaPanDAWork);

impl Serialize for DependencyMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(work) = self;
        match &work.jobs {
            Jobs::Absent => return EMPTY_OBJECT.serialize(serializer),
            Jobs::Null => return NULL.serialize(serializer),
            Jobs::List(_) => {}
        }
        serializer.collect_seq(work.jobs().iter().enumerate().map(|(index, job)| Entry {
            work,
            index,
            job,
        }))
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
        let events = &self.work.event_files;
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
pub(super) struct Files<'a>(pub(super) &'a EventFiles);

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
            (
                &file.name,
                File {
                    has_dependencies: file.has_dependencies,
                    map_id,
                    order_ids: &file.order_ids,
                },
            )
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
pub(super) struct EventMap<'a>(pub(super) &'a [EventJob]);

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
            let event_index = if is_number {
                EventIndex::Number(event)
            } else {
                EventIndex::Text(event.to_string())
            };
            Awaited {
                group_label,
                event_job,
                event_index,
            }
        }

        impl Serialize for Events<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.events().map(|(index, dependencies)| {
                    (
                        index.to_string(),
                        dependencies.iter().map(awaited).collect::<Vec<_>>(),
                    )
                }))
            }
        }
        serializer.collect_map(self.0.iter().map(|job| (job.name(), Events(job))))
    }
}
