//! What steering programs read and write.

use std::path::Path;

use idds_file::WholeFile;
use idds_workflow::python_json;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::place::Place;
use crate::python;
use crate::state::{Programs, Run, STEERING_INPUT, Stage};
use crate::store::contents::{self, Kind};
use crate::store::jobs::JobRow;
use crate::store::{Store, StoreError, points, transforms};

/// Most points that are proposed at once, and most bytes of the file with them.
const MAX_POINTS: usize = 100_000;
const MAX_BYTES: u64 = 256 << 20;

/// Writes what the steering program of a job reads, all points so far and the space, or says what of the machine stands in the way.
pub(super) async fn write_input(
    store: &Store,
    place: &Place,
    job: &JobRow,
) -> Result<Result<(), String>, StoreError> {
    let transform = job.transform_id;
    let read = move |connection: &mut Connection| {
        let mut known = Vec::new();
        contents::each(connection, transform, 0, |content| {
            if let Kind::Point { parameters, loss } = content.kind {
                known.push((parameters, loss));
            }
            true
        })?;
        Ok((known, transforms::search(connection, transform)?))
    };
    let (known, search) = store.call(read).await?;
    let space = match serde_json::from_str(&search) {
        Ok(Run::Steered(steered)) => steered.opt_space,
        _ => Value::Null,
    };
    let known: Vec<Value> = known
        .into_iter()
        .map(|(parameters, loss)| {
            let parameters: Value = serde_json::from_str(&parameters).unwrap_or_default();
            json!([parameters, loss])
        })
        .collect();
    let text = python::dumps(&json!({ "points": known, "opt_space": space }));
    let directory = place.of_attempt(job, job.attempts);
    let path = directory
        .parent()
        .unwrap_or(&directory)
        .join(STEERING_INPUT);
    let written = WholeFile::own(&path).and_then(|file| file.finish_with(text));
    Ok(written.map_err(|error| format!("{}: {error}", path.display())))
}

/// Reads the points that a steering program has proposed (JSON), or says what is wrong with them.
pub(super) fn read_points(directory: &Path, programs: &Programs) -> Result<String, String> {
    let name = &programs.result;
    let bytes = match idds_file::read_regular(directory.join(name), MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(format!(
                "it wrote no {name}, where its points belong: into the directory in which it begins"
            ));
        }
        Err(error) => return Err(format!("{name} cannot be read: {error}")),
    };
    let points: Vec<Value> = python_json::read(&bytes)
        .map_err(|error| format!("{name} is no list of points: {error}"))?;
    if points.len() > MAX_POINTS {
        return Err(format!(
            "{name} has {} points; at most {MAX_POINTS} are taken at once",
            points.len()
        ));
    }
    let is_point = |point: &Value| match point {
        Value::Object(_) => true,
        // Of a segment.
        Value::Array(pair) => matches!(&pair[..], [model, Value::Object(_)] if model.is_i64()),
        _ => false,
    };
    match points.iter().position(|point| !is_point(point)) {
        Some(index) => Err(format!(
            "{name}[{index}] is no point: an object of parameters, or a pair of a model_id and one, is expected"
        )),
        None => Ok(Value::Array(points).to_string()),
    }
}

/// Stores the points that a steering program has proposed.
pub(super) fn store_points(
    connection: &Connection,
    job: &JobRow,
    proposed: &str,
    now: i64,
) -> rusqlite::Result<()> {
    // What comes of a search that its user has ended is not taken.
    if !transforms::is_in(connection, job.transform_id, Stage::Transforming)? {
        return Ok(());
    }
    let proposed: Vec<Value> = serde_json::from_str(proposed)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let proposed: Vec<String> = proposed.iter().map(Value::to_string).collect();
    let of = (job.request_id, job.transform_id);
    points::insert_proposed(connection, of, &proposed, now)
}
