//! Commands to requests, and what became of them.

use std::sync::Arc;
use std::time::Duration;

use idds_client::{Client, Decision, OriginalUser, RequestCommand};
use idds_workflow::{RequestId, RequestStatus};
use jiff::Timestamp;
use tokio::time::timeout;

use crate::hub::{Hub, words};

/// What a request can be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verb {
    Abort,
    Close,
    Retry,
    Suspend,
    Resume,
    Finish,
}

/// A command that was given, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) verb: Verb,
    pub(crate) at: Timestamp,
    pub(crate) verdict: Verdict,
}

/// What became of a command.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// It was given, and the server has not shown yet what it makes of it.
    Waiting,
    Applied(RequestStatus),
    Refused(String),
    /// Nothing was decided within the time allowed.
    Pending(RequestStatus),
}

/// How long it is waited for what becomes of a command; the real server takes up to a minute.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long the answer to the browser waits for it.
const ANSWER: Duration = Duration::from_secs(2);

/// Time after which a command that shows nothing is given again: a 2.6.21 server loses one now and then.
const AGAIN: Duration = Duration::from_secs(30);

/// Time between two looks at the embedded server, which carries a command out before it answers, and at another.
const INTERVAL: Duration = Duration::from_millis(200);
const INTERVAL_ELSEWHERE: Duration = Duration::from_secs(2);

impl Verb {
    pub(crate) const ALL: [Self; 6] = [
        Self::Abort,
        Self::Close,
        Self::Suspend,
        Self::Finish,
        Self::Resume,
        Self::Retry,
    ];

    /// Returns its name in addresses and on buttons.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Abort => "abort",
            Self::Close => "close",
            Self::Retry => "retry",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Finish => "finish",
        }
    }

    /// Says what it does.
    pub(crate) fn effect(self) -> &'static str {
        match self {
            Self::Abort => "Ends every step that has not ended; what is done stays.",
            Self::Close => "Starts nothing new; a search ends as with abort.",
            Self::Retry => "Runs again what has failed.",
            Self::Suspend => "Holds the request; resume lets it go on.",
            Self::Resume => "Lets the request go on.",
            Self::Finish => "Ends the request with what is done.",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }

    /// Tells whether it makes sense for a request in this state.
    pub(crate) fn suits(self, status: RequestStatus) -> bool {
        let is_held = status == RequestStatus::Suspended;
        match self {
            Self::Resume => is_held,
            Self::Retry => status.is_terminal() && !is_held && status != RequestStatus::Finished,
            Self::Abort | Self::Close | Self::Suspend | Self::Finish => !status.is_terminal(),
        }
    }

    fn order(self, client: &Client, request: RequestId) -> RequestCommand<RequestId> {
        let requests = client.requests();
        match self {
            Self::Abort => requests.abort(request),
            Self::Close => requests.close(request),
            Self::Retry => requests.retry(request),
            Self::Suspend => requests.suspend(request),
            Self::Resume => requests.resume(request),
            Self::Finish => requests.finish(request),
        }
    }
}

/// Gives a command, and waits a moment for what becomes of it; that is noted whenever it shows.
pub(crate) async fn give(hub: &Arc<Hub>, request: RequestId, verb: Verb) {
    let at = Timestamp::now();
    let waiting = Said {
        verb,
        at,
        verdict: Verdict::Waiting,
    };
    let waiting = hub.say(request, waiting, None);
    let hub = Arc::clone(hub);
    let following = tokio::spawn(async move {
        let verdict = carry_out(&hub, request, verb).await;
        let verdict = verdict.unwrap_or_else(Verdict::Refused);
        hub.say(request, Said { verb, at, verdict }, Some(&waiting));
    });
    let _ = timeout(ANSWER, following).await;
}

async fn carry_out(hub: &Hub, request: RequestId, verb: Verb) -> Result<Verdict, String> {
    let mut client = hub.client.clone();
    if hub.is_for_owners {
        let infos = client.requests().get(request).await.map_err(words)?;
        let owner = infos.first().and_then(|info| info.username.clone());
        if let Some(owner) = owner.filter(|owner| !owner.is_empty()) {
            client = client
                .on_behalf_of(&OriginalUser::new(owner))
                .map_err(words)?;
        }
    }
    let interval = match hub.is_embedded().await {
        true => INTERVAL,
        false => INTERVAL_ELSEWHERE,
    };
    let outcome = verb.order(&client, request).wait();
    let outcome = outcome.timeout(PATIENCE).interval(interval);
    let outcome = outcome.again_every(AGAIN).await.map_err(words)?;
    Ok(match outcome.decision {
        Decision::Applied => Verdict::Applied(outcome.info.status),
        Decision::Refused(why) => Verdict::Refused(why),
        Decision::Pending => Verdict::Pending(outcome.info.status),
    })
}
