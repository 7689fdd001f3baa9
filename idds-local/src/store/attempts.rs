//! What is being planned, in the database: what kills a server is not tried for ever.

use std::collections::HashSet;

use rusqlite::{Connection, params};
use serde_json::json;

use super::{requests, transforms};
use crate::state::Stage;

/// Something that can move.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Due {
    /// A request to be planned.
    Request(i64),
    /// A search that lacks points, or has no open one.
    Search { request: i64, transform: i64 },
    /// A transform that a client has added.
    Added { request: i64, transform: i64 },
}

/// Requests of which more is stored than this, in bytes, are not read among those that take no time.
const LONG: i64 = 256 << 10;

/// Where something is looked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Among {
    /// What takes no time, as far as is known.
    Quick,
    /// What takes long.
    Long,
}

/// Finds the first thing that can move and that there is a place for, and notes that it is being moved.
pub(crate) fn claim(
    connection: &mut Connection,
    has_place: impl Fn(Among) -> bool,
    long: &HashSet<Due>,
) -> rusqlite::Result<Option<(Due, Among)>> {
    // It must survive the end of the process, not that of the machine, so that nobody waits for the disk.
    connection.execute_batch("PRAGMA synchronous = NORMAL")?;
    let claimed = claim_now(connection, has_place, long);
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    claimed
}

fn claim_now(
    connection: &mut Connection,
    has_place: impl Fn(Among) -> bool,
    long: &HashSet<Due>,
) -> rusqlite::Result<Option<(Due, Among)>> {
    let transaction = connection.transaction()?;
    let among = |due: &Due, size: i64| if long.contains(due) || size > LONG { Among::Long } else { Among::Quick };
    let found = find(&transaction, |due, size| Some(among(due, size)).filter(|among| has_place(*among)))?;
    match found {
        None => return Ok(None),
        Some((Due::Request(request), _)) => {
            transaction.prepare_cached("UPDATE requests SET attempted = 1 WHERE request_id = ?1")?.execute([request])?
        }
        Some((Due::Search { transform, .. } | Due::Added { transform, .. }, _)) => transaction
            .prepare_cached("UPDATE transforms SET attempted = attempted + 1 WHERE transform_id = ?1")?
            .execute([transform])?,
    };
    transaction.commit()?;
    Ok(found)
}

fn find(connection: &Connection, place: impl Fn(&Due, i64) -> Option<Among>) -> rusqlite::Result<Option<(Due, Among)>> {
    let sql = "SELECT request_id, octet_length(request_metadata) FROM requests
               WHERE status IN (0, 22) AND attempted = 0 ORDER BY request_id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let due = Due::Request(row.get(0)?);
        if let Some(among) = place(&due, row.get(1)?) {
            return Ok(Some((due, among)));
        }
    }
    let sql =
        "SELECT transform_id, request_id FROM transforms WHERE status = 0 AND attempted = 0 ORDER BY transform_id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let due = Due::Added { transform: row.get(0)?, request: row.get(1)? };
        if let Some(among) = place(&due, 0) {
            return Ok(Some((due, among)));
        }
    }
    let sql = "SELECT transform_id, request_id FROM transforms
               WHERE status = 2 AND due = 1 AND attempted IN (0, 2) ORDER BY transform_id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let due = Due::Search { transform: row.get(0)?, request: row.get(1)? };
        if let Some(among) = place(&due, 0) {
            return Ok(Some((due, among)));
        }
    }
    Ok(None)
}

/// Notes that something is not being moved any more.
pub(crate) fn release(connection: &Connection, due: Due) -> rusqlite::Result<()> {
    let (sql, id) = match due {
        Due::Request(request) => ("UPDATE requests SET attempted = 0 WHERE request_id = ?1", request),
        Due::Search { transform, .. } | Due::Added { transform, .. } => {
            ("UPDATE transforms SET attempted = 0 WHERE transform_id = ?1", transform)
        }
    };
    connection.prepare_cached(sql)?.execute([id])?;
    match due {
        Due::Search { transform, .. } => transforms::set_due(connection, transform),
        Due::Request(_) | Due::Added { .. } => Ok(()),
    }
}

/// Notes that nothing is being moved any more, since the server ends in order.
pub(crate) fn release_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "UPDATE requests SET attempted = 0 WHERE attempted <> 0;
         UPDATE transforms SET attempted = attempted - 1 WHERE attempted IN (1, 3);",
    )
}

/// Fails the requests in whose planning a server was killed. A search that a server was killed with while it made further points is
/// tried once more, since all that is known against it is bad luck; then it fails as well.
pub(crate) fn settle(connection: &mut Connection, now: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    let numbers = |sql: &str| -> rusqlite::Result<Vec<(i64, i64)>> {
        transaction.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    let killed = "SELECT request_id, 0 FROM requests WHERE attempted = 1 AND status IN (0, 22)";
    for (request, _) in numbers(killed)? {
        let message = format!(
            "the server was killed while it planned this request, which may have taken all memory; it is not planned again by \
             itself: make the search smaller, or `idds request retry {request}`"
        );
        let errors = json!({ "submit_err": { "msg": message } }).to_string();
        requests::set_stage(&transaction, request, Stage::Failed, Some(&errors), now)?;
    }
    let killed = "SELECT transform_id, request_id FROM transforms WHERE attempted = 3 AND status = 2";
    for (transform, request) in numbers(killed)? {
        let message = format!(
            "the server was killed twice while it made points of this search, which may have taken all memory; `idds request \
             retry {request}` lets it go on"
        );
        let errors = json!({ "update_err": { "msg": message } }).to_string();
        transforms::set_stage(&transaction, transform, Stage::Failed, now)?;
        transforms::set_errors(&transaction, transform, &errors)?;
        if requests::is_in(&transaction, request, Stage::Transforming.code())?
            && transforms::running(&transaction, request)?.is_empty()
        {
            let stage = transforms::summary(&transaction, request)?;
            requests::set_stage(&transaction, request, stage, Some(&errors), now)?;
        }
    }
    transaction.execute("UPDATE requests SET attempted = 0 WHERE attempted <> 0", params![])?;
    transaction.execute(
        "UPDATE transforms SET attempted = CASE WHEN attempted = 1 AND status = 2 THEN 2 ELSE 0 END WHERE attempted IN (1, 3)",
        params![],
    )?;
    transaction.commit()
}
