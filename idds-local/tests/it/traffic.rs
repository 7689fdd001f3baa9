//! The recorded calls, repeated: status, exception and form of the answer must be those of the real server.

use idds_local::Server;
use serde_json::Value;

use crate::http::{Reply, get, post, send};
use crate::recorded::{Recorded, recorded, search, submission};
use crate::search::settled;

/// Repeats a recorded call, on another path where the numbers of the recording do not fit.
async fn repeat(server: &Server, recorded: &Recorded, path: Option<&str>) -> Reply {
    let request = &recorded.request;
    let content_type = request.headers.get("Content-Type").map(|value| ("Content-Type", value.as_str()));
    let headers: Vec<_> = content_type.into_iter().collect();
    let body = request.body.as_deref().unwrap_or_default();
    send(server, &request.method, path.unwrap_or(&request.path), &headers, body.as_bytes()).await
}

/// Tells where the form of one value differs from that of another: keys, types, and enumerations.
///
/// Null goes with everything: which fields are null hangs on how far a request has come.
fn difference(ours: &Value, theirs: &Value, at: &str) -> Option<String> {
    match (ours, theirs) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Object(ours), Value::Object(theirs)) => {
            let is_enumeration = theirs.contains_key("class");
            let mut names: Vec<_> = ours.keys().chain(theirs.keys()).filter(|key| *key != "_loading").collect();
            names.dedup();
            names.into_iter().find_map(|key| match (ours.get(key), theirs.get(key)) {
                (Some(ours), Some(theirs)) if is_enumeration && (key == "class" || key == "module") => {
                    (ours != theirs).then(|| format!("{at}/{key}: {ours}, not {theirs}"))
                }
                (Some(ours), Some(theirs)) => difference(ours, theirs, &format!("{at}/{key}")),
                (None, _) => Some(format!("{at}/{key} is missing")),
                (_, None) => Some(format!("{at}/{key} is not one of theirs")),
            })
        }
        (Value::Array(ours), Value::Array(theirs)) => match (ours.first(), theirs.first()) {
            (Some(ours), Some(theirs)) => difference(ours, theirs, &format!("{at}/0")),
            (None, None) => None,
            _ => Some(format!("{at} is empty on one side only")),
        },
        _ if std::mem::discriminant(ours) == std::mem::discriminant(theirs) => None,
        _ => Some(format!("{at}: {ours}, theirs is {theirs}")),
    }
}

fn compare(name: &str, ours: &Reply, theirs: &Recorded) {
    let theirs = &theirs.response;
    let header = |name: &str| theirs.headers.get(name).map_or("", String::as_str);
    assert_eq!(ours.status, theirs.status, "{name}: {ours:?}");
    assert_eq!(ours.headers.get("content-type").map(String::as_str), Some(header("Content-Type")), "{name}");
    let (class, message) = ours.exception();
    assert_eq!(class, header("ExceptionClass"), "{name}");
    match header("ExceptionMessage").split_once("(psycopg2") {
        // What follows is the text of the database, with the statement.
        Some((start, _)) => assert!(message.starts_with(start), "{name}: {message}"),
        None => assert_eq!(message, header("ExceptionMessage"), "{name}"),
    }
    match serde_json::from_str::<Value>(&theirs.body) {
        Ok(theirs) => assert_eq!(difference(&ours.json(), &theirs, ""), None, "{name}"),
        Err(_) => assert_eq!(ours.body, theirs.body, "{name}"),
    }
}

/// Starts a server on which request 1 is the recorded search, with open points.
async fn server() -> Server {
    let server = Server::builder().start().await.expect("a server");
    post(&server, submission(&serde_json::json!({})).to_string()).await;
    settled(&server, 1).await;
    server
}

