//! Trials of earlier searches, and first points that nobody has seen.

use idds_sampler::Trial;
use rusqlite::{Connection, params};

use super::{from_json, transforms};
use crate::state::Stage;
use crate::target::Target;

/// Searches whose first points this server has made and shown to nobody. It is forgotten with the connection: of a server that starts anew
/// nobody knows whom it has shown what.
pub(super) const FRESH: &str =
    "CREATE TEMP TABLE IF NOT EXISTS fresh (transform_id INTEGER PRIMARY KEY);";

/// Notes that all points of a search were just made.
pub(crate) fn made(connection: &Connection, transform: i64) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO fresh VALUES (?1)";
    connection.prepare_cached(sql)?.execute([transform])?;
    Ok(())
}

/// Notes that somebody sees the points of a search.
pub(super) fn seen(connection: &Connection, transform: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM fresh WHERE transform_id = ?1";
    connection.prepare_cached(sql)?.execute([transform])?;
    Ok(())
}

/// Notes that somebody sees the points of all searches of these requests.
pub(super) fn seen_of(connection: &Connection, target: Target) -> rusqlite::Result<()> {
    let none: bool = connection
        .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM fresh)")?
        .query_row([], |row| row.get(0))?;
    if none {
        return Ok(());
    }
    let sql = format!(
        "DELETE FROM fresh WHERE transform_id IN (SELECT transform_id FROM transforms WHERE {})",
        target.condition()
    );
    connection
        .prepare_cached(&sql)?
        .execute(params![target.request, target.workload])?;
    Ok(())
}

/// Replaces the trials of a request: their parameters (JSON) and losses.
pub(crate) fn replace(
    connection: &Connection,
    request: i64,
    trials: &[(String, f64)],
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM earlier WHERE request_id = ?1")?
        .execute([request])?;
    let mut statement = connection.prepare_cached("INSERT INTO earlier VALUES (?1, ?2, ?3, ?4)")?;
    for (number, (parameters, loss)) in (1_i64..).zip(trials) {
        statement.execute(params![request, number, parameters, loss])?;
    }
    Ok(())
}

/// Returns the trials of the request that a search is of.
pub(crate) fn of_search(connection: &Connection, transform: i64) -> rusqlite::Result<Vec<Trial>> {
    let sql = "SELECT parameters, loss FROM earlier
               WHERE request_id = (SELECT request_id FROM transforms WHERE transform_id = ?1) ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([transform])?;
    let mut trials = Vec::new();
    while let Some(row) = rows.next()? {
        trials.push(Trial {
            point: from_json(row.get_ref(0)?.as_str()?)?,
            loss: Some(row.get(1)?),
        });
    }
    Ok(trials)
}

/// Has the points without a loss that nobody has seen made anew, where the request has trials of earlier searches; returns how many.
pub(crate) fn renew(connection: &Connection, request: i64) -> rusqlite::Result<u64> {
    let sql = r#"SELECT transform_id FROM transforms
                 WHERE request_id = ?1 AND status = ?2 AND lacking = 0 AND attempted = 0
                     AND coalesce(search, '') LIKE '{"Search"%'
                     AND transform_id IN (SELECT transform_id FROM fresh)
                     AND EXISTS (SELECT 1 FROM earlier WHERE earlier.request_id = transforms.request_id)"#;
    let mut statement = connection.prepare_cached(sql)?;
    let searches = statement
        .query_map(params![request, Stage::Transforming.code()], |row| {
            row.get(0)
        })?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut renewed = 0;
    for transform in searches {
        let sql = "DELETE FROM contents WHERE transform_id = ?1 AND loss IS NULL";
        let count = connection.prepare_cached(sql)?.execute([transform])? as u64;
        transforms::set_lacking(connection, transform, count)?;
        transforms::set_due(connection, transform)?;
        seen(connection, transform)?;
        renewed += count;
    }
    Ok(renewed)
}

/// Tells whether a request is there.
pub(crate) fn is_there(connection: &Connection, request: i64) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM requests WHERE request_id = ?1)";
    connection
        .prepare_cached(sql)?
        .query_row([request], |row| row.get(0))
}
