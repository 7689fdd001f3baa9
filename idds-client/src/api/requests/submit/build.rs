//! Submits a workflow that builds another.

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::wire::{Remedies, Submission};
use idds_workflow::{RequestId, Stamp, Workflow};
use jiff::Timestamp;

use super::body;
use super::post::{Post, request_id};
use super::trace::Trace;
use crate::endpoint::with_json;
use crate::server::Operation;
use crate::{BoxFuture, Client, Endpoint, Error};

/// Submits a workflow that prepares another one, and answers the id of its request.
///
/// As with Python, the request is named after the primary input of the workflow, if it has works. The server runs the build,
/// and then the workflow that [`UpdateBuild`](crate::UpdateBuild) brings. It makes one request, or ends with an error that
/// says what is known, as [`Submit`](crate::Submit) does.
///
/// # Errors
///
/// Those of [`Submit`](crate::Submit), and [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for servers before 1.3.
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
        Self {
            client,
            workflow,
            stamp,
            remedies: Remedies::default(),
        }
    }

    /// Sets whether attributes are added without which this server cannot run some works; they are unless set.
    pub fn remedies(mut self, remedies: Remedies) -> Self {
        self.remedies = remedies;
        self
    }

    /// Sets where ids, time and generated names come from: the clock and the system's randomness unless set.
    ///
    /// Two submissions with one stamp cannot be told apart when the answer to one is lost.
    pub fn stamp(mut self, stamp: Stamp) -> Self {
        self.stamp = stamp;
        self
    }

    fn submission(&self) -> Submission<'_> {
        Submission::new(&self.workflow, &self.stamp)
            .remedies(self.remedies)
            .as_build()
            .use_dataset_name()
    }

    fn body(&self) -> Result<Bytes, Error> {
        Operation::SubmitBuild.check(self.client.server_version())?;
        body(&self.submission())
    }

    async fn run(self) -> Result<RequestId, Error> {
        let deadline = self.client.deadline();
        let body = self.body().map_err(|error| error.during(Post::OPERATION))?;
        let trace = Trace::of(&self.submission(), &self.workflow);
        Post(body).send_once(&self.client, &trace, deadline).await
    }
}

impl IntoFuture for SubmitBuild {
    type Output = Result<RequestId, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl Endpoint for SubmitBuild {
    type Answer = RequestId;

    const OPERATION: &'static str = Post::OPERATION;

    fn request(&self) -> Result<Request<Bytes>, Error> {
        with_json(Method::POST, "/request", self.body()?)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<RequestId, Error> {
        request_id(&response)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{ServerVersion, Work};
    use serde_json::Value;

    use super::*;
    use crate::ErrorKind;
    use crate::transport::recorded::{client, read};

    fn workflow() -> Workflow {
        let build = Work::builder("build.sh").build().expect("a work");
        let work = Work::builder("run.sh").build().expect("a work");
        Workflow::builder()
            .name("demo")
            .build_with(build)
            .work(work)
            .build()
            .expect("a workflow")
    }

    #[test]
    fn the_build_goes_first_and_alone() {
        let call = client().requests().submit_build(&workflow());
        let request = call.request().expect("a request");
        assert_eq!(
            (request.method().as_str(), request.uri().path()),
            ("POST", "/request")
        );
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(
            body["request_metadata"]["build_workflow"]["class"],
            "Workflow"
        );
        assert!(body["request_metadata"].get("workflow").is_none());
        assert_eq!(
            read(&call, r#"{"request_id": 5}"#).expect("an answer"),
            RequestId::new(5)
        );
    }

    #[test]
    fn servers_without_builds_are_not_asked() {
        let old = client()
            .for_server(ServerVersion::new(0, 11, 15))
            .requests();
        assert_eq!(
            old.submit_build(&workflow())
                .request()
                .expect_err("old")
                .kind(),
            ErrorKind::Unsupported
        );
    }
}
