//! Messages to and from works, in the database.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::from_json;

/// Whom a message is from or for. Each field that is given narrows a listing down.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// Number of the request, which need not be there.
    pub(crate) request: i64,
    /// Number of the task.
    pub(crate) workload: Option<i64>,
    /// Number of the transform.
    pub(crate) transform: Option<i64>,
    /// Id of the work in its workflow.
    pub(crate) internal: Option<String>,
}

/// Stores messages (JSON), all or none.
pub(crate) fn insert(connection: &mut Connection, address: &Address, contents: &[String]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO messages (request_id, workload_id, transform_id, internal_id, content)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let transaction = connection.transaction()?;
    {
        let mut statement = transaction.prepare_cached(sql)?;
        for content in contents {
            let Address { request, workload, transform, internal } = address;
            statement.execute(params![request, workload, transform, internal, content])?;
        }
    }
    transaction.commit()
}

/// Returns messages, the oldest first.
pub(crate) fn list(connection: &Connection, address: &Address) -> rusqlite::Result<Vec<Value>> {
    let sql = "SELECT content FROM messages
               WHERE request_id = ?1 AND (?2 IS NULL OR workload_id = ?2) AND (?3 IS NULL OR transform_id = ?3)
                 AND (?4 IS NULL OR internal_id = ?4)
               ORDER BY message_id";
    let Address { request, workload, transform, internal } = address;
    connection
        .prepare_cached(sql)?
        .query_map(params![request, workload, transform, internal], |row| from_json(row.get_ref(0)?.as_str()?))?
        .collect()
}
