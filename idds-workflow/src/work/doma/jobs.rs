//! The list of jobs of a task as a whole.

use serde::{Deserialize, Serialize};

use crate::Job;

/// The dependency map of a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Jobs {
    /// None was given: the v2 family sends an empty object, v1 sends null.
    #[default]
    Absent,
    /// `None` was given.
    Null,
    /// The jobs, in their order.
    List(Vec<Job>),
}

impl Jobs {
    /// Returns the jobs.
    pub(crate) fn list(&self) -> &[Job] {
        match self {
            Self::Absent | Self::Null => &[],
            Self::List(jobs) => jobs,
        }
    }

    /// Makes it a list, and lends that.
    pub(crate) fn list_mut(&mut self) -> &mut Vec<Job> {
        if !matches!(self, Self::List(_)) {
            *self = Self::List(Vec::new());
        }
        match self {
            Self::List(jobs) => jobs,
            Self::Absent | Self::Null => unreachable!("it has just been made a list"),
        }
    }
}

/// What a task says of the number of its jobs, where that is not their number.
///
/// ```
/// use idds_workflow::{Dependency, DomaPanDAWork, Job, JobCount};
///
/// let job = Job::new("merged").after(Dependency::new("simulate", "s0"));
/// let work = DomaPanDAWork::builder("merge").job(job).counted(JobCount::new(0, 0)).build()?;
/// assert_eq!((work.jobs().len(), work.counted().map(JobCount::jobs)), (1, Some(0)));
/// # Ok::<(), idds_workflow::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct JobCount {
    jobs: u64,
    dependencies: u64,
    tasks: Option<Vec<String>>,
}

impl JobCount {
    /// Counts this many jobs with this many dependencies altogether, on no task.
    pub fn new(jobs: u64, dependencies: u64) -> Self {
        Self {
            jobs,
            dependencies,
            tasks: None,
        }
    }

    /// Sets the tasks that the jobs were found to wait for; `null` is sent by default.
    pub fn tasks<T: Into<String>>(mut self, tasks: impl IntoIterator<Item = T>) -> Self {
        self.tasks = Some(tasks.into_iter().map(Into::into).collect());
        self
    }

    /// Returns the number of jobs, `num_inputs` on the wire.
    pub fn jobs(&self) -> u64 {
        self.jobs
    }

    /// Returns the number of dependencies, `num_dependencies` on the wire.
    pub fn dependencies(&self) -> u64 {
        self.dependencies
    }

    /// Returns the tasks that the jobs were found to wait for, `dependency_tasks` on the wire.
    pub fn dependency_tasks(&self) -> Option<&[String]> {
        self.tasks.as_deref()
    }
}
