//! What is small and asks for much: memory, time, and the end of the server.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use idds_local::Server;
use idds_sampler::{Ask, Auto, Sampler};
use idds_workflow::Point;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::{Reply, get, post, put, send};
use crate::recorded::{search, submission};
use crate::search::{open, points, report_all, settled};

/// Returns why a request failed.
async fn errors(server: &Server, request: u64) -> String {
    get(server, &format!("/request/{request}/null/False/False"))
        .await
        .json()[0]["errors"]
        .to_string()
}

/// Returns the name of the status of a request.
async fn status(server: &Server, request: u64) -> String {
    let row = get(server, &format!("/request/{request}/null/False/False"))
        .await
        .json();
    row[0]["status"]["attributes"]["_name_"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// Waits until something holds.
async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(60), wait).await.expect(what);
}

fn array(length: u32) -> Value {
    json!({ "a": { "type": "Array", "params": { "shape": [length] }, "bounds": [0, 1] } })
}

#[tokio::test]
async fn what_is_too_much_altogether_ends_as_failed_before_it_is_made() {
    let server = Server::builder().start().await.expect("a server");
    let both = json!({
        "max_points": 100_000,
        "num_points_per_iteration": 100_000,
        "opt_space": array(2000),
        "initial_points": null,
    });
    let known = json!({ "initial_points": vec![json!([{ "A": 1, "B": 1 }, 1]); 260_000] });
    let mut works = search(2, 2);
    let place = "/request_metadata/workflow/attributes/template/attributes/_works";
    let work = json!({ "class": "ATLASHPOWork", "module": "m", "attributes": {} });
    *works.pointer_mut(place).expect("works") = (0..10_001)
        .map(|id| (id.to_string(), work.clone()))
        .collect();
    for (request, (body, why)) in (1..).zip([
        (
            submission(&both),
            "more than the embedded server makes for one generation, 268435456 bytes",
        ),
        (
            submission(&known),
            "values; the embedded server reads at most 1000000",
        ),
        (
            works,
            "the workflow has 10001 works; the embedded server runs at most 10000 in one",
        ),
    ]) {
        assert_eq!(post(&server, body.to_string()).await.status, 200);
        assert_eq!(settled(&server, request).await, "Failed", "{why}");
        let errors = errors(&server, request).await;
        assert!(errors.contains(why), "{errors}");
    }
}

