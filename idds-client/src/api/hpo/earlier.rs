//! Tells the embedded server of trials of earlier searches.

use idds_workflow::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Hpo;
use crate::endpoint::decode;
use crate::{Call, route};

/// A trial of an earlier search, for [`Hpo::tell_earlier`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KnownTrial {
    /// Its parameters: an object with a value for each of the space.
    pub parameters: Value,
    /// Its loss.
    pub loss: f64,
}

/// What became of trials that the embedded server was told of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct ToldEarlier {
    /// Number of trials that the server has.
    pub trials: u64,
    /// Number of points without a loss that nobody had seen and that are proposed anew, in view of these trials.
    pub renewed: u64,
}

#[derive(Serialize)]
struct Body<'a> {
    trials: &'a [KnownTrial],
}

impl Hpo {
    /// Tells the server of trials of earlier searches, in place of those that it was told of before: its sampler sees them as finished
    /// trials, and they are no points of the request.
    ///
    /// Points that are there without a loss are proposed anew, as long as nobody has seen them. Only the embedded server takes such trials, so [`Client::server`](crate::Client::server) has to know that it is one;
    /// the steering program of a search on iDDS is given them with its own files.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the server knows no such request,
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for any other server.
    pub fn tell_earlier(&self, request: RequestId, trials: &[KnownTrial]) -> Call<ToldEarlier> {
        Call::plain(
            &self.client,
            &route::TELL_EARLIER,
            |draft| draft.set("request_id", request).json(&Body { trials }),
            decode,
        )
    }
}
