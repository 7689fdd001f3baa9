//! Changing and closing tasks of prompt processing.

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::{RequestId, WorkloadId};
use serde::{Deserialize, Serialize};

use crate::call::{Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Call, Client, Error, ErrorKind, TransformId};

/// Changes what the workers of a task may use.
///
/// The 2.6.21 server says yes to everything, unknown ids included, and then throws the values away: its `update_transform`
/// deletes the metadata that they stand in.
///
/// # Errors
///
/// Those of every call: [`ErrorKind`] lists them.
pub type AdjustWorkflowTask = Call<(), TaskAdjustment>;

/// A task and the changes to it.
#[derive(Clone, Debug)]
pub struct TaskAdjustment {
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
    pub(super) fn new(client: &Client, request: RequestId, transform: TransformId) -> Self {
        let settings = TaskAdjustment {
            request,
            transform,
            workload: None,
            parameters: Adjustment::default(),
        };
        Self::with(client, settings)
    }

    /// Names the task in the workload system.
    pub fn workload_id(mut self, id: WorkloadId) -> Self {
        self.settings.workload = Some(id);
        self
    }

    /// Sets the cores of each worker.
    pub fn core_count(mut self, cores: u32) -> Self {
        self.settings.parameters.core_count = Some(cores);
        self
    }

    /// Sets the memory of each core, in MB.
    pub fn memory_per_core(mut self, megabytes: f64) -> Self {
        self.settings.parameters.memory_per_core = Some(megabytes);
        self
    }

    /// Sets where it runs.
    pub fn site(mut self, site: impl Into<String>) -> Self {
        self.settings.parameters.site = Some(site.into());
        self
    }
}

impl Single for TaskAdjustment {}

impl Endpoint for TaskAdjustment {
    type Answer = ();

    fn route(&self) -> &'static Route {
        &route::ADJUST_WORKFLOW_TASK
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let draft = self.route().draft(client)?;
        draft
            .set("request_id", self.request)
            .set("transform_id", self.transform)
            .set_some("workload_id", self.workload)
            .json(&Parameters {
                parameters: &self.parameters,
            })
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<(), Error> {
        done(response)
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
pub type CloseWorkflowTask = Call<(), TaskClosing>;

/// The request whose processings are ended, and the filter for them.
#[derive(Clone, Debug)]
pub struct TaskClosing {
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
    pub(super) fn new(client: &Client, request: RequestId) -> Self {
        let settings = TaskClosing {
            request,
            parameters: Closing::default(),
        };
        Self::with(client, settings)
    }

    /// Ends only those of this transform.
    pub fn transform_id(mut self, id: TransformId) -> Self {
        self.settings.parameters.transform_id = Some(id);
        self
    }

    /// Ends only those of this workload.
    pub fn workload_id(mut self, id: WorkloadId) -> Self {
        self.settings.parameters.workload_id = Some(id);
        self
    }
}

impl Single for TaskClosing {}

impl Endpoint for TaskClosing {
    type Answer = ();

    fn route(&self) -> &'static Route {
        &route::CLOSE_WORKFLOW_TASK
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let draft = self.route().draft(client)?;
        draft.set("request_id", self.request).json(&Parameters {
            parameters: &self.parameters,
        })
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<(), Error> {
        done(response)
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

    fn body<S: Endpoint>(call: &Call<(), S>) -> Value {
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
