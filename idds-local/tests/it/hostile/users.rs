//! A request is its owner's, as in iDDS 2.6.21: the answers to others are those recorded there.

use idds_local::Server;
use serde_json::{Value, json};

use crate::http::{Reply, get, send};
use crate::recorded::{recorded, search};
use crate::search::settled;

/// Header by which the Python client says for whom it asks.
const ORIGINAL: &str = "X-IDDS-Auth-Username-Original";
const OWNER: &str = "CN=idds-test";
const OTHER: &str = "CN=idds-test-other";

/// Submits a search for a user.
async fn submit(server: &Server, user: &str) -> u64 {
    let body = search(4, 2).to_string();
    let reply = send(
        server,
        "POST",
        "/idds/request",
        &[(ORIGINAL, user)],
        body.as_bytes(),
    )
    .await;
    let request = reply.json()["request_id"].as_u64().expect("a number");
    settled(server, request).await;
    request
}

/// Repeats a recorded call to this path for a user.
async fn repeat(server: &Server, name: &str, path: &str, user: &str) -> Reply {
    let request = recorded(name).request;
    let body = request.body.unwrap_or_default();
    send(
        server,
        &request.method,
        path,
        &[(ORIGINAL, user)],
        body.as_bytes(),
    )
    .await
}

async fn status(server: &Server, request: u64) -> Value {
    get(server, &format!("/request/{request}/null/False/False"))
        .await
        .json()[0]["status"]["attributes"]["_name_"]
        .clone()
}

#[tokio::test]
async fn others_are_answered_as_recorded_and_nothing_happens() {
    let server = Server::builder().start().await.expect("a server");
    for request in [1, 2] {
        assert_eq!(submit(&server, OWNER).await, request);
    }
    let rows = get(&server, "/request/1/null/False/False").await.json();
    assert_eq!(rows[0]["username"], OWNER);
    for (name, path) in [
        ("abort_other_user", "/idds/request/abort/2/null"),
        ("close_other_user", "/idds/request/close/2/null"),
        ("retry_other_user", "/idds/request/retry/1/null"),
        ("update_request_other_user", "/idds/request/1"),
        ("messages_get_other_user", "/idds/message/1/null/None/None"),
        ("messages_send_other_user", "/idds/message/1/null/null/null"),
        ("relay_not_super", "/idds/message/1/null/null/null"),
    ] {
        let theirs = recorded(name).response;
        let ours = repeat(&server, name, path, OTHER).await;
        let header = |name: &str| theirs.headers.get(name).map_or("", String::as_str);
        assert_eq!(ours.status, theirs.status, "{name}");
        assert_eq!(
            ours.exception(),
            (header("ExceptionClass"), header("ExceptionMessage")),
            "{name}"
        );
        let digits = |text: &str| text.replace(|char: char| char.is_ascii_digit(), "N");
        assert_eq!(
            digits(&ours.body),
            digits(&theirs.body.unwrap_or_default()),
            "{name}"
        );
        // Nor does who gives no name, or one that is merely alike.
        for user in [
            "",
            "CN=idds-tes",
            "CN=idds-test0",
            "cn=idds-test",
            "CN=%69dds-test",
        ] {
            let ours = repeat(&server, name, path, user).await;
            assert!(
                format!("{ours:?}").contains("has no permission to "),
                "{name}: {user}: {ours:?}"
            );
        }
    }
    for command in [
        "ToSuspend",
        "ToResume",
        "ToCancel",
        "ToFinish",
        "ToForceFinish",
    ] {
        let status = json!({ "class": "RequestStatus", "module": "idds.common.constants", "attributes": { "_name_": command } });
        let body =
            json!({ "command": "update_request", "parameters": { "status": status } }).to_string();
        let reply = send(
            &server,
            "POST",
            "/idds/message/1/null/null/null",
            &[(ORIGINAL, OTHER)],
            body.as_bytes(),
        )
        .await;
        assert_eq!(
            reply.exception().0,
            "AuthenticationNoPermission",
            "{command}"
        );
    }
    for request in [1, 2] {
        assert_eq!(status(&server, request).await, "Transforming");
    }
    let mine = send(
        &server,
        "GET",
        "/idds/message/1/null/null/null",
        &[(ORIGINAL, OWNER)],
        b"",
    )
    .await;
    assert_eq!((mine.status, mine.json()), (200, json!([])));
}

#[tokio::test]
async fn an_owner_commands_and_everybody_may_look_and_report() {
    let server = Server::builder().start().await.expect("a server");
    let request = submit(&server, OWNER).await;
    let as_other = [(ORIGINAL, OTHER)];
    let put = send(
        &server,
        "PUT",
        &format!("/idds/hpo/null/{request}/1/0.5"),
        &as_other,
        b"null",
    )
    .await;
    assert_eq!(
        (put.status, recorded("hpo_put_other_user").response.status),
        (200, 200)
    );
    let looked = send(
        &server,
        "GET",
        &format!("/idds/request/{request}/null/False"),
        &as_other,
        b"",
    )
    .await;
    assert_eq!(
        (
            looked.status,
            recorded("get_requests_other_user").response.status
        ),
        (200, 200)
    );
    let abort = repeat(
        &server,
        "abort",
        &format!("/idds/request/abort/{request}/null"),
        OWNER,
    )
    .await;
    assert_eq!(Some(abort.body), recorded("abort").response.body);
    assert_eq!(status(&server, request).await, "SubFinished");
}

#[tokio::test]
async fn the_name_in_a_submission_is_believed_and_the_submitter_is_not_the_owner_then() {
    let server = Server::builder().start().await.expect("a server");
    let mut body = search(4, 2);
    body["username"] = "somebody".into();
    send(
        &server,
        "POST",
        "/idds/request",
        &[(ORIGINAL, OWNER)],
        body.to_string().as_bytes(),
    )
    .await;
    settled(&server, 1).await;
    let theirs = recorded("submit_username_other_abort")
        .response
        .body
        .expect("text");
    let ours = repeat(
        &server,
        "submit_username_other_abort",
        "/idds/request/abort/1/null",
        OWNER,
    )
    .await;
    assert_eq!(ours.body, theirs.replace("13", "1"));
    assert!(
        repeat(&server, "abort", "/idds/request/abort/1/null", "somebody")
            .await
            .body
            .contains("registered")
    );
}

#[tokio::test]
async fn names_of_other_alphabets_are_told_apart() {
    let server = Server::builder().start().await.expect("a server");
    let request = submit(&server, "J\u{f6}rg").await;
    let path = format!("/idds/request/abort/{request}/null");
    assert!(
        repeat(&server, "abort", &path, "J\u{e4}rg")
            .await
            .body
            .contains("has no permission")
    );
    assert!(
        repeat(&server, "abort", &path, "J\u{f6}rg")
            .await
            .body
            .contains("registered")
    );
}
