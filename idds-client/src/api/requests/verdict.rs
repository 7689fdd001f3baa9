//! What became of a command.

use std::time::Duration;

use idds_workflow::{CommandType, RequestId, RequestStatus};
use tokio::time::Instant;
use tracing::debug;

use super::RequestInfo;
use super::command::{Action, Command};
use super::pace::Pace;
use crate::{BoxFuture, Error, Server, ServerFamily};

/// What became of a command to one request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// The request.
    pub request: RequestId,
    /// What became of the command.
    pub outcome: Outcome,
    /// The request as it was last seen.
    pub info: RequestInfo,
}

/// What became of a command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The server did it: the request has ended after an abort or close, or runs again after a retry.
    ///
    /// How it ended says [`RequestInfo::status`]; an aborted search is SubFinished or Failed, never Cancelled.
    Applied,
    /// The server did not do it, for this reason, such as `Request is already terminated. Cannot be aborted`.
    Refused(String),
    /// Nothing was decided within the time allowed.
    ///
    /// A 2.6.21 server loses a command that it looks at just when an agent works on the request, and nothing shows then. It also
    /// forgets one that it has begun: when [`RequestInfo::substatus`] is ToCancel, an abort has reached the request, and
    /// may never reach its works, if they had not started or the server is busy. Either has to be given again, as
    /// [`WaitForVerdict::again_every`] does. A retried request that ended again between two looks is also pending: that it ran
    /// does not show.
    Pending,
}

/// Sends a command and waits for its verdict on every request it is for.
///
/// ```
/// use std::time::Duration;
///
/// use idds_client::{Client, Exchange, Outcome, Replay};
/// use idds_workflow::RequestId;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// # let path = "/idds/request/7/null/False/False/False/False";
/// # let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
/// # let refused = r#"[{"request_id": 7, "status": 3, "command": 10,
/// #     "errors": {"extra_msg": "Request is already terminated. Cannot be aborted"}}]"#;
/// # let recorded = Replay::new([
/// #     Exchange::new("GET", path, 200, r#"[{"request_id": 7, "status": 2}]"#),
/// #     Exchange::new("PUT", "/idds/request/abort/7/null", 200, registered),
/// #     Exchange::new("GET", path, 200, refused),
/// # ]);
/// # let client = Client::builder("https://idds.example/idds").transport(recorded).build()?;
/// let abort = client.requests().abort(RequestId::new(7));
/// for verdict in abort.wait(Duration::from_secs(60)).await? {
///     match verdict.outcome {
///         Outcome::Applied => println!("request {} ended {}", verdict.request, verdict.info.status),
///         Outcome::Refused(reason) => println!("request {} goes its own way: {reason}", verdict.request),
///         Outcome::Pending => println!("request {} is still {}", verdict.request, verdict.info.status),
///     }
/// }
/// # Ok::<(), idds_client::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of the command. An error while waiting that may pass is passed over; it ends the wait when it comes often in a row,
/// and the command has been sent then.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct WaitForVerdict {
    command: Command,
    deadline: Duration,
    interval: Duration,
    again: Option<Duration>,
}

impl WaitForVerdict {
    pub(super) fn new(command: Command, deadline: Duration) -> Self {
        Self { command, deadline, interval: Pace::INTERVAL, again: None }
    }

    /// Sets the time between two looks; 2 s unless set, and each is up to a fifth longer or shorter.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Gives the command once more after each such time without a verdict; it is given once unless set.
    ///
    /// A 2.6.21 server now and then [loses](Outcome::Pending) a command, also one of which the beginning shows. A command that never
    /// got an answer is given again, too. One that was only slow is obeyed once: the server refuses it the second time, which
    /// stays in [`RequestInfo::errors`], and the verdict is that on the first. Half a minute is a good time, as agents look
    /// every 10 s.
    pub fn again_every(mut self, time: Duration) -> Self {
        self.again = Some(time);
        self
    }
}

