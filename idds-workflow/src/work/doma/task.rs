//! What tasks of PanDA that are given job by job have in common, whatever their class.

use idds_workflow_derive::Settings;
use serde_json::{Map, Value};

use crate::error::Problem;
use crate::wire::decode::Fields as WireFields;
use crate::wire::run::EntryMap;
use crate::wire::{DecodeError, Family, Mode};
use crate::work::base::Base;
use crate::work::fields::{Declared, Fields};
use crate::work::part::Part;
use crate::{Literal, NullableText};

/// Type of a task that is given none, in the v2 family and in v1.
const TASK_TYPES: [&str; 2] = ["lsst", "test"];

/// How PanDA runs a task that is given job by job.
#[derive(Clone, Debug, PartialEq, Settings)]
#[settings(part(HasTask, part_mut()))]
#[wire("poll_panda_jobs_chunk_size": 2000)]
pub struct DomaTask {
    #[setting(skip)]
    pub(super) base: Base,
    /// Longest name of a job, in characters; 4000 by default.
    #[setting(default = 4000.into(), takes = NUMBER, v2, group = JobByJob)]
    #[wire(
        "panda_url": null,
        "panda_url_ssl": null,
        "panda_monitor": null,
        "panda_auth": null,
        "panda_auth_vo": null,
        "panda_config_root": null,
        "pandacache_url": null,
        "panda_verify_host": null,
    )]
    max_name_length: Literal,
    /// Queue of PanDA that runs the jobs.
    #[wire(
        "task_name" => self.name(),
        "orig_task_name" =>? (family == Family::V2).then(|| self.name()),
        "real_task_name": null,
    )]
    task_queue: Option<String>,
    /// Queue to use when there is no task queue.
    queue: Option<String>,
    /// Processing type of the jobs.
    #[setting(wire = "processingType")]
    #[wire("dep_tasks_id_names_map": {})]
    processing_type: Option<String>,
    /// Source label of the jobs; `test` by default.
    #[setting(default = "test".into(), wire = "prodSourceLabel")]
    prod_source_label: NullableText,
    /// Type of the task; `lsst` by default, and `test` in the v1 family.
    #[setting(encode = self.sent_task_type(family), decode = given_task_type(fields)?)]
    task_type: Option<NullableText>,
    /// Time that a job may take, in seconds; 90000 by default.
    #[setting(default = 90_000.into(), takes = ANY, wire = "maxWalltime")]
    max_walltime: Literal,
    /// Number of times that a job is tried, a fraction of which the server drops; 5 by default.
    #[setting(default = 5.into(), takes = POSITIVE, wire = "maxAttempt")]
    max_attempt: Literal,
    /// Number of cores of a job; 1 by default. The server divides the memory by it, unless it is 0.
    #[setting(default = 1.into(), takes = DIVISOR)]
    core_count: Literal,
    /// Template of the log files, in the form of a job parameter of JEDI.
    task_log: Option<Map<String, Value>>,
    /// Whether the command line is sent encoded, which protects its quotes; false by default.
    #[setting(get = encodes_command_line)]
    encode_command_line: bool,
    /// Cloud of PanDA that runs the jobs.
    task_cloud: Option<String>,
    /// Site that runs the jobs.
    task_site: Option<String>,
    /// Memory of a job, in megabytes; 1000 by default.
    #[setting(default = 1000.into(), takes = NUMBER)]
    task_rss: Literal,
    /// Megabytes that a job gets on top when it is tried again; none by default.
    #[setting(default = 0.into(), takes = NUMBER, v2, group = JobByJob)]
    task_rss_retry_offset: Literal,
    /// Megabytes that are added with every attempt; none by default.
    #[setting(default = 0.into(), takes = NUMBER, v2, group = JobByJob)]
    task_rss_retry_step: Literal,
    /// Most memory that a job gets, in megabytes; no limit by default.
    #[setting(default = Literal::Null, takes = ANY, v2, group = JobByJob)]
    task_rss_max: Literal,
    /// Priority of the jobs, higher ones first; 900 by default.
    #[setting(default = 900.into(), takes = ANY)]
    task_priority: Literal,
    /// Virtual organisation of the task; `wlcg` by default.
    #[setting(default = "wlcg".into())]
    vo: NullableText,
    /// Working group of the task; `lsst` by default. The plug-in of the Rubin Observatory gives none.
    #[setting(default = "lsst".into())]
    working_group: NullableText,
    /// Number of times that the task is tried again; 5 by default.
    #[setting(default = 5.into(), takes = ANY)]
    #[wire("retry_number": 0)]
    num_retries: Literal,
}

