//! Requests: submissions of workflows and what became of them.

mod get;
mod info;
mod submit;

use idds_workflow::Workflow;

pub use self::get::{Detail, GetRequests};
pub use self::info::RequestInfo;
pub use self::submit::Submit;
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

    /// Submits a workflow, which makes a new request.
    ///
    /// Ids, time and generated names are drawn here, so that sending the call twice sends the same bytes; it makes two
    /// requests on the server all the same.
    pub fn submit(&self, workflow: &Workflow) -> Submit {
        Submit::new(self.client.clone(), workflow.clone())
    }

    /// Asks for requests, by request id, workload id, or both.
    pub fn get(&self, target: impl Into<Target>) -> GetRequests {
        GetRequests::new(self.client.clone(), target.into())
    }
}