impl IntoFuture for WaitForVerdict {
    type Output = Result<Vec<Verdict>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut pace = Pace::new(self.interval, Some(self.deadline));
            let Self { command, again, .. } = self;
            let before = command.look_up().await?;
            let (mut given, mut is_repeated) = (Instant::now(), false);
            if let Err(error) = command.run_on(&before).await {
                // Whether it arrived or not, it is given again without a verdict.
                if again.is_none() || !error.is_lost() {
                    return Err(error);
                }
                debug!(%error, "the answer to the command was lost");
                is_repeated = true;
            }
            let pending = before.iter().filter_map(|info| Some((info, Verdict::pending(info)?)));
            let mut verdicts: Vec<(&RequestInfo, Verdict)> = pending.collect();
            let is_open = |verdict: &Verdict| verdict.outcome == Outcome::Pending;
            while verdicts.iter().any(|(_, verdict)| is_open(verdict)) && pace.pause().await {
                for (before, verdict) in verdicts.iter_mut().filter(|(_, verdict)| is_open(verdict)) {
                    match command.client.existing(verdict.request).await {
                        Ok(now) => {
                            pace.succeeded();
                            let effect = command.effect();
                            let outcome = judge(command.action, effect, before, &now).unwrap_or(Outcome::Pending);
                            // What was obeyed is refused when it is given again.
                            let is_obeyed =
                                is_repeated && outcome != Outcome::Pending && is_obeyed(effect, before, &now);
                            verdict.outcome = if is_obeyed { Outcome::Applied } else { outcome };
                            verdict.info = now;
                        }
                        Err(error) => {
                            pace.tolerate(error).map_err(|error| error.during(command.operation()))?;
                        }
                    }
                }
                if again.is_some_and(|time| given.elapsed() >= time) && !pace.is_over() {
                    let open = verdicts.iter().filter(|(_, verdict)| is_open(verdict));
                    let open: Vec<RequestInfo> = open.map(|(before, _)| (*before).clone()).collect();
                    if !open.is_empty() {
                        debug!(requests = open.len(), "there is no verdict, and the command is given again");
                        is_repeated = true;
                        match command.run_on(&open).await {
                            Err(error) if !error.is_lost() => pace.tolerate(error)?,
                            _ => {}
                        }
                    }
                    given = Instant::now();
                }
            }
            Ok(verdicts.into_iter().map(|(_, verdict)| verdict).collect())
        })
    }
}

impl Verdict {
    /// Is the verdict before anything was seen; none for a request without an id, which gets no command.
    fn pending(info: &RequestInfo) -> Option<Self> {
        let request = info.request_id?;
        Some(Self { request, outcome: Outcome::Pending, info: info.clone() })
    }
}

/// Says whether the request has done since what it was told, even if it was refused when it was told again.
fn is_obeyed(effect: Effect, before: &RequestInfo, now: &RequestInfo) -> bool {
    match effect {
        Effect::Suspend => now.status == RequestStatus::Suspended && before.status != RequestStatus::Suspended,
        _ => is_ended(before, now),
    }
}

/// Says whether an abort or close has ended the request since.
fn is_ended(before: &RequestInfo, now: &RequestInfo) -> bool {
    let (was_over, is_over) = (before.status.is_terminal(), now.status.is_terminal());
    // The substatus of an earlier abort stays with a request that goes on, and may finish by itself then.
    let is_by_command = before.substatus != now.substatus || now.status != RequestStatus::Finished;
    !was_over && is_over && now.substatus == Some(RequestStatus::ToCancel) && is_by_command
}

/// What shows that a command was obeyed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Effect {
    /// The request ends because of it, and then says that it was told to.
    End,
    /// The request ends because of it.
    Finish,
    /// The request runs again.
    Run,
    /// The request is suspended.
    Suspend,
    /// Nothing ever does.
    Nothing,
}

impl Command {
    fn effect(&self) -> Effect {
        effect(self.action, self.client.server_version().into(), self.client.known_server())
    }
}

fn effect(action: Action, family: ServerFamily, server: Option<Server>) -> Effect {
    let obeys_messages = family < ServerFamily::V1_3;
    let is_embedded = server == Some(Server::Embedded);
    match action {
        Action::Abort | Action::Close if obeys_messages => Effect::Finish,
        Action::Abort | Action::Close => Effect::End,
        Action::Suspend if obeys_messages || is_embedded => Effect::Suspend,
        Action::Suspend => Effect::End,
        Action::Retry | Action::Resume => Effect::Run,
        Action::Finish { .. } if family == ServerFamily::V0_5 || is_embedded => Effect::Finish,
        Action::Finish { .. } | Action::AbortTask(_) => Effect::Nothing,
    }
}

