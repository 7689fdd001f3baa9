//! Workflows on the wire.

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};

use super::condition::{conditions, loop_condition};
use super::link::{Links, LinksOf};
use super::numbering::Scope;
use super::part::Part;
use super::slice::Slices;
use super::template::TemplateMetadata;
use super::work::WorkObject;
use crate::wire::envelope::Object;
use crate::wire::family::Form;
use crate::wire::run::{EntryMap as _, entries};
use crate::wire::{Family, zip};
use crate::work::STORAGE;
use crate::work::class::Class as _;
use crate::work::each_class;
use crate::{Days, Literal, Step, Workflow, WorkflowClass};

/// Number of requests of a campaign that run at once, when it is not limited.
pub(in crate::wire) const NO_LIMIT: Literal = Literal::Int(-1);

impl Serialize for Scope<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let class = match self.workflow.class() {
            WorkflowClass::Workflow => "Workflow",
            WorkflowClass::SubWorkflow => "SubWorkflow",
            WorkflowClass::LoopWorkflow => "LoopWorkflow",
        };
        let Form { family, runs } = self.form;
        Object {
            class,
            module: family.workflow_module(),
            attributes: Shell(*self),
            runs,
        }
        .serialize(serializer)
    }
}

/// The outer object: a shell around the template, with the runs that the server makes of it.
struct Shell<'a>(Scope<'a>);

impl Serialize for Shell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Form { family, runs } = self.0.form;
        let mut map = runs.map(serializer)?;
        let (class, module) = ("WorkflowBase", family.workflow_module());
        let template = Object {
            class,
            module,
            attributes: Template(self.0),
            runs,
        };
        entries!(map; "logger": null, "template" => template);
        if family == Family::V2 {
            entries!(map; "build_work": null);
        }
        entries!(map;
            "parent_num_run": null,
            "_num_run": 0,
            "runs": {},
            "loop_condition_position": "end",
        );
        if family == Family::V1 {
            entries!(map; "origin_metadata": null);
        }
        if let Part::Maps(maps) = self.0.part {
            entries!(map; "workload_id" => maps.workload_id);
        }
        entries!(map; "_loading": false);
        map.end()
    }
}

/// The description of the workflow.
struct Template<'a>(Scope<'a>);

impl Serialize for Template<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scope = self.0;
        let Scope { workflow, form, .. } = scope;
        let Form { family, runs } = form;
        if family == Family::V1
            && let Some(field) = only_in_v2(workflow)
        {
            let message = format_args!(
                "{field} of workflow {}: the v1 family has no such field",
                scope.name()
            );
            return Err(S::Error::custom(message));
        }
        let id = scope.stamp.id(scope.own);
        let maps = match scope.part {
            Part::Maps(maps) => Some(maps),
            _ => None,
        };
        let is_aside = matches!(scope.part, Part::WithoutMaps);
        let mut map = runs.map(serializer)?;
        entries!(map;
            "_works" => Steps(scope),
            "_conditions" => Conditions(scope),
            "_work_conds" => AskedBy(scope),
            "parameter_links" => Links(scope),
            "parameter_links_source" => LinksOf { scope, end: |end| end.source },
            "parameter_links_destination" => LinksOf { scope, end: |end| end.destination },
            "_global_parameters" => workflow.global_parameters(),
        );
        form.write_metadata(&mut map, TemplateMetadata(scope))?;
        entries!(map;
            "internal_id" => id,
            "template_work_id" => maps.map_or(id, |maps| scope.stamp.id(maps.template_id)),
            "_lifetime" => workflow.lifetime().map(Days::get),
            "_pending_time" => workflow.pending_time().map(Days::get),
            "_name" => scope.name(),
            "logger": null,
        );
        if family == Family::V2 {
            entries!(map; "build_work" => BuildWork(scope));
        }
        entries!(map;
            "initial_works" => InitialIds(scope),
            "primary_initial_work" => workflow.primary_step().and_then(|step| scope.step_ref_id(step)),
            "independent_works" => IndependentIds(scope),
            "user_defined_conditions": {},
            "username" => workflow.username(),
            "userdn" => workflow.user_dn(),
            "proxy": null,
            "_loop_condition_position": "end",
            "_loop_condition" => loop_condition(scope),
        );
        if family == Family::V2 {
            entries!(map;
                "synchronized": false,
                "additional_data_storage" => is_aside.then_some(STORAGE),
                "_campaign" => workflow.campaign(),
                "_campaign_scope" => workflow.campaign_scope(),
                "_campaign_group" => workflow.campaign_group(),
                "_campaign_tag" => workflow.campaign_tag(),
                "_max_processing_requests" => workflow.max_processing_requests().unwrap_or(&NO_LIMIT),
                "_request_cache": null,
                "with_steps" => is_aside,
                "_is_workflow_step" => maps.is_some(),
                "_step_name" => maps.map(|maps| maps.name()),
                "_workflow_data" => maps.map(zip::Zipped),
            );
        }
        if !workflow.slices().is_empty() {
            entries!(map; "_sliced_global_parameters" => Slices(scope));
        }
        if workflow.loop_condition().is_some() {
            entries!(map; "loop_condition_position": "end");
        }
        form.write_end(&mut map)?;
        map.end()
    }
}

