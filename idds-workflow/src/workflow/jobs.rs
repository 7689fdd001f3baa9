//! Jobs that wait for jobs of their own task or of other tasks of the workflow.

use std::collections::HashMap;
use std::fmt;

use super::cycle::cycles;
use super::tasks::task_name;
use super::{Step, Workflow};
use crate::error::{Problem, suggestion};
use crate::{AnyWork, Dependency, EventDependency, Job};

/// Most jobs of one cycle that a message names.
const SHOWN: usize = 8;

/// Names the jobs that wait for a job that is not there, and those that wait for each other: the server never releases them.
///
/// Tasks that are not there, or there more than once, have a problem of their own.
pub(super) fn problems(workflow: &Workflow) -> Vec<Problem> {
    let works = works(workflow);
    if works.iter().all(|work| !work.has_dependencies) {
        return Vec::new();
    }
    let tasks = tasks(&works);
    let mut nodes = Vec::new();
    let mut known: HashMap<(usize, &str, Option<u32>), u32> = HashMap::new();
    for (index, work) in works.iter().enumerate() {
        for node in work.nodes(index) {
            known
                .entry((index, node.job, node.event))
                .or_insert(nodes.len() as u32);
            nodes.push(node);
        }
    }
    let mut problems = Vec::new();
    let mut next = vec![Vec::new(); nodes.len()];
    for (position, node) in nodes.iter().enumerate() {
        for awaited in &node.after {
            let Some(Some(task)) = tasks.get(awaited.task) else {
                continue;
            };
            match known.get(&(*task, awaited.job, awaited.event)) {
                Some(target) => next[position].push(*target),
                // The lists of events of works of other kinds are not known here.
                None if !works[*task].has_jobs => {}
                None => {
                    let jobs = || {
                        nodes
                            .iter()
                            .filter(|node| node.work == *task)
                            .map(|node| node.job)
                    };
                    let message = match awaited.event {
                        Some(event) if jobs().any(|job| job == awaited.job) => {
                            format!(
                                "{node} waits for event {event} of job {:?} of the task {:?}, which has no such event",
                                awaited.job, awaited.task
                            )
                        }
                        _ => format!(
                            "{node} waits for job {:?} of the task {:?}, which has no such job{}",
                            awaited.job,
                            awaited.task,
                            suggestion(awaited.job, jobs())
                        ),
                    };
                    problems.push(Problem::new(node.place(&works), message));
                }
            }
        }
    }
    for cycle in cycles(&next) {
        let mut message = format!(
            "{} of the task {:?} waits for ",
            nodes[cycle[0] as usize], nodes[cycle[0] as usize].task
        );
        if let [_] = *cycle {
            message.push_str("itself: it can never start");
        } else {
            for (index, position) in cycle.iter().enumerate().skip(1).take(SHOWN) {
                let node = &nodes[*position as usize];
                let link = if index == 1 { "" } else { ", which waits for " };
                message.push_str(&format!("{link}{node} of {:?}", node.task));
            }
            if cycle.len() > SHOWN + 1 {
                message.push_str(&format!(
                    ", and so on over {} more",
                    cycle.len() - SHOWN - 1
                ));
            }
            let none = if cycle.len() == 2 {
                "neither"
            } else {
                "none of them"
            };
            let first = &nodes[cycle[0] as usize];
            message.push_str(&format!(
                ", which waits for {first} of {:?}: {none} can ever start",
                first.task
            ));
        }
        problems.push(Problem::new(
            nodes[cycle[0] as usize].place(&works),
            message,
        ));
    }
    problems
}

/// Returns the works of a workflow and its sub-workflows, in their order.
pub(super) fn works(workflow: &Workflow) -> Vec<Jobs<'_>> {
    let mut works = Vec::new();
    collect("", workflow, &mut works);
    works
}

/// Returns the position of the work of each task; none for a name that several have.
pub(super) fn tasks<'a>(works: &[Jobs<'a>]) -> HashMap<&'a str, Option<usize>> {
    let mut tasks = HashMap::with_capacity(works.len());
    for (index, work) in works.iter().enumerate() {
        if let Some(name) = work.task {
            tasks
                .entry(name)
                .and_modify(|work| *work = None)
                .or_insert(Some(index));
        }
    }
    tasks
}

/// A work with jobs, and where it stands.
pub(super) struct Jobs<'a> {
    place: String,
    task: Option<&'a str>,
    work: &'a AnyWork,
    has_jobs: bool,
    pub(super) has_dependencies: bool,
}

