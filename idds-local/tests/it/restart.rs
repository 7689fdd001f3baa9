//! What survives the end of a server, orderly or not.

use std::path::Path;

use idds_local::{ErrorKind, Server};
use serde_json::Value;

use crate::http::{get, post, put, send};
use crate::recorded::search;
use crate::search::{open, points, report_all, settled};

async fn started(path: &Path) -> Server {
    Server::builder()
        .database(path)
        .start()
        .await
        .expect("a server")
}

/// Copies the files of a running server, as they are at this moment: what a killed one leaves behind.
fn snapshot(from: &Path, to: &Path) {
    for suffix in ["", "-wal"] {
        let name = |path: &Path| format!("{}{suffix}", path.display());
        std::fs::copy(name(from), name(to)).expect("a copy");
    }
}

#[tokio::test]
async fn a_search_goes_on_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("deep/down/idds.sqlite");
    let server = started(&path).await;
    post(&server, search(5, 2).to_string()).await;
    settled(&server, 1).await;
    put(&server, "/hpo/null/1/1/0.25").await;
    let before = points(&server, 1).await;
    server.shutdown().await;

    let server = started(&path).await;
    assert_eq!(points(&server, 1).await, before);
    for _ in 0..3 {
        report_all(&server, 1).await;
        settled(&server, 1).await;
    }
    assert_eq!(settled(&server, 1).await, "Finished");
    assert_eq!(points(&server, 1).await.len(), 5);
}

#[tokio::test]
async fn a_dropped_server_frees_its_file_at_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idds.sqlite");
    for request in 1..4 {
        let server = started(&path).await;
        post(&server, search(5, 2).to_string()).await;
        settled(&server, request).await;
        drop(server);
    }
    let server = started(&path).await;
    for request in 1..4 {
        assert_eq!(points(&server, request).await.len(), 2);
    }
}

#[tokio::test]
async fn whatever_a_killed_server_had_confirmed_is_there() {
    let directory = tempfile::tempdir().expect("a directory");
    let [path, copy] = ["idds.sqlite", "copy.sqlite"].map(|name| directory.path().join(name));
    let server = started(&path).await;
    post(&server, search(6, 2).to_string()).await;
    loop {
        settled(&server, 1).await;
        let Some(id) = open(&server, 1).await.into_iter().next() else {
            break;
        };
        put(&server, &format!("/hpo/null/1/{id}/{id}.5")).await;

        // The agent may or may not have made the next generation already.
        snapshot(&path, &copy);
        let revived = started(&copy).await;
        settled(&revived, 1).await;
        let index = id.parse::<usize>().expect("a number") - 1;
        assert_eq!(points(&revived, 1).await[index]["loss"], index as f64 + 1.5);
        while settled(&revived, 1).await == "Transforming" {
            report_all(&revived, 1).await;
        }
        assert_eq!(settled(&revived, 1).await, "Finished");
        let losses = points(&revived, 1)
            .await
            .iter()
            .filter(|point| point["loss"] != Value::Null)
            .count();
        assert_eq!(losses, 6);
    }
    assert_eq!(points(&server, 1).await.len(), 6);
}

