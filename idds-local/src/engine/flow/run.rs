//! One run of a workflow: a round of its loop, or all of it where there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::condition::{self, NodeKind, Target};
use super::definition::{BUILD, Definition};
use super::event::Status;
use super::link::LinkValues;
use super::value::StepValues;

/// How far a step is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// Nothing has begun it.
    Idle,
    /// It starts with the next commands.
    Queued,
    Running,
    Ended(Status),
}

impl Stage {
    pub(super) fn ended(self) -> Option<Status> {
        match self {
            Self::Ended(status) => Some(status),
            _ => None,
        }
    }

    pub(super) fn has_started(self) -> bool {
        matches!(self, Self::Running | Self::Ended(_))
    }

    pub(super) fn is_running(self) -> bool {
        self == Self::Running
    }

    pub(super) fn is_idle(self) -> bool {
        self == Self::Idle
    }
}

#[derive(Clone, Debug)]
pub(super) struct StepState {
    pub(super) stage: Stage,
    /// What it can be said to have ended as, one bit for each status: a sub-workflow can be Failed and SubFinished.
    pub(super) ended_as: u8,
    /// Number of steps of the run that have started before it.
    pub(super) sequence: u64,
    /// The run of a sub-workflow.
    pub(super) child: Option<usize>,
    pub(super) values: Option<Box<StepValues>>,
}

impl StepState {
    pub(super) const IDLE: Self = Self {
        stage: Stage::Idle,
        ended_as: 0,
        sequence: 0,
        child: None,
        values: None,
    };
}

#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) workflow: usize,
    /// The run around it, and the step that it is there.
    pub(super) parent: Option<(usize, usize)>,
    /// Number of the round; 1 where there is no loop.
    pub(super) round: u32,
    /// Rounds of the workflows around it, as Python writes them: `2_3`.
    pub(super) around: String,
    pub(super) steps: Vec<StepState>,
    pub(super) build: StepState,
    /// Steps that have started; of these, those that have not ended, and the others by how they ended.
    pub(super) started: u64,
    pub(super) open: u64,
    ended: [u64; 6],
    /// Whether the first steps are still to start.
    pub(super) is_new: bool,
    pub(super) queued: Vec<(usize, String)>,
    /// Sub-workflows that something has changed in, in the order in which they began.
    pub(super) moved: BTreeMap<u64, usize>,
    pub(super) globals: IndexMap<String, Arc<Value>>,
    pub(super) links: LinkValues,
    /// What the links had said when the first round began.
    pub(super) first_links: LinkValues,
    values: Vec<bool>,
    members: Vec<u32>,
    /// Conditions to look at: where they stand, and which.
    dirty: BTreeSet<(u32, u32)>,
    /// Those that have changed behind the place that is being looked at.
    later: BTreeSet<u32>,
    cursor: Option<u32>,
}

impl Run {
    pub(super) fn new(
        definition: &Definition,
        workflow: usize,
        parent: Option<(usize, usize)>,
        around: String,
        globals: IndexMap<String, Arc<Value>>,
        links: LinkValues,
    ) -> Self {
        let def = &definition.workflows[workflow];
        let mut run = Self {
            workflow,
            parent,
            round: 1,
            around,
            steps: vec![StepState::IDLE; def.steps.len()],
            build: StepState::IDLE,
            started: 0,
            open: 0,
            ended: [0; 6],
            is_new: true,
            queued: Vec::new(),
            moved: BTreeMap::new(),
            globals,
            first_links: links.clone(),
            links,
            values: vec![false; def.conditions.nodes.len()],
            members: vec![0; def.conditions.nodes.len()],
            dirty: BTreeSet::new(),
            later: BTreeSet::new(),
            cursor: None,
        };
        // Members stand before what they are members of.
        for (node, def) in def.conditions.nodes.iter().enumerate() {
            let value = run.value_of(definition, node, &def.kind);
            run.values[node] = value;
            if let Some((parent, negated)) = def.parent {
                run.members[parent as usize] += u32::from(value != negated);
            }
        }
        run.look_at_everything(definition);
        run
    }

    fn value_of(&self, definition: &Definition, node: usize, kind: &NodeKind) -> bool {
        match kind {
            NodeKind::All(members) => self.members[node] as usize == members.len(),
            NodeKind::Any(_) => self.members[node] > 0,
            NodeKind::Step(step, test) => condition::holds(definition, self, *step as usize, *test),
            NodeKind::Fixed(value) => *value,
        }
    }

    /// Has every condition looked at again.
    pub(super) fn look_at_everything(&mut self, definition: &Definition) {
        let conditions = &definition.workflows[self.workflow].conditions;
        for (position, top) in conditions.order.iter().enumerate() {
            if conditions.positions[*top as usize].first() == Some(&(position as u32)) {
                _ = self.dirty.insert((position as u32, *top));
            }
        }
    }

    /// Looks again at what is asked about a step, after it has changed.
    pub(super) fn refresh(&mut self, definition: &Definition, step: usize) {
        let conditions = &definition.workflows[self.workflow].conditions;
        // An added work is in no condition, and neither is the build work.
        let Some(leaves) = conditions.leaves.get(step) else {
            return;
        };
        for leaf in leaves {
            let mut node = *leaf as usize;
            loop {
                let def = &conditions.nodes[node];
                let value = self.value_of(definition, node, &def.kind);
                if value == self.values[node] {
                    break;
                }
                self.values[node] = value;
                if let Some(branching) = def.branching {
                    self.mark(definition, branching);
                }
                let Some((parent, negated)) = def.parent else {
                    break;
                };
                let members = &mut self.members[parent as usize];
                match value != negated {
                    true => *members += 1,
                    false => *members -= 1,
                }
                node = parent as usize;
            }
        }
    }

