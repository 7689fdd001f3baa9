//! Why a search could not go on.

use std::fmt;

use idds_client::Error as ClientError;
use idds_workflow::{Error as SpaceError, RequestId, printable};

use crate::{Failure, JournalError, Obstacle, SearchResult, TrialRecord};

/// Why a search could not go on, or what it did not find: what the client, the journal or the evaluation says is its
/// [source](std::error::Error::source).
pub struct Error {
    request: RequestId,
    result: Option<Box<SearchResult>>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Client(ClientError),
    Journal(JournalError),
    Evaluation(Failure),
    Space(SpaceError),
    /// The server ended the request as Failed, with this sentence.
    Failed(Option<String>),
    /// No loss was measured, and this is why the last evaluation failed.
    NothingMeasured(Option<String>),
}

impl Error {
    fn new(request: RequestId, source: Source) -> Self {
        Self {
            request,
            result: None,
            source,
        }
    }

    /// Adds what is known of the search.
    pub(crate) fn of(mut self, result: SearchResult) -> Self {
        self.result = Some(Box::new(result));
        self
    }

    pub(crate) fn obstacle(request: RequestId, obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::Server(error) => Self::client(request, error),
            Obstacle::Evaluation(failure) => Self::evaluation(request, failure),
        }
    }

    pub(crate) fn client(request: RequestId, source: ClientError) -> Self {
        Self::new(request, Source::Client(source))
    }

    pub(crate) fn journal(request: RequestId, source: JournalError) -> Self {
        Self::new(request, Source::Journal(source))
    }

    pub(crate) fn evaluation(request: RequestId, source: Failure) -> Self {
        Self::new(request, Source::Evaluation(source))
    }

    pub(crate) fn space(request: RequestId, source: SpaceError) -> Self {
        Self::new(request, Source::Space(source))
    }

    pub(crate) fn failed(request: RequestId, sentence: Option<String>) -> Self {
        Self::new(request, Source::Failed(sentence))
    }

    pub(crate) fn nothing_measured(result: &SearchResult) -> Self {
        let failure = result.trials.iter().rev().find_map(TrialRecord::failure);
        let source = Source::NothingMeasured(failure.map(str::to_owned));
        Self::new(result.request, source).of(result.clone())
    }

    /// Returns the trials so far, with the losses that could not be reported.
    pub fn trials(&self) -> &[TrialRecord] {
        self.result
            .as_ref()
            .map_or(&[], |result| result.trials.as_slice())
    }

    /// Tells whether the server ended the request as Failed.
    pub fn is_failed(&self) -> bool {
        matches!(self.source, Source::Failed(_))
    }

    /// Returns all that is known of the search; none when it could not begin.
    pub fn into_result(self) -> Option<SearchResult> {
        self.result.map(|result| *result)
    }

    /// Returns the error of the client, when the server was the problem.
    pub fn client_error(&self) -> Option<&ClientError> {
        match &self.source {
            Source::Client(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the error of the journal, when the journal was the problem.
    pub fn journal_error(&self) -> Option<&JournalError> {
        match &self.source {
            Source::Journal(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the failure of an evaluation: the trouble that it met, or the first failure when no evaluation worked.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.source {
            Source::Evaluation(failure) => Some(failure),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (request, trials) = (self.request, self.trials());
        match &self.source {
            Source::Failed(Some(sentence)) => {
                return write!(
                    f,
                    "the server ended the search of request {request} as Failed: {}",
                    printable(sentence)
                );
            }
            Source::Failed(None) => {
                return write!(
                    f,
                    "the server ended the search of request {request} as Failed, and does not say why; `idds request logs {request}` may"
                );
            }
            Source::NothingMeasured(failure) => {
                write!(
                    f,
                    "no point of request {request} has a measured loss, of {}",
                    trials.len()
                )?;
                return match failure {
                    Some(failure) => {
                        write!(f, "; the last evaluation failed: {}", printable(failure))
                    }
                    None => Ok(()),
                };
            }
            Source::Space(_) => {
                return write!(
                    f,
                    "the space of the points of request {request} makes no sense"
                );
            }
            Source::Client(_) | Source::Journal(_) | Source::Evaluation(_) => {}
        }
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

/// Says what a person needs, as `main` shows an error in this way: what happened and why, not the trials.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = std::error::Error::source(self);
        while let Some(this) = cause {
            write!(f, ": {this}")?;
            cause = this.source();
        }
        Ok(())
    }
}

// By hand, so that what the client says is the source itself, which callers look for by its type.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match &self.source {
            Source::Client(error) => error,
            Source::Journal(error) => error,
            Source::Evaluation(failure) => failure,
            Source::Space(error) => error,
            Source::Failed(_) | Source::NothingMeasured(_) => return None,
        })
    }
}

fn evaluated(trials: &[TrialRecord]) -> usize {
    trials.iter().filter(|trial| trial.loss.is_some()).count()
}
