//! What a stored workflow says about its flow.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::condition::Conditions;
use super::link::Link;

/// The place of the work that runs before all others.
pub(super) const BUILD: usize = u32::MAX as usize;

/// The flow of a workflow, read from its wire form by [`Definition::read`].
///
/// Attributes of works are kept as far as the flow reads them; the rest stays with the stored workflow.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    /// The workflow, then its sub-workflows, each before those inside it.
    pub(super) workflows: Vec<WorkflowDef>,
    /// Places of the links with an id.
    pub(super) link_owners: HashMap<String, Vec<(usize, usize)>>,
    pub(super) limits: Limits,
}

/// How long a workflow may take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Limits {
    /// Days without any progress.
    pub(crate) pending_days: Option<f64>,
}

/// One workflow of the tree.
#[derive(Clone, Debug, Default)]
pub(super) struct WorkflowDef {
    pub(super) id: String,
    pub(super) name: String,
    /// Itself and the workflows inside it.
    pub(super) inside: Range<usize>,
    /// The workflow around it, and the step that it is there.
    pub(super) parent: Option<(usize, usize)>,
    pub(super) steps: Vec<StepDef>,
    pub(super) by_id: HashMap<String, usize>,
    /// What starts first, in this order.
    pub(super) first: Vec<usize>,
    /// Whether there are works that start first because they are marked, so that others wait for conditions only.
    pub(super) has_initial: bool,
    pub(super) conditions: Conditions,
    pub(super) globals: IndexMap<String, Arc<Value>>,
    pub(super) slices: HashMap<String, Slice>,
    pub(super) links: Vec<Link>,
    /// Links that lead from a step, wherever they lead to.
    pub(super) sources: HashMap<usize, Vec<String>>,
    /// Links of this workflow that lead to a step.
    pub(super) destinations: HashMap<usize, Vec<usize>>,
    /// The work that runs before all others.
    pub(super) build: Option<StepDef>,
}

/// A work or a sub-workflow in its workflow.
#[derive(Clone, Debug)]
pub(super) struct StepDef {
    pub(super) id: String,
    pub(super) name: String,
    /// Which sub-workflow it is.
    pub(super) workflow: Option<usize>,
    pub(super) is_added: bool,
    /// Steps whose outputs its jobs wait for.
    pub(super) parents: Vec<usize>,
    /// Tasks that its jobs wait for and that no work of the request has.
    pub(super) unknown_parents: Vec<String>,
    pub(super) reads: Option<Box<WorkDef>>,
}

/// What the flow reads of a work besides how it has ended; most works have nothing of it.
#[derive(Clone, Debug, Default)]
pub(super) struct WorkDef {
    pub(super) any_of: Map<String, Value>,
    pub(super) all_of: Map<String, Value>,
    pub(super) attributes: HashMap<String, Arc<Value>>,
    /// Attributes that the Python object has, of those that links set.
    pub(super) has: HashSet<String>,
    pub(super) input: Option<Value>,
    pub(super) output: Option<Value>,
}

/// The part of a global parameter that goes to a work.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    pub(super) name: Option<String>,
    pub(super) index: i64,
}

/// A work or sub-workflow of a workflow, for who lists them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StepInfo<'a> {
    /// Ids on the way to it, from the outside in.
    pub(crate) path: Vec<&'a str>,
    /// Its name with those of the workflows around it: `work_name` of a work, which is its id unless it was named.
    pub(crate) label: String,
    /// Whether it is a sub-workflow.
    pub(crate) is_workflow: bool,
}

impl Definition {
    /// Returns all works and sub-workflows, each workflow before what is in it, in the order in which they are stored.
    pub(crate) fn steps(&self) -> impl Iterator<Item = StepInfo<'_>> {
        self.workflows
            .iter()
            .enumerate()
            .flat_map(move |(place, workflow)| {
                workflow
                    .steps
                    .iter()
                    .enumerate()
                    .map(move |(at, step)| StepInfo {
                        path: self.path(place, Some(step)),
                        label: self.label(place, at),
                        is_workflow: step.workflow.is_some(),
                    })
            })
    }

    /// Returns the ids on the way to a workflow and a step in it.
    pub(super) fn path<'a>(&'a self, workflow: usize, step: Option<&'a StepDef>) -> Vec<&'a str> {
        let mut path: Vec<_> = step.map(|step| step.id.as_str()).into_iter().collect();
        let mut place = workflow;
        while let Some((around, step)) = self.workflows[place].parent {
            path.push(&self.workflows[around].steps[step].id);
            place = around;
        }
        path.reverse();
        path
    }

    /// Returns the name of a step with those of the workflows around it, for a reader.
    pub(super) fn label(&self, workflow: usize, step: usize) -> String {
        let mut label = self.workflows[workflow].steps[step].name.clone();
        let mut place = workflow;
        while let Some((around, step)) = self.workflows[place].parent {
            label = format!("{}/{label}", self.workflows[around].steps[step].name);
            place = around;
        }
        label
    }

    /// Tells whether a workflow is another one or inside it.
    pub(super) fn is_inside(&self, inner: usize, outer: usize) -> bool {
        self.workflows[outer].inside.contains(&inner)
    }
}

impl WorkflowDef {
    pub(super) fn has_loop(&self) -> bool {
        self.conditions.loop_while.is_some()
    }

    /// Returns the step at a place.
    pub(super) fn step(&self, place: usize) -> Option<&StepDef> {
        match place {
            BUILD => self.build.as_ref(),
            place => self.steps.get(place),
        }
    }
}
