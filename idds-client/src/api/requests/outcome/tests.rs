use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use RequestStatus::*;
use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::*;
use crate::transport::recorded::{client, client_of, replay};
use crate::{ErrorKind, Exchange, Replay, Transport};

const NOW: ServerFamily = ServerFamily::V2_2;
const ENDED: &str = "Request is already terminated. Cannot be aborted";

fn judge(
    verb: Verb,
    family: ServerFamily,
    before: &RequestInfo,
    now: &RequestInfo,
) -> Option<Decision> {
    super::judge(verb, effect(verb, family, None), before, now)
}

fn recorded(name: &str, id: u64) -> RequestInfo {
    replay(&client().requests().get(RequestId::new(id)), name)
        .expect("an answer")
        .remove(0)
}

/// A request with this status and substatus, last changed so many seconds after noon.
fn row(status: RequestStatus, substatus: RequestStatus, second: i64) -> RequestInfo {
    let mut info: RequestInfo =
        serde_json::from_value(json!({"request_id": 1, "status": 0})).expect("a row");
    let noon: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
    (info.status, info.substatus, info.command) =
        (status, Some(substatus), Some(CommandType::NoneCommand));
    info.updated_at = Some(noon + SignedDuration::from_secs(second));
    info
}

fn refused(mut info: RequestInfo, command: CommandType, reason: &str) -> RequestInfo {
    info.command = Some(command);
    info.errors = Some(json!({"extra_msg": reason}));
    info
}

fn refusal(reason: &str) -> Option<Decision> {
    Some(Decision::Refused(reason.to_owned()))
}

#[test]
fn recorded_commands_get_their_outcomes() {
    let listed =
        replay(&client().requests().list_all(), "get_requests_both_null").expect("an answer");
    let before = |id| {
        listed
            .iter()
            .find(|row| row.request_id == Some(RequestId::new(id)))
            .expect("listed")
    };
    let aborted = recorded("get_requests_after_abort", 2);
    assert_eq!(
        judge(Verb::Abort, NOW, before(2), &aborted),
        Some(Decision::Applied)
    );
    let closed = recorded("get_requests_after_close", 8);
    assert_eq!(
        judge(Verb::Close, NOW, before(8), &closed),
        Some(Decision::Applied)
    );
    let finished = recorded("get_requests_finished", 22);
    let refused = recorded("get_requests_after_abort_finished", 22);
    assert_eq!(judge(Verb::Abort, NOW, &finished, &refused), refusal(ENDED));
    // It had run and failed again by then. Agents touch ended requests for other reasons, too, so the time is no proof.
    let retried = recorded("get_requests_after_retry", 2);
    assert!(retried.updated_at > aborted.updated_at);
    assert_eq!(judge(Verb::Retry, NOW, &aborted, &retried), None);
    let suspended = recorded("get_requests_after_message_suspend", 21);
    assert_eq!(
        judge(Verb::Suspend, NOW, &row(Transforming, New, 0), &suspended),
        None
    );
}

#[test]
fn the_embedded_server_holds_lets_go_on_and_finishes() {
    let judge = |verb, before: &RequestInfo, now: &RequestInfo| {
        super::judge(verb, effect(verb, NOW, Some(Server::Embedded)), before, now)
    };
    let (running, held) = (row(Transforming, New, 0), row(Suspended, ToSuspend, 1));
    assert_eq!(
        judge(Verb::Suspend, &running, &held),
        Some(Decision::Applied)
    );
    assert_eq!(judge(Verb::Suspend, &running, &running), None);
    for after in [Transforming, Finished] {
        assert_eq!(
            judge(Verb::Resume, &held, &row(after, New, 2)),
            Some(Decision::Applied)
        );
    }
    assert_eq!(judge(Verb::Resume, &held, &held), None);
    let finish = Verb::Finish { is_forced: false };
    for before in [&running, &held] {
        assert_eq!(
            judge(finish, before, &row(SubFinished, ToFinish, 2)),
            Some(Decision::Applied)
        );
    }
    assert_eq!(judge(finish, &running, &held), None);
    let reason = "Request is already terminated. Cannot be finished";
    let over = row(Finished, New, 1);
    assert_eq!(
        judge(
            finish,
            &over,
            &refused(row(Finished, New, 2), CommandType::CloseRequest, reason)
        ),
        refusal(reason)
    );
}

