//! Tasks whose jobs wait for jobs of other tasks of the workflow.

use std::collections::{HashMap, HashSet};

use super::{Plan, Step, Workflow};
use crate::error::Problem;
use crate::{AnyWork, Dependency, EventDependency, EventJob, Job};

/// Names the tasks that jobs wait for and that are not in the workflow, and those that cannot be told apart.
///
/// Only steps that start first are looked at: the server orders them by their tasks and fails on an unknown one. What a
/// condition releases may also wait for tasks outside of the workflow.
pub(super) fn problems(workflow: &Workflow, plan: &Plan) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names: Option<HashMap<&str, u32>> = None;
    for ((step, inner), is_released) in workflow.steps().zip(&plan.is_released) {
        let Step::Work(work) = inner else { continue };
        let mut seen = HashSet::new();
        for task in awaited(work) {
            if *is_released || !seen.insert(task) {
                continue;
            }
            let place = || format!("steps.{step}");
            match names.get_or_insert_with(|| names_below(workflow)).get(task) {
                Some(1) => {}
                Some(count) => {
                    let message = format!(
                        "jobs wait for the task {task:?}, which is the name of {count} works"
                    );
                    problems.push(Problem::new(place(), message));
                }
                None => {
                    let message = format!(
                        "jobs wait for the task {task:?}, which no work of the workflow is called"
                    );
                    problems.push(Problem::new(place(), message));
                }
            }
        }
    }
    problems
}

/// Returns the tasks that the jobs of a work wait for, as often as they do.
pub(crate) fn awaited(work: &AnyWork) -> Box<dyn Iterator<Item = &str> + '_> {
    match work {
        AnyWork::DomaPanDAWork(work) => Box::new(
            work.jobs()
                .iter()
                .flat_map(Job::dependencies)
                .map(Dependency::task),
        ),
        AnyWork::DomaPanDAESWork(work) => {
            let events = work.jobs().iter().flat_map(EventJob::events);
            Box::new(
                events
                    .flat_map(|(_, dependencies)| dependencies)
                    .map(EventDependency::task),
            )
        }
        _ => Box::new(std::iter::empty()),
    }
}

/// Returns the name that jobs of other tasks call a work by, when it has one.
pub(crate) fn task_name(work: &AnyWork) -> Option<&str> {
    work.base().task_name()
}

/// Counts how often the works of a workflow and its sub-workflows have a name.
fn names_below(workflow: &Workflow) -> HashMap<&str, u32> {
    let mut names = HashMap::new();
    let mut rest = vec![workflow];
    while let Some(workflow) = rest.pop() {
        for (_, step) in workflow.steps() {
            match step {
                Step::Work(work) => {
                    if let Some(name) = task_name(work) {
                        *names.entry(name).or_default() += 1;
                    }
                }
                Step::Workflow(inner) => rest.push(inner),
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use crate::{Dependency, DomaPanDAWork, Job, Workflow, when};

    fn task(name: &str, after: &[&str]) -> DomaPanDAWork {
        let job = after.iter().fold(Job::new("j"), |job, task| {
            job.after(Dependency::new(*task, "j"))
        });
        DomaPanDAWork::builder(name)
            .job(job)
            .build()
            .expect("a task")
    }

    #[test]
    fn tasks_that_jobs_wait_for_must_be_there_once() {
        let mut workflow = Workflow::builder();
        workflow.add("first", task("a", &[]));
        workflow.add("again", task("a", &[]));
        workflow.add("second", task("b", &["a", "b", "c"]));
        let error = workflow.build().expect_err("two problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r#"
        steps.second: jobs wait for the task "a", which is the name of 2 works
        steps.second: jobs wait for the task "c", which no work of the workflow is called
        steps.second.jobs[0]: job "j" of the task "b" waits for itself: it can never start
        "#);
    }

    #[test]
    fn released_steps_may_wait_for_tasks_elsewhere() {
        let mut workflow = Workflow::builder();
        let first = workflow.add("first", task("a", &[]));
        let second = workflow.add("second", task("b", &["elsewhere"]));
        assert!(
            workflow
                .condition(when(first.is_finished()).then(&second))
                .build()
                .is_ok()
        );
    }
}
