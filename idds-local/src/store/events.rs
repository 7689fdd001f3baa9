//! What has happened to workflows, in the database.

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::engine::flow::FlowEvent;

/// Adds an event to those of a request; its flow is due then.
pub(crate) fn add(
    connection: &Connection,
    request: i64,
    event: &impl Serialize,
    now: i64,
) -> rusqlite::Result<()> {
    let text = serde_json::to_string(event)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let sql = "INSERT INTO events (request_id, number, event, at)
               SELECT ?1, ifnull(max(number), 0) + 1, ?2, ?3 FROM events WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![request, text, now])?;
    let sql = "UPDATE requests SET flow_due = 1 WHERE request_id = ?1";
    connection.prepare_cached(sql)?.execute([request])?;
    Ok(())
}

/// Returns the events of a request after the one with this number, each with its time.
pub(crate) fn after(
    connection: &Connection,
    request: i64,
    number: i64,
) -> rusqlite::Result<Vec<(String, i64)>> {
    let sql = "SELECT event, at FROM events WHERE request_id = ?1 AND number > ?2 ORDER BY number";
    connection
        .prepare_cached(sql)?
        .query_map([request, number], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Returns the number of events of a request whose commands are carried out.
pub(crate) fn handled(connection: &Connection, request: i64) -> rusqlite::Result<i64> {
    let sql = "SELECT handled FROM requests WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([request], |row| row.get(0))
}

/// Notes that the commands of this many events are carried out.
pub(crate) fn set_handled(
    connection: &Connection,
    request: i64,
    handled: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE requests
               SET handled = ?2,
                   flow_due = EXISTS (SELECT 1 FROM events WHERE events.request_id = requests.request_id AND number > ?2)
               WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![request, handled])?;
    Ok(())
}

/// Has the flow of a request looked at again, if something has happened that nothing has come of.
pub(crate) fn look_again(connection: &Connection, request: i64) -> rusqlite::Result<()> {
    set_handled(connection, request, handled(connection, request)?)
}

/// Leaves the flow of a request alone, until it is looked at again.
pub(crate) fn leave(connection: &Connection, request: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE requests SET flow_due = 0 WHERE request_id = ?1";
    connection.prepare_cached(sql)?.execute([request])?;
    Ok(())
}

/// Forgets what has happened to a workflow, as it is planned anew.
pub(crate) fn clear(connection: &Connection, request: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM events WHERE request_id = ?1")?
        .execute([request])?;
    let sql = "UPDATE requests SET handled = 0, flow_due = 0 WHERE request_id = ?1";
    connection.prepare_cached(sql)?.execute([request])?;
    Ok(())
}

/// Notes when the flow of a request is to be told that time has passed.
pub(crate) fn set_deadline(
    connection: &Connection,
    request: i64,
    deadline: Option<i64>,
) -> rusqlite::Result<()> {
    let sql = "UPDATE requests SET deadline = ?2 WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![request, deadline])?;
    Ok(())
}

/// Tells the flows of running requests whose time has come that it has passed, after when something in them last moved; returns when
/// the next one is.
pub(crate) fn tell_time(connection: &mut Connection, now: i64) -> rusqlite::Result<Option<i64>> {
    let transaction = connection.transaction()?;
    let sql = "SELECT request_id FROM requests WHERE deadline IS NOT NULL AND status = 2 AND deadline <= ?1";
    let over: Vec<i64> = transaction
        .prepare_cached(sql)?
        .query_map([now], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for request in over {
        let moved = "SELECT max(ifnull((SELECT max(updated_at) FROM jobs WHERE request_id = ?1), 0),
                                ifnull((SELECT max(updated_at) FROM contents WHERE request_id = ?1), 0))";
        let moved: i64 = transaction
            .prepare_cached(moved)?
            .query_row([request], |row| row.get(0))?;
        if moved > 0 {
            add(&transaction, request, &FlowEvent::Progress, moved)?;
        }
        add(&transaction, request, &FlowEvent::Time, now)?;
        set_deadline(&transaction, request, None)?;
    }
    let sql = "SELECT min(deadline) FROM requests WHERE deadline IS NOT NULL AND status = 2";
    let next = transaction
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))?;
    transaction.commit()?;
    Ok(next)
}
