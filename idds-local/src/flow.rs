//! Which works of a workflow start when.

use std::collections::{HashMap, HashSet};

use idds_workflow::{Branch, Condition, State, StepRef, wire};
use serde_json::Value;

use crate::state::Stage;

/// The order of the works of a workflow.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    /// Steps by their names, with the ids of their works, in their order.
    works: Vec<(StepRef, String)>,
    initial: Vec<StepRef>,
    conditions: Vec<Condition>,
}

/// How far works are: by their ids, the numbers of their states.
pub(crate) type Stages = HashMap<String, i64>;

impl Flow {
    /// Reads the order of the works of a workflow (an object of the wire), or says what cannot be followed here.
    pub(crate) fn read(workflow: &Value) -> Result<Self, String> {
        let decoded = wire::decode(workflow)
            .map_err(|error| format!("the workflow cannot be read: {error}"))?;
        if let Some(problem) = decoded.problems.first() {
            return Err(problem.to_string());
        }
        if !decoded.workflow.links().is_empty() {
            return Err("the embedded server passes no parameters from work to work; submit the second workflow when the first has ended".to_owned());
        }
        let conditions = decoded.workflow.conditions().to_vec();
        let works: Vec<_> = decoded
            .steps
            .into_iter()
            .map(|info| (info.step, info.id.to_string()))
            .collect();
        let mut initial = decoded.workflow.initial_steps().to_vec();
        if initial.is_empty() {
            let mut later = HashSet::new();
            conditions
                .iter()
                .for_each(|condition| name_steps(condition, &mut later));
            initial = works
                .iter()
                .map(|(step, _)| step)
                .filter(|step| !later.contains(step))
                .cloned()
                .collect();
        }
        Ok(Self {
            works,
            initial,
            conditions,
        })
    }

    /// Returns the ids of the works that can start and have not, in the order of the works.
    ///
    /// Conditions are looked at as the server does: all the time, so that what is to happen otherwise happens at once.
    pub(crate) fn due(&self, stages: &Stages) -> Vec<&str> {
        let ids: HashMap<_, _> = self
            .works
            .iter()
            .map(|(step, id)| (step, id.as_str()))
            .collect();
        let is = |step: &StepRef, state: State| {
            ids.get(step)
                .is_some_and(|id| is_in(stages.get(*id).copied(), state))
        };
        let mut released: HashSet<_> = self.initial.iter().cloned().collect();
        self.conditions
            .iter()
            .for_each(|condition| release(condition, &is, &mut released));
        let works = self
            .works
            .iter()
            .filter(|(step, id)| released.contains(step) && !stages.contains_key(id));
        works.map(|(_, id)| id.as_str()).collect()
    }
}

fn release(
    condition: &Condition,
    is: &impl Fn(&StepRef, State) -> bool,
    released: &mut HashSet<StepRef>,
) {
    let branches = match condition.predicate().holds(is) {
        true => condition.true_branches(),
        false => condition.false_branches(),
    };
    for branch in branches {
        match branch {
            Branch::Step(step) => drop(released.insert(step.clone())),
            Branch::Condition(inner) => release(inner, is, released),
            _ => {}
        }
    }
}

fn name_steps(condition: &Condition, steps: &mut HashSet<StepRef>) {
    for branch in condition
        .true_branches()
        .iter()
        .chain(condition.false_branches())
    {
        match branch {
            Branch::Step(step) => drop(steps.insert(step.clone())),
            Branch::Condition(inner) => name_steps(inner, steps),
            _ => {}
        }
    }
}

/// Tells whether a work whose state has this number, or that has not started, is as asked.
fn is_in(stage: Option<i64>, state: State) -> bool {
    let is = |stages: &[Stage]| stages.iter().any(|one| stage == Some(one.code()));
    match state {
        State::Finished => is(&[Stage::Finished]),
        State::SubFinished => is(&[Stage::SubFinished]),
        State::Processed => is(&[Stage::Finished, Stage::SubFinished]),
        State::Failed => is(&[Stage::Failed]),
        State::Terminated => is(&[Stage::Finished, Stage::SubFinished, Stage::Failed]),
        State::Started => stage.is_some(),
        State::Running => is(&[Stage::Transforming]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::when;

    use super::*;

    fn flow(initial: &[&str], conditions: Vec<Condition>) -> Flow {
        let works = ["a", "b", "c"].map(|name| (StepRef::new(name), format!("id of {name}")));
        Flow {
            works: works.into(),
            initial: initial.iter().map(StepRef::new).collect(),
            conditions,
        }
    }

    fn stages(stages: &[(&str, Stage)]) -> Stages {
        stages
            .iter()
            .map(|(name, stage)| (format!("id of {name}"), stage.code()))
            .collect()
    }

    #[test]
    fn a_work_starts_when_the_one_before_it_has_finished() {
        let [a, b, c] = ["a", "b", "c"].map(StepRef::new);
        let flow = flow(
            &["a"],
            vec![when(a.is_finished()).then(&b), when(b.is_failed()).then(&c)],
        );
        assert_eq!(flow.due(&Stages::new()), ["id of a"]);
        assert_eq!(
            flow.due(&stages(&[("a", Stage::Transforming)])),
            Vec::<&str>::new()
        );
        assert_eq!(
            flow.due(&stages(&[("a", Stage::SubFinished)])),
            Vec::<&str>::new()
        );
        assert_eq!(flow.due(&stages(&[("a", Stage::Finished)])), ["id of b"]);
        assert_eq!(
            flow.due(&stages(&[("a", Stage::Finished), ("b", Stage::Failed)])),
            ["id of c"]
        );
        assert_eq!(
            flow.due(&stages(&[("a", Stage::Finished), ("b", Stage::Finished)])),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn what_is_to_happen_otherwise_happens_at_once() {
        let [a, b, c] = ["a", "b", "c"].map(StepRef::new);
        let flow = flow(&["a"], vec![when(a.is_finished()).then(&b).otherwise(&c)]);
        assert_eq!(flow.due(&Stages::new()), ["id of a", "id of c"]);
        assert_eq!(
            flow.due(&stages(&[("a", Stage::Finished), ("c", Stage::Finished)])),
            ["id of b"]
        );
    }
}
