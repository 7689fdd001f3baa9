//! Hands in the workflow of a build.

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::wire::{Encoded, Remedies};
use idds_workflow::{RequestId, Stamp, Workflow};
use jiff::Timestamp;
use serde::Serialize;

use super::Requests;
use crate::call::{Endpoint, Single};
use crate::endpoint::refusal;
use crate::route::{self, Route};
use crate::{Call, Client, Error, ErrorKind};

/// Hands in the workflow of a request that was submitted as a build, which the server then runs.
///
/// It is for the program of the build, which finds its signature in the variable `IDDS_BUIL_SIGNATURE`.
///
/// # Errors
///
/// [`ErrorKind::NotFound`] when the server does not know the request, [`ErrorKind::Refused`] when it is no build, has its
/// workflow already, or has another signature. [`ErrorKind::Unsupported`] for servers before 1.3.
pub type UpdateBuild = Call<(), BuildUpdate>;

/// The workflow that follows a build.
#[derive(Clone, Debug)]
pub struct BuildUpdate {
    request: RequestId,
    signature: String,
    workflow: Workflow,
    stamp: Stamp,
    remedies: Remedies,
}

impl Requests {
    /// Hands in the workflow of a request that was submitted as a build; `signature` is the one of its first work.
    pub fn update_build(
        &self,
        request: RequestId,
        signature: impl Into<String>,
        workflow: &Workflow,
    ) -> UpdateBuild {
        let update = BuildUpdate {
            request,
            signature: signature.into(),
            workflow: workflow.clone(),
            stamp: Stamp::new(Timestamp::now(), rand::random()),
            remedies: Remedies::default(),
        };
        Call::with(&self.client, update)
    }
}

impl UpdateBuild {
    /// Sets whether attributes are added without which this server cannot run some works; they are by default.
    pub fn remedies(mut self, remedies: Remedies) -> Self {
        self.settings.remedies = remedies;
        self
    }

    /// Sets where ids, time and generated names come from: the clock and the system's randomness by default.
    pub fn stamp(mut self, stamp: Stamp) -> Self {
        self.settings.stamp = stamp;
        self
    }
}

impl Single for BuildUpdate {}

impl Endpoint for BuildUpdate {
    type Answer = ();

    fn route(&self) -> &'static Route {
        &route::UPDATE_BUILD
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            signature: &'a str,
            workflow: Encoded<'a>,
        }

        let draft = self.route().draft(client)?;
        let workflow = Encoded::new(&self.workflow, &self.stamp).remedies(self.remedies);
        let body = Body {
            signature: &self.signature,
            workflow,
        };
        draft.set("request_id", self.request).json(&body)
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<(), Error> {
        let Some(refusal) = refusal(response) else {
            return Ok(());
        };
        match &refusal.message {
            message if message.ends_with(" is not found") => Err(Error::new(
                ErrorKind::NotFound,
                format!("the server does not know request {}", self.request),
            )),
            message if message == "'build_workflow'" => Err(Error::new(
                ErrorKind::Refused,
                format!("request {} was not submitted as a build", self.request),
            )),
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
        Workflow::builder()
            .name("demo")
            .build_with(build)
            .work(work)
            .build()
            .expect("a workflow")
    }

    fn update(id: u64) -> UpdateBuild {
        client()
            .requests()
            .update_build(RequestId::new(id), "signature", &workflow())
    }

    #[test]
    fn the_workflow_follows_with_the_signature() {
        let request = update(7).request().expect("a request");
        assert_eq!(
            (request.method().as_str(), request.uri().path()),
            ("POST", "/request/build/7")
        );
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        assert_eq!(
            (&body["signature"], &body["workflow"]["class"]),
            (&"signature".into(), &"Workflow".into())
        );
        assert!(read(&update(7), r#"{"request_id": "7"}"#).is_ok());
        let wrapped = r#"{"data": null, "error": {"ExceptionMessage": "no"}, "status": 500}"#;
        assert_eq!(
            read(&update(7), wrapped).expect_err("refused").kind(),
            ErrorKind::Refused
        );
    }

    #[test]
    fn what_is_no_build_is_told_from_what_is_not_there() {
        let error = replay(&update(99_999_999), "build_unknown").expect_err("unknown");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let error = replay(&update(1), "build_not_a_build").expect_err("no build");
        assert_eq!(error.to_string(), "request 1 was not submitted as a build");
        assert_eq!(
            replay(&update(1), "build_empty")
                .expect_err("refused")
                .kind(),
            ErrorKind::Refused
        );
    }

    #[test]
    fn servers_without_builds_are_not_asked() {
        let old = client()
            .for_server(ServerVersion::new(0, 11, 15))
            .requests();
        let update = old.update_build(RequestId::new(1), "x", &workflow());
        assert_eq!(
            update.request().expect_err("old").kind(),
            ErrorKind::Unsupported
        );
    }
}
