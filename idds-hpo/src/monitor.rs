//! The channel between a running evaluation and its search.

use idds_client::PointId;
use idds_workflow::RequestId;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use crate::Verdict;

/// Receives the intermediate values of an evaluation, and answers whether the evaluation should go on.
#[derive(Clone, Debug)]
pub struct Monitor {
    request: RequestId,
    id: PointId,
    attempt: u32,
    values: UnboundedSender<IntermediateReport>,
}

/// An intermediate value, and where the verdict on it is awaited.
#[derive(Debug)]
pub(crate) struct IntermediateReport {
    pub(crate) id: PointId,
    pub(crate) attempt: u32,
    pub(crate) step: u64,
    pub(crate) value: f64,
    pub(crate) verdict: oneshot::Sender<Verdict>,
}

impl Monitor {
    pub(crate) fn new(
        request: RequestId,
        id: PointId,
        attempt: u32,
        values: UnboundedSender<IntermediateReport>,
    ) -> Self {
        Self {
            request,
            id,
            attempt,
            values,
        }
    }

    /// Returns the request that is searched.
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// Returns the id of the point that is evaluated.
    pub fn point(&self) -> &PointId {
        &self.id
    }

    /// Returns which evaluation of the point this is: 1, 2, ….
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Tells the value of the objective at a step, such as an epoch, and waits for the verdict.
    ///
    /// After [`Verdict::Stop`] the evaluation is to return the value it has; that is also the verdict when the evaluation was
    /// given up because its time is over, and when the search has ended.
    pub async fn tell(&self, step: u64, value: f64) -> Verdict {
        match self.send(step, value) {
            Some(verdict) => verdict.await.unwrap_or(Verdict::Stop),
            None => Verdict::Stop,
        }
    }

    /// Does what [`Monitor::tell`] does for an objective that computes.
    ///
    /// # Panics
    ///
    /// In an async function.
    pub fn blocking_tell(&self, step: u64, value: f64) -> Verdict {
        self.send(step, value)
            .and_then(|verdict| verdict.blocking_recv().ok())
            .unwrap_or(Verdict::Stop)
    }

    fn send(&self, step: u64, value: f64) -> Option<oneshot::Receiver<Verdict>> {
        let (verdict, receiver) = oneshot::channel();
        self.values
            .send(IntermediateReport {
                id: self.id.clone(),
                attempt: self.attempt,
                step,
                value,
                verdict,
            })
            .ok()
            .map(|()| receiver)
    }
}
