//! Definition → JSON or YAML → definition, and what readers say about wrong documents.

use idds_workflow::{AnyWork, Workflow, schemas};
use proptest::prelude::*;

use crate::documents;

proptest! {
    #[test]
    fn json_brings_back_the_definition(seed: u64) {
        let workflow = documents::workflow(seed);
        prop_assert_eq!(Workflow::from_json(&workflow.to_json()).map_err(|error| error.to_string()), Ok(workflow));
    }

    #[test]
    fn yaml_brings_back_the_definition(seed: u64) {
        let workflow = documents::workflow(seed);
        let yaml = workflow.to_yaml().expect("YAML");
        let read = Workflow::from_yaml(&yaml).map_err(|error| error.to_string());
        prop_assert_eq!(read, Ok(workflow), "{}", yaml);
    }

    #[test]
    fn junk_is_refused_without_a_panic(text in "[-\\[\\]{}:,&*!|>'\"%@` \n\ta-c0-9.]{0,60}") {
        let _ = Workflow::from_yaml(&text);
        let _ = Workflow::from_json(&text);
    }
}

#[test]
fn every_schema_says_what_it_is() {
    for (file, schema) in schemas() {
        for field in ["$schema", "$id", "title", "description", "examples"] {
            assert!(schema.get(field).is_some(), "{file} has no {field}");
        }
    }
}

#[test]
fn every_problem_is_named_with_its_place() {
    let error = Workflow::from_yaml(
        "
steps:
  search:
    type: hpo
    opt_space: { B: { type: Scalar, bounds: [5, 0] } }
  stage: { type: stage_in, input: { scope: '', name: n }, output: { scope: s, name: n, colour: red } }
  copy: { type: stage_in, input: { scope: '', name: n }, output: { scope: s, name: n }, max_waiting_time: 0 }
  nested:
    type: sub_workflow
    steps: { inner: { type: program, executable: null }, other: { type: magic } }
conditions:
  - when: { all: [{ step: search, is: finished }, { step: stage }] }
    then: [{ when: { any: [{}] } }]
loop_while: { step: a, all: [] }
",
    )
    .expect_err("many problems");
    insta::assert_snapshot!(error.to_string().replace("; ", "\n"));
}

#[test]
fn a_field_of_the_wrong_type_is_named_with_its_place() {
    let cases = [
        "steps: {a: {type: doma_data}}",
        "colour: red",
        "name: null",
        "lifetime: -1",
        "lifetime: .inf",
        "campaign: [a]",
        "conditions: [{when: {step: a, is: done}, then: [b]}]",
        "conditions: [{when: {all: [{step: a, is: failed}, {stop: a}]}, then: [{when: 1}]}]",
        "conditions: [{when: {step: a, is: failed}, then: [b]}]",
        "max_processing_requests: 1.5",
        "workload_id: '007'",
        "initial: a",
        "links: [{source: a, destinations: [], parameters: []}]",
        "steps: {a/b: {type: program}}",
        "steps: {a: {type: program}, a: {type: program}}",
        "steps: {a: {}}",
        "steps: [a]",
        "a",
    ];
    let said: Vec<_> = cases
        .iter()
        .map(|case| {
            format!(
                "{case}\n    {}",
                Workflow::from_yaml(case).map(|_| "nothing".to_owned()).unwrap_or_else(|e| e.to_string())
            )
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn bombs_and_bottomless_documents_are_refused() {
    let bomb = (1..30).fold("a0: &a0 [x, x, x]\n".to_owned(), |text, level| {
        let inner = level - 1;
        format!("{text}a{level}: &a{level} [*a{inner}, *a{inner}, *a{inner}, *a{inner}]\n")
    });
    assert!(Workflow::from_yaml(&bomb).is_err());
    for depth in [200, 100_000] {
        let [open, close] = ["[", "]"].map(|bracket| bracket.repeat(depth));
        let nested = format!("{{\"global_parameters\": {{\"a\": {open}{close}}}}}");
        assert!(Workflow::from_json(&nested).is_err());
        assert!(Workflow::from_yaml(&nested).is_err());
        let steps = format!("{}{}", "{\"type\": \"workflow\", \"steps\": {\"a\": ".repeat(depth), "{}}}".repeat(depth));
        assert!(Workflow::from_json(&steps).is_err());
        let all = format!("{{\"loop_while\": {}{}}}", "{\"all\": [".repeat(depth), "]}".repeat(depth));
        assert!(Workflow::from_json(&all).is_err());
    }
}

#[test]
fn a_work_alone_has_its_type() {
    let document = r#"{"type": "program", "executable": "/bin/hostname"}"#;
    let work: AnyWork = serde_json::from_str(document).expect("a work");
    assert_eq!(
        serde_json::to_value(&work).expect("JSON"),
        serde_json::from_str::<serde_json::Value>(document).expect("JSON")
    );
}
