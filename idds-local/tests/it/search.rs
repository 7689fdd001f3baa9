//! Searches from submission to the end.

use std::time::Duration;

use idds_local::Server;
use idds_sampler::{Ask, Sampler};
use idds_workflow::Point;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::http::{get, post, put, send};
use crate::recorded::{search, submission};

/// Waits until the agent has nothing to do for a request, and returns its status.
///
/// That is so when it has ended, or has an open point.
pub(crate) async fn settled(server: &Server, request: u64) -> String {
    let wait = async {
        loop {
            let is_open = !open(server, request).await.is_empty();
            let row = get(server, &format!("/request/{request}/null/False/False"))
                .await
                .json();
            let status = row[0]["status"]["attributes"]["_name_"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            if is_open || !["New", "Built", "Transforming"].contains(&status.as_str()) {
                return status;
            }
        }
    };
    timeout(Duration::from_secs(20), wait)
        .await
        .expect("the request settles")
}

/// Returns all points of a request.
pub(crate) async fn points(server: &Server, request: u64) -> Vec<Value> {
    get(server, &format!("/hpo/null/{request}/null/null/null"))
        .await
        .json()
        .as_array()
        .cloned()
        .unwrap_or_default()
}

/// Returns the ids of the points without a loss.
pub(crate) async fn open(server: &Server, request: u64) -> Vec<String> {
    let points = get(server, &format!("/hpo/null/{request}/null/New/null"))
        .await
        .json();
    points
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|point| point["id"].as_str().map(str::to_owned))
        .collect()
}

/// Reports a loss for every open point.
pub(crate) async fn report_all(server: &Server, request: u64) {
    for id in open(server, request).await {
        assert_eq!(
            put(server, &format!("/hpo/null/{request}/{id}/{id}.5"))
                .await
                .status,
            200
        );
    }
}

async fn started(seed: u64) -> Server {
    Server::builder()
        .seed(seed)
        .start()
        .await
        .expect("a server")
}

#[tokio::test]
async fn a_search_runs_in_generations_to_its_end() {
    let server = started(0).await;
    assert_eq!(
        post(&server, search(7, 3).to_string()).await.json(),
        json!({ "request_id": 1 })
    );
    for expected in [vec!["1", "2", "3"], vec!["4", "5", "6"], vec!["7"]] {
        assert_eq!(settled(&server, 1).await, "Transforming");
        assert_eq!(open(&server, 1).await, expected);
        report_all(&server, 1).await;
    }
    assert_eq!(settled(&server, 1).await, "Finished");
    let points = points(&server, 1).await;
    assert_eq!(
        points
            .iter()
            .map(|point| point["loss"].as_f64())
            .collect::<Vec<_>>()
            .len(),
        7
    );
    for (index, point) in points.iter().enumerate() {
        assert_eq!(point["loss"], index as f64 + 1.5);
        let b = point["parameters"]["B"].as_f64().expect("a number");
        assert!(
            [1, 4].contains(&point["parameters"]["A"].as_i64().expect("an integer"))
                && (0.0..=5.0).contains(&b)
        );
    }
}

#[tokio::test]
async fn parameters_stand_in_the_order_of_the_space() {
    let server = started(0).await;
    let choice = json!({ "type": "Choice", "params": { "choices": [1] } });
    let space = json!({ "lr": choice, "depth": choice, "batch": choice });
    let options = json!({ "max_points": 1, "initial_points": null, "opt_space": space });
    post(&server, submission(&options).to_string()).await;
    settled(&server, 1).await;
    for path in [
        "/hpo/null/1/null/null/null",
        "/request/1/null/False/True/False/False",
    ] {
        let body = get(&server, path).await.body;
        let places = ["\"lr\"", "\"depth\"", "\"batch\""]
            .map(|name| body.rfind(name).unwrap_or_else(|| panic!("{path}: {body}")));
        assert!(places.is_sorted(), "{path}: {places:?}");
    }
}

#[tokio::test]
async fn the_id_of_a_point_is_a_text_that_is_there_or_not() {
    let server = started(0).await;
    post(&server, search(3, 3).to_string()).await;
    settled(&server, 1).await;
    for id in ["01", "+1", "1.0", "%201", "4", "-1", "a"] {
        assert_eq!(
            get(&server, &format!("/hpo/null/1/{id}/null/null"))
                .await
                .json(),
            json!([]),
            "{id}"
        );
        assert_eq!(
            put(&server, &format!("/hpo/null/1/{id}/0.5")).await.status,
            500,
            "{id}"
        );
    }
    assert_eq!(open(&server, 1).await, ["1", "2", "3"]);
}

/// Proposes the number of trials that it is told of.
#[derive(Debug)]
struct Counting;

impl Sampler for Counting {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let known = ask.history.len();
        (known..known + ask.count)
            .map(|index| [("B", index as f64 / 10.0)].into_iter().collect())
            .collect()
    }
}

#[tokio::test]
async fn a_sampler_of_ones_own_proposes_every_point() {
    let server = Server::builder()
        .sampler(Counting)
        .start()
        .await
        .expect("a server");
    let given = json!({
        "opt_space": { "B": { "type": "Scalar", "bounds": [0, 5] } },
        "initial_points": null,
        "max_points": 4,
        "num_points_per_iteration": 2,
    });
    post(&server, submission(&given).to_string()).await;
    settled(&server, 1).await;
    report_all(&server, 1).await;
    settled(&server, 1).await;
    let proposed: Vec<_> = points(&server, 1)
        .await
        .iter()
        .map(|point| point["parameters"]["B"].as_f64())
        .collect();
    assert_eq!(proposed, [0.0, 0.1, 0.2, 0.3].map(Some));
}

