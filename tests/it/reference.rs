//! Payloads recorded from Python iDDS, built again through the public builders.
//!
//! `IDDS_REFERENCE_DIR` names another directory of cases than `tests/reference`; with `IDDS_REFERENCE_OUT` set, what we
//! encode is written there as `NAME.json`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use idds::workflow::wire::{AddRequest, Encoded, Remedies, Submission, decode};
use idds::workflow::{
    ATLASActuatorWork, ATLASCondorWork, ATLASHPOWork, ATLASStageinWork, AnyWork, AttributeForm, Branch, Collection,
    CollectionType, Condition, DataWork, Days, InitialPoint, Method, Number, OptSpace, ParameterLink, Predicate,
    ProcessingWork, Stamp, State, Step, StepRef, TransformType, Work, Workflow, WorkflowClass, WorkloadId, all, any,
    when,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::support::Oracle;

type Failure = Box<dyn std::error::Error>;

#[test]
fn reference_cases() -> Result<(), Failure> {
    for case in cases()? {
        let ours = case.encode(Remedies::Omit)?;
        if let Some(out) = std::env::var_os("IDDS_REFERENCE_OUT") {
            fs::write(Path::new(&out).join(format!("{}.json", case.name)), &ours)?;
        }
        let mut comparison = Comparison::default();
        comparison.compare(&serde_json::from_str(&ours)?, &read(&case.name, "json")?, &case.name);
        assert!(comparison.differences.is_empty(), "{}", comparison.differences.join("\n"));
    }
    Ok(())
}

#[test]
fn the_real_package_finds_no_difference_and_its_agent_runs_what_we_submit() -> Result<(), Failure> {
    let Some(oracle) = Oracle::available() else { return Ok(()) };
    for case in cases()? {
        let exact = oracle.diff(&case.encode(Remedies::Omit)?, &case.name);
        assert!(exact.passed(), "{}: {exact}", case.name);
        let submitted = case.encode(Remedies::Add)?;
        let decoded = oracle.decode_as_agent(&case.name, &submitted);
        assert!(decoded.passed(), "{}: {decoded}", case.name);
    }
    Ok(())
}

#[test]
fn what_decoding_makes_of_a_recorded_payload_encodes_to_it_again() -> Result<(), Failure> {
    for case in cases()? {
        let recorded = recorded_workflow(&read(&case.name, "json")?)?;
        let decoded = decode(&recorded).map_err(|error| format!("{}: {error}", case.name))?;
        assert_eq!(decoded.problems, [], "{}", case.name);
        let stamp = case.stamp()?;
        let again = serde_json::to_value(Encoded::new(&decoded.workflow, &stamp).remedies(Remedies::Omit))?;
        let mut comparison = Comparison::default();
        comparison.compare(&again, &recorded, &case.name);
        assert!(comparison.differences.is_empty(), "{}", comparison.differences.join("\n"));
    }
    Ok(())
}

#[test]
fn a_v1_payload_decodes_to_the_same_definition_as_its_v2_twin() -> Result<(), Failure> {
    let mut count = 0;
    for entry in fs::read_dir(directory())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let Some(case) = name.strip_prefix("v1_").and_then(|name| name.strip_suffix(".json")) else { continue };
        // Campaigns are new in v2.
        if case == "workflow_attributes" || case.ends_with(".inputs") {
            continue;
        }
        let Ok(twin) = read(&format!("v2_{case}"), "json") else { continue };
        let [v1, v2] = [read(&format!("v1_{case}"), "json")?, twin].map(|payload| recorded_workflow(&payload));
        let [v1, v2] = [decode(&v1?), decode(&v2?)];
        assert!(v1?.workflow == v2?.workflow, "{case}");
        count += 1;
    }
    assert!(count > 0, "no v1 payload in {}", directory().display());
    Ok(())
}