#[tokio::test]
async fn submissions_are_answered_as_recorded() {
    let server = server().await;
    for name in [
        "submit_bad_json",
        "submit_empty_body",
        "submit_empty_object",
        "submit_form_content_type",
        "submit_json_list",
        "submit_legacy_hpo",
        "submit_long_name",
        "submit_metadata_null",
        "submit_name_null",
        "submit_name_unicode",
        "submit_no_lifetime",
        "submit_no_scope",
        "submit_no_workflow",
        "submit_request_type_number",
        "submit_status_enum_partial",
        "submit_status_finished",
        "submit_unknown_class",
        "submit_username_other",
        "submit_v1_hpo_nevergrad",
        "submit_v2_hpo_container",
        "submit_v2_hpo_nevergrad",
        "submit_v2_stagein",
        "submit_workflow_plain_dict",
        "submit_workload_big",
        "submit_workload_string",
        "submit_workload_word",
    ] {
        let recorded = recorded(name);
        compare(name, &repeat(&server, &recorded, None).await, &recorded);
    }
}

#[tokio::test]
async fn points_and_losses_are_answered_as_recorded() {
    let server = server().await;
    for name in [
        "hpo_get_all",
        "hpo_get_id",
        "hpo_get_id_unknown",
        "hpo_get_unknown_request",
        "hpo_get_wrong_workload",
        "hpo_get_bad_request_id",
        "hpo_put",
        "hpo_get_after_put",
        "hpo_put_again",
        "hpo_put_small",
        "hpo_put_negative",
        "hpo_get_negative",
        "hpo_put_space",
        "hpo_put_underscore",
        "hpo_get_underscore",
        "hpo_put_both_null",
        "hpo_put_comma",
        "hpo_put_hex",
        "hpo_put_word",
        "hpo_put_null",
        "hpo_put_id_empty",
        "hpo_put_id_null",
        "hpo_put_unknown_id",
        "hpo_put_unknown_request",
        "hpo_put_post",
        "hpo_get_both_null",
    ] {
        let recorded = recorded(name);
        compare(name, &repeat(&server, &recorded, None).await, &recorded);
    }
}

#[tokio::test]
async fn losses_come_back_as_they_were_put() {
    let server = server().await;
    for (put, get) in [
        ("hpo_put", "hpo_get_after_put"),
        ("hpo_put_negative", "hpo_get_negative"),
        ("hpo_put_underscore", "hpo_get_underscore"),
    ] {
        repeat(&server, &recorded(put), None).await;
        let get = recorded(get);
        let theirs: Value = serde_json::from_str(&get.response.body).expect("JSON");
        assert_eq!(repeat(&server, &get, None).await.json()[0]["loss"], theirs[0]["loss"]);
    }
}

#[tokio::test]
async fn requests_are_shown_as_recorded() {
    let server = server().await;
    post(&server, submission(&serde_json::json!({ "method": "container" })).to_string()).await;
    settled(&server, 2).await;
    for (name, path) in [
        ("get_requests_detail_False_metadata_False", None),
        ("get_requests_detail_True_metadata_False", None),
        ("get_requests_with_transform", None),
        ("get_requests_with_processing", None),
        ("get_requests_three_parts", None),
        ("get_requests_failed", Some("/idds/request/2/null/False/False/False/False")),
        ("get_requests_unknown", None),
        ("get_requests_zero", None),
        ("get_requests_bad_id", None),
        ("get_requests_huge_id", None),
        ("get_requests_word_None", None),
        ("get_requests_no_flags", None),
        ("get_request_one_part", None),
        ("trailing_slash", None),
        ("unknown_route", None),
        ("ping", None),
        ("ping_post", None),
    ] {
        let recorded = recorded(name);
        compare(name, &repeat(&server, &recorded, path).await, &recorded);
    }
}

#[tokio::test]
async fn metadata_is_what_was_submitted_and_beside_the_recorded_fields() {
    let server = server().await;
    let recorded = recorded("get_requests_lower_case_flags");
    let ours = repeat(&server, &recorded, None).await.json();
    let theirs: Value = serde_json::from_str(&recorded.response.body).expect("JSON");
    let names = |rows: &Value| rows[0].as_object().expect("a row").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&theirs));
    assert_eq!(ours[0]["request_metadata"], submission(&serde_json::json!({}))["request_metadata"]);
}

