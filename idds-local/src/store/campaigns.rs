//! Requests of a campaign of which only so many are processed at once.

use rusqlite::{Connection, OptionalExtension, params};

/// Those of the same campaign, scope, group and tag as the request `o` that is meant.
const SAME: &str =
    "r.most IS NOT NULL AND r.campaign = o.campaign AND r.campaign_scope = o.campaign_scope
                    AND r.campaign_group = o.campaign_group AND r.campaign_tag = o.campaign_tag";

/// Has a new request wait for its turn.
pub(crate) fn queue(connection: &Connection, request: i64, most: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE requests SET most = ?2, queued = 1 WHERE request_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![request, most])?;
    let_in(connection, request)
}

/// Lets requests of the campaign of this one begin, as many as there is room for: those of higher priority first, then older ones.
///
/// As in 2.6.21, what the first request of a campaign says holds for all of them.
pub(crate) fn let_in(connection: &Connection, request: i64) -> rusqlite::Result<()> {
    let Some((most, others)) = of(connection, request)? else {
        return Ok(());
    };
    let sql = format!(
        "UPDATE requests SET queued = 0 WHERE request_id IN (
             SELECT r.request_id FROM requests r JOIN requests o ON o.request_id = ?1
             WHERE {SAME} AND r.queued = 1 AND r.status IN (0, 22)
             ORDER BY r.priority DESC, r.request_id LIMIT ?2)"
    );
    connection
        .prepare_cached(&sql)?
        .execute(params![request, (most - others).max(0)])?;
    Ok(())
}

/// Returns how many requests of the campaign of this one may be processed at once, and how many are; none where there is no limit.
fn of(connection: &Connection, request: i64) -> rusqlite::Result<Option<(i64, i64)>> {
    // Those that have ended are held or over; one that is new counts once it is its turn.
    let sql = format!(
        "SELECT (SELECT r.most FROM requests r WHERE {SAME} ORDER BY r.request_id LIMIT 1),
                (SELECT count(*) FROM requests r WHERE {SAME} AND r.queued = 0 AND r.status IN (0, 2, 21, 22))
         FROM requests o WHERE o.request_id = ?1 AND o.most IS NOT NULL"
    );
    connection
        .prepare_cached(&sql)?
        .query_row([request], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Returns why a request waits for its turn, in words; none when it does not.
pub(crate) fn waits_for(connection: &Connection, request: i64) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT campaign FROM requests WHERE request_id = ?1 AND queued = 1";
    let campaign: Option<String> = connection
        .prepare_cached(sql)?
        .query_row([request], |row| row.get(0))
        .optional()?;
    Ok(match (campaign, of(connection, request)?) {
        (Some(campaign), Some((most, others))) => Some(format!(
            "waits for its turn: {others} requests of campaign {campaign} are processed, and its max_processing_requests is {most}"
        )),
        _ => None,
    })
}