/// The workflow of a payload; one that is a work alone is put into a workflow.
fn recorded_workflow(payload: &Value) -> Result<Value, Failure> {
    let metadata = &payload["request_metadata"];
    if let Some(workflow) = metadata.get("workflow").or(metadata.get("build_workflow")) {
        return Ok(workflow.clone());
    }
    if payload["attributes"].get("template").is_some() {
        return Ok(payload.clone());
    }
    let stamp = Stamp::counting("2024-03-05T06:07:08Z".parse()?, 0x1000, 1);
    let workflow = Workflow::builder().name("w").work(Work::builder("x").build()?).build()?;
    let text = serde_json::to_string(&Encoded::new(&workflow, &stamp))?;
    let id = payload["attributes"]["_metadata"]["attributes"]["internal_id"].as_str().ok_or("an id")?;
    let mut workflow: Value = serde_json::from_str(&text.replace("00001001", id))?;
    let template = &mut workflow["attributes"]["template"]["attributes"];
    template["_works"][id] = payload.clone();
    let metadata = &payload["attributes"]["_metadata"]["attributes"];
    template["_metadata"]["attributes"]["last_updated_at"] = metadata["last_updated_at"].clone();
    template["_metadata"]["attributes"]["works"][id]["work_id"] = metadata["work_id"].clone();
    Ok(workflow)
}

#[test]
fn payloads_are_frozen() -> Result<(), Failure> {
    for case in cases()? {
        let payload: Value = serde_json::from_str(&case.encode(Remedies::Omit)?)?;
        insta::assert_json_snapshot!(case.name.as_str(), payload);
    }
    Ok(())
}

/// Recorded cases that a definition should not express, and why.
const NOT_EXPRESSED: [(&str, &str); 4] = [
    ("initial_works", "its third work never starts, which building refuses"),
    ("processing", "a processing is made by the server"),
    ("method_value", "an attribute that holds a method of another object, set from outside"),
    ("submit_x509", "the body holds the private key of the user"),
];

/// One recorded case: `NAME.inputs.json`, the calls that were made in Python.
struct Case {
    name: String,
    inputs: Value,
}

fn directory() -> PathBuf {
    let recorded = || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    std::env::var_os("IDDS_REFERENCE_DIR").map_or_else(recorded, PathBuf::from)
}

fn read(name: &str, extension: &str) -> Result<Value, Failure> {
    let path = directory().join(format!("{name}.{extension}"));
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

fn cases() -> Result<Vec<Case>, Failure> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory())? {
        if let Some(name) = entry?.file_name().to_string_lossy().strip_suffix(".inputs.json") {
            names.push(name.to_owned());
        }
    }
    let is_expressed = |name: &String| !NOT_EXPRESSED.iter().any(|(case, _)| name.ends_with(&format!("_{case}")));
    names.retain(is_expressed);
    names.sort();
    assert!(!names.is_empty(), "no cases in {}", directory().display());
    names.into_iter().map(|name| Ok(Case { inputs: read(&name, "inputs.json")?, name })).collect()
}

impl Case {
    /// Makes the recorded calls through our builders and encodes what Python encoded.
    fn encode(&self, remedies: Remedies) -> Result<String, Failure> {
        let stamp = self.stamp()?;
        let program = Program::run(&self.inputs["steps"])?;
        let emit = &self.inputs["emit"];
        let variable = emit["var"].as_str().unwrap_or_default();
        let text = match emit["kind"].as_str() {
            Some("object") if program.is_workflow(variable) => {
                serde_json::to_string(&Encoded::new(&program.workflow(variable)?, &stamp).remedies(remedies))?
            }
            Some("object") => {
                let workflow = Workflow::builder().work(program.work(variable)?).build()?;
                let encoded = serde_json::to_value(Encoded::new(&workflow, &stamp).remedies(remedies))?;
                let works = encoded.pointer("/attributes/template/attributes/_works").and_then(Value::as_object);
                serde_json::to_string(works.and_then(|works| works.values().next()).ok_or("no work was encoded")?)?
            }
            Some("submit") => {
                let (workflow, options) = (program.workflow(variable)?, &emit["kwargs"]);
                let mut submission = Submission::new(&workflow, &stamp).remedies(remedies);
                if emit["method"] == "submit_build" {
                    submission = submission.as_build();
                }
                if let Some(username) = options["username"].as_str() {
                    submission = submission.username(username);
                }
                if let Some(user_dn) = options["userdn"].as_str() {
                    submission = submission.user_dn(user_dn);
                }
                if options["use_dataset_name"] == true {
                    submission = submission.use_dataset_name();
                }
                serde_json::to_string(&submission)?
            }
            Some("add_request") => {
                let props = &emit["props"];
                let workflow =
                    program.workflow(props["request_metadata"]["workflow"]["$ref"].as_str().unwrap_or_default())?;
                let name = props["name"].as_str().ok_or("the request has no name")?;
                let lifetime = Days::new(to::<Number>(&props["lifetime"])?);
                serde_json::to_string(&AddRequest::new(name, &workflow, &stamp).lifetime(lifetime).remedies(remedies))?
            }
            other => return Err(format!("{}: cannot emit {other:?}", self.name).into()),
        };
        Ok(text)
    }

