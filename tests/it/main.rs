//! What crosses crates: payloads recorded from Python iDDS, whole searches, the real server.

#[cfg(feature = "local")]
mod example;
#[path = "../../idds-workflow/tests/it/random.rs"]
mod random;
#[cfg(feature = "local")]
mod real_server;
mod reference;
#[path = "../../idds-workflow/tests/it/samples.rs"]
mod samples;
mod schemas;
#[cfg(feature = "local")]
mod search;
mod support;
