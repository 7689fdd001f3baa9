//! Transforms in the database: works that the server runs.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::plan::{CollectionName, Plan};
use crate::state::Stage;

/// A transform as it is stored. Times are in seconds since 1970.
#[derive(Debug)]
pub(crate) struct TransformRow {
    pub(crate) transform_id: i64,
    pub(crate) name: String,
    pub(crate) status: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) finished_at: Option<i64>,
    pub(crate) input: CollectionName,
    pub(crate) output: CollectionName,
}

/// Stores the transform of a planned request and returns its number.
pub(crate) fn insert(connection: &Connection, request: i64, plan: &Plan, now: i64) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO transforms (request_id, name, status, created_at, updated_at, input_scope, input_name,
                                       output_scope, output_name, search)
               VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9)";
    let search = serde_json::to_string(&plan.search)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection.prepare_cached(sql)?.insert(params![
        request,
        plan.work,
        Stage::Transforming.code(),
        now,
        plan.input.scope,
        plan.input.name,
        plan.output.scope,
        plan.output.name,
        search,
    ])
}

/// Returns the transforms of a request.
pub(crate) fn list(connection: &Connection, request: i64) -> rusqlite::Result<Vec<TransformRow>> {
    let sql = "SELECT transform_id, name, status, created_at, updated_at, finished_at, input_scope, input_name,
                      output_scope, output_name
               FROM transforms WHERE request_id = ?1 ORDER BY transform_id";
    let read = |row: &Row<'_>| {
        Ok(TransformRow {
            transform_id: row.get(0)?,
            name: row.get(1)?,
            status: row.get(2)?,
            created_at: row.get(3)?,
            updated_at: row.get(4)?,
            finished_at: row.get(5)?,
            input: CollectionName { scope: row.get(6)?, name: row.get(7)? },
            output: CollectionName { scope: row.get(8)?, name: row.get(9)? },
        })
    };
    connection.prepare_cached(sql)?.query_map([request], read)?.collect()
}

/// Returns the first running transform that has no open point, with its request.
pub(crate) fn next_due(connection: &Connection) -> rusqlite::Result<Option<(i64, i64)>> {
    let sql = "SELECT transform_id, request_id FROM transforms
               WHERE status = 2
                 AND NOT EXISTS (SELECT 1 FROM contents
                                 WHERE contents.transform_id = transforms.transform_id AND loss IS NULL)
               ORDER BY transform_id LIMIT 1";
    connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// Returns the search of a transform (JSON).
pub(crate) fn search(connection: &Connection, transform: i64) -> rusqlite::Result<String> {
    let sql = "SELECT search FROM transforms WHERE transform_id = ?1";
    connection.prepare_cached(sql)?.query_row([transform], |row| row.get(0))
}

/// Moves a transform on.
pub(crate) fn set_stage(connection: &Connection, transform: i64, stage: Stage, now: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE transforms SET status = ?2, updated_at = ?3, finished_at = ?4 WHERE transform_id = ?1";
    let finished_at = (stage != Stage::Transforming).then_some(now);
    connection.prepare_cached(sql)?.execute(params![transform, stage.code(), now, finished_at])?;
    Ok(())
}
