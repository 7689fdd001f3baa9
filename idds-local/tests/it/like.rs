//! The defects of 2.6.21, played.

use idds_local::Server;
use idds_workflow::{ATLASHPOWork, OptSpace, Work, Workflow, when};
use serde_json::{Value, json};

use crate::http::{get, post, put, send};
use crate::recorded;
use crate::search::{open, points, report_all};
use crate::sequence::submission;

async fn started() -> Server {
    Server::builder()
        .like_2_6_21()
        .start()
        .await
        .expect("a server")
}

fn search(parameter: &str) -> ATLASHPOWork {
    let space = OptSpace::builder()
        .scalar(parameter, 0..=1)
        .build()
        .expect("a space");
    ATLASHPOWork::nevergrad(space, 2).build().expect("a work")
}

/// Returns a submission with the attributes that a search needs to run on 2.6.21, and these.
fn with(changes: &Value) -> String {
    let mut attributes =
        json!({ "task_name": "task", "output_json": "out.json", "es": true, "max_points": 4 });
    attributes["num_points_per_iteration"] = json!(2);
    for (name, value) in changes.as_object().into_iter().flatten() {
        attributes[name] = value.clone();
    }
    recorded::submission(&attributes).to_string()
}

/// Lets a later request get its second generation, before which the agent does all that there is to do for earlier ones.
async fn caught_up(server: &Server, other: u64) {
    post(server, with(&json!({}))).await;
    for _ in 0..2 {
        while open(server, other).await.is_empty() {}
        report_all(server, other).await;
    }
}

