//! Conditions on the wire.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::numbering::Scope;
use crate::condition::ConditionForm;
use crate::wire::envelope::Object;
use crate::wire::family::{Entries, Form};
use crate::wire::run::{EntryMap, entries};
use crate::{Branch, Condition, InternalId, Predicate, StepRef};

/// Methods of a condition that another one asks.
pub(in crate::wire) const IS_TRUE: &str = "is_condition_true";
pub(in crate::wire) const IS_FALSE: &str = "is_condition_false";

/// Returns the conditions of a workflow.
pub(super) fn conditions(scope: Scope<'_>) -> impl Iterator<Item = ConditionObject<'_>> {
    let first = scope.first_condition();
    let conditions = scope
        .workflow
        .conditions()
        .iter()
        .zip(&scope.plan().condition_offsets);
    conditions
        .map(move |(condition, offset)| ConditionObject::new(scope, condition, first + offset))
}

/// Returns the condition under which the steps of a workflow run again.
pub(super) fn loop_condition(scope: Scope<'_>) -> Option<ConditionObject<'_>> {
    let predicate = scope.workflow.loop_condition()?;
    Some(ConditionObject::bare(
        scope,
        predicate,
        scope.loop_condition_id(),
    ))
}

/// A condition as an object of its Python class.
pub(super) struct ConditionObject<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) predicate: &'a Predicate,
    pub(super) then: &'a [Branch],
    pub(super) otherwise: &'a [Branch],
    pub(super) form: ConditionForm,
    /// Number of its own id; those of the conditions inside it follow.
    pub(super) number: u32,
}

impl<'a> ConditionObject<'a> {
    fn new(scope: Scope<'a>, condition: &'a Condition, number: u32) -> Self {
        let (then, otherwise) = (condition.true_branches(), condition.false_branches());
        Self {
            scope,
            predicate: condition.predicate(),
            then,
            otherwise,
            form: condition.form(),
            number,
        }
    }

    /// A condition that releases nothing: of a loop, or inside another predicate.
    pub(super) fn bare(scope: Scope<'a>, predicate: &'a Predicate, number: u32) -> Self {
        Self {
            scope,
            predicate,
            then: &[],
            otherwise: &[],
            form: ConditionForm::Plain,
            number,
        }
    }

    pub(super) fn id(&self) -> InternalId {
        self.scope.stamp.id(self.number)
    }

    pub(super) fn metadata(&self) -> impl Serialize {
        self.scope.form.metadata(ConditionMetadata(self))
    }

    /// Numbers of the first condition in the true branches, and of the first one in the false branches.
    fn branch_numbers(&self) -> [u32; 2] {
        let first = self.number + 1 + self.predicate.inner_conditions();
        [
            first,
            first + self.then.iter().map(inner_conditions).sum::<u32>(),
        ]
    }
}

/// Returns how many condition objects a branch takes.
fn inner_conditions(branch: &Branch) -> u32 {
    match branch {
        Branch::Step(_) => 0,
        Branch::Condition(condition) => condition.count(),
    }
}

impl Serialize for ConditionObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let class = match self.predicate {
            _ if self.form == ConditionForm::Composite => "CompositeCondition",
            _ if self.form == ConditionForm::Template => "TemplateCondition",
            Predicate::Is(..)
            | Predicate::Method(..)
            | Predicate::Not(_)
            | Predicate::Nested(_) => "Condition",
            Predicate::All(_) => "AndCondition",
            Predicate::Any(_) => "OrCondition",
        };
        let Form { family, runs } = self.scope.form;
        Object {
            class,
            module: family.workflow_module(),
            attributes: Attributes(self),
            runs,
        }
        .serialize(serializer)
    }
}

struct Attributes<'a>(&'a ConditionObject<'a>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let condition = self.0;
        let [then, otherwise] = condition.branch_numbers();
        let mut map = condition.scope.form.map(serializer)?;
        entries!(map;
            "_conditions" => Asked(condition),
            "_true_works" => Released { condition, branches: condition.then, number: then },
            "_false_works" => Released { condition, branches: condition.otherwise, number: otherwise },
        );
        condition
            .scope
            .form
            .write_metadata(&mut map, ConditionMetadata(condition))?;
        entries!(map;
            "internal_id" => condition.id(),
            "template_id" => condition.id(),
            "logger": null,
            "operator" => operator(condition.predicate, condition.scope.form),
        );
        map.end()
    }
}

/// What the condition asks.
struct Asked<'a>(&'a ConditionObject<'a>);

