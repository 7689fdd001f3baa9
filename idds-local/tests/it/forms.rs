//! Requests in other forms than one workflow of the newer family: v1, without a workflow, in steps.

use std::path::Path;

use idds_local::Server;
use serde_json::{Value, json};

use crate::http::{get, post};
use crate::recorded::recorded;
use crate::search::{open, points, report_all, settled};

async fn row(server: &Server, request: u64) -> Value {
    let path = format!("/request/{request}/null/False/True/False/False");
    get(server, &path).await.json()[0].clone()
}

/// A payload that Python wrote.
fn reference(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reference");
    std::fs::read_to_string(folder.join(format!("{name}.json"))).expect("a payload")
}

fn body(name: &str) -> String {
    recorded(name).request.body.expect("a body")
}

#[tokio::test]
async fn a_search_of_the_older_family_runs_to_its_end() {
    let server = Server::builder().start().await.expect("a server");
    assert_eq!(
        post(&server, body("submit_v1_hpo_plain")).await.json(),
        json!({ "request_id": 1 })
    );
    while settled(&server, 1).await == "Transforming" {
        report_all(&server, 1).await;
    }
    let row = row(&server, 1).await;
    assert_eq!(
        row["status"]["attributes"]["_name_"], "Finished",
        "{}",
        row["errors"]
    );
    // What was submitted is shown as it was.
    assert_eq!(
        row["request_metadata"]["workflow"]["module"],
        "idds.workflow.workflow"
    );
}

#[tokio::test]
async fn a_request_without_a_workflow_gets_the_one_that_it_stands_for() {
    let server = Server::builder().start().await.expect("a server");
    assert_eq!(
        post(&server, reference("v2_add_request_old_hpo"))
            .await
            .json(),
        json!({ "request_id": 1 })
    );
    assert_eq!(settled(&server, 1).await, "Transforming");
    let first = row(&server, 1).await;
    assert_eq!(first["request_type"]["attributes"]["_name_"], "Workflow");
    assert_eq!(
        (
            &first["scope"],
            &first["transform_tag"],
            &first["workload_id"]
        ),
        (&json!("HPO"), &json!("workflow"), &json!(20_525_135))
    );
    assert!(
        first["name"]
            .as_str()
            .is_some_and(|name| name.starts_with("hpo.")),
        "{first}"
    );
    // One of the two points that are given has its loss.
    assert_eq!(
        (points(&server, 1).await.len(), open(&server, 1).await.len()),
        (11, 10)
    );
    while settled(&server, 1).await == "Transforming" {
        report_all(&server, 1).await;
    }
    assert_eq!(
        row(&server, 1).await["status"]["attributes"]["_name_"],
        "Finished"
    );

    let mut wrong: Value =
        serde_json::from_str(&reference("v2_add_request_old_hpo")).expect("JSON");
    wrong["request_metadata"]["opt_space"] = json!({ "A": 7 });
    post(&server, wrong.to_string()).await;
    assert_eq!(settled(&server, 2).await, "Failed");
    let errors = row(&server, 2).await["errors"].to_string();
    assert!(errors.contains("opt_space"), "{errors}");
}

#[tokio::test]
async fn a_workflow_that_is_sent_in_steps_is_put_together() {
    let server = Server::builder().start().await.expect("a server");
    let maps = async |request| {
        let row = row(&server, request).await;
        let works = row.pointer("/request_metadata/workflow/attributes/template/attributes/_works");
        let works = works.and_then(Value::as_object).expect("works");
        let map = |work: &Value| work["attributes"]["_dependency_map"].is_array();
        works.values().map(map).collect::<Vec<_>>()
    };
    for step in ["v2_submit_steps.step0", "v2_submit_steps.step1"] {
        assert_eq!(
            post(&server, reference(step)).await.json(),
            json!({ "request_id": 0 })
        );
    }
    for request in [1, 2] {
        assert_eq!(
            post(&server, reference("v2_submit_steps")).await.json(),
            json!({ "request_id": request })
        );
    }
    assert_eq!(maps(1).await, [true; 3]);
    // What was sent ahead is for one workflow.
    assert_eq!(maps(2).await, [false; 3]);
    let requests = get(&server, "/request/null/null/False/False/False/False").await;
    assert_eq!(requests.json().as_array().map(Vec::len), Some(2));
}
