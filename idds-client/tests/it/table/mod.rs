//! What this client does where the Python client, or a hand, was recorded.

mod changes;
mod commands;
mod hpo;
mod records;
mod requests;
mod service;
mod submissions;

use idds_client::{BoxFuture, Client, Error, ErrorKind};

/// Sends a call and forgets its answer.
pub(crate) type Call = Box<dyn Fn(Client) -> BoxFuture<'static, Result<(), Error>>>;

/// What a row says about one recorded exchange.
pub(crate) enum Row {
    /// The call sends what was recorded.
    Same(Call, Expect),
    /// The call that is nearest sends something else, for this reason.
    Differs(&'static str, Call, Expect),
    /// The first call is refused before it is sent, for this reason; the second reads the recorded answer.
    Refused(&'static str, Call, Call, Expect),
    /// Nothing was sent, for this reason.
    NeverSent(&'static str),
}

/// What the recorded answer means.
#[derive(Debug)]
pub(crate) enum Expect {
    /// It is the answer of the call.
    Answer,
    /// It is an error of this kind.
    Error(ErrorKind),
}

macro_rules! call {
    (|$client:ident| $call:expr) => {
        Box::new(|$client: idds_client::Client| Box::pin(async move { $call.await.map(|_| ()) }))
    };
}
use call;

/// Returns a row for every file in `tests/traffic`.
pub(crate) fn table() -> Vec<(&'static str, Row)> {
    [
        commands::rows(),
        changes::rows(),
        submissions::rows(),
        requests::rows(),
        hpo::rows(),
        records::rows(),
        service::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
