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
        Self {
            command,
            deadline,
            interval: Pace::INTERVAL,
            again: None,
        }
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
            }
            let pending = before
                .iter()
                .filter_map(|info| Some((info, Verdict::pending(info)?)));
            let mut verdicts: Vec<(&RequestInfo, Verdict)> = pending.collect();
            let is_open = |verdict: &Verdict| verdict.outcome == Outcome::Pending;
            while verdicts.iter().any(|(_, verdict)| is_open(verdict)) && pace.pause().await {
                for (before, verdict) in verdicts.iter_mut().filter(|(_, verdict)| is_open(verdict))
                {
                    match command.client.existing(verdict.request).await {
                        Ok(now) => {
                            pace.succeeded();
                            let effect = command.effect();
                            let outcome = judge(command.action, effect, before, &now)
                                .unwrap_or(Outcome::Pending);
                            // What was obeyed is refused when it is given again.
                            let is_obeyed = is_repeated
                                && outcome != Outcome::Pending
                                && is_obeyed(effect, before, &now);
                            verdict.outcome = if is_obeyed { Outcome::Applied } else { outcome };
                            verdict.info = now;
                        }
                        Err(error) => {
                            pace.tolerate(error)
                                .map_err(|error| error.during(command.operation()))?;
                        }
                    }
                }
                if again.is_some_and(|time| given.elapsed() >= time) && !pace.is_over() {
                    let open = verdicts.iter().filter(|(_, verdict)| is_open(verdict));
                    let open: Vec<RequestInfo> =
                        open.map(|(before, _)| (*before).clone()).collect();
                    if !open.is_empty() {
                        debug!(
                            requests = open.len(),
                            "there is no verdict, and the command is given again"
                        );
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
        Some(Self {
            request,
            outcome: Outcome::Pending,
            info: info.clone(),
        })
    }
}

/// Says whether the request has done since what it was told, even if it was refused when it was told again.
fn is_obeyed(effect: Effect, before: &RequestInfo, now: &RequestInfo) -> bool {
    match effect {
        Effect::Suspend => {
            now.status == RequestStatus::Suspended && before.status != RequestStatus::Suspended
        }
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
        effect(
            self.action,
            self.client.server_version().into(),
            self.client.known_server(),
        )
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
fn judge(
    action: Action,
    effect: Effect,
    before: &RequestInfo,
    now: &RequestInfo,
) -> Option<Outcome> {
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
        Effect::Run if !was_over => matches!(
            now.status,
            RequestStatus::ToResume | RequestStatus::Resuming
        ),
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
    let is_refused =
        now.status.is_terminal() && now.command == Some(command) && (is_new || is_repeated);
    is_refused.then_some(reason)
}

#[cfg(test)]
mod tests;
