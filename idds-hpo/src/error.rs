//! Why a search could not go on.

use idds_client::Error as ClientError;
use idds_workflow::RequestId;

use crate::TrialRecord;

/// Why a search could not go on: what the client says is its [source](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[error("the search of request {request} stopped with {} of its {} points evaluated", evaluated(.trials), .trials.len())]
pub struct Error {
    request: RequestId,
    trials: Vec<TrialRecord>,
    source: ClientError,
}

impl Error {
    pub(crate) fn new(request: RequestId, trials: Vec<TrialRecord>, source: ClientError) -> Self {
        Self { request, trials, source }
    }

    /// Returns the trials so far, with the losses that could not be reported.
    pub fn trials(&self) -> &[TrialRecord] {
        &self.trials
    }

    /// Returns what the client says.
    pub fn client_error(&self) -> &ClientError {
        &self.source
    }
}

fn evaluated(trials: &[TrialRecord]) -> usize {
    trials.iter().filter(|trial| trial.loss.is_some()).count()
}
