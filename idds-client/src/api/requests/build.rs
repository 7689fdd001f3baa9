//! Submits a workflow that builds another, and then that one.

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::wire::{Encoded, Remedies, Submission};
use idds_workflow::{RequestId, Stamp, Workflow};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::endpoint::{awaitable, decode, refusal, with_value};
use crate::server::Operation;
use crate::{Client, Endpoint, Error, ErrorKind};

/// Submits a workflow that prepares another one, and answers the id of its request.
///
/// As with Python, the request is named after the primary input of the workflow, if it has works. The server runs the build,
/// and then the workflow that [`UpdateBuild`] brings. Sending it twice makes two requests.
///
/// # Errors
///
/// [`ErrorKind::Refused`] when the server does not take the workflow, [`ErrorKind::Unsupported`] for servers before 1.3.
/// After [`ErrorKind::Timeout`] or [`ErrorKind::Interrupted`] the request may exist or not.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct SubmitBuild {
    client: Client,
    workflow: Workflow,
    stamp: Stamp,
    remedies: Remedies,
}

impl SubmitBuild {
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

awaitable!(SubmitBuild);

impl Endpoint for SubmitBuild {
    type Answer = RequestId;

    const OPERATION: &'static str = "submit build";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        Operation::SubmitBuild.check(self.client.server_version())?;
        let submission =
            Submission::new(&self.workflow, &self.stamp).remedies(self.remedies).as_build().use_dataset_name();
        with_value(Method::POST, "/request", &submission)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<RequestId, Error> {
        #[derive(Deserialize)]
        struct Submitted {
            request_id: RequestId,
        }

        decode(&response).map(|Submitted { request_id }| request_id)
    }
}

/// Hands in the workflow of a request that was submitted as a build, which the server then runs.
///
/// It is for the program of the build, which finds its signature in the variable `IDDS_BUIL_SIGNATURE`.
///
/// # Errors
///
/// [`ErrorKind::NotFound`] when the server does not know the request, [`ErrorKind::Refused`] when it is no build, has its
/// workflow already, or has another signature. [`ErrorKind::Unsupported`] for servers before 1.3.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct UpdateBuild {
    client: Client,
    request: RequestId,
    signature: String,
    workflow: Workflow,
    stamp: Stamp,
    remedies: Remedies,
}

impl UpdateBuild {
    pub(crate) fn new(client: Client, request: RequestId, signature: String, workflow: Workflow) -> Self {
        let stamp = Stamp::new(Timestamp::now(), rand::random());
        Self { client, request, signature, workflow, stamp, remedies: Remedies::default() }
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

awaitable!(UpdateBuild);

impl Endpoint for UpdateBuild {
    type Answer = ();

    const OPERATION: &'static str = "update build";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            signature: &'a str,
            workflow: Encoded<'a>,
        }

        Operation::UpdateBuild.check(self.client.server_version())?;
        let workflow = Encoded::new(&self.workflow, &self.stamp).remedies(self.remedies);
        let body = Body { signature: &self.signature, workflow };
        with_value(Method::POST, &format!("/request/build/{}", self.request), &body)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<(), Error> {
        let Some(refusal) = refusal(&response) else { return Ok(()) };
        match &refusal.message {
            message if message.ends_with(" is not found") => {
                Err(Error::new(ErrorKind::NotFound, format!("the server does not know request {}", self.request)))
            }
            message if message == "'build_workflow'" => {
                Err(Error::new(ErrorKind::Refused, format!("request {} was not submitted as a build", self.request)))
            }
            _ => Err(refusal.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{ServerVersion, Work};
    use serde_json::Value;

    use super::*;
    use crate::transport::recorded::{client, read, replay};

    fn workflow() -> Workflow {
        let build = Work::builder("build.sh").build().expect("a work");
        let work = Work::builder("run.sh").build().expect("a work");
        Workflow::builder().name("demo").build_with(build).work(work).build().expect("a workflow")
    }

    fn update(id: u64) -> UpdateBuild {
        client().requests().update_build(RequestId::new(id), "signature", &workflow())
    }

    #[test]
    fn the_build_goes_first_and_alone() {
        let call = client().requests().submit_build(&workflow());
        let request = call.request().expect("a request");
        assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/request"));
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(body["request_metadata"]["build_workflow"]["class"], "Workflow");
        assert!(body["request_metadata"].get("workflow").is_none());
        assert_eq!(read(&call, r#"{"request_id": 5}"#).expect("an answer"), RequestId::new(5));
    }

    #[test]
    fn the_workflow_follows_with_the_signature() {
        let request = update(7).request().expect("a request");
        assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/request/build/7"));
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!((&body["signature"], &body["workflow"]["class"]), (&"signature".into(), &"Workflow".into()));
        assert!(read(&update(7), r#"{"request_id": "7"}"#).is_ok());
        let wrapped = r#"{"data": null, "error": {"ExceptionMessage": "no"}, "status": 500}"#;
        assert_eq!(read(&update(7), wrapped).expect_err("refused").kind(), ErrorKind::Refused);
    }

    #[test]
    fn what_is_no_build_is_told_from_what_is_not_there() {
        let error = replay(&update(99_999_999), "build_unknown").expect_err("unknown");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let error = replay(&update(1), "build_not_a_build").expect_err("no build");
        assert_eq!(error.to_string(), "request 1 was not submitted as a build");
        assert_eq!(replay(&update(1), "build_empty").expect_err("refused").kind(), ErrorKind::Refused);
    }

    #[test]
    fn servers_without_builds_are_not_asked() {
        let old = client().for_server(ServerVersion::new(0, 11, 15)).requests();
        assert_eq!(old.submit_build(&workflow()).request().expect_err("old").kind(), ErrorKind::Unsupported);
        let update = old.update_build(RequestId::new(1), "x", &workflow());
        assert_eq!(update.request().expect_err("old").kind(), ErrorKind::Unsupported);
    }
}
