//! Contents: points of searches, jobs of programs and files of datasets, as the catalog lists them.

use super::earlier;
use rusqlite::Connection;

/// A content. Times are in seconds since 1970.
#[derive(Debug)]
pub(crate) struct ContentRow {
    pub(crate) content_id: i64,
    /// Its number in its transform, or that of a point in its request.
    pub(crate) number: i64,
    pub(crate) kind: Kind,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// What a content is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A point of a search.
    Point {
        /// JSON.
        parameters: String,
        loss: Option<f64>,
    },
    /// What goes into a job, and what comes out of it.
    Job {
        name: String,
        /// Number of the status of what goes in.
        input: i64,
        /// Number of the status of what comes out.
        output: i64,
        tries: u32,
        bytes: i64,
        adler32: Option<String>,
    },
    /// A file of a dataset.
    File {
        scope: String,
        name: String,
        /// Number of its status.
        status: i64,
        tries: u32,
        bytes: Option<i64>,
        adler32: Option<String>,
        events: Option<i64>,
    },
}

impl ContentRow {
    /// Returns about how many bytes it has.
    pub(crate) fn size(&self) -> usize {
        match &self.kind {
            Kind::Point { parameters, .. } => parameters.len(),
            Kind::Job { name, .. } | Kind::File { name, .. } => name.len(),
        }
    }
}

/// Gives the contents of a transform to a function that takes them in, in the order of their numbers, until it returns false; begins
/// after the one with this number.
pub(crate) fn each(
    connection: &Connection,
    transform: i64,
    after: i64,
    mut take: impl FnMut(ContentRow) -> bool,
) -> rusqlite::Result<()> {
    earlier::seen(connection, transform)?;
    let sql = "SELECT content_id, number, created_at, updated_at, parameters, loss FROM contents
               WHERE transform_id = ?1 AND number > ?2 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([transform, after])?;
    while let Some(row) = rows.next()? {
        let kind = Kind::Point {
            parameters: row.get(4)?,
            loss: row.get(5)?,
        };
        if !take(content(row, kind)?) {
            return Ok(());
        }
    }
    let sql = "SELECT job_id, number, created_at, updated_at, name, input, output, tries, bytes, adler32 FROM jobs
               WHERE transform_id = ?1 AND number > ?2 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([transform, after])?;
    while let Some(row) = rows.next()? {
        let kind = Kind::Job {
            name: row.get(4)?,
            input: row.get(5)?,
            output: row.get(6)?,
            tries: row.get(7)?,
            bytes: row.get(8)?,
            adler32: row.get(9)?,
        };
        if !take(content(row, kind)?) {
            return Ok(());
        }
    }
    let sql = "SELECT file_id, number, created_at, updated_at, scope, name, status, tries, bytes, adler32, events FROM files
               WHERE transform_id = ?1 AND number > ?2 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([transform, after])?;
    while let Some(row) = rows.next()? {
        let kind = Kind::File {
            scope: row.get(4)?,
            name: row.get(5)?,
            status: row.get(6)?,
            tries: row.get(7)?,
            bytes: row.get(8)?,
            adler32: row.get(9)?,
            events: row.get(10)?,
        };
        if !take(content(row, kind)?) {
            return Ok(());
        }
    }
    Ok(())
}

fn content(row: &rusqlite::Row<'_>, kind: Kind) -> rusqlite::Result<ContentRow> {
    Ok(ContentRow {
        content_id: row.get(0)?,
        number: row.get(1)?,
        kind,
        created_at: row.get(2)?,
        updated_at: row.get(3)?,
    })
}
