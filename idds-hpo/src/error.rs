//! Why a search could not go on.

use std::fmt;

use idds_client::Error as ClientError;
use idds_workflow::RequestId;

use crate::{Failure, JournalError, Obstacle, TrialRecord};

/// Why a search could not go on: what the client, the journal or the evaluation says is its
/// [source](std::error::Error::source).
#[derive(Debug)]
pub struct Error {
    request: RequestId,
    trials: Vec<TrialRecord>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Client(ClientError),
    Journal(JournalError),
    Evaluation(Failure),
}

impl Error {
    pub(crate) fn obstacle(
        request: RequestId,
        trials: Vec<TrialRecord>,
        obstacle: Obstacle,
    ) -> Self {
        let source = match obstacle {
            Obstacle::Server(error) => Source::Client(error),
            Obstacle::Evaluation(failure) => Source::Evaluation(failure),
        };
        Self {
            request,
            trials,
            source,
        }
    }

    pub(crate) fn client(
        request: RequestId,
        trials: Vec<TrialRecord>,
        source: ClientError,
    ) -> Self {
        Self {
            request,
            trials,
            source: Source::Client(source),
        }
    }

    pub(crate) fn journal(
        request: RequestId,
        trials: Vec<TrialRecord>,
        source: JournalError,
    ) -> Self {
        Self {
            request,
            trials,
            source: Source::Journal(source),
        }
    }

    /// Returns the trials so far, with the losses that could not be reported.
    pub fn trials(&self) -> &[TrialRecord] {
        &self.trials
    }

    /// Returns what the client says, when it is the server that is the trouble.
    pub fn client_error(&self) -> Option<&ClientError> {
        match &self.source {
            Source::Client(error) => Some(error),
            Source::Journal(_) | Source::Evaluation(_) => None,
        }
    }

    /// Returns what the journal says, when it is the journal that is the trouble.
    pub fn journal_error(&self) -> Option<&JournalError> {
        match &self.source {
            Source::Journal(error) => Some(error),
            Source::Client(_) | Source::Evaluation(_) => None,
        }
    }

    /// Returns what the evaluation says: the trouble that it met, or the first failure when nothing worked.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.source {
            Source::Evaluation(failure) => Some(failure),
            Source::Client(_) | Source::Journal(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            request, trials, ..
        } = self;
        if trials.is_empty() {
            return write!(f, "the search of request {request} could not begin");
        }
        let evaluated = evaluated(trials);
        write!(
            f,
            "the search of request {request} stopped with {evaluated} of its {} points evaluated",
            trials.len()
        )
    }
}

// By hand, so that what the client says is the source itself, which callers look for by its type.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match &self.source {
            Source::Client(error) => error,
            Source::Journal(error) => error,
            Source::Evaluation(failure) => failure,
        })
    }
}

fn evaluated(trials: &[TrialRecord]) -> usize {
    trials.iter().filter(|trial| trial.loss.is_some()).count()
}