#[test]
fn a_request_that_goes_on_being_cancelled_is_pending() {
    for status in [Transforming, Cancelling, ToCancel] {
        assert_eq!(
            judge(
                Verb::Abort,
                NOW,
                &row(Transforming, New, 0),
                &row(status, ToCancel, 9)
            ),
            None
        );
    }
}

#[test]
fn a_request_that_ended_by_itself_was_not_aborted() {
    let before = row(Transforming, New, 0);
    let finished = row(Finished, New, 3);
    assert_eq!(judge(Verb::Abort, NOW, &before, &finished), None);
    let then = refused(finished, CommandType::AbortRequest, ENDED);
    assert_eq!(judge(Verb::Abort, NOW, &before, &then), refusal(ENDED));
}

#[test]
fn a_refusal_of_before_is_no_refusal_now() {
    let stale = |info| refused(info, CommandType::AbortRequest, ENDED);
    // Seen on 2.6.21: an ended request was refused an abort, then retried, then aborted.
    let running = stale(row(Transforming, ToCancel, 0));
    assert_eq!(
        judge(
            Verb::Abort,
            NOW,
            &running,
            &stale(row(Transforming, ToCancel, 1))
        ),
        None
    );
    assert_eq!(
        judge(Verb::Abort, NOW, &running, &stale(row(Failed, ToCancel, 4))),
        Some(Decision::Applied)
    );
    // The same refusal twice.
    let over = stale(row(Failed, ToCancel, 0));
    assert_eq!(judge(Verb::Abort, NOW, &over, &over), None);
    assert_eq!(
        judge(Verb::Abort, NOW, &over, &stale(row(Failed, ToCancel, 2))),
        refusal(ENDED)
    );
    // One of another command.
    assert_eq!(
        judge(Verb::Retry, NOW, &over, &stale(row(Resuming, ToCancel, 2))),
        Some(Decision::Applied)
    );
}

#[test]
fn a_retry_of_a_finished_request_is_refused() {
    let reason = "Request is already finished. Cannot be resumed";
    let before = row(Finished, New, 0);
    assert_eq!(
        judge(Verb::Retry, NOW, &before, &row(Finished, New, 1)),
        None
    );
    let now = refused(row(Finished, New, 1), CommandType::ResumeRequest, reason);
    assert_eq!(judge(Verb::Retry, NOW, &before, &now), refusal(reason));
}

#[test]
fn a_retry_shows_in_a_request_that_runs() {
    let before = row(Failed, ToCancel, 0);
    for status in [Resuming, Transforming, New] {
        assert_eq!(
            judge(Verb::Retry, NOW, &before, &row(status, ToCancel, 2)),
            Some(Decision::Applied)
        );
    }
    assert_eq!(judge(Verb::Retry, NOW, &before, &before), None);
    // Of one that was running, the server shows it for some seconds only.
    let running = row(Transforming, New, 0);
    assert_eq!(
        judge(Verb::Retry, NOW, &running, &row(Transforming, New, 5)),
        None
    );
    assert_eq!(
        judge(Verb::Retry, NOW, &running, &row(Resuming, New, 5)),
        Some(Decision::Applied)
    );
}

#[test]
fn old_servers_really_suspend_and_finish() {
    let before = row(Transforming, New, 0);
    let old = ServerFamily::V0_5;
    assert_eq!(
        judge(Verb::Suspend, old, &before, &row(Suspended, New, 2)),
        Some(Decision::Applied)
    );
    assert_eq!(
        judge(Verb::Abort, old, &before, &row(Cancelled, New, 2)),
        Some(Decision::Applied)
    );
    let finish = Verb::Finish { is_forced: true };
    assert_eq!(
        judge(finish, old, &before, &row(Finished, New, 2)),
        Some(Decision::Applied)
    );
    assert_eq!(judge(finish, NOW, &before, &row(Finished, New, 2)), None);
}

