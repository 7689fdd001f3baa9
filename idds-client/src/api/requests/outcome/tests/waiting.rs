//! Commands that are awaited: looks at the server, commands given again, deadlines.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use RequestStatus::*;
use bytes::Bytes;
use http::{Request, Response};

use super::super::*;
use crate::transport::recorded::client_of;
use crate::{ErrorKind, Exchange, Replay, Transport};

const COMMAND: &str = "/idds/request/abort/1/null";

fn exchanges(looks: &[(u16, &str)]) -> Vec<Exchange> {
    let path = "/idds/request/1/null/False/False/False/False";
    let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
    let command = Exchange::new("PUT", COMMAND, 200, registered);
    looks
        .iter()
        .map(|(status, body)| Exchange::new("GET", path, *status, body))
        .chain([command])
        .collect()
}

fn server(looks: &[(u16, &str)]) -> Replay {
    Replay::new(exchanges(looks))
}

fn json_row(status: RequestStatus, substatus: RequestStatus) -> String {
    format!(
        r#"[{{"request_id": 1, "status": {}, "substatus": {}}}]"#,
        status.code(),
        substatus.code()
    )
}

#[tokio::test(start_paused = true)]
async fn a_command_is_awaited_to_its_verdict() {
    let (before, between) = (
        json_row(Transforming, New),
        json_row(Transforming, ToCancel),
    );
    let after = json_row(SubFinished, ToCancel);
    let client = client_of(server(&[
        (200, &before),
        (503, ""),
        (200, &between),
        (200, &after),
    ]));
    let wait = client
        .requests()
        .abort(RequestId::new(1))
        .wait()
        .timeout(Duration::from_secs(60));
    let outcome = wait.await.expect("an outcome");
    assert_eq!(outcome.decision, Decision::Applied);
    assert_eq!(
        (outcome.request, outcome.info.status),
        (RequestId::new(1), SubFinished)
    );
}

/// A server that forgets the first commands it is given, and obeys the next one.
#[derive(Debug)]
struct Forgetful {
    /// What becomes of each command; it is obeyed when none is left.
    fates: Mutex<VecDeque<Fate>>,
    state: Mutex<(RequestStatus, RequestStatus)>,
    given: AtomicUsize,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    /// Nothing shows of it.
    Lost,
    /// The request is marked, and nothing follows.
    Begun,
    /// It is begun, and its answer does not come back.
    BegunWithoutAnswer,
    /// It does not arrive.
    Broken,
}

impl Forgetful {
    fn new(fates: impl IntoIterator<Item = Fate>) -> Arc<Self> {
        let fates = Mutex::new(fates.into_iter().collect());
        Arc::new(Self {
            fates,
            state: Mutex::new((Transforming, New)),
            given: AtomicUsize::new(0),
        })
    }
}

