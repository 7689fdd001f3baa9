//! Datasets that works bring to a storage element, and their files, in the database; the server calls the files contents.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::jobs::number_together;
use super::transforms;
use crate::state::{Content, Tally};

/// A dataset that is not done for, of a work that runs.
#[derive(Clone, Debug)]
pub(crate) struct DatasetRow {
    pub(crate) request_id: i64,
    pub(crate) transform_id: i64,
    /// Whether files may still be added.
    pub(crate) is_open: bool,
    /// When it was asked for, in seconds since 1970.
    pub(crate) since: i64,
}

/// A file that is found to belong to a dataset.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct NewFile {
    pub(crate) scope: String,
    pub(crate) name: String,
    pub(crate) bytes: Option<i64>,
    pub(crate) adler32: Option<String>,
    pub(crate) events: Option<i64>,
}

/// A file that is to be brought, or is being.
#[derive(Clone, Debug)]
pub(crate) struct FileRow {
    pub(crate) file_id: i64,
    pub(crate) request_id: i64,
    pub(crate) transform_id: i64,
    pub(crate) name: String,
    pub(crate) bytes: Option<i64>,
    pub(crate) adler32: Option<String>,
    /// Attempts that count.
    pub(crate) tries: u32,
}

/// What became of an attempt to bring a file.
#[derive(Clone, Debug)]
pub(crate) enum Became {
    /// It is there, with this size and checksum.
    There { bytes: i64, adler32: String },
    /// The attempt has failed; another one follows unless it was the last.
    Failed { how: String, is_final: bool },
    /// The attempt does not count.
    Lost { how: String },
}

/// Notes that a work asks for a dataset.
pub(crate) fn ask(connection: &Connection, transform: i64, now: i64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO datasets (transform_id, is_open, is_over, since) VALUES (?1, 1, 0, ?2)";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, now])?;
    Ok(())
}

/// Returns the datasets that something may come of.
pub(crate) fn live(connection: &Connection) -> rusqlite::Result<Vec<DatasetRow>> {
    let sql = "SELECT request_id, transform_id, is_open, since FROM datasets JOIN transforms USING (transform_id)
               WHERE is_over = 0 AND status = 2 ORDER BY transform_id";
    let read = |row: &Row<'_>| {
        Ok(DatasetRow {
            request_id: row.get(0)?,
            transform_id: row.get(1)?,
            is_open: row.get(2)?,
            since: row.get(3)?,
        })
    };
    connection
        .prepare_cached(sql)?
        .query_map([], read)?
        .collect()
}

/// Adds files to a dataset; those that it has already stay as they are. Without `is_open`, no more are to come.
pub(crate) fn add(
    connection: &Connection,
    (request, transform): (i64, i64),
    files: &[NewFile],
    is_open: bool,
    now: i64,
) -> rusqlite::Result<()> {
    number_together(connection)?;
    let count = "SELECT ifnull(max(number), 0) FROM files WHERE transform_id = ?1";
    let mut number: i64 = connection
        .prepare_cached(count)?
        .query_row([transform], |row| row.get(0))?;
    let sql = "INSERT INTO files (request_id, transform_id, number, scope, name, bytes, adler32, events, stage, status,
                                  created_at, updated_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 0, ?9, ?9)
               ON CONFLICT (transform_id, scope, name) DO NOTHING";
    let mut insert = connection.prepare_cached(sql)?;
    for file in files {
        let added = insert.execute(params![
            request,
            transform,
            number + 1,
            file.scope,
            file.name,
            file.bytes,
            file.adler32,
            file.events,
            now
        ])?;
        number += added as i64;
    }
    number_together(connection)?;
    let sql = "UPDATE datasets SET is_open = ?2 WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, is_open])?;
    transforms::set_due(connection, transform)
}

/// Returns the rule that brings a dataset, if it is known.
pub(crate) fn rule(connection: &Connection, transform: i64) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT rule FROM datasets WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
}

/// Notes which rule brings a dataset; none once it is gone.
pub(crate) fn set_rule(
    connection: &Connection,
    transform: i64,
    rule: Option<&str>,
) -> rusqlite::Result<()> {
    let sql = "UPDATE datasets SET rule = ?2 WHERE transform_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, rule])?;
    Ok(())
}

