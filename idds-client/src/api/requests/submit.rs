//! Submits a workflow.

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::wire::{Remedies, Submission};
use idds_workflow::{RequestId, Stamp, Workflow};
use jiff::Timestamp;
use serde::Deserialize;

use crate::endpoint::{awaitable, decode, with_json};
use crate::server::Operation;
use crate::{Client, Endpoint, Error, ErrorKind};

/// Submits a workflow and answers the id of its request.
///
/// The server checks little now and the rest later: a request that it cannot work on becomes Failed, and says why in
/// [`errors`](crate::RequestInfo::errors).
///
/// # Errors
///
/// [`ErrorKind::Refused`] when the server does not take the workflow. After [`ErrorKind::Timeout`] or
/// [`ErrorKind::Interrupted`] the request may exist or not.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct Submit {
    client: Client,
    workflow: Workflow,
    stamp: Stamp,
    remedies: Remedies,
}

impl Submit {
    pub(crate) fn new(client: Client, workflow: Workflow) -> Self {
        let stamp = Stamp::new(Timestamp::now(), rand::random());
        Self { client, workflow, stamp, remedies: Remedies::default() }
    }

    /// Sets whether attributes are added without which this server cannot run some works; they are unless set.
    pub fn remedies(mut self, remedies: Remedies) -> Self {
        self.remedies = remedies;
        self
    }

    /// Sets where ids, time and generated names come from: the clock and the system's randomness unless set.
    pub fn stamp(mut self, stamp: Stamp) -> Self {
        self.stamp = stamp;
        self
    }
}

awaitable!(Submit);

impl Endpoint for Submit {
    type Answer = RequestId;

    const OPERATION: &'static str = "submit";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        Operation::Submit.check(self.client.server_version())?;
        let submission = Submission::new(&self.workflow, &self.stamp).remedies(self.remedies);
        let body = serde_json::to_vec(&submission).map_err(|error| {
            Error::new(ErrorKind::Argument, "the workflow cannot be written as JSON").caused_by(error)
        })?;
        with_json(Method::POST, "/request", body)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<RequestId, Error> {
        #[derive(Deserialize)]
        struct Submitted {
            request_id: RequestId,
        }

        decode(&response).map(|Submitted { request_id }| request_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::transport::recorded::{client, read, replay};

    fn call() -> Submit {
        let workflow = Workflow::builder().name("demo").build().expect("a workflow");
        client().requests().submit(&workflow)
    }

    #[test]
    fn the_body_is_the_workflow_as_json() {
        let request = call().request().expect("a request");
        assert_eq!(request.headers()["content-type"], "application/json");
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(body["request_metadata"]["workflow"]["class"], "Workflow");
    }

    #[test]
    fn one_call_always_sends_the_same_bytes_and_two_do_not() {
        let call = call();
        let body = |call: &Submit| call.request().expect("a request").into_body();
        assert_eq!(body(&call), body(&call.clone()));
        assert_ne!(body(&call), body(&self::call()));
    }

    #[test]
    fn the_answer_is_the_id_of_the_request() {
        assert_eq!(replay(&call(), "submit_oidc").expect("an answer"), RequestId::new(24));
        assert_eq!(read(&call(), "{}").expect_err("no id").kind(), ErrorKind::Answer);
    }

    #[test]
    fn a_refusal_of_the_database_is_one_line() {
        let error = replay(&call(), "submit_long_name").expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert_eq!(
            error.to_string(),
            "the server refused it (500): Database exception.: {} Details: \
             (psycopg2.errors.StringDataRightTruncation) value too long for type character varying(255)"
        );
    }
}