impl Serialize for Asked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ConditionObject {
            scope,
            predicate,
            number,
            ..
        } = *self.0;
        let members = predicate.members();
        let mut list = serializer.serialize_seq(Some(members.len()))?;
        let mut next = number + 1;
        for member in members {
            let (method, inner) = match member {
                Predicate::Is(step, state) => {
                    list.serialize_element(&Method {
                        scope,
                        step,
                        name: state.method(),
                    })?;
                    continue;
                }
                Predicate::Method(step, name) => {
                    list.serialize_element(&Method { scope, step, name })?;
                    continue;
                }
                Predicate::Not(inner) => (IS_FALSE, &**inner),
                Predicate::Nested(inner) => (IS_TRUE, &**inner),
                // Python has no operators inside a condition; it asks another condition. 2.6.21 counts that as true, of which
                // the advice `nested-operator` warns.
                Predicate::All(_) | Predicate::Any(_) => (IS_TRUE, member),
            };
            let condition = ConditionObject::bare(scope, inner, next);
            list.serialize_element(&InnerCondition { condition, method })?;
            next += 1 + inner.inner_conditions();
        }
        list.end()
    }
}

/// A bound method of a step.
struct Method<'a> {
    scope: Scope<'a>,
    step: &'a StepRef,
    name: &'a str,
}

impl Serialize for Method<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.scope.form.map(serializer)?;
        entries!(map;
            "idds_method" => self.name,
            "idds_method_internal_id" => self.scope.step_ref_id(self.step),
        );
        map.end()
    }
}

/// A condition inside the predicate of another one.
struct InnerCondition<'a> {
    condition: ConditionObject<'a>,
    method: &'static str,
}

impl Serialize for InnerCondition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.condition.scope.form.map(serializer)?;
        entries!(map; "idds_method" => self.method, "idds_method_condition" => self.condition);
        map.end()
    }
}

/// What the condition releases: ids of steps, and whole conditions.
struct Released<'a> {
    condition: &'a ConditionObject<'a>,
    branches: &'a [Branch],
    number: u32,
}

impl Serialize for Released<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scope = self.condition.scope;
        let mut list = serializer.serialize_seq(Some(self.branches.len()))?;
        let mut next = self.number;
        for branch in self.branches {
            match branch {
                Branch::Step(step) => list.serialize_element(&scope.step_ref_id(step))?,
                Branch::Condition(inner) => {
                    list.serialize_element(&ConditionObject::new(scope, inner, next))?;
                    next += inner.count();
                }
            }
        }
        list.end()
    }
}

struct ConditionMetadata<'a>(&'a ConditionObject<'a>);

impl Entries for ConditionMetadata<'_> {
    fn write<M: EntryMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let ConditionObject {
            scope,
            then,
            otherwise,
            ..
        } = *self.0;
        let [then_number, otherwise_number] = self.0.branch_numbers();
        entries!(map;
            "true_works" => Triggers { scope, branches: then, number: then_number },
            "false_works" => Triggers { scope, branches: otherwise, number: otherwise_number },
        );
        Ok(())
    }
}

/// Whether the branches were released, by their ids.
struct Triggers<'a> {
    scope: Scope<'a>,
    branches: &'a [Branch],
    number: u32,
}

impl Serialize for Triggers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.branches.len()))?;
        let mut next = self.number;
        for branch in self.branches {
            match branch {
                Branch::Step(step) => {
                    if let Some(id) = self.scope.step_ref_id(step) {
                        map.serialize_entry(&id, &NotTriggered::default())?;
                    }
                }
                Branch::Condition(inner) => {
                    map.serialize_entry(&self.scope.stamp.id(next), &NotTriggered::default())?;
                    next += inner.count();
                }
            }
        }
        map.end()
    }
}

#[derive(Default, Serialize)]
struct NotTriggered {
    triggered: bool,
}

/// The operator of a predicate, an enumeration of the workflow's module.
fn operator<'a>(predicate: &Predicate, form: Form<'a>) -> impl Serialize + use<'a> {
    let (order, name) = match predicate {
        Predicate::Any(_) => (1, "Or"),
        _ => (0, "And"),
    };
    let attributes = Operator {
        value: order,
        name,
        order,
    };
    Object {
        class: "ConditionOperator",
        module: form.family.workflow_module(),
        attributes,
        runs: form.runs,
    }
}

#[derive(Serialize)]
struct Operator {
    #[serde(rename = "_value_")]
    value: u8,
    #[serde(rename = "_name_")]
    name: &'static str,
    #[serde(rename = "_sort_order_")]
    order: u8,
}
