//! Transforms in the database: works that the server runs, or only knows of.

mod change;

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::plan::CollectionName;
use crate::state::Stage;
use crate::target::Target;

pub(crate) use self::change::{
    cancel_processings, change_errors, resume, resume_one, set_due, set_errors, set_history,
    set_lacking, set_metadata, set_result, set_stage,
};

/// What is stored as a transform.
#[derive(Debug)]
pub(crate) struct NewTransform {
    pub(crate) request_id: i64,
    pub(crate) workload_id: Option<i64>,
    /// Number of the transform type.
    pub(crate) transform_type: i64,
    pub(crate) transform_tag: Option<String>,
    pub(crate) name: Option<String>,
    /// Number of the status.
    pub(crate) status: i64,
    /// Number of the status of its processing, if it has one.
    pub(crate) processing_status: Option<i64>,
    pub(crate) priority: i64,
    pub(crate) retries: i64,
    pub(crate) internal_id: Option<String>,
    pub(crate) parent_internal_id: Option<String>,
    pub(crate) run_id: Option<String>,
    pub(crate) site: Option<String>,
    /// Collections; those of a transform without a processing are not shown.
    pub(crate) input: CollectionName,
    pub(crate) output: CollectionName,
    /// JSON.
    pub(crate) metadata: String,
    /// JSON of what the server runs itself.
    pub(crate) search: Option<String>,
    /// Name of the run in the flow of its workflow.
    pub(crate) run_key: Option<String>,
}

impl NewTransform {
    /// A transform of this type, which nobody has looked at.
    pub(crate) fn new(request_id: i64, transform_type: i64) -> Self {
        Self {
            request_id,
            workload_id: None,
            transform_type,
            transform_tag: None,
            name: None,
            status: Stage::New.code(),
            processing_status: None,
            priority: 0,
            retries: 0,
            internal_id: None,
            parent_internal_id: None,
            run_id: None,
            site: None,
            input: CollectionName::default(),
            output: CollectionName::default(),
            metadata: "null".to_owned(),
            search: None,
            run_key: None,
        }
    }
}

/// A transform as it is stored, but for its metadata. Times are in seconds since 1970.
#[derive(Debug)]
pub(crate) struct TransformRow {
    pub(crate) transform_id: i64,
    pub(crate) content: NewTransform,
    /// Whether the server runs it itself.
    pub(crate) is_search: bool,
    /// Whether it has jobs.
    pub(crate) has_jobs: bool,
    /// Whether files may still be added to the dataset that it moves, if it moves one.
    pub(crate) dataset_is_open: Option<bool>,
    /// Whether it is a search whose points a program proposes.
    pub(crate) is_steered: bool,
    /// JSON.
    pub(crate) errors: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) finished_at: Option<i64>,
}

/// Stores a transform and returns its number.
pub(crate) fn insert(
    connection: &Connection,
    transform: &NewTransform,
    now: i64,
) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO transforms (request_id, workload_id, transform_type, transform_tag, name, status,
                                       processing_status, priority, retries, internal_id, parent_internal_id, run_id,
                                       site, created_at, updated_at, input_scope, input_name, output_scope, output_name,
                                       search, run_key)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?15, ?16, ?17, ?18, ?19,
                       ?20)";
    let number = connection.prepare_cached(sql)?.insert(params![
        transform.request_id,
        transform.workload_id,
        transform.transform_type,
        transform.transform_tag,
        transform.name,
        transform.status,
        transform.processing_status,
        transform.priority,
        transform.retries,
        transform.internal_id,
        transform.parent_internal_id,
        transform.run_id,
        transform.site,
        now,
        transform.input.scope,
        transform.input.name,
        transform.output.scope,
        transform.output.name,
        transform.search,
        transform.run_key,
    ])?;
    connection
        .prepare_cached("INSERT INTO transform_metadata (transform_id, metadata) VALUES (?1, ?2)")?
        .execute(params![number, transform.metadata])?;
    Ok(number)
}

