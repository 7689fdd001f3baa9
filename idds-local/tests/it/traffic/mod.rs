//! The recorded calls, repeated: status, exception and form of the answer must be those of the real server.

mod lists;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idds_local::Server;
use serde_json::Value;

use crate::http::{Reply, get, post, send};
use crate::recorded::{Recorded, names, recorded, search, submission};
use crate::search::settled;
use crate::shape::{PLUMBING, difference};

/// Repeats a recorded call, on another path where the numbers of the recording do not fit.
async fn repeat(server: &Server, recorded: &Recorded, path: Option<&str>) -> Reply {
    let request = &recorded.request;
    let given = |name| {
        request
            .headers
            .get(name)
            .map(|value| (name, value.as_str()))
    };
    let headers: Vec<_> = ["Content-Type", "Range"]
        .into_iter()
        .filter_map(given)
        .collect();
    let body = match (&request.body, &request.body_base64) {
        (Some(text), _) => text.clone().into_bytes(),
        (None, Some(encoded)) => STANDARD.decode(encoded).expect("base64"),
        (None, None) => Vec::new(),
    };
    send(
        server,
        &request.method,
        path.unwrap_or(&request.path),
        &headers,
        &body,
    )
    .await
}

fn compare(name: &str, ours: &Reply, theirs: &Recorded) {
    let theirs = &theirs.response;
    let header = |name: &str| theirs.headers.get(name).map_or("", String::as_str);
    assert_eq!(ours.status, theirs.status, "{name}: {ours:?}");
    let significant = |headers: &std::collections::HashMap<String, String>| -> BTreeSet<String> {
        headers
            .keys()
            .map(|name| name.to_lowercase())
            .filter(|name| !PLUMBING.contains(&name.as_str()))
            .collect()
    };
    assert_eq!(
        significant(&ours.headers),
        significant(&theirs.headers),
        "{name}"
    );
    for same in [
        "Content-Type",
        "Content-Disposition",
        "Content-Range",
        "Cache-Control",
        "Accept-Ranges",
    ] {
        assert_eq!(
            ours.headers
                .get(&same.to_lowercase())
                .map_or("", String::as_str),
            header(same),
            "{name}: {same}"
        );
    }
    let (class, message) = ours.exception();
    assert_eq!(class, header("ExceptionClass"), "{name}");
    // What follows is the text of the database, with the statement.
    let theirs_of_database = ["(psycopg2", "(builtins"]
        .iter()
        .find_map(|word| header("ExceptionMessage").split_once(word));
    match theirs_of_database {
        Some((start, _)) => assert!(message.starts_with(start), "{name}: {message}"),
        None => assert_eq!(message, header("ExceptionMessage"), "{name}"),
    }
    if let Some(encoded) = &theirs.body_base64 {
        let theirs = STANDARD.decode(encoded).expect("base64");
        let is_archive = ours
            .headers
            .get("content-type")
            .is_some_and(|value| value == "application/x-tgz");
        assert!(
            ours.bytes == theirs || (is_archive && ours.bytes[..2] == theirs[..2]),
            "{name}"
        );
    }
    let Some(body) = &theirs.body else { return };
    match serde_json::from_str::<Value>(body) {
        Ok(theirs) => assert_eq!(difference(&ours.json(), &theirs, ""), None, "{name}"),
        Err(_) => assert_eq!(ours.body, *body, "{name}"),
    }
}

/// Repeats recordings in their order; each is a name, followed by another path where the recorded one does not fit.
async fn replay(server: &Server, list: &[&str]) {
    for entry in list {
        let (name, path) = entry
            .split_once(' ')
            .map_or((*entry, None), |(name, path)| (name, Some(path)));
        let recorded = recorded(name);
        compare(name, &repeat(server, &recorded, path).await, &recorded);
    }
}

/// Starts a server on which request 1 is the recorded search, with open points.
async fn server() -> Server {
    let server = Server::builder().start().await.expect("a server");
    post(&server, submission(&serde_json::json!({})).to_string()).await;
    settled(&server, 1).await;
    server
}

/// Starts a server on which requests 1 and 2 are recorded searches, with a workload and open points.
async fn server_with_workload() -> Server {
    let server = Server::builder().start().await.expect("a server");
    for request in [1, 2] {
        let mut body = search(20, 10);
        body["name"] = "a.name.of.mine".into();
        body["workload_id"] = 77_000_001.into();
        post(&server, body.to_string()).await;
        settled(&server, request).await;
    }
    server
}

#[test]
fn every_recording_is_repeated_or_there_is_a_reason() {
    let repeated = lists::REPEATED
        .iter()
        .copied()
        .flatten()
        .map(|entry| entry.split(' ').next().unwrap_or_default());
    let excused = lists::DIFFERENT
        .iter()
        .chain(lists::NOT_APPLICABLE)
        .map(|(name, _)| *name);
    let mut listed: Vec<_> = repeated.chain(excused).collect();
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed, names());
}

