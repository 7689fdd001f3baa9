//! Workflows on the wire.

use std::borrow::Cow;

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::condition::ConditionObject;
use super::link::{Links, LinksMetadata, LinksOf};
use super::part::Part;
use super::state::StepStates;
use super::work::WorkObject;
use crate::wire::envelope::{EMPTY_OBJECT, Object};
use crate::wire::family::{Entries, Form};
use crate::wire::run::{EntryMap, Runs, entries};
use crate::wire::{Family, Remedies, zip};
use crate::work::STORAGE;
use crate::work::class::Class as _;
use crate::work::each_class;
use crate::workflow::{Plan, Slice};
use crate::{
    Days, InternalId, Literal, Predicate, Stamp, State, Step, StepRef, Workflow, WorkflowClass,
};

/// Number of requests of a campaign that run at once, when it is not limited.
pub(in crate::wire) const NO_LIMIT: Literal = Literal::Int(-1);

/// A workflow as an object of the Python class `Workflow`.
#[derive(Clone, Copy, Debug)]
pub struct Encoded<'a> {
    workflow: &'a Workflow,
    stamp: &'a Stamp,
    family: Family,
    remedies: Remedies,
    part: Part<'a>,
}

impl<'a> Encoded<'a> {
    /// Prepares the encoding of a workflow in the v2 family, with all [`Remedies`].
    pub fn new(workflow: &'a Workflow, stamp: &'a Stamp) -> Self {
        Self {
            workflow,
            stamp,
            family: Family::default(),
            remedies: Remedies::default(),
            part: Part::default(),
        }
    }

    /// Sets whether the attributes that the 2.6.21 server needs are added.
    pub fn remedies(mut self, remedies: Remedies) -> Self {
        self.remedies = remedies;
        self
    }

    /// Returns whether the attributes that the 2.6.21 server needs are added.
    pub(in crate::wire) fn chosen_remedies(&self) -> Remedies {
        self.remedies
    }

    /// Sets how much of the workflow is encoded.
    pub(in crate::wire) fn part(mut self, part: Part<'a>) -> Self {
        self.part = part;
        self
    }

    /// Replaces the workflow by another one, with the same source of ids.
    pub(in crate::wire) fn with_workflow<'b>(&self, workflow: &'b Workflow) -> Encoded<'b>
    where
        'a: 'b,
    {
        Encoded { workflow, ..*self }
    }

    /// Chooses the family of classes. In v1, encoding fails where a definition has no form there; see [`Family`].
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// Returns the workflow.
    pub(in crate::wire) fn workflow(&self) -> &'a Workflow {
        self.workflow
    }

    /// Returns the name of the workflow, generated when it has none.
    pub(in crate::wire) fn name(&self) -> Cow<'a, str> {
        self.scope().name()
    }

    /// Returns the id of the workflow.
    pub(in crate::wire) fn id(&self) -> InternalId {
        self.stamp.id(self.scope().own)
    }

    /// Returns scope and name of the input that the request can be named after.
    pub(in crate::wire) fn primary_input(&self) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
        self.scope().primary_input()
    }

    /// Returns the site that the request is sent to.
    pub(in crate::wire) fn site(&self) -> Option<&'a str> {
        match self
            .workflow
            .step(self.workflow.primary_step().map_or("", StepRef::as_str))
        {
            Some(Step::Work(work)) => work.site(),
            _ => match self.workflow.steps().next()?.1 {
                Step::Work(work) => work.site(),
                Step::Workflow(_) => None,
            },
        }
    }

    fn scope(&self) -> Scope<'a> {
        self.scope_with(Runs::default())
    }

    /// Returns the workflow as it is written with these runs.
    pub(in crate::wire) fn scope_with<'b>(&self, runs: Runs<'b>) -> Scope<'b>
    where
        'a: 'b,
    {
        let Self {
            workflow,
            stamp,
            family,
            remedies,
            part,
        } = *self;
        let (form, first_link) = (Form { family, runs }, 1 + workflow.plan().ids);
        Scope {
            workflow,
            stamp,
            form,
            remedies,
            part,
            own: 0,
            first: 1,
            draw: 0,
            first_link,
            is_nested: false,
        }
    }
}

impl Serialize for Encoded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.scope().serialize(serializer)
    }
}