#[tokio::test]
async fn whatever_a_killed_server_was_told_is_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let [path, copy] = ["idds.sqlite", "copy.sqlite"].map(|name| directory.path().join(name));
    let server = started(&path).await;
    post(&server, search(4, 2).to_string()).await;
    settled(&server, 1).await;
    let result = br#"[{"headers": {"channel": "asyncresult"}, "body": 1}]"#;
    let task = br#"{"workflow": {"scope": "s", "name": "n", "content": {}}}"#;
    let steps: [(&str, &str, &[u8], &str); 9] = [
        ("PUT", "/request/abort/1/null", b"null", "Failed"),
        ("PUT", "/request/retry/1/null", b"null", "Transforming"),
        ("PUT", "/hpo/null/1/1/0.5", b"null", "Transforming"),
        ("POST", "/message/1/null/null/null", result, "Transforming"),
        ("PUT", "/request/close/1/null", b"null", "SubFinished"),
        ("PUT", "/request/abort/1/null", b"null", "SubFinished"),
        ("PUT", "/request/1", b"{}", "SubFinished"),
        ("POST", "/workflow_task", task, "SubFinished"),
        ("PUT", "/request/retry/1/null", b"null", "Transforming"),
    ];
    for (method, path_of, body, expected) in steps {
        let reply = send(&server, method, &format!("/idds{path_of}"), &[], body).await;
        assert_eq!(reply.status, 200, "{path_of}: {reply:?}");
        snapshot(&path, &copy);
        let revived = started(&copy).await;
        assert_eq!(settled(&revived, 1).await, expected, "{path_of}");
        for shown in [
            "/request/1/null/True/False/False/False",
            "/message/1/null/null/null",
            "/hpo/null/1/null/null/null",
        ] {
            assert_eq!(
                get(&revived, shown).await.body,
                get(&server, shown).await.body,
                "{path_of}: {shown}"
            );
        }
    }
}

#[tokio::test]
async fn a_request_that_was_only_stored_is_picked_up() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idds.sqlite");
    let server = started(&path).await;
    post(&server, search(5, 2).to_string()).await;
    server.shutdown().await;
    let server = started(&path).await;
    assert_eq!(settled(&server, 1).await, "Transforming");
}

#[tokio::test]
async fn one_file_serves_one_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idds.sqlite");
    let _server = started(&path).await;
    let error = Server::builder()
        .database(&path)
        .start()
        .await
        .expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::InUse);
    assert!(
        error.to_string().ends_with("is in use by another server"),
        "{error}"
    );
}

#[tokio::test]
async fn the_file_of_another_program_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("notes.txt");
    std::fs::write(
        &path,
        "no database, but long enough to look like one could be here",
    )
    .expect("a file");
    let error = Server::builder()
        .database(&path)
        .start()
        .await
        .expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::Foreign);
    assert_eq!(
        error.to_string(),
        format!(
            "{} is no database but a file of another kind",
            path.display()
        )
    );
    assert_eq!(std::fs::read(&path).map(|bytes| bytes.len()).ok(), Some(59));
}

#[tokio::test]
async fn a_database_of_another_program_or_version_is_named_and_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    for (application, version, said) in [
        (0, 0, "is a database of another program"),
        (1, 3, "is a database of another program"),
        (
            0x6964_6473,
            99,
            "is of a newer version of this server: its format is 99, and this one has 9",
        ),
        (
            0x6964_6473,
            1,
            "is of an older version of this server: its format is 1, and this one has 9",
        ),
    ] {
        let path = directory
            .path()
            .join(format!("{application}-{version}.sqlite"));
        let database = rusqlite::Connection::open(&path).expect("a database");
        let pragmas =
            format!("PRAGMA application_id = {application}; PRAGMA user_version = {version};");
        database
            .execute_batch(&format!("{pragmas} CREATE TABLE theirs (x);"))
            .expect("a table");
        drop(database);
        let before = std::fs::read(&path).expect("a file");
        let error = Server::builder()
            .database(&path)
            .start()
            .await
            .expect_err("a refusal");
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::Foreign, format!("{} {said}", path.display()))
        );
        assert_eq!(std::fs::read(&path).expect("a file"), before);
    }
}

#[tokio::test]
async fn what_cannot_be_a_database_says_why() {
    let directory = tempfile::tempdir().expect("a directory");
    let below = directory.path().join("file/idds.sqlite");
    std::fs::write(directory.path().join("file"), "").expect("a file");
    for (path, kind, said) in [
        (
            directory.path().to_owned(),
            ErrorKind::Database,
            "cannot be written",
        ),
        (below, ErrorKind::Database, "cannot make the directory"),
    ] {
        let error = Server::builder()
            .database(&path)
            .start()
            .await
            .expect_err("a refusal");
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(said), "{error}");
        assert!(
            std::error::Error::source(&error)
                .is_some_and(<dyn std::error::Error>::is::<std::io::Error>),
            "{error:?}"
        );
    }
}