#[tokio::test]
async fn a_finished_request_is_shown_as_recorded() {
    let server = Server::builder().start().await.expect("a server");
    post(&server, search(1, 1).to_string()).await;
    settled(&server, 1).await;
    crate::http::put(&server, "/hpo/null/1/1/0.5").await;
    settled(&server, 1).await;
    for (name, path) in [
        ("get_requests_finished", "/idds/request/1/null/False/False/False/False"),
        ("get_requests_finished_detail", "/idds/request/1/null/True/False/False/False"),
    ] {
        let recorded = recorded(name);
        let ours = repeat(&server, &recorded, Some(path)).await;
        compare(name, &ours, &recorded);
        let theirs: Value = serde_json::from_str(&recorded.response.body).expect("JSON");
        assert_eq!(ours.json()[0]["status"], theirs[0]["status"]);
        for field in ["transform_status", "processing_status", "output_coll_status", "output_total_files"] {
            assert_eq!(ours.json()[0][field], theirs[0][field], "{field}");
        }
    }
}

#[tokio::test]
async fn names_and_workloads_are_looked_up_as_recorded() {
    let server = server().await;
    for _ in 0..2 {
        let mut body = search(20, 10);
        body["name"] = "a.name.of.mine".into();
        body["workload_id"] = 77_000_001.into();
        post(&server, body.to_string()).await;
    }
    for request in [2, 3] {
        settled(&server, request).await;
    }
    for name in [
        "get_request_id_by_name",
        "get_request_id_by_name_underscore",
        "get_request_id_by_name_wildcard",
        "get_request_id_by_name_unknown",
        "get_requests_workload",
        "hpo_get_by_workload",
        "hpo_put_by_workload",
    ] {
        let recorded = recorded(name);
        compare(name, &repeat(&server, &recorded, None).await, &recorded);
    }
    assert_eq!(get(&server, "/request/name/a.name%25").await.json()["a.name.of.mine"], 3);
    assert_eq!(get(&server, "/request/name/A.NAME.of.mine").await.json(), serde_json::json!({}));
    let losses = |request: u8| {
        let server = &server;
        async move { get(server, &format!("/hpo/null/{request}/1/null/null")).await.json()[0]["loss"].clone() }
    };
    assert_eq!((losses(2).await, losses(3).await), (2.5.into(), Value::Null));
}

#[tokio::test]
async fn defects_of_the_real_server_are_not_reproduced() {
    let server = server().await;
    let total = get(&server, "/hpo/null/1/null/null/null").await.json().as_array().map_or(0, Vec::len);
    let put = recorded("hpo_put");
    repeat(&server, &put, None).await;
    let evaluated = ["New", "0", "ContentStatus.New"].map(|status| (status, total - 1));
    for (status, count) in evaluated.into_iter().chain([("Available", 1), ("2", 1), ("Failed", 0), ("null", total)]) {
        let points = get(&server, &format!("/hpo/null/1/null/{status}/null")).await.json();
        assert_eq!(points.as_array().map(Vec::len), Some(count), "{status}");
    }
    for limit in [0, 2, total + 5] {
        let points = get(&server, &format!("/hpo/null/1/null/null/{limit}")).await.json();
        assert_eq!(points.as_array().map(Vec::len), Some(limit.min(total)));
    }
    let refused = [
        ("hpo_put_nan", "a loss must be finite, not 'nan'"),
        ("hpo_put_inf", "a loss must be finite, not 'inf'"),
        ("hpo_put_overflow", "a loss must be finite, not '1e999'"),
    ];
    for (name, message) in refused {
        let reply = repeat(&server, &recorded(name), None).await;
        assert_eq!(reply.status, 500);
        assert_eq!(reply.exception(), ("CoreException", &*format!("{{\"msg\": \"{message}\"}}")));
    }
    for path in ["/hpo/null/1/null/Nothing/null", "/hpo/null/1/null/777/null", "/hpo/null/1/null/null/-1"] {
        assert_eq!(get(&server, path).await.exception().0, "CoreException");
    }
}

#[tokio::test]
async fn answers_are_indented_by_four_with_sorted_keys() {
    let server = server().await;
    let theirs = recorded("hpo_put");
    assert_eq!(repeat(&server, &theirs, None).await.body, theirs.response.body);
    let rows = get(&server, "/request/1/null/True/False").await.json();
    let names: Vec<_> = rows[0].as_object().expect("a row").keys().collect();
    assert!(names.is_sorted());
}
