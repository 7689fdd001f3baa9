//! Tasks of prompt processing.

mod change;
mod create;

use idds_workflow::RequestId;

pub use self::change::{AdjustWorkflowTask, CloseWorkflowTask};
pub use self::create::{CreateWorkflowTask, CreatedWorkflowTask, WorkflowTaskIds};
use crate::{Client, TransformId};

/// The calls about tasks of prompt processing.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::{Client, CreatedWorkflowTask};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new(
/// #         "POST",
/// #         "/idds/workflow_task",
/// #         200,
/// #         r#"{"status": 0, "request_id": 7, "transform_id": 9, "processing_id": 11, "input_coll_id": 1,
/// #         "output_coll_id": 2, "workload_id": 300}"#,
/// #     ),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// match client.workflow_tasks().create("EIC", "run 20260101").core_count(4).await? {
///     CreatedWorkflowTask::Known(ids) => println!("request {}, task {:?} of PanDA", ids.request_id, ids.workload_id),
///     // A 2.6.21 server makes it, and fails while it says so.
///     _ => println!("it is made"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct WorkflowTasks {
    client: Client,
}

impl WorkflowTasks {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Makes a task with this scope and name, and submits it to PanDA.
    pub fn create(&self, scope: impl Into<String>, name: impl Into<String>) -> CreateWorkflowTask {
        CreateWorkflowTask::new(&self.client, scope.into(), name.into())
    }

    /// Changes what the workers of a task may use.
    pub fn adjust(&self, request: RequestId, transform: TransformId) -> AdjustWorkflowTask {
        AdjustWorkflowTask::new(&self.client, request, transform)
    }

    /// Ends the processings of a request.
    pub fn close(&self, request: RequestId) -> CloseWorkflowTask {
        CloseWorkflowTask::new(&self.client, request)
    }
}