/// Returns this many of the transforms of requests, or of the one with this number of them, from the one after a number on.
///
/// Metadata and what the server runs are not read.
pub(crate) fn list(
    connection: &Connection,
    target: Target,
    transform: Option<i64>,
    after: i64,
    most: usize,
) -> rusqlite::Result<Vec<TransformRow>> {
    // What the server runs is stored as an enum with the name of its variant in front, so whether it has jobs can be told without
    // reading that text, which may be long.
    let sql = format!(
        "SELECT request_id, workload_id, transform_type, transform_tag, name, status, processing_status, priority, retries,
                internal_id, parent_internal_id, run_id, site, input_scope, input_name, output_scope, output_name,
                search IS NOT NULL, transform_id, errors, created_at, updated_at, finished_at,
                coalesce(search, '') LIKE '{{\"Programs\"%',
                (SELECT is_open FROM datasets WHERE datasets.transform_id = transforms.transform_id),
                coalesce(search, '') LIKE '{{\"Steered\"%'
         FROM transforms WHERE {} AND (?3 IS NULL OR transform_id = ?3) AND transform_id > ?4
         ORDER BY transform_id LIMIT ?5",
        target.condition(),
    );
    let read = |row: &Row<'_>| {
        let content = NewTransform {
            request_id: row.get(0)?,
            workload_id: row.get(1)?,
            transform_type: row.get(2)?,
            transform_tag: row.get(3)?,
            name: row.get(4)?,
            status: row.get(5)?,
            processing_status: row.get(6)?,
            priority: row.get(7)?,
            retries: row.get(8)?,
            internal_id: row.get(9)?,
            parent_internal_id: row.get(10)?,
            run_id: row.get(11)?,
            site: row.get(12)?,
            input: CollectionName {
                scope: row.get(13)?,
                name: row.get(14)?,
            },
            output: CollectionName {
                scope: row.get(15)?,
                name: row.get(16)?,
            },
            metadata: String::new(),
            search: None,
            run_key: None,
        };
        Ok(TransformRow {
            is_search: row.get(17)?,
            transform_id: row.get(18)?,
            content,
            errors: row.get(19)?,
            created_at: row.get(20)?,
            updated_at: row.get(21)?,
            finished_at: row.get(22)?,
            has_jobs: row.get(23)?,
            dataset_is_open: row.get(24)?,
            is_steered: row.get(25)?,
        })
    };
    let parameters = params![
        target.request,
        target.workload,
        transform,
        after,
        most as i64
    ];
    connection
        .prepare_cached(&sql)?
        .query_map(parameters, read)?
        .collect()
}

/// Returns the numbers of the transforms of requests, or this one if it is one of them.
pub(crate) fn numbers(
    connection: &Connection,
    target: Target,
    transform: Option<i64>,
) -> rusqlite::Result<Vec<i64>> {
    let sql = format!(
        "SELECT transform_id FROM transforms WHERE {} AND (?3 IS NULL OR transform_id = ?3) ORDER BY transform_id",
        target.condition()
    );
    let parameters = params![target.request, target.workload, transform];
    connection
        .prepare_cached(&sql)?
        .query_map(parameters, |row| row.get(0))?
        .collect()
}

/// A transform, as tables by month count it.
#[derive(Debug)]
pub(crate) struct TransformState {
    pub(crate) request_id: i64,
    /// Number of the transform type.
    pub(crate) transform_type: i64,
    /// Number of the status.
    pub(crate) status: i64,
    /// Number of the status of its processing, if it has one.
    pub(crate) processing_status: Option<i64>,
    pub(crate) updated_at: i64,
}

/// Returns the states of the transforms of requests.
pub(crate) fn states(
    connection: &Connection,
    target: Target,
) -> rusqlite::Result<Vec<TransformState>> {
    let sql = format!(
        "SELECT request_id, transform_type, status, processing_status, updated_at FROM transforms WHERE {}
         ORDER BY request_id, transform_id",
        target.condition()
    );
    let read = |row: &Row<'_>| {
        Ok(TransformState {
            request_id: row.get(0)?,
            transform_type: row.get(1)?,
            status: row.get(2)?,
            processing_status: row.get(3)?,
            updated_at: row.get(4)?,
        })
    };
    connection
        .prepare_cached(&sql)?
        .query_map(params![target.request, target.workload], read)?
        .collect()
}

