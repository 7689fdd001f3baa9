//! What became of a command.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use idds_workflow::{CommandType, RequestId, RequestStatus};
use tokio::time::Instant;
use tracing::debug;

use super::RequestInfo;
use super::command::{Addressee, Told, Verb};
use super::poll_timer::PollTimer;
use crate::call::Action;
use crate::{BoxFuture, Call, Client, Error, Server, ServerFamily};

/// What became of a command to one request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The request.
    pub request: RequestId,
    /// What the server made of the command.
    pub decision: Decision,
    /// The request as it was last seen.
    pub info: RequestInfo,
}

/// What the server made of a command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
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
    /// [`WaitForOutcome::again_every`](crate::Call::again_every) does. A retried request that ended again between two looks is also pending: that it ran
    /// does not show.
    Pending,
}

/// Sends a command and waits until it shows what the server made of it: an [`Outcome`] for a request, one for each of a workload.
///
/// It waits without end unless a [`timeout`](Self::timeout) is set, or `tokio::time::timeout` is around it.
///
/// ```
/// use std::time::Duration;
///
/// use idds_client::{Client, Decision, Exchange, Replay};
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
/// let outcome = abort.wait().timeout(Duration::from_secs(60)).await?;
/// match outcome.decision {
///     Decision::Applied => println!("request {} ended {}", outcome.request, outcome.info.status),
///     Decision::Refused(reason) => println!("request {} goes its own way: {reason}", outcome.request),
///     Decision::Pending => println!("request {} is still {}", outcome.request, outcome.info.status),
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
pub type WaitForOutcome<A> = Call<<A as Addressee>::Each<Outcome>, Awaited<A>>;

/// A command, and how long and how closely it is followed.
pub struct Awaited<A> {
    told: Told,
    timeout: Option<Duration>,
    interval: Duration,
    again: Option<Duration>,
    addressee: PhantomData<fn() -> A>,
}

impl<A: Addressee> WaitForOutcome<A> {
    pub(super) fn of(client: &Client, told: Told) -> Self {
        let awaited = Awaited {
            told,
            timeout: None,
            interval: PollTimer::INTERVAL,
            again: None,
            addressee: PhantomData,
        };
        Self::with(client, awaited)
    }

    /// Sets the longest time to wait; what is not decided then is [`Pending`](Decision::Pending).
    ///
    /// A look that is on its way when the time is over may take a second more.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.settings.timeout = Some(time);
        self
    }

    /// Sets the time between two looks; 2 s by default, and each is up to a fifth longer or shorter.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.settings.interval = interval;
        self
    }

    /// Repeats the command after each such time without a decision; it is sent once by default.
    ///
    /// A 2.6.21 server now and then [loses](Decision::Pending) a command, also one of which the beginning shows. A command that never
    /// got an answer is given again, too. One that was only slow is obeyed once: the server refuses it the second time, which
    /// stays in [`RequestInfo::errors`], and the verdict is that on the first. Half a minute is a good time, as agents look
    /// every 10 s.
    pub fn again_every(mut self, time: Duration) -> Self {
        self.settings.again = Some(time);
        self
    }
}

impl<A: Addressee + 'static> Action for Awaited<A> {
    type Output = A::Each<Outcome>;

    fn run(self, client: Client) -> BoxFuture<'static, Result<Self::Output, Error>> {
        Box::pin(async move {
            let (target, operation) = (self.told.target, self.told.operation());
            let outcomes = self.outcomes(&client).await?;
            A::gather(outcomes).ok_or_else(|| target.unknown().during(operation))
        })
    }
}

