//! What happens to a search, and what it wants done.

use std::collections::HashSet;
use std::time::Duration;

use idds_client::{Error as ClientError, HyperParameters, PointId};
use idds_workflow::RequestStatus;
use serde_json::Value;

use crate::entry::Entry;
use crate::{Failure, Loss, StopReason, Verdict};

/// What happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum SearchEvent {
    /// A process began to run the search: the first event.
    Started {
        /// Number of the process.
        pid: u32,
    },
    /// Time passed: the moment [`Search::wakes_at`](super::Search::wakes_at) named has come.
    Woke,
    /// The server was asked for the state of the request, and then for its points.
    Polled {
        /// State of the request, before the points were read.
        status: RequestStatus,
        /// Points of the request: all of them, or those from [`Command::Poll::since`] on.
        points: Vec<HyperParameters>,
        /// Which of the open ones this process may evaluate; all of them when there is no other process.
        mine: Option<HashSet<PointId>>,
    },
    /// The request goes on, and the server has no point with the id of [`Command::Poll::next`]; the others were not read.
    NothingNew {
        /// State of the request.
        status: RequestStatus,
    },
    /// The server could not be asked.
    PollFailed(ClientError),
    /// An evaluation told an intermediate value.
    Intermediate {
        /// Point that is evaluated.
        id: PointId,
        /// Which evaluation of the point it is.
        attempt: u32,
        /// Step of the evaluation.
        step: u64,
        /// The value as the objective gave it.
        value: f64,
    },
    /// An evaluation ended.
    Evaluated {
        /// Point that was evaluated.
        id: PointId,
        /// Which evaluation of the point it was.
        attempt: u32,
        /// The value as the objective gave it, or why there is none.
        outcome: Result<f64, Failure>,
    },
    /// The server acknowledged a loss.
    Reported {
        /// Point of the loss.
        id: PointId,
    },
    /// A loss could not be reported.
    ReportFailed {
        /// Point of the loss.
        id: PointId,
        /// Why.
        error: ClientError,
    },
    /// The caller wants the search to end.
    Interrupted,
}

/// What is to be done.
#[derive(Debug)]
#[non_exhaustive]
pub enum Command {
    /// Write this to the journal. It must be durable before any later [`Command::Evaluate`], [`Command::Report`] or
    /// [`Command::Stop`] has an effect.
    Write(Entry),
    /// Ask the server for the state of the request and then for its points; answered by [`SearchEvent::Polled`],
    /// [`SearchEvent::NothingNew`] or [`SearchEvent::PollFailed`].
    Poll {
        /// Number of points that this process could begin to evaluate, for sharing with others.
        want: usize,
        /// Id that the next point will have, when nothing else is awaited: unless the request has ended, points need to be
        /// read only when there is one with this id.
        next: Option<PointId>,
        /// Time for which another process may hold a point before this one takes it over; none for ever.
        late_after: Option<Duration>,
        /// First point to be read, when there is nothing to learn of those before it; none when all are to be read.
        since: Option<PointId>,
    },
    /// Evaluate a point; answered by [`SearchEvent::Evaluated`]. Another evaluation of it may run already.
    Evaluate {
        /// Point to evaluate.
        id: PointId,
        /// Which evaluation of the point it is: 1, 2, ….
        attempt: u32,
        /// Its parameters.
        parameters: Value,
    },
    /// Tell an evaluation what becomes of it, in answer to [`SearchEvent::Intermediate`].
    Judge {
        /// Point that is evaluated.
        id: PointId,
        /// Which evaluation of the point it is.
        attempt: u32,
        /// What becomes of it.
        verdict: Verdict,
    },
    /// Give up an evaluation; whatever comes of it does not matter any more.
    Abandon {
        /// Point that is evaluated.
        id: PointId,
        /// Which evaluation of the point it is.
        attempt: u32,
    },
    /// Tell the server a loss; answered by [`SearchEvent::Reported`] or [`SearchEvent::ReportFailed`].
    Report {
        /// Point of the loss.
        id: PointId,
        /// The loss.
        loss: Loss,
    },
    /// The search is over. No command follows, and evaluations that still run do not matter any more.
    Stop(Result<StopReason, Obstacle>),
}

/// What a search cannot go on with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// A call to the server failed for good.
    #[error(transparent)]
    Server(ClientError),
    /// No evaluation works, or one met trouble that is not the fault of its point.
    #[error(transparent)]
    Evaluation(Failure),
}