/// Decides what became of a command from the request as it was before and as it is now; none when it does not show yet.
///
/// The rules are those of the clerk agent of 2.6.21. It refuses a command only when the request has ended, and then writes the
/// reason and the command into the request, where they stay.
fn judge(action: Action, effect: Effect, before: &RequestInfo, now: &RequestInfo) -> Option<Outcome> {
    if let Some(reason) = new_refusal(action, before, now) {
        return Some(Outcome::Refused(reason.to_owned()));
    }
    let (was_over, is_over) = (before.status.is_terminal(), now.status.is_terminal());
    // A request that is held counts as ended.
    let was_held = before.status == RequestStatus::Suspended;
    let is_held = now.status == RequestStatus::Suspended;
    let is_applied = match effect {
        // A request that ended by itself will have the command refused.
        Effect::End => !was_over && is_over && now.substatus == Some(RequestStatus::ToCancel),
        Effect::Finish => (!was_over || was_held) && is_over && !is_held,
        Effect::Suspend => is_held && !was_held,
        // It may have ended since, too.
        Effect::Run if was_held => !is_held,
        Effect::Run if !was_over => matches!(now.status, RequestStatus::ToResume | RequestStatus::Resuming),
        Effect::Run => !is_over,
        Effect::Nothing => false,
    };
    is_applied.then_some(Outcome::Applied)
}

fn new_refusal<'a>(action: Action, before: &RequestInfo, now: &'a RequestInfo) -> Option<&'a str> {
    let command = match action {
        Action::Abort | Action::AbortTask(_) | Action::Suspend => CommandType::AbortRequest,
        Action::Close | Action::Finish { .. } => CommandType::CloseRequest,
        Action::Retry | Action::Resume => CommandType::ResumeRequest,
    };
    let reason = now.refusal()?;
    let is_new = before.refusal() != Some(reason) || before.command != now.command;
    // What an ended request was refused before it is refused again, with the same words: a later time is all that shows.
    let is_repeated = before.status.is_terminal() && now.updated_at > before.updated_at;
    let is_refused = now.status.is_terminal() && now.command == Some(command) && (is_new || is_repeated);
    is_refused.then_some(reason)
}

#[cfg(test)]
mod tests {
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

    fn judge(action: Action, family: ServerFamily, before: &RequestInfo, now: &RequestInfo) -> Option<Outcome> {
        super::judge(action, effect(action, family, None), before, now)
    }

    fn recorded(name: &str, id: u64) -> RequestInfo {
        replay(&client().requests().get(RequestId::new(id)), name).expect("an answer").remove(0)
    }

    /// A request with this status and substatus, last changed so many seconds after noon.
    fn row(status: RequestStatus, substatus: RequestStatus, second: i64) -> RequestInfo {
        let mut info: RequestInfo = serde_json::from_value(json!({"request_id": 1, "status": 0})).expect("a row");
        let noon: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
        (info.status, info.substatus, info.command) = (status, Some(substatus), Some(CommandType::NoneCommand));
        info.updated_at = Some(noon + SignedDuration::from_secs(second));
        info
    }

    fn refused(mut info: RequestInfo, command: CommandType, reason: &str) -> RequestInfo {
        info.command = Some(command);
        info.errors = Some(json!({"extra_msg": reason}));
        info
    }

    fn refusal(reason: &str) -> Option<Outcome> {
        Some(Outcome::Refused(reason.to_owned()))
    }

    #[test]
    fn recorded_commands_get_their_verdicts() {
        let listed = replay(&client().requests().list_everybody(), "get_requests_both_null").expect("an answer");
        let before = |id| listed.iter().find(|row| row.request_id == Some(RequestId::new(id))).expect("listed");
        let aborted = recorded("get_requests_after_abort", 2);
        assert_eq!(judge(Action::Abort, NOW, before(2), &aborted), Some(Outcome::Applied));
        let closed = recorded("get_requests_after_close", 8);
        assert_eq!(judge(Action::Close, NOW, before(8), &closed), Some(Outcome::Applied));
        let finished = recorded("get_requests_finished", 22);
        let refused = recorded("get_requests_after_abort_finished", 22);
        assert_eq!(judge(Action::Abort, NOW, &finished, &refused), refusal(ENDED));
        // It had run and failed again by then. Agents touch ended requests for other reasons, too, so the time is no proof.
        let retried = recorded("get_requests_after_retry", 2);
        assert!(retried.updated_at > aborted.updated_at);
        assert_eq!(judge(Action::Retry, NOW, &aborted, &retried), None);
        let suspended = recorded("get_requests_after_message_suspend", 21);
        assert_eq!(judge(Action::Suspend, NOW, &row(Transforming, New, 0), &suspended), None);
    }

