//! Tasks of PanDA that are given job by job.

use super::*;
use crate::work::{Jobs, Task};
use crate::{
    Dependency, DomaLSSTWork, DomaPanDAESWork, DomaPanDAWork, DomaPanDAWorkBuilder, Event, EventDependency, EventJob,
    Job, JobCount,
};

/// A job of a task.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a job")]
#[schemars(rename = "Job")]
struct JobForm {
    /// Name of the job, and of its output.
    #[schemars(length(min = 1))]
    name: String,
    /// Number of the job in its task. Event service needs it.
    #[serde(default, skip_serializing_if = "Given::is_absent")]
    order_id: Given<Amount<Int>>,
    /// Group that the job shares event-service files with.
    #[serde(default, skip_serializing_if = "Given::is_absent")]
    group: Given<NullableText>,
    /// Whether the job has been submitted; works of type `doma_lsst` need it.
    #[serde(default, skip_serializing_if = "Given::is_absent")]
    submitted: Given<Option<bool>>,
    /// What the job waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    after: Vec<DependencyForm>,
    /// Values of the user's own, which the server keeps with the job.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(schema_with = "job_attributes")]
    attributes: Map<String, Value>,
}

/// The output of a job that another job waits for.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a dependency")]
#[schemars(rename = "Dependency")]
struct DependencyForm {
    /// Name of the task of the job.
    #[schemars(length(min = 1))]
    task: String,
    /// Name of the job.
    #[schemars(length(min = 1))]
    job: String,
    /// Whether the output is there already; false unless given. With null the job does not say, as in most Python programs.
    #[serde(default, skip_serializing_if = "Given::is_absent")]
    available: Given<Option<bool>>,
}

fn job_attributes(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": true,
        "propertyNames": { "not": { "enum": Job::KEYS } },
    })
}

impl JobForm {
    fn build(self) -> Job {
        let job = self.order_id.set(Job::new(self.name), |job, number| job.order_id(number.0));
        let job = self.submitted.set(self.group.set(job, Job::group), Job::submitted);
        let job = self.after.into_iter().fold(job, |job, dependency| {
            let after = Dependency::new(dependency.task, dependency.job);
            job.after(dependency.available.set(after, Dependency::available))
        });
        self.attributes.into_iter().fold(job, |job, (key, value)| job.attribute(key, value))
    }
}

impl From<&Job> for JobForm {
    fn from(job: &Job) -> Self {
        let dependency = |dependency: &Dependency| DependencyForm {
            task: dependency.task().to_owned(),
            job: dependency.job().to_owned(),
            available: Some(dependency.given_available()).filter(|available| *available != Some(false)).into(),
        };
        Self {
            name: job.name().to_owned(),
            order_id: job.order().cloned().map(Amount::from).into(),
            group: job.given_group().cloned().into(),
            submitted: job.given_submitted().into(),
            after: job.dependencies().iter().map(dependency).collect(),
            attributes: job.attributes().clone(),
        }
    }
}

/// What a task says of the number of its jobs.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a count of jobs")]
#[schemars(rename = "JobCount")]
struct CountForm {
    /// Number of jobs.
    jobs: Whole<u64>,
    /// Number of dependencies of all jobs.
    dependencies: Whole<u64>,
    /// Tasks that the jobs wait for; null unless given.
    #[serde(default, skip_serializing_if = "Given::is_absent")]
    tasks: Given<Vec<String>>,
}

impl CountForm {
    fn build(self) -> JobCount {
        self.tasks.set(JobCount::new(self.jobs.0, self.dependencies.0), JobCount::tasks)
    }
}

impl From<&JobCount> for CountForm {
    fn from(count: &JobCount) -> Self {
        Self {
            jobs: Whole(count.jobs()),
            dependencies: Whole(count.dependencies()),
            tasks: count.dependency_tasks().map(<[_]>::to_vec).into(),
        }
    }
}

