//! What the recordings do not show: builds, tasks, files, logs and counts from beginning to end.

use std::time::Duration;

use idds_local::Server;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::http::{Reply, get, post, put, send};
use crate::recorded::{search, submission};
use crate::search::{points, report_all, settled};

async fn started() -> Server {
    Server::builder().start().await.expect("a server")
}

async fn post_to(server: &Server, path: &str, body: &Value) -> Reply {
    send(
        server,
        "POST",
        &format!("/idds{path}"),
        &[],
        body.to_string().as_bytes(),
    )
    .await
}

/// Asks until the agent has done what is waited for, and returns the answer.
async fn until(server: &Server, path: &str, is_done: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let answer = get(server, path).await.json();
            if is_done(&answer) {
                return answer;
            }
        }
    };
    timeout(Duration::from_secs(20), wait)
        .await
        .expect("the agent is done")
}

async fn row(server: &Server, request: u64) -> Value {
    get(
        server,
        &format!("/request/{request}/null/False/True/False/False"),
    )
    .await
    .json()[0]
        .clone()
}

#[tokio::test]
async fn a_request_that_is_built_waits_for_its_workflow_and_runs_it() {
    let server = started().await;
    let workflow = search(2, 2)["request_metadata"]["workflow"].clone();
    let mut build = workflow.clone();
    let works = build
        .pointer_mut("/attributes/template/attributes/_works")
        .and_then(Value::as_object_mut)
        .expect("works");
    works.values_mut().next().expect("a work")["attributes"]["_metadata"]["attributes"]["signature"] =
        json!("s1");
    post(
        &server,
        json!({ "request_type": 0, "request_metadata": { "build_workflow": build } }).to_string(),
    )
    .await;
    until(&server, "/request/1/null/False/False", |rows| {
        rows[0]["status"]["attributes"]["_name_"] == "Building"
    })
    .await;

    let update = |signature: &str| json!({ "signature": signature, "workflow": workflow });
    let refused = post_to(&server, "/request/build/1", &update("s2")).await;
    assert_eq!(refused.exception().0, "IDDSException");
    assert!(
        refused
            .exception()
            .1
            .contains("has a different signature(s2 != s1)"),
        "{refused:?}"
    );
    assert_eq!(
        post_to(&server, "/request/build/1", &update("s1"))
            .await
            .json(),
        json!({ "request_id": "1" })
    );
    assert_eq!(settled(&server, 1).await, "Transforming");
    assert_eq!(
        row(&server, 1).await["request_metadata"],
        json!({ "workflow": workflow })
    );
    let again = post_to(&server, "/request/build/1", &update("s1")).await;
    assert_eq!(
        again.exception(),
        ("CoreException", r#"{"msg": "'build_workflow'"}"#)
    );
}

#[tokio::test]
async fn a_program_adds_works_with_its_token_only() {
    let server = started().await;
    let context = json!({ "attributes": { "_token": "t1" } });
    let workflow = json!({ "class": "Workflow", "module": "idds.iworkflow.workflow", "attributes": { "_context": context } });
    let body = json!({ "request_type": 6, "request_metadata": { "workflow": workflow } });
    post(&server, body.to_string()).await;
    assert_eq!(settled(&server, 1).await, "Failed");
    let transform = |token: &str| json!({ "token": token, "workload_id": null, "transform_type": 10, "name": "n" });
    let refused = post_to(&server, "/transform/1", &transform("t2")).await;
    assert!(
        refused
            .exception()
            .1
            .contains("Token t2 is not correct for request 1"),
        "{refused:?}"
    );
    assert_eq!(
        post_to(&server, "/transform/1", &transform("t1"))
            .await
            .json(),
        json!({ "transform_id": 1 })
    );
    let declined = until(&server, "/transform/1/1", |row| {
        row["status"]["attributes"]["_name_"] != "New"
    })
    .await;
    assert_eq!(
        (
            &declined["name"],
            &declined["status"]["attributes"]["_name_"]
        ),
        (&json!("n"), &json!("Failed"))
    );
    assert!(
        declined["errors"]["submit_err"]["msg"]
            .as_str()
            .is_some_and(|text| text.contains("no PanDA"))
    );
    assert_eq!(
        get(&server, "/catalog/collections/1/null/null/null/null/null")
            .await
            .json(),
        json!([])
    );
    let mut wrong = transform("t1");
    wrong["surprise"] = 1.into();
    let message = r#"{"msg": "add_transform() got an unexpected keyword argument 'surprise'"}"#;
    assert_eq!(
        post_to(&server, "/transform/1", &wrong).await.exception(),
        ("CoreException", message)
    );
}

#[tokio::test]
async fn tasks_for_panda_are_written_down_and_fail() {
    let server = started().await;
    let task = json!({ "workflow": { "scope": "EIC", "name": "fast", "content": { "run_id": 7, "core_count": 4 } } });
    let created = post_to(&server, "/workflow_task", &task).await.json();
    assert_eq!(created["request_id"], 1);
    let again = post_to(&server, "/workflow_task", &task).await.json();
    assert_eq!(
        (&again["request_id"], &again["transform_id"]),
        (&json!(1), &json!(2))
    );
    until(&server, "/request/1/null/False/False", |rows| {
        rows[0]["status"]["attributes"]["_name_"] == "Failed"
    })
    .await;
    let row = row(&server, 1).await;
    assert_eq!(
        (&row["status"]["attributes"]["_name_"], &row["cloud"]),
        (&json!("Failed"), &json!("US"))
    );
    let collections = get(&server, "/catalog/collections/null/null/null/EIC/fast/null")
        .await
        .json();
    let numbers: Vec<_> = collections
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| row["coll_id"].clone())
        .collect();
    assert_eq!(
        numbers[..2],
        [
            created["input_coll_id"].clone(),
            created["output_coll_id"].clone()
        ]
    );
    assert_eq!(
        get(&server, "/transform/1/1").await.json()["transform_metadata"]["core_count"],
        4
    );
    send(
        &server,
        "PUT",
        "/idds/workflow_task/1/1/null/adjust",
        &[],
        br#"{"parameters": {"core_count": 8}}"#,
    )
    .await;
    assert_eq!(
        get(&server, "/transform/1/1").await.json()["transform_metadata"],
        json!({ "core_count": 8 })
    );
    send(
        &server,
        "PUT",
        "/idds/workflow_task/1/close",
        &[],
        br#"{"parameters": {"transform_id": 1}}"#,
    )
    .await;
    let processings = get(&server, "/request/1/null/False/False/False/True")
        .await
        .json();
    assert_eq!(
        processings[0]["processing_status"]["attributes"]["_name_"],
        "ToCancel"
    );
    assert_eq!(
        processings[1]["processing_status"]["attributes"]["_name_"],
        "Failed"
    );
}