/// Notes in which states files are that somebody else brings, as they say; a file that is done for stays as it is.
pub(crate) fn set_states(
    connection: &Connection,
    transform: i64,
    states: &[(String, String, Content)],
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE files SET stage = ?4, status = ?5, tries = 1, ending = NULL, updated_at = ?6
               WHERE transform_id = ?1 AND scope = ?2 AND name = ?3 AND stage < 3 AND status <> ?5";
    let mut update = connection.prepare_cached(sql)?;
    for (scope, name, state) in states {
        let stage = if *state == Content::Available { 3 } else { 1 };
        update.execute(params![transform, scope, name, stage, state.code(), now])?;
    }
    transforms::set_due(connection, transform)
}

/// Counts the files of a dataset that nobody brings so far.
pub(crate) fn untouched(connection: &Connection, transform: i64) -> rusqlite::Result<i64> {
    let sql = "SELECT count(*) FROM files WHERE transform_id = ?1 AND stage = 1 AND status = 0";
    connection
        .prepare_cached(sql)?
        .query_row([transform], |row| row.get(0))
}

/// Returns files of a dataset that are to be brought, as many as are asked for at most.
pub(crate) fn ready(
    connection: &Connection,
    transform: i64,
    most: usize,
) -> rusqlite::Result<Vec<FileRow>> {
    let sql = "SELECT file_id, request_id, transform_id, name, bytes, adler32, tries FROM files
               WHERE stage = 1 AND transform_id = ?1 ORDER BY number LIMIT ?2";
    let read = |row: &Row<'_>| {
        Ok(FileRow {
            file_id: row.get(0)?,
            request_id: row.get(1)?,
            transform_id: row.get(2)?,
            name: row.get(3)?,
            bytes: row.get(4)?,
            adler32: row.get(5)?,
            tries: row.get(6)?,
        })
    };
    connection
        .prepare_cached(sql)?
        .query_map(params![transform, most as i64], read)?
        .collect()
}

/// Notes that an attempt to bring a file begins, before it does; returns its number, if it may.
pub(crate) fn begin(connection: &Connection, file: i64, now: i64) -> rusqlite::Result<Option<u32>> {
    let sql = "UPDATE files SET stage = 2, status = 1, tries = tries + 1, updated_at = ?2
               WHERE file_id = ?1 AND stage = 1
                   AND (SELECT status FROM transforms WHERE transforms.transform_id = files.transform_id) = 2
               RETURNING tries";
    connection
        .prepare_cached(sql)?
        .query_row([file, now], |row| row.get(0))
        .optional()
}

/// Has the attempts that a killed server has begun count as not begun.
pub(crate) fn leave_all(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "UPDATE files SET stage = 1, status = 0, tries = tries - 1 WHERE stage = 2";
    connection.execute(sql, [])?;
    Ok(())
}

/// Tells whether a file is still being brought.
pub(crate) fn is_moving(connection: &Connection, file: i64) -> rusqlite::Result<bool> {
    let sql = "SELECT stage = 2 FROM files WHERE file_id = ?1";
    connection
        .prepare_cached(sql)?
        .query_row([file], |row| row.get(0))
}

/// Notes what became of an attempt; nothing when the file is done for already.
pub(crate) fn end(
    connection: &Connection,
    file: &FileRow,
    became: &Became,
    now: i64,
) -> rusqlite::Result<()> {
    let (stage, status, tries, how) = match became {
        Became::There { .. } => (3, Content::Available, 0, None),
        Became::Failed {
            how,
            is_final: true,
        } => (3, Content::FinalFailed, 0, Some(how)),
        Became::Failed { how, .. } => (1, Content::Failed, 0, Some(how)),
        Became::Lost { how } => (1, Content::New, 1, Some(how)),
    };
    let sql =
        "UPDATE files SET stage = ?2, status = ?3, tries = tries - ?4, ending = ?5, updated_at = ?6
               WHERE file_id = ?1 AND stage = 2";
    let changed = connection.prepare_cached(sql)?.execute(params![
        file.file_id,
        stage,
        status.code(),
        tries,
        how,
        now
    ])?;
    if changed == 0 {
        return Ok(());
    }
    if let Became::There { bytes, adler32 } = became {
        let sql = "UPDATE files SET bytes = ?2, adler32 = ?3 WHERE file_id = ?1";
        connection
            .prepare_cached(sql)?
            .execute(params![file.file_id, bytes, adler32])?;
    }
    transforms::set_due(connection, file.transform_id)
}

