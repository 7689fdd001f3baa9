//! Requests: submissions of workflows and what became of them.

mod get;
mod info;
mod submit;

use idds_workflow::Workflow;
use idds_workflow::wire::LegacyRequest;

pub use self::get::{Detail, GetRequests};
pub use self::info::RequestInfo;
pub use self::submit::{Submit, SubmitLegacy};
use crate::{Client, Target};

/// The calls about requests.
#[derive(Clone, Debug)]
pub struct Requests {
    client: Client,
}

impl Requests {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Submits a workflow, which makes one new request, or an error that says so.
    pub fn submit(&self, workflow: &Workflow) -> Submit {
        Submit::new(self.client.clone(), workflow.clone())
    }

    /// Submits a request without a workflow, as PanDA's JEDI does. A 2.6.21 server accepts it, and then it fails there.
    pub fn submit_legacy(&self, request: &LegacyRequest<'_>) -> SubmitLegacy {
        SubmitLegacy::new(self.client.clone(), request)
    }

    /// Asks for requests, by request id, workload id, or both.
    pub fn get(&self, target: impl Into<Target>) -> GetRequests {
        GetRequests::new(self.client.clone(), target.into())
    }
}