/// Returns a text or null when it is not the usual text.
fn nullable(usual: &str, text: Option<&str>) -> Given<NullableText> {
    Some(text).filter(|text| *text != Some(usual)).map(|text| text.map(str::to_owned).into()).into()
}

fn forms(jobs: &[Job]) -> Vec<JobForm> {
    jobs.iter().map(JobForm::from).collect()
}

/// A job that is divided into events.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a job")]
#[schemars(rename = "EventJob")]
struct EventJobForm {
    /// Name of the job.
    #[schemars(length(min = 1))]
    name: String,
    /// Events of the job; of several with one number the last one counts.
    #[schemars(length(min = 1))]
    events: Vec<EventForm>,
}

/// An event of a job.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "an event")]
#[schemars(rename = "Event")]
struct EventForm {
    /// Number of the event within its job.
    index: Whole<u32>,
    /// What the event waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    after: Vec<EventDependencyForm>,
}

/// An event that another event waits for.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, expecting = "a dependency")]
#[schemars(rename = "EventDependency")]
struct EventDependencyForm {
    /// Name of the task of the job.
    #[schemars(length(min = 1))]
    task: String,
    /// Name of the job.
    #[schemars(length(min = 1))]
    job: String,
    /// Number of the event within the job.
    event: Whole<u32>,
    /// Whether the server gets the number as a number, by which a 2.6.21 server never finds the event; false unless given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    as_number: bool,
}

impl EventJobForm {
    fn build(self) -> EventJob {
        self.events.into_iter().fold(EventJob::new(self.name), |job, EventForm { index, after }| {
            let event = after.into_iter().fold(
                Event::new(index.0),
                |event, EventDependencyForm { task, job, event: number, as_number }| {
                    let dependency = EventDependency::new(task, job, number.0);
                    event.after(if as_number { dependency.as_number() } else { dependency })
                },
            );
            job.event(event)
        })
    }
}

impl From<&EventJob> for EventJobForm {
    fn from(job: &EventJob) -> Self {
        let awaited = |dependency: &EventDependency| EventDependencyForm {
            task: dependency.task().to_owned(),
            job: dependency.job().to_owned(),
            event: Whole(dependency.event()),
            as_number: dependency.is_number(),
        };
        let events = job.events().map(|(index, dependencies)| EventForm {
            index: Whole(index),
            after: dependencies.iter().map(awaited).collect(),
        });
        Self { name: job.name().to_owned(), events: events.collect() }
    }
}

