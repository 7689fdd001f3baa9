//! Works, built from the arguments that their Python constructors were given.

use idds::workflow::{
    ATLASActuatorWork, ATLASCondorWork, ATLASHPOWork, ATLASLocalPandaWork, ATLASPandaWork,
    ATLASStageinWork, AnyWork, Collection, CollectionType, DataWork, Dependency, Dialect,
    DomaDataWork, DomaLSSTWork, DomaPanDAESWork, DomaPanDAWork, DomaRucioWork, Event,
    EventDependency, EventJob, InitialPoint, Job, JobCount, Literal, Method, NullableText,
    ProcessingWork, SearchSpace, Seconds, TransformType, Work, WorkloadId,
};
use serde_json::{Map, Value};

use super::program::Object;
use super::{Failure, to};

/// Calls the setter that works of all classes have for this value, or else makes an attribute of the user's own of it.
macro_rules! common {
    ($work:ident, $object:ident, $name:expr, $value:ident) => {
        match $name {
            "task_name" => $work.task_name(to::<String>($value)?),
            "work_id" => $work.work_id(to::<Literal>($value)?),
            "agent_attributes" => $work.agent_attributes(to($value)?),
            "zip_items" | "not_auto_unzip_items" => $work,
            name if $object.is_assigned(name) => {
                $work.attribute_as(name, to::<Value>($value)?, $object.form(name))
            }
            other => return Err(format!("no setter for {other} of {}", $object.class).into()),
        }
    };
}

/// Calls the setter that works with a program have for this value.
macro_rules! program_setting {
    ($work:ident, $object:ident, $name:expr, $value:ident) => {
        match $name {
            "executable" => $work.executable(to::<String>($value)?),
            "arguments" => $work.arguments(to::<String>($value)?),
            "parameters" => $work.parameters(to($value)?),
            "setup" => $work.setup(to::<String>($value)?),
            "exec_type" => $work.exec_type(to::<NullableText>($value)?),
            "sandbox" => $work.sandbox(to::<String>($value)?),
            name => common!($work, $object, name, $value),
        }
    };
}

/// Calls the setter that works with a program and collections have for this value.
macro_rules! program_and_collection_setting {
    ($work:ident, $object:ident, $name:expr, $value:ident) => {
        match $name {
            name if name.ends_with("_collection") || name.ends_with("_collections") => {
                collection_setting!($work, $object, name, $value)
            }
            name => program_setting!($work, $object, name, $value),
        }
    };
}

/// Calls the setter of collections for this value.
macro_rules! collection_setting {
    ($work:ident, $object:ident, $name:expr, $value:ident) => {
        match $name {
            "primary_input_collection" => $work.input(collection($value)?),
            "primary_output_collection" => $work.output(collection($value)?),
            "input_collections" => {
                let mut collections = collections($value)?.into_iter();
                let work = match collections.next() {
                    Some(first) => $work.input(first),
                    None => $work,
                };
                collections.fold(work, |work, collection| work.other_input(collection))
            }
            "output_collections" => {
                let mut collections = collections($value)?.into_iter();
                let work = match collections.next() {
                    Some(first) => $work.output(first),
                    None => $work,
                };
                collections.fold(work, |work, collection| work.other_output(collection))
            }
            "other_input_collections" => collections($value)?
                .into_iter()
                .fold($work, |work, c| work.other_input(c)),
            "other_output_collections" => collections($value)?
                .into_iter()
                .fold($work, |work, c| work.other_output(c)),
            "log_collections" => collections($value)?
                .into_iter()
                .fold($work, |work, c| work.log(c)),
            name => common!($work, $object, name, $value),
        }
    };
}

/// Makes the calls that add something to a work, and builds it.
macro_rules! finish {
    ($work:ident, $object:ident) => {{
        for (method, arguments) in &$object.calls {
            if method != "add_custom_condition" {
                return Err(format!("no builder call for {method}").into());
            }
            let (key, value) = (
                to::<String>(arguments.get(0, "key"))?,
                to::<Value>(arguments.get(1, "value"))?,
            );
            $work = match arguments.get(2, "op") == "or" {
                true => $work.any_of(key, value),
                false => $work.all_of(key, value),
            };
        }
        $work.build()?
    }};
}