#[tokio::test]
async fn points_are_contents_of_two_collections() {
    let server = started().await;
    post(&server, search(4, 2).to_string()).await;
    settled(&server, 1).await;
    put(&server, "/hpo/null/1/2/0.5").await;
    let contents = get(&server, "/catalog/contents/1/null/null/null/null/null/null")
        .await
        .json();
    let brief = |row: &Value| {
        let path: Value =
            serde_json::from_str(row["path"].as_str().unwrap_or_default()).expect("JSON");
        (
            row["coll_id"].clone(),
            row["name"].clone(),
            row["status"]["attributes"]["_name_"].clone(),
            path[1].clone(),
        )
    };
    let expected = [
        (1, "1", "Available", None),
        (1, "2", "Available", None),
        (2, "1", "New", None),
        (2, "2", "Available", Some(0.5)),
    ];
    let expected = expected.map(|(collection, name, status, loss)| {
        (json!(collection), json!(name), json!(status), json!(loss))
    });
    assert_eq!(
        contents
            .as_array()
            .into_iter()
            .flatten()
            .map(brief)
            .collect::<Vec<_>>(),
        expected
    );
    let mut ids: Vec<_> = contents
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| row["content_id"].as_i64())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    let path: Value =
        serde_json::from_str(contents[3]["path"].as_str().expect("text")).expect("JSON");
    assert_eq!(path[0], points(&server, 1).await[1]["parameters"]);
}

#[tokio::test]
async fn the_logs_hold_what_the_steering_last_read_and_wrote() {
    let server = started().await;
    post(&server, search(4, 2).to_string()).await;
    settled(&server, 1).await;
    report_all(&server, 1).await;
    settled(&server, 1).await;
    let archive = get(&server, "/logs/null/1").await;
    assert_eq!(
        archive.headers["content-disposition"],
        "attachment; filename=request_1.logs.tar.gz"
    );
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("logs.tar.gz"), &archive.bytes).expect("a file");
    let tar = std::process::Command::new("tar")
        .args(["-xzf", "logs.tar.gz"])
        .current_dir(directory.path())
        .status();
    assert!(tar.expect("tar is installed").success());
    let read = |name: &str| -> Value {
        let path = directory.path().join("transform_1/processing_1").join(name);
        serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
    };
    let all = points(&server, 1).await;
    let pairs: Vec<_> = all[..2]
        .iter()
        .map(|point| json!([point["parameters"], point["loss"]]))
        .collect();
    assert_eq!(read("idds_input.json")["points"], json!(pairs));
    let space = submission(&json!({}))["request_metadata"]["workflow"].clone();
    let works = space
        .pointer("/attributes/template/attributes/_works")
        .and_then(Value::as_object)
        .expect("works");
    let space = works
        .values()
        .next()
        .map(|work| work["attributes"]["opt_space"].clone());
    assert_eq!(Some(&read("idds_input.json")["opt_space"]), space.as_ref());
    assert_eq!(
        read("idds_output.json"),
        json!(
            all[2..]
                .iter()
                .map(|point| point["parameters"].clone())
                .collect::<Vec<_>>()
        )
    );
}

