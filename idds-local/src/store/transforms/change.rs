//! How what is noted of a transform changes.

use rusqlite::{Connection, params};
use serde_json::Value;

use crate::state::Stage;

/// Notes what a work says about itself (JSON).
pub(crate) fn set_result(
    connection: &Connection,
    transform: i64,
    result: &str,
) -> rusqlite::Result<()> {
    let sql = "UPDATE transforms SET result = ?2 WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, result])?;
    Ok(())
}

/// Lets the transforms of a request go on that are in one of these stages, and returns their numbers.
pub(crate) fn resume(
    connection: &Connection,
    request: i64,
    from: &[Stage],
    now: i64,
) -> rusqlite::Result<Vec<i64>> {
    let from = |index: usize| from.get(index).map(|stage| stage.code());
    let sql = "UPDATE transforms
               SET status = CASE WHEN search IS NULL THEN 0 ELSE 2 END,
                   processing_status = CASE WHEN processing_status IS NOT NULL THEN 3 END, updated_at = ?2, finished_at = NULL, errors = NULL
               WHERE request_id = ?1 AND status IN (?3, ?4) RETURNING transform_id";
    connection
        .prepare_cached(sql)?
        .query_map(params![request, now, from(0), from(1)], |row| row.get(0))?
        .collect()
}

/// Lets a transform go on that has ended without being Finished; tells whether it had.
pub(crate) fn resume_one(
    connection: &Connection,
    transform: i64,
    now: i64,
) -> rusqlite::Result<bool> {
    let sql = "UPDATE transforms
               SET status = 2, processing_status = CASE WHEN processing_status IS NOT NULL THEN 3 END, updated_at = ?2,
                   finished_at = NULL, errors = NULL
               WHERE transform_id = ?1 AND status IN (4, 5, 9, 17)";
    let changed = connection.prepare_cached(sql)?.execute([transform, now])?;
    Ok(changed > 0)
}

/// Moves a transform on, and its processing with it.
pub(crate) fn set_stage(
    connection: &Connection,
    transform: i64,
    stage: Stage,
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE transforms
               SET status = ?2, processing_status = CASE WHEN processing_status IS NOT NULL THEN ?3 END,
                   updated_at = ?4, finished_at = ?5
               WHERE transform_id = ?1";
    let finished_at = (!matches!(stage, Stage::Transforming | Stage::Suspended)).then_some(now);
    connection.prepare_cached(sql)?.execute(params![
        transform,
        stage.code(),
        stage.processing(),
        now,
        finished_at
    ])?;
    Ok(())
}

/// Notes what went wrong with a transform (JSON).
pub(crate) fn set_errors(
    connection: &Connection,
    transform: i64,
    errors: &str,
) -> rusqlite::Result<()> {
    let sql = "UPDATE transforms SET errors = ?2 WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, errors])?;
    Ok(())
}

/// Sets, or takes away, what is told of a transform that runs, where that is something else.
pub(crate) fn change_errors(
    connection: &Connection,
    transform: i64,
    errors: Option<&str>,
) -> rusqlite::Result<()> {
    let sql = "UPDATE transforms SET errors = ?2 WHERE transform_id = ?1 AND errors IS NOT ?2";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, errors])?;
    Ok(())
}

/// Notes whether a work, while it runs, has something to do, so that those that only wait for losses, jobs or files need not be looked at:
/// there may be thousands. To be called whenever points, jobs or files of it came, or its last open one is done.
pub(crate) fn set_due(connection: &Connection, transform: i64) -> rusqlite::Result<()> {
    let sql = r#"UPDATE transforms SET due = lacking > 0
                 OR (coalesce(search, '') LIKE '{"Search"%' OR coalesce(search, '') LIKE '{"Fails"%')
                     AND NOT EXISTS (SELECT 1 FROM contents
                                     WHERE contents.transform_id = transforms.transform_id AND loss IS NULL)
                 OR coalesce(search, '') LIKE '{"Steered"%'
                     AND NOT EXISTS (SELECT 1 FROM contents
                                     WHERE contents.transform_id = transforms.transform_id AND loss IS NULL)
                     AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.transform_id = transforms.transform_id AND stage < 3)
                 OR coalesce(search, '') LIKE '{"Programs"%'
                     AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.transform_id = transforms.transform_id AND stage < 3)
                 OR EXISTS (SELECT 1 FROM datasets WHERE datasets.transform_id = transforms.transform_id AND is_open = 0)
                     AND NOT EXISTS (SELECT 1 FROM files WHERE files.transform_id = transforms.transform_id AND stage < 3)
               WHERE transform_id = ?1"#;
    connection.prepare_cached(sql)?.execute([transform])?;
    Ok(())
}

/// Notes how many points of its generation a search lacks.
pub(crate) fn set_lacking(
    connection: &Connection,
    transform: i64,
    lacking: u64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE transforms SET lacking = ?2 WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, lacking.cast_signed()])?;
    Ok(())
}

/// Notes how many points were there when the last generation of a search was made.
pub(crate) fn set_history(
    connection: &Connection,
    transform: i64,
    history: usize,
) -> rusqlite::Result<()> {
    let sql = "UPDATE transforms SET history = ?2 WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, history as i64])?;
    Ok(())
}

/// Replaces the metadata of a transform; one that is not there stays so.
pub(crate) fn set_metadata(
    connection: &Connection,
    transform: i64,
    metadata: &Value,
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE transform_metadata SET metadata = ?2 WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, metadata.to_string()])?;
    let sql = "UPDATE transforms SET updated_at = ?2 WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, now])?;
    Ok(())
}

/// Tells the processings of transforms to end; each id that is given narrows them down.
///
/// Nobody carries that out here, as on a server whose agents do not reach PanDA.
pub(crate) fn cancel_processings(
    connection: &Connection,
    request: Option<i64>,
    transform: Option<i64>,
    workload: Option<i64>,
    to_cancel: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE transforms SET processing_status = ?4
               WHERE processing_status IS NOT NULL AND search IS NULL AND (?1 IS NULL OR request_id = ?1)
                 AND (?2 IS NULL OR transform_id = ?2) AND (?3 IS NULL OR workload_id = ?3)";
    connection
        .prepare_cached(sql)?
        .execute(params![request, transform, workload, to_cancel])?;
    Ok(())
}
