//! Reads the conditions of a workflow.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Object, Template, Unreadable, or_default, parse};
use crate::engine::flow::condition::{Branching, Conditions, Node, NodeKind, Target, Test};
use crate::engine::flow::definition::StepDef;

/// Most conditions inside one another, and most members of all conditions of a workflow.
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 4_000_000;

#[derive(Deserialize)]
struct ConditionAttributes<'a> {
    #[serde(
        borrow,
        rename = "_conditions",
        default,
        deserialize_with = "or_default"
    )]
    conditions: Vec<&'a RawValue>,
    #[serde(
        borrow,
        rename = "_true_works",
        default,
        deserialize_with = "or_default"
    )]
    true_works: Vec<&'a RawValue>,
    #[serde(
        borrow,
        rename = "_false_works",
        default,
        deserialize_with = "or_default"
    )]
    false_works: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    operator: Option<Object<'a>>,
}

#[derive(Deserialize)]
struct Operator {
    #[serde(rename = "_value_")]
    value: i64,
}

/// A member of a condition: a method of a work or of another condition.
#[derive(Deserialize)]
struct Member<'a> {
    #[serde(default)]
    idds_method: Option<String>,
    #[serde(default)]
    idds_attribute: Option<String>,
    #[serde(default)]
    idds_method_internal_id: Option<String>,
    #[serde(borrow, default)]
    idds_method_condition: Option<Object<'a>>,
}

struct Reader<'a> {
    by_id: &'a HashMap<String, usize>,
    steps: &'a [StepDef],
    found: Conditions,
}

pub(super) fn read(
    template: &Template<'_>,
    by_id: &HashMap<String, usize>,
    steps: &[StepDef],
) -> Result<Conditions, Unreadable> {
    let mut reader = Reader {
        by_id,
        steps,
        found: Conditions::default(),
    };
    reader.found.leaves = vec![Vec::new(); steps.len()];
    let mut tops = IndexMap::new();
    for (id, object) in &template.conditions {
        let top = reader
            .branching(object, None, 0)
            .map_err(|error| error.within(&format!("condition {id}")))?;
        _ = tops.insert(id.as_str(), top);
    }
    reader.found.positions = vec![Vec::new(); reader.found.branchings.len()];
    for (step, conditions) in &template.work_conds {
        if !by_id.contains_key(step) {
            return Err(Unreadable::new(
                "_work_conds",
                format!("it names the step {step}, which its workflow does not have"),
            ));
        }
        for id in conditions {
            let top = *tops.get(id.as_str()).ok_or_else(|| {
                Unreadable::new(
                    "_work_conds",
                    format!("it names the condition {id}, which its workflow does not have"),
                )
            })?;
            let position = reader.found.order.len() as u32;
            reader.found.order.push(top);
            reader.found.positions[top as usize].push(position);
        }
    }
    if let Some(object) = &template.loop_condition {
        let node = reader
            .predicate(object, 0)
            .map_err(|error| error.within("the loop condition"))?;
        reader.found.loop_while = Some(node);
    }
    Ok(reader.found)
}