#[tokio::test]
async fn uploaded_files_are_there_after_a_restart_and_nowhere_else() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idds.sqlite");
    let big = vec![7; 8 << 20];
    let server = Server::builder()
        .database(&path)
        .max_body(1000)
        .start()
        .await
        .expect("a server");
    assert_eq!(
        send(&server, "POST", "/idds/cacher/big.bin", &[], &big)
            .await
            .json(),
        json!({ "filename": "big.bin" })
    );
    for name in [
        "..",
        ".",
        "%2e%2e",
        "..%2fidds.sqlite",
        "%2Fetc%2Fpasswd",
        "a%00b",
        "",
        &"x".repeat(300),
    ] {
        let reply = send(&server, "POST", &format!("/idds/cacher/{name}"), &[], b"x").await;
        assert!([404, 500].contains(&reply.status), "{name}: {reply:?}");
        let reply = send(&server, "GET", &format!("/idds/cacher/{name}"), &[], b"").await;
        assert!([404, 500].contains(&reply.status), "{name}: {reply:?}");
    }
    server.shutdown().await;
    let files =
        std::fs::read_dir(directory.path().join("idds.sqlite-cacher/files")).expect("a directory");
    assert_eq!(files.count(), 1);

    let server = Server::builder()
        .database(&path)
        .start()
        .await
        .expect("a server");
    assert!(get(&server, "/cacher/big.bin").await.bytes == big);
    let part = send(
        &server,
        "GET",
        "/idds/cacher/big.bin",
        &[("Range", "bytes=-5")],
        b"",
    )
    .await;
    assert_eq!(
        (part.status, &*part.headers["content-range"]),
        (206, "bytes 8388603-8388607/8388608")
    );
    let tag = part.headers["etag"].clone();
    assert_eq!(
        send(
            &server,
            "GET",
            "/idds/cacher/big.bin",
            &[("If-None-Match", &tag)],
            b""
        )
        .await
        .status,
        304
    );
}

#[tokio::test]
async fn requests_are_counted_by_month() {
    let server = started().await;
    post(&server, search(4, 2).to_string()).await;
    post(&server, submission(&json!({ "method": null })).to_string()).await;
    settled(&server, 1).await;
    settled(&server, 2).await;
    let counts = get(&server, "/monitor_request/null/null").await.json();
    let sum = |state: &str| {
        let months = counts["month_status"][state]
            .as_object()
            .into_iter()
            .flat_map(|months| months.values());
        months.filter_map(Value::as_i64).sum::<i64>()
    };
    assert_eq!(
        (
            &counts["total"],
            sum("Total"),
            sum("Failed"),
            sum("Transforming")
        ),
        (&json!(2), 2, 1, 1)
    );
    let transforms = get(&server, "/monitor_transform/null/null").await.json();
    assert_eq!(transforms["total"], 1);
    assert!(transforms["month_status_dict_by_type"]["Workflow"]["Transforming"].is_object());
    let shown = get(&server, "/monitor/1/null/true/false/false")
        .await
        .json();
    assert_eq!(shown[0]["transforms"], json!({ "Transforming": 1 }));
}

#[tokio::test]
async fn answers_are_wrapped_where_the_query_says_so() {
    let server = started().await;
    let wrapped = get(&server, "/ping?x=1&json_outputs=TRUE").await.json();
    assert_eq!(
        wrapped,
        json!({ "status": 0, "data": { "Status": "OK" }, "error": null })
    );
    let failed = put(&server, "/hpo/null/null/1/1?json_outputs=true").await;
    assert_eq!(
        (
            failed.status,
            &failed.json()["status"],
            failed.exception().0
        ),
        (200, &json!(500), "")
    );
    let message = failed.json()["error"]["ExceptionMessage"]
        .as_str()
        .map(str::to_owned)
        .expect("a message");
    let message: Value = serde_json::from_str(&message).expect("JSON");
    assert_eq!(
        message["msg"],
        "One of workload_id and request_id should not be None or empty"
    );
    assert_eq!(
        get(&server, "/nonsense?json_outputs=true").await.status,
        404
    );
}
