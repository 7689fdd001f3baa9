//! Nothing that a client sends may do harm.

use idds_local::Server;
use serde_json::{Value, json};

use crate::http::{exchange, get, post, send};
use crate::recorded::{search, submission};
use crate::search::settled;

/// Tells that the server still works, for old and new requests.
async fn assert_alive(server: &Server, what: &str) {
    assert_eq!(
        get(server, "/request/null/null/True/True").await.status,
        200,
        "{what}"
    );
    let request = post(server, search(1, 1).to_string()).await.json()["request_id"]
        .as_u64()
        .expect("a number");
    assert_eq!(settled(server, request).await, "Transforming", "{what}");
}

#[tokio::test]
async fn garbage_is_refused_with_an_exception() {
    let server = Server::builder().start().await.expect("a server");
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(200_000), close.repeat(200_000));
    let nested = format!(
        r#"{{"request_type": 0, "request_metadata": {{"x": {}}}}}"#,
        deep("[", "]")
    );
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"null".to_vec(),
        b"5".to_vec(),
        b"\"x\"".to_vec(),
        b"[]".to_vec(),
        b"{".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"{\"request_type\": NaN}".to_vec(),
        b"{\"request_type\": 1e999, \"request_metadata\": {}}".to_vec(),
        b"{\"request_type\": \"\\ud800\", \"request_metadata\": {}}".to_vec(),
        b"{\"request_type\": 0, \"request_metadata\": {}, \"\\u0000\": 1}".to_vec(),
        deep("[", "]").into_bytes(),
        deep("{\"a\":", "}").into_bytes(),
        "[".repeat(1_000_000).into_bytes(),
        nested.into_bytes(),
    ];
    for body in bodies {
        let reply = post(&server, &body).await;
        let what = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert!(
            reply.status == 400 || reply.status == 500,
            "{what}: {reply:?}"
        );
        assert!(
            !reply.exception().0.is_empty() && reply.body.is_empty(),
            "{what}: {reply:?}"
        );
    }
    assert_alive(&server, "after all").await;
}

