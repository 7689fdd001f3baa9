//! Dependencies between the steps of a workflow, and the numbers that its encoding needs.

use std::collections::VecDeque;

use indexmap::IndexMap;

use super::{Step, Workflow};
use crate::condition::ConditionForm;
use crate::error::{Problem, suggestion};
use crate::{AnyWork, Branch, Condition, Predicate, State, StepRef, text};

/// What encoding needs to know of a whole workflow, so that it can write one part after the other without looking back.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// Number of ids the workflow and everything inside it take, besides its own.
    pub(crate) ids: u32,
    /// Number of random draws that names inside it take, besides its own.
    pub(crate) draws: u32,
    /// Number of ids of the collections of all works that are steps.
    pub(crate) collection_ids: u32,
    /// Of every top-level condition, how many condition objects come before it.
    pub(crate) condition_offsets: Vec<u32>,
    /// Number of all condition objects, those of the loop condition not counted.
    pub(crate) condition_ids: u32,
    /// For every step that is asked by a condition: the conditions, by their position, once for every time it is asked.
    pub(crate) asked_by: IndexMap<u32, Vec<u32>>,
    /// Of every step, whether a condition releases it.
    pub(crate) is_released: Vec<bool>,
}

impl Plan {
    /// Looks at the steps and conditions of a workflow; what is wrong with them is added to the problems.
    pub(super) fn new(workflow: &Workflow, problems: &mut Vec<Problem>) -> Self {
        let mut plan = Self {
            is_released: vec![false; workflow.steps.len()],
            ..Self::default()
        };
        let mut inner_ids = 0;
        for (_, step) in workflow.steps() {
            match step {
                Step::Work(work) => {
                    plan.collection_ids += work.collection_count();
                    plan.draws += work.draws();
                }
                Step::Workflow(inner) => {
                    inner_ids += inner.plan.ids;
                    plan.draws +=
                        inner.plan.draws + u32::from(inner.name().is_none_or(str::is_empty));
                }
            }
        }
        let build_ids = workflow
            .build_work()
            .map_or(0, |work| 1 + work.collection_count());
        plan.draws += workflow.build_work().map_or(0, AnyWork::draws);
        for (position, condition) in (0..).zip(workflow.conditions()) {
            plan.add_condition(workflow, position, condition, problems);
        }
        let loop_ids = workflow
            .loop_condition()
            .map_or(0, |predicate| 1 + predicate.inner_conditions());
        if let Some(predicate) = workflow.loop_condition() {
            problems.extend(
                hollow("loop_while", predicate).or_else(|| misnamed("loop_while", predicate)),
            );
            predicate.visit(&mut |step, state| {
                find(workflow, step, state, "loop_while", problems);
            });
        }
        plan.ids = workflow.steps.len() as u32
            + plan.collection_ids
            + build_ids
            + plan.condition_ids
            + loop_ids
            + inner_ids;
        for (index, step) in workflow.initial_steps().iter().enumerate() {
            find(workflow, step, None, &format!("initial[{index}]"), problems);
        }
        if let Some(primary) = &workflow.primary
            && !workflow.initial.contains(primary)
        {
            problems.push(Problem::new(
                "primary",
                format!("{primary} is not one of the initial steps"),
            ));
        }
        plan.find_dead_steps(workflow, problems);
        plan
    }

    fn add_condition(
        &mut self,
        workflow: &Workflow,
        position: u32,
        condition: &Condition,
        problems: &mut Vec<Problem>,
    ) {
        let place = format!("conditions[{position}]");
        check(&place, condition, problems);
        self.condition_offsets.push(self.condition_ids);
        self.condition_ids += condition.count();
        condition.visit_asked(&mut |step, state| {
            if let Some(asked) = find(workflow, step, state, &place, problems) {
                self.asked_by.entry(asked).or_default().push(position);
            }
        });
        condition.visit_released(&mut |step| {
            if let Some(released) = find(workflow, step, None, &place, problems) {
                self.is_released[released as usize] = true;
            }
        });
    }

    /// Returns the positions of the steps that start first.
    fn first_steps(&self, workflow: &Workflow) -> Vec<u32> {
        if workflow.initial.is_empty() {
            (0..)
                .zip(&self.is_released)
                .filter(|(_, is_released)| !**is_released)
                .map(|(position, _)| position)
                .collect()
        } else {
            workflow
                .initial
                .iter()
                .filter_map(|step| workflow.position(step))
                .collect()
        }
    }

