//! The v2 family of classes, `idds.workflowv2`: the one that the 2.6.21 server can run.

mod collection;
mod hpo;
mod stagein;
mod work;

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use self::work::{EncodeWork, WorkObject};
use super::Remedies;
use super::envelope::{EMPTY_LIST, EMPTY_OBJECT, Entries, NULL, Object, entries, metadata, write_head};
use crate::{AnyWork, Days, InternalId, Stamp, Workflow};

const MODULE: &str = "idds.workflowv2.workflow";

/// A workflow as an object of the Python class `idds.workflowv2.workflow.Workflow`.
#[derive(Clone, Debug)]
pub struct Encoded<'a> {
    pub(super) workflow: &'a Workflow,
    pub(super) stamp: &'a Stamp,
    remedies: Remedies,
}

/// Ids and draws that one object takes of the stamp, by the number of its first ones.
///
/// Works come first, in their order, each with its own id and then those of its collections; the workflow comes last.
/// Numbers instead of ids make encoding need no memory of what was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    id: u32,
    draw: u32,
}

impl Numbers {
    /// Of the first work.
    pub(super) const FIRST: Self = Self { id: 0, draw: 0 };

    fn after(self, ids: u32, draws: u32) -> Self {
        Self { id: self.id + ids, draw: self.draw + draws }
    }
}

impl<'a> Encoded<'a> {
    /// Prepares the encoding of a workflow, with all [`Remedies`].
    pub fn new(workflow: &'a Workflow, stamp: &'a Stamp) -> Self {
        Self { workflow, stamp, remedies: Remedies::default() }
    }

    /// Sets whether the attributes that the 2.6.21 server needs are added.
    pub fn remedies(mut self, remedies: Remedies) -> Self {
        self.remedies = remedies;
        self
    }

    /// Returns the name of the workflow, generated when it has none.
    pub(super) fn name(&self) -> Cow<'a, str> {
        match self.workflow.name().filter(|name| !name.is_empty()) {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(self.stamp.name("idds.workflow", self.numbers().draw)),
        }
    }

    /// Returns the works, each with its numbers.
    fn works(&self) -> impl Iterator<Item = (&'a AnyWork, Numbers)> + use<'a> {
        self.workflow.works().iter().scan(Numbers::FIRST, |next, work| {
            let numbers = *next;
            *next = after(work, numbers);
            Some((work, numbers))
        })
    }

    /// Returns the numbers of the workflow itself.
    fn numbers(&self) -> Numbers {
        self.workflow.works().iter().fold(Numbers::FIRST, |numbers, work| after(work, numbers))
    }

    fn work_ids(&self) -> impl Iterator<Item = InternalId> + use<'a> {
        let stamp = self.stamp;
        self.works().map(move |(_, numbers)| stamp.id(numbers.id))
    }
}

fn after(work: &AnyWork, numbers: Numbers) -> Numbers {
    each_class!(work, work => numbers.after(work.ids(), work.draws()))
}

/// Runs an expression on the definition inside an [`AnyWork`], whatever its class.
macro_rules! each_class {
    ($any:expr, $work:ident => $body:expr) => {
        match $any {
            $crate::AnyWork::ATLASHPO($work) => $body,
            $crate::AnyWork::ATLASStagein($work) => $body,
        }
    };
}
use each_class;

/// Returns scope and name of the primary input collection of a work.
pub(super) fn primary_input<'a>(
    work: &'a AnyWork,
    stamp: &Stamp,
    numbers: Numbers,
) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
    each_class!(work, work => work.primary_input(stamp, numbers))
}

/// Returns the limit of the campaign, which is -1 when there is none.
pub(super) fn max_processing_requests(workflow: &Workflow) -> i64 {
    workflow.max_processing_requests().map_or(-1, i64::from)
}

impl Serialize for Encoded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Object { class: "Workflow", module: MODULE, attributes: Shell(self) }.serialize(serializer)
    }
}

/// The outer object: a shell around the template, with the runs that the server makes of it.
struct Shell<'a>(&'a Encoded<'a>);

impl Serialize for Shell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(8))?;
        entries!(map;
            "logger" => NULL,
            "template" => Object { class: "WorkflowBase", module: MODULE, attributes: Template(self.0) },
            "build_work" => NULL,
            "parent_num_run" => NULL,
            "_num_run" => 0,
            "runs" => EMPTY_OBJECT,
            "loop_condition_position" => "end",
            "_loading" => false,
        );
        map.end()
    }
}

