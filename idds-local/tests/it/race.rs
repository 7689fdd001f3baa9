//! What the agent does when something happens while it calculates.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use idds_local::Server;
use idds_sampler::{Ask, Auto, Sampler};
use idds_workflow::{ATLASHPOWork, OptSpace, Point, Workflow, when};
use serde_json::{Value, json};
use tokio::task;

use crate::http::{get, post, put, send};
use crate::recorded::search;
use crate::search::{points, report_all, settled};
use crate::sequence::submission;

/// A sampler that says when it is asked, and then waits until it may go on.
#[derive(Clone, Debug)]
struct Gate {
    asked: Sender<()>,
    go: Arc<Mutex<Receiver<Then>>>,
}

/// What a sampler does when it may go on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    Answer,
    Panic,
}

impl Sampler for Gate {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        self.asked.send(()).expect("a test that listens");
        let then = self
            .go
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv()
            .expect("a test that answers");
        assert_eq!(then, Then::Answer, "the sampler was told to panic");
        Auto.sample(ask)
    }
}

/// The other side of the gate.
#[derive(Debug)]
struct Keeper {
    asked: Arc<Mutex<Receiver<()>>>,
    go: Sender<Then>,
}

impl Keeper {
    /// Waits until the sampler is asked.
    async fn asked(&self) {
        let asked = self.asked.clone();
        let wait = move || {
            asked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv()
                .expect("a server");
        };
        task::spawn_blocking(wait).await.expect("no panic");
    }

    fn go(&self, then: Then) {
        self.go.send(then).expect("a server");
    }
}

async fn started() -> (Server, Keeper) {
    let (asked, is_asked) = channel();
    let (go, may_go) = channel();
    let gate = Gate {
        asked,
        go: Arc::new(Mutex::new(may_go)),
    };
    let server = Server::builder()
        .sampler(gate)
        .start()
        .await
        .expect("a server");
    (
        server,
        Keeper {
            asked: Arc::new(Mutex::new(is_asked)),
            go,
        },
    )
}

/// Returns the status and the errors of a request.
async fn state(server: &Server, request: u64) -> (String, Value) {
    let row = get(server, &format!("/request/{request}/null/False/False"))
        .await
        .json()[0]
        .clone();
    (
        row["status"]["attributes"]["_name_"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        row["errors"].clone(),
    )
}

/// Lets the agent take a whole search up, after which it has done all that it had to do before.
async fn catch_up(server: &Server, keeper: &Keeper, request: u64) {
    post(server, search(2, 2).to_string()).await;
    keeper.asked().await;
    keeper.go(Then::Answer);
    assert_eq!(settled(server, request).await, "Transforming");
}

#[tokio::test]
async fn a_request_that_ended_while_it_was_planned_does_not_begin() {
    for then in [Then::Answer, Then::Panic] {
        let (server, keeper) = started().await;
        post(&server, search(4, 2).to_string()).await;
        keeper.asked().await;
        put(&server, "/request/abort/1/null").await;
        keeper.go(then);
        catch_up(&server, &keeper, 2).await;
        assert_eq!(state(&server, 1).await, ("Failed".to_owned(), Value::Null));
        assert_eq!(points(&server, 1).await.len(), 0);
        assert_eq!(get(&server, "/transform/1").await.json(), json!([]));
    }
}

#[tokio::test]
async fn a_search_that_ended_or_was_held_while_points_were_made_gets_none() {
    for (path, expected) in [("/request/abort/1/null", "SubFinished"), ("", "Suspended")] {
        for then in [Then::Answer, Then::Panic] {
            let (server, keeper) = started().await;
            post(&server, search(4, 2).to_string()).await;
            keeper.asked().await;
            keeper.go(Then::Answer);
            settled(&server, 1).await;
            report_all(&server, 1).await;
            keeper.asked().await;
            if path.is_empty() {
                let attributes = json!({ "_value_": 10, "_name_": "ToSuspend" });
                let status = json!({ "class": "RequestStatus", "module": "idds.common.constants", "attributes": attributes });
                let body =
                    json!({ "command": "update_request", "parameters": { "status": status } })
                        .to_string();
                send(
                    &server,
                    "POST",
                    "/idds/message/1/null/null/null",
                    &[],
                    body.as_bytes(),
                )
                .await;
            } else {
                put(&server, path).await;
            }
            keeper.go(then);
            catch_up(&server, &keeper, 2).await;
            assert_eq!(state(&server, 1).await, (expected.to_owned(), Value::Null));
            assert_eq!(points(&server, 1).await.len(), 2);
        }
    }
}

#[tokio::test]
async fn a_work_that_ended_while_the_next_was_planned_starts_none() {
    let (server, keeper) = started().await;
    let search = |parameter: &str| {
        let space = OptSpace::builder()
            .scalar(parameter, 0..=1)
            .build()
            .expect("a space");
        ATLASHPOWork::nevergrad(space, 2).build().expect("a work")
    };
    let mut workflow = Workflow::builder();
    let (first, second) = (
        workflow.add("first", search("x")),
        workflow.add("second", search("y")),
    );
    post(
        &server,
        submission(workflow.condition(when(first.is_finished()).then(&second))).to_string(),
    )
    .await;
    keeper.asked().await;
    keeper.go(Then::Answer);
    settled(&server, 1).await;
    report_all(&server, 1).await;
    // The second search is begun when the first has ended, in one step.
    keeper.asked().await;
    put(&server, "/request/abort/1/null").await;
    keeper.go(Then::Answer);
    catch_up(&server, &keeper, 2).await;
    assert_eq!(
        state(&server, 1).await,
        ("SubFinished".to_owned(), Value::Null)
    );
    assert_eq!(
        get(&server, "/transform/1")
            .await
            .json()
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}
