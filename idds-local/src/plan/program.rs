//! Works of programs: what each becomes, as its class says.

use std::collections::{HashMap, HashSet};

use idds_workflow::{AnyWork, Execution, JobDirectory};

use super::inputs::When;
use super::{Terms, data, inputs};
use crate::state::{Image, Programs, Run};
use crate::store::jobs::NewJob;

/// Most jobs of a work, and of a workflow.
const MAX_JOBS: usize = 1_000_000;

/// What a work becomes: how it is run, the name by which jobs wait for its own, and these.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) run: Run,
    pub(super) task: String,
    pub(super) jobs: Vec<NewJob>,
}

/// Plans a work that is no search.
pub(super) fn plan(work: &AnyWork, terms: &Terms, when: When) -> Result<Planned, String> {
    match work.execution().map_err(|error| error.to_string())? {
        Execution::Programs(programs) => {
            let jobs = inputs::jobs(&programs, terms, when)?;
            if jobs.len() > MAX_JOBS {
                return Err(format!(
                    "it has {} jobs; the embedded server runs at most {MAX_JOBS}",
                    jobs.len()
                ));
            }
            let needs = programs.needs;
            let run = Programs {
                setup: programs.setup,
                own_directory: programs.directory == JobDirectory::Own,
                sandbox: programs.sandbox,
                image: programs.image.map(|name| Image {
                    name,
                    workdir: None,
                }),
                result: programs.result,
                needs_result: programs.needs_result,
                cores: needs.cores,
                memory: needs
                    .memory
                    .map(|memory| (memory.first, memory.offset, memory.step, memory.most)),
                seconds: needs.time.map(|time| time.as_secs_f64()),
                attempts: programs.attempts,
            };
            Ok(Planned {
                run: Run::Programs(run),
                task: programs.task.unwrap_or_default(),
                jobs,
            })
        }
        Execution::Copy(copy) => Ok(Planned {
            run: data::plan(copy, terms)?,
            task: String::new(),
            jobs: Vec::new(),
        }),
        other => Err(format!("the embedded server cannot run it: {other:?}")),
    }
}

/// An output: the name of a task, and that of its job.
type Output = (String, String);

/// What the jobs of all works of a workflow wait for.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// Outputs by their tasks and names: what each waits for, and the work that it is of.
    outputs: HashMap<Output, (Vec<Output>, String)>,
}

impl Waits {
    /// Takes in the jobs of a work.
    pub(super) fn add(&mut self, work: &str, planned: Planned) {
        for job in planned.jobs {
            let key = (planned.task.clone(), job.name);
            self.outputs.insert(key, (job.after, work.to_owned()));
        }
    }

    /// Refuses what can never start: jobs that wait for an output that no job makes, or for each other.
    pub(super) fn check(&self) -> Result<(), String> {
        for ((task, name), (after, work)) in &self.outputs {
            if let Some((other, output)) = after.iter().find(|key| !self.outputs.contains_key(key))
            {
                let known = self.outputs.keys().any(|(task, _)| task == other);
                let what = match known {
                    true => format!("the task {other:?} has no job of that name"),
                    false => format!("no work has the task_name {other:?}"),
                };
                return Err(format!(
                    "work {work}: its job {name:?} of {task:?} waits for {output:?} of {other:?}, which nobody makes: {what}"
                ));
            }
        }
        self.check_order()
    }

    fn check_order(&self) -> Result<(), String> {
        let mut left: HashMap<_, _> = self
            .outputs
            .iter()
            .map(|(key, (after, _))| (key, after.iter().collect::<HashSet<_>>().len()))
            .collect();
        let mut dependents: HashMap<&Output, Vec<&Output>> = HashMap::new();
        for (key, (after, _)) in &self.outputs {
            for output in after.iter().collect::<HashSet<_>>() {
                dependents.entry(output).or_default().push(key);
            }
        }
        let mut free: Vec<_> = left
            .iter()
            .filter(|(_, count)| **count == 0)
            .map(|(key, _)| *key)
            .collect();
        while let Some(key) = free.pop() {
            left.remove(key);
            for dependent in dependents.get(key).into_iter().flatten() {
                if let Some(count) = left.get_mut(*dependent) {
                    *count -= 1;
                    if *count == 0 {
                        free.push(dependent);
                    }
                }
            }
        }
        let Some(mut at) = left.keys().min().copied() else {
            return Ok(());
        };
        // Whoever is left waits for somebody who is left: following that leads into a circle.
        let mut way: Vec<&Output> = Vec::new();
        while !way.contains(&at) {
            way.push(at);
            let after = self.outputs.get(at).map(|(after, _)| after.as_slice());
            let Some(next) = after
                .into_iter()
                .flatten()
                .find(|key| left.contains_key(key))
            else {
                break;
            };
            at = next;
        }
        let circle = way.iter().skip_while(|key| **key != at).chain([&at]);
        let shown: Vec<_> = circle
            .map(|(task, name)| format!("{name:?} of {task:?}"))
            .collect();
        Err(format!(
            "jobs wait for each other, so that none of them ever starts: {}",
            shown.join(" waits for ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(jobs: &[(&str, &[&str])]) -> Waits {
        let key = |name: &&str| ("t".to_owned(), (*name).to_owned());
        let outputs = jobs
            .iter()
            .map(|(name, after)| (key(name), (after.iter().map(key).collect(), "w".to_owned())));
        Waits {
            outputs: outputs.collect(),
        }
    }

    #[test]
    fn jobs_that_wait_for_each_other_are_named() {
        assert_eq!(waits(&[("a", &[]), ("b", &["a"])]).check(), Ok(()));
        assert_eq!(
            waits(&[("a", &["b"]), ("b", &["a"]), ("c", &["a"])])
                .check()
                .as_ref()
                .map_err(String::as_str),
            Err(
                "jobs wait for each other, so that none of them ever starts: \"a\" of \"t\" waits for \"b\" of \"t\" waits for \
                 \"a\" of \"t\""
            )
        );
        assert!(waits(&[("a", &["a"])]).check().is_err());
    }

    #[test]
    fn an_output_that_nobody_makes_is_named() {
        assert_eq!(
            waits(&[("a", &["x"])])
                .check()
                .as_ref()
                .map_err(String::as_str),
            Err(
                "work w: its job \"a\" of \"t\" waits for \"x\" of \"t\", which nobody makes: the task \"t\" has no job of \
                 that name"
            )
        );
    }
}
