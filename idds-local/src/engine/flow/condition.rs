//! Conditions of a workflow, laid out so that the change of one step costs as much as what depends on it.

use std::fmt::Write as _;

use super::definition::{Definition, WorkflowDef};
use super::event::Status;
use super::run::Run;
use super::value;

/// What is asked of a step.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Test {
    Finished,
    SubFinished,
    Processed,
    Failed,
    Expired,
    Cancelled,
    Suspended,
    Terminated,
    Started,
    Starting,
    Running,
    Initialized,
    Custom,
    NotCustom,
}

impl Test {
    const NAMES: [(&'static str, Self); 14] = [
        ("is_finished", Self::Finished),
        ("is_subfinished", Self::SubFinished),
        ("is_processed", Self::Processed),
        ("is_failed", Self::Failed),
        ("is_expired", Self::Expired),
        ("is_cancelled", Self::Cancelled),
        ("is_suspended", Self::Suspended),
        ("is_terminated", Self::Terminated),
        ("is_started", Self::Started),
        ("is_starting", Self::Starting),
        ("is_running", Self::Running),
        ("is_initialized", Self::Initialized),
        ("get_custom_condition_status", Self::Custom),
        ("get_not_custom_condition_status", Self::NotCustom),
    ];

    pub(super) fn of(method: &str) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == method)?;
        Some(found.1)
    }

    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().map(|(name, _)| *name)
    }

    pub(super) fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, test)| *test == self);
        found.map_or("", |(name, _)| name)
    }

    /// Tells whether the test can be made of a sub-workflow; a custom condition asks the output of a work.
    pub(super) fn is_for_workflows(self) -> bool {
        !matches!(self, Self::Custom | Self::NotCustom)
    }
}

/// All conditions of a workflow.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    pub(super) nodes: Vec<Node>,
    /// Nodes that ask about a step, by its place.
    pub(super) leaves: Vec<Vec<u32>>,
    pub(super) branchings: Vec<Branching>,
    /// The order in which 2.6.21 looks at conditions: it goes through the steps that are asked about, and through the conditions of each.
    pub(super) order: Vec<u32>,
    /// Where in `order` an outermost condition stands, by its branching.
    pub(super) positions: Vec<Vec<u32>>,
    pub(super) loop_while: Option<u32>,
}

/// A predicate, or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// The predicate that this is a member of, and whether it counts there when it does not hold.
    pub(super) parent: Option<(u32, bool)>,
    /// The condition that this is the whole predicate of.
    pub(super) branching: Option<u32>,
}

#[derive(Clone, Debug)]
pub(super) enum NodeKind {
    /// Holds when all members do.
    All(Vec<u32>),
    /// Holds when a member does.
    Any(Vec<u32>),
    /// Asks about a step.
    Step(u32, Test),
    /// What Python made of something that is no question.
    Fixed(bool),
}

/// A condition with what starts when it holds, and when it does not.
#[derive(Clone, Debug)]
pub(super) struct Branching {
    pub(super) node: u32,
    /// The condition that this is in a branch of, and which branch.
    pub(super) parent: Option<(u32, bool)>,
    /// The outermost condition around it.
    pub(super) top: u32,
    pub(super) then: Vec<Target>,
    pub(super) otherwise: Vec<Target>,
}

/// What a condition leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Step(u32),
    Branching(u32),
}

impl Branching {
    pub(super) fn branch(&self, holds: bool) -> &[Target] {
        match holds {
            true => &self.then,
            false => &self.otherwise,
        }
    }
}

impl Conditions {
    /// Says what a predicate asks and what holds of it now, for a reader: "2 of 3: merge is_finished (no), ...".
    pub(super) fn describe(&self, workflow: &WorkflowDef, node: u32, run: Option<&Run>) -> String {
        let mut text = String::new();
        self.write(workflow, node, run, &mut text);
        text
    }

    fn write(&self, workflow: &WorkflowDef, node: u32, run: Option<&Run>, text: &mut String) {
        /// Most members that are named one by one.
        const NAMED: usize = 8;
        match &self.nodes[node as usize].kind {
            NodeKind::Step(step, test) => {
                let name = workflow.step(*step as usize).map_or("", |step| &step.name);
                _ = write!(text, "{name} {}", test.name());
            }
            NodeKind::Fixed(holds) => _ = write!(text, "{holds}"),
            NodeKind::All(members) | NodeKind::Any(members) => {
                let is_all = matches!(self.nodes[node as usize].kind, NodeKind::All(_));
                if members.len() > 1 {
                    text.push_str(if is_all { "all of (" } else { "any of (" });
                }
                for (place, member) in members.iter().take(NAMED).enumerate() {
                    if place > 0 {
                        text.push_str(", ");
                    }
                    if self.nodes[*member as usize]
                        .parent
                        .is_some_and(|(_, negated)| negated)
                    {
                        text.push_str("not ");
                    }
                    self.write(workflow, *member, run, text);
                }
                if members.len() > NAMED {
                    _ = write!(text, ", and {} more", members.len() - NAMED);
                }
                if members.len() > 1 {
                    text.push(')');
                }
                if let (Some(run), true) = (run, members.len() > 1) {
                    _ = write!(text, ": {} of {} hold", run.members(node), members.len());
                }
            }
        }
    }
}

/// Tells what the test of a work makes of it now.
pub(super) fn holds(definition: &Definition, run: &Run, step: usize, test: Test) -> bool {
    let state = &run.steps[step];
    let stage = state.stage;
    let is = |status: Status| stage.ended().is_some() && state.ended_as & (1 << status as u8) != 0;
    match test {
        Test::Finished => is(Status::Finished),
        Test::SubFinished => is(Status::SubFinished),
        Test::Processed => is(Status::Finished) || is(Status::SubFinished),
        Test::Failed => is(Status::Failed),
        Test::Expired => is(Status::Expired),
        Test::Cancelled => is(Status::Cancelled),
        Test::Suspended => is(Status::Suspended),
        Test::Terminated => stage.ended().is_some(),
        Test::Started | Test::Starting => stage.has_started(),
        Test::Running => stage.is_running(),
        Test::Initialized => !stage.is_idle(),
        Test::Custom => value::custom_condition(definition, run, step),
        Test::NotCustom => !value::custom_condition(definition, run, step),
    }
}