/// Proposes the sum of all losses.
#[derive(Debug)]
struct Adding;

impl Sampler for Adding {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        let sum: f64 = ask.history.iter().filter_map(|trial| trial.loss).sum();
        vec![[("B", sum)].into_iter().collect(); ask.count]
    }
}

#[tokio::test]
async fn a_sampler_is_told_of_a_loss_that_was_changed_after_the_next_points_were_made() {
    let server = Server::builder()
        .sampler(Adding)
        .start()
        .await
        .expect("a server");
    let given = json!({
        "opt_space": { "B": { "type": "Scalar", "bounds": [0, 50] } },
        "initial_points": null,
        "max_points": 3,
        "num_points_per_iteration": 1,
    });
    post(&server, submission(&given).to_string()).await;
    settled(&server, 1).await;
    for losses in [&["1/1.5"][..], &["1/7.0", "2/2.5"]] {
        for loss in losses {
            assert_eq!(
                put(&server, &format!("/hpo/null/1/{loss}")).await.status,
                200
            );
        }
        settled(&server, 1).await;
    }
    let proposed: Vec<_> = points(&server, 1)
        .await
        .iter()
        .map(|point| point["parameters"]["B"].as_f64())
        .collect();
    assert_eq!(proposed, [0.0, 1.5, 9.5].map(Some));
}

#[tokio::test]
async fn points_before_the_one_that_is_asked_for_are_left_out() {
    let server = started(0).await;
    post(&server, search(7, 3).to_string()).await;
    settled(&server, 1).await;
    for (since, expected) in [
        ("1", &["1", "2", "3"][..]),
        ("3", &["3"]),
        ("4", &[]),
        ("word", &["1", "2", "3"]),
    ] {
        let reply = send(
            &server,
            "GET",
            "/idds/hpo/null/1/null/null/null",
            &[("x-idds-points-since", since)],
            b"",
        )
        .await;
        let ids: Vec<_> = reply
            .json()
            .as_array()
            .into_iter()
            .flatten()
            .map(|point| point["id"].clone())
            .collect();
        assert_eq!(ids, expected, "{since}");
    }
}

#[tokio::test]
async fn initial_points_are_honoured() {
    let server = started(0).await;
    let given = json!({
        "max_points": 4,
        "num_points_per_iteration": 2,
        "initial_points": [[{ "A": 1, "B": 2 }, 0.3], [{ "A": 1, "B": 3 }, null]],
    });
    post(&server, submission(&given).to_string()).await;
    settled(&server, 1).await;
    let first = points(&server, 1).await;
    assert_eq!(
        first[0],
        json!({ "id": "1", "loss": 0.3, "parameters": { "A": 1, "B": 2 } })
    );
    assert_eq!(
        first[1],
        json!({ "id": "2", "loss": null, "parameters": { "A": 1, "B": 3 } })
    );
    assert_eq!(open(&server, 1).await, ["2", "3"]);
    report_all(&server, 1).await;
    settled(&server, 1).await;
    assert_eq!(open(&server, 1).await, ["4"]);
    report_all(&server, 1).await;
    assert_eq!(settled(&server, 1).await, "Finished");
}

#[tokio::test]
async fn two_last_losses_at_once_make_one_generation() {
    let server = started(0).await;
    post(&server, search(1000, 2).to_string()).await;
    for generation in 0..25 {
        settled(&server, 1).await;
        let [first, second] =
            [1, 2].map(|place| format!("/hpo/null/1/{}/1.0", 2 * generation + place));
        let (first, second) = tokio::join!(put(&server, &first), put(&server, &second));
        assert_eq!((first.status, second.status), (200, 200));
        settled(&server, 1).await;
        assert_eq!(points(&server, 1).await.len(), 2 * (generation + 2));
    }
}

#[tokio::test]
async fn a_loss_can_be_put_again_and_changes_nothing_else() {
    let server = started(0).await;
    post(&server, search(1, 1).to_string()).await;
    settled(&server, 1).await;
    put(&server, "/hpo/null/1/1/1.0").await;
    settled(&server, 1).await;
    assert_eq!(put(&server, "/hpo/null/1/1/0").await.status, 200);
    assert_eq!(points(&server, 1).await[0]["loss"], 0.0);
    assert_eq!(settled(&server, 1).await, "Finished");
}

#[tokio::test]
async fn the_seed_decides_the_points() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let server = started(seed).await;
        post(&server, search(20, 10).to_string()).await;
        settled(&server, 1).await;
        runs.push(points(&server, 1).await);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_request_that_cannot_be_run_fails_and_says_why() {
    let server = started(0).await;
    post(
        &server,
        submission(&json!({ "method": "container" })).to_string(),
    )
    .await;
    assert_eq!(settled(&server, 1).await, "Failed");
    let row = get(&server, "/request/1/null/False/False").await.json();
    let message = row[0]["errors"]["submit_err"]["msg"]
        .as_str()
        .expect("a message")
        .to_owned();
    assert!(message.contains("sandbox: is missing"), "{message}");
}

#[tokio::test]
async fn a_request_born_with_another_status_is_not_run() {
    let server = started(0).await;
    for status in [12, 2, 3] {
        let mut body = search(1, 1);
        body["status"] = status.into();
        post(&server, body.to_string()).await;
    }
    post(&server, search(1, 1).to_string()).await;
    settled(&server, 4).await;
    for request in [1, 2, 3] {
        assert_eq!(points(&server, request).await, Vec::<Value>::new());
    }
}
