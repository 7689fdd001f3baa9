//! What can still start in a run.

use super::condition::{NodeKind, Target, Test};
use super::definition::Definition;
use super::run::{Run, Stage};

/// Which steps of a run can still start, whatever the works do that run or can still start. A retry is not foreseen.
pub(super) struct Outlook {
    pub(super) starts: Vec<bool>,
    /// Whether each predicate can hold, and whether it can not hold.
    can: Vec<[bool; 2]>,
    /// Members of each predicate that can count, and that can not count.
    members: Vec<[u32; 2]>,
}

impl Outlook {
    pub(super) fn of(definition: &Definition, run: &Run) -> Self {
        let workflow = &definition.workflows[run.workflow];
        let conditions = &workflow.conditions;
        let mut outlook = Self {
            starts: run
                .steps
                .iter()
                .map(|state| !state.stage.is_idle())
                .collect(),
            can: vec![[false; 2]; conditions.nodes.len()],
            members: vec![[0; 2]; conditions.nodes.len()],
        };
        if run.is_new {
            for step in &workflow.first {
                outlook.starts[*step] = true;
            }
        }
        // Members stand before what they are members of.
        for (node, def) in conditions.nodes.iter().enumerate() {
            let can = outlook.able(run, node, &def.kind);
            outlook.can[node] = can;
            if let Some((parent, negated)) = def.parent {
                let members = &mut outlook.members[parent as usize];
                members[0] += u32::from(can[usize::from(negated)]);
                members[1] += u32::from(can[usize::from(!negated)]);
            }
        }
        let mut is_reached = vec![false; conditions.branchings.len()];
        let mut has_led = vec![[false; 2]; conditions.branchings.len()];
        let mut open: Vec<u32> = conditions.order.clone();
        for top in &conditions.order {
            is_reached[*top as usize] = true;
        }
        while let Some(place) = open.pop() {
            let branching = &conditions.branchings[place as usize];
            for (side, holds) in [true, false].into_iter().enumerate() {
                if !is_reached[place as usize]
                    || has_led[place as usize][side]
                    || !outlook.can[branching.node as usize][side]
                {
                    continue;
                }
                has_led[place as usize][side] = true;
                for target in branching.branch(holds) {
                    match target {
                        Target::Step(step) => outlook.start(definition, run, *step, &mut open),
                        Target::Branching(inner) => {
                            is_reached[*inner as usize] = true;
                            open.push(*inner);
                        }
                    }
                }
            }
        }
        outlook
    }

    /// Tells whether a predicate can hold, and whether it can not hold.
    fn able(&self, run: &Run, node: usize, kind: &NodeKind) -> [bool; 2] {
        let [can, cannot] = self.members[node];
        match kind {
            NodeKind::All(members) => [can as usize == members.len(), cannot > 0],
            NodeKind::Any(members) => [can > 0, cannot as usize == members.len()],
            NodeKind::Fixed(value) => [*value, !*value],
            NodeKind::Step(step, test) => {
                let value = run.value(node as u32);
                let is_fixed = match run.steps[*step as usize].stage {
                    Stage::Ended(_) => true,
                    Stage::Queued | Stage::Running => {
                        matches!(test, Test::Started | Test::Starting | Test::Initialized) && value
                    }
                    Stage::Idle => !self.starts[*step as usize],
                };
                if is_fixed {
                    [value, !value]
                } else {
                    [true, true]
                }
            }
        }
    }

    fn start(&mut self, definition: &Definition, run: &Run, step: u32, open: &mut Vec<u32>) {
        if std::mem::replace(&mut self.starts[step as usize], true) {
            return;
        }
        let conditions = &definition.workflows[run.workflow].conditions;
        for leaf in conditions.leaves.get(step as usize).into_iter().flatten() {
            let mut node = *leaf as usize;
            loop {
                let def = &conditions.nodes[node];
                let (old, new) = (self.can[node], self.able(run, node, &def.kind));
                if old == new {
                    break;
                }
                self.can[node] = new;
                open.extend(def.branching);
                let Some((parent, negated)) = def.parent else {
                    break;
                };
                let members = &mut self.members[parent as usize];
                // What can happen only grows while steps are found that can start.
                let more = |side: usize| u32::from(new[side]) - u32::from(old[side]);
                members[0] += more(usize::from(negated));
                members[1] += more(usize::from(!negated));
                node = parent as usize;
            }
        }
    }
}
