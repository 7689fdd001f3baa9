//! The neutral form of conditions: `{when: {all: [{step: a, is: finished}, …]}, then: [merge], otherwise: […]}`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::present::Present;
use super::{Effort, Read, deserialize_by_reading, fill};
use crate::condition::ConditionForm as Form;
use crate::error::Problem;
use crate::{Branch, Condition, Error, Predicate, State, StepRef, when};

/// Something that holds or not: one of its forms.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a predicate")]
pub(super) struct PredicateForm {
    #[serde(default)]
    step: Present<String>,
    #[serde(default)]
    is: Present<State>,
    #[serde(default)]
    method: Present<String>,
    #[serde(default)]
    not: Present<Box<PredicateForm>>,
    #[serde(default)]
    nested: Present<Box<PredicateForm>>,
    #[serde(default)]
    all: Present<Vec<PredicateForm>>,
    #[serde(default)]
    any: Present<Vec<PredicateForm>>,
}

impl PredicateForm {
    pub(super) fn build(self) -> Result<Predicate, Error> {
        let Self {
            step,
            is,
            method,
            not,
            nested,
            all,
            any,
        } = self;
        let operator = (not.0, nested.0, all.0, any.0);
        match (step.0, is.0, method.0, operator) {
            (Some(step), Some(state), None, (None, None, None, None)) => {
                Ok(Predicate::Is(StepRef::new(step), state))
            }
            (Some(step), None, Some(method), (None, None, None, None)) => {
                Ok(StepRef::new(step).method(method))
            }
            (None, None, None, (Some(inner), None, None, None)) => inner
                .build()
                .map_err(|error| error.within("not"))
                .map(|inner| Predicate::Not(Box::new(inner))),
            (None, None, None, (None, Some(inner), None, None)) => inner
                .build()
                .map_err(|error| error.within("nested"))
                .map(crate::nested),
            (None, None, None, (None, None, Some(members), None)) => {
                build_list("all", members, Self::build).map(Predicate::All)
            }
            (None, None, None, (None, None, None, Some(members))) => {
                build_list("any", members, Self::build).map(Predicate::Any)
            }
            _ => Err(Error::new(
                "",
                "is none of {step, is}, {step, method}, {not: ..}, {all: [..]}, {any: [..]} and {nested: ..}",
            )),
        }
    }
}

/// Builds the elements of a list, or names the problems of all.
pub(super) fn build_list<F, T>(
    field: &str,
    forms: Vec<F>,
    build: impl Fn(F) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut problems = Vec::new();
    let mut built = Vec::with_capacity(forms.len());
    for (index, form) in forms.into_iter().enumerate() {
        match build(form) {
            Ok(value) => built.push(value),
            Err(error) => {
                problems.extend(error.within(&format!("{field}[{index}]")).into_problems());
            }
        }
    }
    Error::unless_empty(problems, built)
}

impl Serialize for Predicate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Is(step, state) => {
                map.serialize_entry("step", step)?;
                map.serialize_entry("is", state)?;
            }
            Self::Method(step, method) => {
                map.serialize_entry("step", step)?;
                map.serialize_entry("method", method)?;
            }
            Self::Not(inner) => map.serialize_entry("not", inner)?,
            Self::Nested(inner) => map.serialize_entry("nested", inner)?,
            Self::All(members) => map.serialize_entry("all", members)?,
            Self::Any(members) => map.serialize_entry("any", members)?,
        }
        map.end()
    }
}

impl JsonSchema for Predicate {
    fn schema_name() -> Cow<'static, str> {
        "Predicate".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let inner = generator.subschema_for::<Predicate>();
        let predicates = json!({ "type": "array", "items": inner });
        let of = |predicates: &Value, field: &str, title: &str, description: &str| {
            json!({
                "title": title,
                "description": description,
                "type": "object",
                "properties": { field: predicates },
                "required": [field],
                "additionalProperties": false,
            })
        };
        json_schema!({
            "description": "Something that holds or not. The server understands one kind of operator: of an operator inside \
                            another one it takes every member for true.",
            "oneOf": [
                {
                    "title": "StepState",
                    "description": "A step is in a state.",
                    "type": "object",
                    "properties": {
                        "step": { "description": "Name of a step of this workflow.", "type": "string" },
                        "is": generator.subschema_for::<State>(),
                    },
                    "required": ["step", "is"],
                    "additionalProperties": false,
                },
                {
                    "title": "StepMethod",
                    "description": "A method of the Python class of a step, which takes no arguments, returns something true.",
                    "type": "object",
                    "properties": {
                        "step": { "description": "Name of a step of this workflow.", "type": "string" },
                        "method": {
                            "description": "Name of the method, one that no state stands for.",
                            "type": "string",
                            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                        },
                    },
                    "required": ["step", "method"],
                    "additionalProperties": false,
                },
                of(&predicates, "all", "AllOf", "All of these hold."),
                of(&predicates, "any", "AnyOf", "At least one of these holds."),
                of(&json!(inner), "not", "Not", "This does not hold. It never does on a 2.6.21 server."),
                of(&json!(inner), "nested", "Nested", "This holds, asked as a condition of its own; a 2.6.21 server takes it for true."),
            ],
            "examples": [
                { "step": "simulate", "is": "finished" },
                { "any": [{ "step": "simulate", "is": "failed" }, { "step": "merge", "is": "failed" }] },
            ],
        })
    }
}

