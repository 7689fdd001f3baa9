//! How many points or jobs transforms have, whichever of them it is.

use rusqlite::Connection;

use super::{jobs, points};
use crate::state::Tally;

/// Counts the points or jobs of a transform.
pub(crate) fn of(connection: &Connection, transform: i64) -> rusqlite::Result<Tally> {
    let jobs = jobs::tally(connection, transform)?;
    match jobs.total() {
        0 => points::tally(connection, transform),
        _ => Ok(jobs),
    }
}