/// A workflow with the numbers of its ids and draws.
///
/// Inside a workflow, ids are numbered: steps, collections of its works, build work with its collections, conditions, loop
/// condition, then what is inside its sub-workflows. So the id of a step is known without looking at the others, and
/// encoding needs no memory of what was written. Draws are numbered in the order of the steps, the workflow's own comes
/// last.
#[derive(Clone, Copy, Debug)]
pub(in crate::wire) struct Scope<'a> {
    pub(super) workflow: &'a Workflow,
    pub(super) stamp: &'a Stamp,
    pub(super) form: Form<'a>,
    remedies: Remedies,
    part: Part<'a>,
    /// Number of the id of the workflow itself.
    own: u32,
    /// Number of the id of its first step.
    pub(super) first: u32,
    /// Number of the first draw inside it.
    draw: u32,
    /// Number of the id of the first link of the outermost workflow.
    pub(super) first_link: u32,
    is_nested: bool,
}

/// A step with the numbers of its ids and draws.
struct Placed<'a> {
    name: &'a str,
    step: &'a Step,
    /// Number of its own id.
    own: u32,
    /// Number of the first id inside it: of a collection, or of a step.
    first: u32,
    draw: u32,
}

impl<'a> Scope<'a> {
    fn plan(&self) -> &'a Plan {
        self.workflow.plan()
    }

    pub(super) fn step_ref_id(&self, step: &StepRef) -> Option<InternalId> {
        self.workflow
            .position(step)
            .map(|position| self.stamp.id(self.first + position))
    }

    pub(super) fn step_ids(&self) -> impl Iterator<Item = InternalId> + use<'a> {
        let Self { stamp, first, .. } = *self;
        (first..first + self.workflow.steps().len() as u32).map(|number| stamp.id(number))
    }

    fn name(&self) -> Cow<'a, str> {
        match self.workflow.name().filter(|name| !name.is_empty()) {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(
                self.stamp
                    .name("idds.workflow", self.draw + self.plan().draws),
            ),
        }
    }

    fn first_collection(&self) -> u32 {
        self.first + self.workflow.steps().len() as u32
    }

    fn build_work_id(&self) -> u32 {
        self.first_collection() + self.plan().collection_ids
    }

    fn first_condition(&self) -> u32 {
        self.build_work_id()
            + self
                .workflow
                .build_work()
                .map_or(0, |work| 1 + work.collection_count())
    }

    fn loop_condition_id(&self) -> u32 {
        self.first_condition() + self.plan().condition_ids
    }

    fn steps(&self) -> impl Iterator<Item = Placed<'a>> + use<'a> {
        let after_loop = self
            .workflow
            .loop_condition()
            .map_or(0, |predicate| 1 + predicate.inner_conditions());
        let mut collection = self.first_collection();
        let mut inner = self.loop_condition_id() + after_loop;
        let mut draw = self.draw;
        (self.first..)
            .zip(self.workflow.steps())
            .map(move |(own, (name, step))| {
                let (next, ids, draws) = match step {
                    Step::Work(work) => (&mut collection, work.collection_count(), work.draws()),
                    Step::Workflow(workflow) => {
                        let own_draw = u32::from(workflow.name().is_none_or(str::is_empty));
                        (
                            &mut inner,
                            workflow.plan().ids,
                            workflow.plan().draws + own_draw,
                        )
                    }
                };
                let placed = Placed {
                    name,
                    step,
                    own,
                    first: *next,
                    draw,
                };
                *next += ids;
                draw += draws;
                placed
            })
    }

    fn nested(&self, workflow: &'a Workflow, placed: &Placed<'a>) -> Self {
        Self {
            workflow,
            own: placed.own,
            first: placed.first,
            draw: placed.draw,
            is_nested: true,
            ..*self
        }
    }

    /// A sub-workflow of which only the ids of links are asked: these are numbered by the outermost workflow.
    pub(super) fn unnumbered(&self, workflow: &'a Workflow) -> Self {
        Self { workflow, ..*self }
    }

    fn conditions(&self) -> impl Iterator<Item = ConditionObject<'a>> + use<'a> {
        let (scope, first) = (*self, self.first_condition());
        let conditions = self
            .workflow
            .conditions()
            .iter()
            .zip(&self.plan().condition_offsets);
        conditions
            .map(move |(condition, offset)| ConditionObject::new(scope, condition, first + offset))
    }

    fn loop_condition(&self) -> Option<ConditionObject<'a>> {
        let predicate = self.workflow.loop_condition()?;
        Some(ConditionObject::bare(
            *self,
            predicate,
            self.loop_condition_id(),
        ))
    }

    fn primary_input(&self) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
        let chosen = self
            .workflow
            .primary_step()
            .and_then(|step| self.workflow.position(step));
        let independent = || {
            self.plan()
                .is_released
                .iter()
                .position(|is_released| !is_released)
        };
        let position = chosen.map_or_else(independent, |position| Some(position as usize))?;
        let placed = self.steps().nth(position)?;
        match placed.step {
            Step::Work(work) => each_class!(work, work => {
                let mut collections = work.collections(self.stamp, placed.draw).into_iter();
                collections
                    .find(|(role, _)| *role == crate::work::class::Role::PrimaryInput)
                    .map(|(_, slot)| (slot.scope, slot.name))
            }),
            Step::Workflow(workflow) => self.nested(workflow, &placed).primary_input(),
        }
    }
}

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
            "_loop_condition" => scope.loop_condition(),
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
        serializer.collect_map(
            self.0
                .conditions()
                .map(|condition| (condition.id(), condition)),
        )
    }
}