impl Read for Predicate {
    fn read(tree: Value, effort: Effort) -> Result<Self, Error> {
        fill::<PredicateForm>(tree, effort)?.build(PredicateForm::build)
    }
}

/// What is released when: steps and further conditions.
///
/// The false branch is released at once: the server looks at conditions all the time, and "not yet finished" is false.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a condition")]
#[schemars(rename = "Condition", example = example())]
pub(super) struct ConditionForm {
    /// What is asked.
    #[schemars(with = "Predicate")]
    when: PredicateForm,
    /// What is released when it holds: names of steps, or further conditions, which are looked at from then on.
    #[serde(default)]
    then: Vec<BranchForm>,
    /// What is released when it does not hold, which is usually at once.
    #[serde(default)]
    otherwise: Vec<BranchForm>,
    /// Whether the server gets a composite condition, which means the same; false by default.
    #[serde(default)]
    composite: bool,
    /// Whether the server gets a template condition, which asks one step and means the same; false by default.
    #[serde(default)]
    template: bool,
}

fn example() -> Value {
    json!({ "when": { "step": "simulate", "is": "finished" }, "then": ["merge"] })
}

impl ConditionForm {
    pub(super) fn build(self) -> Result<Condition, Error> {
        let mut problems = Vec::new();
        let predicate = self
            .when
            .build()
            .map_err(|error| problems.extend(error.within("when").into_problems()));
        let [then, otherwise] =
            [("then", self.then), ("otherwise", self.otherwise)].map(|(field, branches)| {
                build_list(field, branches, BranchForm::build)
                    .map_err(|error| problems.extend(error.into_problems()))
                    .unwrap_or_default()
            });
        let predicate = predicate.unwrap_or_else(|()| Predicate::All(Vec::new()));
        let condition = then.into_iter().fold(when(predicate), Condition::then);
        let condition = otherwise.into_iter().fold(condition, Condition::otherwise);
        if self.composite && self.template {
            problems.push(Problem::new(
                "template",
                "a condition is composite or a template, not both",
            ));
        }
        let condition = if self.composite {
            condition.composite()
        } else {
            condition
        };
        Error::unless_empty(
            problems,
            if self.template {
                condition.template()
            } else {
                condition
            },
        )
    }
}

/// What a condition releases.
enum BranchForm {
    Step(String),
    Condition(Box<ConditionForm>),
}

impl BranchForm {
    fn build(self) -> Result<Branch, Error> {
        match self {
            Self::Step(name) => Ok(StepRef::new(name).into()),
            Self::Condition(condition) => Ok(condition.build()?.into()),
        }
    }
}

impl<'de> Deserialize<'de> for BranchForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = BranchForm;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a step, or a condition")
            }

            fn visit_str<E>(self, name: &str) -> Result<BranchForm, E> {
                Ok(BranchForm::Step(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<BranchForm, A::Error> {
                ConditionForm::deserialize(MapAccessDeserializer::new(entries))
                    .map(Box::new)
                    .map(BranchForm::Condition)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for BranchForm {
    fn schema_name() -> Cow<'static, str> {
        "Branch".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What a condition releases: a step of this workflow by its name, or a further condition.",
            "anyOf": [{ "type": "string" }, generator.subschema_for::<Condition>()],
        })
    }
}

impl Serialize for Branch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Step(step) => step.serialize(serializer),
            Self::Condition(condition) => condition.serialize(serializer),
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("when", self.predicate())?;
        for (field, branches) in [
            ("then", self.true_branches()),
            ("otherwise", self.false_branches()),
        ] {
            if !branches.is_empty() {
                map.serialize_entry(field, branches)?;
            }
        }
        match self.form() {
            Form::Plain => {}
            Form::Composite => map.serialize_entry("composite", &true)?,
            Form::Template => map.serialize_entry("template", &true)?,
        }
        map.end()
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        ConditionForm::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        ConditionForm::json_schema(generator)
    }
}

impl Read for Condition {
    fn read(tree: Value, effort: Effort) -> Result<Self, Error> {
        fill::<ConditionForm>(tree, effort)?.build(ConditionForm::build)
    }
}

deserialize_by_reading!(Condition, Predicate);

impl Serialize for StepRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
