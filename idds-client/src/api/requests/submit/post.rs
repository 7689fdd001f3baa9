//! A submission that makes one request, or an error that says so.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::RequestId;
use serde::Deserialize;
use tokio::time::{Instant, timeout};
use tracing::{debug, warn};

use super::state::{News, Next, Patience, Sighting, SubmitState};
use super::trace::{Search, Trace};
use crate::call::Endpoint;
use crate::deadline::{Deadline, time_for};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Client, Error, ErrorKind};

/// A POST that makes a request.
pub(super) struct Post(pub(super) Bytes);

/// Time limit of one look for the request; a server that needs longer cannot be asked.
const LOOK: Duration = Duration::from_secs(300);

impl Post {
    /// Sends it until it is known what became of it, or can no longer be found out.
    pub(super) async fn send_once(
        &self,
        client: &Client,
        trace: &Trace,
        deadline: Deadline,
    ) -> Result<RequestId, Error> {
        let patience = Patience {
            settle: client.limits().retry.settling_time(),
            by_size: time_for(self.0.len()),
        };
        let (mut state, mut next) = SubmitState::new(patience);
        let mut search = Search::new(trace, client);
        let (mut failure, mut blindness) = (None, None);
        let mut start = Instant::now();
        loop {
            let news = match next {
                Next::Post => match client.send_before(self, deadline).await {
                    Ok(id) => News::Answered(id),
                    Err(error) => {
                        let (is_lost, took) = (error.is_lost(), start.elapsed());
                        debug!(%error, is_lost, ?took, "no request id");
                        if is_lost && *trace != Trace::Nothing {
                            // It takes long, and an end of the program now would leave the user without what is known.
                            warn!(
                                "{error}; the request is looked for by {trace}, as the server may have made it"
                            );
                        }
                        failure = Some(error);
                        // The time of the POST counts no more: looks are planned from the loss of its answer.
                        start = Instant::now();
                        if is_lost {
                            News::Lost { took }
                        } else {
                            News::Refused
                        }
                    }
                },
                Next::Look { .. } if *trace == Trace::Nothing => News::Blind,
                Next::Look { at, is_last } => {
                    let look = async {
                        deadline.wait(at.saturating_sub(start.elapsed())).await?;
                        timeout(LOOK, search.look(is_last, deadline))
                            .await
                            .unwrap_or_else(|_| Err(slow()))
                    };
                    match look.await {
                        Ok(sighting) => {
                            debug!(?sighting, %trace, "looked for the request");
                            blindness = None;
                            News::Looked(sighting)
                        }
                        Err(error) => {
                            debug!(%error, %trace, "could not look for the request");
                            let is_over = deadline
                                .left()
                                .is_some_and(|left| left <= at.saturating_sub(start.elapsed()));
                            // What answers both with a page of its own is no server of iDDS.
                            let is_foreign = [Some(&error), failure.as_ref()]
                                .into_iter()
                                .all(|it| it.is_some_and(|it| it.kind() == ErrorKind::Answer));
                            let is_final = is_over || is_foreign || !may_pass(&error);
                            blindness = Some(error);
                            if is_final {
                                News::Blind
                            } else {
                                // It has seen nothing either, and must not prolong the search; `blindness` tells the user why.
                                News::Looked(Sighting::None)
                            }
                        }
                    }
                }
                Next::Accept(id) => return Ok(id),
                Next::Fail | Next::Undecided => {
                    let failure = failure
                        .unwrap_or_else(|| Error::new(ErrorKind::Unavailable, "nothing was sent"));
                    let is_known = next == Next::Fail;
                    return Err(if is_known {
                        failure
                    } else {
                        undecided(&search, failure, blindness, state.window())
                    });
                }
            };
            next = state.after(news, start.elapsed());
        }
    }
}

/// Says whether a look that failed may succeed later.
fn may_pass(error: &Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::Argument
            | ErrorKind::Certificate
            | ErrorKind::Configuration
            | ErrorKind::Credential
            | ErrorKind::Unauthorized
            | ErrorKind::Unsupported
    )
}

fn slow() -> Error {
    Error::new(ErrorKind::Timeout, format!("it took more than {LOOK:?}"))
}

/// Says whether two calls failed for the same reason, which is told with other words where it names the call.
fn is_same(one: &Error, other: &Error) -> bool {
    let status = |error: &Error| error.server().map(|server| server.status);
    one.what() == other.what()
        || (one.kind(), status(one)) == (other.kind(), status(other))
            && (one.kind() == ErrorKind::Answer
                || one.server().is_some_and(|server| server.class.is_none()))
}

/// Says why it is not known what became of a submission.
fn undecided(
    search: &Search<'_>,
    failure: Error,
    blindness: Option<Error>,
    window: Duration,
) -> Error {
    let trace = search.trace();
    let window = if window.as_secs() > 0 {
        Duration::from_secs(window.as_secs())
    } else {
        window
    };
    let why = match (&blindness, trace) {
        (_, Trace::Nothing) => format!("it has {trace} to find it by"),
        (Some(blindness), _) if is_same(blindness, &failure) => {
            format!("the server could not be asked about {trace} for the same reason")
        }
        (Some(blindness), _) => {
            format!("the server could not be asked about {trace} ({blindness})")
        }
        (None, _) if search.has_seen_others() => {
            format!("what has {trace} after {window:?} is none of this submission")
        }
        (None, _) => format!("after {window:?} there is none that has {trace}"),
    };
    let what = format!(
        "the server may have made a request, or make one yet: the answer was lost ({}), and {why}",
        failure.what()
    );
    let mut error = Error::new(ErrorKind::Undecided, what).during(route::SUBMIT.operation());
    if let Some((method, path)) = failure.request() {
        error = error.after_sending(method, path, failure.attempts(), false);
    }
    error.caused_by(blindness.unwrap_or(failure))
}

impl Endpoint for Post {
    type Answer = RequestId;

    fn route(&self) -> &'static Route {
        &route::SUBMIT
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        self.route().draft(client)?.written(self.0.clone())
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<RequestId, Error> {
        request_id(response)
    }
}

/// A POST of maps that belong to a workflow which follows.
pub(super) struct Part(pub(super) Bytes);

impl Endpoint for Part {
    type Answer = ();

    fn route(&self) -> &'static Route {
        &route::SUBMIT_PART
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        self.route().draft(client)?.written(self.0.clone())
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<(), Error> {
        match request_id(response)?.get() {
            0 => Ok(()),
            id => Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "the server does not know workflows in parts, and made request {id} of one"
                ),
            )),
        }
    }
}

pub(super) fn request_id(response: &Response<Bytes>) -> Result<RequestId, Error> {
    #[derive(Deserialize)]
    struct Submitted {
        request_id: RequestId,
    }

    decode(response).map(|Submitted { request_id }| request_id)
}
