//! Adds a transform.

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::wire::Member;
use idds_workflow::{RequestId, TransformStatus, TransformType, WorkloadId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::{Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Call, Client, Error, Secret, TransformId};

/// Adds a transform to a request that is a Python function workflow (`iWorkflow`), and answers its number.
///
/// The server takes it only for such requests, and only with the token of their workflow.
///
/// # Errors
///
/// [`ErrorKind::Refused`](crate::ErrorKind::Refused) for a request of another type or an unknown one, and for a wrong token;
/// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) for the request of another user. After
/// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) or [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted) the transform
/// may exist or not.
pub type AddTransform = Call<TransformId, NewTransform>;

/// The definition of a new transform.
#[derive(Clone, Debug)]
pub struct NewTransform {
    request: RequestId,
    token: Secret,
    kind: TransformType,
    tag: String,
    name: Option<String>,
    workload: Option<WorkloadId>,
    priority: i64,
    internal_id: Option<String>,
    parent_internal_id: Option<String>,
    metadata: Map<String, Value>,
}

impl AddTransform {
    pub(super) fn new(
        client: &Client,
        request: RequestId,
        token: Secret,
        kind: TransformType,
    ) -> Self {
        let settings = NewTransform {
            request,
            token,
            kind,
            tag: "work".to_owned(),
            name: None,
            workload: None,
            priority: 0,
            internal_id: None,
            parent_internal_id: None,
            metadata: Map::new(),
        };
        Self::with(client, settings)
    }

    /// Sets the tag; `work` by default.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.settings.tag = tag.into();
        self
    }

    /// Sets the name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// Sets the id of its task in the workload system.
    pub fn workload(mut self, id: WorkloadId) -> Self {
        self.settings.workload = Some(id);
        self
    }

    /// Sets the priority; 0 by default, more is sooner.
    pub fn priority(mut self, priority: i64) -> Self {
        self.settings.priority = priority;
        self
    }

    /// Sets the internal id of its work.
    pub fn internal_id(mut self, id: impl Into<String>) -> Self {
        self.settings.internal_id = Some(id.into());
        self
    }

    /// Sets the internal id of the work that it is a part of.
    pub fn parent_internal_id(mut self, id: impl Into<String>) -> Self {
        self.settings.parent_internal_id = Some(id.into());
        self
    }

    /// Sets what the agents find out about it: `{"version", "work"}`, the work as an object of its Python class.
    pub fn metadata(mut self, metadata: Map<String, Value>) -> Self {
        self.settings.metadata = metadata;
        self
    }
}

impl Single for NewTransform {}

impl Endpoint for NewTransform {
    type Answer = TransformId;

    fn route(&self) -> &'static Route {
        &route::ADD_TRANSFORM
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            workload_id: Option<WorkloadId>,
            transform_type: Member<TransformType>,
            transform_tag: &'a str,
            priority: i64,
            retries: u8,
            internal_id: Option<&'a str>,
            parent_internal_id: Option<&'a str>,
            parent_transform_id: Option<TransformId>,
            previous_transform_id: Option<TransformId>,
            name: Option<&'a str>,
            token: &'a str,
            status: Member<TransformStatus>,
            transform_metadata: &'a Map<String, Value>,
        }

        let body = Body {
            workload_id: self.workload,
            transform_type: Member(self.kind),
            transform_tag: &self.tag,
            priority: self.priority,
            retries: 0,
            internal_id: self.internal_id.as_deref(),
            parent_internal_id: self.parent_internal_id.as_deref(),
            parent_transform_id: None,
            previous_transform_id: None,
            name: self.name.as_deref(),
            token: self.token.expose(),
            status: Member(TransformStatus::New),
            transform_metadata: &self.metadata,
        };
        let draft = self.route().draft(client)?;
        draft.set("request_id", self.request).json(&body)
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<TransformId, Error> {
        #[derive(Deserialize)]
        struct Added {
            transform_id: TransformId,
        }

        decode(response).map(|Added { transform_id }| transform_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::transport::recorded::{client, read, replay};

    fn call() -> AddTransform {
        client()
            .transforms()
            .add(RequestId::new(1), "hunter2", TransformType::IWork)
    }

    #[test]
    fn the_body_is_that_of_the_python_client() {
        let call = call()
            .tag("t")
            .name("n")
            .workload(WorkloadId::new(7))
            .priority(5)
            .internal_id("abcd1234");
        let request = call.request().expect("a request");
        let body: Value = serde_json::from_slice(request.body()).expect("JSON");
        // ClientManager.submit_work of 2.6.21 names these and no others.
        let names = "workload_id transform_type transform_tag priority retries internal_id parent_internal_id \
                     parent_transform_id previous_transform_id name token status transform_metadata";
        let names: Vec<&str> = names.split_whitespace().collect();
        assert_eq!(
            body.as_object()
                .map(|body| body.keys().map(String::as_str).collect()),
            Some(names)
        );
        assert_eq!(body["transform_type"]["attributes"]["_name_"], "iWork");
        assert_eq!(body["status"]["class"], "TransformStatus");
    }

    #[test]
    fn the_token_does_not_show() {
        assert!(!format!("{:?}", call()).contains("hunter2"));
    }

    #[test]
    fn the_answer_is_the_number_of_the_transform() {
        assert_eq!(
            read(&call(), r#"{"transform_id": 5}"#).expect("an answer"),
            TransformId::new(5)
        );
        let error = replay(&call(), "add_transform").expect_err("a workflow of another type");
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(
            error
                .to_string()
                .ends_with("Request type RequestType.Workflow doesn't support this operations")
        );
    }
}
