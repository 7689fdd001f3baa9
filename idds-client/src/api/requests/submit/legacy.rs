//! Submits a request without a workflow.

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::wire::LegacyRequest;
use idds_workflow::{RequestId, WorkloadId};
use serde_json::Value;

use super::Requests;
use super::post::{Post, request_id};
use super::trace::{Trace, of_workload};
use crate::call::{Action, Endpoint};
use crate::route::{self, Route};
use crate::{BoxFuture, Call, Client, Error, ErrorKind};

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
pub type SubmitLegacy = Call<RequestId, OldRequest>;

/// A request without a workflow, as it is sent.
#[derive(Clone, Debug)]
pub struct OldRequest {
    body: Result<Value, String>,
}

impl Requests {
    /// Submits a request without a workflow, as PanDA's JEDI does. A 2.6.21 server accepts it, and then it fails there.
    pub fn submit_legacy(&self, request: &LegacyRequest<'_>) -> SubmitLegacy {
        let body = serde_json::to_value(request).map_err(|error| error.to_string());
        Call::with(&self.client, OldRequest { body })
    }
}

impl OldRequest {
    fn body(&self) -> Result<Bytes, Error> {
        match &self.body {
            Ok(body) => Ok(body.to_string().into()),
            Err(cause) => {
                let what = "the request cannot be written as JSON";
                Err(Error::new(ErrorKind::Argument, what).caused_by(cause.clone()))
            }
        }
    }

    fn workload_id(&self) -> Option<WorkloadId> {
        let body = self.body.as_ref().ok()?;
        serde_json::from_value(body.pointer("/request_metadata/workload_id")?.clone()).ok()
    }
}

impl Action for OldRequest {
    type Output = RequestId;

    fn run(self, client: Client) -> BoxFuture<'static, Result<RequestId, Error>> {
        Box::pin(async move {
            let deadline = client.deadline();
            let body = self.body();
            let body = body.map_err(|error| error.during(self.route().operation()))?;
            let trace = match self.workload_id() {
                Some(id) => Trace::Workload {
                    id,
                    before: of_workload(id, &client, deadline).await?,
                },
                None => Trace::Nothing,
            };
            Post(body).send_once(&client, &trace, deadline).await
        })
    }
}

impl Endpoint for OldRequest {
    type Answer = RequestId;

    fn route(&self) -> &'static Route {
        &route::SUBMIT
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        self.route().draft(client)?.written(self.body()?)
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<RequestId, Error> {
        request_id(response)
    }
}
