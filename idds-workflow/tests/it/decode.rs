//! Decoding: definitions through the wire and back, recorded traffic, and everything a server could send instead.

mod ids;

use std::fs;
use std::path::Path;

use idds_workflow::wire::{self, Encoded, LegacyRequest, Remedies, Steps, Submission};
use idds_workflow::{
    ATLASHPOWork, AnyWork, Collection, CustomWork, Dialect, DomaPanDAESWork, DomaPanDAWork, Event,
    EventDependency, EventJob, InternalId, Job, Method, ModelId, OptSpace, Scalar, SegmentedPoint,
    SegmentedSpace, Stamp, Step, StepRef, Work, WorkStatus, Workflow, WorkloadId, all, any, nested,
    when,
};
use serde_json::{Value, json};

use crate::random::Dice;

type Failure = Box<dyn std::error::Error>;

/// Number of random workflows of each kind.
const WORKFLOWS: u64 = 300;

fn stamp(seed: u64) -> Result<Stamp, Failure> {
    Ok(Stamp::new("2024-03-05T06:07:08.000009Z".parse()?, seed))
}

fn recorded(name: &str) -> Result<Value, Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/traffic")
        .join(format!("{name}.json"));
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

fn only_work(workflow: &Workflow) -> Option<&AnyWork> {
    match workflow.step("step1") {
        Some(Step::Work(work)) => Some(work),
        _ => None,
    }
}

/// The payload of a workflow of one work, to be spoilt.
fn payload() -> Result<Value, Failure> {
    let work = Work::builder("x")
        .output(Collection::new("s", "out")?)
        .build()?;
    let workflow = Workflow::builder().name("w").work(work).build()?;
    Ok(serde_json::to_value(Encoded::new(&workflow, &stamp(1)?))?)
}

/// A place inside [`payload`].
fn attributes_of_work(payload: &mut Value) -> Option<&mut Value> {
    let works = payload
        .pointer_mut("/attributes/template/attributes/_works")?
        .as_object_mut()?;
    works.values_mut().next()?.get_mut("attributes")
}

#[test]
fn a_definition_comes_back_from_the_wire() -> Result<(), Failure> {
    for seed in 0..WORKFLOWS {
        let mut dice = Dice::new(seed);
        let workflow = if seed % 10 == 9 {
            dice.linked_workflow()?
        } else {
            dice.workflow(3)?
        };
        let stamp = stamp(seed)?;
        for remedies in [Remedies::Add, Remedies::Omit] {
            let text =
                serde_json::to_string(&Submission::new(&workflow, &stamp).remedies(remedies))?;
            let decoded = wire::decode(&serde_json::from_str(&text)?)
                .map_err(|error| format!("{seed}: {error}"))?;
            assert!(
                decoded.workflow == workflow,
                "{seed}: {:#?}\nis not\n{workflow:#?}",
                decoded.workflow
            );
            assert_eq!(decoded.problems, [], "{seed}");
        }
    }
    Ok(())
}

#[test]
fn a_submission_writes_the_text_that_a_serializer_writes() -> Result<(), Failure> {
    for seed in 0..WORKFLOWS {
        let mut dice = Dice::new(seed);
        let workflow = if seed % 10 == 9 {
            dice.linked_workflow()?
        } else {
            dice.workflow(3)?
        };
        let stamp = stamp(seed)?;
        let submission = Submission::new(&workflow, &stamp);
        let forms = [
            submission.clone(),
            submission.clone().remedies(Remedies::Omit),
            submission.clone().as_build(),
        ];
        let in_steps = submission.in_steps(1000).ok();
        for submission in forms.iter().chain(in_steps.as_ref().map(Steps::submission)) {
            let mut text = Vec::new();
            submission.write_json(&mut text)?;
            assert_eq!(
                String::from_utf8(text)?,
                serde_json::to_string(submission)?,
                "{seed}"
            );
        }
    }
    Ok(())
}

/// The server sorts the keys of its answers. With ids that count up, the order of steps and conditions stays.
#[test]
fn a_definition_comes_back_from_the_servers_order_of_keys() -> Result<(), Failure> {
    for seed in 0..WORKFLOWS / 3 {
        let workflow = Dice::new(seed).workflow(3)?;
        let stamp = Stamp::counting("2024-03-05T06:07:08Z".parse()?, 1, 1);
        let mut body = serde_json::to_value(Submission::new(&workflow, &stamp))?;
        body.sort_all_objects();
        let decoded = wire::decode(&body).map_err(|error| format!("{seed}: {error}"))?;
        assert!(
            decoded.workflow == workflow,
            "{seed}: {:#?}\nis not\n{workflow:#?}",
            decoded.workflow
        );
    }
    Ok(())
}