fn server(looks: &[(u16, &str)]) -> Replay {
    let path = "/idds/request/1/null/False/False/False/False";
    let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
    let command = Exchange::new("PUT", "/idds/request/abort/1/null", 200, registered);
    Replay::new(
        looks
            .iter()
            .map(|(status, body)| Exchange::new("GET", path, *status, body))
            .chain([command]),
    )
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

#[test]
fn a_request_that_an_earlier_abort_had_marked_and_that_finishes_by_itself_was_not_aborted() {
    let marked = row(Transforming, ToCancel, 0);
    assert!(is_ended(&marked, &row(SubFinished, ToCancel, 9)));
    assert!(!is_ended(&marked, &row(Finished, ToCancel, 9)));
    assert!(is_ended(
        &row(Transforming, New, 0),
        &row(Finished, ToCancel, 9)
    ));
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

#[test]
fn what_a_command_brings_about_depends_on_the_server() {
    let finish = Verb::Finish { is_forced: false };
    for (verb, family, expected) in [
        (Verb::Abort, ServerFamily::V0_11, Effect::Finish),
        (Verb::Abort, ServerFamily::V1_3, Effect::End),
        (Verb::Suspend, ServerFamily::V0_11, Effect::Suspend),
        (Verb::Suspend, ServerFamily::V1_3, Effect::End),
        (finish, ServerFamily::V0_5, Effect::Finish),
        (finish, ServerFamily::V0_11, Effect::Nothing),
        (finish, NOW, Effect::Nothing),
    ] {
        assert_eq!(effect(verb, family, None), expected, "{verb:?} {family:?}");
    }
    assert_eq!(
        judge(
            finish,
            ServerFamily::V0_5,
            &row(Transforming, New, 0),
            &row(Transforming, New, 1)
        ),
        None,
        "a request that still runs has not finished"
    );
}

#[test]
fn a_command_given_again_was_obeyed_only_when_it_ended_the_request() {
    let running = row(Transforming, New, 0);
    let held = row(Suspended, ToSuspend, 1);
    let told_before = row(Transforming, ToCancel, 0);
    for (effect, before, now, expected) in [
        (Effect::Suspend, &running, held.clone(), true),
        (Effect::Suspend, &held, held.clone(), false),
        (Effect::Suspend, &running, running.clone(), false),
        (Effect::End, &running, row(Cancelled, ToCancel, 2), true),
        (Effect::End, &running, row(Finished, ToCancel, 2), true),
        // It may have finished by itself: the substatus was there before.
        (Effect::End, &told_before, row(Finished, ToCancel, 2), false),
        (Effect::End, &told_before, row(Cancelled, ToCancel, 2), true),
        (Effect::End, &running, row(Failed, New, 2), false),
        (Effect::End, &running, row(Cancelling, ToCancel, 2), false),
        (
            Effect::End,
            &row(Cancelled, ToCancel, 1),
            row(Cancelled, ToCancel, 2),
            false,
        ),
    ] {
        assert_eq!(
            is_obeyed(effect, before, &now),
            expected,
            "{effect:?}: {before:?}, {now:?}"
        );
    }
}

#[test]
fn a_refusal_is_of_this_command_and_was_not_there_before() {
    use CommandType::{AbortRequest, CloseRequest};
    let over = |command, reason| refused(row(Finished, New, 1), command, reason);
    let before = over(AbortRequest, ENDED);
    let other_words = "Request is already terminated. Cannot be closed";
    // The command or the words differ.
    assert_eq!(
        judge(Verb::Close, NOW, &before, &over(CloseRequest, ENDED)),
        refusal(ENDED)
    );
    assert_eq!(
        judge(Verb::Abort, NOW, &before, &over(AbortRequest, other_words)),
        refusal(other_words)
    );
    // Nothing differs, or it was another command.
    assert_eq!(judge(Verb::Abort, NOW, &before, &before), None);
    let running = row(Transforming, New, 0);
    assert_eq!(
        judge(Verb::Close, NOW, &running, &over(AbortRequest, ENDED)),
        None
    );
}