    fn stamp(&self) -> Result<Stamp, Failure> {
        let clock: jiff::Timestamp = format!("{}Z", self.inputs["clock"].as_str().ok_or("no clock")?).parse()?;
        Ok(Stamp::counting(clock, to(&self.inputs["id_start"])?, to(&self.inputs["rand_start"])?))
    }
}

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

/// What the steps of a case have made.
#[derive(Default)]
struct Program {
    objects: HashMap<String, Object>,
}

/// An object: its class, and the values that the constructor, setters and assignments were given.
#[derive(Default)]
struct Object {
    class: String,
    settings: Map<String, Value>,
    /// Calls that add something, with their positional and named arguments.
    calls: Vec<(String, Vec<Value>, Map<String, Value>)>,
}

impl Program {
    fn run(steps: &Value) -> Result<Self, Failure> {
        let mut program = Self::default();
        for step in steps.as_array().ok_or("no steps")? {
            let text = |key: &str| step[key].as_str().ok_or_else(|| format!("a step without {key}: {step}"));
            match text("op")? {
                "new" => {
                    let object =
                        Object { class: text("class")?.to_owned(), settings: to(&step["args"])?, ..Object::default() };
                    program.objects.insert(text("var")?.to_owned(), object);
                }
                "call" => {
                    let arguments = step["args"].as_array().cloned().unwrap_or_default();
                    let named = step["kwargs"].as_object().cloned().unwrap_or_default();
                    program.object_mut(text("on")?)?.calls.push((text("method")?.to_owned(), arguments, named));
                }
                "set" => {
                    let object = program.object_mut(text("on")?)?;
                    object.settings.insert(text("attr")?.to_owned(), step["value"].clone());
                }
                other => return Err(format!("no step {other}").into()),
            }
        }
        Ok(program)
    }

    fn object_mut(&mut self, variable: &str) -> Result<&mut Object, Failure> {
        self.objects.get_mut(variable).ok_or_else(|| format!("no variable {variable}").into())
    }

    fn object(&self, variable: &str) -> Result<&Object, Failure> {
        self.objects.get(variable).ok_or_else(|| format!("no variable {variable}").into())
    }

    fn is_workflow(&self, variable: &str) -> bool {
        self.object(variable).is_ok_and(|object| object.class.ends_with("Workflow"))
    }

