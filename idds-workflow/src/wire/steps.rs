//! Workflows that are too big for one request.

use std::collections::HashSet;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::object::{Maps, Part};
use super::submission::Submission;
use super::zip::Zipped;
use crate::error::Problem;
use crate::work::DependencyMap;
use crate::{AnyWork, DomaPanDAWork, Error, Step, Workflow};

/// A submission in several requests: the dependency maps of its tasks come first, then the workflow without them.
///
/// The requests have to be made one after the other. The server answers each of the [`uploads`](Self::uploads) with the request
/// id 0; any other answer means that it did not keep the maps, and that the workflow must not be submitted.
///
/// ```
/// use idds_workflow::{DomaPanDAWork, Job, Stamp, Workflow, wire};
///
/// let jobs = (0..1000).map(|n| Job::new(format!("simulate_{n}")));
/// let workflow = Workflow::builder().work(DomaPanDAWork::builder("simulate").jobs(jobs).build()?).build()?;
///
/// let stamp = Stamp::new("2024-03-05T06:07:08Z".parse()?, 1);
/// let steps = wire::Submission::new(&workflow, &stamp).in_steps(5000)?;
/// let bodies: Vec<_> = steps.uploads().map(|upload| serde_json::to_string(&upload)).collect::<Result<_, _>>()?;
/// let last = serde_json::to_string(steps.submission())?;
/// assert_eq!((bodies.len(), last.contains(r#""with_steps":true"#)), (1, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Steps<'a> {
    submission: Submission<'a>,
    /// A workflow without steps, under the same name and for the same user.
    header: Workflow,
    batches: Vec<Vec<&'a DomaPanDAWork>>,
}

/// The body of a request with dependency maps, for `POST /request`.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    steps: &'a Steps<'a>,
    index: usize,
}

impl<'a> Submission<'a> {
    /// Splits the submission when its body would be longer than `max_length` bytes; the Python client takes 400 000 000.
    ///
    /// Maps are packed into one request as long as their compressed texts have at most that length together, so a single map
    /// can still be longer. Only works of the class [`DomaPanDAWork`] have something to send ahead: the server has no file for the events of a
    /// [`DomaPanDAESWork`](crate::DomaPanDAESWork), which stay in the workflow as with Python. The submission of a build
    /// is never split.
    ///
    /// # Errors
    ///
    /// When a workflow that has to be split has sub-workflows, which the server cannot put together again, or when two of its
    /// tasks with jobs have the same name.
    pub fn in_steps(self, max_length: usize) -> Result<Steps<'a>, Error> {
        let workflow = self.encoded().workflow();
        let header = workflow.without_steps(self.encoded().name().into_owned())?;
        if self.is_of_build() || length(|counter| self.write_json(counter)) <= max_length {
            return Ok(Steps {
                submission: self,
                header,
                batches: Vec::new(),
            });
        }
        let mut problems = Vec::new();
        let mut batches: Vec<Vec<_>> = Vec::new();
        let mut room = 0;
        let mut names = HashSet::new();
        for (name, step) in workflow.steps() {
            let place = || format!("steps.{name}");
            let task = match step {
                Step::Work(AnyWork::DomaPanDAWork(task)) => &**task,
                Step::Work(_) => continue,
                Step::Workflow(_) => {
                    let message = "is a sub-workflow, which a workflow that is too big for one request cannot have";
                    problems.push(Problem::new(place(), message));
                    continue;
                }
            };
            let task_name = task.task_name().unwrap_or_default();
            if !names.insert(task_name) {
                let message = format!(
                    "the task {task_name:?} is there twice, and only one of the maps would arrive"
                );
                problems.push(Problem::new(place(), message));
            }
            let length =
                length(|counter| serde_json::to_writer(counter, &Zipped(DependencyMap(task))));
            match batches.last_mut() {
                Some(batch) if length <= room => {
                    batch.push(task);
                    room -= length;
                }
                _ => {
                    batches.push(vec![task]);
                    room = max_length.saturating_sub(length);
                }
            }
        }
        let submission = self.with_part(Part::WithoutMaps);
        Error::unless_empty(
            problems,
            Steps {
                submission,
                header,
                batches,
            },
        )
    }
}

impl Steps<'_> {
    /// Returns the bodies of the requests that come first; none when the workflow fits into one.
    pub fn uploads(&self) -> impl ExactSizeIterator<Item = Upload<'_>> {
        (0..self.batches.len()).map(|index| Upload { steps: self, index })
    }

    /// Returns the body of the last request, the workflow itself.
    pub fn submission(&self) -> &Submission<'_> {
        &self.submission
    }
}

impl Serialize for Upload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            steps:
                Steps {
                    submission,
                    header,
                    batches,
                },
            index,
        } = *self;
        let workflow = submission.encoded().workflow();
        let tasks = batches.get(index).map(Vec::as_slice).unwrap_or_default();
        let template_id = workflow.id_count() + index as u32;
        let part = Part::Maps(Maps {
            tasks,
            template_id,
            workload_id: workflow.workload_id(),
        });
        submission.upload(header, part).serialize(serializer)
    }
}

/// Returns the length of what is written, in bytes. What cannot be written fails when it is written in earnest.
fn length(write: impl FnOnce(&mut Counter) -> serde_json::Result<()>) -> usize {
    let mut counter = Counter(0);
    _ = write(&mut counter);
    counter.0
}

struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Job, Stamp};

    fn stamp() -> Stamp {
        Stamp::new("2024-03-05T06:07:08Z".parse().expect("a time"), 1)
    }

    fn task(name: &str) -> DomaPanDAWork {
        let jobs = (0..10).map(|number| Job::new(format!("{name}{number}")));
        DomaPanDAWork::builder(name)
            .jobs(jobs)
            .build()
            .expect("a task")
    }

    #[test]
    fn a_short_workflow_is_sent_at_once() {
        let workflow = Workflow::builder()
            .work(task("a"))
            .build()
            .expect("a workflow");
        let stamp = stamp();
        let steps = Submission::new(&workflow, &stamp)
            .in_steps(1_000_000)
            .expect("one step");
        let whole = serde_json::to_value(Submission::new(&workflow, &stamp)).expect("JSON");
        assert_eq!(
            (
                steps.uploads().len(),
                serde_json::to_value(steps.submission()).expect("JSON")
            ),
            (0, whole)
        );
    }

    #[test]
    fn sub_workflows_and_equal_names_cannot_be_split() {
        let inner = Workflow::builder()
            .work(task("a"))
            .build()
            .expect("a workflow");
        let mut workflow = Workflow::builder();
        workflow.add("inner", inner);
        workflow.add("one", task("b"));
        workflow.add("two", task("b"));
        let workflow = workflow.build().expect("a workflow");
        let error = Submission::new(&workflow, &stamp())
            .in_steps(1)
            .expect_err("two problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r#"
        steps.inner: is a sub-workflow, which a workflow that is too big for one request cannot have
        steps.two: the task "b" is there twice, and only one of the maps would arrive
        "#);
    }
}