/// Builds a work that runs a program: everything works have in common, and one setter of its own.
macro_rules! program_work {
    ($work:ident, $object:ident, $own:ident: $kind:ty) => {{
        let mut work = $work::empty();
        for (name, value) in $object
            .settings
            .iter()
            .filter(|(name, value)| is_given(name, value))
        {
            work = match name.as_str() {
                stringify!($own) => work.$own(own::<$kind>(value)?),
                name => program_and_collection_setting!(work, $object, name, value),
            };
        }
        finish!(work, $object)
    }};
}

/// Builds a task that is described by task parameters.
macro_rules! panda_task {
    ($work:ident, $object:ident, |$rucio:ident, $value:ident| $set_rucio:expr) => {{
        let mut work = $work::builder(
            $object
                .settings
                .get("task_parameters")
                .map(to)
                .transpose()?
                .unwrap_or_default(),
        );
        for (name, value) in $object
            .settings
            .iter()
            .filter(|(name, value)| is_given(name, value))
        {
            work = match name.as_str() {
                "task_parameters" => work,
                "num_retries" => work.num_retries(to::<Literal>(value)?),
                "use_rucio" => {
                    let ($rucio, $value) = (work, value);
                    $set_rucio
                }
                "work_tag" => work.work_tag(to::<NullableText>(value)?),
                "exec_type" => work.exec_type(to::<NullableText>(value)?),
                name => collection_setting!(work, $object, name, value),
            };
        }
        finish!(work, $object)
    }};
}

/// Builds a work that follows a Rucio rule.
macro_rules! rucio_work {
    ($work:ident, $object:ident) => {{
        let mut work = $work::builder(primary(
            $object,
            "primary_input_collection",
            "input_collections",
        )?);
        for (name, value) in $object
            .settings
            .iter()
            .filter(|(name, value)| is_given(name, value))
        {
            work = match name.as_str() {
                "max_waiting_time" => work.max_waiting_time(Seconds::new(to::<Literal>(value)?)),
                "src_rse" => work.src_rse(to::<String>(value)?),
                "dest_rse" => work.dest_rse(to::<String>(value)?),
                "rule_id" => work.rule_id(to::<Literal>(value)?),
                "primary_input_collection" => work,
                name => program_and_collection_setting!(work, $object, name, value),
            };
        }
        finish!(work, $object)
    }};
}

/// Builds the work that an object stands for.
pub(super) fn work(object: &Object) -> Result<AnyWork, Failure> {
    match object.class.as_str() {
        "ATLASHPOWork" => Ok(search(object)?.into()),
        "ATLASStageinWork" => Ok(stage_in(object)?.into()),
        "Work" => Ok(generic_work(object)?.into()),
        "DataWork" => Ok(program_work!(DataWork, object, work_type: TransformType).into()),
        "ProcessingWork" => {
            Ok(program_work!(ProcessingWork, object, work_type: TransformType).into())
        }
        "ATLASCondorWork" => {
            Ok(program_work!(ATLASCondorWork, object, work_type: TransformType).into())
        }
        "ATLASPandaWork" => Ok(panda_task!(ATLASPandaWork, object, |work, value| work
            .use_rucio(to(value)?))
        .into()),
        "ATLASLocalPandaWork" => Ok(panda_task!(ATLASLocalPandaWork, object, |_work, _value| {
            return Err("no setter for use_rucio of a local task".into());
        })
        .into()),
        "DomaPanDAWork" => Ok(doma_task(object)?.into()),
        "DomaPanDAESWork" => Ok(event_task(object)?.into()),
        "DomaLSSTWork" => Ok(lsst_task(object)?.into()),
        "DomaDataWork" => Ok(rucio_work!(DomaDataWork, object).into()),
        "DomaRucioWork" => Ok(rucio_work!(DomaRucioWork, object).into()),
        "ATLASActuatorWork" => {
            Ok(program_work!(ATLASActuatorWork, object, output_json: String).into())
        }
        other => Err(format!("no builder for {other}").into()),
    }
}

