//! Result of a study, in the type of its points.

use std::marker::PhantomData;
use std::ops::Deref;

use idds_client::PointId;
use idds_workflow::Point;
use serde::de::DeserializeOwned;

use crate::objective::read;
use crate::{Error, Loss, SearchResult, TrialRecord};

/// Result of a study. All else of its [`SearchResult`] is there, too: its trials, why it is over, what
/// reports are made of.
#[derive(Clone, Debug, PartialEq)]
pub struct StudyResult<P = Point> {
    result: SearchResult,
    params: PhantomData<fn() -> P>,
}

/// The best point of a study.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Best<P> {
    /// Parameters of the point.
    pub params: P,
    /// Its loss, of which less is better: the value of an objective that is maximized has the loss of its negative.
    pub loss: Loss,
    /// Value of the objective.
    pub value: f64,
    /// Id of the point on the server.
    pub id: PointId,
}

impl<P> StudyResult<P> {
    pub(super) fn new(result: SearchResult) -> Self {
        Self {
            result,
            params: PhantomData,
        }
    }

    /// Returns the result without the type of its points, as a journal gives it.
    pub fn into_search_result(self) -> SearchResult {
        self.result
    }
}

impl<P: DeserializeOwned> StudyResult<P> {
    /// Returns the point with the least loss that was measured; a loss that was made up for a point that failed is none.
    ///
    /// # Errors
    ///
    /// When no point has a measured loss, with the reason of the last failure, and when the point does not fit the type.
    pub fn best(&self) -> Result<Best<P>, Error> {
        let request = self.result.request;
        let Some((trial, loss)) = self
            .result
            .best_trial()
            .and_then(|trial| Some((trial, trial.loss?)))
        else {
            return Err(Error::nothing_measured(&self.result));
        };
        let params = read(&trial.parameters);
        Ok(Best {
            params: params.map_err(|failure| Error::evaluation(request, failure))?,
            loss,
            value: self.result.direction.value(loss),
            id: trial.id.clone(),
        })
    }

    /// Returns the parameters of a trial.
    ///
    /// # Errors
    ///
    /// When the point does not fit the type.
    pub fn params(&self, trial: &TrialRecord) -> Result<P, Error> {
        read(&trial.parameters).map_err(|failure| Error::evaluation(self.result.request, failure))
    }
}

impl<P> Deref for StudyResult<P> {
    type Target = SearchResult;

    fn deref(&self) -> &SearchResult {
        &self.result
    }
}
