//! What tasks of PanDA that are given job by job have in common, whatever their class.

use serde_json::{Map, Value};

use crate::error::Problem;
use crate::literal::Takes;
use crate::{Literal, NullableText, text};

/// The settings of a task: those of all classes, then those that only [`DomaPanDAWork`](crate::DomaPanDAWork) has setters for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Task {
    pub(crate) task_queue: Option<String>,
    pub(crate) queue: Option<String>,
    pub(crate) task_cloud: Option<String>,
    pub(crate) task_site: Option<String>,
    pub(crate) processing_type: Option<String>,
    pub(crate) prod_source_label: NullableText,
    pub(crate) task_type: Option<NullableText>,
    pub(crate) vo: NullableText,
    pub(crate) working_group: NullableText,
    pub(crate) max_walltime: Literal,
    pub(crate) max_attempt: Literal,
    pub(crate) core_count: Literal,
    pub(crate) num_retries: Literal,
    pub(crate) task_priority: Literal,
    pub(crate) task_rss: Literal,
    pub(crate) task_log: Option<Map<String, Value>>,
    pub(crate) encode_command_line: bool,
    pub(crate) max_name_length: Literal,
    pub(crate) task_rss_retry_offset: Literal,
    pub(crate) task_rss_retry_step: Literal,
    pub(crate) task_rss_max: Literal,
    pub(crate) es: bool,
    pub(crate) es_label: Option<String>,
    pub(crate) max_events_per_job: u32,
    pub(crate) enable_job_name_map: bool,
}

impl Default for Task {
    fn default() -> Self {
        Self {
            task_queue: None,
            queue: None,
            task_cloud: None,
            task_site: None,
            processing_type: None,
            prod_source_label: "test".into(),
            task_type: None,
            vo: "wlcg".into(),
            working_group: "lsst".into(),
            max_walltime: 90_000.into(),
            max_attempt: 5.into(),
            core_count: 1.into(),
            num_retries: 5.into(),
            task_priority: 900.into(),
            task_rss: 1000.into(),
            task_log: None,
            encode_command_line: false,
            max_name_length: 4000.into(),
            task_rss_retry_offset: 0.into(),
            task_rss_retry_step: 0.into(),
            task_rss_max: Literal::Null,
            es: false,
            es_label: None,
            max_events_per_job: 40,
            enable_job_name_map: false,
        }
    }
}

impl Task {
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let numbers = [
            ("max_walltime", &self.max_walltime, Takes::WHOLE),
            ("max_attempt", &self.max_attempt, Takes::POSITIVE),
            ("core_count", &self.core_count, Takes::DIVISOR),
            ("num_retries", &self.num_retries, Takes::WHOLE),
            ("task_priority", &self.task_priority, Takes::ANY),
            ("task_rss", &self.task_rss, Takes::NUMBER),
            ("max_name_length", &self.max_name_length, Takes::LIMIT),
            ("task_rss_retry_offset", &self.task_rss_retry_offset, Takes::NUMBER),
            ("task_rss_retry_step", &self.task_rss_retry_step, Takes::NUMBER),
            ("task_rss_max", &self.task_rss_max, Takes::ANY),
        ];
        let wrong = numbers.into_iter().filter_map(|(field, number, takes)| takes.problem(field, number));
        let mut problems: Vec<_> = wrong.collect();
        if self.task_log.as_ref().is_some_and(text::map_is_python_object) {
            problems.push(text::python_object("task_log"));
        }
        problems
    }
}

