//! What is decided of a command from two rows of a request.

mod waiting;

use RequestStatus::*;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::*;
use crate::transport::recorded::{client, replay};

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

/// A request with this status and substatus, last changed this many seconds after noon.
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