/// Declares the form of a task: its own fields, those that such tasks of all classes have, and how the former are set.
macro_rules! task_form {
    (
        $(#[$doc:meta])*
        $form:ident of $class:ident: $kind:literal, $name:literal,
        fields |$work:ident| { $($own:tt)* }
        set |$filled:ident, $builder:ident| $set:expr,
        example $example:tt
    ) => {
        work_form! {
            $(#[$doc])*
            $form of $class: $kind, $name, requires [],
            program [String], unrestricted [], tag [NullableText], collections [CollectionForm],
            fields {
                $($own)*
                /// Queue of PanDA that runs the jobs.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                task_queue: Given<String> = |$work| $work.task_queue().into();
                /// Queue to use when there is no task queue.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                queue: Given<String> = |$work| $work.queue().into();
                /// Cloud of PanDA that runs the jobs.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                task_cloud: Given<String> = |$work| $work.task_cloud().into();
                /// Site that runs the jobs.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                task_site: Given<String> = |$work| $work.task_site().into();
                /// Processing type of the jobs.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                processing_type: Given<String> = |$work| $work.processing_type().into();
                /// Source label of the jobs; `test` unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                prod_source_label: Given<NullableText> = |$work| nullable("test", $work.prod_source_label());
                /// Type of the task; `lsst` unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                task_type: Given<NullableText> = |$work| $work.task.task_type.clone().into();
                /// Virtual organisation of the task; `wlcg` unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                vo: Given<NullableText> = |$work| nullable("wlcg", $work.vo());
                /// Working group of the task; `lsst` unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                working_group: Given<NullableText> = |$work| nullable("lsst", $work.working_group());
                /// Time that a job may take, in seconds; 90000 unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                max_walltime: Given<Amount<Int>> = |$work| amount(90_000, $work.max_walltime());
                /// Number of times that a job is tried; 5 unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                max_attempt: Given<Amount<Positive>> = |$work| amount(5, $work.max_attempt());
                /// Number of cores of a job; 1 unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                core_count: Given<Amount<Divisor>> = |$work| amount(1, $work.core_count());
                /// Number of times that the task is tried again; 5 unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                num_retries: Given<Amount<Int>> = |$work| amount(5, $work.num_retries());
                /// Priority of the jobs, higher ones first; 900 unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                task_priority: Given<Amount<Any>> = |$work| amount(900, $work.task_priority());
                /// Memory of a job, in megabytes; 1000 unless given.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                task_rss: Given<Amount<Plain>> = |$work| amount(1000, $work.task_rss());
                /// Template of the log files, in the form of a job parameter of JEDI.
                #[serde(default, skip_serializing_if = "Given::is_absent")]
                task_log: Given<Map<String, Value>> = |$work| $work.task_log().cloned().into();
                /// Whether the command line is sent encoded, which protects its quotes; false unless given.
                #[serde(default, skip_serializing_if = "std::ops::Not::not")]
                encode_command_line: bool = |$work| $work.encodes_command_line();
            }
            build |$filled, base| {
                let standard = Task::default();
                let task = Task {
                    task_queue: $filled.task_queue.0,
                    queue: $filled.queue.0,
                    task_cloud: $filled.task_cloud.0,
                    task_site: $filled.task_site.0,
                    processing_type: $filled.processing_type.0,
                    prod_source_label: $filled.prod_source_label.0.unwrap_or(standard.prod_source_label),
                    task_type: $filled.task_type.0,
                    vo: $filled.vo.0.unwrap_or(standard.vo),
                    working_group: $filled.working_group.0.unwrap_or(standard.working_group),
                    max_walltime: $filled.max_walltime.0.map_or(standard.max_walltime, |amount| amount.0),
                    max_attempt: $filled.max_attempt.0.map_or(standard.max_attempt, |amount| amount.0),
                    core_count: $filled.core_count.0.map_or(standard.core_count, |amount| amount.0),
                    num_retries: $filled.num_retries.0.map_or(standard.num_retries, |amount| amount.0),
                    task_priority: $filled.task_priority.0.map_or(standard.task_priority, |amount| amount.0),
                    task_rss: $filled.task_rss.0.map_or(standard.task_rss, |amount| amount.0),
                    task_log: $filled.task_log.0,
                    encode_command_line: $filled.encode_command_line,
                    ..standard
                };
                let $builder = Self::builder("").base(base).task(task);
                $set.build()
            },
            example $example
        }
    };
}

task_form! {
    /// A task of PanDA whose jobs wait for jobs of other tasks.
    DomaPandaForm of DomaPanDAWork: "doma_panda", "DomaPandaWork",
    fields |work| {
        /// Jobs, in their order. A task that has jobs needs a `task_name`. Null is what Python sends for
        /// `dependency_map=None`, and means the same as no jobs.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        jobs: Given<Option<Vec<JobForm>>> = |work| match work.map() {
            Jobs::Absent => None,
            Jobs::Null => Some(None),
            Jobs::List(jobs) => Some(Some(forms(jobs))),
        }.into();
        /// What the server is told of the number of jobs; the truth unless given. Python counts when a dependency map is
        /// assigned, and not again when jobs are appended to it.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        counted: Given<CountForm> = |work| work.counted().map(CountForm::from).into();
        /// Longest name of a job, in characters; 4000 unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        max_name_length: Given<Amount<Limit>> = |work| amount(4000, work.max_name_length());
        /// Megabytes that a job gets on top when it is tried again; none unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        task_rss_retry_offset: Given<Amount<Plain>> = |work| amount(0, work.task_rss_retry_offset());
        /// Megabytes that are added with every attempt; none unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        task_rss_retry_step: Given<Amount<Plain>> = |work| amount(0, work.task_rss_retry_step());
        /// Most memory that a job gets, in megabytes; no limit unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        task_rss_max: Given<Amount<Any>> =
            |work| Some(work.task_rss_max()).filter(|most| !most.is_null()).cloned().map(Amount::from).into();
        /// Whether the task uses event service, where several jobs run as the events of one; false unless given.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        es: bool = |work| work.uses_event_service();
        /// Label that the names of event-service files begin with.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        es_label: Given<String> = |work| work.es_label().into();
        /// Number of jobs that share an event-service file, above 0 for event service; 40 unless given.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        max_events_per_job: Given<Whole<u32>> = |work| unless(40, work.max_events_per_job()).map(Whole).into();
        /// Whether PanDA is told the names of the jobs; false unless given.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        enable_job_name_map: bool = |work| work.enables_job_name_map();
    }
    set |form, work| {
        let work = work.es(form.es).enable_job_name_map(form.enable_job_name_map);
        let work = form.jobs.set(work, |work, jobs| match jobs {
            Some(jobs) => work.jobs(jobs.into_iter().map(JobForm::build)),
            None => work.null_jobs(),
        });
        let work = form.counted.set(work, |work, count| work.counted(count.build()));
        let work = form.es_label.set(work, DomaPanDAWorkBuilder::es_label);
        let work = form.max_name_length.set(work, |work, number| work.max_name_length(number.0));
        let work = form.task_rss_retry_offset.set(work, |work, number| work.task_rss_retry_offset(number.0));
        let work = form.task_rss_retry_step.set(work, |work, number| work.task_rss_retry_step(number.0));
        let work = form.task_rss_max.set(work, |work, number| work.task_rss_max(number.0));
        form.max_events_per_job.set(work, |work, number| work.max_events_per_job(number.0))
    },
    example {
        "type": "doma_panda",
        "task_name": "merge",
        "executable": "merge.sh ${IN/L}",
        "jobs": [
            { "name": "merge_00", "after": [{ "task": "simulate", "job": "simulate_00" }] },
            { "name": "merge_01", "order_id": 1, "attributes": { "band": "r" } }
        ],
        "task_queue": "SLAC_Rubin",
        "task_priority": -5
    }
}

task_form! {
    /// A task of PanDA whose jobs are divided into events, each of which may wait for events of other jobs.
    DomaPandaEsForm of DomaPanDAESWork: "doma_panda_es", "DomaPandaEsWork",
    fields |work| {
        /// Jobs, in their order. A task that has jobs needs a `task_name`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        jobs: Vec<EventJobForm> = |work| work.jobs().iter().map(EventJobForm::from).collect();
    }
    set |form, work| work.jobs(form.jobs.into_iter().map(EventJobForm::build)),
    example {
        "type": "doma_panda_es",
        "task_name": "fits",
        "executable": "fit.sh",
        "jobs": [
            { "name": "fit", "events": [{ "index": 0 }, { "index": 1, "after": [{ "task": "fits", "job": "fit", "event": 0 }] }] }
        ]
    }
}

work_form! {
    /// A task of the first prototype for the Rubin Observatory, from the ATLAS package; `doma_panda` has taken its place.
    DomaLsstForm of DomaLSSTWork: "doma_lsst", "DomaLsstWork", requires [],
    program [String], unrestricted [], tag [NullableText], collections [CollectionForm],
    fields {
        /// Jobs, in their order.
        #[serde(default, skip_serializing_if = "Given::is_absent")]
        jobs: Given<Vec<JobForm>> = |work| work.jobs().map(forms).into();
    }
    build |form, base| {
        let work = Self::builder("").base(base);
        form.jobs.set(work, |work, jobs| work.jobs(jobs.into_iter().map(JobForm::build))).build()
    },
    example {
        "type": "doma_lsst",
        "task_name": "simulate",
        "executable": "simulate.sh",
        "jobs": [{ "name": "simulate_00", "submitted": false }]
    }
}
