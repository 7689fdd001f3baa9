//! Jobs and conditions that wait for each other.

use std::collections::{HashMap, HashSet};

use super::cycle::cycles;
use super::jobs::{self, Node};
use super::{Step, Workflow};
use crate::error::Problem;
use crate::{Branch, Condition, Predicate, State, StepRef};

/// Most steps and jobs of one cycle that a message names after the first.
const SHOWN: usize = 8;

/// Names jobs that wait for a step which a condition releases only after the end of those jobs: neither ever comes.
///
/// What waits for each other by jobs alone, or by conditions alone, has a problem of its own. Only what is sure is named: a branch of
/// `otherwise` is released at once, an operator inside another one holds for a 2.6.21 server, and what may fail can come to an end.
pub(super) fn problems(workflow: &Workflow) -> Vec<Problem> {
    let works = jobs::works(workflow);
    if !has_condition(workflow) || works.iter().all(|work| !work.has_dependencies) {
        return Vec::new();
    }
    let mut waits = Waits::default();
    waits.add_workflow("", workflow, None);
    let nodes: Vec<Node<'_>> = works
        .iter()
        .enumerate()
        .flat_map(|(index, work)| work.nodes(index))
        .collect();
    waits.add_jobs(&nodes, &jobs::tasks(&works));
    let blocked = waits.blocked();
    let mut problems = Vec::new();
    for mut cycle in cycles(&waits.edges_between(&blocked)) {
        let is_job = |at: &u32| matches!(waits.what[*at as usize], What::Job(_));
        let Some(first) = cycle.iter().position(is_job) else {
            continue;
        };
        if cycle.iter().all(is_job) {
            continue;
        }
        cycle.rotate_left(first);
        let shown: Vec<String> = cycle
            .iter()
            .filter_map(|at| waits.what[*at as usize].shown(&nodes))
            .collect();
        let What::Job(job) = waits.what[cycle[0] as usize] else {
            continue;
        };
        let way = shown[1..]
            .iter()
            .take(SHOWN)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", which waits for ");
        let more = match shown.len().saturating_sub(SHOWN + 1) {
            0 => String::new(),
            count => format!(", and so on over {count} more"),
        };
        let message = format!(
            "{0} waits for {way}{more}, which waits for {0}: none of them ever comes",
            shown[0]
        );
        problems.push(Problem::new(nodes[job].place(&works), message));
    }
    problems
}

fn has_condition(workflow: &Workflow) -> bool {
    let is_inside = |step: &Step| matches!(step, Step::Workflow(inner) if has_condition(inner));
    !workflow.conditions().is_empty() || workflow.steps().any(|(_, step)| is_inside(step))
}

/// Something that comes about when all, or one, of what it waits for has come about.
#[derive(Default)]
struct Waits {
    what: Vec<What>,
    needs: Vec<Vec<u32>>,
    is_any: Vec<bool>,
    /// Start and end of each work, in the order in which works are listed.
    works: Vec<(u32, u32)>,
}

enum What {
    Start(String),
    End(String),
    /// By its position.
    Job(usize),
    /// What a condition asks.
    Asked,
}

impl What {
    /// Says what it is, but for conditions, which stand between what they ask and what they release.
    fn shown(&self, nodes: &[Node<'_>]) -> Option<String> {
        match self {
            Self::Start(step) => Some(format!("the start of {step}")),
            Self::End(step) => Some(format!("the end of {step}")),
            Self::Job(job) => Some(format!(
                "{} of the task {:?}",
                nodes[*job], nodes[*job].task
            )),
            Self::Asked => None,
        }
    }
}

/// What the steps of one workflow are released by.
struct Steps<'a> {
    workflow: &'a Workflow,
    /// Start and end of each.
    ends: Vec<(u32, u32)>,
    released_by: Vec<Vec<u32>>,
    is_free: Vec<bool>,
}