    #[test]
    fn the_embedded_server_holds_lets_go_on_and_finishes() {
        let judge = |action, before: &RequestInfo, now: &RequestInfo| {
            super::judge(action, effect(action, NOW, Some(Server::Embedded)), before, now)
        };
        let (running, held) = (row(Transforming, New, 0), row(Suspended, ToSuspend, 1));
        assert_eq!(judge(Action::Suspend, &running, &held), Some(Outcome::Applied));
        assert_eq!(judge(Action::Suspend, &running, &running), None);
        for after in [Transforming, Finished] {
            assert_eq!(judge(Action::Resume, &held, &row(after, New, 2)), Some(Outcome::Applied));
        }
        assert_eq!(judge(Action::Resume, &held, &held), None);
        let finish = Action::Finish { is_forced: false };
        for before in [&running, &held] {
            assert_eq!(judge(finish, before, &row(SubFinished, ToFinish, 2)), Some(Outcome::Applied));
        }
        assert_eq!(judge(finish, &running, &held), None);
        let reason = "Request is already terminated. Cannot be finished";
        let over = row(Finished, New, 1);
        assert_eq!(
            judge(finish, &over, &refused(row(Finished, New, 2), CommandType::CloseRequest, reason)),
            refusal(reason)
        );
    }

    #[test]
    fn a_request_that_goes_on_being_cancelled_is_pending() {
        for status in [Transforming, Cancelling, ToCancel] {
            assert_eq!(judge(Action::Abort, NOW, &row(Transforming, New, 0), &row(status, ToCancel, 9)), None);
        }
    }

    #[test]
    fn a_request_that_ended_by_itself_was_not_aborted() {
        let before = row(Transforming, New, 0);
        let finished = row(Finished, New, 3);
        assert_eq!(judge(Action::Abort, NOW, &before, &finished), None);
        let then = refused(finished, CommandType::AbortRequest, ENDED);
        assert_eq!(judge(Action::Abort, NOW, &before, &then), refusal(ENDED));
    }

    #[test]
    fn a_refusal_of_before_is_no_refusal_now() {
        let stale = |info| refused(info, CommandType::AbortRequest, ENDED);
        // Seen on 2.6.21: an ended request was refused an abort, then retried, then aborted.
        let running = stale(row(Transforming, ToCancel, 0));
        assert_eq!(judge(Action::Abort, NOW, &running, &stale(row(Transforming, ToCancel, 1))), None);
        assert_eq!(judge(Action::Abort, NOW, &running, &stale(row(Failed, ToCancel, 4))), Some(Outcome::Applied));
        // The same refusal twice.
        let over = stale(row(Failed, ToCancel, 0));
        assert_eq!(judge(Action::Abort, NOW, &over, &over), None);
        assert_eq!(judge(Action::Abort, NOW, &over, &stale(row(Failed, ToCancel, 2))), refusal(ENDED));
        // One of another command.
        assert_eq!(judge(Action::Retry, NOW, &over, &stale(row(Resuming, ToCancel, 2))), Some(Outcome::Applied));
    }

    #[test]
    fn a_retry_of_a_finished_request_is_refused() {
        let reason = "Request is already finished. Cannot be resumed";
        let before = row(Finished, New, 0);
        assert_eq!(judge(Action::Retry, NOW, &before, &row(Finished, New, 1)), None);
        let now = refused(row(Finished, New, 1), CommandType::ResumeRequest, reason);
        assert_eq!(judge(Action::Retry, NOW, &before, &now), refusal(reason));
    }

