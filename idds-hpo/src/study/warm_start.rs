//! Trials of earlier searches, before a search begins.

use std::collections::HashSet;
use std::sync::Arc;

use futures::FutureExt;
use idds_client::{Client, Error as ClientError, ErrorKind, KnownTrial, ToldEarlier};
use idds_workflow::RequestId;
use serde_json::Value;

use super::identify::answered;
use crate::{EarlierTrial, EarlierTrials, Entry, FittedTrials, History, Observer, SearchOptions};

/// What became of trials of earlier searches when a search began.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WarmStart {
    /// Which of the trials given now count, and why the others do not; none when none were given, and those of the journal count.
    pub fitted: Option<FittedTrials>,
    /// Number of trials that count, with those that the journal had.
    pub trials: usize,
    /// What the server did with them; none for a server that cannot be told of any, as its own program proposes the points.
    pub told: Option<ToldEarlier>,
}

/// Returns what of earlier trials counts, and the entries of those that the history has not.
///
/// A point that the history has with another loss stays what it is: what was relied on does not change.
pub(super) fn begin(
    earlier: Option<&EarlierTrials>,
    history: &History,
    options: &SearchOptions,
) -> Result<(Option<FittedTrials>, Vec<Entry>), ClientError> {
    let Some(earlier) = earlier else {
        return Ok((None, Vec::new()));
    };
    let Some(space) = history.space() else {
        let what = "the space of the search is not known, so that nobody can say which earlier trials are in it: neither the server nor \
                    the type of the study says it";
        return Err(ClientError::new(ErrorKind::Argument, what));
    };
    let fitted = earlier.fit(space, options.direction);
    let key = |trial: &EarlierTrial| trial.parameters.to_string();
    let known: HashSet<String> = history.earlier().iter().map(key).collect();
    let new = fitted
        .trials
        .iter()
        .filter(|trial| !known.contains(&key(trial)));
    let entries = new.cloned().map(Entry::Earlier).collect();
    Ok((Some(fitted), entries))
}

/// Tells the server of the earlier trials of a search.
pub(super) async fn tell(
    client: &Client,
    request: RequestId,
    history: &History,
    options: &SearchOptions,
    observers: &mut [Box<dyn Observer>],
) -> Result<Option<ToldEarlier>, ClientError> {
    let known = |trial: &EarlierTrial| KnownTrial {
        parameters: Value::Object(trial.parameters.as_map().clone()),
        loss: trial.loss.get(),
    };
    let trials: Arc<[KnownTrial]> = history.earlier().iter().map(known).collect();
    let ask = || {
        let (client, trials) = (client.clone(), Arc::clone(&trials));
        let told = async move {
            // Whether it is an embedded one.
            client.server().await?;
            match client.hpo().tell_earlier(request, &trials).await {
                Ok(told) => Ok(Some(told)),
                Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
                Err(error) => Err(error),
            }
        };
        told.boxed()
    };
    answered(client, options, observers, ask).await
}
