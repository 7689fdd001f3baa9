//! The state of steps that have not started, which v2 workflows repeat in their metadata.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::link::LinksMetadata;
use super::numbering::Scope;
use crate::wire::family::Form;
use crate::wire::run::{EntryMap as _, entries};
use crate::{Literal, Step};

/// The state of every step by its id.
pub(super) struct StepStates<'a>(pub(super) Scope<'a>);

impl Serialize for StepStates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.workflow.steps().len()))?;
        for (id, (_, step)) in self.0.step_ids().zip(self.0.workflow.steps()) {
            match step {
                Step::Work(work) => {
                    let base = work.base();
                    let work_id = base.details.work_id.as_ref();
                    map.serialize_entry(
                        &id,
                        &NewWork {
                            form: self.0.form,
                            work_id,
                        },
                    )?;
                }
                Step::Workflow(inner) => {
                    map.serialize_entry(&id, &NewWorkflow(self.0.unnumbered(inner)))?;
                }
            }
        }
        map.end()
    }
}

/// The state of a work that has not started.
struct NewWork<'a> {
    form: Form<'a>,
    work_id: Option<&'a Literal>,
}

impl Serialize for NewWork<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.form.map(serializer)?;
        entries!(map;
            "type": "work",
            "work_id" => self.work_id,
            "workload_id": null,
            "external_id": null,
            "status": 0,
            "substatus": 0,
            "next_works": [],
            "signature": null,
            "transforming": false,
        );
        map.end()
    }
}

/// The state of a sub-workflow that has not started.
struct NewWorkflow<'a>(Scope<'a>);

impl Serialize for NewWorkflow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.0.form.map(serializer)?;
        entries!(map; "type": "workflow", "metadata" => NewWorkflowMetadata(self.0));
        map.end()
    }
}

struct NewWorkflowMetadata<'a>(Scope<'a>);

impl Serialize for NewWorkflowMetadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.0.form.map(serializer)?;
        entries!(map;
            "build": null,
            "parent_num_run": null,
            "num_run": 0,
            "runs": {},
            "parameter_links" => LinksMetadata(self.0),
        );
        map.end()
    }
}
