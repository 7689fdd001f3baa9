//! Reads the progress of a workflow: the state of every work in every run.

use std::fmt;

use super::DecodeError;
use super::fields::{Fields, Instance, Member as Entry};
use super::workflow::Ids;
use crate::wire::{Member, StepInfo};
use crate::{WorkStatus, WorkloadId};

/// The number of a run, counted from 1: of a loop it goes up. Inside a sub-workflow, the numbers of the runs around it come
/// first.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RunNumber(Vec<u32>);

impl RunNumber {
    /// Returns the numbers, of the outermost workflow first.
    pub fn numbers(&self) -> &[u32] {
        &self.0
    }
}

/// Writes the numbers as the server does, such as `1_2`.
impl fmt::Display for RunNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            write!(f, "{}{number}", if index == 0 { "" } else { "_" })?;
        }
        Ok(())
    }
}

/// What the server says about a work in one run of its workflow.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StepRun {
    /// Which run it is.
    pub run: RunNumber,
    /// State of the work.
    pub status: WorkStatus,
    /// State that the work is to reach.
    pub substatus: WorkStatus,
    /// Whether the work was released.
    pub is_transforming: bool,
    /// Number of the transform that does the work, none before there is one.
    pub work_id: Option<u64>,
    /// Task of the workload system that does the work.
    pub workload_id: Option<WorkloadId>,
    /// Id in another system that does the work.
    pub external_id: Option<String>,
}

/// Reads the runs of a workflow: `runs` are the metadata of each, by number.
pub(super) fn read(
    runs: Vec<Entry<'_>>,
    outer: &RunNumber,
    ids: &Ids<'_>,
    fields: &Fields<'_>,
    steps: &mut [StepInfo],
) -> Result<(), DecodeError> {
    let mut numbered = Vec::with_capacity(runs.len());
    for run in runs {
        let number = run
            .key
            .parse()
            .map_err(|_| DecodeError::new(&run.at, "is not under the number of a run"))?;
        let mut numbers = outer.0.clone();
        numbers.push(number);
        numbered.push((RunNumber(numbers), run));
    }
    numbered.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (number, run) in numbered {
        let metadata = Instance::of(run.value, run.at, fields.budget())?;
        for entry in metadata.attributes.members("works")? {
            let state = Fields::of(entry.value, entry.at, fields.budget())?;
            // The agents may add works that the definition does not have.
            let Some(step) = ids.get(entry.key) else {
                continue;
            };
            match (&step.inner, state.fields("metadata")?) {
                (Some(inner), Some(metadata)) => {
                    read(metadata.members("runs")?, &number, inner, &metadata, steps)?;
                }
                (None, _) => steps[step.index]
                    .runs
                    .push(step_run(&state, number.clone())?),
                (Some(_), None) => {}
            }
        }
    }
    Ok(())
}

impl RunNumber {
    /// The number outside of all runs.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }
}

fn step_run(state: &Fields<'_>, run: RunNumber) -> Result<StepRun, DecodeError> {
    let status = |name| {
        Ok(state
            .read::<Member<_>>(name)?
            .map_or(WorkStatus::New, |Member(status)| status))
    };
    Ok(StepRun {
        run,
        status: status("status")?,
        substatus: status("substatus")?,
        is_transforming: state.or_default("transforming")?,
        work_id: state.read("work_id")?,
        workload_id: state.read("workload_id")?,
        external_id: state.read("external_id")?,
    })
}
