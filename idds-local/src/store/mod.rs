//! The SQLite database and the thread that owns it.

pub(crate) mod commands;
pub(crate) mod messages;
pub(crate) mod points;
pub(crate) mod requests;
pub(crate) mod transforms;

use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use crate::answer::Failure;
use crate::error::{Error, ErrorKind};

/// Marks a file as a database of this server ("idds").
const APPLICATION: i32 = 0x6964_6473;

/// Version of the schema.
const VERSION: i32 = 2;

/// How long opening waits for a server that is just ending.
const PATIENCE: Duration = Duration::from_secs(2);

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle to the database; clones share it.
///
/// All work is done by one thread, in the order it comes in. That keeps blocking calls off the runtime of the program that
/// the server lives in, whose threads may be busy.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    jobs: Sender<Option<Job>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// Why the database did not do something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The server is shut down.
    #[error("the server is shutting down")]
    Closed,
    /// SQLite reported something.
    #[error("the database failed")]
    Database(#[source] rusqlite::Error),
}

impl Store {
    /// Opens the database of this file, or one in memory, and makes it when it is not there.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Error> {
        let (jobs, inbox) = mpsc::channel::<Option<Job>>();
        let mut connection = connect(path)?;
        let work = move || {
            while let Ok(Some(job)) = inbox.recv() {
                job(&mut connection);
            }
        };
        let thread = thread::Builder::new()
            .name("idds-local".to_owned())
            .spawn(work)
            .map_err(|source| Error::new(ErrorKind::Database, "cannot start the thread of the database", source))?;
        Ok(Self { jobs, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// Does something with the database; it is done even when the caller stops waiting.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = move |connection: &mut Connection| {
            // Nobody waits any more when this fails.
            let _ = answer.send(job(connection));
        };
        self.jobs.send(Some(Box::new(job))).map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?.map_err(StoreError::Database)
    }

    /// Does what is still to do and closes the database, so that another server can open the file at once.
    pub(crate) fn close(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // Both fail only when the thread has ended already.
            let _ = self.jobs.send(None);
            let _ = thread.join();
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if let StoreError::Database(source) = &error {
            tracing::error!(%source, "database");
        }
        Self::database(&error.to_string())
    }
}

fn connect(path: Option<&Path>) -> Result<Connection, Error> {
    let name = path.map_or_else(|| "in memory".to_owned(), |path| format!("{}", path.display()));
    if let Some(directory) = path.and_then(Path::parent) {
        std::fs::create_dir_all(directory).map_err(|source| {
            Error::new(ErrorKind::Database, format!("cannot make the directory {}", directory.display()), source)
        })?;
    }
    let failed = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::new(ErrorKind::InUse, format!("database {name} is in use by another server"), source)
        }
        _ => Error::new(ErrorKind::Database, format!("cannot open database {name}"), source),
    };
    let mut connection = match path {
        Some(path) => Connection::open(path),
        None => Connection::open_in_memory(),
    }
    .map_err(failed)?;
    match prepare(&mut connection).map_err(failed)? {
        true => Ok(connection),
        false => {
            Err(Error::unsourced(ErrorKind::Database, format!("{name} is no database of this version of the server")))
        }
    }
}

/// Takes the file for this process alone and makes the tables; false when it is somebody else's.
fn prepare(connection: &mut Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA case_sensitive_like = ON;",
    )?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (pragma("application_id")?, pragma("user_version")?, tables) {
        (APPLICATION, VERSION, _) => {}
        (0, 0, 0) => {
            transaction.execute_batch(include_str!("schema.sql"))?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        _ => return Ok(false),
    }
    transaction.commit()?;
    Ok(true)
}

/// Reads a column of JSON.
fn from_json<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
}
