//! Workflows of several searches.

use idds_local::Server;
use idds_workflow::{ATLASHPOWork, OptSpace, Stamp, Workflow, WorkflowBuilder, when, wire};
use serde_json::Value;

use crate::http::{get, post, put};
use crate::search::{open, points, report_all, settled};

fn search(parameter: &str) -> ATLASHPOWork {
    let space = OptSpace::builder()
        .scalar(parameter, 0..=1)
        .build()
        .expect("a space");
    ATLASHPOWork::nevergrad(space, 3)
        .num_points_per_iteration(2)
        .build()
        .expect("a work")
}

/// Returns the submission of a workflow.
pub(crate) fn submission(workflow: WorkflowBuilder) -> Value {
    let workflow = workflow.build().expect("a workflow");
    let stamp = Stamp::new("2026-11-22T06:07:08Z".parse().expect("a time"), 1);
    serde_json::to_value(wire::Submission::new(&workflow, &stamp)).expect("JSON")
}

async fn submit(server: &Server, workflow: WorkflowBuilder) {
    let body = submission(workflow);
    assert_eq!(post(server, body.to_string()).await.status, 200);
}

/// Returns the parameter and the number of points of every transform that has started.
async fn started(server: &Server) -> Vec<(String, usize)> {
    let mut searches: Vec<(String, usize)> = Vec::new();
    for point in points(server, 1).await {
        let name = point["parameters"]
            .as_object()
            .and_then(|point| point.keys().next())
            .cloned()
            .unwrap_or_default();
        match searches.iter_mut().find(|search| search.0 == name) {
            Some(search) => search.1 += 1,
            None => searches.push((name, 1)),
        }
    }
    searches
}

async fn status(server: &Server) -> String {
    let row = get(server, "/request/1/null/False/False").await.json();
    row[0]["status"]["attributes"]["_name_"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn named(searches: &[(&str, usize)]) -> Vec<(String, usize)> {
    searches
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

#[tokio::test]
async fn a_search_starts_when_the_one_before_it_has_finished() {
    let server = Server::builder().start().await.expect("a server");
    let mut workflow = Workflow::builder();
    let first = workflow.add("first", search("x"));
    let second = workflow.add("second", search("y"));
    submit(
        &server,
        workflow.condition(when(first.is_finished()).then(&second)),
    )
    .await;
    assert_eq!(settled(&server, 1).await, "Transforming");
    assert_eq!(started(&server).await, named(&[("x", 2)]));
    for expected in [
        &[("x", 3)][..],
        &[("x", 3), ("y", 2)],
        &[("x", 3), ("y", 3)],
    ] {
        report_all(&server, 1).await;
        settled(&server, 1).await;
        assert_eq!(started(&server).await, named(expected));
        assert_eq!(status(&server).await, "Transforming");
    }
    // Point ids go on from work to work, so that each loss reaches its point.
    assert_eq!(open(&server, 1).await, ["6"]);
    report_all(&server, 1).await;
    assert_eq!(settled(&server, 1).await, "Finished");
    let losses: Vec<_> = points(&server, 1)
        .await
        .iter()
        .map(|point| point["loss"].as_f64())
        .collect();
    assert_eq!(losses, [1.5, 2.5, 3.5, 4.5, 5.5, 6.5].map(Some));
    let transforms = get(&server, "/transform/1").await.json();
    assert_eq!(transforms.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn searches_without_conditions_run_at_once_and_end_together() {
    let server = Server::builder().start().await.expect("a server");
    submit(
        &server,
        Workflow::builder().work(search("x")).work(search("y")),
    )
    .await;
    settled(&server, 1).await;
    assert_eq!(started(&server).await, named(&[("x", 2), ("y", 2)]));
    while status(&server).await == "Transforming" {
        report_all(&server, 1).await;
        settled(&server, 1).await;
    }
    assert_eq!(status(&server).await, "Finished");
    assert_eq!(started(&server).await, named(&[("x", 3), ("y", 3)]));
}

#[tokio::test]
async fn an_abort_ends_every_search_and_starts_none() {
    let server = Server::builder().start().await.expect("a server");
    let mut workflow = Workflow::builder();
    let first = workflow.add("first", search("x"));
    let second = workflow.add("second", search("y"));
    submit(
        &server,
        workflow.condition(when(first.is_terminated()).then(&second)),
    )
    .await;
    settled(&server, 1).await;
    put(&server, "/hpo/null/1/1/0.5").await;
    put(&server, "/request/abort/1/null").await;
    assert_eq!(settled(&server, 1).await, "SubFinished");
    assert_eq!(started(&server).await, named(&[("x", 2)]));
    put(&server, "/request/retry/1/null").await;
    while status(&server).await == "Transforming" {
        report_all(&server, 1).await;
        settled(&server, 1).await;
    }
    assert_eq!(
        (status(&server).await.as_str(), started(&server).await.len()),
        ("Finished", 2)
    );
}

#[tokio::test]
async fn what_waits_for_a_search_starts_after_a_restart_as_well() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idds.sqlite");
    let mut workflow = Workflow::builder();
    let first = workflow.add("first", search("x"));
    let second = workflow.add("second", search("y"));
    let mut server = Server::builder()
        .database(&path)
        .start()
        .await
        .expect("a server");
    submit(
        &server,
        workflow.condition(when(first.is_finished()).then(&second)),
    )
    .await;
    while settled(&server, 1).await == "Transforming" {
        report_all(&server, 1).await;
        server.shutdown().await;
        server = Server::builder()
            .database(&path)
            .start()
            .await
            .expect("a server");
    }
    assert_eq!(status(&server).await, "Finished");
    assert_eq!(started(&server).await, named(&[("x", 3), ("y", 3)]));
}
