//! Submits a workflow that builds another.

use idds_workflow::Workflow;

use super::{Requests, Submit};

impl Requests {
    /// Submits a workflow that prepares another one, which follows with [`update_build`](Self::update_build).
    ///
    /// As with Python, the request is named after the primary input of the workflow, if it has works. The server runs the build,
    /// and then the workflow that follows. It makes one request, or ends with an error that says what is known, as every
    /// [`Submit`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Submit`], and [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for servers before 1.3.
    pub fn submit_build(&self, workflow: &Workflow) -> Submit {
        Submit::of(&self.client, workflow, true)
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, ServerVersion, Work};
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
