//! Which request a search is about, before its journal is opened.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use idds_client::{Client, Error as ClientError, ErrorKind};
use idds_workflow::{AnyWork, OptSpace, RequestId, SearchSpace, Step, Workflow};
use tokio::time::{Instant, sleep, timeout};

use crate::{Observer, RequestIdentity, SearchOptions};

/// What the server says of a request before its search begins.
#[derive(Default)]
pub(super) struct Identified {
    pub(super) identity: RequestIdentity,
    /// Space of its only search; of several, points do not say which one they are of.
    pub(super) space: Option<OptSpace>,
}

/// How long to wait after a failure that may pass.
const PAUSE: Duration = Duration::from_secs(5);

/// The server also refuses what is right, while its database is in trouble.
const MAX_REFUSALS: u32 = 5;

/// Asks the server what tells the request from another one of its number; waits for a server that is out of reach, though not
/// for longer than the search may take.
pub(super) async fn identify(
    client: &Client,
    request: RequestId,
    options: &SearchOptions,
    observers: &mut [Box<dyn Observer>],
) -> Result<Identified, ClientError> {
    let ask = || {
        let client = client.clone();
        async move { ask(&client, request).await }.boxed()
    };
    answered(client, options, observers, ask).await
}

/// Asks until there is an answer, or none is to be expected any more.
pub(super) async fn answered<T>(
    client: &Client,
    options: &SearchOptions,
    observers: &mut [Box<dyn Observer>],
    ask: impl Fn() -> BoxFuture<'static, Result<T, ClientError>>,
) -> Result<T, ClientError> {
    let limit = options.timeout;
    let asked = timeout(limit, ask_until(options.patience, observers, ask));
    asked.await.unwrap_or_else(|_| {
        let what = format!(
            "there was no answer from {} within {limit:?}",
            client.host()
        );
        Err(ClientError::new(ErrorKind::Timeout, what))
    })
}

async fn ask_until<T>(
    patience: Duration,
    observers: &mut [Box<dyn Observer>],
    ask: impl Fn() -> BoxFuture<'static, Result<T, ClientError>>,
) -> Result<T, ClientError> {
    let end = Instant::now() + patience;
    let mut refusals = 0;
    loop {
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        refusals += u32::from(error.kind() == ErrorKind::Refused);
        let may_pass = match error.kind() {
            ErrorKind::Refused => refusals < MAX_REFUSALS,
            ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Interrupted
            | ErrorKind::Unavailable => true,
            _ => false,
        };
        observers
            .iter_mut()
            .for_each(|observer| observer.unanswered(&error));
        if !may_pass || Instant::now() >= end {
            return Err(error);
        }
        sleep(PAUSE).await;
    }
}

async fn ask(client: &Client, request: RequestId) -> Result<Identified, ClientError> {
    let requests = client.requests().get(request).metadata().await?;
    let Some(stored) = requests.first() else {
        let what = format!("the server does not know request {request}");
        return Err(ClientError::new(ErrorKind::NotFound, what));
    };
    // What cannot be read is still a request.
    let decoded = stored.decode().ok();
    Ok(Identified {
        identity: RequestIdentity {
            database: client.database(),
            created_at: stored.request.created_at.map(|at| at.to_string()),
            workflow: decoded.as_ref().map(|decoded| decoded.id.to_string()),
        },
        space: decoded.and_then(|decoded| only_space(&decoded.workflow)),
    })
}

fn only_space(workflow: &Workflow) -> Option<OptSpace> {
    let mut spaces = Vec::new();
    collect(workflow, &mut spaces);
    let space = spaces.pop();
    space.filter(|_| spaces.is_empty())
}

fn collect(workflow: &Workflow, spaces: &mut Vec<OptSpace>) {
    for (_, step) in workflow.steps() {
        match step {
            Step::Work(AnyWork::ATLASHPOWork(search)) => {
                if let Some(SearchSpace::Whole(space)) = search.opt_space() {
                    spaces.push(space.clone());
                }
            }
            Step::Workflow(inner) => collect(inner, spaces),
            _ => {}
        }
    }
}