/// A job, or an event of one, and what it waits for.
pub(super) struct Node<'a> {
    pub(super) work: usize,
    index: usize,
    pub(super) task: &'a str,
    pub(super) job: &'a str,
    pub(super) event: Option<u32>,
    pub(super) after: Vec<Awaited<'a>>,
}

/// What a job or an event waits for.
pub(super) struct Awaited<'a> {
    pub(super) task: &'a str,
    pub(super) job: &'a str,
    pub(super) event: Option<u32>,
}

/// Collects the works of a workflow and its sub-workflows; `at` is its place, which ends in a dot when it is not empty.
fn collect<'a>(at: &str, workflow: &'a Workflow, works: &mut Vec<Jobs<'a>>) {
    for (name, step) in workflow.steps() {
        match step {
            Step::Work(work) => {
                let (has_jobs, has_dependencies) = match work {
                    AnyWork::DomaPanDAWork(work) => (
                        work.has_map(),
                        work.jobs().iter().any(Job::has_dependencies),
                    ),
                    AnyWork::DomaLSSTWork(work) => (
                        work.jobs().is_some(),
                        work.jobs().into_iter().flatten().any(Job::has_dependencies),
                    ),
                    AnyWork::DomaPanDAESWork(work) => {
                        let mut events = work.jobs().iter().flat_map(crate::EventJob::events);
                        (
                            true,
                            events.any(|(_, dependencies)| !dependencies.is_empty()),
                        )
                    }
                    _ => (false, false),
                };
                works.push(Jobs {
                    place: format!("{at}steps.{name}"),
                    task: task_name(work),
                    work,
                    has_jobs,
                    has_dependencies,
                });
            }
            Step::Workflow(inner) => collect(&format!("{at}steps.{name}."), inner, works),
        }
    }
}