/// Settings for which `None` is another value than the one they have when they are not given.
const NULLABLE: [&str; 19] = [
    "dependency_map",
    "work_tag",
    "exec_type",
    "working_group",
    "vo",
    "prodSourceLabel",
    "task_type",
    "maxwalltime",
    "maxAttempt",
    "num_retries",
    "task_priority",
    "task_rss",
    "task_rss_retry_offset",
    "task_rss_retry_step",
    "task_rss_max",
    "max_events_per_job",
    "max_name_length",
    "max_waiting_time",
    "_dependency_map",
];

/// Whether a setting is to be set. `None` is what most of them are without.
fn is_given(name: &str, value: &Value) -> bool {
    !value.is_null() || NULLABLE.contains(&name)
}

/// A value that only one setter takes.
fn own<T: FromOwn>(value: &Value) -> Result<T, Failure> {
    T::from_own(value)
}

trait FromOwn: Sized {
    fn from_own(value: &Value) -> Result<Self, Failure>;
}

impl FromOwn for String {
    fn from_own(value: &Value) -> Result<Self, Failure> {
        to(value)
    }
}

impl FromOwn for TransformType {
    fn from_own(value: &Value) -> Result<Self, Failure> {
        let name = value["$enum"][1].as_str().ok_or("an enumeration")?;
        let known = (0..100)
            .map(TransformType::from_code)
            .find(|work_type| work_type.name() == Some(name));
        known.ok_or_else(|| format!("no work type {name}").into())
    }
}

fn generic_work(object: &Object) -> Result<Work, Failure> {
    let mut work = Work::empty();
    for (name, value) in object
        .settings
        .iter()
        .filter(|(name, value)| is_given(name, value))
    {
        work = match name.as_str() {
            "work_type" => work.work_type(own(value)?),
            "work_name" => work.work_name(to::<String>(value)?),
            "work_tag" => work.work_tag(to::<NullableText>(value)?),
            "request_id" => work.request_id(to::<Literal>(value)?),
            "username" => work.username(to::<String>(value)?),
            "is_template" => {
                if *value == true {
                    work.template()
                } else {
                    work
                }
            }
            "release_inputs_after_submitting" => {
                if *value == true {
                    work.release_inputs_after_submitting()
                } else {
                    work
                }
            }
            name => program_and_collection_setting!(work, object, name, value),
        };
    }
    Ok(finish!(work, object))
}

pub(super) fn search(object: &Object) -> Result<ATLASHPOWork, Failure> {
    let mut work = ATLASHPOWork::builder();
    for (name, value) in object
        .settings
        .iter()
        .filter(|(name, value)| is_given(name, value))
    {
        work = match name.as_str() {
            "method" => work.method(method(value)?),
            "opt_space" => {
                let (space, dialect) = space(&to(value)?)?;
                let work = work.opt_space(space);
                if let Some(dialect) = dialect {
                    work.dialect(dialect)
                } else {
                    work
                }
            }
            "initial_points" => work.initial_points(to::<Vec<InitialPoint>>(value)?),
            "max_points" => work.max_points(to::<Literal>(value)?),
            "num_points_per_iteration" => work.num_points_per_iteration(to::<Literal>(value)?),
            "container_workdir" => work.container_workdir(to::<String>(value)?),
            "output_json" => work.output_json(to::<String>(value)?),
            "workload_id" => work.workload_id(to::<WorkloadId>(value)?),
            "name" => work.name(to::<String>(value)?),
            name => program_setting!(work, object, name, value),
        };
    }
    Ok(finish!(work, object))
}

/// Reads a space in the dialect that it is written in, none for the form of our own.
fn space(value: &Value) -> Result<(SearchSpace, Option<Dialect>), Failure> {
    let space = SearchSpace::from_value(value);
    if let Ok(space) = &space
        && serde_json::to_value(space)? == *value
    {
        return Ok((space.clone(), None));
    }
    for dialect in Dialect::ALL {
        if let Ok(space) = SearchSpace::read(value, dialect)
            && space.write(dialect).is_ok_and(|written| written == *value)
        {
            return Ok((space, Some(dialect)));
        }
    }
    Ok((space?, None))
}

fn method(value: &Value) -> Result<Method, Failure> {
    let methods = [
        Method::Nevergrad,
        Method::Container,
        Method::Docker,
        Method::Sandbox,
    ];
    methods
        .into_iter()
        .find(|method| *value == method.name())
        .ok_or_else(|| format!("no method {value}").into())
}

