//! What is being planned, in the database: what kills a server is not tried for ever.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use super::{requests, transforms};
use crate::agent::end_work;
use crate::state::Stage;

/// Something that can move.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Due {
    /// A request to be planned.
    Request(i64),
    /// A flow of which something has happened.
    Flow(i64),
    /// A search that lacks points, or a work none of whose points and jobs is open.
    Work { request: i64, transform: i64 },
    /// A transform that a client has added.
    Added { request: i64, transform: i64 },
}

/// Where something is looked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Among {
    /// What takes no time, as far as is known.
    Quick,
    /// What takes long: requests of which more than 256 KiB are stored, and what was found to take long.
    Long,
}

/// Finds the first thing that can move and that there is a place for, and notes that it is being moved.
pub(crate) fn claim(
    connection: &mut Connection,
    has_place: impl Fn(Among) -> bool,
    long: &HashSet<Due>,
) -> rusqlite::Result<Option<(Due, Among)>> {
    super::without_waiting(connection, |connection| {
        claim_now(connection, has_place, long)
    })
}

fn claim_now(
    connection: &mut Connection,
    has_place: impl Fn(Among) -> bool,
    long: &HashSet<Due>,
) -> rusqlite::Result<Option<(Due, Among)>> {
    let transaction = connection.transaction()?;
    let mut found = None;
    if has_place(Among::Quick) {
        found = find_quick(&transaction, long)?.map(|due| (due, Among::Quick));
    }
    if found.is_none() && has_place(Among::Long) {
        found = find_long(&transaction, long)?.map(|due| (due, Among::Long));
    }
    match found {
        None => return Ok(None),
        Some((Due::Request(request), _)) => transaction
            .prepare_cached("UPDATE requests SET attempted = 1 WHERE request_id = ?1")?
            .execute([request])?,
        Some((Due::Flow(request), _)) => transaction
            .prepare_cached("UPDATE requests SET attempted = 2 WHERE request_id = ?1")?
            .execute([request])?,
        Some((Due::Work { transform, .. } | Due::Added { transform, .. }, _)) => transaction
            .prepare_cached(
                "UPDATE transforms SET attempted = attempted + 1 WHERE transform_id = ?1",
            )?
            .execute([transform])?,
    };
    transaction.commit()?;
    Ok(found)
}

// Each statement below names the terms of a partial index, so that what waits is not looked at, however much it is.

/// Finds the first thing that takes no time, as far as is known.
fn find_quick(connection: &Connection, long: &HashSet<Due>) -> rusqlite::Result<Option<Due>> {
    let first = |sql: &str, due: &dyn Fn(i64, i64) -> Due| -> rusqlite::Result<Option<Due>> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut found = statement.query_map([], |row| Ok(due(row.get(0)?, row.get(1)?)))?;
        found
            .find(|due| due.as_ref().map_or(true, |due| !long.contains(due)))
            .transpose()
    };
    let requests = "SELECT request_id, 0 FROM requests
                    WHERE status IN (0, 22) AND attempted = 0 AND queued = 0 AND bytes <= 262144 ORDER BY request_id";
    let flows = "SELECT request_id, 0 FROM requests WHERE flow_due = 1 AND attempted = 0 ORDER BY request_id";
    let added = "SELECT request_id, transform_id FROM transforms WHERE status = 0 AND attempted = 0 ORDER BY transform_id";
    let searches = "SELECT request_id, transform_id FROM transforms
                    WHERE status = 2 AND due = 1 AND attempted IN (0, 2) ORDER BY transform_id";
    if let Some(due) = first(requests, &|request, _| Due::Request(request))? {
        return Ok(Some(due));
    }
    if let Some(due) = first(flows, &|request, _| Due::Flow(request))? {
        return Ok(Some(due));
    }
    if let Some(due) = first(added, &|request, transform| Due::Added {
        request,
        transform,
    })? {
        return Ok(Some(due));
    }
    first(searches, &|request, transform| Due::Work {
        request,
        transform,
    })
}

/// Finds the first thing that takes long: what is large, or was found to be so.
fn find_long(connection: &Connection, long: &HashSet<Due>) -> rusqlite::Result<Option<Due>> {
    let large = "SELECT request_id FROM requests
                 WHERE status IN (0, 22) AND attempted = 0 AND queued = 0 AND bytes > 262144 ORDER BY request_id LIMIT 1";
    if let Some(request) = connection
        .prepare_cached(large)?
        .query_row([], |row| row.get(0))
        .optional()?
    {
        return Ok(Some(Due::Request(request)));
    }
    let mut known: Vec<_> = long.iter().copied().collect();
    known.sort_unstable();
    for due in known {
        let (sql, id) = match due {
            Due::Request(request) => (
                "SELECT 1 FROM requests WHERE request_id = ?1 AND status IN (0, 22) AND attempted = 0 AND queued = 0",
                request,
            ),
            Due::Flow(request) => (
                "SELECT 1 FROM requests WHERE request_id = ?1 AND flow_due = 1 AND attempted = 0",
                request,
            ),
            Due::Added { transform, .. } => (
                "SELECT 1 FROM transforms WHERE transform_id = ?1 AND status = 0 AND attempted = 0",
                transform,
            ),
            Due::Work { transform, .. } => (
                "SELECT 1 FROM transforms WHERE transform_id = ?1 AND status = 2 AND due = 1 AND attempted IN (0, 2)",
                transform,
            ),
        };
        if connection.prepare_cached(sql)?.exists([id])? {
            return Ok(Some(due));
        }
    }
    Ok(None)
}

/// Notes that something is not being moved any more.
pub(crate) fn release(connection: &Connection, due: Due) -> rusqlite::Result<()> {
    let (sql, id) = match due {
        Due::Request(request) | Due::Flow(request) => (
            "UPDATE requests SET attempted = 0 WHERE request_id = ?1",
            request,
        ),
        Due::Work { transform, .. } | Due::Added { transform, .. } => (
            "UPDATE transforms SET attempted = 0 WHERE transform_id = ?1",
            transform,
        ),
    };
    connection.prepare_cached(sql)?.execute([id])?;
    match due {
        Due::Work { transform, .. } => transforms::set_due(connection, transform),
        Due::Request(_) | Due::Flow(_) | Due::Added { .. } => Ok(()),
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
        transaction
            .prepare(sql)?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
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
    let killed =
        "SELECT transform_id, request_id FROM transforms WHERE attempted = 3 AND status = 2";
    for (transform, request) in numbers(killed)? {
        let message = format!(
            "the server was killed twice while it made points of this search, which may have taken all memory; `idds request \
             retry {request}` lets it go on"
        );
        let errors = json!({ "update_err": { "msg": message } }).to_string();
        end_work(&transaction, (request, transform), Stage::Failed, now)?;
        transforms::set_errors(&transaction, transform, &errors)?;
        requests::end_when_done(&transaction, request, Some(&errors), now)?;
    }
    transaction.execute(
        "UPDATE requests SET attempted = 0 WHERE attempted <> 0",
        params![],
    )?;
    transaction.execute(
        "UPDATE transforms SET attempted = CASE WHEN attempted = 1 AND status = 2 THEN 2 ELSE 0 END WHERE attempted IN (1, 3)",
        params![],
    )?;
    transaction.commit()
}