/// Returns the names and the tasks of the transforms of a request.
pub(crate) fn names(
    connection: &Connection,
    request: i64,
) -> rusqlite::Result<Vec<(Option<String>, Option<i64>)>> {
    let sql =
        "SELECT name, workload_id FROM transforms WHERE request_id = ?1 ORDER BY transform_id";
    connection
        .prepare_cached(sql)?
        .query_map([request], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Counts the transforms of a request by the number of their status.
pub(crate) fn count_by_status(
    connection: &Connection,
    request: i64,
) -> rusqlite::Result<Vec<(i64, i64)>> {
    let sql = "SELECT status, count(*) FROM transforms WHERE request_id = ?1 GROUP BY status ORDER BY min(transform_id)";
    connection
        .prepare_cached(sql)?
        .query_map([request], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Returns how many bytes the metadata of a transform have (JSON).
pub(crate) fn metadata_size(connection: &Connection, transform: i64) -> rusqlite::Result<usize> {
    let sql = "SELECT octet_length(metadata) FROM transform_metadata WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
        .map(|size: u32| size as usize)
}

/// Returns the metadata of a transform (JSON).
pub(crate) fn metadata(connection: &Connection, transform: i64) -> rusqlite::Result<String> {
    let sql = "SELECT metadata FROM transform_metadata WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
}

/// Returns how many seconds the last works took that are Finished, with what each says about itself (JSON), the last one first.
pub(crate) fn taken(connection: &Connection, most: usize) -> rusqlite::Result<Vec<(String, i64)>> {
    let sql = "SELECT metadata, finished_at - created_at FROM transforms JOIN transform_metadata USING (transform_id)
               WHERE status = 3 AND finished_at IS NOT NULL ORDER BY transform_id DESC LIMIT ?1";
    connection
        .prepare_cached(sql)?
        .query_map([most as i64], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Returns the numbers of the running searches.
pub(crate) fn searching(connection: &Connection) -> rusqlite::Result<HashSet<i64>> {
    // 2 is Transforming.
    let sql = "SELECT transform_id FROM transforms WHERE status = 2 AND search IS NOT NULL";
    connection
        .prepare_cached(sql)?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Returns the transform of a run of a work, if it has begun.
pub(crate) fn of_run(
    connection: &Connection,
    request: i64,
    run: &str,
) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT transform_id FROM transforms WHERE request_id = ?1 AND run_key = ?2";
    connection
        .prepare_cached(sql)?
        .query_row(params![request, run], |row| row.get(0))
        .optional()
}

/// Returns the name of the run that a transform is of, in the flow of its workflow.
pub(crate) fn run_key(connection: &Connection, transform: i64) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT run_key FROM transforms WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
}

/// Stores a work that cannot begin, whose collections nobody sees.
pub(crate) fn insert_failed(
    connection: &Connection,
    request: i64,
    (run, id): (&str, &str),
    now: i64,
) -> rusqlite::Result<i64> {
    if let Some(transform) = of_run(connection, request, run)? {
        return Ok(transform);
    }
    let transform = NewTransform {
        name: Some(id.to_owned()),
        internal_id: Some(id.to_owned()),
        run_key: Some(run.to_owned()),
        ..NewTransform::new(request, 0)
    };
    insert(connection, &transform, now)
}

/// Returns what a work says about itself (JSON).
pub(crate) fn result(connection: &Connection, transform: i64) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT result FROM transforms WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
}

/// Returns the errors of the first transform of a request that has any (JSON).
pub(crate) fn first_errors(
    connection: &Connection,
    request: i64,
) -> rusqlite::Result<Option<(Option<String>, String)>> {
    let sql = "SELECT name, errors FROM transforms WHERE request_id = ?1 AND errors IS NOT NULL ORDER BY transform_id LIMIT 1";
    connection
        .prepare_cached(sql)?
        .query_row([request], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Returns the numbers of the transforms of a request that have not ended.
pub(crate) fn running(connection: &Connection, request: i64) -> rusqlite::Result<Vec<i64>> {
    let sql = "SELECT transform_id FROM transforms WHERE request_id = ?1 AND status IN (0, 2) ORDER BY transform_id";
    connection
        .prepare_cached(sql)?
        .query_map([request], |row| row.get(0))?
        .collect()
}

/// Returns the numbers of the transforms of a request that have not ended, or are held.
pub(crate) fn unfinished(connection: &Connection, request: i64) -> rusqlite::Result<Vec<i64>> {
    let sql = "SELECT transform_id FROM transforms WHERE request_id = ?1 AND status IN (0, 2, 12) ORDER BY transform_id";
    connection
        .prepare_cached(sql)?
        .query_map([request], |row| row.get(0))?
        .collect()
}

/// Returns what the transforms of a request make it once they have ended.
pub(crate) fn summary(connection: &Connection, request: i64) -> rusqlite::Result<Stage> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE status = 3), count(*) FILTER (WHERE status IN (3, 4))
               FROM transforms WHERE request_id = ?1";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let counts: (i64, i64, i64) = connection.prepare_cached(sql)?.query_row([request], read)?;
    Ok(match counts {
        (_, _, 0) => Stage::Failed,
        (all, finished, _) if all == finished => Stage::Finished,
        _ => Stage::SubFinished,
    })
}

/// Tells whether a transform has not ended.
pub(crate) fn is_open(connection: &Connection, transform: i64) -> rusqlite::Result<bool> {
    let sql = "SELECT status IN (0, 2, 12) FROM transforms WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
}

/// Returns what becomes of a transform that the server runs itself (JSON).
pub(crate) fn search(connection: &Connection, transform: i64) -> rusqlite::Result<String> {
    let sql = "SELECT search FROM transforms WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
}

/// Tells whether a transform is still in this stage.
pub(crate) fn is_in(
    connection: &Connection,
    transform: i64,
    stage: Stage,
) -> rusqlite::Result<bool> {
    let sql = "SELECT status = ?2 FROM transforms WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row(params![transform, stage.code()], |row| row.get(0))
}

/// Returns how many points of its generation a search lacks.
pub(crate) fn lacking(connection: &Connection, transform: i64) -> rusqlite::Result<u64> {
    let sql = "SELECT lacking FROM transforms WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
        .map(i64::cast_unsigned)
}

/// Returns how many points were there when the last generation of a search was made.
pub(crate) fn history(connection: &Connection, transform: i64) -> rusqlite::Result<i64> {
    let sql = "SELECT history FROM transforms WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
}