    /// Names cycles, and steps that nothing leads to.
    fn find_dead_steps(&self, workflow: &Workflow, problems: &mut Vec<Problem>) {
        // A step that a condition inside a branch asks is waited for by what that one releases, not by what is released beside
        // it: each condition counts by itself, with all that its branches lead to.
        let mut conditions = Vec::new();
        workflow
            .conditions()
            .iter()
            .for_each(|condition| condition.collect(&mut conditions));
        let count = workflow.steps.len();
        let mut asked_by: Vec<Vec<u32>> = vec![Vec::new(); count];
        let mut released_by: Vec<Vec<u32>> = vec![Vec::new(); conditions.len()];
        // A new task is a further run of a step that has run: what releases it is not what it waits for.
        let mut is_again = vec![false; conditions.len()];
        for (index, condition) in conditions.iter().enumerate() {
            condition
                .visit_released(&mut |step| released_by[index].extend(workflow.position(step)));
            condition.predicate().visit(&mut |step, state| {
                is_again[index] |= state == Some(State::NewTask);
                if let Some(position) = workflow.position(step) {
                    asked_by[position as usize].push(index as u32);
                }
            });
        }
        let next_by = |step: u32, is_wanted: &dyn Fn(usize) -> bool| {
            let conditions = asked_by[step as usize]
                .iter()
                .map(|condition| *condition as usize);
            let released = conditions
                .filter(|condition| is_wanted(*condition))
                .flat_map(|index| released_by[index].iter());
            released.copied().collect::<Vec<_>>()
        };
        let next = |step: u32| next_by(step, &|_| true).into_iter();
        let waiting = |step: u32| next_by(step, &|condition| !is_again[condition]).into_iter();

        // Steps that are left when those that wait for nothing are taken away, again and again, wait for themselves.
        let mut waits = vec![0_u32; count];
        (0..count as u32)
            .flat_map(waiting)
            .for_each(|step| waits[step as usize] += 1);
        let mut free: VecDeque<u32> = (0..count as u32)
            .filter(|step| waits[*step as usize] == 0)
            .collect();
        while let Some(step) = free.pop_front() {
            for released in waiting(step) {
                waits[released as usize] -= 1;
                if waits[released as usize] == 0 {
                    free.push_back(released);
                }
            }
        }
        let mut on_cycle: Vec<u32> = (0..count as u32)
            .filter(|step| waits[*step as usize] > 0)
            .collect();
        // Those that only come after a cycle are not on it: taken away from their end, again and again, they all go.
        let mut before: Vec<Vec<u32>> =
            vec![Vec::new(); if on_cycle.is_empty() { 0 } else { count }];
        let mut leads_to = vec![0_u32; before.len()];
        for step in &on_cycle {
            for released in waiting(*step).filter(|released| waits[*released as usize] > 0) {
                before[released as usize].push(*step);
                leads_to[*step as usize] += 1;
            }
        }
        let mut ends: Vec<u32> = on_cycle
            .iter()
            .copied()
            .filter(|step| leads_to[*step as usize] == 0)
            .collect();
        while let Some(step) = ends.pop() {
            waits[step as usize] = 0;
            for earlier in std::mem::take(&mut before[step as usize]) {
                leads_to[earlier as usize] -= 1;
                if leads_to[earlier as usize] == 0 {
                    ends.push(earlier);
                }
            }
        }
        on_cycle.retain(|step| waits[*step as usize] > 0);
        if !on_cycle.is_empty() {
            let names = names(workflow, &on_cycle);
            let message = format!(
                "{names} wait for each other; to repeat steps, give them a workflow of their own with loop_while"
            );
            problems.push(Problem::new("conditions", message));
        }

        // What waits for a cycle, or for a step that is not there, has that problem only.
        if workflow
            .initial
            .iter()
            .any(|step| workflow.position(step).is_none())
        {
            return;
        }
        let mut is_reached = vec![false; count];
        let mut reached: VecDeque<u32> = self.first_steps(workflow).into();
        reached.extend(&on_cycle);
        for (condition, released) in conditions.iter().zip(&released_by) {
            if asks_unknown(workflow, condition) {
                reached.extend(released);
            }
        }
        reached
            .iter()
            .for_each(|step| is_reached[*step as usize] = true);
        while let Some(step) = reached.pop_front() {
            for released in next(step) {
                if !std::mem::replace(&mut is_reached[released as usize], true) {
                    reached.push_back(released);
                }
            }
        }
        let dead: Vec<u32> = (0..count as u32)
            .filter(|step| !is_reached[*step as usize])
            .collect();
        if !dead.is_empty() {
            let message = format!(
                "{} never start: they are no initial steps, and no condition releases them",
                names(workflow, &dead)
            );
            problems.push(Problem::new("steps", message));
        }
    }
}