#[test]
fn steps_inside_sub_workflows_are_listed_with_their_ids() -> Result<(), Failure> {
    let inner = Workflow::builder()
        .work(Work::builder("x").build()?)
        .build()?;
    let workflow = Workflow::builder()
        .work(Work::builder("y").build()?)
        .work(inner)
        .build()?;
    let stamp = Stamp::counting("2024-03-05T06:07:08Z".parse()?, 1, 1);
    let decoded = wire::decode(&serde_json::to_value(Encoded::new(&workflow, &stamp))?)?;
    let steps: Vec<_> = decoded
        .steps
        .iter()
        .map(|info| format!("{} {}", info.step, info.id))
        .collect();
    assert_eq!(
        steps,
        ["step1 00000002", "step2 00000003", "step2/step1 00000004"]
    );
    assert_eq!(decoded.id.to_string(), "00000001");
    Ok(())
}

#[test]
fn build_works_are_listed_with_their_ids_and_what_the_server_added() -> Result<(), Failure> {
    let workflow = Workflow::builder()
        .work(Work::builder("x").build()?)
        .build_with(Work::builder("make").build()?);
    let stamp = Stamp::counting("2024-03-05T06:07:08Z".parse()?, 1, 1);
    let mut payload = serde_json::to_value(Encoded::new(&workflow.build()?, &stamp))?;
    let build_work = payload
        .pointer_mut("/attributes/template/attributes/build_work/attributes")
        .ok_or("a work")?;
    build_work["terminated_msg"] = "done".into();
    let decoded = wire::decode(&payload)?;
    let [info] = &decoded.build_works[..] else {
        return Err("no build work".into());
    };
    assert_eq!(
        (info.step.as_str(), info.id.to_string().as_str()),
        ("build_work", "00000003")
    );
    assert_eq!(json!(info.added), json!({"terminated_msg": "done"}));
    Ok(())
}

fn search_with(document: &Value) -> Result<wire::Decoded, Failure> {
    let search = ATLASHPOWork::builder()
        .opt_space(OptSpace::builder().build()?)
        .build()?;
    let mut payload = serde_json::to_value(Encoded::new(
        &Workflow::builder().work(search).build()?,
        &stamp(1)?,
    ))?;
    attributes_of_work(&mut payload).ok_or("a work")?["opt_space"] = document.clone();
    Ok(wire::decode(&payload)?)
}

/// The form of hpogrid, which a steering program is given as it is.
#[test]
fn a_segmented_search_is_sent_in_its_dialect() -> Result<(), Failure> {
    let space = OptSpace::builder()
        .parameter("A", Scalar::new().range(0..=5))
        .build()?;
    let segments = SegmentedSpace::builder()
        .segment(ModelId::new(7), space)
        .build()?;
    let search = ATLASHPOWork::container("image", "run %IN %OUT", segments, 20)
        .dialect(Dialect::BayesOpt)
        .initial_point(SegmentedPoint::new(ModelId::new(7), [("A", 4)]), 0.5)
        .build()?;
    let spaces = json!([{"model_id": 7, "search_space": {"A": [0, 5]}}]);
    let points = json!([[[7, {"A": 4}], 0.5]]);
    let legacy = serde_json::to_value(LegacyRequest::search(&search)?)?;
    assert_eq!(
        (
            &legacy["request_metadata"]["opt_space"],
            &legacy["request_metadata"]["initial_points"]
        ),
        (&spaces, &points)
    );
    let workflow = Workflow::builder().work(search).build()?;
    let mut payload = serde_json::to_value(Encoded::new(&workflow, &stamp(1)?))?;
    let attributes = attributes_of_work(&mut payload).ok_or("a work")?;
    assert_eq!(
        (&attributes["opt_space"], &attributes["initial_points"]),
        (&spaces, &points)
    );
    assert_eq!(attributes["opt_space_dialect"], "bayes_opt");
    assert_eq!(wire::decode(&payload)?.workflow, workflow);
    Ok(())
}

#[test]
fn the_dialect_of_a_space_of_python_is_the_only_one_that_fits() -> Result<(), Failure> {
    let uniform = json!({"A": {"method": "uniform", "dimension": {"low": 0, "high": 5}}});
    for (document, dialect) in [
        (
            json!({"A": {"type": "Scalar", "bounds": [0, 5]}}),
            Dialect::Nevergrad,
        ),
        (json!({"A": ["x", "y"]}), Dialect::Lists),
        (uniform.clone(), Dialect::Hpogrid),
        (
            json!([{"model_id": 7, "search_space": uniform}]),
            Dialect::Hpogrid,
        ),
    ] {
        let decoded = search_with(&document)?;
        let Some(AnyWork::ATLASHPOWork(search)) = only_work(&decoded.workflow) else {
            return Err("no search".into());
        };
        assert_eq!(search.dialect(), dialect, "{document}");
        assert_eq!(
            search.opt_space().map(|space| space.write(dialect)),
            Some(Ok(document))
        );
    }
    Ok(())
}

