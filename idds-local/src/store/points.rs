//! Points in the database; the server calls them contents.

use idds_hpo::Trial;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use super::from_json;
use crate::identity::Rules;
use crate::state::Tally;
use crate::target::Target;

/// A point as it is stored.
#[derive(Debug)]
pub(crate) struct PointRow {
    /// Its id: 1, 2, … in every request, or, by the rules of 2.6.21, in every transform.
    pub(crate) number: i64,
    pub(crate) parameters: Value,
    pub(crate) loss: Option<f64>,
}

/// Which points of a target are meant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter {
    /// The one with this id.
    pub(crate) number: Option<i64>,
    /// This one and those after it.
    pub(crate) since: Option<i64>,
    /// Those with this number of a content status: 0, New, for points without a loss, 2, Available, for those with one.
    pub(crate) status: Option<i64>,
    /// At most this many.
    pub(crate) limit: Option<i64>,
}

/// Adds points after those that the request has, or, by the rules of 2.6.21, after those that the transform has.
pub(crate) fn insert(
    connection: &Connection,
    (request, transform): (i64, i64),
    trials: &[Trial],
    rules: Rules,
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO contents (request_id, transform_id, number, parameters, loss, created_at, updated_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
    let (last, of) = match rules {
        Rules::Own => ("SELECT ifnull(max(number), 0) FROM contents WHERE request_id = ?1", request),
        Rules::V2_6_21 => ("SELECT ifnull(max(number), 0) FROM contents WHERE transform_id = ?1", transform),
    };
    let last: i64 = connection.prepare_cached(last)?.query_row([of], |row| row.get(0))?;
    let mut statement = connection.prepare_cached(sql)?;
    for (number, trial) in (last + 1..).zip(trials) {
        statement.execute(params![request, transform, number, trial.point.to_string(), trial.loss, now])?;
    }
    Ok(())
}

/// Returns points, in the order of their ids.
pub(crate) fn list(connection: &Connection, target: Target, filter: Filter) -> rusqlite::Result<Vec<PointRow>> {
    // Without an OR, so that the index of points by their number is used.
    let number = if filter.number.is_some() { "number = ?3" } else { "?3 IS NULL" };
    let sql = format!(
        "SELECT number, parameters, loss FROM contents
         WHERE {} AND {number} AND number >= ifnull(?6, 1) AND (?4 IS NULL OR ?4 = CASE WHEN loss IS NULL THEN 0 ELSE 2 END)
         ORDER BY number, content_id LIMIT ifnull(?5, -1)",
        target.condition()
    );
    let read = |row: &Row<'_>| {
        Ok(PointRow { number: row.get(0)?, parameters: from_json(row.get_ref(1)?.as_str()?)?, loss: row.get(2)? })
    };
    connection
        .prepare_cached(&sql)?
        .query_map(
            params![target.request, target.workload, filter.number, filter.status, filter.limit, filter.since],
            read,
        )?
        .collect()
}

/// Sets the loss of the first point with this id and tells whether its transform has an open point left; nothing when there
/// is no such point.
pub(crate) fn set_loss(
    connection: &Connection,
    target: Target,
    number: i64,
    loss: f64,
    now: i64,
) -> rusqlite::Result<Option<bool>> {
    let find = format!(
        "SELECT content_id, transform_id FROM contents WHERE {} AND number = ?3 ORDER BY content_id LIMIT 1",
        target.condition()
    );
    let found = connection
        .prepare_cached(&find)?
        .query_row(params![target.request, target.workload, number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((content, transform)): Option<(i64, i64)> = found else { return Ok(None) };
    let update = "UPDATE contents SET loss = ?2, updated_at = ?3 WHERE content_id = ?1";
    connection.prepare_cached(update)?.execute(params![content, loss, now])?;
    let open = "SELECT EXISTS (SELECT 1 FROM contents WHERE transform_id = ?1 AND loss IS NULL)";
    connection.prepare_cached(open)?.query_row([transform], |row| row.get(0)).map(Some)
}

/// A point with what the catalog says about it. Times are in seconds since 1970.
#[derive(Debug)]
pub(crate) struct ContentRow {
    pub(crate) content_id: i64,
    pub(crate) point: PointRow,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// Returns the points of a transform for the catalog, in the order of their ids.
pub(crate) fn contents(connection: &Connection, transform: i64) -> rusqlite::Result<Vec<ContentRow>> {
    let sql = "SELECT number, parameters, loss, content_id, created_at, updated_at FROM contents
               WHERE transform_id = ?1 ORDER BY number";
    let read = |row: &Row<'_>| {
        let point =
            PointRow { number: row.get(0)?, parameters: from_json(row.get_ref(1)?.as_str()?)?, loss: row.get(2)? };
        Ok(ContentRow { content_id: row.get(3)?, point, created_at: row.get(4)?, updated_at: row.get(5)? })
    };
    connection.prepare_cached(sql)?.query_map([transform], read)?.collect()
}

/// Counts the points of a transform.
pub(crate) fn tally(connection: &Connection, transform: i64) -> rusqlite::Result<Tally> {
    // Both counts are made from an index alone.
    let sql = "SELECT (SELECT count(*) FROM contents WHERE transform_id = ?1 AND loss IS NULL),
                      (SELECT count(*) FROM contents WHERE transform_id = ?1)";
    let read = |row: &Row<'_>| {
        let (open, all): (u32, u32) = (row.get(0)?, row.get(1)?);
        Ok(Tally { open, evaluated: all - open })
    };
    connection.prepare_cached(sql)?.query_row([transform], read)
}

/// Brings the first points of a transform up to date, and adds the others, in the order of their ids.
///
/// Losses change, but parameters never do: those that are known are not read again.
pub(crate) fn read_history(connection: &Connection, transform: i64, history: &mut Vec<Trial>) -> rusqlite::Result<()> {
    let sql = "SELECT loss, parameters FROM contents WHERE transform_id = ?1 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([transform])?;
    let mut index = 0;
    while let Some(row) = rows.next()? {
        let loss = row.get(0)?;
        match history.get_mut(index) {
            Some(known) => known.loss = loss,
            None => history.push(Trial { point: from_json(row.get_ref(1)?.as_str()?)?, loss }),
        }
        index += 1;
    }
    Ok(())
}
