//! Which request a search is about, before its journal is opened.

use std::time::Duration;

use idds_client::{Client, Error as ClientError, ErrorKind};
use idds_workflow::RequestId;
use tokio::time::{Instant, sleep};

use crate::{Observer, RequestIdentity};

/// How long to wait after a failure that may pass.
const PAUSE: Duration = Duration::from_secs(5);

/// The server also refuses what is right, while its database is in trouble.
const MAX_REFUSALS: u32 = 5;

/// Asks the server what tells the request from another one of its number; waits for a server that is out of reach.
pub(super) async fn identify(
    client: &Client,
    request: RequestId,
    patience: Duration,
    observers: &mut [Box<dyn Observer>],
) -> Result<RequestIdentity, ClientError> {
    let end = Instant::now() + patience;
    let mut refusals = 0;
    loop {
        let error = match ask(client, request).await {
            Ok(identity) => return Ok(identity),
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

async fn ask(client: &Client, request: RequestId) -> Result<RequestIdentity, ClientError> {
    let requests = client.requests().get(request).metadata().await?;
    let Some(stored) = requests.first() else {
        let what = format!("the server does not know request {request}");
        return Err(ClientError::new(ErrorKind::NotFound, what));
    };
    Ok(RequestIdentity {
        database: client.database(),
        created_at: stored.request.created_at.map(|at| at.to_string()),
        // What cannot be read is still a request.
        workflow: stored.decode().ok().map(|decoded| decoded.id.to_string()),
    })
}