/// A class of works with a [`DomaTask`].
pub(crate) trait HasTask: Declared<Part = DomaTask> {}

impl<W: Declared<Part = DomaTask>> HasTask for W {}

impl Default for DomaTask {
    fn default() -> Self {
        Self::standard()
    }
}

impl DomaTask {
    /// Returns the name of the task as it is sent.
    pub(super) fn name(&self) -> &str {
        self.base.task_name().unwrap_or_default()
    }

    /// Tells whether something is set that only a task that is given job by job sets.
    pub(super) fn is_of_jobs(&self) -> bool {
        let standard = Self::standard();
        let numbers = |task: &Self| {
            [
                &task.max_name_length,
                &task.task_rss_retry_offset,
                &task.task_rss_retry_step,
                &task.task_rss_max,
            ]
            .map(Literal::clone)
        };
        numbers(self) != numbers(&standard)
    }

    fn sent_task_type(&self, family: Family) -> Option<&str> {
        let [v2, v1] = TASK_TYPES;
        let usual = if family == Family::V2 { v2 } else { v1 };
        self.task_type
            .as_ref()
            .map_or(Some(usual), NullableText::as_text)
    }

    /// Says what is wrong with the settings of a task that has jobs, or none.
    pub(super) fn problems(&self, has_jobs: bool) -> Vec<Problem> {
        let mut problems = self.base.problems();
        if has_jobs && self.name().is_empty() {
            problems.push(Problem::new(
                "task_name",
                "is empty, although the task has jobs",
            ));
        }
        self.check(&mut problems);
        problems
    }
}

impl Part for DomaTask {
    const EXEC_TYPE: &'static str = "panda";

    /// Reads the settings, and the name: it is also that of the work, and the agents append numbers to it.
    fn read(&mut self, fields: &WireFields<'_>) -> Result<(), DecodeError> {
        self.decode(fields)?;
        let task_name = match fields.read::<String>("orig_task_name")? {
            Some(name) => Some(name),
            None => self.base.details.task_name.clone(),
        };
        // The classes write an empty one when there is none, and then the name of the work is its id and not empty too.
        let is_empty = fields.metadata()?.get("work_name") == Some(&Value::from(""));
        self.base.details.task_name = task_name.filter(|name| !name.is_empty() || is_empty);
        Ok(())
    }

    fn write<M: EntryMap>(&self, mode: Mode<'_>, map: &mut M) -> Result<(), M::Error> {
        self.encode(mode, map)
    }

    fn release_inputs_after_submitting(&self) -> bool {
        true
    }

    fn work_name(&self) -> Option<&str> {
        self.base.task_name()
    }

    fn has_task_name(&self) -> bool {
        true
    }

    fn compressed(&self) -> &'static [&'static str] {
        &["_dependency_map"]
    }

    fn site(&self) -> Option<&str> {
        let sites = [self.task_site(), self.task_queue(), self.queue()];
        sites
            .into_iter()
            .flatten()
            .find(|site| !site.is_empty())
            .or(self.task_cloud())
    }
}

/// Reads the type of a task, unless it is a usual one.
fn given_task_type(fields: &WireFields<'_>) -> Result<Option<NullableText>, DecodeError> {
    let is_usual = |name: &NullableText| TASK_TYPES.map(Some).contains(&name.as_text());
    Ok(fields.given("task_type")?.filter(|name| !is_usual(name)))
}