    #[test]
    fn a_retry_shows_in_a_request_that_runs() {
        let before = row(Failed, ToCancel, 0);
        for status in [Resuming, Transforming, New] {
            assert_eq!(judge(Action::Retry, NOW, &before, &row(status, ToCancel, 2)), Some(Outcome::Applied));
        }
        assert_eq!(judge(Action::Retry, NOW, &before, &before), None);
        // Of one that was running, the server shows it for some seconds only.
        let running = row(Transforming, New, 0);
        assert_eq!(judge(Action::Retry, NOW, &running, &row(Transforming, New, 5)), None);
        assert_eq!(judge(Action::Retry, NOW, &running, &row(Resuming, New, 5)), Some(Outcome::Applied));
    }

    #[test]
    fn old_servers_really_suspend_and_finish() {
        let before = row(Transforming, New, 0);
        let old = ServerFamily::V0_5;
        assert_eq!(judge(Action::Suspend, old, &before, &row(Suspended, New, 2)), Some(Outcome::Applied));
        assert_eq!(judge(Action::Abort, old, &before, &row(Cancelled, New, 2)), Some(Outcome::Applied));
        let finish = Action::Finish { is_forced: true };
        assert_eq!(judge(finish, old, &before, &row(Finished, New, 2)), Some(Outcome::Applied));
        assert_eq!(judge(finish, NOW, &before, &row(Finished, New, 2)), None);
    }

    fn server(looks: &[(u16, &str)]) -> Replay {
        let path = "/idds/request/1/null/False/False/False/False";
        let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
        let command = Exchange::new("PUT", "/idds/request/abort/1/null", 200, registered);
        Replay::new(looks.iter().map(|(status, body)| Exchange::new("GET", path, *status, body)).chain([command]))
    }