impl Waits {
    fn add(&mut self, what: What, is_any: bool, needs: Vec<u32>) -> u32 {
        self.what.push(what);
        self.is_any.push(is_any);
        self.needs.push(needs);
        self.needs.len() as u32 - 1
    }

    /// Adds the steps of a workflow, which begin after `start`; returns the ends of those that begin whatever conditions say.
    fn add_workflow(&mut self, at: &str, workflow: &Workflow, start: Option<u32>) -> Vec<u32> {
        let mut ends = Vec::new();
        for (name, step) in workflow.steps() {
            let first = self.add(
                What::Start(format!("{at}{name}")),
                false,
                start.into_iter().collect(),
            );
            let last = self.add(What::End(format!("{at}{name}")), false, vec![first]);
            ends.push((first, last));
            match step {
                Step::Work(_) => self.works.push((first, last)),
                Step::Workflow(inner) => {
                    let inner = self.add_workflow(&format!("{at}{name}/"), inner, Some(first));
                    self.needs[last as usize].extend(inner);
                }
            }
        }
        let count = ends.len();
        let mut steps = Steps {
            workflow,
            ends,
            released_by: vec![Vec::new(); count],
            is_free: vec![false; count],
        };
        workflow
            .conditions()
            .iter()
            .for_each(|condition| self.add_condition(&mut steps, condition, None));
        workflow
            .initial
            .iter()
            .filter_map(|step| workflow.position(step))
            .for_each(|at| steps.is_free[at as usize] = true);
        let Steps {
            ends,
            released_by,
            mut is_free,
            ..
        } = steps;
        for (at, released_by) in released_by.into_iter().enumerate() {
            if released_by.is_empty() {
                // If nothing leads to it, that is another problem.
                is_free[at] = true;
            } else if !is_free[at] {
                let released = self.add(What::Asked, true, released_by);
                self.needs[ends[at].0 as usize].push(released);
            }
        }
        ends.iter()
            .zip(is_free)
            .filter(|(_, is_free)| *is_free)
            .map(|((_, end), _)| *end)
            .collect()
    }

    /// Adds what a condition releases, which is looked at from `gate` on.
    fn add_condition(&mut self, steps: &mut Steps<'_>, condition: &Condition, gate: Option<u32>) {
        let needs = gate
            .into_iter()
            .chain(self.asked(steps, condition.predicate()))
            .collect();
        let holds = self.add(What::Asked, false, needs);
        let branches = condition
            .true_branches()
            .iter()
            .map(|branch| (branch, Some(holds)));
        for (branch, gate) in branches.chain(
            condition
                .false_branches()
                .iter()
                .map(|branch| (branch, gate)),
        ) {
            match (branch, gate) {
                (Branch::Condition(inner), gate) => self.add_condition(steps, inner, gate),
                (Branch::Step(step), gate) => {
                    let Some(at) = steps.workflow.position(step) else {
                        continue;
                    };
                    match gate {
                        Some(gate) => steps.released_by[at as usize].push(gate),
                        None => steps.is_free[at as usize] = true,
                    }
                }
            }
        }
    }

    /// Returns what must come about before a predicate holds; none when it may hold at once.
    fn asked(&mut self, steps: &Steps<'_>, predicate: &Predicate) -> Option<u32> {
        let of = |step: &StepRef| {
            steps
                .workflow
                .position(step)
                .map(|at| steps.ends[at as usize])
        };
        match predicate {
            Predicate::Is(
                step,
                State::Finished | State::SubFinished | State::Processed | State::Terminated,
            ) => of(step).map(|(_, end)| end),
            Predicate::Is(_, State::NewTask) | Predicate::Not(_) | Predicate::Nested(_) => None,
            Predicate::Is(step, _) | Predicate::Method(step, _) => of(step).map(|(start, _)| start),
            Predicate::All(members) => {
                let flat = members.iter().filter(|member| member.inner().is_none());
                let needs = flat
                    .filter_map(|member| self.asked(steps, member))
                    .collect();
                Some(self.add(What::Asked, false, needs))
            }
            Predicate::Any(members) if members.iter().any(|member| member.inner().is_some()) => {
                None
            }
            Predicate::Any(members) => {
                let needs = members
                    .iter()
                    .map(|member| self.asked(steps, member))
                    .collect::<Option<Vec<_>>>()?;
                Some(self.add(What::Asked, true, needs))
            }
        }
    }