/// The metadata of the conditions by their ids.
struct ConditionsMetadata<'a>(Scope<'a>);

impl Serialize for ConditionsMetadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.workflow.conditions().len()))?;
        for condition in self.0.conditions() {
            map.serialize_entry(&condition.id(), &condition.metadata())?;
        }
        map.end()
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

struct TemplateMetadata<'a>(Scope<'a>);

impl Entries for TemplateMetadata<'_> {
    fn write<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Scope {
            workflow,
            form: Form { family, .. },
            ..
        } = self.0;
        entries!(map; "workload_id" => workflow.workload_id());
        match family {
            Family::V2 => map.serialize_entry("works", &StepStates(self.0))?,
            Family::V1 => map.serialize_entry("works", &EMPTY_OBJECT)?,
        }
        entries!(map;
            "work_sequence": {},
            "next_works": [],
            "terminated_works": [],
            "first_initial": false,
            "new_to_run_works": [],
        );
        if family == Family::V2 {
            entries!(map; "submitting_works": []);
        }
        entries!(map;
            "current_running_works": [],
            "num_subfinished_works": 0,
            "num_finished_works": 0,
            "num_failed_works": 0,
            "num_cancelled_works": 0,
            "num_suspended_works": 0,
            "num_expired_works": 0,
            "num_total_works": 0,
            "last_work": null,
            "last_updated_at" => self.0.stamp.date(),
            "expired": false,
            "to_update_transforms": {},
            "num_run": null,
            "gp" => UserParameters(workflow.global_parameters()),
            "to_cancel": false,
        );
        if !workflow.conditions().is_empty() {
            entries!(map; "conditions" => ConditionsMetadata(self.0));
        }
        if let Some(predicate) = workflow.loop_condition() {
            entries!(map; "loop_condition" => holds_at_first(workflow, predicate));
        }
        if !workflow.slices().is_empty() {
            entries!(map; "sliced_gp" => Slices(self.0));
        }
        if self.0.is_nested && family == Family::V2 {
            entries!(map; "parameter_links" => LinksMetadata(self.0));
        }
        Ok(())
    }
}

/// Tells whether a predicate holds before anything has run.
fn holds_at_first(workflow: &Workflow, predicate: &Predicate) -> bool {
    predicate.holds(&|step, state| {
        let custom = || match workflow.step(step.as_str()) {
            Some(Step::Work(work)) => custom_condition(work.base()),
            _ => false,
        };
        match state {
            State::Custom => custom(),
            State::NotCustom => !custom(),
            _ => false,
        }
    })
}

/// Tells whether the custom conditions of a work hold before it has any output.
fn custom_condition(base: &crate::work::base::Base) -> bool {
    let value_of = |key: &str| {
        let named = |name: &str| {
            base.details
                .attributes
                .iter()
                .find(|attribute| attribute.name == name)
        };
        let attribute = named(&format!("user_{key}")).or_else(|| named(key));
        attribute.map_or(Value::Null, |attribute| attribute.value.clone())
    };
    let holds = |(key, value): (&String, &Value)| value_of(key) == *value;
    base.details.any_of.iter().any(holds)
        || (!base.details.all_of.is_empty() && base.details.all_of.iter().all(holds))
}

/// The global parameters that the server hands on.
struct UserParameters<'a>(&'a Map<String, Value>);

impl Serialize for UserParameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter(|(name, _)| name.starts_with("user_")))
    }
}

/// The elements of global parameters that are lists; the v1 classes lose them.
struct Slices<'a>(Scope<'a>);

impl Serialize for Slices<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Place<'a> {
            name: Option<&'a str>,
            index: u32,
        }
        if self.0.form.family == Family::V1 {
            return EMPTY_OBJECT.serialize(serializer);
        }
        let slices = self.0.workflow.slices().iter();
        serializer.collect_map(slices.map(|(source, Slice { name, index })| {
            (
                source,
                Place {
                    name: name.as_deref(),
                    index: *index,
                },
            )
        }))
    }
}
