use idds_workflow::OptSpace;
use serde_json::json;

use crate::engine::flow::RunKey;
use crate::state::Search;

use super::*;

fn metadata(work: &Value) -> Value {
    let mut attributes = json!({
        "method": "nevergrad",
        "opt_space": { "B": { "type": "Scalar", "bounds": [0, 5] }, "A": { "type": "Choice", "params": { "choices": [1, 4] } } },
        "max_points": 20,
        "_collections": {
            "2": { "class": "Collection", "module": "idds.workflowv2.work", "attributes": { "scope": "HPO", "name": "in" } },
            "3": { "class": "Collection", "module": "idds.workflowv2.work", "attributes": { "scope": "HPO", "name": "out" } },
        },
        "_primary_input_collection": "2",
        "_primary_output_collection": "3",
    });
    for (key, value) in work.as_object().into_iter().flatten() {
        attributes[key] = value.clone();
    }
    let work = json!({ "class": "ATLASHPOWork", "module": "idds.atlas.workflowv2.atlashpowork", "attributes": attributes });
    let template = json!({ "_works": { "1": work }, "_loop_condition": null });
    let template = json!({ "class": "WorkflowBase", "module": "idds.workflowv2.workflow", "attributes": template });
    let workflow = json!({ "template": template });
    json!({ "workflow": { "class": "Workflow", "module": "idds.workflowv2.workflow", "attributes": workflow } })
}

const OWN: Terms = Terms {
    rules: Rules::Own,
    has_programs: false,
    storage: None,
    has_rucio: false,
};

/// Returns the only work of a plan.
fn only((plan, _): (Plan, Definition)) -> Work {
    let start = Start {
        run: RunKey::from("1".to_owned()),
        path: vec!["1".to_owned()],
        is_build: false,
        is_added: false,
        rounds: vec![1],
        suffix: "..1".to_owned(),
        sequence: 0,
        parameters: None,
        attributes: IndexMap::new(),
        parents: Vec::new(),
        because: String::new(),
    };
    plan.work(&start, When::Now).expect("a work")
}

fn search(work: &Work) -> &Search {
    let Run::Search(search) = &work.run else {
        panic!("{:?}", work.run)
    };
    search
}

fn refusal(metadata: &Value) -> String {
    refusal_by(Rules::Own, metadata)
}

fn refusal_by(rules: Rules, metadata: &Value) -> String {
    let terms = Terms { rules, ..OWN };
    Plan::read(0, &metadata.to_string(), 1, terms)
        .and_then(|(plan, _)| plan.check())
        .expect_err("a refusal")
}

#[test]
fn a_search_is_read_with_its_parameters_in_order() {
    let given =
        json!({ "initial_points": [[{ "A": 1, "B": 2 }, 0.3], [{ "A": 4, "B": 0 }, null]] });
    let plan = only(Plan::read(0, &metadata(&given).to_string(), 1, OWN).expect("a plan"));
    assert_eq!(
        search(&plan)
            .opt_space
            .parameters()
            .map(|(name, _)| name)
            .collect::<Vec<_>>(),
        ["B", "A"]
    );
    assert_eq!(
        (
            search(&plan).max_points,
            search(&plan).num_points_per_iteration
        ),
        (20, 10)
    );
    assert_eq!(
        plan.initial
            .iter()
            .map(|trial| trial.loss)
            .collect::<Vec<_>>(),
        [Some(0.3), None]
    );
    assert_eq!(plan.id, "1");
    assert_eq!(
        [plan.input.name.as_deref(), plan.output.name.as_deref()],
        [Some("in"), Some("out..1")]
    );
}

#[test]
fn a_space_may_be_in_a_dialect_that_leaves_no_doubt() {
    let space = json!({ "A": { "method": "categorical", "dimension": { "categories": [1, 4], "grid_search": 0 } } });
    let plan = only(
        Plan::read(
            0,
            &metadata(&json!({ "opt_space": space })).to_string(),
            1,
            OWN,
        )
        .expect("a plan"),
    );
    assert_eq!(
        search(&plan).opt_space,
        OptSpace::builder()
            .choice("A", [1, 4])
            .build()
            .expect("a space")
    );
    let doubtful = refusal(&metadata(&json!({ "opt_space": { "A": [1, 4] } })));
    assert!(
        doubtful.contains("opt_space can be read as bayes_opt and as lists"),
        "{doubtful}"
    );
}