    fn add_jobs(&mut self, nodes: &[Node<'_>], tasks: &HashMap<&str, Option<usize>>) {
        let mut known = HashMap::new();
        for (index, node) in nodes.iter().enumerate() {
            let (start, end) = self.works[node.work];
            let job = self.add(What::Job(index), false, vec![start]);
            self.needs[end as usize].push(job);
            known
                .entry((node.work, node.job, node.event))
                .or_insert(job);
        }
        let first = self.needs.len() - nodes.len();
        for (index, node) in nodes.iter().enumerate() {
            for awaited in &node.after {
                let task = tasks.get(awaited.task).copied().flatten();
                let job = task.and_then(|task| known.get(&(task, awaited.job, awaited.event)));
                self.needs[first + index].extend(job);
            }
        }
    }

    /// Returns what never comes about.
    fn blocked(&self) -> HashSet<u32> {
        let count = self.needs.len();
        let mut needed_by = vec![Vec::new(); count];
        let mut missing: Vec<usize> = Vec::with_capacity(count);
        for (node, needs) in self.needs.iter().enumerate() {
            needs
                .iter()
                .for_each(|need| needed_by[*need as usize].push(node));
            missing.push(if self.is_any[node] {
                needs.len().min(1)
            } else {
                needs.len()
            });
        }
        let mut coming: Vec<usize> = (0..count).filter(|node| missing[*node] == 0).collect();
        let mut blocked: HashSet<u32> = (0..count as u32).collect();
        while let Some(node) = coming.pop() {
            if !blocked.remove(&(node as u32)) {
                continue;
            }
            for later in &needed_by[node] {
                missing[*later] = missing[*later].saturating_sub(1);
                if missing[*later] == 0 {
                    coming.push(*later);
                }
            }
        }
        blocked
    }

    fn edges_between(&self, blocked: &HashSet<u32>) -> Vec<Vec<u32>> {
        let edges = |(node, needs): (usize, &Vec<u32>)| {
            let is_blocked = blocked.contains(&(node as u32));
            needs
                .iter()
                .copied()
                .filter(|need| is_blocked && blocked.contains(need))
                .collect()
        };
        self.needs.iter().enumerate().map(edges).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Dependency, DomaPanDAWork, Job, StepRef, Workflow, WorkflowBuilder, when};

    /// A task of one job that waits for this job of this task.
    fn task(name: &str, job: &str, after: &[(&str, &str)]) -> DomaPanDAWork {
        let job = after.iter().fold(Job::new(job), |job, (task, name)| {
            job.after(Dependency::new(*task, *name))
        });
        DomaPanDAWork::builder(name)
            .job(job)
            .build()
            .expect("a task")
    }

    /// `a` has a job that waits for one of `b`, and `c` and `d` have nothing to wait for.
    fn workflow() -> (WorkflowBuilder, [StepRef; 4]) {
        let mut workflow = Workflow::builder();
        let a = workflow.add("a", task("ta", "x", &[("tb", "y")]));
        let b = workflow.add("b", task("tb", "y", &[]));
        let c = workflow.add("c", task("tc", "z", &[]));
        let d = workflow.add("d", task("td", "z", &[]));
        (workflow, [a, b, c, d])
    }

    fn said(workflow: WorkflowBuilder) -> String {
        workflow.build().expect_err("a problem").to_string()
    }

    const DEADLOCK: &str = r#"steps.a.jobs[0]: job "x" of the task "ta" waits for job "y" of the task "tb", which waits for the start of b, which waits for the end of a, which waits for job "x" of the task "ta": none of them ever comes"#;

    #[test]
    fn a_job_that_waits_for_what_is_released_after_its_own_step_is_named() {
        let (_, [a, b, c, _]) = workflow();
        assert_eq!(
            said(workflow().0.condition(when(a.is_finished()).then(&b))),
            DEADLOCK
        );
        for condition in [
            when(a.is_terminated()).then(&b),
            when(a.is_finished() & c.is_finished()).then(&b),
            when(a.is_finished() | a.is_subfinished()).then(&b),
            when(c.is_finished()).then(when(a.is_processed()).then(&b)),
            when(c.is_failed()).otherwise(when(a.is_processed()).then(&b)),
        ] {
            assert_eq!(
                said(workflow().0.condition(condition.clone())),
                DEADLOCK,
                "{condition}"
            );
        }
    }

    #[test]
    fn a_way_over_several_steps_is_named() {
        let (workflow, [a, b, c, d]) = workflow();
        let workflow = workflow
            .condition(when(a.is_finished()).then(&c))
            .condition(when(c.is_finished()).then(&d));
        let why = said(workflow.condition(when(d.is_finished()).then(&b)));
        assert!(
            why.contains(
                "which waits for the start of b, which waits for the end of d, which waits for "
            ),
            "{why}"
        );
        assert!(
            why.ends_with(r#", which waits for job "x" of the task "ta": none of them ever comes"#),
            "{why}"
        );
    }

    #[test]
    fn what_may_come_is_no_problem() {
        let (_, [a, b, c, d]) = workflow();
        for condition in [
            // The step of the job comes after the other one.
            when(b.is_finished()).then(&a),
            when(a.is_started()).then(&b),
            when(a.is_failed()).then(&b),
            when(a.is_finished() | c.is_finished()).then(&b),
            when(a.is_finished()).then(&c).otherwise(&b),
            when(!a.is_finished()).then(&b),
            when(c.is_finished()).then(when(d.is_finished()).then(&b)),
        ] {
            let built = workflow().0.condition(condition.clone()).build();
            assert!(built.is_ok(), "{condition}: {built:?}");
        }
        // Another condition releases it.
        let both = workflow()
            .0
            .condition(when(a.is_finished()).then(&b))
            .condition(when(c.is_finished()).then(&b));
        assert!(both.build().is_ok());
    }

    #[test]
    fn sub_workflows_count_too() {
        let workflow = || {
            let inner = Workflow::builder()
                .work(task("tb", "y", &[]))
                .build()
                .expect("a workflow");
            let mut workflow = Workflow::builder();
            workflow.add("a", task("ta", "x", &[("tb", "y")]));
            workflow.add("sub", inner);
            workflow
        };
        let [a, sub] = ["a", "sub"].map(StepRef::new);
        let why = said(workflow().condition(when(a.is_finished()).then(&sub)));
        let way = r#"job "y" of the task "tb", which waits for the start of sub/step1, which waits for the start of sub, which waits for the end of a,"#;
        assert!(why.contains(way), "{why}");
        assert!(
            workflow()
                .condition(when(sub.is_finished()).then(&a))
                .build()
                .is_ok()
        );
    }

    #[test]
    fn many_jobs_and_conditions_take_no_time() {
        let mut workflow = Workflow::builder();
        let mut steps = vec![workflow.add("s0", task("t0", "j", &[("t1999", "j")]))];
        for index in 1..2000 {
            steps.push(workflow.add(format!("s{index}"), task(&format!("t{index}"), "j", &[])));
        }
        let pairs = steps.windows(2);
        let why = said(pairs.fold(workflow, |all, pair| {
            all.condition(when(pair[0].is_finished()).then(&pair[1]))
        }));
        assert!(
            why.contains(", and so on over ") && why.len() < 1000,
            "{why}"
        );
    }
}
