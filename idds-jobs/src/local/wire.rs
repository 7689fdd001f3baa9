//! What an engine and its supervisor say to each other: lines of JSON.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use crate::{AttemptId, AttemptOutcome, Job};

/// What an engine asks its supervisor for.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Order {
    /// Comes first.
    Hello {
        /// What jobs find in their environment.
        environment: Vec<(OsString, OsString)>,
        /// How long a job may take to end when it is asked to, in milliseconds.
        grace: u64,
    },
    Start(Box<Job>),
    Adopt(Vec<Job>),
    End(AttemptId),
}

/// What a supervisor tells.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Report {
    Started(AttemptId),
    Ended(AttemptId, AttemptOutcome),
    NeverStarted(AttemptId),
    Unrecorded(AttemptId, String),
}

/// Returns a message as a line.
pub(crate) fn line(message: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(message).expect("messages have names as keys");
    line.push(b'\n');
    line
}