#[test]
fn recordings_that_are_excused_are_not_repeated_as_well() {
    let repeated: BTreeSet<_> = lists::REPEATED
        .iter()
        .copied()
        .flatten()
        .map(|entry| entry.split(' ').next().unwrap_or_default())
        .collect();
    for (name, reason) in lists::DIFFERENT.iter().chain(lists::NOT_APPLICABLE) {
        assert!(!repeated.contains(name) && !reason.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn submissions_are_answered_as_recorded() {
    replay(&server().await, lists::SUBMISSIONS).await;
}

#[tokio::test]
async fn points_and_losses_are_answered_as_recorded() {
    replay(&server().await, lists::POINTS).await;
}

#[tokio::test]
async fn transforms_and_catalog_are_shown_as_recorded() {
    replay(&server().await, lists::CATALOG).await;
}

#[tokio::test]
async fn messages_are_answered_as_recorded() {
    // Those that are commands are taken as there.
    let server = Server::builder()
        .like_2_6_21()
        .start()
        .await
        .expect("a server");
    for (request, body) in [(1, submission(&serde_json::json!({}))), (2, search(3, 3))] {
        post(&server, body.to_string()).await;
        settled(&server, request).await;
    }
    replay(&server, lists::MESSAGES).await;
    assert_eq!(settled(&server, 2).await, "Failed");
    replay(&server, lists::AFTER_MESSAGES).await;
}

#[tokio::test]
async fn commands_are_answered_as_recorded() {
    let server = server_with_workload().await;
    replay(&server, lists::COMMANDS).await;
}

#[tokio::test]
async fn files_logs_and_the_rest_are_answered_as_recorded() {
    replay(&server_with_workload().await, lists::OTHERS).await;
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
        let ours = repeat(&server, &get, None).await.json()[0]["loss"].clone();
        let theirs: Value = serde_json::from_str(&get.response.body.expect("text")).expect("JSON");
        assert_eq!(ours, theirs[0]["loss"]);
    }
}

#[tokio::test]
async fn requests_are_shown_as_recorded() {
    let server = server().await;
    post(
        &server,
        submission(&serde_json::json!({ "method": "container" })).to_string(),
    )
    .await;
    settled(&server, 2).await;
    replay(&server, lists::REQUESTS).await;
}

#[tokio::test]
async fn metadata_is_what_was_submitted_and_beside_the_recorded_fields() {
    let server = server().await;
    let recorded = recorded("get_requests_lower_case_flags");
    let ours = repeat(&server, &recorded, None).await.json();
    let theirs: Value =
        serde_json::from_str(recorded.response.body.as_deref().expect("text")).expect("JSON");
    let names = |rows: &Value| {
        rows[0]
            .as_object()
            .expect("a row")
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&ours), names(&theirs));
    assert_eq!(
        ours[0]["request_metadata"],
        submission(&serde_json::json!({}))["request_metadata"]
    );
}

#[tokio::test]
async fn a_finished_request_is_shown_as_recorded() {
    let server = Server::builder().start().await.expect("a server");
    post(&server, search(1, 1).to_string()).await;
    settled(&server, 1).await;
    crate::http::put(&server, "/hpo/null/1/1/0.5").await;
    settled(&server, 1).await;
    replay(&server, lists::FINISHED).await;
    let recorded = recorded("get_requests_finished_detail");
    let ours = repeat(
        &server,
        &recorded,
        Some("/idds/request/1/null/True/False/False/False"),
    )
    .await;
    let theirs: Value = serde_json::from_str(&recorded.response.body.expect("text")).expect("JSON");
    for field in [
        "status",
        "transform_status",
        "processing_status",
        "output_coll_status",
        "output_total_files",
    ] {
        assert_eq!(ours.json()[0][field], theirs[0][field], "{field}");
    }
}

#[tokio::test]
async fn names_and_workloads_are_looked_up_as_recorded() {
    let server = server_with_workload().await;
    replay(&server, lists::NAMES).await;
    assert_eq!(
        get(&server, "/request/name/a.name%25").await.json()["a.name.of.mine"],
        2
    );
    assert_eq!(
        get(&server, "/request/name/A.NAME.of.mine").await.json(),
        serde_json::json!({})
    );
    let losses = |request: u8| {
        let server = &server;
        async move {
            get(server, &format!("/hpo/null/{request}/1/null/null"))
                .await
                .json()[0]["loss"]
                .clone()
        }
    };
    assert_eq!(
        (losses(1).await, losses(2).await),
        (2.5.into(), Value::Null)
    );
}

#[tokio::test]
async fn defects_of_the_real_server_are_not_reproduced() {
    let server = server().await;
    let total = get(&server, "/hpo/null/1/null/null/null")
        .await
        .json()
        .as_array()
        .map_or(0, Vec::len);
    let put = recorded("hpo_put");
    repeat(&server, &put, None).await;
    let evaluated = ["New", "0", "ContentStatus.New"].map(|status| (status, total - 1));
    for (status, count) in
        evaluated
            .into_iter()
            .chain([("Available", 1), ("2", 1), ("Failed", 0), ("null", total)])
    {
        let points = get(&server, &format!("/hpo/null/1/null/{status}/null"))
            .await
            .json();
        assert_eq!(points.as_array().map(Vec::len), Some(count), "{status}");
    }
    for limit in [0, 2, total + 5] {
        let points = get(&server, &format!("/hpo/null/1/null/null/{limit}"))
            .await
            .json();
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
        assert_eq!(
            reply.exception(),
            ("CoreException", &*format!("{{\"msg\": \"{message}\"}}"))
        );
    }
    for path in [
        "/hpo/null/1/null/Nothing/null",
        "/hpo/null/1/null/777/null",
        "/hpo/null/1/null/null/-1",
    ] {
        assert_eq!(get(&server, path).await.exception().0, "CoreException");
    }
}

#[tokio::test]
async fn answers_are_indented_by_four_with_sorted_keys() {
    let server = server().await;
    let theirs = recorded("hpo_put");
    assert_eq!(
        Some(repeat(&server, &theirs, None).await.body),
        theirs.response.body
    );
    let rows = get(&server, "/request/1/null/True/False").await.json();
    let names: Vec<_> = rows[0].as_object().expect("a row").keys().collect();
    assert!(names.is_sorted());
}
