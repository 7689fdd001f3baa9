//! Tasks of PanDA that are given job by job, as the Rubin Observatory runs them.

mod event_service;
mod job;
mod map;

use derive_builder::Builder;
use serde_json::{Map, Value};

pub(crate) use self::event_service::EventFiles;
pub use self::job::{Dependency, Job};
use super::base::{Base, collection_settings, common_settings, placement_settings, program_settings};
use crate::error::Problem;
use crate::{Error, text};

/// A task of PanDA whose jobs wait for jobs of other tasks.
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
#[derive(Builder, Clone, Debug, PartialEq)]
#[builder(
    pattern = "owned",
    custom_constructor,
    create_empty = "empty",
    derive(Debug),
    build_fn(private, name = "assemble", error = "Error")
)]
pub struct DomaPanDAWork {
    #[builder(default, setter(custom))]
    pub(crate) base: Base,
    #[builder(default, setter(custom))]
    jobs: Option<Vec<Job>>,
    #[builder(setter(skip))]
    event_files: EventFiles,
    /// Longest name of a job, in characters; 4000 unless set.
    #[builder(default = 4000)]
    max_name_length: u32,
    /// Queue of PanDA that runs the jobs.
    #[builder(default, setter(into, strip_option))]
    task_queue: Option<String>,
    /// Queue to use when there is no task queue.
    #[builder(default, setter(into, strip_option))]
    queue: Option<String>,
    /// Cloud of PanDA that runs the jobs.
    #[builder(default, setter(into, strip_option))]
    task_cloud: Option<String>,
    /// Site that runs the jobs.
    #[builder(default, setter(into, strip_option))]
    task_site: Option<String>,
    /// Processing type of the jobs.
    #[builder(default, setter(into, strip_option))]
    processing_type: Option<String>,
    /// Source label of the jobs; `test` unless set.
    #[builder(default = "test".to_owned(), setter(into))]
    prod_source_label: String,
    /// Type of the task; `lsst` unless set.
    #[builder(default = "lsst".to_owned(), setter(into))]
    task_type: String,
    /// Virtual organisation of the task; `wlcg` unless set.
    #[builder(default = "wlcg".to_owned(), setter(into))]
    vo: String,
    /// Working group of the task; `lsst` unless set.
    #[builder(default = "lsst".to_owned(), setter(into))]
    working_group: String,
    /// Time that a job may take, in seconds; 90000 unless set.
    #[builder(default = 90_000)]
    max_walltime: u32,
    /// Number of times that a job is tried, above 0; 5 unless set.
    #[builder(default = 5)]
    max_attempt: u32,
    /// Number of cores of a job, above 0; 1 unless set.
    #[builder(default = 1)]
    core_count: u32,
    /// Number of times that the task is tried again; 5 unless set.
    #[builder(default = 5)]
    num_retries: u32,
    /// Priority of the jobs, higher ones first; 900 unless set.
    #[builder(default = 900)]
    task_priority: i32,
    /// Memory of a job, in megabytes; 1000 unless set.
    #[builder(default = 1000)]
    task_rss: u32,
    /// Megabytes that a job gets on top when it is tried again; none unless set.
    #[builder(default)]
    task_rss_retry_offset: u32,
    /// Megabytes that are added with every attempt; none unless set.
    #[builder(default)]
    task_rss_retry_step: u32,
    /// Most memory that a job gets, in megabytes; no limit unless set.
    #[builder(default, setter(strip_option))]
    task_rss_max: Option<u32>,
    /// Template of the log files, in the form of a job parameter of JEDI.
    #[builder(default, setter(strip_option))]
    task_log: Option<Map<String, Value>>,
    /// Whether the command line is sent encoded, which protects its quotes; it is not unless set.
    #[builder(default)]
    encode_command_line: bool,
    /// Whether the task uses event service, where several jobs of this map run as the events of one; it does not unless set.
    #[builder(default)]
    es: bool,
    /// Label that the names of event-service files begin with; `None` on the wire unless set.
    #[builder(default, setter(into, strip_option))]
    es_label: Option<String>,
    /// Number of jobs that share an event-service file, above 0; 40 unless set.
    #[builder(default = 40)]
    max_events_per_job: u32,
    /// Whether PanDA is told the names of the jobs; it is not unless set.
    #[builder(default)]
    enable_job_name_map: bool,
}

