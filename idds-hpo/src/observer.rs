//! Observers: what follows a search while it runs.

use std::fmt;

use idds_client::Error as ClientError;

use crate::{Entry, FittedTrials, Progress, StudyError, WarmStart};

/// Follows a search.
///
/// All methods do nothing unless they are written; they are called by the task that runs the search, which waits for them.
pub trait Observer: fmt::Debug + Send {
    /// Sees what happened: every entry of the journal but the first line, also when there is no journal, before it is written.
    fn happened(&mut self, entry: &Entry) {
        let _ = entry;
    }

    /// Sees with how many trials of earlier searches this one begins, after their entries, if there are any; see
    /// [`Study::earlier`](crate::Study::earlier).
    fn began(&mut self, warm_start: &WarmStart) {
        let _ = warm_start;
    }

    /// Sees that the study of Optuna lacks something in the end, see [`Study::optuna`](crate::Study::optuna).
    fn unwritten(&mut self, error: &StudyError) {
        let _ = error;
    }

    /// Sees where the search stands: after everything that happened, also at the end.
    fn progress(&mut self, progress: &Progress) {
        let _ = progress;
    }

    /// Sees a call to the server that failed, before it is tried again or the search stops because of it.
    fn unanswered(&mut self, error: &ClientError) {
        let _ = error;
    }
}

/// Tells `tracing` what happens to a search: what goes wrong as warnings, its beginning and end and every loss as
/// information, and the rest for debugging.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogObserver;

impl Observer for LogObserver {
    fn unanswered(&mut self, error: &ClientError) {
        tracing::warn!(%error, "a call failed");
    }

    fn unwritten(&mut self, error: &StudyError) {
        tracing::warn!(%error, "the study of Optuna is not complete");
    }

    fn began(&mut self, warm_start: &WarmStart) {
        let WarmStart {
            fitted,
            trials,
            told,
        } = warm_start;
        let left_out = fitted.as_ref().map(FittedTrials::left_out_count);
        tracing::info!(
            trials,
            left_out,
            is_told = told.is_some(),
            "trials of earlier searches count"
        );
    }

    fn happened(&mut self, entry: &Entry) {
        let at = entry.at().unwrap_or_default().as_secs_f64();
        let point = entry.point().map(tracing::field::display);
        match entry {
            Entry::Session { pid, .. } => tracing::info!(at, pid, "the search runs"),
            Entry::Evaluated {
                loss,
                made_up: None,
                same_as: None,
                ..
            } => {
                tracing::info!(at, point, loss = loss.get(), "a point has a loss");
            }
            Entry::Evaluated {
                loss,
                same_as: Some(other),
                ..
            } => {
                tracing::info!(at, point, loss = loss.get(), same_as = %other, "a point has the loss of another");
            }
            Entry::Evaluated {
                loss,
                made_up: Some(why),
                ..
            } => {
                tracing::warn!(at, point, loss = loss.get(), why, "a loss is made up");
            }
            Entry::Failed { why, .. } => tracing::warn!(at, point, why, "an evaluation failed"),
            Entry::LeftOpen { .. } => {
                tracing::warn!(
                    at,
                    point,
                    "a point is left without a loss: the server will propose no others"
                );
            }
            Entry::Lost { .. } => {
                tracing::warn!(
                    at,
                    point,
                    "the server has lost the loss of a point: it is reported again"
                );
            }
            Entry::Stopped { reason, error, .. } => {
                tracing::info!(at, ?reason, error, "the search is over");
            }
            other => tracing::debug!(at, point, ?other),
        }
    }
}
