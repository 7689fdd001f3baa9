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

    /// Id of the request, like REQUEST
    #[arg(long, value_name = "ID", conflicts_with = "request")]
    request_id: Option<RequestId>,

    /// Id of the workload: every request with it, or with REQUEST only if it has it
    #[arg(long, value_name = "ID")]
    workload_id: Option<WorkloadId>,
}

impl Target {
    /// Returns the target, if one is named.
    pub fn named(self) -> Option<client::Target> {
        match (self.request.or(self.request_id), self.workload_id) {
            (Some(request), Some(workload)) => Some((request, workload).into()),
            (Some(request), None) => Some(request.into()),
            (None, Some(workload)) => Some(workload.into()),
            (None, None) => None,
        }
    }

    /// Returns the target, which must be named.
    pub fn required(self) -> Result<client::Target> {
        self.named().ok_or_else(|| Exit::Usage.because("no request is named; give its id, or --workload_id"))
    }
}
