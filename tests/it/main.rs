//! What crosses crates: payloads recorded from Python iDDS, whole searches, the real server.

mod advice;
#[cfg(feature = "local")]
mod example;
#[cfg(feature = "local")]
mod real_server;
mod reference;
#[cfg(feature = "local")]
mod search;
mod support;
