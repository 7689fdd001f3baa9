//! Definition → JSON or YAML → definition, and what readers say about wrong documents.

use idds_workflow::{AnyWork, Document, Error, Problem, Workflow, schemas};
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
                Workflow::from_yaml(case)
                    .map(|_| "nothing".to_owned())
                    .unwrap_or_else(|e| e.to_string())
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
        let steps = format!(
            "{}{}",
            "{\"type\": \"workflow\", \"steps\": {\"a\": ".repeat(depth),
            "{}}}".repeat(depth)
        );
        assert!(Workflow::from_json(&steps).is_err());
        let all = format!(
            "{{\"loop_while\": {}{}}}",
            "{\"all\": [".repeat(depth),
            "]}".repeat(depth)
        );
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

/// Reads a text and says what is wrong, a problem a line.
fn said(text: &str) -> String {
    match Document::of(text).workflow() {
        Ok(_) => "nothing".to_owned(),
        Err(error) => {
            let line = |problem: &Problem| {
                let place = problem
                    .position()
                    .map(|at| format!("{}:{}: ", at.line, at.column))
                    .unwrap_or_default();
                let at = if problem.at().is_empty() {
                    String::new()
                } else {
                    format!("{}: ", problem.at())
                };
                format!("{place}{at}{}", problem.message())
            };
            error
                .problems()
                .iter()
                .map(line)
                .collect::<Vec<_>>()
                .join("\n")
        }
    }
}

