//! Suspending, resuming and finishing.

use std::path::Path;

use idds_local::Server;
use serde_json::{Value, json};

use crate::http::{get, post, put, send};
use crate::recorded::search;
use crate::search::{open, points, report_all, settled};

async fn started(path: &Path) -> Server {
    let server = Server::builder()
        .database(path)
        .start()
        .await
        .expect("a server");
    if settled_or_none(&server).await.is_none() {
        post(&server, search(6, 2).to_string()).await;
        settled(&server, 1).await;
    }
    server
}

async fn settled_or_none(server: &Server) -> Option<String> {
    match get(server, "/request/1/null/False/False").await.json() {
        Value::Array(rows) if rows.is_empty() => None,
        _ => Some(settled(server, 1).await),
    }
}

/// Tells a request something, as the Python client sends it.
async fn tell(server: &Server, status: &str) {
    let code = [
        ("ToSuspend", 10),
        ("ToResume", 13),
        ("ToFinish", 18),
        ("ToForceFinish", 19),
    ];
    let code = code
        .iter()
        .find(|(name, _)| *name == status)
        .map(|(_, code)| *code)
        .expect("a status");
    let attributes = json!({ "_value_": code, "_name_": status });
    let status = json!({ "class": "RequestStatus", "module": "idds.common.constants", "attributes": attributes });
    let body =
        json!({ "command": "update_request", "parameters": { "status": status } }).to_string();
    let reply = send(
        server,
        "POST",
        "/idds/message/1/null/null/null",
        &[],
        body.as_bytes(),
    )
    .await;
    assert_eq!(reply.status, 200);
}

/// Returns the names of the status of the request, of its substatus, of its transform and of its processing.
async fn states(server: &Server) -> [String; 4] {
    let detail = get(server, "/request/1/null/True/False").await.json()[0].clone();
    let processing = get(server, "/request/1/null/False/False/False/True")
        .await
        .json()[0]
        .clone();
    let name = |value: &Value| {
        value["attributes"]["_name_"]
            .as_str()
            .unwrap_or("none")
            .to_owned()
    };
    [
        &detail["status"],
        &detail["substatus"],
        &detail["transform_status"],
        &processing["processing_status"],
    ]
    .map(name)
}

#[tokio::test]
async fn a_held_search_takes_losses_and_makes_no_points_until_it_is_resumed() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idds.sqlite");
    let server = started(&path).await;
    tell(&server, "ToSuspend").await;
    assert_eq!(
        states(&server).await,
        ["Suspended", "ToSuspend", "Suspended", "Suspended"]
    );
    report_all(&server, 1).await;
    server.shutdown().await;

    // The agent looks at everything when it starts.
    let server = started(&path).await;
    post(&server, search(2, 2).to_string()).await;
    settled(&server, 2).await;
    assert_eq!(states(&server).await[0], "Suspended");
    let held = points(&server, 1).await;
    assert!(
        held.len() == 2 && held.iter().all(|point| point["loss"].is_number()),
        "{held:?}"
    );

    tell(&server, "ToResume").await;
    assert_eq!(settled(&server, 1).await, "Transforming");
    assert_eq!(open(&server, 1).await, ["3", "4"]);
    assert_eq!(
        states(&server).await,
        ["Transforming", "New", "Transforming", "Running"]
    );
    server.shutdown().await;
    let server = started(&path).await;
    for _ in 0..2 {
        report_all(&server, 1).await;
        settled(&server, 1).await;
    }
    assert_eq!(
        states(&server).await,
        ["Finished", "New", "Finished", "Finished"]
    );
    assert_eq!(points(&server, 1).await.len(), 6);
}

#[tokio::test]
async fn a_held_request_counts_as_ended_but_for_resuming_and_finishing() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = started(&directory.path().join("idds.sqlite")).await;
    tell(&server, "ToSuspend").await;
    for command in ["abort", "close"] {
        put(&server, &format!("/request/{command}/1/null")).await;
        assert_eq!(states(&server).await[0], "Suspended");
    }
    tell(&server, "ToSuspend").await;
    let row = get(&server, "/request/1/null/False/False").await.json()[0].clone();
    assert_eq!(
        row["errors"]["extra_msg"],
        "Request is already terminated. Cannot be suspended"
    );
    put(&server, "/request/retry/1/null").await;
    assert_eq!(states(&server).await[0], "Transforming");
    tell(&server, "ToSuspend").await;
    tell(&server, "ToForceFinish").await;
    assert_eq!(
        states(&server).await,
        ["Finished", "ToForceFinish", "Finished", "Finished"]
    );
}

#[tokio::test]
async fn a_finished_search_counts_what_is_done_or_everything() {
    for (status, losses, expected) in [
        ("ToFinish", 0, "Failed"),
        ("ToFinish", 1, "SubFinished"),
        ("ToForceFinish", 0, "Finished"),
        ("ToForceFinish", 1, "Finished"),
    ] {
        for is_held in [false, true] {
            let directory = tempfile::tempdir().expect("a directory");
            let path = directory.path().join("idds.sqlite");
            let server = started(&path).await;
            if is_held {
                tell(&server, "ToSuspend").await;
            }
            for id in 1..=losses {
                put(&server, &format!("/hpo/null/1/{id}/0.5")).await;
            }
            tell(&server, status).await;
            server.shutdown().await;
            let server = started(&path).await;
            assert_eq!(
                states(&server).await[..3],
                [expected, status, expected],
                "{status} {losses}"
            );
            assert_eq!(points(&server, 1).await.len(), 2);
            let row = get(&server, "/request/1/null/True/False").await.json()[0].clone();
            let done = if status == "ToForceFinish" { 2 } else { losses };
            assert_eq!(
                (&row["output_processed_files"], &row["output_total_files"]),
                (&json!(done), &json!(2))
            );
        }
    }
}

#[tokio::test]
async fn what_is_left_of_a_finished_search_counts_as_done() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = started(&directory.path().join("idds.sqlite")).await;
    put(&server, "/hpo/null/1/1/0.5").await;
    tell(&server, "ToForceFinish").await;
    let contents = get(&server, "/catalog/contents/1/null/null/null/null/1/null")
        .await
        .json();
    let states = contents
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| row["status"]["attributes"]["_name_"].clone());
    assert_eq!(states.collect::<Vec<_>>(), ["Available", "FakeAvailable"]);
    for command in ["ToFinish", "ToForceFinish"] {
        tell(&server, command).await;
        let row = get(&server, "/request/1/null/False/False").await.json()[0].clone();
        assert_eq!(
            row["errors"]["extra_msg"],
            "Request is already terminated. Cannot be finished"
        );
    }
}

#[tokio::test]
async fn a_search_that_was_finished_early_can_be_retried() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = started(&directory.path().join("idds.sqlite")).await;
    put(&server, "/hpo/null/1/1/0.5").await;
    tell(&server, "ToFinish").await;
    put(&server, "/request/retry/1/null").await;
    while settled(&server, 1).await == "Transforming" {
        report_all(&server, 1).await;
    }
    assert_eq!(points(&server, 1).await.len(), 6);
}