impl<A> Awaited<A> {
    async fn outcomes(self, client: &Client) -> Result<Vec<Outcome>, Error> {
        let Self { told, again, .. } = self;
        let mut timer = PollTimer::new(self.interval, self.timeout);
        let client = &timer.bound(client);
        let before = told.look_up(client).await?;
        let (mut given, mut is_repeated) = (Instant::now(), false);
        if let Err(error) = told.run_on(client, &before).await {
            // Whether it arrived or not, it is given again without a decision.
            if again.is_none() || !error.is_lost() {
                return Err(error);
            }
            debug!(%error, "the answer to the command was lost");
        }
        // Requests are compared with what they were before the command: a refusal of an earlier command stays in the row for ever.
        let pending = before
            .iter()
            .filter_map(|info| Some((info, Outcome::pending(info)?)));
        let mut outcomes: Vec<(&RequestInfo, Outcome)> = pending.collect();
        let is_open = |outcome: &Outcome| outcome.decision == Decision::Pending;
        while outcomes.iter().any(|(_, outcome)| is_open(outcome)) && timer.pause().await {
            for (before, outcome) in outcomes.iter_mut().filter(|(_, outcome)| is_open(outcome)) {
                match client.existing(outcome.request).await {
                    Ok(now) => {
                        timer.succeeded();
                        let effect = told.effect(client);
                        let decision =
                            judge(told.verb, effect, before, &now).unwrap_or(Decision::Pending);
                        // What was obeyed is refused when it is given again.
                        let is_obeyed = is_repeated
                            && decision != Decision::Pending
                            && is_obeyed(effect, before, &now);
                        outcome.decision = if is_obeyed {
                            Decision::Applied
                        } else {
                            decision
                        };
                        outcome.info = now;
                    }
                    Err(error) => {
                        timer
                            .tolerate(error)
                            .map_err(|error| error.during(told.operation()))?;
                    }
                }
            }
            if again.is_some_and(|time| given.elapsed() >= time) && !timer.is_over() {
                let open = outcomes.iter().filter(|(_, outcome)| is_open(outcome));
                let open: Vec<RequestInfo> = open.map(|(before, _)| (*before).clone()).collect();
                if !open.is_empty() {
                    debug!(
                        requests = open.len(),
                        "nothing is decided, and the command is given again"
                    );
                    is_repeated = true;
                    match told.run_on(client, &open).await {
                        Err(error) if !error.is_lost() => timer.tolerate(error)?,
                        _ => {}
                    }
                }
                given = Instant::now();
            }
        }
        Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
    }
}

impl<A> Clone for Awaited<A> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<A> fmt::Debug for Awaited<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Awaited")
            .field("told", &self.told)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Outcome {
    /// Returns the outcome before anything is known; none for a request without an id, which gets no command.
    fn pending(info: &RequestInfo) -> Option<Self> {
        Some(Self {
            request: info.request_id?,
            decision: Decision::Pending,
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

impl Told {
    fn effect(self, client: &Client) -> Effect {
        effect(
            self.verb,
            client.server_version().into(),
            client.known_server(),
        )
    }
}

fn effect(verb: Verb, family: ServerFamily, server: Option<Server>) -> Effect {
    let obeys_messages = family < ServerFamily::V1_3;
    let is_embedded = server == Some(Server::Embedded);
    match verb {
        Verb::Abort | Verb::Close if obeys_messages => Effect::Finish,
        Verb::Abort | Verb::Close => Effect::End,
        Verb::Suspend if obeys_messages || is_embedded => Effect::Suspend,
        Verb::Suspend => Effect::End,
        Verb::Retry | Verb::Resume => Effect::Run,
        Verb::Finish { .. } if family == ServerFamily::V0_5 || is_embedded => Effect::Finish,
        Verb::Finish { .. } | Verb::AbortTask(_) => Effect::Nothing,
    }
}

/// Decides what became of a command from the request as it was before and as it is now; none when it does not show yet.
///
/// The rules are those of the clerk agent of 2.6.21. It refuses a command only when the request has ended, and then writes the
/// reason and the command into the request, where they stay.
fn judge(verb: Verb, effect: Effect, before: &RequestInfo, now: &RequestInfo) -> Option<Decision> {
    if let Some(reason) = new_refusal(verb, before, now) {
        return Some(Decision::Refused(reason.to_owned()));
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
    is_applied.then_some(Decision::Applied)
}

fn new_refusal<'a>(verb: Verb, before: &RequestInfo, now: &'a RequestInfo) -> Option<&'a str> {
    let command = match verb {
        Verb::Abort | Verb::AbortTask(_) | Verb::Suspend => CommandType::AbortRequest,
        Verb::Close | Verb::Finish { .. } => CommandType::CloseRequest,
        Verb::Retry | Verb::Resume => CommandType::ResumeRequest,
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
