//! The dependency map of a task: its jobs, checked.

use std::collections::{HashMap, HashSet};

use crate::error::Problem;
use crate::literal::Takes;
use crate::{Job, Literal, text};

/// The names of the jobs of a task, of which each may be there once.
pub(super) struct Names<'a> {
    seen: HashSet<&'a str>,
    /// Most characters of a name; no limit where it is null.
    most: &'a Literal,
}

impl<'a> Names<'a> {
    pub(super) fn up_to(most: &'a Literal) -> Self {
        Self {
            seen: HashSet::new(),
            most,
        }
    }

    /// Says what is wrong with the name of the job at this place.
    pub(super) fn check(&mut self, place: &str, name: &'a str, problems: &mut Vec<Problem>) {
        let chars = name.chars().count();
        if chars == 0 {
            problems.push(Problem::new(place, "has no name"));
        } else if !self.seen.insert(name) {
            let message = format!("{name:?} is the name of an earlier job");
            problems.push(Problem::new(place, message));
        }
        if self.most.as_f64().is_some_and(|most| chars as f64 > most) {
            let message = format!(
                "has a name of {chars} characters, above the {} that are allowed",
                self.most
            );
            problems.push(Problem::new(place, message));
        }
    }
}

/// Finds everything that is wrong with the jobs of a task.
pub(crate) fn problems(jobs: &[Job], max_name_length: &Literal) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = Names::up_to(max_name_length);
    for (index, job) in jobs.iter().enumerate() {
        let place = || format!("jobs[{index}]");
        names.check(&place(), job.name(), &mut problems);
        if let Some(problem) = job.order().and_then(|number| Takes::ANY.wrong(number)) {
            problems.push(Problem::new(format!("{}.order_id", place()), problem));
        }
        // The server tells dependencies apart by their two names in a row.
        let mut seen = HashMap::new();
        for dependency in job.dependencies() {
            let (task, input) = (dependency.task(), dependency.job());
            if task.is_empty() || input.is_empty() {
                problems.push(Problem::new(
                    place(),
                    "waits for a job or a task without a name",
                ));
            } else if job.dependencies().len() > 1
                && let Some((other_task, other)) =
                    seen.insert([task, input].concat(), (task, input))
            {
                let message = match other == input {
                    true => format!("waits twice for {input:?} of {task:?}"),
                    false => format!(
                        "waits for {input:?} of {task:?}, which the server takes for {other:?} of {other_task:?}"
                    ),
                };
                problems.push(Problem::new(place(), message));
            }
        }
        for key in job
            .attributes()
            .keys()
            .filter(|key| Job::KEYS.contains(&key.as_str()))
        {
            problems.push(Problem::new(
                place(),
                format!("the attribute {key:?} is one of the job itself"),
            ));
        }
        if text::map_is_python_object(job.attributes()) {
            problems.push(text::python_object(&place()));
        }
    }
    problems
}
