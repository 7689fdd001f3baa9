//! What crosses crates: payloads recorded from Python iDDS, whole searches, the real server.

mod advice;
mod areas;
mod commands;
mod configuration;
#[path = "../../idds-workflow/tests/it/documents.rs"]
mod documents;
mod example;
mod faults;
mod pictures;
mod random;
mod real_server;
mod reference;
#[path = "../../idds-workflow/tests/it/samples.rs"]
mod samples;
mod schemas;
mod search;
mod sign_in;
mod support;
