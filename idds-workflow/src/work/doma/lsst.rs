//! Tasks of the first prototype for the Rubin Observatory.

use idds_workflow_derive::Settings;
use serde_json::{Value, json};

use super::jobs::Jobs;
use super::{Job, decode, map};
use crate::error::Problem;
use crate::neutral::JobForm;
use crate::wire::decode::{Fields as WireFields, Refusal};
use crate::work::base::Base;
use crate::work::builder::Builder;
use crate::work::class::Class;
use crate::{Execution, TransformType, execution};

/// A task of the first prototype for the Rubin Observatory, from the ATLAS package; `doma_panda` has taken its place.
///
/// # In Rust
///
/// [`DomaPanDAWork`](crate::DomaPanDAWork) has taken its place.
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(class(Program, Tag, Collections))]
#[wire("task_name" => self.base.task_name().unwrap_or_default())]
pub struct DomaLSSTWork {
    base: Base,
    /// Jobs, in their order.
    #[setting(form = Vec<JobForm>, wire = "dependency_map", decode = none, set = none)]
    #[wire("pandamonitor": null)]
    jobs: Option<Vec<Job>>,
}

impl DomaLSSTWork {
    /// Starts a task of this name.
    pub fn builder(task_name: impl Into<String>) -> DomaLSSTWorkBuilder {
        Builder::new().task_name(task_name)
    }
}

impl Builder<DomaLSSTWork> {
    /// Adds a job. The server wants to know of each whether it was [submitted](Job::submitted).
    pub fn job(self, job: Job) -> Self {
        self.jobs([job])
    }

    /// Adds jobs.
    pub fn jobs(mut self, jobs: impl IntoIterator<Item = Job>) -> Self {
        self.work.jobs.get_or_insert_default().extend(jobs);
        self
    }
}

impl Class for DomaLSSTWork {
    const TYPE: &'static str = "doma_lsst";
    const SCHEMA: &'static str = "DomaLsstWork";
    const MODULE: Option<&'static str> = Some("idds.atlas.workflowv2.atlasdagwork");
    const EXEC_TYPE: &'static str = "panda";
    const TAG: Option<&'static str> = Some("lsst");

    fn example() -> Value {
        json!({
            "type": "doma_lsst",
            "task_name": "simulate",
            "executable": "simulate.sh",
            "jobs": [{ "name": "simulate_00", "submitted": false }]
        })
    }

    fn work_type(&self) -> Option<TransformType> {
        Some(TransformType::Processing)
    }

    fn finish(&mut self) -> Vec<Problem> {
        let mut problems = self.base.problems();
        problems.extend(map::problems(self.jobs().unwrap_or_default(), &4000.into()));
        problems
    }

    fn read_own(&mut self, fields: &WireFields<'_>) -> Result<(), Refusal> {
        self.jobs = match decode::jobs(fields, "dependency_map", false)? {
            Jobs::List(jobs) => Some(jobs),
            Jobs::Absent | Jobs::Null => None,
        };
        Ok(())
    }

    fn has_task_name(&self) -> bool {
        true
    }

    fn execution(&self) -> Result<Execution, Problem> {
        let after = |job: &Job| {
            let outputs = job.dependencies().iter();
            outputs
                .map(|output| (output.task().to_owned(), output.job().to_owned()))
                .collect()
        };
        let jobs = self.jobs().unwrap_or_default().iter();
        execution::doma(
            &self.base,
            None,
            jobs.map(|job| (job.name().to_owned(), after(job))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_enough() {
        let work = DomaLSSTWork::builder("task").build().expect("a work");
        assert_eq!((work.task_name(), work.jobs()), (Some("task"), None));
    }
}