#[tokio::test]
async fn a_generation_that_is_large_is_made_in_slices_and_is_whole() {
    let server = Server::builder().start().await.expect("a server");
    // So many choices that a look at all points is too much, and so long a one that few points are made at once.
    let choices: Vec<Value> = (0..100_000)
        .map(Value::from)
        .chain(["x".repeat(3000).into()])
        .collect();
    let space = json!({ "A": { "type": "Choice", "params": { "choices": choices } } });
    let all = json!({ "max_points": 2100, "num_points_per_iteration": 2100, "opt_space": space, "initial_points": null });
    post(&server, submission(&all).to_string()).await;
    let made = async || {
        list(&server, "/hpo/null/1/null/null/null")
            .await
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    until("all points", async || made().await.len() == 2100).await;
    let ids: Vec<_> = made()
        .await
        .iter()
        .map(|point| point["id"].clone())
        .collect();
    assert_eq!(ids, (1..=2100).map(|id| id.to_string()).collect::<Vec<_>>());
}

/// A sampler that waits until it is told to go on, where the space has a parameter of the name.
#[derive(Clone, Debug)]
struct Held {
    name: &'static str,
    work: f64,
    goes_on: Arc<(Mutex<bool>, Condvar)>,
    has_begun: Arc<Mutex<bool>>,
}

impl Held {
    fn new(name: &'static str, work: f64) -> Self {
        Self {
            name,
            work,
            goes_on: Arc::default(),
            has_begun: Arc::default(),
        }
    }

    fn go_on(&self) {
        *self
            .goes_on
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
        self.goes_on.1.notify_all();
    }

    fn has_begun(&self) -> bool {
        *self
            .has_begun
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sampler for Held {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        if ask.space.parameters().any(|(name, _)| name == self.name) {
            *self
                .has_begun
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = true;
            let goes_on = self
                .goes_on
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            drop(
                self.goes_on
                    .1
                    .wait_while(goes_on, |goes_on| !*goes_on)
                    .unwrap_or_else(PoisonError::into_inner),
            );
        }
        Auto.sample(ask)
    }

    fn work(&self, ask: &Ask<'_>) -> f64 {
        if ask.space.parameters().any(|(name, _)| name == self.name) {
            self.work
        } else {
            Auto.work(ask)
        }
    }
}

#[tokio::test]
async fn what_takes_long_holds_up_nobody_whether_it_says_so_or_not() {
    for (work, count) in [(1e12, 9), (1.0, 3)] {
        let sampler = Held::new("a", work);
        let server = Server::builder()
            .sampler(sampler.clone())
            .start()
            .await
            .expect("a server");
        let slow =
            submission(&json!({ "opt_space": array(2), "initial_points": null })).to_string();
        for _ in 0..count {
            post(&server, &slow).await;
        }
        until("the sampler", async || sampler.has_begun()).await;
        post(&server, search(3, 3).to_string()).await;
        assert_eq!(settled(&server, count + 1).await, "Transforming");
        assert_eq!(open(&server, count + 1).await, ["1", "2", "3"]);
        sampler.go_on();
        until("points of the others", async || {
            !open(&server, count).await.is_empty()
        })
        .await;
    }
}

#[tokio::test]
async fn planning_beyond_its_time_ends_as_failed() {
    for work in [1e12, 1.0] {
        let sampler = Held::new("a", work);
        let server = Server::builder()
            .sampler(sampler.clone())
            .planning_limit(Duration::from_millis(1));
        let server = server.start().await.expect("a server");
        post(
            &server,
            submission(&json!({ "opt_space": array(2), "initial_points": null })).to_string(),
        )
        .await;
        until("the end", async || status(&server, 1).await == "Failed").await;
        let errors = errors(&server, 1).await;
        assert!(
            errors.contains("planning took longer than its time limit"),
            "{errors}"
        );
        sampler.go_on();
    }
}

#[tokio::test]
async fn a_server_that_ends_in_order_while_it_plans_plans_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idds.sqlite");
    let sampler = Held::new("a", 1.0);
    let server = Server::builder()
        .database(&path)
        .sampler(sampler.clone())
        .start()
        .await
        .expect("a server");
    post(
        &server,
        submission(&json!({ "opt_space": array(2), "initial_points": null })).to_string(),
    )
    .await;
    until("the sampler", async || sampler.has_begun()).await;
    server.shutdown().await;
    let server = Server::builder()
        .database(&path)
        .start()
        .await
        .expect("a server");
    assert_eq!(settled(&server, 1).await, "Transforming");
    sampler.go_on();
}

/// The variable that tells the victim which database to use.
const VICTIM: &str = "TEST_VICTIM_DATABASE";

/// Ends the process when it is to make points of the second generation, or of the first one of a space with a parameter "a".
#[derive(Debug)]
struct Killer;

impl Sampler for Killer {
    fn sample(&self, ask: &Ask<'_>) -> Vec<Point> {
        if !ask.history.is_empty() || ask.space.parameters().any(|(name, _)| name == "a") {
            std::process::abort();
        }
        Auto.sample(ask)
    }
}

/// A server that is killed by what it plans; only with the variable.
#[tokio::test]
async fn victim() {
    let Some(path) = std::env::var_os(VICTIM) else {
        return;
    };
    let server = Server::builder()
        .database(Path::new(&path))
        .sampler(Killer)
        .start()
        .await
        .expect("a server");
    if get(&server, "/request/null/null/False/False").await.json() == json!([]) {
        post(&server, search(4, 2).to_string()).await;
        assert_eq!(settled(&server, 1).await, "Transforming");
        post(
            &server,
            submission(&json!({ "opt_space": array(2), "initial_points": null })).to_string(),
        )
        .await;
    } else {
        report_all(&server, 1).await;
    }
    std::future::pending::<()>().await;
}

/// Runs the victim until it is killed.
fn kill(path: &Path) {
    let mut victim = Command::new(std::env::current_exe().expect("this program"));
    victim
        .args(["--exact", "bounds::victim", "--nocapture"])
        .env(VICTIM, path);
    let output = victim.output().expect("a victim");
    assert!(
        output.status.code().is_none(),
        "a signal ended it: {output:?}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn what_killed_the_server_in_planning_is_not_planned_again_by_itself() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idds.sqlite");
    kill(&path);
    let server = Server::builder()
        .database(&path)
        .start()
        .await
        .expect("a server");
    assert_eq!(status(&server, 2).await, "Failed");
    let why = errors(&server, 2).await;
    assert!(
        why.contains("the server was killed while it planned this request"),
        "{why}"
    );
    // The other one is as it was, and whoever wants it is served.
    assert_eq!(open(&server, 1).await, ["1", "2"]);
    put(&server, "/request/retry/2/null").await;
    assert_eq!(settled(&server, 2).await, "Transforming");
    put(&server, "/request/abort/2/null").await;
    server.shutdown().await;

    // One that was killed while it made further points is tried once more.
    kill(&path);
    let server = Server::builder()
        .database(&path)
        .start()
        .await
        .expect("a server");
    until("the second generation", async || {
        points(&server, 1).await.len() == 4
    })
    .await;
    server.shutdown().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_search_that_kills_the_server_twice_ends_as_failed() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("idds.sqlite");
    for _ in 0..3 {
        kill(&path);
    }
    let server = Server::builder()
        .database(&path)
        .start()
        .await
        .expect("a server");
    assert_eq!(status(&server, 1).await, "Failed");
    let why = errors(&server, 1).await;
    assert!(
        why.contains("the server was killed twice while it made points of this search"),
        "{why}"
    );
}

/// Sends all but the end of a body, and others until one is refused; none when it was the first one that found no room.
async fn refused(body: &str) -> Option<(Server, TcpStream, Reply)> {
    let server = Server::builder()
        .max_body(1 << 20)
        .max_in_flight(1 << 20)
        .start()
        .await
        .expect("a server");
    let (length, token) = (body.len(), server.token().unwrap_or_default());
    let head = format!(
        "POST /idds/request HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-IDDS-Server-Token: {token}\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    let mut slow = TcpStream::connect(server.local_addr())
        .await
        .expect("the server listens");
    slow.write_all(head.as_bytes()).await.expect("sent");
    slow.write_all(&body.as_bytes()[..900_000])
        .await
        .expect("sent");
    for _ in 0..20 {
        let reply = post(&server, body).await;
        if reply.status != 200 {
            return Some((server, slow, reply));
        }
    }
    None
}

#[tokio::test]
async fn bodies_beyond_what_there_is_room_for_are_to_be_sent_again() {
    let body = json!({ "request_type": 0, "request_metadata": { "x": "y".repeat(1_000_000) } })
        .to_string();
    let (server, mut slow, reply) = loop {
        if let Some(refused) = refused(&body).await {
            break refused;
        }
    };
    assert_eq!(
        (
            reply.status,
            reply.headers.get("retry-after").map(String::as_str)
        ),
        (503, Some("1"))
    );
    assert_eq!(reply.exception().0, "IDDSException");
    // What is small is served all the same.
    assert_eq!(post(&server, search(2, 2).to_string()).await.status, 200);
    slow.write_all(&body.as_bytes()[900_000..])
        .await
        .expect("sent");
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(post(&server, &body).await.status, 200);
}

#[tokio::test]
async fn values_are_counted_before_they_are_made() {
    let server = Server::builder()
        .max_body(1 << 20)
        .start()
        .await
        .expect("a server");
    let many = format!("[{}]", vec!["{}"; 250_000].join(","));
    for (path, body) in [
        (
            "/request",
            format!(r#"{{"request_type": 0, "request_metadata": {{"x": {many}}}}}"#),
        ),
        (
            "/workflow_task",
            format!(r#"{{"workflow": {{"content": {many}}}}}"#),
        ),
        ("/message/1/null/null/null", many.clone()),
        ("/message/1/null/null/null", many.replacen("{}", "NaN", 1)),
    ] {
        let reply = send(
            &server,
            "POST",
            &format!("/idds{path}"),
            &[],
            body.as_bytes(),
        )
        .await;
        assert_eq!(reply.status, 413, "{path}: {reply:?}");
        assert!(
            reply.exception().1.contains("more than 200000 values"),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn what_is_large_is_sent_as_it_was_stored() {
    let server = Server::builder().start().await.expect("a server");
    let metadata = json!({ "x": (0..50_000).map(|n| json!({ "n": n })).collect::<Vec<_>>(), "a": { "é": [] } });
    post(
        &server,
        json!({ "request_type": 0, "request_metadata": metadata }).to_string(),
    )
    .await;
    for wrap in ["", "?json_outputs=true"] {
        let rows = list(&server, &format!("/request/1/null/False/True{wrap}")).await;
        let rows = if wrap.is_empty() {
            &rows
        } else {
            &rows["data"]
        };
        assert_eq!(rows[0]["request_metadata"], metadata);
    }
    let messages = json!([[1], { "b": 1, "a": [2] }]);
    send(
        &server,
        "POST",
        "/idds/message/1/null/null/null",
        &[],
        messages.to_string().as_bytes(),
    )
    .await;
    assert_eq!(list(&server, "/message/1/null/null/null").await, messages);
}

/// Gets a list, whether it is sent in chunks or not.
async fn list(server: &Server, path: &str) -> Value {
    let reply = get(server, path).await;
    let is_chunked = reply.headers.contains_key("transfer-encoding");
    serde_json::from_slice(&if is_chunked {
        unchunked(&reply.bytes)
    } else {
        reply.bytes
    })
    .expect(path)
}

/// Joins the chunks of a body.
fn unchunked(body: &[u8]) -> Vec<u8> {
    let (mut whole, mut rest) = (Vec::new(), body);
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let length = str::from_utf8(&rest[..end])
            .ok()
            .and_then(|length| usize::from_str_radix(length, 16).ok());
        let length = length.expect("the length of a chunk");
        whole.extend_from_slice(&rest[end + 2..end + 2 + length]);
        rest = rest.get(end + length + 4..).unwrap_or_default();
    }
    whole
}

#[tokio::test]
async fn lists_of_several_pages_are_whole() {
    let server = Server::builder().start().await.expect("a server");
    post(&server, search(1200, 1200).to_string()).await;
    until("all points", async || open_count(&server).await == 1200).await;
    let plain = json!({ "request_type": 0, "request_metadata": {} }).to_string();
    for _ in 0..600 {
        post(&server, &plain).await;
        send(
            &server,
            "POST",
            "/idds/message/1/null/null/null",
            &[],
            br#"{"x": [1]}"#,
        )
        .await;
    }
    let list = async |path: &str| list(&server, path).await;
    let numbers = |rows: &Value, name: &str| {
        rows.as_array()
            .into_iter()
            .flatten()
            .map(|row| row[name].clone())
            .collect::<Vec<_>>()
    };
    let ids = |range: std::ops::RangeInclusive<i32>| {
        range.map(|id| json!(id.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(
        numbers(&list("/hpo/null/1/null/null/null").await, "id"),
        ids(1..=1200)
    );
    assert_eq!(
        numbers(&list("/hpo/null/1/null/null/700").await, "id"),
        ids(1..=700)
    );
    let requests: Vec<_> = (1..=601).map(Value::from).collect();
    for path in [
        "/request/null/null/False/False",
        "/request/null/null/True/True",
        "/monitor/null/null/True/False/False",
    ] {
        assert_eq!(numbers(&list(path).await, "request_id"), requests, "{path}");
    }
    let names = numbers(
        &list("/catalog/contents/1/null/null/null/null/null/null").await,
        "name",
    );
    assert_eq!(names, [ids(1..=1200), ids(1..=1200)].concat());
    let groups = list("/catalog/contents_output_ext/1/null/null/false").await;
    assert_eq!(numbers(&groups["1"], "name"), ids(1..=1200));
    assert_eq!(
        list("/message/1/null/null/null").await,
        Value::from(vec![json!({ "x": [1] }); 600])
    );
}

async fn open_count(server: &Server) -> usize {
    let counts = get(server, "/request/1/null/True/False").await.json();
    counts[0]["input_total_files"].as_u64().unwrap_or_default() as usize
}
