//! Parts of a workflow that is too big for one request.

use serde::{Serialize, Serializer};

use crate::work::DependencyMap;
use crate::{DomaPanDAWork, WorkloadId};

/// How much of a workflow is encoded.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::wire) enum Part<'a> {
    /// All of it.
    #[default]
    Whole,
    /// All but the dependency maps, which have been sent before.
    WithoutMaps,
    /// Some of the dependency maps.
    Maps(Maps<'a>),
}

/// Dependency maps that are sent before their workflow.
#[derive(Clone, Copy, Debug)]
pub(in crate::wire) struct Maps<'a> {
    /// The tasks that the maps belong to.
    pub(in crate::wire) tasks: &'a [&'a DomaPanDAWork],
    /// Number of an id that the workflow itself does not use.
    pub(in crate::wire) template_id: u32,
    pub(in crate::wire) workload_id: Option<WorkloadId>,
}

impl Maps<'_> {
    /// Returns the names of the tasks, comma separated.
    pub(super) fn name(&self) -> String {
        self.tasks
            .iter()
            .map(|task| task.task_name().unwrap_or_default())
            .collect::<Vec<_>>()
            .join(",")
    }
}

/// Writes the maps by the names of their tasks.
impl Serialize for Maps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.tasks
                .iter()
                .map(|task| (task.task_name().unwrap_or_default(), DependencyMap(task))),
        )
    }
}