/// Ends the files of a dataset that are not there: nobody waits for them any longer, for this reason. No more are to come.
pub(crate) fn give_up(
    connection: &Connection,
    transform: i64,
    why: &str,
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE files SET stage = 3, status = ?2, ending = coalesce(ending || '; ', '') || ?3, updated_at = ?4
               WHERE transform_id = ?1 AND stage < 3";
    let failed = Content::FinalFailed.code();
    connection
        .prepare_cached(sql)?
        .execute(params![transform, failed, why, now])?;
    let sql = "UPDATE datasets SET is_open = 0 WHERE transform_id = ?1";
    connection.prepare_cached(sql)?.execute([transform])?;
    transforms::set_due(connection, transform)
}

/// Ends the files of a transform that are not done for: as missing, or as if they were there.
pub(crate) fn close(
    connection: &Connection,
    transform: i64,
    is_forced: bool,
    now: i64,
) -> rusqlite::Result<()> {
    let status = match is_forced {
        true => Content::FakeAvailable,
        false => Content::Missing,
    };
    let sql =
        "UPDATE files SET stage = 3, status = ?2, updated_at = ?3, ending = 'the work was ended'
               WHERE transform_id = ?1 AND (stage < 3 OR ?4 AND status NOT IN (2, 8))";
    connection
        .prepare_cached(sql)?
        .execute(params![transform, status.code(), now, is_forced])?;
    set_over(connection, transform)
}

/// Notes that nothing comes of a dataset any more.
pub(crate) fn set_over(connection: &Connection, transform: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE datasets SET is_over = 1 WHERE transform_id = ?1";
    connection.prepare_cached(sql)?.execute([transform])?;
    Ok(())
}

/// Lets the files of a transform be tried again that are done for without being there; time counts anew.
pub(crate) fn reopen(connection: &Connection, transform: i64, now: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE datasets SET is_over = 0, since = ?2 WHERE transform_id = ?1";
    let changed = connection.prepare_cached(sql)?.execute([transform, now])?;
    if changed == 0 {
        return Ok(());
    }
    // Somebody else may have added files meanwhile, or closed it.
    let sql = r#"UPDATE datasets SET is_open = 1 WHERE transform_id = ?1
                 AND (SELECT search FROM transforms WHERE transform_id = ?1) LIKE '{"Follow"%'"#;
    connection.prepare_cached(sql)?.execute([transform])?;
    let sql = "UPDATE files SET stage = 1, status = 0, tries = 0, ending = NULL, updated_at = ?2
               WHERE transform_id = ?1 AND stage = 3 AND status NOT IN (2, 8)";
    connection.prepare_cached(sql)?.execute([transform, now])?;
    transforms::set_due(connection, transform)
}

/// Counts the files of a transform by their state.
pub(crate) fn tally(connection: &Connection, transform: i64) -> rusqlite::Result<Tally> {
    let sql = "SELECT status, count(*), ifnull(sum(bytes), 0) FROM files WHERE transform_id = ?1 GROUP BY status";
    let mut tally = Tally::default();
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([transform])?;
    while let Some(row) = rows.next()? {
        tally.add(Content::of(row.get(0)?), row.get(1)?, row.get(2)?);
    }
    Ok(tally)
}

/// Returns how the files of a transform ended that are not there, some of them.
pub(crate) fn endings(
    connection: &Connection,
    transform: i64,
    most: usize,
) -> rusqlite::Result<Vec<(String, String)>> {
    let sql = "SELECT name, ending FROM files WHERE transform_id = ?1 AND status = 4 AND ending IS NOT NULL
               ORDER BY number LIMIT ?2";
    connection
        .prepare_cached(sql)?
        .query_map(params![transform, most as i64], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect()
}