pub(super) fn stage_in(object: &Object) -> Result<ATLASStageinWork, Failure> {
    let input = primary(object, "primary_input_collection", "input_collections")?;
    let output = primary(object, "primary_output_collection", "output_collections")?;
    let mut work = ATLASStageinWork::builder(input, output);
    for (name, value) in object
        .settings
        .iter()
        .filter(|(name, value)| is_given(name, value))
    {
        work = match name.as_str() {
            "max_waiting_time" => work.max_waiting_time(Seconds::new(to::<Literal>(value)?)),
            "src_rse" => work.src_rse(to::<String>(value)?),
            "dest_rse" => work.dest_rse(to::<String>(value)?),
            "rule_id" => work.rule_id(to::<Literal>(value)?),
            name => program_and_collection_setting!(work, object, name, value),
        };
    }
    Ok(finish!(work, object))
}

/// Sets one of the settings that tasks given job by job have in common.
macro_rules! task_setting {
    ($work:ident, $object:ident, $name:expr, $value:ident) => {{
        let text = || to::<String>($value);
        let nullable = || to::<NullableText>($value);
        let number = || to::<Literal>($value);
        match $name {
            "work_tag" => $work.work_tag(nullable()?),
            "task_queue" => $work.task_queue(text()?),
            "queue" => $work.queue(text()?),
            "task_cloud" => $work.task_cloud(text()?),
            "task_site" => $work.task_site(text()?),
            "processing_type" => $work.processing_type(text()?),
            "prodSourceLabel" => $work.prod_source_label(nullable()?),
            "task_type" => $work.task_type(nullable()?),
            "vo" => $work.vo(nullable()?),
            "working_group" => $work.working_group(nullable()?),
            "maxwalltime" => $work.max_walltime(number()?),
            "maxattempt" | "maxAttempt" => $work.max_attempt(number()?),
            "core_count" => $work.core_count(number()?),
            "num_retries" => $work.num_retries(number()?),
            "task_priority" => $work.task_priority(number()?),
            "task_rss" => $work.task_rss(number()?),
            "task_log" => $work.task_log(to($value)?),
            "encode_command_line" => $work.encode_command_line(to($value)?),
            name => program_and_collection_setting!($work, $object, name, $value),
        }
    }};
}

fn doma_task(object: &Object) -> Result<DomaPanDAWork, Failure> {
    let mut work = DomaPanDAWork::builder("");
    for (name, value) in object
        .settings
        .iter()
        .filter(|(name, value)| is_given(name, value))
    {
        let number = || to::<Literal>(value);
        work = match name.as_str() {
            "dependency_map" if value.as_object().is_some_and(Map::is_empty) => work,
            "dependency_map" if value.is_null() => work.null_jobs(),
            "dependency_map" => work.jobs(jobs(value)?),
            // Assigned past what counts: the numbers are those of the map before.
            "_dependency_map" => {
                let before = object
                    .settings
                    .get("dependency_map")
                    .map_or(Ok(Vec::new()), jobs)?;
                assert!(before.is_empty(), "a map that had jobs");
                work.jobs(jobs(value)?).counted(JobCount::new(0, 0))
            }
            "task_rss_retry_offset" => work.task_rss_retry_offset(number()?),
            "task_rss_retry_step" => work.task_rss_retry_step(number()?),
            "task_rss_max" => work.task_rss_max(number()?),
            "es" => work.es(to(value)?),
            "es_label" => work.es_label(to::<String>(value)?),
            "max_events_per_job" => work.max_events_per_job(number()?),
            "enable_job_name_map" => work.enable_job_name_map(to(value)?),
            "max_name_length" => work.max_name_length(number()?),
            name => task_setting!(work, object, name, value),
        };
    }
    Ok(finish!(work, object))
}

fn event_task(object: &Object) -> Result<DomaPanDAESWork, Failure> {
    let mut work = DomaPanDAESWork::builder("");
    for (name, value) in object
        .settings
        .iter()
        .filter(|(name, value)| is_given(name, value))
    {
        work = match name.as_str() {
            "es_dependency_map" => {
                let jobs = value.as_object().ok_or("jobs by their names")?.iter();
                work.jobs(
                    jobs.map(|(name, events)| event_job(name, events))
                        .collect::<Result<Vec<_>, _>>()?,
                )
            }
            name => task_setting!(work, object, name, value),
        };
    }
    Ok(finish!(work, object))
}

