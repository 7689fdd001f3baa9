//! The SQLite database and the thread that owns it.

pub(crate) mod attempts;
pub(crate) mod campaigns;
pub(crate) mod commands;
pub(crate) mod contents;
pub(crate) mod earlier;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod jobs;
pub(crate) mod messages;
pub(crate) mod points;
pub(crate) mod requests;
pub(crate) mod still;
pub(crate) mod tally;
pub(crate) mod transforms;
pub(crate) mod uploads;

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use idds_jobs::{Victim, moment};
use rusqlite::{Connection, ErrorCode};
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use crate::answer::Failure;
use crate::error::{Error, ErrorKind};
use crate::private;

/// Marks a file as a database of this server ("idds").
const APPLICATION: i32 = 0x6964_6473;

/// Version of the schema.
const VERSION: i32 = 9;

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
    /// Opens the database of this file, or one in memory, and makes it when it is not there; returns its id, too.
    pub(crate) fn open(path: Option<&Path>) -> Result<(Self, String), Error> {
        let (jobs, inbox) = mpsc::channel::<Option<Job>>();
        let (mut connection, id) = connect(path)?;
        let work = move || {
            while let Ok(Some(job)) = inbox.recv() {
                job(&mut connection);
            }
        };
        let thread = thread::Builder::new()
            .name("idds-local".to_owned())
            .spawn(work)
            .map_err(|source| {
                Error::new(
                    ErrorKind::Database,
                    "cannot start the thread of the database",
                    source,
                )
            })?;
        Ok((
            Self {
                jobs,
                thread: Arc::new(Mutex::new(Some(thread))),
            },
            id,
        ))
    }

    /// Does something with the database; it is done even when the caller stops waiting.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = move |connection: &mut Connection| {
            moment(Victim::Engine);
            let done = job(connection);
            moment(Victim::Engine);
            // Nobody waits any more when this fails.
            let _ = answer.send(done);
        };
        self.jobs
            .send(Some(Box::new(job)))
            .map_err(|_| StoreError::Closed)?;
        answered
            .await
            .map_err(|_| StoreError::Closed)?
            .map_err(StoreError::Database)
    }

    /// Does what is still to do, and this last, and closes the database, so that another server can open the file at once.
    pub(crate) fn close(&self, last: impl FnOnce(&mut Connection) + Send + 'static) {
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            // All fail only when the thread has ended already.
            let _ = self.jobs.send(Some(Box::new(last)));
            let _ = self.jobs.send(None);
            let _ = thread.join();
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
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

/// Does something that may be lost with the machine, though not with this process, so that nobody waits for the disk.
pub(crate) fn without_waiting<T>(
    connection: &mut Connection,
    job: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.execute_batch("PRAGMA synchronous = NORMAL")?;
    let done = job(connection);
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    done
}

/// Opens a database, and returns it with its id.
fn connect(path: Option<&Path>) -> Result<(Connection, String), Error> {
    let name = path.map_or_else(
        || "in memory".to_owned(),
        |path| format!("{}", path.display()),
    );
    if let Some(directory) = path.and_then(Path::parent) {
        private::make_directory(directory).map_err(|source| {
            Error::new(
                ErrorKind::Database,
                format!("cannot make the directory {}", directory.display()),
                source,
            )
        })?;
        let here = if directory.as_os_str().is_empty() {
            Path::new(".")
        } else {
            directory
        };
        if let Some(why) = path
            .and_then(private::refusal)
            .or_else(|| private::refusal(here))
        {
            return Err(Error::unsourced(ErrorKind::Database, why));
        }
    }
    let failed = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::new(
            ErrorKind::InUse,
            format!("database {name} is in use by another server"),
            source,
        ),
        Some(ErrorCode::NotADatabase) => Error::new(
            ErrorKind::Foreign,
            format!("{name} is no database but a file of another kind"),
            source,
        ),
        // SQLite does not say why.
        code => match path.and_then(unwritable) {
            Some(reason) => Error::new(
                ErrorKind::Database,
                format!("database {name} cannot be written"),
                reason,
            ),
            None if code == Some(ErrorCode::DiskFull) => Error::new(
                ErrorKind::Database,
                format!("there is no space left for database {name}"),
                source,
            ),
            None => Error::new(
                ErrorKind::Database,
                format!("cannot open database {name}"),
                source,
            ),
        },
    };
    let mut connection = match path {
        Some(path) => {
            // What stands in the way, SQLite meets as well, and `failed` has its words.
            let _ = private::make_file(path);
            Connection::open(path)
        }
        None => Connection::open_in_memory(),
    }
    .map_err(failed)?;
    let what = match prepare(&mut connection).map_err(failed)? {
        Found::Ours(id) => return Ok((connection, id)),
        Found::Foreign => format!("{name} is a database of another program"),
        Found::OtherVersion(version) => {
            let age = if version > VERSION {
                "a newer"
            } else {
                "an older"
            };
            format!(
                "{name} is of {age} version of this server: its format is {version}, and this one has {VERSION}"
            )
        }
    };
    Err(Error::unsourced(ErrorKind::Foreign, what))
}

/// Returns why a file, or what SQLite puts beside it, cannot be written.
fn unwritable(path: &Path) -> Option<io::Error> {
    let file = OpenOptions::new().read(true).write(true).open(path).err();
    let file = file.filter(|error| error.kind() != io::ErrorKind::NotFound);
    let directory = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    file.or_else(|| tempfile::tempfile_in(directory).err())
}

/// What is in a file.
enum Found {
    /// The tables of this server, with the id of the database.
    Ours(String),
    /// Those of this format of the server.
    OtherVersion(i32),
    /// Those of another program.
    Foreign,
}

/// Takes the file for this process alone and makes the tables, unless it is somebody else's.
fn prepare(connection: &mut Connection) -> rusqlite::Result<Found> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Before anything is written: the file may be another program's.
    let pragma = |connection: &Connection, name| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0))
    };
    let owner = (
        pragma(connection, "application_id")?,
        pragma(connection, "user_version")?,
    );
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (owner, tables) {
        ((APPLICATION, VERSION), _) | ((0, 0), 0) => {}
        ((APPLICATION, version), _) => return Ok(Found::OtherVersion(version)),
        _ => return Ok(Found::Foreign),
    }
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA case_sensitive_like = ON;",
    )?;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another server may have made the tables meanwhile.
    if pragma(&transaction, "application_id")? == 0 {
        transaction.execute_batch(include_str!("schema.sql"))?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.execute_batch(earlier::FRESH)?;
    let id = transaction.query_row("SELECT id FROM database", [], |row| row.get(0))?;
    transaction.commit()?;
    Ok(Found::Ours(id))
}

/// Reads a column of JSON.
fn from_json<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}
