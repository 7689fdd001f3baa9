//! Payloads recorded from Python iDDS, built again through the public builders.
//!
//! `IDDS_REFERENCE_DIR` names another directory of cases than `tests/reference`; with `IDDS_REFERENCE_OUT` set, what we
//! encode is written there as `NAME.json`.

mod compare;
mod legacy;
mod program;
mod sent;
mod works;

use std::fs;
use std::path::{Path, PathBuf};

use idds::workflow::wire::{AddRequest, Encoded, Family, Remedies, Submission, decode};
use idds::workflow::{AnyWork, Days, Number, Stamp, Step, Work, Workflow, when};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use self::compare::Comparison;
use self::program::Program;
use crate::support::Oracle;

type Failure = Box<dyn std::error::Error>;

#[test]
fn reference_cases() -> Result<(), Failure> {
    let out = std::env::var_os("IDDS_REFERENCE_OUT").map(PathBuf::from);
    if let Some(folder) = &out {
        fs::create_dir_all(folder)?;
    }
    let mut differences = Vec::new();
    for case in cases()? {
        let payloads = match case.encode(Remedies::Omit) {
            Ok(payloads) => payloads,
            Err(error) => {
                differences.push(format!("{}: {error}", case.name));
                continue;
            }
        };
        for Payload { name, text } in payloads {
            if let Some(folder) = &out {
                fs::write(folder.join(format!("{name}.json")), &text)?;
            }
            let mut comparison = Comparison::default();
            comparison.compare(&serde_json::from_str(&text)?, &read(&name, "json")?, &name);
            differences.extend(comparison.differences);
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(())
}

#[test]
fn the_real_package_finds_no_difference() -> Result<(), Failure> {
    let Some(oracle) = Oracle::available() else {
        return Ok(());
    };
    for Payload { name, text } in payloads(Remedies::Omit)? {
        let exact = oracle.diff(&text, &name);
        assert!(exact.passed(), "{name}: {exact}");
    }
    Ok(())
}

#[test]
fn what_we_submit_loads_with_every_method_that_the_real_agents_call() -> Result<(), Failure> {
    let Some(oracle) = Oracle::available() else {
        return Ok(());
    };
    // The agents of 2.6.21 fail on v1 and on requests without a workflow, also when Python makes them.
    for Payload { name, text } in payloads_of(Case::is_for_agents, Remedies::Add)? {
        let limit = NOT_RUN.iter().find(|(case, _)| *case == name);
        let decoded = oracle.decode_as_agent(&name, &text);
        assert!(decoded.passed() || limit.is_some(), "{name}: {decoded}");
        assert!(
            !decoded.passed() || limit.is_none(),
            "{name} loads, although {limit:?}"
        );
    }
    Ok(())
}

#[test]
fn what_decoding_makes_of_a_recorded_payload_encodes_to_it_again() -> Result<(), Failure> {
    // The dependency maps of a workflow that is sent in steps are not in the payload.
    let is_whole = |case: &Case| {
        case.name != "v2_submit_steps" && case.family() == Family::V2 && case.is_of_works()
    };
    for case in cases()?.into_iter().filter(is_whole) {
        let recorded = recorded_workflow(&read(&case.name, "json")?)?;
        let decoded = decode(&recorded).map_err(|error| format!("{}: {error}", case.name))?;
        assert_eq!(decoded.problems, [], "{}", case.name);
        let is_unknown = |work: &AnyWork| matches!(work, AnyWork::CustomWork(_));
        assert!(
            !decoded
                .workflow
                .steps()
                .any(|(_, step)| matches!(step, Step::Work(work) if is_unknown(work))),
            "{}",
            case.name
        );
        let stamp = case.stamp()?;
        let again =
            serde_json::to_value(Encoded::new(&decoded.workflow, &stamp).remedies(Remedies::Omit))?;
        let mut comparison = Comparison::default();
        comparison.compare(&again, &recorded, &case.name);
        assert!(
            comparison.differences.is_empty(),
            "{}",
            comparison.differences.join("\n")
        );
    }
    Ok(())
}

#[test]
fn a_v1_payload_decodes_to_the_same_definition_as_its_v2_twin() -> Result<(), Failure> {
    let mut count = 0;
    for case in cases()?
        .into_iter()
        .filter(|case| case.family() == Family::V1 && case.is_of_works())
    {
        let case = case.name.trim_start_matches("v1_");
        // Campaigns, slices of global parameters, some classes and some settings are new in v2.
        let is_new = [
            "workflow_attributes",
            "arguments_by_position",
            "every_argument",
            "every_assignment",
            "doma_nulls",
        ];
        // v1 sends null for no map too, and keeps numbers as they were given.
        if is_new.contains(&case) || ["doma_null_map", "doma_numbers"].contains(&case) {
            continue;
        }
        let Ok(twin) = read(&format!("v2_{case}"), "json") else {
            continue;
        };
        let [v1, v2] =
            [read(&format!("v1_{case}"), "json")?, twin].map(|payload| recorded_workflow(&payload));
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
    let workflow = Workflow::builder()
        .name("w")
        .work(Work::builder("x").build()?)
        .build()?;
    let text = serde_json::to_string(&Encoded::new(&workflow, &stamp))?;
    let id = payload["attributes"]["_metadata"]["attributes"]["internal_id"]
        .as_str()
        .ok_or("an id")?;
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
    // The ids of v1 payloads are those of the v2 ones, and everything else is compared with the recorded payloads.
    for Payload { name, text } in payloads_of(|case| case.family() == Family::V2, Remedies::Omit)? {
        let payload = compare::unzipped(serde_json::from_str(&text)?);
        insta::assert_json_snapshot!(name, payload);
    }
    Ok(())
}

/// Says where the encoding of a workflow differs from this recorded case.
pub(crate) fn differences(name: &str, workflow: &Workflow) -> Result<Vec<String>, Failure> {
    let case = Case {
        inputs: read(name, "inputs.json")?,
        name: name.to_owned(),
    };
    let stamp = case.stamp()?;
    let ours = serde_json::to_value(Encoded::new(workflow, &stamp).remedies(Remedies::Omit))?;
    let mut comparison = Comparison::default();
    comparison.compare(&ours, &read(name, "json")?, name);
    Ok(comparison.differences)
}

/// The workflow of every recorded case of the v2 family, by the name of the case.
pub(crate) fn workflows() -> Result<Vec<(String, Workflow)>, Failure> {
    let mut workflows = Vec::new();
    for case in cases()?
        .into_iter()
        .filter(|case| case.family() == Family::V2 && case.is_of_works())
    {
        let program = Program::run(&case.inputs)?;
        let variables = program
            .variables()
            .filter(|variable| program.is_workflow(variable));
        for variable in variables {
            let workflow = program
                .workflow(variable)
                .map_err(|error| format!("{}: {error}", case.name))?;
            workflows.push((case.name.clone(), workflow));
        }
    }
    Ok(workflows)
}

/// Every work of the recorded cases of the v2 family, by the name of the case.
pub(crate) fn works() -> Result<Vec<(String, AnyWork)>, Failure> {
    let mut works = Vec::new();
    for case in cases()?
        .into_iter()
        .filter(|case| case.family() == Family::V2 && case.is_of_works())
    {
        let program = Program::run(&case.inputs)?;
        for variable in program
            .variables()
            .filter(|variable| program.is_work(variable))
        {
            works.push((case.name.clone(), program.work(variable)?));
        }
    }
    Ok(works)
}

/// Recorded cases that the request agent of 2.6.21 cannot run, and why. It cannot run those of Python, either.
const NOT_RUN: [(&str, &str); 4] = [
    ("v2_more_parameter_link", "it has parameter links, too"),
    (
        "v2_parameter_link",
        "the class of a parameter link cannot be made without its argument, which the decoder does not give",
    ),
    ("v2_sub_loop_links", "it has parameter links, too"),
    (
        "v2_subworkflow",
        "its sub-workflow is not released by a condition, and get_new_works() fails on those",
    ),
];

/// Why a step that never starts is refused; `initial_works_released` has the same with a step that does start.
const NEVER_STARTS: &str =
    "its third work never starts, and building says so instead of sending it";
const PROCESSING: &str =
    "a processing is the server's note of an attempt, and a work has none before it is sent";
/// `plain_values` has all other values of the case.
const ENUMERATIONS: &str = "members of enumerations as parameters, which the server would make objects of, and an integer of more than 64 bits";

/// Recorded cases that a definition does not express, and why.
const NOT_EXPRESSED: [(&str, &str); 8] = [
    ("v1_initial_works", NEVER_STARTS),
    ("v2_initial_works", NEVER_STARTS),
    ("v1_processing", PROCESSING),
    ("v2_processing", PROCESSING),
    (
        "v2_method_value",
        "an attribute that holds a method of another work, which means something inside the Python program only",
    ),
    ("v1_values", ENUMERATIONS),
    ("v2_values", ENUMERATIONS),
    (
        "v2_submit_x509",
        "the body holds the private key of the user, which is never sent",
    ),
];

/// Recorded cases without a work: a collection alone, and submissions that Python refuses.
const WITHOUT_WORKS: [&str; 3] = ["v1_collection", "v2_collection", "v1_submit_refused"];

#[test]
fn what_is_left_out_is_there() {
    let left_out = NOT_EXPRESSED
        .iter()
        .chain(&NOT_RUN)
        .map(|(case, _)| *case)
        .chain(WITHOUT_WORKS);
    let missing: Vec<_> = left_out
        .filter(|case| read(case, "inputs.json").is_err())
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// What we encode for a case: `NAME.json`, and `NAME.step0.json`, … for the requests before it.
struct Payload {
    name: String,
    text: String,
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

fn payloads(remedies: Remedies) -> Result<Vec<Payload>, Failure> {
    payloads_of(|_| true, remedies)
}

fn payloads_of(
    is_wanted: impl Fn(&Case) -> bool,
    remedies: Remedies,
) -> Result<Vec<Payload>, Failure> {
    let mut payloads = Vec::new();
    for case in cases()?.into_iter().filter(is_wanted) {
        payloads.extend(
            case.encode(remedies)
                .map_err(|error| format!("{}: {error}", case.name))?,
        );
    }
    Ok(payloads)
}

fn cases() -> Result<Vec<Case>, Failure> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory())? {
        if let Some(name) = entry?
            .file_name()
            .to_string_lossy()
            .strip_suffix(".inputs.json")
        {
            names.push(name.to_owned());
        }
    }
    let is_expressed = |name: &String| !NOT_EXPRESSED.iter().any(|(case, _)| case == name);
    names.retain(is_expressed);
    names.sort();
    assert!(!names.is_empty(), "no cases in {}", directory().display());
    names
        .into_iter()
        .map(|name| {
            Ok(Case {
                inputs: read(&name, "inputs.json")?,
                name,
            })
        })
        .collect()
}

impl Case {
    /// Makes the recorded calls through our builders and encodes what Python encoded.
    fn encode(&self, remedies: Remedies) -> Result<Vec<Payload>, Failure> {
        let mut payloads = Vec::new();
        let (family, stamp) = (self.family(), self.stamp()?);
        let program = Program::run(&self.inputs)?;
        let emit = &self.inputs["emit"];
        let variable = emit["var"].as_str().unwrap_or_default();
        let text = match emit["kind"].as_str() {
            Some("object") if program.is_workflow(variable) => {
                let workflow = program.workflow(variable)?;
                serde_json::to_string(
                    &Encoded::new(&workflow, &stamp)
                        .family(family)
                        .remedies(remedies),
                )?
            }
            Some("object") if program.is_collection(variable) => {
                let work = Work::empty().input(program.collection(variable)?).build()?;
                let work = encoded_work(work, family, &stamp, remedies)?;
                serde_json::to_string(first(&work, "/attributes/_collections")?)?
            }
            Some("object") => serde_json::to_string(&encoded_work(
                program.work(variable)?,
                family,
                &stamp,
                remedies,
            )?)?,
            // Python refuses to submit a v1 workflow and posts nothing; a `Submission` is always v2.
            Some("submit") if family == Family::V1 => Value::Null.to_string(),
            Some("submit") => {
                let (workflow, options) = (program.workflow(variable)?, &emit["kwargs"]);
                let is_build = emit["method"] == "submit_build";
                let mut submission = Submission::new(&workflow, &stamp).remedies(remedies);
                if is_build {
                    submission = submission.as_build();
                }
                if let Some(username) = options["username"].as_str() {
                    submission = submission.username(username);
                }
                if let Some(user_dn) = options["userdn"].as_str() {
                    submission = submission.user_dn(user_dn);
                }
                if options["use_dataset_name"].as_bool().unwrap_or(is_build) {
                    submission = submission.use_dataset_name();
                }
                let max_length = emit["client"]["max_request_length"]
                    .as_u64()
                    .unwrap_or(400_000_000);
                let steps = submission.in_steps(usize::try_from(max_length)?)?;
                for (index, upload) in steps.uploads().enumerate() {
                    let text = serde_json::to_string(&upload)?;
                    payloads.push(Payload {
                        name: format!("{}.step{index}", self.name),
                        text,
                    });
                }
                let mut text = Vec::new();
                steps.submission().write_json(&mut text)?;
                String::from_utf8(text)?
            }
            Some("add_request") if self.is_legacy() => legacy::request(&emit["props"])?,
            Some("add_request") => {
                let props = &emit["props"];
                let workflow = program.workflow(
                    props["request_metadata"]["workflow"]["$ref"]
                        .as_str()
                        .unwrap_or_default(),
                )?;
                let name = props["name"].as_str().ok_or("the request has no name")?;
                let mut request = AddRequest::new(name, &workflow, &stamp);
                if !props["lifetime"].is_null() {
                    request = request.lifetime(Days::new(to::<Number>(&props["lifetime"])?));
                }
                if let Some(requester) = props["requester"].as_str() {
                    request = request.requester(requester);
                }
                if let Some(scope) = props["scope"].as_str() {
                    request = request.scope(scope);
                }
                request = request.priority(to(&props["priority"])?);
                serde_json::to_string(&request.family(family).remedies(remedies))?
            }
            other => return Err(format!("cannot emit {other:?}").into()),
        };
        payloads.push(Payload {
            name: self.name.clone(),
            text,
        });
        Ok(payloads)
    }

    fn family(&self) -> Family {
        if self.inputs["family"] == "v1" {
            Family::V1
        } else {
            Family::V2
        }
    }

    /// Whether the case holds works: not a collection alone, a refusal, or a request without a workflow.
    fn is_of_works(&self) -> bool {
        !self.is_legacy() && !WITHOUT_WORKS.contains(&self.name.as_str())
    }

    /// Whether the case is one that the agents of 2.6.21 can deal with.
    fn is_for_agents(&self) -> bool {
        self.family() == Family::V2 && !self.is_legacy()
    }

    /// Whether the case is a request without a workflow.
    fn is_legacy(&self) -> bool {
        let props = &self.inputs["emit"]["props"];
        props.is_object() && props["request_metadata"]["workflow"].is_null()
    }

    fn stamp(&self) -> Result<Stamp, Failure> {
        let clock: jiff::Timestamp =
            format!("{}Z", self.inputs["clock"].as_str().ok_or("no clock")?).parse()?;
        Ok(Stamp::counting(
            clock,
            to(&self.inputs["id_start"])?,
            to(&self.inputs["rand_start"])?,
        ))
    }
}

/// Encodes a work: one that another work releases, so that it may depend on tasks that are not there.
fn encoded_work(
    work: impl Into<AnyWork>,
    family: Family,
    stamp: &Stamp,
    remedies: Remedies,
) -> Result<Value, Failure> {
    let mut workflow = Workflow::builder();
    let work = workflow.add("work", work.into());
    let other = workflow.add("other", Work::empty().build()?);
    let workflow = workflow
        .condition(when(other.is_finished()).then(&work))
        .build()?;
    let encoded = serde_json::to_value(
        Encoded::new(&workflow, stamp)
            .family(family)
            .remedies(remedies),
    )?;
    Ok(first(&encoded, "/attributes/template/attributes/_works")?.clone())
}

/// The first entry of the object at a place.
fn first<'a>(value: &'a Value, place: &str) -> Result<&'a Value, Failure> {
    let entries = value.pointer(place).and_then(Value::as_object);
    Ok(entries
        .and_then(|entries| entries.values().next())
        .ok_or_else(|| format!("nothing is at {place}"))?)
}

fn to<T: DeserializeOwned>(value: &Value) -> Result<T, Failure> {
    serde_json::from_value(plain(value)?).map_err(|error| format!("{error} in {value}").into())
}

/// The JSON that Python makes of a value.
fn plain(value: &Value) -> Result<Value, Failure> {
    let object = match value {
        Value::Array(items) => return items.iter().map(plain).collect(),
        Value::Object(object) => object,
        other => return Ok(other.clone()),
    };
    let text = |inner: &Value| {
        inner
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("no text: {value}"))
    };
    Ok(
        match object
            .iter()
            .next()
            .filter(|_| object.len() == 1)
            .map(|(key, inner)| (key.as_str(), inner))
        {
            Some(("$tuple", items)) => plain(items)?,
            Some(("$int", digits)) => {
                serde_json::from_str::<i128>(&text(digits)?).map(|number| json!(number))?
            }
            Some(("$float", number)) => serde_json::from_str(&text(number)?)?,
            Some(("$datetime", time)) => {
                let time: jiff::civil::DateTime = text(time)?.parse()?;
                time.strftime("%a, %d %b %Y %H:%M:%S UTC")
                    .to_string()
                    .into()
            }
            Some(("$timedelta", seconds)) => {
                let seconds = seconds.as_u64().ok_or("whole seconds")?;
                let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
                let days = match days {
                    0 => String::new(),
                    1 => "1 day, ".to_owned(),
                    more => format!("{more} days, "),
                };
                format!("{days}{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60).into()
            }
            Some(("$map", pairs)) => {
                let pairs = pairs.as_array().ok_or("a list of pairs")?;
                let key = |key: &Value| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                pairs
                    .iter()
                    .map(|pair| Ok((key(&pair[0]), plain(&pair[1])?)))
                    .collect::<Result<_, Failure>>()?
            }
            _ => object
                .iter()
                .map(|(key, inner)| Ok((key.clone(), plain(inner)?)))
                .collect::<Result<_, Failure>>()?,
        },
    )
}
