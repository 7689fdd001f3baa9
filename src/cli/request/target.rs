//! Which requests a command is about.

use anyhow::Result;
use clap::Args;
use idds::client;
use idds::workflow::{RequestId, WorkloadId};

use crate::cli::Exit;

/// Which requests a command is about.
#[derive(Args, Clone, Copy, Debug)]
#[command(rename_all = "snake_case")]
pub struct Target {
    /// Id of the request
    #[arg(value_name = "REQUEST")]
    request: Option<RequestId>,

    /// Id of the workload: every request with it, or REQUEST only if it has it
    #[arg(long, value_name = "ID")]
    workload_id: Option<WorkloadId>,
}

impl Target {
    /// Names requests.
    pub fn new(request: Option<RequestId>, workload_id: Option<WorkloadId>) -> Self {
        Self { request, workload_id }
    }

    /// Returns the target, which must be named.
    pub fn required(self) -> Result<client::Target> {
        match (self.request, self.workload_id) {
            (Some(request), Some(workload)) => Ok((request, workload).into()),
            (Some(request), None) => Ok(request.into()),
            (None, Some(workload)) => Ok(workload.into()),
            (None, None) => Err(Exit::Usage.because("no request is named; give its id, or that of its workload")),
        }
    }
}
