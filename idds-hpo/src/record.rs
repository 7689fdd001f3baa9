//! What is known of a search while it runs and when it is over.

use std::time::Duration;

use idds_client::PointId;
use idds_workflow::{RequestId, RequestStatus};
use serde_json::Value;

use crate::Loss;

/// Where a search stands.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// State of the request when the server was last asked.
    pub status: RequestStatus,
    /// Number of points that have appeared.
    pub points: usize,
    /// Number of points with a loss, reported or not.
    pub evaluated: usize,
    /// Number of evaluations that run.
    pub running: usize,
    /// Best loss so far.
    pub best: Option<Loss>,
}

/// What is known of one point of a search.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrialRecord {
    /// Id of the point on the server.
    pub id: PointId,
    /// Parameters of the point, as the server gave them.
    pub parameters: Value,
    /// Loss of the point; none while it has none, and for a loss of somebody else that is NaN or infinite.
    pub loss: Option<Loss>,
    /// Why the loss is one that the policy of the search made up, none for a loss that was evaluated.
    pub made_up: Option<String>,
    /// Why the last failed evaluation failed.
    pub failure: Option<String>,
    /// Number of evaluations made here; 0 for a point that somebody else evaluated.
    pub attempts: u32,
    /// Beginning of the last evaluation, since the start of the search.
    pub started: Option<Duration>,
    /// End of the last evaluation, since the start of the search.
    pub ended: Option<Duration>,
}

impl TrialRecord {
    pub(crate) fn new(id: PointId, parameters: Value) -> Self {
        Self { id, parameters, loss: None, made_up: None, failure: None, attempts: 0, started: None, ended: None }
    }
}

/// Why a search is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StopReason {
    /// The server says Finished.
    Finished,
    /// The server ended the request in another way.
    Ended(RequestStatus),
    /// The time limit was reached.
    TimeLimit,
    /// An evaluation failed, and the rule is to stop then.
    EvaluationFailed,
}

/// The outcome of a search.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SearchResult {
    /// Request that was searched.
    pub request: RequestId,
    /// Why the search is over.
    pub stop: StopReason,
    /// All trials, in the order in which their points appeared.
    pub trials: Vec<TrialRecord>,
    /// How long it took.
    pub elapsed: Duration,
}

impl SearchResult {
    /// Returns the trials with a loss, best first; those with equal losses in the order of their points.
    pub fn ranking(&self) -> Vec<&TrialRecord> {
        let mut ranking: Vec<_> = self.trials.iter().filter(|trial| trial.loss.is_some()).collect();
        ranking.sort_by_key(|trial| trial.loss);
        ranking
    }

    /// Returns the trial with the least loss.
    pub fn best(&self) -> Option<&TrialRecord> {
        self.ranking().first().copied()
    }
}
