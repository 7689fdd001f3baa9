//! Points in the database; the server calls them contents.

use super::{earlier, from_json, jobs, transforms};
use crate::identity::Rules;
use crate::state::Tally;
use crate::target::Target;
use idds_sampler::Trial;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A point as it is stored.
#[derive(Debug)]
pub(crate) struct PointRow {
    /// Its id: 1, 2, … in every request, or, by the rules of 2.6.21, in every transform.
    pub(crate) number: i64,
    /// JSON.
    pub(crate) parameters: String,
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

/// Adds points that a steering program has proposed (JSON), after those that the request has.
pub(crate) fn insert_proposed(
    connection: &Connection,
    (request, transform): (i64, i64),
    points: &[String],
    now: i64,
) -> rusqlite::Result<()> {
    let last = "SELECT ifnull(max(number), 0) FROM contents WHERE request_id = ?1";
    let last: i64 = connection
        .prepare_cached(last)?
        .query_row([request], |row| row.get(0))?;
    jobs::number_together(connection)?;
    let sql = "INSERT INTO contents (request_id, transform_id, number, parameters, loss, created_at, updated_at)
               VALUES (?1, ?2, ?3, ?4, NULL, ?5, ?5)";
    let mut statement = connection.prepare_cached(sql)?;
    for (number, point) in (last + 1..).zip(points) {
        statement.execute(params![request, transform, number, point, now])?;
    }
    jobs::number_together(connection)
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
        Rules::Own => (
            "SELECT ifnull(max(number), 0) FROM contents WHERE request_id = ?1",
            request,
        ),
        Rules::V2_6_21 => (
            "SELECT ifnull(max(number), 0) FROM contents WHERE transform_id = ?1",
            transform,
        ),
    };
    let last: i64 = connection
        .prepare_cached(last)?
        .query_row([of], |row| row.get(0))?;
    if trials.is_empty() {
        return Ok(());
    }
    jobs::number_together(connection)?;
    let mut statement = connection.prepare_cached(sql)?;
    for (number, trial) in (last + 1..).zip(trials) {
        statement.execute(params![
            request,
            transform,
            number,
            trial.point.to_string(),
            trial.loss,
            now
        ])?;
    }
    Ok(())
}

/// Gives points to a function that takes them in, in the order of their ids, until it returns false.
///
/// Begins after the one with this number and this number of the content.
pub(crate) fn each(
    connection: &Connection,
    target: Target,
    filter: Filter,
    (after, content): (i64, i64),
    mut take: impl FnMut(i64, PointRow) -> bool,
) -> rusqlite::Result<()> {
    earlier::seen_of(connection, target)?;
    // Without an OR, so that the index of points by their number is used.
    let number = if filter.number.is_some() {
        "number = ?3"
    } else {
        "?3 IS NULL"
    };
    let status = match filter.status {
        None => "TRUE",
        Some(0) => "loss IS NULL",
        Some(2) => "loss IS NOT NULL",
        Some(_) => "FALSE",
    };
    let sql = format!(
        "SELECT number, parameters, loss, content_id FROM contents
         WHERE {} AND {number} AND {status} AND number >= max(ifnull(?5, 1), ?6) AND (number, content_id) > (?6, ?7)
         ORDER BY number, content_id LIMIT ifnull(?4, -1)",
        target.condition()
    );
    let Filter {
        number,
        since,
        limit,
        ..
    } = filter;
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![
        target.request,
        target.workload,
        number,
        limit,
        since,
        after,
        content
    ])?;
    while let Some(row) = rows.next()? {
        let point = PointRow {
            number: row.get(0)?,
            parameters: row.get(1)?,
            loss: row.get(2)?,
        };
        if !take(row.get(3)?, point) {
            break;
        }
    }
    Ok(())
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
        .query_row(params![target.request, target.workload, number], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((content, transform)): Option<(i64, i64)> = found else {
        return Ok(None);
    };
    let update = "UPDATE contents SET loss = ?2, updated_at = ?3 WHERE content_id = ?1";
    connection
        .prepare_cached(update)?
        .execute(params![content, loss, now])?;
    let open = "SELECT EXISTS (SELECT 1 FROM contents WHERE transform_id = ?1 AND loss IS NULL)";
    let has_open: bool = connection
        .prepare_cached(open)?
        .query_row([transform], |row| row.get(0))?;
    if !has_open {
        transforms::set_due(connection, transform)?;
    }
    Ok(Some(has_open))
}

/// Counts the points of a transform.
pub(crate) fn tally(connection: &Connection, transform: i64) -> rusqlite::Result<Tally> {
    // Both counts are made from an index alone.
    let sql = "SELECT (SELECT count(*) FROM contents WHERE transform_id = ?1 AND loss IS NULL),
                      (SELECT count(*) FROM contents WHERE transform_id = ?1)";
    let read = |row: &Row<'_>| {
        let (open, all): (u32, u32) = (row.get(0)?, row.get(1)?);
        Ok(Tally {
            open,
            evaluated: all - open,
            ..Tally::default()
        })
    };
    connection.prepare_cached(sql)?.query_row([transform], read)
}

/// Losses that are brought up to date, and points that are added, in one go.
const AT_ONCE: usize = 5_000;

/// Brings points of a transform up to date, and adds others, in the order of their ids: those after this place, as many as are
/// read at once. Tells how far it came, and whether that is all.
///
/// Losses change, but parameters never do: those that are known are not read again.
pub(crate) fn read_history(
    connection: &Connection,
    transform: i64,
    (place, after): (usize, i64),
    history: &mut Vec<Trial>,
) -> rusqlite::Result<((usize, i64), bool)> {
    let sql = "SELECT number, loss, parameters FROM contents WHERE transform_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![transform, after, AT_ONCE as i64])?;
    let (mut at, mut last) = (place, after);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let loss = row.get(1)?;
        match history.get_mut(at) {
            Some(known) => known.loss = loss,
            None => history.push(Trial {
                point: from_json(row.get_ref(2)?.as_str()?)?,
                loss,
            }),
        }
        at += 1;
    }
    Ok(((at, last), at - place < AT_ONCE))
}
