//! The effect of commands on the database.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

use super::{from_json, points, requests, transforms};
use crate::command::Command;
use crate::state::Stage;

/// Number of the substatus of a request that was told to end: ToCancel.
const TO_CANCEL: i64 = 7;

/// Carries a command out, in a transaction of the caller; a request that is not there ignores it.
///
/// A refused command only leaves its reason in the errors of the request.
pub(crate) fn obey(connection: &Connection, request: i64, command: Command, now: i64) -> rusqlite::Result<()> {
    let sql = "SELECT status, errors FROM requests WHERE request_id = ?1";
    let found: Option<(i64, Option<String>)> =
        connection.prepare_cached(sql)?.query_row([request], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((status, errors)) = found else { return Ok(()) };
    if let Some(reason) = command.refusal(status) {
        return refuse(connection, request, command, reason, errors.as_deref(), now);
    }
    if command.is_idle(status) {
        return Ok(());
    }
    match command {
        Command::Abort | Command::Close => end(connection, request, now),
        Command::Retry => resume(connection, request, now),
    }
}

fn refuse(
    connection: &Connection,
    request: i64,
    command: Command,
    reason: &str,
    errors: Option<&str>,
    now: i64,
) -> rusqlite::Result<()> {
    let mut errors: Map<String, Value> = errors.map(from_json).transpose()?.unwrap_or_default();
    errors.insert("extra_msg".to_owned(), reason.into());
    let sql = "UPDATE requests SET errors = ?2, command = ?3, updated_at = ?4 WHERE request_id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        request,
        Value::Object(errors).to_string(),
        command.code(),
        now
    ])?;
    Ok(())
}

/// Ends what runs: as SubFinished where a point has a loss, else as Failed.
fn end(connection: &Connection, request: i64, now: i64) -> rusqlite::Result<()> {
    for transform in transforms::running(connection, request)? {
        let stage = match points::tally(connection, transform)?.evaluated {
            0 => Stage::Failed,
            _ => Stage::SubFinished,
        };
        transforms::set_stage(connection, transform, stage, now)?;
    }
    let stage = transforms::summary(connection, request)?;
    requests::set_stage(connection, request, stage, None, now)?;
    mark(connection, request, TO_CANCEL)
}

/// Lets what ended too early go on; a request without transforms is planned again.
fn resume(connection: &Connection, request: i64, now: i64) -> rusqlite::Result<()> {
    let stage = match transforms::resume(connection, request, now)? {
        0 => Stage::New,
        _ => Stage::Transforming,
    };
    requests::set_stage(connection, request, stage, None, now)?;
    mark(connection, request, Stage::New.code())
}

fn mark(connection: &Connection, request: i64, substatus: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE requests SET substatus = ?2, command = 0 WHERE request_id = ?1";
    connection.prepare_cached(sql)?.execute(params![request, substatus])?;
    Ok(())
}
