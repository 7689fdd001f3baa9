//! The evaluation of one point, without a report to the server.

use std::time::Duration;

use idds_client::{Client, Error as ClientError, ErrorKind, HyperParameters, PointId};
use idds_workflow::RequestId;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::Study;
use super::run::unknown;
use crate::{Error, Failure, IntoObjective, Monitor, SearchOptions, Verdict};

/// Result of the trial evaluation of one point.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tried {
    /// Id of the point on the server.
    pub id: PointId,
    /// Its parameters.
    pub parameters: Value,
    /// Value of the objective, which may be NaN or infinite, or why there is none.
    pub outcome: Result<f64, Failure>,
    /// How long the evaluation took.
    pub duration: Duration,
}

impl<P> Study<P> {
    /// Evaluates one point of the request and reports nothing, to see whether the objective works before a search depends on
    /// it: the first point without a loss, or the first one of all, when the server has proposed one.
    ///
    /// Of the options, only [`SearchOptions::evaluation_timeout`](crate::SearchOptions::evaluation_timeout) and, for the time to wait for a point,
    /// [`SearchOptions::silence`](crate::SearchOptions::silence) count. No journal is kept, and no other process is told.
    ///
    /// # Errors
    ///
    /// When the server cannot be asked, does not know the request, or has no point.
    pub async fn try_one<K>(self, objective: impl IntoObjective<P, K>) -> Result<Tried, Error> {
        let request = self.request;
        let objective = objective.into_objective();
        let objective = objective.map_err(|failure| Error::evaluation(request, failure))?;
        let HyperParameters { id, parameters, .. } =
            first_point(self.client.clone(), request, self.options.clone())
                .await
                .map_err(|error| Error::client(request, error))?;
        let (values, mut told) = mpsc::unbounded_channel();
        let monitor = Monitor::new(request, id.clone(), 1, values);
        let began = Instant::now();
        let limit = self.options.evaluation_timeout;
        let evaluation = timeout(
            limit.unwrap_or(Duration::MAX),
            objective.evaluate(parameters.clone(), monitor),
        );
        tokio::pin!(evaluation);
        let ended = loop {
            tokio::select! {
                ended = &mut evaluation => break ended,
                Some(told) = told.recv() => {
                    // An evaluation that waits no more has ended.
                    let _ = told.verdict.send(Verdict::Continue);
                }
            }
        };
        let late = |_| {
            Err(Failure::point(format!(
                "there was no loss within {:?}",
                limit.unwrap_or_default()
            )))
        };
        Ok(Tried {
            id,
            parameters,
            outcome: ended.unwrap_or_else(late),
            duration: began.elapsed(),
        })
    }
}

/// Waits for a point.
async fn first_point(
    client: Client,
    request: RequestId,
    options: SearchOptions,
) -> Result<HyperParameters, ClientError> {
    let patience = Instant::now().checked_add(options.silence);
    let mut pause = options.shortest_poll.max(Duration::from_millis(10));
    loop {
        let requests = client.requests().get(request).await?;
        let Some(info) = requests.first() else {
            return Err(unknown(request));
        };
        let mut points = client.hpo().get(request).await?;
        let open = points.iter().position(|point| point.loss.is_none());
        if !points.is_empty() {
            return Ok(points.swap_remove(open.unwrap_or(0)));
        }
        let status = info.status;
        if status.is_terminal() {
            let what =
                format!("request {request} has no point, and will have none: it is {status}");
            return Err(ClientError::new(ErrorKind::NotFound, what));
        }
        if patience.is_some_and(|patience| Instant::now() >= patience) {
            let what =
                format!("the server has proposed no point of request {request}, which is {status}");
            return Err(ClientError::new(ErrorKind::Timeout, what));
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(options.longest_poll.max(pause));
    }
}