#[test]
fn a_space_that_could_be_of_two_dialects_is_left_as_it_is() -> Result<(), Failure> {
    let decoded = search_with(&json!({"A": [0, 5]}))?;
    assert!(
        matches!(only_work(&decoded.workflow), Some(AnyWork::CustomWork(work)) if work.class() == "ATLASHPOWork")
    );
    let [problem] = &decoded.problems[..] else {
        return Err("one problem".into());
    };
    assert_eq!(
        problem.message(),
        "is of the bayes_opt dialect or of the lists one"
    );
    Ok(())
}

/// When the agents give a task to PanDA, they append numbers to its name.
#[test]
fn the_name_of_a_task_is_the_one_it_was_sent_with() -> Result<(), Failure> {
    let task = DomaPanDAWork::builder("simulate")
        .job(Job::new("s0"))
        .build()?;
    let mut payload = serde_json::to_value(Encoded::new(
        &Workflow::builder().work(task.clone()).build()?,
        &stamp(1)?,
    ))?;
    let attributes = attributes_of_work(&mut payload).ok_or("a work")?;
    attributes["task_name"] = "simulate_7_8".into();
    assert_eq!(
        only_work(&wire::decode(&payload)?.workflow),
        Some(&task.into())
    );
    Ok(())
}

#[test]
fn a_task_whose_map_the_server_keeps_in_a_file_stays_a_work_of_its_class() -> Result<(), Failure> {
    let task = DomaPanDAWork::builder("simulate")
        .job(Job::new("s0"))
        .build()?;
    let mut payload = serde_json::to_value(Encoded::new(
        &Workflow::builder().work(task).build()?,
        &stamp(1)?,
    ))?;
    let attributes = attributes_of_work(&mut payload).ok_or("a work")?;
    attributes["_dependency_map"] = json!({"idds_dependency_map_file": "/data/simulate"});
    let decoded = wire::decode(&payload)?;
    assert!(
        matches!(only_work(&decoded.workflow), Some(AnyWork::CustomWork(work)) if work.class() == "DomaPanDAWork")
    );
    let [problem] = &decoded.problems[..] else {
        return Err("one problem".into());
    };
    assert_eq!(problem.message(), "is in a file of the server");
    Ok(())
}

#[test]
fn a_running_search_is_read_with_its_state() -> Result<(), Failure> {
    let decoded = wire::decode(&recorded("get_requests_metadata")?)?;
    let Some(AnyWork::ATLASHPOWork(search)) = only_work(&decoded.workflow) else {
        return Err("no search".into());
    };
    assert_eq!(
        (search.method(), search.max_points()),
        (Some(Method::Nevergrad), Some(&6.into()))
    );
    assert_eq!(
        (search.name(), search.output_json(), search.task_name()),
        (None, None, Some("hpo"))
    );
    assert_eq!(
        (decoded.workflow.name(), decoded.name.as_str()),
        (None, "idds.workflow.2026_11_22_12_19_00_490769902")
    );
    let step = decoded.step(&StepRef::new("step1")).ok_or("no step1")?;
    let run = step.latest().ok_or("no run")?;
    assert_eq!(
        (step.id.to_string().as_str(), run.run.numbers()),
        ("b3473317", &[1][..])
    );
    assert_eq!(
        (run.status, run.is_transforming, run.work_id),
        (WorkStatus::Transforming, true, Some(1))
    );
    assert_eq!((run.workload_id, run.external_id.as_deref()), (None, None));
    assert!(!format!("{decoded:?}").contains("[proxy]"));
    Ok(())
}

#[test]
fn the_state_inside_the_workflow_counts_when_there_is_no_other() -> Result<(), Failure> {
    let mut row = recorded("get_requests_metadata")?;
    let whole = wire::decode(&row)?;
    row.as_object_mut()
        .ok_or("an object")?
        .remove("processing_metadata");
    assert_eq!(wire::decode(&row)?, whole);
    Ok(())
}