#[test]
fn what_cannot_be_run_says_what_can() {
    let array = json!({ "type": "Array", "params": { "shape": [2000] }, "bounds": [0, 1] });
    let refusals = [
        (
            json!({ "method": "container" }),
            "sandbox: is missing: it names the image of the steering program's container",
        ),
        (
            json!({ "method": null }),
            "method null is none of nevergrad, container, docker and sandbox",
        ),
        (
            json!({ "max_points": null }),
            "max_points: null is no number of points",
        ),
        (json!({ "max_points": 0 }), "a whole number of 1 or more"),
        (json!({ "max_points": 2.5 }), "a whole number of 1 or more"),
        (
            json!({ "max_points": 1_000_000, "num_points_per_iteration": 1_000_000 }),
            "at once, 100000",
        ),
        (
            json!({ "max_points": 100_000, "num_points_per_iteration": 100_000, "opt_space": { "a": array } }),
            "more than the embedded server makes for one generation, 268435456 bytes; up to 5591 points are not",
        ),
        (
            json!({ "opt_space": { "a": { "type": "Choice", "params": { "choices": ["x".repeat(5 << 20)] } } } }),
            "a point has up to 5242",
        ),
        (
            json!({ "initial_points": vec![json!([{}, 1]); 400_000] }),
            "values; the embedded server reads at most",
        ),
        (json!({ "opt_space": null }), "opt_space"),
        (
            json!({ "initial_points": [[{ "A": 2, "B": 2 }, 0.3]] }),
            "initial_points[0]: point.A",
        ),
        (
            json!({ "initial_points": [[{ "A": 1, "B": 2 }, "x"]] }),
            "initial_points[0] is not a pair",
        ),
        (
            json!({ "initial_points": 5 }),
            "initial_points: 5 is not a list",
        ),
    ];
    for (work, part) in refusals {
        let message = refusal(&metadata(&work));
        assert!(
            message.starts_with("work 1: ") && message.contains(part),
            "{message}"
        );
    }
}

#[test]
fn by_the_rules_of_2_6_21_works_end_as_there() {
    let run = |changes: Value| {
        let mut given = json!({ "task_name": null, "output_json": "out.json", "es": true });
        for (key, value) in changes.as_object().into_iter().flatten() {
            given[key] = value.clone();
        }
        only(
            Plan::read(
                0,
                &metadata(&given).to_string(),
                1,
                Terms {
                    rules: Rules::V2_6_21,
                    ..OWN
                },
            )
            .expect("a plan"),
        )
    };
    assert!(matches!(run(json!({})).run, Run::Search(_)));
    assert!(matches!(run(json!({ "es": false })).run, Run::Stalls(_)));
    assert_eq!(run(json!({ "output_json": null })).run, Run::Hangs);
    assert_eq!(
        search(&run(json!({ "max_points": null }))).max_points,
        u64::MAX
    );
    assert_eq!(
        run(json!({ "initial_points": [[{ "A": 1, "B": 2 }, 0.3]] })).initial,
        []
    );
    let nameless = refusal_by(Rules::V2_6_21, &metadata(&json!({})));
    assert_eq!(
        nameless,
        "'ATLASHPOWork' object has no attribute 'task_name'"
    );
    for (class, expected) in [
        (
            "Work",
            Run::Fails("'NoneType' object is not iterable".to_owned()),
        ),
        ("DomaRucioWork", Run::Hangs),
    ] {
        let mut metadata = metadata(&json!({}));
        metadata["workflow"]["attributes"]["template"]["attributes"]["_works"]["1"]["class"] =
            json!(class);
        assert_eq!(
            only(
                Plan::read(
                    0,
                    &metadata.to_string(),
                    1,
                    Terms {
                        rules: Rules::V2_6_21,
                        ..OWN
                    }
                )
                .expect("a plan")
            )
            .run,
            expected
        );
    }
}

#[test]
fn workflows_that_are_no_single_search_are_refused() {
    let set = |pointer: &str, value: Value| {
        let mut metadata = metadata(&json!({}));
        *metadata.pointer_mut(pointer).expect("a place") = value;
        refusal(&metadata)
    };
    let template = "/workflow/attributes/template/attributes";
    assert!(set(&format!("{template}/_works"), json!({})).contains("the workflow has 0 works"));
    assert!(
        set(
            &format!("{template}/_works/1/class"),
            json!("ATLASStageinWork")
        )
        .contains("is a ATLASStageinWork")
    );
    for class in ["Work", "ProcessingWork", "ATLASPandaWork"] {
        let message = set(&format!("{template}/_works/1/class"), json!(class));
        assert!(
            message.contains("starts no programs; `idds run` does"),
            "{message}"
        );
    }
    assert!(set(template, json!({})).contains("missing field `_works`"));
    assert!(set("/workflow", json!(null)).contains("no workflow"));
    assert!(
        Plan::read(9, "{}", 1, OWN)
            .expect_err("a refusal")
            .contains("type 9")
    );
}