impl Reader<'_> {
    fn branching(
        &mut self,
        object: &Object<'_>,
        parent: Option<(u32, bool)>,
        depth: usize,
    ) -> Result<u32, Unreadable> {
        check_depth(depth)?;
        let attributes: ConditionAttributes<'_> = parse(object.attributes)?;
        let node = self.node_of(&attributes, depth)?;
        let place = self.found.branchings.len() as u32;
        let top = parent.map_or(place, |(parent, _)| {
            self.found.branchings[parent as usize].top
        });
        self.found.nodes[node as usize].branching = Some(place);
        self.found.branchings.push(Branching {
            node,
            parent,
            top,
            then: Vec::new(),
            otherwise: Vec::new(),
        });
        let then = self.targets(&attributes.true_works, (place, true), depth)?;
        let otherwise = self.targets(&attributes.false_works, (place, false), depth)?;
        let branching = &mut self.found.branchings[place as usize];
        branching.then = then;
        branching.otherwise = otherwise;
        Ok(place)
    }

    fn targets(
        &mut self,
        works: &[&RawValue],
        parent: (u32, bool),
        depth: usize,
    ) -> Result<Vec<Target>, Unreadable> {
        let mut targets = Vec::with_capacity(works.len());
        for work in works {
            let what = if parent.1 {
                "_true_works"
            } else {
                "_false_works"
            };
            if work.get() == "null" {
                continue;
            }
            targets.push(if work.get().starts_with('"') {
                let id: String = parse(work)?;
                Target::Step(self.step(&id, what)? as u32)
            } else {
                let object: Object<'_> = parse(work).map_err(|error| error.within(what))?;
                let inner = self.branching(&object, Some(parent), depth + 1);
                Target::Branching(inner.map_err(|error| error.within(what))?)
            });
        }
        Ok(targets)
    }

    fn step(&self, id: &str, what: &str) -> Result<usize, Unreadable> {
        self.by_id.get(id).copied().ok_or_else(|| {
            Unreadable::new(
                what,
                format!("it names the step {id}, which its workflow does not have"),
            )
        })
    }

    fn predicate(&mut self, object: &Object<'_>, depth: usize) -> Result<u32, Unreadable> {
        check_depth(depth)?;
        let attributes: ConditionAttributes<'_> = parse(object.attributes)?;
        self.node_of(&attributes, depth)
    }

    fn node_of(
        &mut self,
        attributes: &ConditionAttributes<'_>,
        depth: usize,
    ) -> Result<u32, Unreadable> {
        let operator = match &attributes.operator {
            Some(operator) => {
                parse::<Operator>(operator.attributes)
                    .map_err(|error| error.within("operator"))?
                    .value
            }
            None => 0,
        };
        let mut members = Vec::with_capacity(attributes.conditions.len());
        for (place, member) in attributes.conditions.iter().enumerate() {
            let member = self
                .member(member, depth)
                .map_err(|error| error.within(&format!("member {place}")))?;
            members.push(member);
        }
        let place = self.push(NodeKind::Fixed(false))?;
        for (member, negated) in &members {
            self.found.nodes[*member as usize].parent = Some((place, *negated));
        }
        let members = members.into_iter().map(|(member, _)| member).collect();
        self.found.nodes[place as usize].kind = match operator {
            1 => NodeKind::Any(members),
            _ => NodeKind::All(members),
        };
        Ok(place)
    }

    /// Reads a member, and tells whether it counts when it does not hold.
    fn member(&mut self, member: &RawValue, depth: usize) -> Result<(u32, bool), Unreadable> {
        if !member.get().starts_with('{') {
            let value: Value = parse(member)?;
            return Ok((self.push(NodeKind::Fixed(is_truthy(&value)))?, false));
        }
        let read: Member<'_> = parse(member)?;
        match read {
            Member {
                idds_method: Some(method),
                idds_method_condition: Some(condition),
                ..
            } => {
                let negated = match method.as_str() {
                    "is_condition_true" | "get_cond_status" | "get_condition_status" => false,
                    "is_condition_false" => true,
                    other => {
                        return Err(Unreadable::new(
                            "",
                            format!(
                                "a condition has no method {other}; expected is_condition_true or is_condition_false"
                            ),
                        ));
                    }
                };
                Ok((self.predicate(&condition, depth + 1)?, negated))
            }
            Member {
                idds_method,
                idds_attribute,
                idds_method_internal_id: Some(id),
                ..
            } if idds_method.is_some() || idds_attribute.is_some() => {
                let method = idds_method.or(idds_attribute).unwrap_or_default();
                let step = self.step(&id, "")?;
                let test = Test::of(&method).ok_or_else(|| {
                    let names: Vec<_> = Test::names().collect();
                    Unreadable::new(
                        "",
                        format!(
                            "step {id} is asked {method}, which only the Python class of the work knows; expected {}",
                            names.join(", ")
                        ),
                    )
                })?;
                if self.steps[step].workflow.is_some() && !test.is_for_workflows() {
                    return Err(Unreadable::new(
                        "",
                        format!("the sub-workflow {id} is asked {method}, which only a work knows"),
                    ));
                }
                let leaf = self.push(NodeKind::Step(step as u32, test))?;
                self.found.leaves[step].push(leaf);
                Ok((leaf, false))
            }
            // Python takes an object that is no question for true.
            _ => Ok((self.push(NodeKind::Fixed(member.get() != "{}"))?, false)),
        }
    }

    fn push(&mut self, kind: NodeKind) -> Result<u32, Unreadable> {
        if self.found.nodes.len() >= MAX_NODES {
            return Err(Unreadable::new(
                "_conditions",
                format!(
                    "the conditions have more than {MAX_NODES} members; submit several workflows"
                ),
            ));
        }
        self.found.nodes.push(Node {
            kind,
            parent: None,
            branching: None,
        });
        Ok(self.found.nodes.len() as u32 - 1)
    }
}

fn check_depth(depth: usize) -> Result<(), Unreadable> {
    match depth < MAX_DEPTH {
        true => Ok(()),
        false => Err(Unreadable::new(
            "",
            format!(
                "conditions stand more than {MAX_DEPTH} deep in one another; at most that many are read"
            ),
        )),
    }
}

fn is_truthy(value: &Value) -> bool {
    crate::engine::flow::value::is_truthy(value)
}
