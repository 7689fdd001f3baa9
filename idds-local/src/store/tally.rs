//! How many points, jobs or files transforms have, whichever of them it is.

use rusqlite::Connection;

use super::{files, jobs, points};
use crate::state::Tally;

/// Counts the points, jobs or files of a transform.
pub(crate) fn of(connection: &Connection, transform: i64) -> rusqlite::Result<Tally> {
    let jobs = jobs::tally(connection, transform)?;
    if jobs.total() > 0 {
        return Ok(jobs);
    }
    let files = files::tally(connection, transform)?;
    match files.total() {
        0 => points::tally(connection, transform),
        _ => Ok(files),
    }
}