/// The description of the workflow.
struct Template<'a>(&'a Encoded<'a>);

impl Serialize for Template<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let workflow = self.0.workflow;
        let id = self.0.stamp.id(self.0.numbers().id);
        let mut map = serializer.serialize_map(None)?;
        entries!(map;
            "_works" => Works(self.0),
            "_conditions" => EMPTY_OBJECT,
            "_work_conds" => EMPTY_OBJECT,
            "parameter_links" => EMPTY_OBJECT,
            "parameter_links_source" => EMPTY_OBJECT,
            "parameter_links_destination" => EMPTY_OBJECT,
            "_global_parameters" => EMPTY_OBJECT,
        );
        write_head(&mut map)?;
        entries!(map;
            "_metadata" => metadata(TemplateMetadata(self.0)),
            "internal_id" => id,
            "template_work_id" => id,
            "_lifetime" => workflow.lifetime().map(Days::get),
            "_pending_time" => workflow.pending_time().map(Days::get),
            "_name" => self.0.name(),
            "logger" => NULL,
            "build_work" => NULL,
            "initial_works" => EMPTY_LIST,
            "primary_initial_work" => NULL,
            "independent_works" => Ids(self.0),
            "user_defined_conditions" => EMPTY_OBJECT,
            "username" => workflow.username(),
            "userdn" => workflow.user_dn(),
            "proxy" => NULL,
            "_loop_condition_position" => "end",
            "_loop_condition" => NULL,
            "synchronized" => false,
            "additional_data_storage" => NULL,
            "_campaign" => workflow.campaign(),
            "_campaign_scope" => workflow.campaign_scope(),
            "_campaign_group" => workflow.campaign_group(),
            "_campaign_tag" => workflow.campaign_tag(),
            "_max_processing_requests" => max_processing_requests(workflow),
            "_request_cache" => NULL,
            "with_steps" => false,
            "_is_workflow_step" => false,
            "_step_name" => NULL,
            "_workflow_data" => NULL,
        );
        map.end()
    }
}

/// The works by their ids.
struct Works<'a>(&'a Encoded<'a>);

impl Serialize for Works<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Encoded { stamp, remedies, workflow } = *self.0;
        let mut map = serializer.serialize_map(Some(workflow.works().len()))?;
        for (work, numbers) in self.0.works() {
            map.serialize_key(&stamp.id(numbers.id))?;
            each_class!(work, work => map.serialize_value(&WorkObject { work, stamp, numbers, remedies })?);
        }
        map.end()
    }
}

/// The ids of the works, in the order in which they start.
struct Ids<'a>(&'a Encoded<'a>);

impl Serialize for Ids<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.work_ids())
    }
}

struct TemplateMetadata<'a>(&'a Encoded<'a>);

impl Entries for TemplateMetadata<'_> {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        entries!(map;
            "workload_id" => self.0.workflow.workload_id(),
            "works" => WorkStates(self.0),
            "work_sequence" => EMPTY_OBJECT,
            "next_works" => EMPTY_LIST,
            "terminated_works" => EMPTY_LIST,
            "first_initial" => false,
            "new_to_run_works" => EMPTY_LIST,
            "submitting_works" => EMPTY_LIST,
            "current_running_works" => EMPTY_LIST,
            "num_subfinished_works" => 0,
            "num_finished_works" => 0,
            "num_failed_works" => 0,
            "num_cancelled_works" => 0,
            "num_suspended_works" => 0,
            "num_expired_works" => 0,
            "num_total_works" => 0,
            "last_work" => NULL,
            "last_updated_at" => self.0.stamp.date(),
            "expired" => false,
            "to_update_transforms" => EMPTY_OBJECT,
            "num_run" => NULL,
            "gp" => EMPTY_OBJECT,
            "to_cancel" => false,
        );
        Ok(())
    }
}

/// The state of every work by its id.
struct WorkStates<'a>(&'a Encoded<'a>);

impl Serialize for WorkStates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.work_ids().map(|id| (id, NewWork)))
    }
}

/// The state of a work that has not started.
struct NewWork;

impl Serialize for NewWork {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(9))?;
        entries!(map;
            "type" => "work",
            "work_id" => NULL,
            "workload_id" => NULL,
            "external_id" => NULL,
            "status" => 0,
            "substatus" => 0,
            "next_works" => EMPTY_LIST,
            "signature" => NULL,
            "transforming" => false,
        );
        map.end()
    }
}
