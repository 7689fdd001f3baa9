//! What crosses crates: payloads recorded from Python iDDS, whole searches, the real server.

mod advice;
mod example;
mod random;
mod real_server;
mod reference;
mod search;
mod support;