fn event_job(name: &str, events: &Value) -> Result<EventJob, Failure> {
    let mut job = EventJob::new(name);
    for (index, awaited) in events.as_object().ok_or("events by their numbers")? {
        let mut event = Event::new(index.parse()?);
        for one in awaited.as_array().ok_or("a list of dependencies")? {
            let (task, job) = (
                to::<String>(&one["group_label"])?,
                to::<String>(&one["event_job"])?,
            );
            event = event.after(EventDependency::new(
                task,
                job,
                to::<String>(&one["event_index"])?.parse()?,
            ));
        }
        job = job.event(event);
    }
    Ok(job)
}

fn lsst_task(object: &Object) -> Result<DomaLSSTWork, Failure> {
    let mut work = DomaLSSTWork::builder("");
    for (name, value) in object
        .settings
        .iter()
        .filter(|(name, value)| is_given(name, value))
    {
        work = match name.as_str() {
            "dependency_map" if value.is_null() => work,
            "dependency_map" => work.jobs(jobs(value)?),
            "work_tag" => work.work_tag(to::<NullableText>(value)?),
            name => program_and_collection_setting!(work, object, name, value),
        };
    }
    Ok(finish!(work, object))
}

fn jobs(map: &Value) -> Result<Vec<Job>, Failure> {
    map.as_array()
        .ok_or("a list of jobs")?
        .iter()
        .map(job)
        .collect()
}

fn job(entry: &Value) -> Result<Job, Failure> {
    let mut job = Job::new(to::<String>(&entry["name"])?);
    for (name, value) in entry.as_object().ok_or("a job")? {
        job = match name.as_str() {
            "name" => job,
            "order_id" => job.order_id(to::<Literal>(value)?),
            "groups" => job.group(to::<NullableText>(value)?),
            "submitted" => job.submitted(to::<Option<bool>>(value)?),
            "dependencies" => {
                let mut job = job;
                for dependency in value.as_array().ok_or("a list of dependencies")? {
                    let (task, input) = (
                        to::<String>(&dependency["task"])?,
                        to::<String>(&dependency["inputname"])?,
                    );
                    job = job.after(
                        Dependency::new(task, input).available(dependency["available"].as_bool()),
                    );
                }
                job
            }
            name => job.attribute(name, value.clone()),
        };
    }
    Ok(job)
}

/// The collection that a work reads or writes in the first place, under the name of its own or first in its list.
fn primary(object: &Object, name: &str, list: &str) -> Result<Collection, Failure> {
    let given = object.settings.get(name).or(object.settings.get(list));
    let first = given
        .map(collections)
        .transpose()?
        .and_then(|collections| collections.into_iter().next());
    first.ok_or_else(|| format!("a {} without {name}", object.class).into())
}

fn collections(value: &Value) -> Result<Vec<Collection>, Failure> {
    match value.get("$tuple").unwrap_or(value) {
        Value::Array(collections) => collections.iter().map(collection).collect(),
        single => Ok(vec![collection(single)?]),
    }
}

pub(super) fn collection(value: &Value) -> Result<Collection, Failure> {
    let mut metadata: Map<String, Value> = to(value)?;
    let mut take = |name: &str| metadata.shift_remove(name);
    let [scope, name, given] = ["scope", "name", "type"].map(&mut take);
    let scope_and_name = (scope.ok_or("a scope")?, name.ok_or("a name")?);
    let collection = Collection::builder(
        to::<String>(&scope_and_name.0)?,
        to::<String>(&scope_and_name.1)?,
    );
    let types = (0..5).map(CollectionType::from_code);
    let wanted = given.as_ref().and_then(|given| given["$enum"][1].as_str());
    let coll_type = types
        .into_iter()
        .find(|coll_type| wanted.is_some_and(|name| coll_type.name() == Some(name)));
    Ok(collection
        .coll_type(coll_type.unwrap_or(CollectionType::Dataset))
        .metadata(metadata)
        .build()?)
}
