//! Tasks of prompt processing.

mod change;
mod create;

use idds_workflow::RequestId;

pub use self::change::{AdjustWorkflowTask, CloseWorkflowTask};
pub use self::create::{CreateWorkflowTask, CreatedWorkflowTask, WorkflowTaskIds};
use crate::{Client, TransformId};

/// The calls about tasks of prompt processing.
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
        CreateWorkflowTask::new(self.client.clone(), scope.into(), name.into())
    }

    /// Changes what the workers of a task may use.
    pub fn adjust(&self, request: RequestId, transform: TransformId) -> AdjustWorkflowTask {
        AdjustWorkflowTask::new(self.client.clone(), request, transform)
    }

    /// Ends the processings of a request.
    pub fn close(&self, request: RequestId) -> CloseWorkflowTask {
        CloseWorkflowTask::new(self.client.clone(), request)
    }
}