/// Returns a field that is set and that workflows of the v1 family do not have.
fn only_in_v2(workflow: &Workflow) -> Option<&'static str> {
    let fields = [
        ("build_work", workflow.build_work().is_some()),
        ("campaign", workflow.campaign().is_some()),
        ("campaign_scope", workflow.campaign_scope().is_some()),
        ("campaign_group", workflow.campaign_group().is_some()),
        ("campaign_tag", workflow.campaign_tag().is_some()),
        (
            "max_processing_requests",
            workflow.max_processing_requests().is_some(),
        ),
    ];
    fields
        .into_iter()
        .find(|(_, is_set)| *is_set)
        .map(|(field, _)| field)
}

/// The steps by their ids.
struct Steps<'a>(Scope<'a>);

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scope = self.0;
        let Scope {
            stamp,
            form,
            remedies,
            workflow,
            ..
        } = scope;
        let is_aside = matches!(scope.part, Part::WithoutMaps);
        let mut map = serializer.serialize_map(Some(workflow.steps().len()))?;
        for placed in scope.steps() {
            let id = stamp.id(placed.own);
            map.serialize_key(&id)?;
            match placed.step {
                Step::Work(work) => each_class!(work, work => {
                    let (name, collections, draw) = (placed.name, placed.first, placed.draw);
                    let (work, is_build_work) = (&**work, false);
                    let object = WorkObject {
                        name, work, stamp, form, remedies, id, collections, draw, is_build_work, is_aside,
                    };
                    map.serialize_value(&object)?;
                }),
                Step::Workflow(inner) => map.serialize_value(&scope.nested(inner, &placed))?,
            }
        }
        map.end()
    }
}

/// The work that prepares the others, or null.
struct BuildWork<'a>(Scope<'a>);

impl Serialize for BuildWork<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scope = self.0;
        let Scope {
            stamp,
            form,
            remedies,
            workflow,
            ..
        } = scope;
        let Some(work) = workflow.build_work() else {
            return serializer.serialize_unit();
        };
        let number = scope.build_work_id();
        let (id, collections) = (stamp.id(number), number + 1);
        each_class!(work, work => {
            let draw = scope.draw + scope.plan().draws - work.draws();
            let (name, work, is_build_work, is_aside) = ("build_work", &**work, true, false);
            WorkObject { name, work, stamp, form, remedies, id, collections, draw, is_build_work, is_aside }
                .serialize(serializer)
        })
    }
}

/// The conditions by their ids.
struct Conditions<'a>(Scope<'a>);

impl Serialize for Conditions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(conditions(self.0).map(|condition| (condition.id(), condition)))
    }
}

/// For every step that is asked, the conditions that ask it.
struct AskedBy<'a>(Scope<'a>);

impl Serialize for AskedBy<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scope = self.0;
        serializer.collect_map(scope.plan().asked_by.iter().map(|(step, positions)| {
            (
                scope.stamp.id(scope.first + step),
                ConditionIds { scope, positions },
            )
        }))
    }
}

struct ConditionIds<'a> {
    scope: Scope<'a>,
    positions: &'a [u32],
}

impl Serialize for ConditionIds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let first = self.scope.first_condition();
        let offsets = &self.scope.plan().condition_offsets;
        let ids = self
            .positions
            .iter()
            .filter_map(|position| offsets.get(*position as usize));
        serializer.collect_seq(ids.map(|offset| self.scope.stamp.id(first + offset)))
    }
}

struct InitialIds<'a>(Scope<'a>);

impl Serialize for InitialIds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.0
                .workflow
                .initial_steps()
                .iter()
                .filter_map(|step| self.0.step_ref_id(step)),
        )
    }
}

/// The ids of the steps that no condition releases.
struct IndependentIds<'a>(Scope<'a>);

impl Serialize for IndependentIds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let released = &self.0.plan().is_released;
        let ids = self
            .0
            .step_ids()
            .zip(released)
            .filter(|(_, is_released)| !**is_released);
        serializer.collect_seq(ids.map(|(id, _)| id))
    }
}
