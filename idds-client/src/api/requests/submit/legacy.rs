//! Submits a request without a workflow.

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::wire::LegacyRequest;
use idds_workflow::{RequestId, WorkloadId};
use serde_json::Value;

use super::post::{Post, request_id};
use super::trace::{Trace, of_workload};
use crate::endpoint::with_json;
use crate::server::Operation;
use crate::{BoxFuture, Client, Endpoint, Error, ErrorKind};

/// Submits a request without a workflow and answers its id.
///
/// The server makes up a name for it, so a lost answer is looked for by the workload id: the requests of that workload are
/// asked for before the submission, and a single one that is new afterwards counts as this one. So there must be nobody else who
/// submits requests for the same workload at the same time. Without a workload id nothing can be looked for, and a lost
/// answer is an error.
///
/// # Errors
///
/// Those of [`Submit`](crate::Submit); when the workload cannot be asked for beforehand, nothing was sent.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct SubmitLegacy {
    client: Client,
    body: Result<Value, String>,
}

impl SubmitLegacy {
    pub(crate) fn new(client: Client, request: &LegacyRequest<'_>) -> Self {
        let body = serde_json::to_value(request).map_err(|error| error.to_string());
        Self { client, body }
    }

    fn body(&self) -> Result<Bytes, Error> {
        Operation::Submit.check(self.client.server_version())?;
        let unwritable = |cause| {
            Error::new(ErrorKind::Argument, "the request cannot be written as JSON")
                .caused_by(cause)
        };
        self.body
            .as_ref()
            .map(|body| body.to_string().into())
            .map_err(|error| unwritable(error.clone()))
    }

    fn workload_id(&self) -> Option<WorkloadId> {
        let body = self.body.as_ref().ok()?;
        serde_json::from_value(body.pointer("/request_metadata/workload_id")?.clone()).ok()
    }

    async fn run(self) -> Result<RequestId, Error> {
        let deadline = self.client.deadline();
        let body = self.body().map_err(|error| error.during(Post::OPERATION))?;
        let trace = match self.workload_id() {
            Some(id) => Trace::Workload {
                id,
                before: of_workload(id, &self.client, deadline).await?,
            },
            None => Trace::Nothing,
        };
        Post(body).send_once(&self.client, &trace, deadline).await
    }
}

impl IntoFuture for SubmitLegacy {
    type Output = Result<RequestId, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl Endpoint for SubmitLegacy {
    type Answer = RequestId;

    const OPERATION: &'static str = Post::OPERATION;

    fn request(&self) -> Result<Request<Bytes>, Error> {
        with_json(Method::POST, "/request", self.body()?)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<RequestId, Error> {
        request_id(&response)
    }
}
