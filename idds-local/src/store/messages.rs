//! Messages to and from works, in the database.

use rusqlite::{Connection, params};

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
pub(crate) fn insert(
    connection: &mut Connection,
    address: &Address,
    contents: &[String],
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO messages (request_id, workload_id, transform_id, internal_id, content)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let transaction = connection.transaction()?;
    {
        let mut statement = transaction.prepare_cached(sql)?;
        for content in contents {
            let Address {
                request,
                workload,
                transform,
                internal,
            } = address;
            statement.execute(params![request, workload, transform, internal, content])?;
        }
    }
    transaction.commit()
}

/// Gives messages (JSON) to a function that takes them in, the oldest first, until it returns how a page ends; begins after the one
/// with this number. The function gets the number and the bytes of a message before the message is read.
pub(crate) fn each(
    connection: &Connection,
    address: &Address,
    after: i64,
    mut ends_before: impl FnMut(i64, usize) -> bool,
    mut take: impl FnMut(String),
) -> rusqlite::Result<()> {
    let sql = "SELECT message_id, octet_length(content) FROM messages
               WHERE request_id = ?1 AND (?2 IS NULL OR workload_id = ?2) AND (?3 IS NULL OR transform_id = ?3)
                 AND (?4 IS NULL OR internal_id = ?4) AND message_id > ?5
               ORDER BY message_id";
    let Address {
        request,
        workload,
        transform,
        internal,
    } = address;
    let mut statement = connection.prepare_cached(sql)?;
    let mut content =
        connection.prepare_cached("SELECT content FROM messages WHERE message_id = ?1")?;
    let mut rows = statement.query(params![request, workload, transform, internal, after])?;
    while let Some(row) = rows.next()? {
        let (message, size): (i64, u32) = (row.get(0)?, row.get(1)?);
        if ends_before(message, size as usize) {
            break;
        }
        take(content.query_row([message], |row| row.get(0))?);
    }
    Ok(())
}