#[test]
fn recorded_submissions_are_read() -> Result<(), Failure> {
    for name in [
        "submit_v2_hpo_container",
        "submit_v2_hpo_nevergrad",
        "submit_v2_hpo_plain",
        "submit_v2_named_workload",
        "submit_v2_stagein",
    ] {
        let body = recorded(name)?;
        let decoded = wire::decode(&body).map_err(|error| format!("{name}: {error}"))?;
        assert_eq!(
            (decoded.steps.len(), &decoded.problems[..]),
            (1, &[][..]),
            "{name}"
        );
        let again = serde_json::to_value(Encoded::new(&decoded.workflow, &stamp(3)?))?;
        assert_eq!(wire::decode(&again)?.workflow, decoded.workflow, "{name}");
        assert!(
            !matches!(only_work(&decoded.workflow), Some(AnyWork::CustomWork(_))),
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn every_run_of_a_loop_has_its_state_in_order() -> Result<(), Failure> {
    let inner = Workflow::builder()
        .work(Work::builder("x").build()?)
        .build()?;
    let workflow = Workflow::builder().work(inner).build()?;
    let mut payload = serde_json::to_value(Encoded::new(&workflow, &stamp(1)?))?;
    let [sub, work] = {
        let decoded = wire::decode(&payload)?;
        [0, 1].map(|index: usize| decoded.steps[index].id.to_string())
    };
    let state = |status: i64, work_id: u64| {
        let works = json!({&work: {"type": "work", "status": status, "work_id": work_id, "workload_id": "77"}});
        json!({"class": "DictMetadata", "module": "m", "attributes": {"works": works}})
    };
    let runs = json!({"10": state(2, 8), "9": state(3, 7)});
    let works = json!({&sub: {"type": "workflow", "metadata": {"num_run": 10, "runs": runs}}});
    let metadata = json!({"class": "DictMetadata", "module": "m", "attributes": {"works": works}});
    payload["attributes"]["runs"] = json!({"1": {"class": "WorkflowBase", "module": "m", "attributes": {"_metadata": metadata}}});
    let decoded = wire::decode(&payload)?;
    assert!(decoded.steps[0].runs.is_empty());
    let runs = &decoded.steps[1].runs;
    let states: Vec<_> = runs
        .iter()
        .map(|run| format!("{} {} {:?}", run.run, run.status, run.work_id))
        .collect();
    assert_eq!(
        states,
        ["1_9 Finished Some(7)", "1_10 Transforming Some(8)"]
    );
    assert_eq!(runs[0].workload_id.map(WorkloadId::get), Some(77));
    Ok(())
}

#[test]
fn run_numbers_of_outputs_are_taken_off() -> Result<(), Failure> {
    let text = payload()?.to_string().replace("\"out.0\"", "\"out.0..1\"");
    let decoded = wire::decode(&serde_json::from_str(&text)?)?;
    let Some(AnyWork::Work(work)) = only_work(&decoded.workflow) else {
        return Err("no work".into());
    };
    assert_eq!(work.outputs().next().map(Collection::name), Some("out"));
    Ok(())
}

#[test]
fn a_work_of_an_unknown_class_keeps_its_attributes() -> Result<(), Failure> {
    let text = payload()?.to_string().replace(
        "idds.workflowv2.work\",\"attributes\":{\"_collections",
        "my.work\",\"attributes\":{\"threshold\":[1,2],\"_collections",
    );
    let decoded = wire::decode(&serde_json::from_str(&text)?)?;
    let output = Collection::new("s", "out")?;
    let expected = CustomWork::builder("Work", "my.work")
        .executable("x")
        .output(output);
    let expected: AnyWork = expected
        .attribute("threshold", json!([1, 2]))
        .build()?
        .into();
    assert_eq!(only_work(&decoded.workflow), Some(&expected));
    Ok(())
}

#[test]
fn a_search_whose_space_is_of_another_dialect_keeps_it_as_an_attribute() -> Result<(), Failure> {
    let text = recorded("submit_v2_hpo_nevergrad")?
        .to_string()
        .replace("\"Choice\"", "\"loguniform\"");
    let decoded = wire::decode(&serde_json::from_str(&text)?)?;
    assert!(matches!(
        only_work(&decoded.workflow),
        Some(AnyWork::CustomWork(_))
    ));
    assert_eq!(decoded.problems.len(), 1, "{:?}", decoded.problems);
    Ok(())
}

#[test]
fn what_the_server_keeps_in_a_work_is_no_part_of_the_definition() -> Result<(), Failure> {
    let mut payload = payload()?;
    let plain = wire::decode(&payload)?;
    let attributes = attributes_of_work(&mut payload).ok_or("a work")?;
    attributes["terminated_msg"] = "done".into();
    attributes["_parent_id"] = "x".into();
    attributes["proxy"] = "-----BEGIN".into();
    attributes["member"] = json!({"class": "C", "module": "m", "attributes": {"_value_": 3}});
    let decoded = wire::decode(&payload)?;
    assert_eq!(decoded.workflow, plain.workflow);
    let mut names: Vec<_> = decoded.steps[0].added.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["_parent_id", "member", "terminated_msg"]);
    Ok(())
}

#[test]
fn sub_workflows_and_conditions_as_deep_as_the_limit_fit_the_stack() -> Result<(), Failure> {
    let mut workflow = Workflow::builder()
        .work(Work::builder("x").build()?)
        .build()?;
    for _ in 0..40 {
        workflow = Workflow::builder().work(workflow).build()?;
    }
    let mut builder = Workflow::builder();
    let [first, last] = ["step1", "step2"].map(|name| builder.add(name, workflow.clone()));
    let mut condition = when(first.is_finished()).then(&last);
    for _ in 0..60 {
        condition = when(first.is_finished()).then(condition);
    }
    let workflow = builder.condition(condition).build()?;
    let decoded = wire::decode(&serde_json::to_value(Encoded::new(&workflow, &stamp(1)?))?)?;
    assert!(decoded.workflow == workflow);
    assert_eq!(decoded.steps.len(), 2 * 42);
    Ok(())
}

#[test]
fn deep_nesting_is_refused() {
    let deep = (0..100_000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
    let error = wire::decode(&deep).expect_err("too deep");
    assert_eq!(error.to_string(), ": is nested deeper than 256 levels");
    // Dropping it would need the stack that decoding does not.
    std::mem::forget(deep);
}

#[test]
fn errors_name_the_place() -> Result<(), Failure> {
    let spoil = |change: fn(&mut Value)| -> Result<String, Failure> {
        let mut payload = payload()?;
        attributes_of_work(&mut payload)
            .map(change)
            .ok_or("a work")?;
        let error = wire::decode(&payload).expect_err("spoilt").to_string();
        // The ids are of no interest.
        let is_id = |part: &str| part.parse::<InternalId>().is_ok();
        Ok(error
            .split('/')
            .map(|part| if is_id(part) { "ID" } else { part })
            .collect::<Vec<_>>()
            .join("/"))
    };
    let errors = [
        spoil(|work| work["_metadata"] = Value::Null)?,
        spoil(|work| work["_metadata"]["attributes"]["internal_id"] = "no id".into())?,
        spoil(|work| work["_primary_output_collection"] = "nowhere".into())?,
        spoil(|work| work["_collections"] = json!([]))?,
        spoil(|work| work["_zip_items"] = json!({}))?,
        spoil(|work| {
            (work["_zip_items"], work["user_a/b"]) = (json!(["user_a/b"]), json!("idds_zip:!"));
        })?,
        wire::decode(&json!(7)).expect_err("a number").to_string(),
        wire::decode(&json!({"request_metadata": {}}))
            .expect_err("no workflow")
            .to_string(),
        wire::decode(&json!({"class": "Work", "module": "idds.workflow.work", "attributes": {}}))
            .expect_err("a work")
            .to_string(),
    ];
    insta::assert_snapshot!(errors.join("\n"));
    Ok(())
}

/// Every value of a payload is replaced by others, one after the other: some are errors, none is a panic.
#[test]
fn no_mutation_of_a_payload_panics() -> Result<(), Failure> {
    let mut dice = Dice::new(4);
    let workflow = dice.workflow(2)?;
    let payloads = [
        serde_json::to_value(Encoded::new(&workflow, &stamp(1)?))?,
        recorded("get_requests_metadata")?,
    ];
    for payload in payloads {
        let mut places = Vec::new();
        collect_places(&payload, String::new(), &mut places);
        for _ in 0..500 {
            let mut mutated = payload.clone();
            let place = &places[dice.below(places.len())];
            let values = [
                json!(null),
                json!(-1),
                json!(1e300),
                json!("idds_zip:e"),
                json!([[]]),
                json!({"class": {}}),
                json!(""),
            ];
            let value = values[dice.below(values.len())].clone();
            *mutated.pointer_mut(place).ok_or("a place")? = value;
            match wire::decode(&mutated) {
                // What was read can be written, whatever is wrong with it.
                Ok(decoded) => drop(serde_json::to_value(Encoded::new(
                    &decoded.workflow,
                    &stamp(1)?,
                ))?),
                Err(error) => assert!(!error.message().is_empty()),
            }
        }
    }
    Ok(())
}

fn collect_places(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            collect_places(value, format!("{at}/{key}"), places);
        }),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| collect_places(value, format!("{at}/{index}"), places));
        }
        _ => {}
    }
    places.push(at);
}
