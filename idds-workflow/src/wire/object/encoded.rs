//! A workflow that is to be encoded, and how.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::numbering::Scope;
use super::part::Part;
use crate::wire::family::Form;
use crate::wire::run::Runs;
use crate::wire::{Family, Remedies};
use crate::{InternalId, Stamp, Step, StepRef, Workflow};

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
