//! Changes and ends tasks of prompt processing.

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::{RequestId, WorkloadId};
use serde::{Deserialize, Serialize};

use crate::endpoint::{awaitable, decode, with_value};
use crate::id::or_null;
use crate::server::Operation;
use crate::{Client, Endpoint, Error, ErrorKind, TransformId};

/// Changes what the workers of a task may use.
///
/// The 2.6.21 server says yes to everything, unknown ids included, and then throws the values away: its `update_transform`
/// deletes the metadata that they stand in.
///
/// # Errors
///
/// Those of every call: [`ErrorKind`] lists them.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct AdjustWorkflowTask {
    client: Client,
    request: RequestId,
    transform: TransformId,
    workload: Option<WorkloadId>,
    parameters: Adjustment,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Adjustment {
    #[serde(skip_serializing_if = "Option::is_none")]
    core_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_per_core: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
}

#[derive(Serialize)]
struct Parameters<'a, T> {
    parameters: &'a T,
}

impl AdjustWorkflowTask {
    pub(super) fn new(client: Client, request: RequestId, transform: TransformId) -> Self {
        Self {
            client,
            request,
            transform,
            workload: None,
            parameters: Adjustment::default(),
        }
    }

    /// Names the task in the workload system.
    pub fn workload_id(mut self, id: WorkloadId) -> Self {
        self.workload = Some(id);
        self
    }

    /// Sets the cores of each worker.
    pub fn core_count(mut self, cores: u32) -> Self {
        self.parameters.core_count = Some(cores);
        self
    }

    /// Sets the memory of each core, in MB.
    pub fn memory_per_core(mut self, megabytes: f64) -> Self {
        self.parameters.memory_per_core = Some(megabytes);
        self
    }

    /// Sets where it runs.
    pub fn site(mut self, site: impl Into<String>) -> Self {
        self.parameters.site = Some(site.into());
        self
    }
}

awaitable!(AdjustWorkflowTask);

impl Endpoint for AdjustWorkflowTask {
    type Answer = ();

    const OPERATION: &'static str = "adjust workflow task";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        Operation::WorkflowTasks.check(self.client.server_version())?;
        let path = format!(
            "/workflow_task/{}/{}/{}/adjust",
            self.request,
            self.transform,
            or_null(self.workload)
        );
        with_value(
            Method::PUT,
            &path,
            &Parameters {
                parameters: &self.parameters,
            },
        )
    }

    fn answer(&self, response: Response<Bytes>) -> Result<(), Error> {
        done(&response)
    }
}

/// Ends the processings of a request: all, or those of a transform or a workload.
///
/// The server does not look at who asks, nor whether the request is a task of prompt processing, and says yes for an unknown
/// request too.
///
/// # Errors
///
/// Those of every call: [`ErrorKind`] lists them.
#[derive(Clone, Debug)]
#[must_use = "a call is sent when awaited"]
pub struct CloseWorkflowTask {
    client: Client,
    request: RequestId,
    parameters: Closing,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Closing {
    #[serde(skip_serializing_if = "Option::is_none")]
    transform_id: Option<TransformId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workload_id: Option<WorkloadId>,
}

impl CloseWorkflowTask {
    pub(super) fn new(client: Client, request: RequestId) -> Self {
        Self {
            client,
            request,
            parameters: Closing::default(),
        }
    }

    /// Ends only those of this transform.
    pub fn transform_id(mut self, id: TransformId) -> Self {
        self.parameters.transform_id = Some(id);
        self
    }

    /// Ends only those of this workload.
    pub fn workload_id(mut self, id: WorkloadId) -> Self {
        self.parameters.workload_id = Some(id);
        self
    }
}

awaitable!(CloseWorkflowTask);

impl Endpoint for CloseWorkflowTask {
    type Answer = ();

    const OPERATION: &'static str = "close workflow task";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        Operation::WorkflowTasks.check(self.client.server_version())?;
        let path = format!("/workflow_task/{}/close", self.request);
        with_value(
            Method::PUT,
            &path,
            &Parameters {
                parameters: &self.parameters,
            },
        )
    }

    fn answer(&self, response: Response<Bytes>) -> Result<(), Error> {
        done(&response)
    }
}

fn done(response: &Response<Bytes>) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Done {
        status: i64,
        message: String,
    }

    match decode(response)? {
        Done { status: 0, .. } => Ok(()),
        Done { message, .. } => Err(Error::new(
            ErrorKind::Refused,
            format!("the server refused it: {message}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::WorkflowTasks;
    use crate::transport::recorded::{client, read, replay};

    fn tasks() -> WorkflowTasks {
        client().workflow_tasks()
    }

    fn body<E: Endpoint>(call: &E) -> Value {
        serde_json::from_slice(call.request().expect("a request").body()).expect("JSON")
    }

    #[test]
    fn only_what_is_set_is_adjusted() {
        let call = tasks()
            .adjust(RequestId::new(99_999_999), TransformId::new(99_999_999))
            .core_count(2);
        assert_eq!(body(&call), json!({"parameters": {"core_count": 2}}));
        assert!(replay(&call, "workflow_task_adjust_unknown").is_ok());
    }

    #[test]
    fn a_task_is_closed() {
        let call = tasks()
            .close(RequestId::new(23))
            .transform_id(TransformId::new(9));
        assert_eq!(body(&call), json!({"parameters": {"transform_id": 9}}));
        assert!(replay(&call, "workflow_task_close").is_ok());
    }

    #[test]
    fn an_answer_that_is_not_a_success_is_a_refusal() {
        let error = read(
            &tasks().close(RequestId::new(1)),
            r#"{"status": -1, "message": "no"}"#,
        )
        .expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Refused);
    }
}
