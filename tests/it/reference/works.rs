//! Works, built from the arguments that their Python constructors were given.

use std::time::Duration;

use idds::workflow::{
    ATLASActuatorWork, ATLASCondorWork, ATLASHPOWork, ATLASStageinWork, AnyWork, AttributeForm, Collection,
    CollectionType, DataWork, InitialPoint, Method, OptSpace, ProcessingWork, TransformType, Work, WorkloadId,
};
use serde_json::{Map, Value};

use super::program::Object;
use super::{Failure, to};

/// Calls the setter that works have in common for this argument.
macro_rules! common {
    ($work:ident, $name:expr, $value:ident) => {
        match $name {
            "executable" => $work.executable(to::<String>($value)?),
            "arguments" => $work.arguments(to::<String>($value)?),
            "parameters" => $work.parameters(to($value)?),
            "setup" => $work.setup(to::<String>($value)?),
            "exec_type" => $work.exec_type(to::<String>($value)?),
            "sandbox" => $work.sandbox(to::<String>($value)?),
            "task_name" => $work.task_name(to::<String>($value)?),
            "agent_attributes" => $work.agent_attributes(to($value)?),
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
            "other_input_collections" => collections($value)?.into_iter().fold($work, |work, c| work.other_input(c)),
            "other_output_collections" => collections($value)?.into_iter().fold($work, |work, c| work.other_output(c)),
            "log_collections" => collections($value)?.into_iter().fold($work, |work, c| work.log(c)),
            other => return Err(format!("no setter for {other} of a work").into()),
        }
    };
}

/// Builds a work that runs a program: everything works have in common, and one setter of its own.
macro_rules! program_work {
    ($work:ident, $object:ident, $own:ident: $kind:ty) => {{
        let mut work = $work::builder("");
        for (name, value) in $object.settings.iter().filter(|(_, value)| !value.is_null()) {
            work = match name.as_str() {
                stringify!($own) => work.$own(own::<$kind>(value)?),
                // Python loses it as well.
                "work_name" => work,
                name => common!(work, name, value),
            };
        }
        work.build()?
    }};
}

/// Builds the work that an object stands for.
pub(super) fn work(object: &Object) -> Result<AnyWork, Failure> {
    match object.class.as_str() {
        "ATLASHPOWork" => Ok(search(object)?.into()),
        "ATLASStageinWork" => Ok(stage_in(object)?.into()),
        "Work" => Ok(generic_work(object)?.into()),
        "DataWork" => Ok(program_work!(DataWork, object, work_type: TransformType).into()),
        "ProcessingWork" => Ok(program_work!(ProcessingWork, object, work_type: TransformType).into()),
        "ATLASCondorWork" => Ok(program_work!(ATLASCondorWork, object, work_type: TransformType).into()),
        "ATLASActuatorWork" => Ok(program_work!(ATLASActuatorWork, object, output_json: String).into()),
        other => Err(format!("no builder for {other}").into()),
    }
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
        let known = (0..100).map(TransformType::from_code).find(|work_type| work_type.name() == Some(name));
        known.ok_or_else(|| format!("no work type {name}").into())
    }
}

fn generic_work(object: &Object) -> Result<Work, Failure> {
    let mut work = Work::empty();
    let zipped: Vec<String> = object.settings.get("zip_items").map(to).transpose()?.unwrap_or_default();
    let lazy: Vec<String> = object.settings.get("not_auto_unzip_items").map(to).transpose()?.unwrap_or_default();
    for (name, value) in object.settings.iter().filter(|(_, value)| !value.is_null()) {
        work = match name.as_str() {
            "work_type" => work.work_type(own(value)?),
            "work_name" => work.work_name(to::<String>(value)?),
            "work_tag" => work.work_tag(to::<String>(value)?),
            "work_id" => work.work_id(to(value)?),
            "request_id" => work.request_id(to(value)?),
            "username" => work.username(to::<String>(value)?),
            "is_template" if *value == true => work.template(),
            "release_inputs_after_submitting" if *value == true => work.release_inputs_after_submitting(),
            "zip_items" | "not_auto_unzip_items" => work,
            name if name.starts_with("user_") => {
                let form = match (zipped.iter().any(|item| item == name), lazy.iter().any(|item| item == name)) {
                    (true, true) => AttributeForm::CompressedLazily,
                    (true, false) => AttributeForm::Compressed,
                    (false, _) => AttributeForm::Plain,
                };
                work.attribute_as(name, value.clone(), form)
            }
            name => common!(work, name, value),
        };
    }
    for (method, arguments, named) in &object.calls {
        let argument = |index: usize, name: &str| arguments.get(index).or(named.get(name)).cloned().unwrap_or_default();
        if method != "add_custom_condition" {
            return Err(format!("no builder call for {method}").into());
        }
        let key: String = to(&argument(0, "key"))?;
        work = match argument(2, "op") == "or" {
            true => work.any_of(key, argument(1, "value")),
            false => work.all_of(key, argument(1, "value")),
        };
    }
    Ok(work.build()?)
}

