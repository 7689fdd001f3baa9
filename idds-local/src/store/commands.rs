//! The effect of commands on the database.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

use super::{events, files, from_json, jobs, requests, tally, transforms};
use crate::command::Command;
use crate::engine::flow::{Ending, FlowEvent, UserCommand};
use crate::state::Stage;

/// Numbers of the substatus of a request that was told something: ToCancel, ToSuspend, ToFinish and ToForceFinish.
const TO_CANCEL: i64 = 7;
const TO_SUSPEND: i64 = 10;
const TO_FINISH: i64 = 18;
const TO_FORCE_FINISH: i64 = 19;

/// Carries a command out, in a transaction of the caller; a request that is not there ignores it.
///
/// A refused command only leaves its reason in the errors of the request.
pub(crate) fn obey(
    connection: &Connection,
    request: i64,
    command: Command,
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "SELECT status, errors FROM requests WHERE request_id = ?1";
    let found: Option<(i64, Option<String>)> = connection
        .prepare_cached(sql)?
        .query_row([request], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((status, errors)) = found else {
        return Ok(());
    };
    if let Some(reason) = command.refusal(status) {
        return refuse(connection, request, command, reason, errors.as_deref(), now);
    }
    if command.is_idle(status) {
        return Ok(());
    }
    match command {
        Command::Abort | Command::Close => end(connection, request, now),
        Command::Retry => resume(connection, request, status, now),
        Command::Suspend => suspend(connection, request, now),
        Command::Finish => finish(connection, request, false, now),
        Command::ForceFinish => finish(connection, request, true, now),
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
    let sql =
        "UPDATE requests SET errors = ?2, command = ?3, updated_at = ?4 WHERE request_id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        request,
        Value::Object(errors).to_string(),
        command.code(),
        now
    ])?;
    Ok(())
}

/// Ends what runs: as SubFinished where something of it is done, else as Failed.
fn end(connection: &Connection, request: i64, now: i64) -> rusqlite::Result<()> {
    for transform in transforms::running(connection, request)? {
        end_early(connection, transform, Ending::Abort, now)?;
    }
    let stage = match transforms::summary(connection, request)? {
        // Its flow had not ended, so something was still to come.
        Stage::Finished => Stage::SubFinished,
        stage => stage,
    };
    requests::set_stage(connection, request, stage, None, now)?;
    mark(connection, request, TO_CANCEL)
}

/// Ends a work that runs or is held, and tells how; nothing when it has ended.
///
/// The flow of its workflow is not told: it stands still while a request has ended, and a retry lets the work go on.
pub(crate) fn end_early(
    connection: &Connection,
    transform: i64,
    ending: Ending,
    now: i64,
) -> rusqlite::Result<Option<Stage>> {
    if !transforms::is_open(connection, transform)? {
        return Ok(None);
    }
    let tally = tally::of(connection, transform)?;
    let stage = match ending {
        Ending::SetAllFinished => Stage::Finished,
        Ending::Finish if tally.evaluated > 0 && tally.evaluated == tally.total() => {
            Stage::Finished
        }
        _ if tally.evaluated == 0 => Stage::Failed,
        _ => Stage::SubFinished,
    };
    let is_forced = ending == Ending::SetAllFinished;
    jobs::close(connection, transform, is_forced, now)?;
    files::close(connection, transform, is_forced, now)?;
    transforms::set_stage(connection, transform, stage, now)?;
    Ok(Some(stage))
}

/// Lets a work go on that has ended without being Finished.
pub(crate) fn retry_run(
    connection: &Connection,
    (request, transform): (i64, i64),
    now: i64,
) -> rusqlite::Result<()> {
    if transforms::resume_one(connection, transform, now)? {
        jobs::reopen(connection, (request, transform), now)?;
        files::reopen(connection, transform, now)?;
    }
    Ok(())
}

/// Holds what runs. Losses are still taken, as those of an ended request are, and jobs that run go on to their ends, but nothing comes
/// of them until it is resumed.
fn suspend(connection: &Connection, request: i64, now: i64) -> rusqlite::Result<()> {
    for transform in transforms::running(connection, request)? {
        transforms::set_stage(connection, transform, Stage::Suspended, now)?;
    }
    requests::set_stage(connection, request, Stage::Suspended, None, now)?;
    mark(connection, request, TO_SUSPEND)
}

/// Ends what runs or is held: as Finished where nothing is left or what is left counts as done, else as for an abort.
fn finish(
    connection: &Connection,
    request: i64,
    is_forced: bool,
    now: i64,
) -> rusqlite::Result<()> {
    let ending = match is_forced {
        true => Ending::SetAllFinished,
        false => Ending::Finish,
    };
    let left = transforms::unfinished(connection, request)?;
    for transform in &left {
        end_early(connection, *transform, ending, now)?;
    }
    let stage = match is_forced && left.is_empty() {
        true => Stage::Finished,
        false => transforms::summary(connection, request)?,
    };
    requests::set_stage(connection, request, stage, None, now)?;
    mark(
        connection,
        request,
        if is_forced {
            TO_FORCE_FINISH
        } else {
            TO_FINISH
        },
    )
}

/// Lets what is held or ended too early go on; a request without transforms is planned again.
fn resume(connection: &Connection, request: i64, status: i64, now: i64) -> rusqlite::Result<()> {
    let is_held = status == Stage::Suspended.code();
    let from: &[Stage] = match is_held {
        true => &[Stage::Suspended],
        false => &[Stage::SubFinished, Stage::Failed],
    };
    if !is_held && events::handled(connection, request)? > 0 {
        let retry = FlowEvent::Asked(UserCommand::Retry);
        events::add(connection, request, &retry, now)?;
    }
    let resumed = transforms::resume(connection, request, from, now)?;
    for transform in &resumed {
        jobs::reopen(connection, (request, *transform), now)?;
        files::reopen(connection, *transform, now)?;
    }
    let is_new = events::handled(connection, request)? == 0;
    let stage = match resumed.is_empty() && is_new && !is_held {
        true => Stage::New,
        false => Stage::Transforming,
    };
    match stage {
        Stage::New => events::clear(connection, request)?,
        // Something may have happened when nothing came of it.
        _ => events::look_again(connection, request)?,
    }
    requests::set_stage(connection, request, stage, None, now)?;
    mark(connection, request, Stage::New.code())
}

fn mark(connection: &Connection, request: i64, substatus: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE requests SET substatus = ?2, command = 0 WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![request, substatus])?;
    Ok(())
}