/// Returns the status and the errors of a request, and the statuses and errors of its transforms.
async fn state(server: &Server, request: u64) -> (String, Value, Vec<(String, Value)>) {
    let row = get(server, &format!("/request/{request}/null/False/False"))
        .await
        .json()[0]
        .clone();
    let transforms = get(server, &format!("/transform/{request}")).await.json();
    let name = |status: &Value| {
        status["attributes"]["_name_"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let transforms = transforms.as_array().into_iter().flatten();
    let transforms = transforms
        .map(|row| (name(&row["status"]), row["errors"].clone()))
        .collect();
    (name(&row["status"]), row["errors"].clone(), transforms)
}

#[tokio::test]
async fn a_server_says_what_it_plays_and_which_database_it_has() {
    let (own, like) = (
        Server::builder().start().await.expect("a server"),
        started().await,
    );
    let headers = async |server: &Server, path: &str| {
        let headers = get(server, path).await.headers;
        [
            headers["x-idds-server"].clone(),
            headers["x-idds-database"].clone(),
        ]
    };
    let version = env!("CARGO_PKG_VERSION");
    let [kind, id] = headers(&own, "/ping").await;
    assert_eq!((kind, id.len()), (format!("idds-local/{version}"), 32));
    assert_eq!(headers(&own, "/nowhere").await[1], id);
    let [kind, other] = headers(&like, "/request/abc/null/False").await;
    assert_eq!(kind, format!("idds-local/{version}; like=2.6.21"));
    assert_ne!(id, other);
}

#[tokio::test]
async fn a_database_keeps_its_id() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idds.sqlite");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let server = Server::builder()
            .database(&path)
            .start()
            .await
            .expect("a server");
        ids.push(get(&server, "/ping").await.headers["x-idds-database"].clone());
        server.shutdown().await;
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_second_search_begins_its_ids_again_and_never_ends() {
    let server = started().await;
    let mut workflow = Workflow::builder();
    let (first, second) = (
        workflow.add("first", search("x")),
        workflow.add("second", search("y")),
    );
    post(
        &server,
        submission(workflow.condition(when(first.is_finished()).then(&second))).to_string(),
    )
    .await;
    while open(&server, 1).await.is_empty() {}
    report_all(&server, 1).await;
    while open(&server, 1).await.is_empty() {}
    let ids = || async {
        points(&server, 1)
            .await
            .iter()
            .map(|point| point["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids().await, ["1", "1", "2", "2"]);
    for other in [2, 3] {
        report_all(&server, 1).await;
        caught_up(&server, other).await;
        assert_eq!(open(&server, 1).await, ["1", "2"]);
        assert_eq!(state(&server, 1).await.0, "Transforming");
    }
}

#[tokio::test]
async fn one_search_ends_as_there() {
    let server = started().await;
    post(
        &server,
        with(&json!({ "initial_points": [[{ "A": 1, "B": 0.5 }, 0.3]] })),
    )
    .await;
    for expected in [["1", "2"], ["3", "4"]] {
        while open(&server, 1).await.is_empty() {}
        assert_eq!(open(&server, 1).await, expected);
        report_all(&server, 1).await;
    }
    while state(&server, 1).await.0 == "Transforming" {}
    assert_eq!(
        (
            state(&server, 1).await.0.as_str(),
            points(&server, 1).await.len()
        ),
        ("Finished", 4)
    );
}

#[tokio::test]
async fn works_fail_or_hang_as_there() {
    let server = started().await;
    let work = |changes: Value, class: &str| {
        let mut body: Value = serde_json::from_str(&with(&changes)).expect("JSON");
        let works =
            body.pointer_mut("/request_metadata/workflow/attributes/template/attributes/_works");
        let work = works
            .and_then(|works| works.as_object_mut()?.values_mut().next())
            .expect("a work");
        work["class"] = json!(class);
        body.to_string()
    };
    let hangs = (
        "Transforming",
        Value::Null,
        vec![("Transforming".to_owned(), Value::Null)],
    );
    let message = json!({ "msg": "'NoneType' object is not iterable" });
    let fails = ("Failed", Value::Null, vec![("Failed".to_owned(), message)]);
    for (index, (changes, class, expected)) in [
        (json!({}), "Work", &fails),
        (json!({}), "ProcessingWork", &fails),
        (json!({}), "DataWork", &fails),
        (json!({}), "ATLASCondorWork", &fails),
        (json!({}), "ATLASStageinWork", &hangs),
        (json!({}), "DomaRucioWork", &hangs),
        (json!({ "output_json": null }), "ATLASHPOWork", &hangs),
    ]
    .into_iter()
    .enumerate()
    {
        let request = 2 * index as u64 + 1;
        post(&server, work(changes, class)).await;
        caught_up(&server, request + 1).await;
        let (status, errors, transforms) = state(&server, request).await;
        assert_eq!(
            (status.as_str(), errors, transforms),
            expected.clone(),
            "{class}"
        );
        assert_eq!(points(&server, request).await.len(), 0, "{class}");
    }
}

#[tokio::test]
async fn what_waits_for_a_failure_begins() {
    let server = started().await;
    let mut workflow = Workflow::builder();
    let first = workflow.add("first", Work::builder("/bin/true").build().expect("a work"));
    let second = workflow.add("second", search("y"));
    post(
        &server,
        submission(workflow.condition(when(first.is_failed()).then(&second))).to_string(),
    )
    .await;
    while open(&server, 1).await.is_empty() {}
    report_all(&server, 1).await;
    while state(&server, 1).await.0 == "Transforming" {}
    assert_eq!(state(&server, 1).await.0, "SubFinished");
}

#[tokio::test]
async fn a_search_without_es_never_sees_its_losses_and_one_without_max_points_never_ends() {
    let server = started().await;
    post(&server, with(&json!({ "es": false }))).await;
    while open(&server, 1).await.is_empty() {}
    report_all(&server, 1).await;
    post(&server, with(&json!({ "max_points": null }))).await;
    for expected in [["1", "2"], ["3", "4"], ["5", "6"]] {
        while open(&server, 2).await.is_empty() {}
        assert_eq!(open(&server, 2).await, expected);
        report_all(&server, 2).await;
    }
    assert_eq!(
        (
            state(&server, 1).await.0.as_str(),
            points(&server, 1).await.len()
        ),
        ("Transforming", 2)
    );
}

#[tokio::test]
async fn a_suspend_is_an_abort_and_a_finish_is_nothing() {
    let server = started().await;
    post(&server, with(&json!({}))).await;
    while open(&server, 1).await.is_empty() {}
    for (code, name, expected) in [
        (18, "ToFinish", "Transforming"),
        (19, "ToForceFinish", "Transforming"),
        (10, "ToSuspend", "Failed"),
        (13, "ToResume", "Transforming"),
    ] {
        let attributes = json!({ "_value_": code, "_name_": name });
        let status = json!({ "class": "RequestStatus", "module": "idds.common.constants", "attributes": attributes });
        let body =
            json!({ "command": "update_request", "parameters": { "status": status } }).to_string();
        send(
            &server,
            "POST",
            "/idds/message/1/null/null/null",
            &[],
            body.as_bytes(),
        )
        .await;
        assert_eq!(state(&server, 1).await.0, expected, "{name}");
    }
    put(&server, "/request/abort/1/null").await;
    assert_eq!(state(&server, 1).await.0, "Failed");
}
