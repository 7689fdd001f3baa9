//! Requests in the database.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, params_from_iter};
use serde_json::{Map, Value};

use super::{campaigns, transforms};
use crate::identity::Rules;
use crate::state::Stage;
use crate::submission::{Submission, TEXTS};
use crate::target::Target;

/// A request as it is stored. Times are in seconds since 1970.
#[derive(Debug)]
pub(crate) struct RequestRow {
    pub(crate) request_id: i64,
    /// The columns of [`TEXTS`], in their order.
    pub(crate) texts: Vec<Option<String>>,
    pub(crate) request_type: i64,
    pub(crate) status: i64,
    pub(crate) substatus: i64,
    /// Number of the last command that was refused.
    pub(crate) command: i64,
    pub(crate) priority: i64,
    pub(crate) workload_id: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) expired_at: Option<i64>,
    /// JSON.
    pub(crate) errors: Option<String>,
}

/// Stores a request and returns its number.
pub(crate) fn insert(
    connection: &Connection,
    request: &Submission,
    now: i64,
    expired_at: Option<i64>,
) -> rusqlite::Result<i64> {
    let sql = format!(
        "INSERT INTO requests ({}, request_type, status, priority, workload_id, created_at, updated_at, expired_at,
                               bytes)
         VALUES ({}, ?, ?, ?, ?, ?, ?, ?, ?)",
        TEXTS.map(|text| text.0).join(", "),
        ["?"; TEXTS.len()].join(", "),
    );
    let metadata = request.metadata.get();
    let bytes = metadata.len() as i64;
    let numbers: [&dyn ToSql; 7] = [
        &request.request_type,
        &request.status,
        &request.priority,
        &request.workload_id,
        &now,
        &now,
        &expired_at,
    ];
    let texts = request.texts.iter().map(|text| text as &dyn ToSql);
    let number = connection.prepare_cached(&sql)?.insert(params_from_iter(
        texts.chain(numbers).chain([&bytes as &dyn ToSql]),
    ))?;
    connection
        .prepare_cached("INSERT INTO request_metadata (request_id, metadata) VALUES (?1, ?2)")?
        .execute(params![number, metadata])?;
    if let Some(most) = request.most {
        campaigns::queue(connection, number, most)?;
    }
    Ok(number)
}

/// Returns this many of the requests that are meant, from the one after this number on, in the order of their numbers.
///
/// What was submitted with them is not read.
pub(crate) fn list(
    connection: &Connection,
    target: Target,
    after: i64,
    most: usize,
) -> rusqlite::Result<Vec<RequestRow>> {
    let sql = format!(
        "SELECT request_id, request_type, status, priority, workload_id, created_at, updated_at, expired_at, errors,
                substatus, command, {}
         FROM requests WHERE {} AND request_id > ?3 ORDER BY request_id LIMIT ?4",
        TEXTS.map(|text| text.0).join(", "),
        target.condition(),
    );
    let read = |row: &Row<'_>| {
        Ok(RequestRow {
            request_id: row.get(0)?,
            request_type: row.get(1)?,
            status: row.get(2)?,
            priority: row.get(3)?,
            workload_id: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
            expired_at: row.get(7)?,
            errors: row.get(8)?,
            substatus: row.get(9)?,
            command: row.get(10)?,
            texts: (0..TEXTS.len())
                .map(|index| row.get(11 + index))
                .collect::<Result<_, _>>()?,
        })
    };
    connection
        .prepare_cached(&sql)?
        .query_map(
            params![target.request, target.workload, after, most as i64],
            read,
        )?
        .collect()
}

/// Returns the number of the status of each request that is meant, and when it was last changed.
pub(crate) fn states(connection: &Connection, target: Target) -> rusqlite::Result<Vec<(i64, i64)>> {
    let sql = format!(
        "SELECT status, updated_at FROM requests WHERE {} ORDER BY request_id",
        target.condition()
    );
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    connection
        .prepare_cached(&sql)?
        .query_map(params![target.request, target.workload], read)?
        .collect()
}

/// Returns how many bytes the metadata of a request have (JSON).
pub(crate) fn metadata_size(connection: &Connection, request: i64) -> rusqlite::Result<usize> {
    let sql = "SELECT bytes FROM requests WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([request], |row| row.get(0))
        .map(|size: u32| size as usize)
}

/// Returns the metadata of a request (JSON).
pub(crate) fn metadata(connection: &Connection, request: i64) -> rusqlite::Result<String> {
    let sql = "SELECT metadata FROM request_metadata WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([request], |row| row.get(0))
}

/// Returns the numbers of the requests that are meant, each with the name of its user.
pub(crate) fn owners(
    connection: &Connection,
    target: Target,
) -> rusqlite::Result<Vec<(i64, Option<String>)>> {
    let sql = format!(
        "SELECT request_id, username FROM requests WHERE {} ORDER BY request_id",
        target.condition()
    );
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    connection
        .prepare_cached(&sql)?
        .query_map(params![target.request, target.workload], read)?
        .collect()
}