/// Adds what is wrong with a condition whatever the steps are, and with those inside it.
fn check(place: &str, condition: &Condition, problems: &mut Vec<Problem>) {
    problems.extend(
        hollow(place, condition.predicate()).or_else(|| misnamed(place, condition.predicate())),
    );
    if condition.branches().next().is_none() {
        problems.push(Problem::new(place, "releases no step"));
    }
    let is_one = matches!(
        condition.predicate(),
        Predicate::Is(..) | Predicate::Method(..)
    );
    let is_narrow = |branches: &[Branch]| matches!(branches, [] | [Branch::Step(_)]);
    let is_template = is_one
        && [condition.true_branches(), condition.false_branches()]
            .into_iter()
            .all(is_narrow);
    if condition.form() == ConditionForm::Template && !is_template {
        let message =
            "is a template condition, which asks one step and releases at most one on each side";
        problems.push(Problem::new(place, message));
    }
    condition
        .inner()
        .for_each(|inner| check(place, inner, problems));
}

/// Says that a predicate, or an operator in it, asks nothing: *all* of nothing always holds, *any* of nothing never.
fn hollow(place: &str, predicate: &Predicate) -> Option<Problem> {
    let message = if predicate.steps().is_empty() {
        "asks no step"
    } else {
        "has an all or any without members"
    };
    predicate.is_hollow().then(|| Problem::new(place, message))
}

/// Says that a method has a name that no method of Python can have.
fn misnamed(place: &str, predicate: &Predicate) -> Option<Problem> {
    match predicate {
        Predicate::Method(_, name) if !text::is_python_name(name) => Some(Problem::new(
            place,
            format!("{name:?} is not the name of a Python method"),
        )),
        Predicate::Is(..) | Predicate::Method(..) => None,
        Predicate::Not(inner) | Predicate::Nested(inner) => misnamed(place, inner),
        Predicate::All(members) | Predicate::Any(members) => {
            members.iter().find_map(|member| misnamed(place, member))
        }
    }
}

/// Tells whether a condition asks a step that is not there.
fn asks_unknown(workflow: &Workflow, condition: &Condition) -> bool {
    let mut is_unknown = false;
    condition
        .predicate()
        .visit(&mut |step, _| is_unknown |= workflow.position(step).is_none());
    is_unknown
}

/// Finds a step that is referred to, and adds a problem when it is not there or cannot be asked this.
fn find(
    workflow: &Workflow,
    step: &StepRef,
    state: Option<State>,
    place: &str,
    problems: &mut Vec<Problem>,
) -> Option<u32> {
    let Some(position) = workflow.position(step) else {
        let names: Vec<u32> = (0..workflow.steps.len() as u32).collect();
        let meant = suggestion(step.as_str(), workflow.steps().map(|(name, _)| name));
        let there = match (names.is_empty(), meant.is_empty()) {
            (true, _) => "; there are none".to_owned(),
            (_, true) => format!("; there are {}", self::names(workflow, &names)),
            _ => meant,
        };
        problems.push(Problem::new(
            place,
            format!("{step} is no step of the workflow{there}"),
        ));
        return None;
    };
    if let Some(state) = state.filter(|state| !state.is_for_workflows())
        && matches!(workflow.steps[position as usize], Step::Workflow(_))
    {
        let message = format!(
            "{step} is a sub-workflow, which cannot be asked {}",
            state.method()
        );
        problems.push(Problem::new(place, message));
    }
    if let (Some(State::NewTask), Step::Work(work)) = (state, &workflow.steps[position as usize])
        && !matches!(work, AnyWork::ATLASActuatorWork(_) | AnyWork::CustomWork(_))
    {
        let (method, class) = (State::NewTask.method(), work.class());
        let message = format!(
            "{step} is of the class {class}, which has no {method}; ATLASActuatorWork has it"
        );
        problems.push(Problem::new(place, message));
    }
    Some(position)
}

/// Lists steps by name; of many, the first ones.
fn names(workflow: &Workflow, steps: &[u32]) -> String {
    const SHOWN: usize = 10;
    let name = |step: &u32| {
        workflow
            .steps
            .get_index(*step as usize)
            .map_or("", |(name, _)| name.as_str())
    };
    let shown: Vec<_> = steps.iter().take(SHOWN).map(name).collect();
    match steps.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
