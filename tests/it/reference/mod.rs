//! Payloads recorded from Python iDDS, built again through the public builders.
//!
//! `IDDS_REFERENCE_DIR` names another directory of cases than `tests/reference`; with `IDDS_REFERENCE_OUT` set, what we
//! encode is written there as `NAME.json`.

mod compare;
mod legacy;
mod program;
mod works;

use std::fs;
use std::path::{Path, PathBuf};

use idds::workflow::wire::{AddRequest, Encoded, Family, Remedies, Submission};
use idds::workflow::{AnyWork, Days, Number, Stamp, Work, Workflow, when};
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::compare::Comparison;
use self::program::Program;
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
        if case.family() == Family::V1 || case.is_legacy() {
            continue; // The agents of 2.6.21 fail on both, also when Python makes them.
        }
        let submitted = case.encode(Remedies::Add)?;
        let decoded = oracle.decode_as_agent(&case.name, &submitted);
        let limit = NOT_RUN.iter().find(|(limited, _)| case.name.ends_with(&format!("_{limited}")));
        assert!(decoded.passed() || limit.is_some(), "{}: {decoded}", case.name);
    }
    Ok(())
}

#[test]
fn payloads_are_frozen() -> Result<(), Failure> {
    // The ids of v1 payloads are those of the v2 ones, and everything else is compared with the recorded payloads.
    for case in cases()?.into_iter().filter(|case| case.family() == Family::V2) {
        let payload = compare::unzipped(serde_json::from_str(&case.encode(Remedies::Omit)?)?);
        insta::assert_json_snapshot!(case.name.as_str(), payload);
    }
    Ok(())
}

/// Recorded cases that the request agent of 2.6.21 cannot run, and why. It cannot run those of Python, either.
const NOT_RUN: [(&str, &str); 3] = [
    (
        "parameter_link",
        "the class of a parameter link cannot be made without its argument, which the decoder does not give",
    ),
    ("sub_loop_links", "it has parameter links, too"),
    ("subworkflow", "its sub-workflow is not released by a condition, and get_new_works() fails on those"),
];

/// Recorded cases that a definition should not express, and why.
const NOT_EXPRESSED: [(&str, &str); 5] = [
    ("initial_works", "its third work never starts, which building refuses"),
    ("processing", "a processing is made by the server"),
    ("method_value", "an attribute that holds a method of another object, set from outside"),
    (
        "values",
        "dates, members of enumerations, keys that are no text, and an integer of more than 64 bits as parameters",
    ),
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
        let (family, stamp) = (self.family(), self.stamp()?);
        let program = Program::run(&self.inputs["steps"])?;
        let emit = &self.inputs["emit"];
        let variable = emit["var"].as_str().unwrap_or_default();
        let text = match emit["kind"].as_str() {
            Some("object") if program.is_workflow(variable) => {
                let workflow = program.workflow(variable)?;
                serde_json::to_string(&Encoded::new(&workflow, &stamp).family(family).remedies(remedies))?
            }
            Some("object") if program.is_collection(variable) => {
                let work = Work::empty().input(program.collection(variable)?).build()?;
                let work = encoded_work(work, family, &stamp, remedies)?;
                serde_json::to_string(first(&work, "/attributes/_collections")?)?
            }
            Some("object") => serde_json::to_string(&encoded_work(program.work(variable)?, family, &stamp, remedies)?)?,
            // Python refuses to submit a v1 workflow and posts nothing; a `Submission` is always v2.
            Some("submit") if family == Family::V1 => Value::Null.to_string(),
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
            Some("add_request") if self.is_legacy() => legacy::request(&emit["props"])?,
            Some("add_request") => {
                let props = &emit["props"];
                let workflow =
                    program.workflow(props["request_metadata"]["workflow"]["$ref"].as_str().unwrap_or_default())?;
                let name = props["name"].as_str().ok_or("the request has no name")?;
                let lifetime = Days::new(to::<Number>(&props["lifetime"])?);
                let request = AddRequest::new(name, &workflow, &stamp).lifetime(lifetime);
                serde_json::to_string(&request.family(family).remedies(remedies))?
            }
            other => return Err(format!("{}: cannot emit {other:?}", self.name).into()),
        };
        Ok(text)
    }

    fn family(&self) -> Family {
        if self.inputs["family"] == "v1" { Family::V1 } else { Family::V2 }
    }

    /// Whether the case is a request without a workflow.
    fn is_legacy(&self) -> bool {
        let props = &self.inputs["emit"]["props"];
        props.is_object() && props["request_metadata"]["workflow"].is_null()
    }

    fn stamp(&self) -> Result<Stamp, Failure> {
        let clock: jiff::Timestamp = format!("{}Z", self.inputs["clock"].as_str().ok_or("no clock")?).parse()?;
        Ok(Stamp::counting(clock, to(&self.inputs["id_start"])?, to(&self.inputs["rand_start"])?))
    }
}

/// Encodes a work: one that another work releases, so that it may depend on tasks that are not there.
fn encoded_work(work: impl Into<AnyWork>, family: Family, stamp: &Stamp, remedies: Remedies) -> Result<Value, Failure> {
    let mut workflow = Workflow::builder();
    let work = workflow.add("work", work.into());
    let other = workflow.add("other", Work::empty().build()?);
    let workflow = workflow.condition(when(other.is_finished()).then(&work)).build()?;
    let encoded = serde_json::to_value(Encoded::new(&workflow, stamp).family(family).remedies(remedies))?;
    Ok(first(&encoded, "/attributes/template/attributes/_works")?.clone())
}

/// The first entry of the object at a place.
fn first<'a>(value: &'a Value, place: &str) -> Result<&'a Value, Failure> {
    let entries = value.pointer(place).and_then(Value::as_object);
    Ok(entries.and_then(|entries| entries.values().next()).ok_or_else(|| format!("nothing is at {place}"))?)
}

fn to<T: DeserializeOwned>(value: &Value) -> Result<T, Failure> {
    let plain = match value.as_array() {
        Some(items) => items.iter().map(|item| item.get("$tuple").unwrap_or(item).clone()).collect(),
        None => value.clone(),
    };
    serde_json::from_value(plain).map_err(|error| format!("{error} in {value}").into())
}