    fn work(&self, variable: &str) -> Result<AnyWork, Failure> {
        let object = self.object(variable)?;
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

    fn workflow(&self, variable: &str) -> Result<Workflow, Failure> {
        let object = self.object(variable)?;
        let mut workflow = Workflow::builder();
        workflow = match object.class.as_str() {
            "SubWorkflow" => workflow.class(WorkflowClass::SubWorkflow),
            "LoopWorkflow" => workflow.class(WorkflowClass::LoopWorkflow),
            _ => workflow,
        };
        for (name, value) in &object.settings {
            workflow = match name.as_str() {
                "name" => workflow.name(to::<String>(value)?),
                "workload_id" => workflow.workload_id(to::<WorkloadId>(value)?),
                "lifetime" => workflow.lifetime(Days::new(to::<Number>(value)?)),
                "pending_time" => workflow.pending_time(Days::new(to::<Number>(value)?)),
                "username" => workflow.username(to::<String>(value)?),
                "userdn" => workflow.user_dn(to::<String>(value)?),
                "campaign" => workflow.campaign(to::<String>(value)?),
                "campaign_scope" => workflow.campaign_scope(to::<String>(value)?),
                "campaign_group" => workflow.campaign_group(to::<String>(value)?),
                "campaign_tag" => workflow.campaign_tag(to::<String>(value)?),
                "max_processing_requests" => workflow.max_processing_requests(to(value)?),
                other => return Err(format!("no setter for {other} of a workflow").into()),
            };
        }
        for (method, arguments, named) in &object.calls {
            let first = arguments.first().unwrap_or(&Value::Null);
            let variable = first["$ref"].as_str().unwrap_or_default();
            workflow = match method.as_str() {
                "set_workload_id" => workflow.workload_id(to::<WorkloadId>(first)?),
                "add_work" => {
                    let step: Step = match self.is_workflow(variable) {
                        true => self.workflow(variable)?.into(),
                        false => self.work(variable)?.into(),
                    };
                    let step = workflow.add(variable, step);
                    let is = |flag: &str| named.get(flag) == Some(&Value::Bool(true));
                    match (is("initial"), is("initial") && is("primary")) {
                        (true, true) => workflow.initial(&step).primary(&step),
                        (true, false) => workflow.initial(&step),
                        (false, _) => workflow,
                    }
                }
                "add_condition" => workflow.condition(self.condition(variable)?),
                "add_loop_condition" => workflow.loop_while(self.condition(variable)?.predicate().clone()),
                "add_build_work" => workflow.build_with(self.work(variable)?),
                "set_global_parameters" => workflow.global_parameters(to(first)?),
                "set_sliced_global_parameters" => {
                    let source = named["source"].as_str().unwrap_or_default();
                    workflow.slice(source, to(&named["index"])?, named.get("name").and_then(Value::as_str))
                }
                "add_parameter_link" => {
                    let link = &self.object(arguments[2]["$ref"].as_str().unwrap_or_default())?.settings["parameters"];
                    let destinations = match &arguments[1] {
                        Value::Array(destinations) => destinations.clone(),
                        single => vec![single.clone()],
                    };
                    let destinations = destinations.iter().map(|destination| self.path(object, destination));
                    let mut link_between =
                        ParameterLink::between(self.path(object, first)?, destinations.collect::<Result<Vec<_>, _>>()?);
                    for pair in link.as_array().ok_or("a list of parameters")? {
                        link_between = match pair.as_str() {
                            Some(name) => link_between.parameter(name),
                            None => {
                                link_between.rename(to::<String>(&pair["source"])?, to::<String>(&pair["destination"])?)
                            }
                        };
                    }
                    workflow.link(link_between)
                }
                other => return Err(format!("no builder call for {other}").into()),
            };
        }
        Ok(workflow.build()?)
    }

    /// The reference to a work that is a step of the workflow, or of one of its sub-workflows.
    fn path(&self, workflow: &Object, variable: &Value) -> Result<StepRef, Failure> {
        let variable = variable["$ref"].as_str().ok_or("a reference")?;
        for (method, arguments, _) in &workflow.calls {
            let Some(step) =
                arguments.first().and_then(|first| first["$ref"].as_str()).filter(|_| method == "add_work")
            else {
                continue;
            };
            if step == variable {
                return Ok(StepRef::new(step));
            }
            if self.is_workflow(step)
                && let Ok(inner) = self.path(self.object(step)?, &serde_json::json!({ "$ref": variable }))
            {
                return Ok(StepRef::new(step).step(inner.as_str()));
            }
        }
        Err(format!("{variable} is no step").into())
    }

    fn condition(&self, variable: &str) -> Result<Condition, Failure> {
        let Object { class, settings, .. } = self.object(variable)?;
        let mut condition = match class.as_str() {
            "Condition" => when(self.predicate(&settings["cond"])?),
            "AndCondition" => when(all(self.predicates(&settings["conditions"])?)),
            "OrCondition" => when(any(self.predicates(&settings["conditions"])?)),
            "CompositeCondition" if settings["operator"]["$enum"][1] == "Or" => {
                when(any(self.predicates(&settings["conditions"])?)).composite()
            }
            "CompositeCondition" => when(all(self.predicates(&settings["conditions"])?)).composite(),
            other => return Err(format!("no condition {other}").into()),
        };
        for (names, is_true) in [(["true_work", "true_works"], true), (["false_work", "false_works"], false)] {
            let branches = names.iter().filter_map(|name| settings.get(*name)).flat_map(|branches| match branches {
                Value::Array(branches) => branches.clone(),
                single => vec![single.clone()],
            });
            for branch in branches.filter(|branch| !branch.is_null()) {
                let variable = branch["$ref"].as_str().ok_or("a reference")?;
                let branch: Branch = match self.object(variable)?.class.ends_with("Condition") {
                    true => self.condition(variable)?.into(),
                    false => StepRef::new(variable).into(),
                };
                condition = if is_true { condition.then(branch) } else { condition.otherwise(branch) };
            }
        }
        Ok(condition)
    }

    fn predicates(&self, methods: &Value) -> Result<Vec<Predicate>, Failure> {
        methods.as_array().ok_or("a list of methods")?.iter().map(|method| self.predicate(method)).collect()
    }

    fn predicate(&self, method: &Value) -> Result<Predicate, Failure> {
        let name = |index: usize| method["$method"][index].as_str().ok_or("a method");
        if name(1)? == "is_condition_true" {
            return Ok(self.condition(name(0)?)?.predicate().clone());
        }
        let state = State::ALL.iter().find(|state| Ok(state.method()) == name(1)).ok_or("a known method")?;
        Ok(Predicate::Is(StepRef::new(name(0)?), *state))
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

fn search(object: &Object) -> Result<ATLASHPOWork, Failure> {
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

fn stage_in(object: &Object) -> Result<ATLASStageinWork, Failure> {
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

fn collection(value: &Value) -> Result<Collection, Failure> {
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

fn to<T: DeserializeOwned>(value: &Value) -> Result<T, Failure> {
    let plain = match value.as_array() {
        Some(items) => items.iter().map(|item| item.get("$tuple").unwrap_or(item).clone()).collect(),
        None => value.clone(),
    };
    serde_json::from_value(plain).map_err(|error| format!("{error} in {value}").into())
}

/// Compares two payloads: 5 and 5.0 differ, the order of keys does not count, ids may be other ones throughout, and
/// compressed values are compared unpacked.
#[derive(Default)]
struct Comparison {
    differences: Vec<String>,
    ids: HashMap<String, String>,
}

impl Comparison {
    fn compare(&mut self, ours: &Value, recorded: &Value, place: &str) {
        match (ours, recorded) {
            (Value::Object(ours), Value::Object(recorded)) if recorded.keys().any(|key| is_id(key)) => {
                self.differ_if(ours.len() != recorded.len(), || format!("{place} has another number of entries"));
                for ((own_key, own), (key, value)) in ours.iter().zip(recorded) {
                    self.compare_ids(own_key, key, place);
                    self.compare(own, value, &format!("{place}.{key}"));
                }
            }
            (Value::Object(ours), Value::Object(recorded)) => {
                for (key, value) in recorded {
                    let place = format!("{place}.{key}");
                    match ours.get(key) {
                        Some(own) => self.compare(own, value, &place),
                        None => self.differ_if(true, || format!("{place} is missing")),
                    }
                }
                for key in ours.keys().filter(|key| !recorded.contains_key(*key)) {
                    self.differ_if(true, || format!("{place}.{key} is too much"));
                }
            }
            (Value::Array(ours), Value::Array(recorded)) if ours.len() == recorded.len() => {
                for (index, (own, value)) in ours.iter().zip(recorded).enumerate() {
                    self.compare(own, value, &format!("{place}[{index}]"));
                }
            }
            (Value::String(own), Value::String(value)) if is_id(own) && is_id(value) => {
                self.compare_ids(own, value, place);
            }
            (Value::String(own), Value::String(value)) if value.starts_with(ZIPPED) => {
                self.compare(&unzip(own), &unzip(value), place);
            }
            _ => self.differ_if(ours != recorded, || format!("{place} is {ours}, recorded is {recorded}")),
        }
    }

    fn compare_ids(&mut self, own: &str, recorded: &str, place: &str) {
        let known = self.ids.entry(own.to_owned()).or_insert_with(|| recorded.to_owned()).clone();
        self.differ_if(known != recorded, || format!("{place}: {own} is {known} elsewhere and {recorded} here"));
    }

    fn differ_if(&mut self, differs: bool, what: impl FnOnce() -> String) {
        if differs {
            self.differences.push(what());
        }
    }
}

const ZIPPED: &str = "idds_zip:";

fn unzip(text: &str) -> Value {
    let bytes = text.strip_prefix(ZIPPED).and_then(|text| BASE64.decode(text).ok()).unwrap_or_default();
    serde_json::from_reader(flate2::read::ZlibDecoder::new(&*bytes)).unwrap_or_default()
}

fn is_id(text: &str) -> bool {
    text.len() == 8 && text.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}
