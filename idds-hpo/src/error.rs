//! Why a search could not go on.

use idds_client::Error as ClientError;
use idds_workflow::RequestId;

use crate::{JournalError, TrialRecord};

/// Why a search could not go on: what the client or the journal says is its [source](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[error("the search of request {request} stopped with {} of its {} points evaluated", evaluated(.trials), .trials.len())]
pub struct Error {
    request: RequestId,
    trials: Vec<TrialRecord>,
    source: Source,
}

#[derive(Debug, thiserror::Error)]
enum Source {
    #[error(transparent)]
    Client(ClientError),
    #[error(transparent)]
    Journal(JournalError),
}

impl Error {
    pub(crate) fn client(request: RequestId, trials: Vec<TrialRecord>, source: ClientError) -> Self {
        Self { request, trials, source: Source::Client(source) }
    }

    pub(crate) fn journal(request: RequestId, trials: Vec<TrialRecord>, source: JournalError) -> Self {
        Self { request, trials, source: Source::Journal(source) }
    }

    /// Returns the trials so far, with the losses that could not be reported.
    pub fn trials(&self) -> &[TrialRecord] {
        &self.trials
    }

    /// Returns what the client says, when it is the server that is the trouble.
    pub fn client_error(&self) -> Option<&ClientError> {
        match &self.source {
            Source::Client(error) => Some(error),
            Source::Journal(_) => None,
        }
    }

    /// Returns what the journal says, when it is the journal that is the trouble.
    pub fn journal_error(&self) -> Option<&JournalError> {
        match &self.source {
            Source::Journal(error) => Some(error),
            Source::Client(_) => None,
        }
    }
}

fn evaluated(trials: &[TrialRecord]) -> usize {
    trials.iter().filter(|trial| trial.loss.is_some()).count()
}
