//! Payloads recorded from Python iDDS, built again through the public builders.
//!
//! `IDDS_REFERENCE_DIR` names another directory of cases than `tests/reference`; with `IDDS_REFERENCE_OUT` set, what we
//! encode is written there as `NAME.json`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use idds::workflow::wire::{AddRequest, Encoded, Remedies, Submission};
use idds::workflow::{
    ATLASHPOWork, ATLASStageinWork, AnyWork, Collection, Days, InitialPoint, Method, Number, OptSpace, Stamp, Workflow,
    WorkloadId,
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
        let mut differences = Vec::new();
        compare(&serde_json::from_str(&ours)?, &read(&case.name, "json")?, &case.name, &mut differences);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
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
fn payloads_are_frozen() -> Result<(), Failure> {
    for case in cases()? {
        let payload: Value = serde_json::from_str(&case.encode(Remedies::Omit)?)?;
        insta::assert_json_snapshot!(case.name.as_str(), payload);
    }
    Ok(())
}

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
            Some("object") if program.is_work(variable) => {
                let workflow = Workflow::builder().work(program.work(variable)?).build()?;
                let encoded = serde_json::to_value(Encoded::new(&workflow, &stamp).remedies(remedies))?;
                let works = encoded.pointer("/attributes/template/attributes/_works").and_then(Value::as_object);
                serde_json::to_string(works.and_then(|works| works.values().next()).ok_or("no work was encoded")?)?
            }
            Some("object") => serde_json::to_string(&Encoded::new(&program.workflow()?, &stamp).remedies(remedies))?,
            Some("submit") => {
                let (workflow, options) = (program.workflow()?, &emit["kwargs"]);
                let mut submission = Submission::new(&workflow, &stamp).remedies(remedies);
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
                let (workflow, props) = (program.workflow()?, &emit["props"]);
                let name = props["name"].as_str().ok_or("the request has no name")?;
                let request =
                    AddRequest::new(name, &workflow, &stamp).lifetime(Days::new(to::<Number>(&props["lifetime"])?));
                serde_json::to_string(&request.remedies(remedies))?
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

/// The objects of a case: class, and the values that the constructor, setters and assignments were given.
struct Program {
    objects: HashMap<String, (String, Map<String, Value>)>,
    works: Vec<String>,
}

impl Program {
    fn run(steps: &Value) -> Result<Self, Failure> {
        let mut program = Self { objects: HashMap::new(), works: Vec::new() };
        for step in steps.as_array().ok_or("no steps")? {
            let text = |key: &str| step[key].as_str().ok_or_else(|| format!("a step without {key}: {step}"));
            match (text("op")?, step["method"].as_str()) {
                ("new", _) => {
                    let arguments = to(&step["args"])?;
                    program.objects.insert(text("var")?.to_owned(), (text("class")?.to_owned(), arguments));
                }
                ("call", Some("add_work")) => program.works.push(to(&step["args"][0]["$ref"])?),
                ("call", Some("set_workload_id")) => program.set(text("on")?, "workload_id", &step["args"][0])?,
                ("set", _) => program.set(text("on")?, text("attr")?, &step["value"])?,
                _ => return Err(format!("no builder for {step}").into()),
            }
        }
        Ok(program)
    }

    fn set(&mut self, variable: &str, attribute: &str, value: &Value) -> Result<(), Failure> {
        let (_, settings) = self.objects.get_mut(variable).ok_or("an unknown variable")?;
        settings.insert(attribute.to_owned(), value.clone());
        Ok(())
    }

    fn is_work(&self, variable: &str) -> bool {
        self.objects.get(variable).is_some_and(|(class, _)| class != "Workflow")
    }

    fn work(&self, variable: &str) -> Result<AnyWork, Failure> {
        let (class, settings) = self.objects.get(variable).ok_or("an unknown variable")?;
        match class.as_str() {
            "ATLASHPOWork" => Ok(search(settings)?.into()),
            "ATLASStageinWork" => Ok(stage_in(settings)?.into()),
            other => Err(format!("no builder for {other}").into()),
        }
    }

    fn workflow(&self) -> Result<Workflow, Failure> {
        let (_, settings) = self.objects.values().find(|(class, _)| class == "Workflow").ok_or("no workflow")?;
        let mut workflow = Workflow::builder();
        for (name, value) in settings {
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
        for work in &self.works {
            workflow = workflow.work(self.work(work)?);
        }
        Ok(workflow.build()?)
    }
}

fn search(settings: &Map<String, Value>) -> Result<ATLASHPOWork, Failure> {
    let mut work = ATLASHPOWork::builder();
    for (name, value) in settings.iter().filter(|(_, value)| !value.is_null()) {
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

fn stage_in(settings: &Map<String, Value>) -> Result<ATLASStageinWork, Failure> {
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

fn collection(value: &Value) -> Result<Collection, Failure> {
    Ok(Collection::new(to::<String>(&value["scope"])?, to::<String>(&value["name"])?)?)
}

fn to<T: DeserializeOwned>(value: &Value) -> Result<T, Failure> {
    let plain = match value.as_array() {
        Some(items) => items.iter().map(|item| item.get("$tuple").unwrap_or(item).clone()).collect(),
        None => value.clone(),
    };
    serde_json::from_value(plain).map_err(|error| format!("{error} in {value}").into())
}

/// Lists where two values differ; 5 and 5.0 do, the order of keys does not count.
fn compare(ours: &Value, recorded: &Value, place: &str, differences: &mut Vec<String>) {
    match (ours, recorded) {
        (Value::Object(ours), Value::Object(recorded)) => {
            for (key, value) in recorded {
                let place = format!("{place}.{key}");
                match ours.get(key) {
                    Some(own) => compare(own, value, &place, differences),
                    None => differences.push(format!("{place} is missing")),
                }
            }
            differences.extend(
                ours.keys().filter(|key| !recorded.contains_key(*key)).map(|key| format!("{place}.{key} is too much")),
            );
        }
        (Value::Array(ours), Value::Array(recorded)) if ours.len() == recorded.len() => {
            for (index, (own, value)) in ours.iter().zip(recorded).enumerate() {
                compare(own, value, &format!("{place}[{index}]"), differences);
            }
        }
        _ if ours == recorded => {}
        _ => differences.push(format!("{place} is {ours}, recorded is {recorded}")),
    }
}