#[tokio::test]
async fn what_python_takes_for_json_is_taken() {
    let server = Server::builder().start().await.expect("a server");
    let workflow = search(4, 2).to_string();
    let space = |choices: &str| {
        let key = "\"opt_space\":";
        let start = workflow.find(key).expect("a space") + key.len();
        let mut values =
            serde_json::Deserializer::from_str(&workflow[start..]).into_iter::<Value>();
        values.next();
        let rest = &workflow[start + values.byte_offset()..];
        format!(
            r#"{}{{"A": {{"type": "Choice", "params": {{"choices": {choices}}}}}}}{rest}"#,
            &workflow[..start]
        )
    };
    for (body, status) in [
        (format!("\u{feff}{workflow}"), "Transforming"),
        (
            workflow.replacen(
                '{',
                r#"{"priority": 1180591620717411303425, "priority": 1, "#,
                1,
            ),
            "Transforming",
        ),
        (space("[1, 4, 9, 16]"), "Transforming"),
        (space("[1, 4, 1180591620717411303425]"), "Failed"),
    ] {
        let reply = post(&server, &body).await;
        assert_eq!(reply.status, 200, "{body}: {reply:?}");
        let request = reply.json()["request_id"].as_u64().expect("a number");
        assert_eq!(settled(&server, request).await, status, "{body}");
    }
    let rows = get(&server, "/request/4/null/False/False").await.json();
    let errors = rows[0]["errors"].to_string();
    assert!(
        errors.contains("params.choices[2]: the integer 1180591620717411303425 is beyond 64 bits"),
        "{errors}"
    );
    let sent = send(
        &server,
        "POST",
        "/idds/message/1/null/null/null",
        &[],
        br#"{"loss": NaN, "n": 5}"#,
    )
    .await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let messages = get(&server, "/message/1/null/null/null")
        .await
        .json()
        .to_string();
    assert!(messages.contains(r#""loss":"NaN""#), "{messages}");
    assert_alive(&server, "after all").await;
}

#[tokio::test]
async fn garbage_is_refused_or_taken_on_every_route_with_a_body() {
    let server = Server::builder().start().await.expect("a server");
    post(&server, search(2, 2).to_string()).await;
    settled(&server, 1).await;
    let deep = format!("{}1{}", "[".repeat(126), "]".repeat(126));
    let deeper = "[".repeat(100_000);
    let bodies = [
        "",
        "null",
        "5",
        "\"x\"",
        "[]",
        "{",
        "[[]]",
        "[null]",
        "{\"parameters\": 5}",
        "{\"workflow\": []}",
        "NaN",
        "{\"signature\": 1, \"workflow\": 2}",
        "{\"token\": {}}",
        "{\"command\": []}",
        "[{\"headers\": 5}]",
        "{\"refresh_token\": []}",
        "{\"workflow\": {\"content\": 5, \"name\": []}}",
        &deep,
        &deeper,
    ];
    for path in [
        "/request",
        "/request/1",
        "/request/build/1",
        "/request/abort/99/null",
        "/transform/1",
        "/message/1/null/null/null",
        "/message/1/1/1/x",
        "/auth/token/x",
        "/workflow_task",
        "/workflow_task/1/1/1/adjust",
        "/workflow_task/9/close",
        "/workflow_task/9/9/close",
        "/request/1/2/3",
        "/catalog/contents/1/2/3",
    ] {
        for body in &bodies {
            for method in ["POST", "PUT"] {
                let reply = send(
                    &server,
                    method,
                    &format!("/idds{path}"),
                    &[],
                    body.as_bytes(),
                )
                .await;
                let what = format!("{method} {path} {}", &body[..body.len().min(60)]);
                assert!(
                    [200, 400, 404, 405, 500].contains(&reply.status),
                    "{what}: {reply:?}"
                );
                assert!(
                    reply.status == 200 || !reply.exception().0.is_empty(),
                    "{what}: {reply:?}"
                );
                assert!(
                    !reply.exception().1.contains("panicked"),
                    "{what}: {reply:?}"
                );
            }
        }
    }
    for path in [
        "/message/1/null/null/null",
        "/transform/1",
        "/request/null/null/True/True/True/True",
        "/monitor_request/null/null",
    ] {
        assert_eq!(get(&server, path).await.status, 200, "{path}");
    }
    assert_alive(&server, "after all").await;
}

#[tokio::test]
async fn nonsense_in_a_work_fails_that_request_and_no_other() {
    let server = Server::builder().start().await.expect("a server");
    let nonsense = [
        Value::Null,
        json!(-1),
        json!(1e300),
        json!("x"),
        json!([]),
        json!({}),
        json!([[[]]]),
        json!(true),
    ];
    let mut count = 0;
    for key in [
        "method",
        "opt_space",
        "max_points",
        "num_points_per_iteration",
        "initial_points",
        "_collections",
    ] {
        for value in &nonsense {
            let reply = post(&server, submission(&json!({ key: value })).to_string()).await;
            assert_eq!(reply.status, 200);
            count += 1;
        }
    }
    let spaces = [
        json!({ "w": { "type": "Array", "params": { "shape": [4_000_000_000_u32, 4_000_000_000_u32] }, "bounds": [0, 1] } }),
        json!({ "w": { "type": "Choice", "params": { "choices": [1, 2], "repetitions": 4_000_000_000_u32 } } }),
        json!({ "w": { "type": "Scalar", "bounds": [-1.7e308, 1.7e308] } }),
        json!({ "w": { "type": "Log", "params": { "lower": 1e-308, "upper": 1e308 } } }),
        json!({ "\0": { "type": "Choice", "params": { "choices": [null, {}, "名"] } } }),
    ];
    for space in spaces {
        let changes = json!({ "opt_space": space, "initial_points": null });
        assert_eq!(
            post(&server, submission(&changes).to_string()).await.status,
            200
        );
        count += 1;
    }
    for request in 1..=count {
        let status = settled(&server, request).await;
        assert!(
            status == "Failed" || status == "Transforming",
            "{request}: {status}"
        );
    }
    assert_alive(&server, "after all").await;
}

#[tokio::test]
async fn strange_paths_are_answered() {
    let server = Server::builder().start().await.expect("a server");
    for path in [
        "/idds/hpo/null/1/%ff/null/null",
        "/idds/hpo/%00/1/1/null/null",
        "/idds/hpo/null/1/%F0%9F%98%80/null/null",
        "/idds/hpo/null/-9223372036854775808/1/null/null",
        "/idds/hpo/null/1/99999999999999999999/null/null",
        "/idds/hpo/null/1/1/null/99999999999999999999",
        "/idds/request/name/%25%25%25%5C",
        "/idds/request/name/%00",
        "/idds/request/%0d%0aX:%20y/null/False/False",
        "/idds/../../etc/passwd",
        "//",
        "/",
    ] {
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"] {
            let reply = send(&server, method, path, &[], b"null").await;
            assert!(
                [200, 404, 405, 500].contains(&reply.status),
                "{method} {path}: {reply:?}"
            );
            assert!(!reply.headers.contains_key("x"), "{method} {path}");
        }
    }
    for loss in ["%00", "%ff", "1%0a", "%E2%88%9E", "9".repeat(5000).as_str()] {
        let reply = send(
            &server,
            "PUT",
            &format!("/idds/hpo/null/1/1/{loss}"),
            &[],
            b"",
        )
        .await;
        assert!([404, 500].contains(&reply.status), "{loss}: {reply:?}");
    }
    let reply = exchange(server.local_addr(), b"nonsense\r\n\r\n").await;
    assert_eq!(reply.status, 400);
    assert_alive(&server, "after all").await;
}
