//! Commands to requests, and what comes of them.

use idds_local::Server;
use serde_json::{Value, json};

use crate::http::{get, post, put, send};
use crate::recorded::{search, submission};
use crate::search::{open, points, report_all, settled};

async fn started() -> Server {
    let server = Server::builder().start().await.expect("a server");
    post(&server, search(6, 2).to_string()).await;
    settled(&server, 1).await;
    server
}

/// Returns the row of a request.
async fn row(server: &Server, request: u64) -> Value {
    get(
        server,
        &format!("/request/{request}/null/True/False/False/False"),
    )
    .await
    .json()[0]
        .clone()
}

fn name(value: &Value) -> &str {
    value["attributes"]["_name_"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn an_aborted_search_is_subfinished_where_a_point_has_a_loss_and_else_failed() {
    for (command, loss, expected) in [
        ("abort", true, "SubFinished"),
        ("abort", false, "Failed"),
        ("close", true, "SubFinished"),
        ("close", false, "Failed"),
    ] {
        let server = started().await;
        if loss {
            put(&server, "/hpo/null/1/2/0.0").await;
        }
        let answer = put(&server, &format!("/request/{command}/1/null"))
            .await
            .json();
        assert_eq!(
            answer,
            json!([[0, { "status": 0, "message": "Command registered successfully" }]])
        );
        let row = row(&server, 1).await;
        assert_eq!(
            (name(&row["status"]), name(&row["transform_status"])),
            (expected, expected)
        );
        assert_eq!(
            (name(&row["substatus"]), name(&row["command"])),
            ("ToCancel", "NoneCommand")
        );
        assert_eq!(
            (
                name(&row["output_coll_status"]),
                name(&row["input_coll_status"])
            ),
            ("Cancelled", "Closed")
        );
        assert_eq!(row["errors"], Value::Null);
    }
}

#[tokio::test]
async fn an_aborted_search_makes_no_more_points() {
    let server = started().await;
    put(&server, "/request/abort/1/null").await;
    report_all(&server, 1).await;
    assert_eq!(settled(&server, 1).await, "Failed");
    assert_eq!(points(&server, 1).await.len(), 2);
}

#[tokio::test]
async fn a_retried_search_goes_on_to_its_end() {
    let server = started().await;
    put(&server, "/hpo/null/1/1/1.5").await;
    put(&server, "/request/abort/1/null").await;
    put(&server, "/hpo/null/1/2/2.5").await;
    put(&server, "/request/retry/1/null").await;
    for expected in [vec!["3", "4"], vec!["5", "6"]] {
        assert_eq!(settled(&server, 1).await, "Transforming");
        assert_eq!(open(&server, 1).await, expected);
        report_all(&server, 1).await;
    }
    assert_eq!(settled(&server, 1).await, "Finished");
    assert_eq!(name(&row(&server, 1).await["substatus"]), "New");
}

#[tokio::test]
async fn a_refused_command_leaves_its_reason_beside_older_ones() {
    let server = started().await;
    post(
        &server,
        submission(&json!({ "method": "container" })).to_string(),
    )
    .await;
    assert_eq!(settled(&server, 2).await, "Failed");
    put(&server, "/request/abort/2/null").await;
    let refused = row(&server, 2).await;
    assert_eq!(
        refused["errors"]["extra_msg"],
        "Request is already terminated. Cannot be aborted"
    );
    assert!(refused["errors"]["submit_err"]["msg"].is_string());
    assert_eq!(name(&refused["command"]), "AbortRequest");

    for _ in 0..3 {
        report_all(&server, 1).await;
        settled(&server, 1).await;
    }
    for (command, reason, code) in [
        (
            "close",
            "Request is already terminated. Cannot be closed",
            "CloseRequest",
        ),
        (
            "retry",
            "Request is already finished. Cannot be resumed",
            "ResumeRequest",
        ),
    ] {
        put(&server, &format!("/request/{command}/1/null")).await;
        let refused = row(&server, 1).await;
        assert_eq!(
            (name(&refused["status"]), name(&refused["command"])),
            ("Finished", code)
        );
        assert_eq!(refused["errors"], json!({ "extra_msg": reason }));
    }
}

#[tokio::test]
async fn a_request_that_could_not_be_run_is_planned_again() {
    let server = started().await;
    post(
        &server,
        submission(&json!({ "method": "container" })).to_string(),
    )
    .await;
    settled(&server, 2).await;
    put(&server, "/request/abort/2/null").await;
    put(&server, "/request/retry/2/null").await;
    assert_eq!(settled(&server, 2).await, "Failed");
    let errors = row(&server, 2).await["errors"].clone();
    assert!(
        errors["submit_err"]["msg"].is_string() && errors["extra_msg"].is_null(),
        "{errors}"
    );
}

#[tokio::test]
async fn a_retry_of_a_running_search_changes_nothing() {
    let server = started().await;
    let before = points(&server, 1).await;
    put(&server, "/request/retry/1/null").await;
    assert_eq!(settled(&server, 1).await, "Transforming");
    assert_eq!(
        (points(&server, 1).await, &row(&server, 1).await["errors"]),
        (before, &Value::Null)
    );
}

#[tokio::test]
async fn a_search_survives_any_mix_of_losses_and_commands_at_once() {
    let server = started().await;
    for round in 0..20 {
        let ids = open(&server, 1).await;
        let losses = ids.iter().map(|id| {
            let path = format!("/hpo/null/1/{id}/1.0");
            let server = &server;
            async move { put(server, &path).await.status }
        });
        let (losses, abort, retry) = tokio::join!(
            futures::future::join_all(losses),
            put(&server, "/request/abort/1/null"),
            put(&server, "/request/retry/1/null"),
        );
        assert!(
            losses.iter().all(|status| *status == 200)
                && abort.status == 200
                && retry.status == 200,
            "{round}"
        );
    }
    put(&server, "/request/retry/1/null").await;
    while settled(&server, 1).await == "Transforming" {
        report_all(&server, 1).await;
    }
    assert_eq!(settled(&server, 1).await, "Finished");
    assert_eq!(points(&server, 1).await.len(), 6);
}

#[tokio::test]
async fn messages_are_commands_when_their_status_is_an_object() {
    let server = started().await;
    let tell = |code: u8, name: &str| {
        let attributes = json!({ "_value_": code, "_name_": name });
        let status = json!({ "class": "RequestStatus", "module": "idds.common.constants", "attributes": attributes });
        let body =
            json!({ "command": "update_request", "parameters": { "status": status } }).to_string();
        let server = &server;
        async move {
            send(
                server,
                "POST",
                "/idds/message/1/null/null/null",
                &[],
                body.as_bytes(),
            )
            .await
            .json()
        }
    };
    for (code, told, expected) in [
        (10, "ToSuspend", "Suspended"),
        (13, "ToResume", "Transforming"),
        (7, "ToCancel", "Failed"),
        (13, "ToResume", "Transforming"),
        (18, "ToFinish", "Failed"),
    ] {
        assert_eq!(tell(code, told).await, json!({ "request_id": "1" }));
        assert_eq!(name(&row(&server, 1).await["status"]), expected, "{told}");
    }
    assert_eq!(
        get(&server, "/message/1/null/null/null").await.json(),
        json!([])
    );
}
