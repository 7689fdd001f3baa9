//! Maps of tasks that were sent ahead of their workflow.

use rusqlite::{Connection, params};

use crate::submission::steps::Upload;

/// Seconds that maps are kept for a workflow that does not come.
const KEPT: i64 = 86_400;

/// Made when it is needed first, so that a database that has none stays as it is.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS uploads (
    workflow TEXT NOT NULL, username TEXT NOT NULL, task TEXT NOT NULL, map TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (workflow, username, task)
) STRICT, WITHOUT ROWID";

/// Keeps the maps of a user.
pub(crate) fn put(
    connection: &mut Connection,
    upload: &Upload,
    user: &str,
    now: i64,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute(TABLE, [])?;
    transaction.execute("DELETE FROM uploads WHERE at < ?1", [now - KEPT])?;
    for (task, map) in &upload.maps {
        transaction.execute(
            "INSERT OR REPLACE INTO uploads VALUES (?1, ?2, ?3, ?4, ?5)",
            params![upload.workflow, user, task, map, now],
        )?;
    }
    transaction.commit()
}

/// Returns what a user has sent ahead of a workflow: the names of tasks, and their maps.
pub(crate) fn of(
    connection: &Connection,
    workflow: &str,
    user: &str,
) -> rusqlite::Result<Vec<(String, String)>> {
    connection.execute(TABLE, [])?;
    connection
        .prepare_cached("SELECT task, map FROM uploads WHERE workflow = ?1 AND username = ?2")?
        .query_map([workflow, user], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Forgets what a user has sent ahead of a workflow.
pub(crate) fn forget(connection: &Connection, workflow: &str, user: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM uploads WHERE workflow = ?1 AND username = ?2";
    connection.execute(sql, [workflow, user]).map(drop)
}