#[test]
fn all_problems_of_a_document_are_named_at_once() {
    let yaml = "
steps:
  train:
    type: hpo
    method: nevergrat
    opt_space:
      A: { type: Choise, params: { choices: [1] } }
      B: { type: Scalar, bounds: [5, 0] }
      C: { type: Log, params: { lower: 0, upper: 1, expoment: 2 } }
    initial_points: [[{ A: 1 }], 3, [{ A: 1 }, 0.5]]
    max_points: '20'
  merge: { type: programm, executable: merge.sh }
  jobs:
    type: doma_panda
    task_name: t
    jobs:
      - { name: a, order_id: -1 }
      - { nmae: b }
      - { name: c, after: [{ task: t, job: a }, { task: t }] }
      - { name: d, after: [{ task: t, job: x }] }
    core_count: -1
  report: { type: program, executable: report.sh, arguments: [a, b], template: 1 }
conditions:
  - { when: { step: train, is: finishd }, then: [merge] }
  - { when: { step: train, is: finished }, then: [reprot] }
  - { when: { step: merge, is: finished }, than: [report] }
lifetime: soon
";
    insta::assert_snapshot!(said(yaml));
    let tree: serde_json::Value = serde_saphyr::from_str(yaml).expect("YAML");
    let json = serde_json::to_string_pretty(&tree).expect("JSON");
    let places = |said: &str| {
        said.lines()
            .map(|line| line.splitn(3, ':').nth(2).unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(places(&said(&json)), places(&said(yaml)));
}

#[test]
fn what_is_wrong_with_a_text_is_said_in_words_for_its_author() {
    let cases = [
        "steps:\n  a: { type: program, executable: a.sh }\n  a: { type: program, executable: b.sh }\n",
        "steps: { a: { type: program, executable: a.sh } }\n---\nsteps: { b: { type: program, executable: b.sh } }\n",
        "steps:\n  null: { type: program, executable: a.sh }\n",
        "steps:\n  ~: { type: program }\n  ? [a]\n  : { type: program }\n",
        "steps:\n\ta: { type: program }\n",
        "steps:\n  a:\n  \ttype: program\n",
        "steps:\n  a: {type: program\n",
        "steps:\n  a: [1, 2\n",
        "steps:\n  a: \"x\n",
        "steps:\n  a: { type: program, executable: \"a\\q\" }\n",
        "steps:\n  a: *nothing\n",
        "steps: &all\n  a: *all\n",
        "steps:\n  a: !work { type: program }\n",
        "steps:\n  a: { type: program, executable: !!binary aGFsbG8= }\n",
        "steps:\n a: { type: program }\n  b: { type: program }\n",
        "steps:\n  a: { type: program, arguments: a: b }\n",
        "steps:\n  a: { type: program, executable: @x }\n",
        "steps:\n  a: { type: program, executable: %IN }\n",
        "name: a\nsteps\n",
        "name: a: b\n",
        "",
        "# nothing but a comment\n",
        "---\n...\n",
        "null",
        "[]",
        "- a\n- b\n",
        "7",
        "name: 007\nlifetime: .inf\nglobal_parameters: { user_a: 1180591620717411303425, user_b: [.nan] }\n",
        "name: 7\nusername: yes\ncampaign: true\nuser_dn: 2024-03-05\nsteps: { a: { type: program, template: yes } }\n",
        "{\"name\": \"a\", \"global_parameters\": {\"user_a\": [1180591620717411303425, -9223372036854775809]}}",
        "{\"name\": \"a\", \"name\": \"b\"}",
        "{\"name\": \"a\" \"lifetime\": 1}",
        "{\"name\": \"a\",}",
        "{\"name\": \"a\", lifetime: 1}",
        "{\"lifetime\": NaN}",
        "{\"lifetime\": -Infinity}",
        "{\"name\": 'a'}",
        "{\"name\": \"a\"} {}",
        "{\"name\": \"a\"\n",
        "{\"name\": [\"a\"",
        "{\"name\": \"a",
        "{\"name\": \"a\tb\"}",
        "{\"name\": \"a\" // why\n}",
        "{\"name\": tru}",
        "\u{feff}{\"nmae\": \"a\"}",
        "name: a\r\nlifetime: -1\r\n",
    ];
    let said: Vec<_> = cases
        .iter()
        .map(|case| {
            format!(
                "{case:?}\n{}",
                said(case)
                    .lines()
                    .map(|line| format!("    {line}\n"))
                    .collect::<String>()
            )
        })
        .collect();
    insta::assert_snapshot!(said.join(""));
}

#[test]
fn numbers_keep_what_is_written() -> Result<(), Error> {
    let written = "[-0, 0, -0.0, 1, 1.0, 1e3, 18446744073709551615, -9223372036854775808, 1e22, 0.1, 12345678901234567890.0]";
    let kept = "[0,0,-0.0,1,1.0,1000.0,18446744073709551615,-9223372036854775808,1e+22,0.1,1.2345678901234567e+19]";
    for text in [
        format!("{{\"global_parameters\": {{\"user_a\": {written}}}}}"),
        format!("global_parameters: {{ user_a: {written} }}"),
    ] {
        let workflow = Document::of(&text).workflow()?;
        assert_eq!(workflow.global_parameters()["user_a"].to_string(), kept);
    }
    let beyond = "1180591620717411303425";
    let attribute = format!("attributes: {{ seed: {{ value: [{beyond}] }} }}");
    for place in [
        format!(
            "type: hpo, opt_space: {{ A: {{ type: Choice, params: {{ choices: [{beyond}, 1] }} }} }}"
        ),
        format!("type: hpo, opt_space: {{ A: {{ type: Scalar, bounds: [0, {beyond}] }} }}"),
        format!("type: hpo, initial_points: [[{{ A: {beyond} }}, 0.5]]"),
        format!("type: hpo, initial_points: [[{{ A: 1 }}, {beyond}]]"),
        format!("type: program, {attribute}"),
    ] {
        let yaml = format!("steps: {{ a: {{ {place} }} }}");
        let tree: serde_json::Value =
            serde_saphyr::from_str(&yaml.replace(beyond, "'BEYOND'")).expect("YAML");
        let json = tree.to_string().replace("\"BEYOND\"", beyond);
        for text in [yaml, json] {
            let said = said(&text);
            assert!(
                said.contains("steps.a.")
                    && said.contains(&format!("{beyond} is an integer beyond 64 bits")),
                "{text}: {said}"
            );
            assert_eq!(said.lines().count(), 1, "{said}");
        }
    }
    Ok(())
}

#[test]
fn an_integer_that_would_become_a_float_is_refused_in_a_space() {
    let beyond = "9223372036854775808";
    for (parameter, place) in [
        (format!("type: Scalar, bounds: [0, {beyond}]"), "bounds[1]"),
        (
            format!("type: Log, params: {{ lower: 1, upper: {beyond} }}"),
            "params.upper",
        ),
        (
            format!("type: Normal, params: {{ mu: {beyond}, sigma: 1 }}"),
            "params.mu",
        ),
    ] {
        let said = said(&format!(
            "steps: {{ a: {{ type: hpo, opt_space: {{ A: {{ {parameter} }} }} }} }}"
        ));
        let what = format!(
            "steps.a.opt_space.A.{place}: {beyond} is an integer above 9223372036854775807"
        );
        assert!(said.contains(&what) && said.contains("append .0"), "{said}");
    }
    let kept = "steps: { a: { type: hpo, opt_space: { A: { type: Choice, params: { choices: [18446744073709551615, 1] } } } } }";
    assert!(Workflow::from_yaml(kept).is_ok());
}

#[test]
fn an_attribute_without_its_value_is_told_how_one_is_written() {
    let said = said("steps: { a: { type: program, executable: run.sh, attributes: { seed: 1 } } }");
    assert!(
        said.contains(
            "steps.a.attributes.seed: is 1, not an attribute, which is written as { value: 1 }"
        ),
        "{said}"
    );
}

#[test]
fn an_order_written_into_a_step_is_told_where_it_stands() {
    for (work, word) in [
        ("program", "after"),
        ("doma_panda", "depends_on"),
        ("hpo", "needs"),
    ] {
        let said = said(&format!("steps: {{ a: {{ type: {work}, {word}: [b] }} }}"));
        assert!(
            said.contains(&format!(
                "steps.a.{word}: is no field here; the order of steps"
            )) && said.contains("when: { step: FIRST, is: finished }, then: [SECOND]"),
            "{said}"
        );
    }
}

#[test]
fn steps_inside_a_step_are_told_to_be_a_workflow() {
    let said = said("steps: { a: { steps: { b: { type: program } } } }");
    assert!(
        said.contains("steps.a.type: is missing; a step with steps of its own is a workflow"),
        "{said}"
    );
}

#[test]
fn what_is_too_long_and_what_is_misspelt_is_said_in_plain_words() {
    let said = |steps: &str| said(&format!("steps: {{ a: {{ {steps} }} }}"));
    let long =
        said("type: hpo, opt_space: { Z: { type: Scalar } }, initial_points: [[{ Z: 1 }, 0.5, 3]]");
    assert!(
        long.contains("initial_points[0]: has 3 elements, and should be a list of 2"),
        "{long}"
    );
    for word in ["typ", "Type", "tpye"] {
        let said = said(&format!("{word}: hpo, max_points: 3"));
        assert!(
            said.contains(&format!(
                "steps.a.type: is missing; {word} is no field here, write type; it is one of program"
            )),
            "{said}"
        );
    }
}

#[test]
fn anchors_and_merged_keys_are_read() -> Result<(), Error> {
    let workflow = Workflow::from_yaml(
        "
steps:
  a: &base { type: program, executable: run.sh, arguments: a }
  b:
    arguments: b
    <<: *base
  c: { <<: [{ setup: s }, *base], arguments: c }
  d: *base
",
    )?;
    let json: serde_json::Value = serde_json::from_str(&workflow.to_json()).expect("JSON");
    assert_eq!(
        json["steps"]["b"],
        serde_json::json!({"type": "program", "executable": "run.sh", "arguments": "b"})
    );
    assert_eq!(json["steps"]["c"]["setup"], "s");
    assert_eq!(json["steps"]["d"], json["steps"]["a"]);
    Ok(())
}

#[test]
fn places_are_found_in_the_text_also_when_names_have_dots() {
    let text = "steps:\n  a.b: { type: program, executable: x }\n  a:\n    type: program\n    attributes:\n      'x[0]': { value: [1, 2] }\n";
    let document = Document::yaml(text);
    let at = |place: &str| document.position(place).map(|at| (at.line, at.column));
    assert_eq!(at("steps.a.b.executable"), Some((2, 37)));
    assert_eq!(at("steps.a.attributes.x[0].value[1]"), Some((6, 28)));
    assert_eq!(at("steps.a.method"), Some((4, 5)));
    assert_eq!(at("steps[0]"), Some((2, 3)));
    assert_eq!(at("steps.none.method"), Some((2, 3)));
    assert_eq!(at(""), Some((1, 1)));
    assert_eq!(Document::yaml("a: [").position("a"), None);
}
