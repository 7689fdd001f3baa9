//! The database of Optuna's `RDBStorage` in SQLite.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::StudyError;
use super::study::{OptunaStudy, OptunaTrial, TrialState, external};

/// Reads all studies, without changing the file.
pub(super) fn read(path: &Path) -> Result<Vec<OptunaStudy>, StudyError> {
    let failed = |error: rusqlite::Error| {
        StudyError::new(format!(
            "{} cannot be read as a database of Optuna: {error}",
            path.display()
        ))
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    let mut statement = connection
        .prepare("SELECT study_id, study_name FROM studies ORDER BY study_id")
        .map_err(failed)?;
    let studies = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect::<Result<Vec<(i64, String)>, _>>)
        .map_err(failed)?;
    let read = |(id, name): (i64, String)| {
        let maximizes = directions(&connection, id).map_err(failed)?;
        let mut trials = Vec::new();
        for (trial, state) in rows(&connection, id).map_err(failed)? {
            let state = TrialState::of_name(&state)
                .ok_or_else(|| StudyError::new(format!("there is no state {state}")))?;
            trials.push(OptunaTrial {
                parameters: parameters(&connection, trial)?,
                values: values(&connection, trial).map_err(failed)?,
                intermediate: intermediate(&connection, trial).map_err(failed)?,
                ..OptunaTrial::new(state)
            });
        }
        Ok(OptunaStudy {
            name,
            maximizes,
            trials,
        })
    };
    studies.into_iter().map(read).collect()
}

fn directions(connection: &Connection, study: i64) -> rusqlite::Result<Vec<bool>> {
    let sql = "SELECT direction FROM study_directions WHERE study_id = ?1 ORDER BY objective";
    let mut statement = connection.prepare_cached(sql)?;
    let read = statement.query_map([study], |row| Ok(row.get::<_, String>(0)? == "MAXIMIZE"))?;
    read.collect()
}

fn rows(connection: &Connection, study: i64) -> rusqlite::Result<Vec<(i64, String)>> {
    let sql = "SELECT trial_id, state FROM trials WHERE study_id = ?1 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let read = statement.query_map([study], |row| Ok((row.get(0)?, row.get(1)?)))?;
    read.collect()
}

fn parameters(
    connection: &Connection,
    trial: i64,
) -> Result<indexmap::IndexMap<String, serde_json::Value>, StudyError> {
    let sql = "SELECT param_name, param_value, distribution_json FROM trial_params WHERE trial_id = ?1 ORDER BY param_id";
    let read = || -> rusqlite::Result<Vec<(String, f64, String)>> {
        let mut statement = connection.prepare_cached(sql)?;
        let read =
            statement.query_map([trial], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        read.collect()
    };
    let read = read().map_err(|error| StudyError::new(error.to_string()))?;
    read.into_iter()
        .map(|(name, internal, distribution)| Ok((name, external(&distribution, internal)?)))
        .collect()
}

fn values(connection: &Connection, trial: i64) -> rusqlite::Result<Vec<f64>> {
    let sql = "SELECT value, value_type FROM trial_values WHERE trial_id = ?1 ORDER BY objective";
    let mut statement = connection.prepare_cached(sql)?;
    let read = statement.query_map([trial], |row| {
        Ok(number(row.get(0)?, &row.get::<_, String>(1)?))
    })?;
    read.collect()
}

fn intermediate(
    connection: &Connection,
    trial: i64,
) -> rusqlite::Result<indexmap::IndexMap<i64, f64>> {
    let sql =
        "SELECT step, intermediate_value, intermediate_value_type FROM trial_intermediate_values
               WHERE trial_id = ?1 ORDER BY trial_intermediate_value_id";
    let mut statement = connection.prepare_cached(sql)?;
    let read = statement.query_map([trial], |row| {
        Ok((row.get(0)?, number(row.get(1)?, &row.get::<_, String>(2)?)))
    })?;
    read.collect()
}

/// Returns a number of which the database keeps what it is where it is not finite.
fn number(value: Option<f64>, kind: &str) -> f64 {
    match (kind, value) {
        ("INF_POS", _) => f64::INFINITY,
        ("INF_NEG", _) => f64::NEG_INFINITY,
        (_, Some(value)) => value,
        (_, None) => f64::NAN,
    }
}
