//! The metadata of a workflow, which the agents change.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::condition::conditions;
use super::link::LinksMetadata;
use super::numbering::Scope;
use super::slice::Slices;
use super::state::StepStates;
use crate::wire::Family;
use crate::wire::empty::EMPTY_OBJECT;
use crate::wire::family::{Entries, Form};
use crate::wire::run::{EntryMap, entries};
use crate::work::base::Base;
use crate::{Predicate, State, Step, Workflow};

pub(super) struct TemplateMetadata<'a>(pub(super) Scope<'a>);

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

/// The metadata of the conditions by their ids.
struct ConditionsMetadata<'a>(Scope<'a>);

impl Serialize for ConditionsMetadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.workflow.conditions().len()))?;
        for condition in conditions(self.0) {
            map.serialize_entry(&condition.id(), &condition.metadata())?;
        }
        map.end()
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
fn custom_condition(base: &Base) -> bool {
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