impl Transport for Forgetful {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        let mut state = self.state.lock().expect("nobody panics");
        let broken = || Err(Error::new(ErrorKind::Interrupted, "broken"));
        let answer = if request.method() == "PUT" {
            self.given.fetch_add(1, Ordering::Relaxed);
            let fate = self.fates.lock().expect("nobody panics").pop_front();
            match fate {
                Some(Fate::Lost | Fate::Broken) => {}
                Some(Fate::Begun | Fate::BegunWithoutAnswer) => state.1 = ToCancel,
                None => *state = (Failed, ToCancel),
            }
            match fate {
                Some(Fate::Broken | Fate::BegunWithoutAnswer) => broken(),
                _ => Ok(
                    r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#
                        .to_owned(),
                ),
            }
        } else {
            Ok(json_row(state.0, state.1))
        };
        Box::pin(std::future::ready(
            answer.map(|body| Response::new(body.into())),
        ))
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_is_given_again_until_its_verdict() {
    for fates in [
        &[][..],
        &[Fate::Lost],
        &[Fate::Begun],
        &[Fate::Begun, Fate::Lost, Fate::Begun],
        &[Fate::Broken],
        &[Fate::BegunWithoutAnswer, Fate::Broken],
    ] {
        let server = Forgetful::new(fates.iter().copied());
        let abort = client_of(Arc::clone(&server))
            .requests()
            .abort(RequestId::new(1));
        let start = Instant::now();
        let wait = abort
            .clone()
            .wait()
            .timeout(Duration::from_secs(600))
            .again_every(Duration::from_secs(30));
        assert_eq!(
            wait.await.expect("an outcome").decision,
            Decision::Applied,
            "{fates:?}"
        );
        assert_eq!(
            server.given.load(Ordering::Relaxed),
            fates.len() + 1,
            "{fates:?}"
        );
        let expected = 30 * fates.len() as u64;
        assert!(
            (expected..expected + 20).contains(&start.elapsed().as_secs()),
            "{fates:?}: {:?}",
            start.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_is_given_once_unless_told_otherwise() {
    let server = Forgetful::new([Fate::Begun]);
    let abort = client_of(Arc::clone(&server))
        .requests()
        .abort(RequestId::new(1));
    let outcome = abort
        .clone()
        .wait()
        .timeout(Duration::from_secs(600))
        .await
        .expect("a verdict");
    assert_eq!(
        (&outcome.decision, server.given.load(Ordering::Relaxed)),
        (&Decision::Pending, 1)
    );
    let server = Forgetful::new([Fate::Broken]);
    let abort = client_of(server).requests().abort(RequestId::new(1));
    let error = abort
        .wait()
        .timeout(Duration::from_secs(600))
        .await
        .expect_err("lost");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_refused_when_it_is_given_again_ends_the_wait() {
    let before = json_row(Transforming, New);
    let looks = vec![(200, &*before); 60];
    let refused = Exchange::new("PUT", COMMAND, 403, "");
    let server = Replay::new(exchanges(&looks).into_iter().chain([refused]));
    let wait = client_of(server)
        .requests()
        .abort(RequestId::new(1))
        .wait()
        .timeout(Duration::from_secs(90))
        .again_every(Duration::from_secs(30));
    let error = wait.await.expect_err("the second command is refused");
    assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
}

#[tokio::test(start_paused = true)]
async fn looks_that_fail_now_and_then_do_not_end_a_wait() {
    let (before, after) = (json_row(Transforming, New), json_row(SubFinished, ToCancel));
    let mut looks = vec![(200, &*before)];
    for _ in 0..30 {
        looks.extend([(503, ""), (200, &*before)]);
    }
    looks.push((200, &*after));
    let wait = client_of(server(&looks))
        .requests()
        .abort(RequestId::new(1))
        .wait()
        .timeout(Duration::from_secs(600));
    let outcome = wait.await.expect("an outcome");
    assert_eq!(outcome.decision, Decision::Applied);
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_refused_at_once_is_not_given_again() {
    let no = r#"[[-1, {"status": -1, "message": "User a has no permission to update request 1"}]]"#;
    let look = Exchange::new(
        "GET",
        "/idds/request/1/null/False/False/False/False",
        200,
        &json_row(Transforming, New),
    );
    let give = Exchange::new("PUT", "/idds/request/abort/1/null", 200, no);
    let replay = Arc::new(Replay::new([look, give]));
    let abort = client_of(replay.clone())
        .requests()
        .abort(RequestId::new(1));
    let error = abort
        .wait()
        .timeout(Duration::from_secs(600))
        .again_every(Duration::from_secs(30))
        .await
        .expect_err("refused");
    assert_eq!(
        (error.kind(), replay.sent().len()),
        (ErrorKind::Unauthorized, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_obeyed_and_then_refused_is_obeyed() {
    let before = json_row(Transforming, New);
    let refused = r#"[{"request_id": 1, "status": 4, "substatus": 7, "command": 10, "errors": {"extra_msg": "too late"}}]"#;
    let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
    for (again, outcome) in [
        (Some(5), Decision::Applied),
        (None, Decision::Refused("too late".to_owned())),
    ] {
        let path = "/idds/request/1/null/False/False/False/False";
        let looks = [&before, &before, refused].map(|body| Exchange::new("GET", path, 200, body));
        let give = || Exchange::new("PUT", "/idds/request/abort/1/null", 200, registered);
        let client = client_of(Replay::new(looks.into_iter().chain([give(), give()])));
        let mut wait = client
            .requests()
            .abort(RequestId::new(1))
            .wait()
            .timeout(Duration::from_secs(60));
        wait = wait.interval(Duration::from_secs(10));
        wait = again.map_or(wait.clone(), |seconds| {
            wait.again_every(Duration::from_secs(seconds))
        });
        assert_eq!(wait.await.expect("an outcome").decision, outcome);
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_a_command_is_pending() {
    let (before, between) = (
        json_row(Transforming, New),
        json_row(Transforming, ToCancel),
    );
    let client = client_of(server(&[(200, &before), (200, &before), (200, &between)]));
    let wait = client
        .requests()
        .abort(RequestId::new(1))
        .wait()
        .timeout(Duration::from_secs(3));
    let outcome = wait
        .interval(Duration::from_secs(2))
        .await
        .expect("a verdict");
    assert_eq!(
        (&outcome.decision, outcome.info.substatus),
        (&Decision::Pending, Some(ToCancel))
    );
}

#[tokio::test(start_paused = true)]
async fn each_request_of_a_workload_has_an_outcome_of_its_own() {
    let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
    let both = r#"[{"request_id": 8, "status": 3}, {"request_id": 9, "status": 2}]"#;
    let refused =
        r#"[{"request_id": 8, "status": 3, "command": 13, "errors": {"extra_msg": "too late"}}]"#;
    let look = |id: u64, body: &str| {
        Exchange::new(
            "GET",
            &format!("/idds/request/{id}/null/False/False/False/False"),
            200,
            body,
        )
    };
    let client = client_of(Replay::new([
        Exchange::new(
            "GET",
            "/idds/request/null/5/False/False/False/False",
            200,
            both,
        ),
        Exchange::new("PUT", "/idds/request/close/8/5", 200, registered),
        Exchange::new("PUT", "/idds/request/close/9/5", 200, registered),
        look(8, refused),
        look(9, r#"[{"request_id": 9, "status": 2, "substatus": 7}]"#),
        look(9, r#"[{"request_id": 9, "status": 4, "substatus": 7}]"#),
    ]));
    let close = client.requests().close(idds_workflow::WorkloadId::new(5));
    let outcomes = close
        .wait()
        .timeout(Duration::from_secs(60))
        .await
        .expect("outcomes");
    let outcomes: Vec<_> = outcomes
        .iter()
        .map(|outcome| (outcome.request.get(), &outcome.decision))
        .collect();
    assert_eq!(
        outcomes,
        [
            (8, &Decision::Refused("too late".to_owned())),
            (9, &Decision::Applied)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_command_that_was_not_sent_has_no_verdict() {
    let wait = |replay| {
        client_of(replay)
            .requests()
            .abort(RequestId::new(1))
            .wait()
            .timeout(Duration::from_secs(9))
    };
    let error = wait(server(&[(200, "[]")])).await.expect_err("unknown");
    assert_eq!(
        error.to_string(),
        "abort request failed: the server does not know request 1"
    );
    let idds = Replay::new([Exchange::new(
        "GET",
        "/idds/ping",
        200,
        r#"{"Status": "OK"}"#,
    )]);
    let suspend = client_of(idds)
        .requests()
        .suspend(RequestId::new(1))
        .wait()
        .timeout(Duration::from_secs(9));
    assert_eq!(
        suspend.await.expect_err("an abort").kind(),
        ErrorKind::Unsupported
    );
}