    fn json_row(status: RequestStatus, substatus: RequestStatus) -> String {
        format!(r#"[{{"request_id": 1, "status": {}, "substatus": {}}}]"#, status.code(), substatus.code())
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_is_awaited_to_its_verdict() {
        let (before, between) = (json_row(Transforming, New), json_row(Transforming, ToCancel));
        let after = json_row(SubFinished, ToCancel);
        let client = client_of(server(&[(200, &before), (503, ""), (200, &between), (200, &after)]));
        let wait = client.requests().abort(RequestId::new(1)).wait(Duration::from_secs(60));
        let verdicts = wait.await.expect("a verdict");
        assert_eq!(verdicts.len(), 1);
        assert_eq!(verdicts[0].outcome, Outcome::Applied);
        assert_eq!((verdicts[0].request, verdicts[0].info.status), (RequestId::new(1), SubFinished));
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
            Arc::new(Self { fates, state: Mutex::new((Transforming, New)), given: AtomicUsize::new(0) })
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
                    _ => Ok(r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#.to_owned()),
                }
            } else {
                Ok(json_row(state.0, state.1))
            };
            Box::pin(std::future::ready(answer.map(|body| Response::new(body.into()))))
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
            let abort = client_of(Arc::clone(&server)).requests().abort(RequestId::new(1));
            let start = Instant::now();
            let wait = abort.clone().wait(Duration::from_secs(600)).again_every(Duration::from_secs(30));
            assert_eq!(wait.await.expect("a verdict")[0].outcome, Outcome::Applied, "{fates:?}");
            assert_eq!(server.given.load(Ordering::Relaxed), fates.len() + 1, "{fates:?}");
            let expected = 30 * fates.len() as u64;
            assert!((expected..expected + 20).contains(&start.elapsed().as_secs()), "{fates:?}: {:?}", start.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_is_given_once_unless_told_otherwise() {
        let server = Forgetful::new([Fate::Begun]);
        let abort = client_of(Arc::clone(&server)).requests().abort(RequestId::new(1));
        let verdicts = abort.clone().wait(Duration::from_secs(600)).await.expect("a verdict");
        assert_eq!((&verdicts[0].outcome, server.given.load(Ordering::Relaxed)), (&Outcome::Pending, 1));
        let server = Forgetful::new([Fate::Broken]);
        let abort = client_of(server).requests().abort(RequestId::new(1));
        let error = abort.wait(Duration::from_secs(600)).await.expect_err("lost");
        assert_eq!(error.kind(), ErrorKind::Interrupted);
    }

    #[test]
    fn a_request_that_an_earlier_abort_had_marked_and_that_finishes_by_itself_was_not_aborted() {
        let marked = row(Transforming, ToCancel, 0);
        assert!(is_ended(&marked, &row(SubFinished, ToCancel, 9)));
        assert!(!is_ended(&marked, &row(Finished, ToCancel, 9)));
        assert!(is_ended(&row(Transforming, New, 0), &row(Finished, ToCancel, 9)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_that_is_obeyed_and_then_refused_is_obeyed() {
        let before = json_row(Transforming, New);
        let refused =
            r#"[{"request_id": 1, "status": 4, "substatus": 7, "command": 10, "errors": {"extra_msg": "too late"}}]"#;
        let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
        for (again, outcome) in [(Some(5), Outcome::Applied), (None, Outcome::Refused("too late".to_owned()))] {
            let path = "/idds/request/1/null/False/False/False/False";
            let looks = [&before, &before, refused].map(|body| Exchange::new("GET", path, 200, body));
            let give = || Exchange::new("PUT", "/idds/request/abort/1/null", 200, registered);
            let client = client_of(Replay::new(looks.into_iter().chain([give(), give()])));
            let mut wait = client.requests().abort(RequestId::new(1)).wait(Duration::from_secs(60));
            wait = wait.interval(Duration::from_secs(10));
            wait = again.map_or(wait.clone(), |seconds| wait.again_every(Duration::from_secs(seconds)));
            assert_eq!(wait.await.expect("a verdict")[0].outcome, outcome);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_deadline_a_command_is_pending() {
        let (before, between) = (json_row(Transforming, New), json_row(Transforming, ToCancel));
        let client = client_of(server(&[(200, &before), (200, &before), (200, &between)]));
        let wait = client.requests().abort(RequestId::new(1)).wait(Duration::from_secs(3));
        let verdicts = wait.interval(Duration::from_secs(2)).await.expect("a verdict");
        assert_eq!((&verdicts[0].outcome, verdicts[0].info.substatus), (&Outcome::Pending, Some(ToCancel)));
    }

    #[tokio::test(start_paused = true)]
    async fn each_request_of_a_workload_has_a_verdict_of_its_own() {
        let registered = r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#;
        let both = r#"[{"request_id": 8, "status": 3}, {"request_id": 9, "status": 2}]"#;
        let refused = r#"[{"request_id": 8, "status": 3, "command": 13, "errors": {"extra_msg": "too late"}}]"#;
        let look = |id: u64, body: &str| {
            Exchange::new("GET", &format!("/idds/request/{id}/null/False/False/False/False"), 200, body)
        };
        let client = client_of(Replay::new([
            Exchange::new("GET", "/idds/request/null/5/False/False/False/False", 200, both),
            Exchange::new("PUT", "/idds/request/close/8/5", 200, registered),
            Exchange::new("PUT", "/idds/request/close/9/5", 200, registered),
            look(8, refused),
            look(9, r#"[{"request_id": 9, "status": 2, "substatus": 7}]"#),
            look(9, r#"[{"request_id": 9, "status": 4, "substatus": 7}]"#),
        ]));
        let close = client.requests().close(idds_workflow::WorkloadId::new(5));
        let verdicts = close.wait(Duration::from_secs(60)).await.expect("verdicts");
        let outcomes: Vec<_> = verdicts.iter().map(|verdict| (verdict.request.get(), &verdict.outcome)).collect();
        assert_eq!(outcomes, [(8, &Outcome::Refused("too late".to_owned())), (9, &Outcome::Applied)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_that_was_not_sent_has_no_verdict() {
        let wait = |replay| client_of(replay).requests().abort(RequestId::new(1)).wait(Duration::from_secs(9));
        let error = wait(server(&[(200, "[]")])).await.expect_err("unknown");
        assert_eq!(error.to_string(), "abort request failed: the server does not know request 1");
        let idds = Replay::new([Exchange::new("GET", "/idds/ping", 200, r#"{"Status": "OK"}"#)]);
        let suspend = client_of(idds).requests().suspend(RequestId::new(1)).wait(Duration::from_secs(9));
        assert_eq!(suspend.await.expect_err("an abort").kind(), ErrorKind::Unsupported);
    }
}
