//! What is known of a search while it runs and when it is over.

use std::time::Duration;

use idds_client::PointId;
use idds_workflow::{OptSpace, RequestId, RequestStatus};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::throughput::ThroughputEstimate;
use crate::{Direction, EarlierTrial, Loss, Spread};

/// Progress of a search.
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
    /// Time since this run of the search began.
    pub elapsed: Duration,
    pub(crate) pace: ThroughputEstimate,
}

impl Progress {
    /// Returns the number of losses a second that became known in this run; none before the second one.
    pub fn rate(&self) -> Option<f64> {
        self.pace.rate()
    }

    /// Returns how long this many more losses will take, at the pace of this run; none while too few are known to say.
    pub fn time_for(&self, losses: usize) -> Option<Spread> {
        self.pace.time_for(losses, self.elapsed)
    }
}

/// What is known of one point of a search.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrialRecord {
    /// Id of the point on the server.
    pub id: PointId,
    /// Parameters of the point, as the server gave them; in a [`SearchResult`] without those that do not exist in the point.
    pub parameters: Value,
    /// When the point was first seen, since the start of the search.
    pub appeared: Duration,
    /// How far the point has come.
    pub stage: Stage,
    /// Loss of the point; none while it has none, and for a loss of somebody else that is NaN or infinite.
    pub loss: Option<Loss>,
    /// When its loss was first known here, since the start of the search.
    pub known: Option<Duration>,
    /// Why the loss is one that the policy of the search made up, none for a loss that was evaluated.
    pub made_up: Option<String>,
    /// Point with the same parameters whose loss was taken for this one, which was not evaluated; see
    /// [`SearchOptions::reuse_losses`](crate::SearchOptions::reuse_losses).
    pub same_as: Option<PointId>,
    /// Whether the loss on the server is not the one that was evaluated here, but that of somebody else.
    pub is_foreign: bool,
    /// Step at which the evaluation was cut short; none for one that ran to its end.
    pub stopped_at: Option<u64>,
    /// Evaluations made here, in their order; none for a point that somebody else evaluated.
    pub evaluations: Vec<Evaluation>,
    /// So many of the first evaluations do not count as attempts: they were made with what did not work at all.
    pub(crate) forgiven: usize,
}

/// One evaluation of a point.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// Which of the evaluations that run at once this is: 0, 1, ….
    pub slot: usize,
    /// Its beginning, since the start of the search.
    pub started: Duration,
    /// Its end, since the start of the search; none while it runs, and for one that was cut off with its process.
    pub ended: Option<Duration>,
    /// Why it failed; none for one that gave a loss, runs, was given up or cut off.
    pub failure: Option<String>,
    /// Whether it was given up because the point had a loss before it ended: that of a faster evaluation, or somebody else's.
    pub is_superseded: bool,
    /// Intermediate values that it reported.
    pub intermediate: Vec<Intermediate>,
    /// Whether it runs, as far as the journal says.
    pub(crate) is_running: bool,
}

/// An intermediate value of an evaluation, turned so that less is better.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Intermediate {
    /// Step of the evaluation, such as an epoch.
    pub step: u64,
    /// The value.
    pub loss: Loss,
}

/// How far a point has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Stage {
    /// Without a loss, to be evaluated.
    Open,
    /// Being evaluated.
    Leased,
    /// Its loss is known here.
    Evaluated,
    /// The server acknowledged its loss.
    Reported,
    /// The server shows a loss.
    Confirmed,
    /// Given up without a loss.
    LeftOpen,
}

impl TrialRecord {
    pub(crate) fn new(id: PointId, parameters: Value) -> Self {
        Self {
            id,
            parameters,
            appeared: Duration::ZERO,
            stage: Stage::Open,
            loss: None,
            known: None,
            made_up: None,
            same_as: None,
            is_foreign: false,
            stopped_at: None,
            evaluations: Vec::new(),
            forgiven: 0,
        }
    }

    /// Returns how many evaluations failed that count against the attempts of the point.
    pub(crate) fn failed_attempts(&self) -> u32 {
        let counted = self.evaluations.iter().skip(self.forgiven);
        counted
            .filter(|evaluation| evaluation.failure.is_some())
            .count() as u32
    }

    /// Returns when the first of the failed evaluations that count ended.
    pub(crate) fn first_failure(&self) -> Option<Duration> {
        self.evaluations
            .iter()
            .skip(self.forgiven)
            .find(|evaluation| evaluation.failure.is_some())?
            .ended
    }

    /// Returns when an evaluation gave its loss here; none when none did.
    pub(crate) fn worked(&self) -> Option<Duration> {
        let has_worked =
            |evaluation: &&Evaluation| evaluation.failure.is_none() && !evaluation.is_superseded;
        let worked = self
            .evaluations
            .iter()
            .filter(has_worked)
            .filter_map(|evaluation| evaluation.ended)
            .max();
        worked.filter(|_| self.made_up.is_none())
    }

    /// Returns how many evaluations ended here by themselves, whether with a loss or not.
    pub fn attempts(&self) -> u32 {
        let has_ended =
            |evaluation: &&Evaluation| evaluation.ended.is_some() && !evaluation.is_superseded;
        self.evaluations.iter().filter(has_ended).count() as u32
    }

