//! Requests in which nothing moves any more.

use rusqlite::{Connection, params};

use super::{jobs, requests, transforms};
use crate::state::Stage;

/// Settles a running request in which nothing moves: when the machine has stopped a work of it, the request is held until its user
/// resumes it; else nobody makes what its jobs wait for.
pub(crate) fn settle(connection: &Connection, request: i64, now: i64) -> rusqlite::Result<()> {
    if !requests::is_in(connection, request, Stage::Transforming.code())?
        || moves(connection, request)?
    {
        return Ok(());
    }
    let held = "SELECT name, errors FROM transforms WHERE request_id = ?1 AND status = 12 AND errors IS NOT NULL
                ORDER BY updated_at DESC LIMIT 1";
    let mut held = connection.prepare_cached(held)?;
    let mut rows = held.query([request])?;
    match rows.next()? {
        Some(row) => {
            let errors: String = row.get(1)?;
            requests::set_stage(connection, request, Stage::Suspended, Some(&errors), now)
        }
        None => jobs::prune(connection, request, now).map(drop),
    }
}

/// Tells whether something of a request moves: an event of its flow, a job that can be started or runs, a search, a work to be looked at,
/// a file.
///
/// It is asked after every few jobs, so what it looks at must not grow with the jobs that are done: the indexes of what is open are meant,
/// and `+` keeps the one of all jobs of a request from being taken.
fn moves(connection: &Connection, request: i64) -> rusqlite::Result<bool> {
    let sql = r#"SELECT (SELECT flow_due FROM requests WHERE request_id = ?1) = 1
                 OR EXISTS (SELECT 1 FROM transforms WHERE request_id = ?1 AND status = 0)
                 OR EXISTS (SELECT 1 FROM transforms t WHERE request_id = ?1 AND status = 2
                            AND (due = 1 OR coalesce(search, '') NOT LIKE '{"Programs"%'
                                 OR EXISTS (SELECT 1 FROM jobs j WHERE j.transform_id = t.transform_id AND stage < 3 AND stage = 1)))
                 OR EXISTS (SELECT 1 FROM jobs WHERE +request_id = ?1 AND stage = 2)
                 OR EXISTS (SELECT 1 FROM files JOIN transforms t USING (transform_id)
                            WHERE files.stage = 2 AND +t.request_id = ?1)"#;
    connection
        .prepare_cached(sql)?
        .query_row(params![request], |row| row.get(0))
}

/// Holds a work that the machine has failed: its jobs are left for later, and nothing new of it is started.
pub(crate) fn hold(
    connection: &Connection,
    (request, transform): (i64, i64),
    why: &str,
    now: i64,
) -> rusqlite::Result<()> {
    if transforms::is_in(connection, transform, Stage::Transforming)? {
        transforms::set_stage(connection, transform, Stage::Suspended, now)?;
        let errors = serde_json::json!({ "msg": why }).to_string();
        transforms::set_errors(connection, transform, &errors)?;
    }
    settle(connection, request, now)
}
