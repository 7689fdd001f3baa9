//! Which requests a command is about.

use anyhow::Result;
use clap::Args;
use idds::client::{self, Client};
use idds::workflow::{RequestId, WorkloadId};

use crate::cli::Exit;

/// Which requests a command is about.
#[derive(Args, Clone, Copy, Debug)]
#[command(rename_all = "snake_case")]
pub struct Target {
    /// Id of the request
    #[arg(value_name = "REQUEST", value_parser = request_id)]
    request: Option<RequestId>,

    /// Id of the workload: selects all its requests, or REQUEST if it belongs to the workload
    #[arg(long, value_name = "ID")]
    workload_id: Option<WorkloadId>,
}

/// Reads the id of a request.
pub fn request_id(text: &str) -> Result<RequestId, String> {
    text.parse()
        .map_err(|_| "the id of a request is a number, such as 94".to_owned())
}

/// Makes sure that the server knows a request, where it says the same of one that it does not know and of one without points.
pub async fn known(client: &Client, target: client::Target) -> Result<()> {
    if client.requests().get(target).await?.is_empty() {
        Err(unknown(target))
    } else {
        Ok(())
    }
}

/// Makes the error that says that the server does not know a request.
pub fn unknown(target: client::Target) -> anyhow::Error {
    Exit::NotFound.because(format!(
        "the server does not know {target}; `idds request list` shows all requests"
    ))
}

impl Target {
    /// Names requests.
    pub fn new(request: Option<RequestId>, workload_id: Option<WorkloadId>) -> Self {
        Self {
            request,
            workload_id,
        }
    }

    /// Returns the target, which must be named.
    pub fn required(self) -> Result<client::Target> {
        match (self.request, self.workload_id) {
            (Some(request), Some(workload)) => Ok((request, workload).into()),
            (Some(request), None) => Ok(request.into()),
            (None, Some(workload)) => Ok(workload.into()),
            (None, None) => {
                Err(Exit::Usage
                    .because("no request is given; give its id, or the id of its workload"))
            }
        }
    }
}
