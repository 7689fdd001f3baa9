//! Requests in the database.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, params_from_iter};
use serde_json::{Map, Value};

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
    pub(crate) priority: i64,
    pub(crate) workload_id: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) expired_at: Option<i64>,
    /// JSON.
    pub(crate) errors: Option<String>,
    /// JSON; read only where it was asked for.
    pub(crate) metadata: Option<String>,
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
                               request_metadata)
         VALUES ({}, ?, ?, ?, ?, ?, ?, ?, ?)",
        TEXTS.map(|text| text.0).join(", "),
        ["?"; TEXTS.len()].join(", "),
    );
    let metadata = request.metadata.get();
    let numbers: [&dyn ToSql; 7] =
        [&request.request_type, &request.status, &request.priority, &request.workload_id, &now, &now, &expired_at];
    let texts = request.texts.iter().map(|text| text as &dyn ToSql);
    connection.prepare_cached(&sql)?.insert(params_from_iter(texts.chain(numbers).chain([&metadata as &dyn ToSql])))
}

/// Returns the requests that are meant, in the order of their numbers.
pub(crate) fn list(connection: &Connection, target: Target, with_metadata: bool) -> rusqlite::Result<Vec<RequestRow>> {
    let sql = format!(
        "SELECT request_id, request_type, status, priority, workload_id, created_at, updated_at, expired_at, errors,
                CASE WHEN ?3 THEN request_metadata END, {}
         FROM requests WHERE {} ORDER BY request_id",
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
            metadata: row.get(9)?,
            texts: (0..TEXTS.len()).map(|index| row.get(10 + index)).collect::<Result<_, _>>()?,
        })
    };
    connection.prepare_cached(&sql)?.query_map(params![target.request, target.workload, with_metadata], read)?.collect()
}

/// Returns the numbers of the requests whose names are like this, by name; of several with one name, the last.
///
/// `%` or `*` stands for any text, `_` for any character, and a backslash takes their meaning away.
pub(crate) fn by_name(connection: &Connection, pattern: &str) -> rusqlite::Result<Map<String, Value>> {
    let sql = r"SELECT name, request_id FROM requests WHERE name LIKE ?1 ESCAPE '\' ORDER BY request_id";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?.into()));
    connection.prepare_cached(sql)?.query_map([pattern.replace('*', "%")], read)?.collect()
}

/// Returns the first request that nobody has looked at yet.
pub(crate) fn next_new(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT request_id FROM requests WHERE status = 0 ORDER BY request_id LIMIT 1";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()
}

/// Returns the type and the metadata of a request.
pub(crate) fn content(connection: &Connection, request: i64) -> rusqlite::Result<(i64, String)> {
    let sql = "SELECT request_type, request_metadata FROM requests WHERE request_id = ?1";
    connection.prepare_cached(sql)?.query_row([request], |row| Ok((row.get(0)?, row.get(1)?)))
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
    connection.prepare_cached(sql)?.execute(params![request, stage.code(), errors, now])?;
    Ok(())
}