/// Declares getters of plain values.
macro_rules! getters {
    ($( $(#[$doc:meta])* $name:ident: $kind:ty => |$work:ident| $value:expr; )+) => {
        impl DomaPanDAWork {
            $( $(#[$doc])* pub fn $name(&self) -> $kind { let $work = self; $value } )+
        }
    };
}

getters! {
    /// Returns the jobs, in their order.
    jobs: &[Job] => |work| work.jobs.as_deref().unwrap_or_default();
    /// Returns the longest allowed name of a job, in characters.
    max_name_length: u32 => |work| work.max_name_length;
    /// Returns the queue of PanDA that runs the jobs.
    task_queue: Option<&str> => |work| work.task_queue.as_deref();
    /// Returns the queue to use when there is no task queue.
    queue: Option<&str> => |work| work.queue.as_deref();
    /// Returns the cloud of PanDA that runs the jobs.
    task_cloud: Option<&str> => |work| work.task_cloud.as_deref();
    /// Returns the site that runs the jobs.
    task_site: Option<&str> => |work| work.task_site.as_deref();
    /// Returns the processing type of the jobs.
    processing_type: Option<&str> => |work| work.processing_type.as_deref();
    /// Returns the source label of the jobs.
    prod_source_label: &str => |work| &work.prod_source_label;
    /// Returns the type of the task.
    task_type: &str => |work| &work.task_type;
    /// Returns the virtual organisation of the task.
    vo: &str => |work| &work.vo;
    /// Returns the working group of the task.
    working_group: &str => |work| &work.working_group;
    /// Returns the time that a job may take, in seconds.
    max_walltime: u32 => |work| work.max_walltime;
    /// Returns the number of times that a job is tried.
    max_attempt: u32 => |work| work.max_attempt;
    /// Returns the number of cores of a job.
    core_count: u32 => |work| work.core_count;
    /// Returns the number of times that the task is tried again.
    num_retries: u32 => |work| work.num_retries;
    /// Returns the priority of the jobs.
    task_priority: i32 => |work| work.task_priority;
    /// Returns the memory of a job, in megabytes.
    task_rss: u32 => |work| work.task_rss;
    /// Returns the megabytes that a job gets on top when it is tried again.
    task_rss_retry_offset: u32 => |work| work.task_rss_retry_offset;
    /// Returns the megabytes that are added with every attempt.
    task_rss_retry_step: u32 => |work| work.task_rss_retry_step;
    /// Returns the most memory that a job gets, in megabytes.
    task_rss_max: Option<u32> => |work| work.task_rss_max;
    /// Returns the template of the log files.
    task_log: Option<&Map<String, Value>> => |work| work.task_log.as_ref();
    /// Tells whether the command line is sent encoded.
    encodes_command_line: bool => |work| work.encode_command_line;
    /// Tells whether the task uses event service.
    uses_event_service: bool => |work| work.es;
    /// Returns the label that the names of event-service files begin with.
    es_label: Option<&str> => |work| work.es_label.as_deref();
    /// Returns the number of jobs that share an event-service file.
    max_events_per_job: u32 => |work| work.max_events_per_job;
    /// Tells whether PanDA is told the names of the jobs.
    enables_job_name_map: bool => |work| work.enable_job_name_map;
}

impl DomaPanDAWork {
    /// Starts a task of this name, which jobs of other tasks refer to. It must not be empty when the task has jobs.
    pub fn builder(task_name: impl Into<String>) -> DomaPanDAWorkBuilder {
        DomaPanDAWorkBuilder::empty().task_name(task_name)
    }

    /// Tells whether there is a dependency map at all, be it empty.
    pub(crate) fn has_map(&self) -> bool {
        self.jobs.is_some()
    }

    pub(crate) fn event_files(&self) -> &EventFiles {
        &self.event_files
    }
}

impl DomaPanDAWorkBuilder {
    /// Adds a job.
    pub fn job(mut self, job: Job) -> Self {
        self.jobs.get_or_insert_default().get_or_insert_default().push(job);
        self
    }

    /// Adds jobs.
    pub fn jobs(mut self, jobs: impl IntoIterator<Item = Job>) -> Self {
        self.jobs.get_or_insert_default().get_or_insert_default().extend(jobs);
        self
    }

    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// Names every problem: jobs without a name, with the name of another one or with one that is too long, dependencies
    /// that a job has twice, a task with jobs that has no name, and numbers that must be above 0. With event service, all
    /// jobs need an `order_id`, and those of a group must follow each other without a gap.
    pub fn build(self) -> Result<DomaPanDAWork, Error> {
        let mut work = self.assemble()?;
        let mut problems = work.base.problems();
        if work.task_name().is_none_or(str::is_empty) && !work.jobs().is_empty() {
            problems.push(Problem::new("task_name", "is empty, although the task has jobs"));
        }
        for (field, number) in [("max_attempt", work.max_attempt), ("core_count", work.core_count)] {
            if number == 0 {
                problems.push(Problem::new(field, "0 is not above 0"));
            }
        }
        if work.task_log.as_ref().is_some_and(text::map_is_python_object) {
            problems.push(text::python_object("task_log"));
        }
        problems.extend(map::problems(work.jobs(), work.max_name_length));
        if work.es {
            let label = work.es_label().unwrap_or("None");
            work.event_files = EventFiles::new(work.jobs(), label, work.max_events_per_job, &mut problems);
        }
        Error::unless_empty(problems, work)
    }
}

program_settings!(DomaPanDAWork, DomaPanDAWorkBuilder);
placement_settings!(DomaPanDAWork, DomaPanDAWorkBuilder);
collection_settings!(DomaPanDAWork, DomaPanDAWorkBuilder);
common_settings!(DomaPanDAWork, DomaPanDAWorkBuilder);

/// A task of the first prototype for the Rubin Observatory, from the ATLAS package; [`DomaPanDAWork`] has taken its place.
#[derive(Builder, Clone, Debug, PartialEq)]
#[builder(
    pattern = "owned",
    custom_constructor,
    create_empty = "empty",
    derive(Debug),
    build_fn(private, name = "assemble", error = "Error")
)]
pub struct DomaLSSTWork {
    #[builder(default, setter(custom))]
    pub(crate) base: Base,
    #[builder(default, setter(custom))]
    jobs: Option<Vec<Job>>,
}

impl DomaLSSTWork {
    /// Starts a task of this name.
    pub fn builder(task_name: impl Into<String>) -> DomaLSSTWorkBuilder {
        DomaLSSTWorkBuilder::empty().task_name(task_name)
    }

    /// Returns the jobs, in their order; none when there is no dependency map at all.
    pub fn jobs(&self) -> Option<&[Job]> {
        self.jobs.as_deref()
    }
}

impl DomaLSSTWorkBuilder {
    /// Adds a job. The server wants to know of each whether it was [submitted](Job::submitted).
    pub fn job(mut self, job: Job) -> Self {
        self.jobs.get_or_insert_default().get_or_insert_default().push(job);
        self
    }

    /// Adds jobs.
    pub fn jobs(mut self, jobs: impl IntoIterator<Item = Job>) -> Self {
        self.jobs.get_or_insert_default().get_or_insert_default().extend(jobs);
        self
    }

    /// Checks the values and makes the work.
    ///
    /// # Errors
    ///
    /// Names every job without a name, with the name of another one or with one of more than 4000 characters, every
    /// dependency that a job has twice, and every text that is too long for the server.
    pub fn build(self) -> Result<DomaLSSTWork, Error> {
        let work = self.assemble()?;
        let mut problems = work.base.problems();
        problems.extend(map::problems(work.jobs().unwrap_or_default(), 4000));
        Error::unless_empty(problems, work)
    }
}

program_settings!(DomaLSSTWork, DomaLSSTWorkBuilder);
placement_settings!(DomaLSSTWork, DomaLSSTWorkBuilder);
collection_settings!(DomaLSSTWork, DomaLSSTWorkBuilder);
common_settings!(DomaLSSTWork, DomaLSSTWorkBuilder);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_enough() {
        let work = DomaPanDAWork::builder("task").build().expect("a work");
        assert_eq!((work.task_name(), work.jobs().len(), work.vo()), (Some("task"), 0, "wlcg"));
        assert!(DomaLSSTWork::builder("task").build().is_ok());
    }

    #[test]
    fn every_problem_of_the_jobs_is_named() {
        let error = DomaPanDAWork::builder("")
            .core_count(0)
            .job(Job::new("a").after(Dependency::new("t", "xy")).after(Dependency::new("tx", "y")))
            .job(Job::new("a").attribute("map_id", 1))
            .job(Job::new("b".repeat(4001)).after(Dependency::new("", "x")))
            .job(Job::new("").attribute("o", serde_json::json!({"class": "C", "module": "m", "attributes": {}})))
            .build()
            .expect_err("nine problems");
        insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r#"
        task_name: is empty, although the task has jobs
        core_count: 0 is not above 0
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
        let jobs = [Some(1), Some(1), None, Some(3)].into_iter().enumerate().map(|(index, number)| {
            let job = Job::new(format!("j{index}"));
            match number {
                Some(number) => job.order_id(number),
                None => job,
            }
        });
        let task = DomaPanDAWork::builder("t").jobs(jobs).es(true);
        insta::assert_snapshot!(task.build().expect_err("three problems").to_string().replace("; ", "\n"), @r#"
        jobs[1].order_id: 1 is also that of jobs[0]
        jobs[2].order_id: is missing, which event service needs
        jobs[3].order_id: 3 does not follow 1, the one before it in the group "es_default"
        "#);
        let error = DomaPanDAWork::builder("t").es(true).max_events_per_job(0).build().expect_err("no events");
        insta::assert_snapshot!(error, @"max_events_per_job: 0 is not above 0");
    }
}