pub(super) fn search(object: &Object) -> Result<ATLASHPOWork, Failure> {
    let mut work = ATLASHPOWork::builder();
    for (name, value) in object.settings.iter().filter(|(_, value)| !value.is_null()) {
        work = match name.as_str() {
            "method" => work.method(method(value)?),
            "opt_space" => work.opt_space(to::<OptSpace>(value)?),
            "initial_points" => work.initial_points(to::<Vec<InitialPoint>>(value)?),
            "max_points" => work.max_points(to(value)?),
            "num_points_per_iteration" => work.num_points_per_iteration(to(value)?),
            "executable" => work.executable(to::<String>(value)?),
            "arguments" => work.arguments(to::<String>(value)?),
            "parameters" => work.parameters(to(value)?),
            "setup" => work.setup(to::<String>(value)?),
            "exec_type" => work.exec_type(to::<String>(value)?),
            "sandbox" => work.sandbox(to::<String>(value)?),
            "container_workdir" => work.container_workdir(to::<String>(value)?),
            "output_json" => work.output_json(to::<String>(value)?),
            "workload_id" => work.workload_id(to::<WorkloadId>(value)?),
            "name" => work.name(to::<String>(value)?),
            "task_name" => work.task_name(to::<String>(value)?),
            other => return Err(format!("no setter for {other} of a search").into()),
        };
    }
    Ok(work.build()?)
}

fn method(value: &Value) -> Result<Method, Failure> {
    let methods = [Method::Nevergrad, Method::Container, Method::Docker, Method::Sandbox];
    methods.into_iter().find(|method| *value == method.name()).ok_or_else(|| format!("no method {value}").into())
}

pub(super) fn stage_in(object: &Object) -> Result<ATLASStageinWork, Failure> {
    let settings = &object.settings;
    let input = collection(&settings["primary_input_collection"])?;
    let mut work = ATLASStageinWork::builder(input, collection(&settings["output_collections"])?);
    for (name, value) in settings {
        work = match name.as_str() {
            "primary_input_collection" | "output_collections" => work,
            "max_waiting_time" => work.max_waiting_time(Duration::from_secs(to(value)?)),
            "src_rse" => work.src_rse(to::<String>(value)?),
            "dest_rse" => work.dest_rse(to::<String>(value)?),
            "rule_id" => work.rule_id(to::<String>(value)?),
            "task_name" => work.task_name(to::<String>(value)?),
            other => return Err(format!("no setter for {other} of a stage-in").into()),
        };
    }
    Ok(work.build()?)
}

fn collections(value: &Value) -> Result<Vec<Collection>, Failure> {
    match value {
        Value::Array(collections) => collections.iter().map(collection).collect(),
        single => Ok(vec![collection(single)?]),
    }
}

pub(super) fn collection(value: &Value) -> Result<Collection, Failure> {
    let mut metadata: Map<String, Value> = to(value)?;
    let mut take = |name: &str| metadata.shift_remove(name);
    let [scope, name, given] = ["scope", "name", "type"].map(&mut take);
    let scope_and_name = (scope.ok_or("a scope")?, name.ok_or("a name")?);
    let collection = Collection::builder(to::<String>(&scope_and_name.0)?, to::<String>(&scope_and_name.1)?);
    let types = (0..5).map(CollectionType::from_code);
    let wanted = given.as_ref().and_then(|given| given["$enum"][1].as_str());
    let coll_type = types.into_iter().find(|coll_type| wanted.is_some_and(|name| coll_type.name() == Some(name)));
    Ok(collection.coll_type(coll_type.unwrap_or(CollectionType::Dataset)).metadata(metadata).build()?)
}
