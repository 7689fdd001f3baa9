//! Tasks of PanDA that are given job by job, as the Rubin Observatory runs them.

mod decode;
mod encode;
mod event_service;
mod events;
mod job;
mod jobs;
mod lsst;
mod map;
mod task;

use idds_workflow_derive::Settings;
use indexmap::IndexSet;
use serde_json::{Value, json};

pub(crate) use self::encode::{DependencyMap, STORAGE};
use self::encode::{Files, SentMap};
use self::event_service::EventFiles;
pub use self::events::{DomaPanDAESWork, DomaPanDAESWorkBuilder, Event, EventDependency, EventJob};
pub use self::job::{Dependency, Job};
pub use self::jobs::JobCount;
pub(crate) use self::jobs::Jobs;
pub use self::lsst::{DomaLSSTWork, DomaLSSTWorkBuilder};
pub use self::task::DomaTask;
pub(crate) use super::builder::Builder;
use super::class::Class;
use super::fields::Fields as _;
use super::part::Part as _;
use crate::error::Problem;
use crate::neutral::{CountForm, JobForm};
use crate::wire::decode::{Fields as WireFields, Refusal};
use crate::wire::run::{EntryMap, entries};
use crate::wire::{Family, Mode};
use crate::{Execution, Literal, TransformType, execution};

/// A task of PanDA whose jobs wait for jobs of other tasks.
///
/// # Jobs
///
/// Every job has a name, which other jobs refer to together with the name of the task. A job is released as soon as all jobs
/// are done that it waits for, whatever the other jobs of those tasks do.
///
/// ```
/// use idds_workflow::{Dependency, DomaPanDAWork, Job, Workflow};
///
/// let simulate = DomaPanDAWork::builder("simulate").executable("simulate.sh").jobs((0..3).map(|n| Job::new(format!("s{n}"))));
/// let merge = Job::new("merged").after(Dependency::new("simulate", "s0")).after(Dependency::new("simulate", "s1"));
/// let merge = DomaPanDAWork::builder("merge").executable("merge.sh").job(merge);
/// let workflow = Workflow::builder().work(simulate.build()?).work(merge.build()?).build()?;
/// assert_eq!(workflow.steps().count(), 2);
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program, Tag, Collections, JobByJob))]
#[wire(
    "_dependency_map" => SentMap { work: self, is_aside },
    "dependency_map_deleted": [],
    "input_dependency_coll_ids": [],
    "additional_task_parameters": {},
    "additional_task_parameters_per_site": {},
    "max_dependency_map_length" => 10_000_000,
    "dependency_map_dir": "/tmp/idds",
    "core_to_queues": {},
)]
pub struct DomaPanDAWork {
    /// Jobs, in their order. A task that has jobs needs a `task_name`. Null is what Python sends for
    /// `dependency_map=None`, and means the same as no jobs.
    #[setting(form = Option<Vec<JobForm>>, wire = none, set = none, get = none)]
    jobs: Jobs,
    /// What the server is told of the number of jobs; the truth by default. Python counts when a dependency map is
    /// assigned, and not again when jobs are appended to it.
    #[setting(form = CountForm, wire = none)]
    counted: Option<Box<JobCount>>,
    /// Whether the task uses event service, where several jobs run as the events of one; false by default.
    #[setting(v2, get = uses_event_service)]
    #[wire("dependency_tasks" => self.awaited_tasks())]
    es: bool,
    /// Label that the names of event-service files begin with.
    #[setting(v2)]
    es_label: Option<String>,
    /// Number of jobs that share an event-service file, above 0 for event service; 40 by default.
    #[setting(v2, default = 40.into(), takes = ANY)]
    max_events_per_job: Literal,
    /// Whether PanDA is told the names of the jobs; false by default.
    #[setting(v2, get = enables_job_name_map)]
    #[wire("es_files" => Files(&self.event_files))]
    enable_job_name_map: bool,
    #[setting(skip)]
    event_files: EventFiles,
    #[setting(part)]
    task: DomaTask,
}

impl DomaPanDAWork {
    /// Starts a task of this name, which jobs of other tasks refer to. It must not be empty when the task has jobs.
    ///
    /// The work is refused when jobs have no name, that of another one or one that is too long, or a dependency twice. With
    /// event service, all jobs need an `order_id`, and those of a group must follow each other without a gap.
    pub fn builder(task_name: impl Into<String>) -> DomaPanDAWorkBuilder {
        Builder::new().task_name(task_name)
    }

    /// Returns the jobs, in their order.
    pub fn jobs(&self) -> &[Job] {
        self.jobs.list()
    }

    /// Tells whether there is a list of jobs at all, be it empty.
    pub(crate) fn has_map(&self) -> bool {
        matches!(self.jobs, Jobs::List(_))
    }

    /// Returns the tasks that the jobs wait for, as the server is told.
    fn awaited_tasks(&self) -> Option<IndexSet<&str>> {
        match self.counted() {
            Some(count) => count
                .dependency_tasks()
                .map(|tasks| tasks.iter().map(String::as_str).collect()),
            None => (!self.jobs().is_empty()).then(|| encode::tasks(self.jobs())),
        }
    }
}

impl Builder<DomaPanDAWork> {
    /// Adds a job.
    pub fn job(mut self, job: Job) -> Self {
        self.work.jobs.list_mut().push(job);
        self
    }

    /// Adds jobs.
    pub fn jobs(mut self, jobs: impl IntoIterator<Item = Job>) -> Self {
        self.work.jobs.list_mut().extend(jobs);
        self
    }

    /// Sends `null` in the place of the jobs, as Python does for `dependency_map=None`; an empty object by default.
    pub fn null_jobs(mut self) -> Self {
        self.work.jobs = Jobs::Null;
        self
    }
}

