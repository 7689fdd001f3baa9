//! The numbers of the ids in a workflow.

use std::borrow::Cow;

use super::part::Part;
use crate::wire::Remedies;
use crate::wire::family::Form;
use crate::work::class::{Class as _, Role};
use crate::work::each_class;
use crate::workflow::Plan;
use crate::{InternalId, Stamp, Step, StepRef, Workflow};

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
    pub(super) remedies: Remedies,
    pub(super) part: Part<'a>,
    /// Number of the id of the workflow itself.
    pub(super) own: u32,
    /// Number of the id of its first step.
    pub(super) first: u32,
    /// Number of the first draw inside it.
    pub(super) draw: u32,
    /// Number of the id of the first link of the outermost workflow.
    pub(super) first_link: u32,
    pub(super) is_nested: bool,
}

/// A step with the numbers of its ids and draws.
pub(super) struct Placed<'a> {
    pub(super) name: &'a str,
    pub(super) step: &'a Step,
    /// Number of its own id.
    pub(super) own: u32,
    /// Number of the first id inside it: of a collection, or of a step.
    pub(super) first: u32,
    pub(super) draw: u32,
}

impl<'a> Scope<'a> {
    pub(super) fn plan(&self) -> &'a Plan {
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

    pub(super) fn name(&self) -> Cow<'a, str> {
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

    pub(super) fn build_work_id(&self) -> u32 {
        self.first_collection() + self.plan().collection_ids
    }

    pub(super) fn first_condition(&self) -> u32 {
        self.build_work_id()
            + self
                .workflow
                .build_work()
                .map_or(0, |work| 1 + work.collection_count())
    }

    pub(super) fn loop_condition_id(&self) -> u32 {
        self.first_condition() + self.plan().condition_ids
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = Placed<'a>> + use<'a> {
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

    pub(super) fn nested(&self, workflow: &'a Workflow, placed: &Placed<'a>) -> Self {
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

    pub(super) fn primary_input(&self) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
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
                    .find(|(role, _)| *role == Role::PrimaryInput)
                    .map(|(_, slot)| (slot.scope, slot.name))
            }),
            Step::Workflow(workflow) => self.nested(workflow, &placed).primary_input(),
        }
    }
}
