//! A submission that makes one request, or an error that says so.

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::RequestId;
use serde::Deserialize;
use tracing::debug;

use super::progress::{Event, Next, Progress};
use super::trace::Trace;
use crate::deadline::Deadline;
use crate::endpoint::{decode, with_json};
use crate::{Client, Endpoint, Error, ErrorKind};

/// A POST that makes a request.
pub(super) struct Post(pub(super) Bytes);

impl Post {
    /// Sends it until it is known what became of it.
    pub(super) async fn send_once(
        &self,
        client: &Client,
        trace: &Trace,
        deadline: Deadline,
    ) -> Result<RequestId, Error> {
        let retry = client.limits().retry;
        let (mut progress, mut next) = Progress::new(retry.most_attempts());
        let mut posts = 0;
        let mut failure = None;
        let mut blindness = None;
        loop {
            let event = match next {
                // The first one is free, the others are retries.
                Next::Post if posts > 0 && !client.may_retry() => Event::Refused,
                Next::Post => match client.send_before(self, deadline).await {
                    Ok(id) => Event::Answered(id),
                    Err(error) => {
                        posts += error.attempts();
                        let is_lost = error.is_lost();
                        debug!(%error, is_lost, "no request id");
                        failure = Some(error);
                        if is_lost { Event::Lost } else { Event::Refused }
                    }
                },
                Next::LookAfter(share) => {
                    let look = async {
                        deadline.wait(retry.settling_time().mul_f64(share)).await?;
                        trace.look(client, deadline).await
                    };
                    match look.await {
                        Ok(sighting) => {
                            debug!(?sighting, %trace, "looked for the request");
                            Event::Looked(sighting)
                        }
                        Err(error) => {
                            blindness = Some(error);
                            Event::Blind
                        }
                    }
                }
                Next::Accept(id) => return Ok(id),
                Next::Fail | Next::Undecided => {
                    let failure = failure.unwrap_or_else(|| Error::new(ErrorKind::Unavailable, "nothing was sent"));
                    let error = if next == Next::Fail { failure } else { undecided(trace, failure, blindness) };
                    return Err(error.with_attempts(posts));
                }
            };
            next = progress.after(event);
        }
    }
}

/// Says why it is not known what became of a submission.
fn undecided(trace: &Trace, failure: Error, blindness: Option<Error>) -> Error {
    let why = match (&blindness, trace) {
        (Some(_), _) => format!("the server could not be asked about {trace}"),
        (None, Trace::Nothing) => format!("it has {trace} to find it by"),
        (None, _) => format!("another one has {trace}"),
    };
    let what = format!("whether it made a request is not known, as its answer was lost and {why}");
    let mut error = Error::new(ErrorKind::Undecided, what).during(Post::OPERATION);
    if let Some((method, path)) = failure.request() {
        error = error.after_sending(method, path, failure.attempts(), false);
    }
    error.caused_by(blindness.unwrap_or(failure))
}

impl Endpoint for Post {
    type Answer = RequestId;

    const OPERATION: &'static str = "submit";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        with_json(Method::POST, "/request", self.0.clone())
    }

    fn answer(&self, response: Response<Bytes>) -> Result<RequestId, Error> {
        request_id(&response)
    }
}

/// A POST of maps that belong to a workflow which follows.
pub(super) struct Upload(pub(super) Bytes);

impl Endpoint for Upload {
    type Answer = ();

    const OPERATION: &'static str = "submit a part";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        with_json(Method::POST, "/request", self.0.clone())
    }

    /// The server writes the maps to files named after the workflow and its tasks, and makes no request.
    fn is_repeatable(&self, _: &Request<Bytes>) -> bool {
        true
    }

    fn answer(&self, response: Response<Bytes>) -> Result<(), Error> {
        match request_id(&response)?.get() {
            0 => Ok(()),
            id => Err(Error::new(
                ErrorKind::Refused,
                format!("the server does not know workflows in parts, and made request {id} of one"),
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