/// Setters and getters of how PanDA runs a task, for a builder with the field `task` and its work.
macro_rules! task_settings {
    ($work:ident, $builder:ident) => {
        impl $builder {
            /// Sets the queue of PanDA that runs the jobs.
            pub fn task_queue(mut self, task_queue: impl Into<String>) -> Self {
                self.task.get_or_insert_default().task_queue = Some(task_queue.into());
                self
            }

            /// Sets the queue to use when there is no task queue.
            pub fn queue(mut self, queue: impl Into<String>) -> Self {
                self.task.get_or_insert_default().queue = Some(queue.into());
                self
            }

            /// Sets the cloud of PanDA that runs the jobs.
            pub fn task_cloud(mut self, task_cloud: impl Into<String>) -> Self {
                self.task.get_or_insert_default().task_cloud = Some(task_cloud.into());
                self
            }

            /// Sets the site that runs the jobs.
            pub fn task_site(mut self, task_site: impl Into<String>) -> Self {
                self.task.get_or_insert_default().task_site = Some(task_site.into());
                self
            }

            /// Sets the processing type of the jobs.
            pub fn processing_type(mut self, processing_type: impl Into<String>) -> Self {
                self.task.get_or_insert_default().processing_type = Some(processing_type.into());
                self
            }

            /// Sets the source label of the jobs; `test` unless set.
            pub fn prod_source_label(mut self, prod_source_label: impl Into<$crate::NullableText>) -> Self {
                self.task.get_or_insert_default().prod_source_label = prod_source_label.into();
                self
            }

            /// Sets the type of the task; `lsst` unless set, and `test` in the v1 family.
            pub fn task_type(mut self, task_type: impl Into<$crate::NullableText>) -> Self {
                self.task.get_or_insert_default().task_type = Some(task_type.into());
                self
            }

            /// Sets the virtual organisation of the task; `wlcg` unless set.
            pub fn vo(mut self, vo: impl Into<$crate::NullableText>) -> Self {
                self.task.get_or_insert_default().vo = vo.into();
                self
            }

            /// Sets the working group of the task; `lsst` unless set. The plug-in of the Rubin Observatory gives none.
            pub fn working_group(mut self, working_group: impl Into<$crate::NullableText>) -> Self {
                self.task.get_or_insert_default().working_group = working_group.into();
                self
            }

            /// Sets the time that a job may take, in seconds; 90000 unless set.
            pub fn max_walltime(mut self, max_walltime: impl Into<$crate::Literal>) -> Self {
                self.task.get_or_insert_default().max_walltime = max_walltime.into();
                self
            }

            /// Sets the number of times that a job is tried, above 0; 5 unless set.
            pub fn max_attempt(mut self, max_attempt: impl Into<$crate::Literal>) -> Self {
                self.task.get_or_insert_default().max_attempt = max_attempt.into();
                self
            }

            /// Sets the number of cores of a job, above 0; 1 unless set.
            pub fn core_count(mut self, core_count: impl Into<$crate::Literal>) -> Self {
                self.task.get_or_insert_default().core_count = core_count.into();
                self
            }

            /// Sets the number of times that the task is tried again; 5 unless set.
            pub fn num_retries(mut self, num_retries: impl Into<$crate::Literal>) -> Self {
                self.task.get_or_insert_default().num_retries = num_retries.into();
                self
            }

            /// Sets the priority of the jobs, higher ones first; 900 unless set.
            pub fn task_priority(mut self, task_priority: impl Into<$crate::Literal>) -> Self {
                self.task.get_or_insert_default().task_priority = task_priority.into();
                self
            }

            /// Sets the memory of a job, in megabytes; 1000 unless set.
            pub fn task_rss(mut self, task_rss: impl Into<$crate::Literal>) -> Self {
                self.task.get_or_insert_default().task_rss = task_rss.into();
                self
            }

            /// Sets the template of the log files, in the form of a job parameter of JEDI.
            pub fn task_log(mut self, task_log: serde_json::Map<String, serde_json::Value>) -> Self {
                self.task.get_or_insert_default().task_log = Some(task_log);
                self
            }

            /// Says whether the command line is sent encoded, which protects its quotes; it is not unless set.
            pub fn encode_command_line(mut self, encode_command_line: bool) -> Self {
                self.task.get_or_insert_default().encode_command_line = encode_command_line;
                self
            }

            /// Sets all settings at once, as they were read.
            pub(crate) fn task(mut self, task: $crate::work::doma::Task) -> Self {
                self.task = Some(task);
                self
            }
        }

        impl $work {
            /// Returns the queue of PanDA that runs the jobs.
            pub fn task_queue(&self) -> Option<&str> {
                self.task.task_queue.as_deref()
            }

            /// Returns the queue to use when there is no task queue.
            pub fn queue(&self) -> Option<&str> {
                self.task.queue.as_deref()
            }

            /// Returns the cloud of PanDA that runs the jobs.
            pub fn task_cloud(&self) -> Option<&str> {
                self.task.task_cloud.as_deref()
            }

            /// Returns the site that runs the jobs.
            pub fn task_site(&self) -> Option<&str> {
                self.task.task_site.as_deref()
            }

            /// Returns the processing type of the jobs.
            pub fn processing_type(&self) -> Option<&str> {
                self.task.processing_type.as_deref()
            }

            /// Returns the source label of the jobs.
            pub fn prod_source_label(&self) -> Option<&str> {
                self.task.prod_source_label.as_text()
            }

            /// Returns the type of the task, when one is set.
            pub fn task_type(&self) -> Option<&str> {
                self.task.task_type.as_ref().and_then($crate::NullableText::as_text)
            }

            /// Returns the virtual organisation of the task.
            pub fn vo(&self) -> Option<&str> {
                self.task.vo.as_text()
            }

            /// Returns the working group of the task.
            pub fn working_group(&self) -> Option<&str> {
                self.task.working_group.as_text()
            }

            /// Returns the time that a job may take, in seconds.
            pub fn max_walltime(&self) -> &$crate::Literal {
                &self.task.max_walltime
            }

            /// Returns the number of times that a job is tried.
            pub fn max_attempt(&self) -> &$crate::Literal {
                &self.task.max_attempt
            }

            /// Returns the number of cores of a job.
            pub fn core_count(&self) -> &$crate::Literal {
                &self.task.core_count
            }

            /// Returns the number of times that the task is tried again.
            pub fn num_retries(&self) -> &$crate::Literal {
                &self.task.num_retries
            }

            /// Returns the priority of the jobs.
            pub fn task_priority(&self) -> &$crate::Literal {
                &self.task.task_priority
            }

            /// Returns the memory of a job, in megabytes.
            pub fn task_rss(&self) -> &$crate::Literal {
                &self.task.task_rss
            }

            /// Returns the template of the log files.
            pub fn task_log(&self) -> Option<&serde_json::Map<String, serde_json::Value>> {
                self.task.task_log.as_ref()
            }

            /// Tells whether the command line is sent encoded.
            pub fn encodes_command_line(&self) -> bool {
                self.task.encode_command_line
            }
        }
    };
}
pub(crate) use task_settings;