/// Returns the numbers of the requests whose names are like this, by name; of several with one name, the last.
///
/// `%` or `*` stands for any text, `_` for any character, and a backslash takes their meaning away.
pub(crate) fn by_name(
    connection: &Connection,
    pattern: &str,
) -> rusqlite::Result<Map<String, Value>> {
    let sql =
        r"SELECT name, request_id FROM requests WHERE name LIKE ?1 ESCAPE '\' ORDER BY request_id";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?.into()));
    connection
        .prepare_cached(sql)?
        .query_map([pattern.replace('*', "%")], read)?
        .collect()
}

/// Returns the last request of exactly this scope and name.
pub(crate) fn by_scope_and_name(
    connection: &Connection,
    scope: Option<&str>,
    name: Option<&str>,
) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT max(request_id) FROM requests WHERE name = ?2 AND (?1 IS NULL OR scope = ?1)";
    connection
        .prepare_cached(sql)?
        .query_row(params![scope, name], |row| row.get(0))
}

/// What the server needs to know of a request to run it.
#[derive(Debug)]
pub(crate) struct Content {
    /// Number of the request type.
    pub(crate) request_type: i64,
    /// Number of the status.
    pub(crate) status: i64,
    pub(crate) workload_id: Option<i64>,
    /// JSON.
    pub(crate) metadata: String,
}

/// Returns what is in a request.
pub(crate) fn content(connection: &Connection, request: i64) -> rusqlite::Result<Option<Content>> {
    let sql = "SELECT request_type, status, workload_id, metadata FROM requests JOIN request_metadata USING (request_id)
               WHERE request_id = ?1";
    let read = |row: &Row<'_>| {
        Ok(Content {
            request_type: row.get(0)?,
            status: row.get(1)?,
            workload_id: row.get(2)?,
            metadata: row.get(3)?,
        })
    };
    connection
        .prepare_cached(sql)?
        .query_row([request], read)
        .optional()
}

/// Returns what is wrong with a request, if something is (JSON).
pub(crate) fn errors(connection: &Connection, request: i64) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT errors FROM requests WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([request], |row| row.get(0))
}

/// Tells whether a request still has the status of this number.
pub(crate) fn is_in(connection: &Connection, request: i64, status: i64) -> rusqlite::Result<bool> {
    let sql = "SELECT status = ?2 FROM requests WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row(params![request, status], |row| row.get(0))
}

/// Replaces the metadata of a request (JSON).
pub(crate) fn set_metadata(
    connection: &Connection,
    request: i64,
    metadata: &str,
) -> rusqlite::Result<()> {
    let sql = "UPDATE request_metadata SET metadata = ?2 WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![request, metadata])?;
    connection
        .prepare_cached("UPDATE requests SET bytes = ?2 WHERE request_id = ?1")?
        .execute(params![request, metadata.len() as i64])?;
    Ok(())
}

/// Moves a request on, with what went wrong if something did (JSON).
pub(crate) fn set_stage(
    connection: &Connection,
    request: i64,
    stage: Stage,
    errors: Option<&str>,
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE requests SET status = ?2, errors = ?3, updated_at = ?4 WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![request, stage.code(), errors, now])?;
    campaigns::let_in(connection, request)
}

/// Ends a running request of which no transform runs any more, with what went wrong if something did (JSON).
pub(crate) fn end_when_done(
    connection: &Connection,
    request: i64,
    errors: Option<&str>,
    now: i64,
) -> rusqlite::Result<()> {
    if is_in(connection, request, Stage::Transforming.code())?
        && transforms::running(connection, request)?.is_empty()
    {
        set_stage(
            connection,
            request,
            transforms::summary(connection, request)?,
            errors,
            now,
        )?;
    }
    Ok(())
}

/// Returns the task of a request.
pub(crate) fn workload(connection: &Connection, request: i64) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT workload_id FROM requests WHERE request_id = ?1";
    let found = connection
        .prepare_cached(sql)?
        .query_row([request], |row| row.get(0));
    Ok(found.optional()?.flatten())
}

/// Returns when a request was made, and when it is over whatever is done, in seconds since 1970.
pub(crate) fn times(connection: &Connection, request: i64) -> rusqlite::Result<(i64, Option<i64>)> {
    let sql = "SELECT created_at, expired_at FROM requests WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([request], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Ends a running request as its flow says, with what went wrong in the first of its works in which something did; 2.6.21 does not
/// tell.
pub(crate) fn end(
    connection: &Connection,
    request: i64,
    status: i64,
    rules: Rules,
    now: i64,
) -> rusqlite::Result<()> {
    let errors = match status == Stage::Finished.code() || rules == Rules::V2_6_21 {
        true => None,
        false => transforms::first_errors(connection, request)?.map(|(name, errors)| {
            let name = name.unwrap_or_default();
            match serde_json::from_str::<Value>(&errors) {
                Ok(Value::Object(errors)) if !errors.contains_key("msg") => {
                    Value::Object(errors).to_string()
                }
                Ok(errors) => {
                    let what = errors
                        .get("msg")
                        .and_then(Value::as_str)
                        .unwrap_or_default();
                    serde_json::json!({ "update_err": { "msg": format!("{name}: {what}") } })
                        .to_string()
                }
                Err(_) => errors,
            }
        }),
    };
    let sql = "UPDATE requests SET status = ?2, errors = ?3, updated_at = ?4 WHERE request_id = ?1 AND status = 2";
    connection
        .prepare_cached(sql)?
        .execute(params![request, status, errors, now])?;
    campaigns::let_in(connection, request)
}