    fn mark(&mut self, definition: &Definition, branching: u32) {
        let conditions = &definition.workflows[self.workflow].conditions;
        let top = conditions.branchings[branching as usize].top;
        let positions = &conditions.positions[top as usize];
        let next = match self.cursor {
            None => positions.first(),
            Some(cursor) => {
                positions.get(positions.partition_point(|position| *position <= cursor))
            }
        };
        match (next, positions.is_empty()) {
            (Some(position), _) => _ = self.dirty.insert((*position, branching)),
            (None, false) => _ = self.later.insert(branching),
            // 2.6.21 looks at no condition that asks nothing.
            (None, true) => {}
        }
    }

    /// Begins to look at conditions, from the first one.
    pub(super) fn begin_looking(&mut self, definition: &Definition) {
        self.cursor = None;
        for branching in std::mem::take(&mut self.later) {
            self.mark(definition, branching);
        }
    }

    /// Returns the steps that the next condition leads to and that have not started, with the condition and whether it holds.
    pub(super) fn look(&mut self, definition: &Definition) -> Option<(u32, bool, Vec<usize>)> {
        let (position, branching) = self.dirty.pop_first()?;
        self.cursor = Some(position);
        let conditions = &definition.workflows[self.workflow].conditions;
        let mut steps = Vec::new();
        let mut outer = branching;
        let mut is_chosen = true;
        while let Some((parent, branch)) = conditions.branchings[outer as usize].parent {
            is_chosen &= self.holds(definition, parent) == branch;
            outer = parent;
        }
        if is_chosen {
            self.targets(definition, branching, &mut steps);
        }
        Some((branching, self.holds(definition, branching), steps))
    }

    pub(super) fn end_looking(&mut self) {
        self.cursor = None;
    }

    fn targets(&self, definition: &Definition, branching: u32, steps: &mut Vec<usize>) {
        let conditions = &definition.workflows[self.workflow].conditions;
        let holds = self.holds(definition, branching);
        for target in conditions.branchings[branching as usize].branch(holds) {
            match target {
                Target::Step(step) => {
                    if self.steps[*step as usize].stage.is_idle() {
                        steps.push(*step as usize);
                    }
                }
                Target::Branching(inner) => self.targets(definition, *inner, steps),
            }
        }
    }

    /// Tells whether a condition holds.
    pub(super) fn holds(&self, definition: &Definition, branching: u32) -> bool {
        let conditions = &definition.workflows[self.workflow].conditions;
        self.values[conditions.branchings[branching as usize].node as usize]
    }

    /// Tells whether a predicate holds.
    pub(super) fn value(&self, node: u32) -> bool {
        self.values[node as usize]
    }

    /// Returns how many members of a predicate count.
    pub(super) fn members(&self, node: u32) -> u32 {
        self.members[node as usize]
    }

    /// Tells whether something is left to do before the next event.
    pub(super) fn needs_attention(&self) -> bool {
        // Nothing is to be done while the build work runs.
        if self.build.stage.is_running() {
            return false;
        }
        !(self.dirty.is_empty()
            && self.later.is_empty()
            && self.queued.is_empty()
            && self.moved.is_empty()
            && !self.is_new)
    }

    pub(super) fn state(&self, step: usize) -> &StepState {
        if step == BUILD {
            &self.build
        } else {
            &self.steps[step]
        }
    }

    pub(super) fn state_mut(&mut self, step: usize) -> &mut StepState {
        if step == BUILD {
            &mut self.build
        } else {
            &mut self.steps[step]
        }
    }

    /// Counts a step that has ended.
    pub(super) fn count(&mut self, status: Status) {
        self.open -= 1;
        self.ended[status as usize] += 1;
    }

    /// Counts a step that goes on after it had ended.
    pub(super) fn uncount(&mut self, status: Status) {
        self.open += 1;
        self.ended[status as usize] -= 1;
    }

    /// Returns how many steps have ended so.
    pub(super) fn ended(&self, status: Status) -> u64 {
        self.ended[status as usize]
    }

    /// Returns what the run can be said to have ended as, one bit for each status.
    pub(super) fn ended_as(&self) -> u8 {
        let bits = Status::ALL.map(|status| {
            let is = match status {
                Status::Finished => self.started > 0 && self.ended(status) == self.started,
                Status::SubFinished => self.ended(Status::Finished) + self.ended(status) > 0,
                Status::Failed => {
                    let others = [Status::Cancelled, Status::Suspended, Status::Expired];
                    self.ended(status) > 0 && others.iter().all(|other| self.ended(*other) == 0)
                }
                other => self.ended(other) > 0,
            };
            u8::from(is) << status as u8
        });
        bits.into_iter().fold(0, |all, bit| all | bit)
    }

    /// Returns how the run has ended, if all that has started has.
    ///
    /// The order of these questions is that of 2.6.21: a workflow of which one work is Finished and one Failed is SubFinished.
    pub(super) fn status(&self) -> Status {
        let [failed, cancelled, suspended, expired] = [
            Status::Failed,
            Status::Cancelled,
            Status::Suspended,
            Status::Expired,
        ]
        .map(|status| self.ended(status));
        let done = self.ended(Status::Finished);
        if self.started > 0 && done == self.started {
            Status::Finished
        } else if done + self.ended(Status::SubFinished) > 0 {
            Status::SubFinished
        } else if failed > 0 && cancelled + suspended + expired == 0 {
            Status::Failed
        } else if expired > 0 {
            Status::Expired
        } else if cancelled > 0 {
            Status::Cancelled
        } else if suspended > 0 {
            Status::Suspended
        } else {
            Status::Cancelled
        }
    }
}
