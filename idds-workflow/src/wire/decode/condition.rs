//! Reads conditions.

use serde_json::Value;

use super::DecodeError;
use super::fields::{Budget, Fields, Instance, excerpt};
use crate::wire::object::{IS_FALSE, IS_TRUE};
use crate::{Condition, Predicate, StepRef, all, any, nested, when};

/// Where the ids of the steps of one workflow lead.
pub(super) trait Steps {
    /// Returns the step of this id.
    fn step(&self, id: &str) -> Option<StepRef>;
}

/// Reads a condition with what it releases.
pub(super) fn condition(
    value: &Value,
    at: &str,
    steps: &impl Steps,
    budget: &Budget,
) -> Result<Condition, DecodeError> {
    let instance = Instance::of(value, at, budget)?;
    let mut condition = when(of_instance(&instance, steps)?);
    let fields = &instance.attributes;
    for (value, at) in fields.items("_true_works")? {
        condition = match value {
            Value::String(id) => condition.then(step(id, &at, steps)?),
            inner => condition.then(self::condition(inner, &at, steps, budget)?),
        };
    }
    for (value, at) in fields.items("_false_works")? {
        condition = match value {
            Value::String(id) => condition.otherwise(step(id, &at, steps)?),
            inner => condition.otherwise(self::condition(inner, &at, steps, budget)?),
        };
    }
    Ok(match instance.class {
        "CompositeCondition" => condition.composite(),
        "TemplateCondition" => condition.template(),
        _ => condition,
    })
}

/// Reads what a condition asks that releases nothing: one of a loop, or one that another one asks.
///
/// A server asks such a condition and never looks at its branches, so that a definition has no place for them.
pub(super) fn predicate(
    value: &Value,
    at: &str,
    steps: &impl Steps,
    budget: &Budget,
) -> Result<Predicate, DecodeError> {
    let instance = Instance::of(value, at, budget)?;
    for branches in ["_true_works", "_false_works"] {
        if !instance.attributes.items(branches)?.is_empty() {
            let what = "is released by a condition that is only asked, which no server does; release it by a condition of its own";
            return Err(DecodeError::new(instance.attributes.place(branches), what));
        }
    }
    of_instance(&instance, steps)
}

fn of_instance(instance: &Instance<'_>, steps: &impl Steps) -> Result<Predicate, DecodeError> {
    let fields = &instance.attributes;
    let mut members = Vec::new();
    for (value, at) in fields.items("_conditions")? {
        members.push(member(&Fields::of(value, at, fields.budget())?, steps)?);
    }
    match (instance.class, members.len()) {
        ("Condition" | "TemplateCondition", 1) => Ok(match members.remove(0) {
            // It has one member, which is an operator: that is a condition of its own.
            operator @ (Predicate::All(_) | Predicate::Any(_)) => nested(operator),
            single => single,
        }),
        ("Condition" | "TemplateCondition" | "AndCondition", _) => Ok(all(members)),
        ("OrCondition", _) => Ok(any(members)),
        ("CompositeCondition", _) => Ok(if is_or(fields)? {
            any(members)
        } else {
            all(members)
        }),
        (other, _) => Err(DecodeError::new(
            fields.at(),
            format_args!("{other:?} is no class of conditions"),
        )),
    }
}

/// Reads one member: the method of a step, or of another condition.
fn member(fields: &Fields<'_>, steps: &impl Steps) -> Result<Predicate, DecodeError> {
    let method: &str = fields.required("idds_method")?;
    if let Some(inner) = fields.get("idds_method_condition") {
        let inner = predicate(
            inner,
            &fields.place("idds_method_condition"),
            steps,
            fields.budget(),
        )?;
        return match method {
            IS_FALSE => Ok(Predicate::Not(Box::new(inner))),
            IS_TRUE => Ok(match inner {
                operator @ (Predicate::All(_) | Predicate::Any(_)) => operator,
                single => nested(single),
            }),
            _ => Err(fields.error(
                "idds_method",
                format_args!("{method:?} of a condition cannot be expressed"),
            )),
        };
    }
    let step = step(
        fields.required("idds_method_internal_id")?,
        &fields.place("idds_method_internal_id"),
        steps,
    )?;
    Ok(step.method(method))
}

fn step(id: &str, at: &str, steps: &impl Steps) -> Result<StepRef, DecodeError> {
    let found = steps.step(id);
    found.ok_or_else(|| {
        DecodeError::new(
            at,
            format_args!("{} is the id of no step", excerpt(&id.into())),
        )
    })
}

fn is_or(fields: &Fields<'_>) -> Result<bool, DecodeError> {
    let operator: Option<i64> = match fields.get("operator") {
        Some(Value::Object(_)) => fields
            .instance("operator")?
            .map(|operator| operator.attributes.required("_value_"))
            .transpose()?,
        _ => fields.read("operator")?,
    };
    Ok(operator == Some(1))
}