    /// Returns how many evaluations failed.
    pub fn failures(&self) -> u32 {
        self.evaluations
            .iter()
            .filter(|evaluation| evaluation.failure.is_some())
            .count() as u32
    }

    /// Returns why the last failed evaluation failed.
    pub fn failure(&self) -> Option<&str> {
        self.evaluations
            .iter()
            .rev()
            .find_map(|evaluation| evaluation.failure.as_deref())
    }
}

impl Evaluation {
    pub(crate) fn new(slot: usize, started: Duration) -> Self {
        let intermediate = Vec::new();
        Self {
            slot,
            started,
            ended: None,
            failure: None,
            is_superseded: false,
            intermediate,
            is_running: true,
        }
    }

    /// Returns how long it took; none when it has no end.
    pub fn duration(&self) -> Option<Duration> {
        Some(self.ended?.saturating_sub(self.started))
    }

    /// Tells whether it gave the loss of its point, or one that the policy of the search replaced.
    pub(crate) fn has_value(&self) -> bool {
        self.ended.is_some() && self.failure.is_none() && !self.is_superseded
    }

    pub(crate) fn end(&mut self, at: Duration) {
        self.ended = Some(at);
        self.is_running = false;
    }
}

/// Why a search is over.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// The server says Finished.
    Finished,
    /// The server ended the request in another way.
    #[serde(serialize_with = "write_status", deserialize_with = "read_status")]
    Ended(RequestStatus),
    /// As many points were tried as the options allow.
    #[serde(rename = "budget")]
    MaxPoints,
    /// A value as good as the target was evaluated.
    TargetReached,
    /// No better loss came for as long as the options allow.
    NoImprovement,
    /// The time of the search is over.
    #[serde(rename = "time_limit")]
    Timeout,
    /// The server did nothing for too long while nothing was left to do here.
    ServerSilent,
    /// An evaluation failed, and the rule is to stop then.
    EvaluationFailed,
    /// No evaluation has worked, or none works any more, and points failed: see [`OnFailure::Penalty`](crate::OnFailure::Penalty). The run ended with an
    /// error; only in what [`Journal::read`](crate::Journal::read) returns.
    NothingWorks,
    /// Something stood in the way that is not the fault of a point: see [`Failure`](crate::Failure). The run ended with an
    /// error; only in what [`Journal::read`](crate::Journal::read) returns.
    Trouble,
    /// The caller interrupted the search.
    Interrupted,
    /// A call to the server failed for good, so the run ended with an error. Only in what [`Journal::read`](crate::Journal::read)
    /// returns.
    Error,
    /// It is not over: the process runs, or was killed. Only in what [`Journal::read`](crate::Journal::read) returns.
    Unfinished,
}

fn write_status<S: Serializer>(status: &RequestStatus, serializer: S) -> Result<S::Ok, S::Error> {
    status.code().serialize(serializer)
}

fn read_status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RequestStatus, D::Error> {
    i64::deserialize(deserializer).map(RequestStatus::from_code)
}

/// The outcome of a search.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SearchResult {
    /// Request that was searched.
    pub request: RequestId,
    /// Whether the objective was minimized or maximized.
    pub direction: Direction,
    /// Why the search is over.
    pub stop: StopReason,
    /// What went wrong, in words, when it is over because of that; none when there is nothing to add.
    pub error: Option<String>,
    /// Space that was searched; none when it is not known, as neither the type of the study nor the server says it.
    pub space: Option<OptSpace>,
    /// Trials of earlier searches with which it began: see [`Study::earlier`](crate::Study::earlier).
    pub earlier: Vec<EarlierTrial>,
    /// When the search began, since 1970; none when it is not known.
    pub started: Option<Duration>,
    /// Address of the server; empty when it is not known.
    pub server: String,
    /// All trials, in the order in which their points appeared.
    pub trials: Vec<TrialRecord>,
    /// How long it took; with a journal, since the first run began.
    pub elapsed: Duration,
}

impl SearchResult {
    /// Returns the trials with a loss, best first; those with equal losses in the order of their points, and those whose loss was
    /// made up after all others.
    pub fn ranking(&self) -> Vec<&TrialRecord> {
        let mut ranking: Vec<_> = self
            .trials
            .iter()
            .filter(|trial| trial.loss.is_some())
            .collect();
        ranking.sort_by_key(|trial| (trial.made_up.is_some(), trial.loss));
        ranking
    }

    /// Returns the trials for whose losses the server waits: those without one, as long as the request goes on.
    ///
    /// The server 2.6.21 proposes no further point before every point has a loss, so that one of them stops the search for
    /// ever: run it again, or report a loss for each of them.
    pub fn awaited(&self) -> Vec<&TrialRecord> {
        let is_over = matches!(self.stop, StopReason::Finished | StopReason::Ended(_));
        let is_open = |trial: &&TrialRecord| {
            !is_over && trial.loss.is_none() && trial.stage != Stage::Confirmed
        };
        self.trials.iter().filter(is_open).collect()
    }

    /// Returns the trial with the least loss that was measured; one that was made up is never the best.
    pub fn best_trial(&self) -> Option<&TrialRecord> {
        self.trials
            .iter()
            .filter(|trial| trial.loss.is_some() && trial.made_up.is_none())
            .min_by_key(|trial| trial.loss)
    }
}