impl Class for DomaPanDAWork {
    const TYPE: &'static str = "doma_panda";
    const SCHEMA: &'static str = "DomaPandaWork";
    const MODULE: Option<&'static str> = Some("idds.doma.workflowv2.domapandawork");
    const TAG: Option<&'static str> = Some("lsst");
    const FURTHER: &'static [&'static str] = &["dependency_map", "_es_dependency_map"];

    fn example() -> Value {
        json!({
            "type": "doma_panda",
            "task_name": "merge",
            "executable": "merge.sh ${IN/L}",
            "jobs": [
                { "name": "merge_00", "after": [{ "task": "simulate", "job": "simulate_00" }] },
                { "name": "merge_01", "order_id": 1, "attributes": { "band": "r" } }
            ],
            "task_queue": "SLAC_Rubin",
            "task_priority": -5
        })
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::Processing)
    }

    fn finish(&mut self) -> Vec<Problem> {
        let mut problems = self.task.problems(!self.jobs().is_empty());
        problems.extend(map::problems(self.jobs(), self.max_name_length()));
        self.event_files = match self.es {
            true => {
                let label = self.es_label().unwrap_or("None");
                EventFiles::new(self.jobs(), label, &self.max_events_per_job, &mut problems)
            }
            false => EventFiles::default(),
        };
        problems
    }

    fn read_own(&mut self, fields: &WireFields<'_>) -> Result<(), Refusal> {
        self.decode(fields)?;
        self.task.read(fields)?;
        let is_v2 = fields.get("_dependency_map").is_some();
        self.jobs = decode::jobs(
            fields,
            if is_v2 {
                "_dependency_map"
            } else {
                "dependency_map"
            },
            self.es,
        )?;
        self.counted = decode::counted(fields, self.jobs.list())?.map(Box::new);
        Ok(())
    }

    fn write_own<M: EntryMap>(&self, mode: Mode<'_>, map: &mut M) -> Result<(), M::Error> {
        self.task.encode(mode, map)?;
        match mode.family {
            Family::V2 => self.encode(mode, map)?,
            Family::V1 => entries!(map;
                "dependency_map" => self.has_map().then_some(self.jobs()),
                "dependency_map_deleted": [],
                "dependency_tasks": null,
            ),
        }
        Ok(())
    }

    fn write_own_metadata<M: EntryMap>(&self, family: Family, map: &mut M) -> Result<(), M::Error> {
        if family == Family::V1 {
            return Ok(());
        }
        match self.counted() {
            Some(count) => {
                entries!(map; "num_inputs" => count.jobs(), "num_dependencies" => count.dependencies());
            }
            None => {
                let dependencies = self.jobs().iter().map(|job| job.dependencies().len());
                entries!(map; "num_inputs" => self.jobs().len(), "num_dependencies" => dependencies.sum::<usize>());
            }
        }
        Ok(())
    }

    fn execution(&self) -> Result<Execution, Problem> {
        let after = |job: &Job| {
            let outputs = job.dependencies().iter();
            outputs
                .map(|output| (output.task().to_owned(), output.job().to_owned()))
                .collect()
        };
        let jobs = self.jobs().iter();
        execution::doma(
            &self.task.base,
            Some(&self.task),
            jobs.map(|job| (job.name().to_owned(), after(job))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_enough() {
        let work = DomaPanDAWork::builder("task").build().expect("a work");
        assert_eq!(
            (work.task_name(), work.jobs().len(), work.vo()),
            (Some("task"), 0, Some("wlcg"))
        );
    }

    #[test]
    fn every_problem_of_the_jobs_is_named() {
        let error = DomaPanDAWork::builder("")
            .core_count(-1)
            .job(
                Job::new("a")
                    .after(Dependency::new("t", "xy"))
                    .after(Dependency::new("tx", "y")),
            )
            .job(Job::new("a").attribute("map_id", 1))
            .job(Job::new("b".repeat(4001)).after(Dependency::new("", "x")))
            .job(Job::new("").attribute(
                "o",
                serde_json::json!({"class": "C", "module": "m", "attributes": {}}),
            ))
            .build()
            .expect_err("nine problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r#"
        task_name: is empty, although the task has jobs
        core_count: -1 is below 0
        jobs[0]: waits for "y" of "tx", which the server takes for "xy" of "t"
        jobs[1]: "a" is the name of an earlier job
        jobs[1]: the attribute "map_id" is one of the job itself
        jobs[2]: has a name of 4001 characters, above the 4000 that are allowed
        jobs[2]: waits for a job or a task without a name
        jobs[3]: has no name
        jobs[3]: an object with class, module and attributes would become a Python object on the server
        "#);
    }

    #[test]
    fn event_service_needs_numbers_without_gaps() {
        let jobs = [Some(1), Some(1), None, Some(3)]
            .into_iter()
            .enumerate()
            .map(|(index, number)| {
                let job = Job::new(format!("j{index}"));
                match number {
                    Some(number) => job.order_id(number),
                    None => job,
                }
            });
        let task = DomaPanDAWork::builder("t").jobs(jobs).es(true);
        insta::assert_snapshot!(task.build().expect_err("three problems").to_string().replace("; ", "\n"), @r#"
        jobs[1].order_id: 1 is also that of jobs[0]
        jobs[2].order_id: is missing or no whole number, which event service needs
        jobs[3].order_id: 3 does not follow 1, the one before it in the group "es_default"
        "#);
        let error = DomaPanDAWork::builder("t")
            .es(true)
            .max_events_per_job(0)
            .build()
            .expect_err("no events");
        insta::assert_snapshot!(error, @"max_events_per_job: 0 is not a whole number above 0, which event service needs");
    }
}