impl<'a> Jobs<'a> {
    /// Returns the jobs of the work, which has this position; those that are divided into events as their events.
    pub(super) fn nodes(&self, work: usize) -> Vec<Node<'a>> {
        let task = self.task.unwrap_or_default();
        let plain = |jobs: &'a [Job]| {
            let node = |(index, job): (usize, &'a Job)| {
                // What is there already is not waited for.
                let awaited = job
                    .dependencies()
                    .iter()
                    .filter(|dependency| !dependency.is_available());
                let awaited = awaited.map(|dependency: &Dependency| Awaited {
                    task: dependency.task(),
                    job: dependency.job(),
                    event: None,
                });
                Node {
                    work,
                    index,
                    task,
                    job: job.name(),
                    event: None,
                    after: awaited.collect(),
                }
            };
            jobs.iter().enumerate().map(node).collect()
        };
        match self.work {
            AnyWork::DomaPanDAWork(work) => plain(work.jobs()),
            AnyWork::DomaLSSTWork(work) => plain(work.jobs().unwrap_or_default()),
            AnyWork::DomaPanDAESWork(es) => {
                let jobs = es.jobs().iter().enumerate();
                let nodes = jobs.flat_map(|(index, job)| {
                    job.events().map(move |(event, dependencies)| {
                        let awaited =
                            dependencies
                                .iter()
                                .map(|dependency: &EventDependency| Awaited {
                                    task: dependency.task(),
                                    job: dependency.job(),
                                    event: Some(dependency.event()),
                                });
                        Node {
                            work,
                            index,
                            task,
                            job: job.name(),
                            event: Some(event),
                            after: awaited.collect(),
                        }
                    })
                });
                nodes.collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Node<'_> {
    pub(super) fn place(&self, works: &[Jobs<'_>]) -> String {
        format!("{}.jobs[{}]", works[self.work].place, self.index)
    }
}

impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(event) = self.event {
            write!(f, "event {event} of ")?;
        }
        write!(f, "job {:?}", self.job)
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Dependency, DomaLSSTWork, DomaPanDAESWork, DomaPanDAWork, Error, Event, EventDependency,
        EventJob, Job, Workflow,
    };

    /// A task of jobs, each with what it waits for, as `task/job`.
    fn task(name: &str, jobs: &[(&str, &[&str])]) -> DomaPanDAWork {
        DomaPanDAWork::builder(name)
            .jobs(jobs.iter().map(|(name, after)| job(name, after)))
            .build()
            .expect("a task")
    }

    fn job(name: &str, after: &[&str]) -> Job {
        after.iter().fold(Job::new(name), |job, awaited| {
            let (task, input) = awaited.split_once('/').expect("task/job");
            job.after(Dependency::new(task, input))
        })
    }

    fn said(workflow: crate::WorkflowBuilder) -> String {
        workflow
            .build()
            .expect_err("a problem")
            .to_string()
            .replace("; ", "\n")
    }

    #[test]
    fn jobs_that_wait_for_each_other_are_named() {
        let workflow = Workflow::builder()
            .work(task(
                "a",
                &[("x", &["b/y"]), ("self", &["a/self"]), ("after", &["a/x"])],
            ))
            .work(task(
                "b",
                &[
                    ("y", &["a/x"]),
                    ("p", &["b/q"]),
                    ("q", &["b/r"]),
                    ("r", &["b/p", "a/x"]),
                ],
            ));
        insta::assert_snapshot!(said(workflow), @r#"
        steps.step1.jobs[1]: job "self" of the task "a" waits for itself: it can never start
        steps.step1.jobs[0]: job "x" of the task "a" waits for job "y" of "b", which waits for job "x" of "a": neither can ever start
        steps.step2.jobs[1]: job "p" of the task "b" waits for job "q" of "b", which waits for job "r" of "b", which waits for job "p" of "b": none of them can ever start
        "#);
    }

    #[test]
    fn jobs_that_are_not_there_are_named() {
        let workflow = Workflow::builder()
            .work(task("a", &[("simulate_00", &[])]))
            .work(task("b", &[("y", &["a/simulate_0"]), ("z", &["b/none"])]));
        insta::assert_snapshot!(said(workflow), @r#"
        steps.step2.jobs[0]: job "y" waits for job "simulate_0" of the task "a", which has no such job
        did you mean simulate_00?
        steps.step2.jobs[1]: job "z" waits for job "none" of the task "b", which has no such job
        "#);
    }

    #[test]
    fn events_that_wait_for_each_other_are_named() -> Result<(), Error> {
        let event = |number, after| Event::new(number).after(EventDependency::new("t", "j", after));
        let task = DomaPanDAESWork::builder("t")
            .job(
                EventJob::new("j")
                    .event(event(0, 1))
                    .event(event(1, 0))
                    .event(event(2, 7))
                    .event(event(3, 3)),
            )
            .build()?;
        insta::assert_snapshot!(said(Workflow::builder().work(task)), @r#"
        steps.step1.jobs[0]: event 2 of job "j" waits for event 7 of job "j" of the task "t", which has no such event
        steps.step1.jobs[0]: event 3 of job "j" of the task "t" waits for itself: it can never start
        steps.step1.jobs[0]: event 0 of job "j" of the task "t" waits for event 1 of job "j" of "t", which waits for event 0 of job "j" of "t": neither can ever start
        "#);
        Ok(())
    }

    #[test]
    fn jobs_of_sub_workflows_and_of_the_prototype_count_too() -> Result<(), Error> {
        let old = DomaLSSTWork::builder("old")
            .job(job("j", &["old/j"]))
            .build()?;
        insta::assert_snapshot!(said(Workflow::builder().work(old)), @r#"steps.step1.jobs[0]: job "j" of the task "old" waits for itself: it can never start"#);
        let mut workflow = Workflow::builder();
        workflow.add("outer", task("a", &[("x", &["b/gone"])]));
        workflow.add(
            "sub",
            Workflow::builder().work(task("b", &[("y", &[])])).build()?,
        );
        insta::assert_snapshot!(said(workflow), @r#"steps.outer.jobs[0]: job "x" waits for job "gone" of the task "b", which has no such job"#);
        Ok(())
    }

    #[test]
    fn what_is_available_already_is_not_waited_for() {
        let first = Job::new("x").after(Dependency::new("a", "y").available(true));
        let work = DomaPanDAWork::builder("a")
            .job(first)
            .job(job("y", &["a/x"]))
            .build()
            .expect("a task");
        assert!(Workflow::builder().work(work).build().is_ok());
    }

    #[test]
    fn a_chain_of_many_jobs_is_right_and_its_ring_is_named() {
        let names: Vec<String> = (0..100_000).map(|index| format!("j{index}")).collect();
        let chain = |first: &str| {
            let jobs = names.iter().enumerate().map(|(index, name)| {
                let before = if index == 0 {
                    first
                } else {
                    names[index - 1].as_str()
                };
                if before.is_empty() {
                    Job::new(name)
                } else {
                    Job::new(name).after(Dependency::new("t", before))
                }
            });
            let work = DomaPanDAWork::builder("t")
                .jobs(jobs)
                .build()
                .expect("a task");
            Workflow::builder().work(work).build()
        };
        assert!(chain("").is_ok());
        let error = chain("j99999").expect_err("a ring").to_string();
        let end = r#", and so on over 99991 more, which waits for job "j0" of "t": none of them can ever start"#;
        assert!(error.ends_with(end), "{error}");
        assert!(error.len() < 1000, "{error}");
    }
}
