//! `/logs`: what the steering of a request last read and wrote, and the directories of its jobs, also while they run.

mod attempts;

use std::fs::File;
use std::io::{self, BufWriter, Write as _};

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::HeaderMap;
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::task;

use self::attempts::BOUNDS;
use super::{Segments, Service};
use crate::answer::Failure;
use crate::archive::Archive;
use crate::download::Download;
use crate::listing::{PAGE, ROWS};
use crate::python;
use crate::raw;
use crate::store::contents::{self, Kind};
use crate::store::transforms::TransformRow;
use crate::store::{Store, transforms};
use crate::target::Target;

pub(super) fn routes() -> Router<Service> {
    Router::new().route("/logs/{workload}/{request}", get(download))
}

async fn download(
    State(service): State<Service>,
    Segments((workload, request)): Segments<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let target =
        Target::read(&request, &workload).map_err(|details| Failure::database(&details))?;
    if target.is_everything() {
        return Err(Failure::core(
            "One of workload_id and request_id should not be None or empty",
        ));
    }
    let read = move |connection: &mut Connection| {
        let mut rows = Vec::new();
        loop {
            let after = rows.last().map_or(0, |row: &TransformRow| row.transform_id);
            let page = transforms::list(connection, target, None, after, ROWS)?;
            let is_last = page.len() < ROWS;
            rows.extend(page);
            if is_last {
                rows.retain(|row| row.is_search);
                return Ok(rows);
            }
        }
    };
    let rows = service.store.call(read).await?;
    let modified = rows.iter().map(|row| row.updated_at).max();
    let modified = modified.ok_or_else(|| Failure::core("No log files founded."))?;
    let file = pack(&service, &rows, modified).await?;
    let name = match (target.request, target.workload) {
        (Some(request), Some(workload)) => {
            format!("request_{request}.workload_{workload}.logs.tar.gz")
        }
        (Some(request), None) => format!("request_{request}.logs.tar.gz"),
        (None, workload) => format!("workload_{}.logs.tar.gz", workload.unwrap_or_default()),
    };
    let failed = |error: io::Error| Failure::core(error.to_string());
    Download::spool(name, "application/x-tgz", modified, file)
        .await
        .map_err(failed)?
        .send(&headers)
        .await
}

/// Packs the files where the server has them, into a temporary file: one directory a transform, one below it for its processing.
async fn pack(service: &Service, rows: &[TransformRow], modified: i64) -> Result<File, Failure> {
    let store = &service.store;
    let failed = |error: io::Error| Failure::core(error.to_string());
    let mut archive = Archive::new(tempfile::tempfile().map_err(failed)?, modified);
    for row in rows {
        let id = row.transform_id;
        let has_jobs = row.has_jobs || row.is_steered;
        if has_jobs {
            let request = row.content.request_id;
            let attempts = service
                .place
                .as_ref()
                .map(|place| place.of_transform(request, id));
            archive = task::spawn_blocking(move || {
                let top = format!("transform_{id}");
                archive.directory(&top)?;
                let directory = format!("{top}/processing_{id}");
                archive.directory(&directory)?;
                if let Some(attempts) = attempts {
                    attempts::add(&mut archive, &attempts, &directory, BOUNDS)?;
                }
                Ok(archive)
            })
            .await
            .map_err(|error| Failure::core(error.to_string()))?
            .map_err(failed)?;
            continue;
        }
        let read = move |connection: &mut Connection| {
            let metadata = transforms::metadata(connection, id)?;
            let space = ["work", "attributes", "opt_space"]
                .iter()
                .try_fold(&*metadata, |at, name| raw::member(at, name));
            Ok((
                space.unwrap_or("null").to_owned(),
                transforms::history(connection, id)?,
            ))
        };
        let (space, history) = store.call(read).await?;
        let mut steering = Steering {
            input: tempfile::tempfile().map_err(failed)?,
            output: tempfile::tempfile().map_err(failed)?,
        };
        steering.write(store, id, &space, history).await?;
        let top = format!("transform_{id}");
        let directory = format!("{top}/processing_{id}");
        archive = task::spawn_blocking(move || {
            archive.directory(&top)?;
            archive.directory(&directory)?;
            archive.file(&format!("{directory}/idds_input.json"), steering.input)?;
            archive.file(&format!("{directory}/idds_output.json"), steering.output)?;
            Ok(archive)
        })
        .await
        .map_err(|error| Failure::core(error.to_string()))?
        .map_err(failed)?;
    }
    task::spawn_blocking(move || archive.finish())
        .await
        .map_err(|error| Failure::core(error.to_string()))?
        .map_err(failed)
}

/// The files of the last generation of a search.
struct Steering {
    input: File,
    output: File,
}

/// Points that are read at once.
const POINTS: usize = 2_000;

impl Steering {
    /// Writes the points that were there before the generation, as many as `history`, and those of it.
    async fn write(
        &mut self,
        store: &Store,
        transform: i64,
        space: &str,
        history: i64,
    ) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::core(error.to_string());
        let (mut input, mut output) = (BufWriter::new(&self.input), BufWriter::new(&self.output));
        write!(input, "{{\"points\": [")
            .and_then(|()| write!(output, "["))
            .map_err(failed)?;
        let (mut after, mut count) = (0, 0);
        loop {
            let read = move |connection: &mut Connection| {
                let mut points = Vec::new();
                let mut bytes = 0;
                contents::each(connection, transform, after, |content| {
                    bytes += content.size();
                    if let Kind::Point { parameters, loss } = content.kind {
                        points.push((content.number, parameters, loss));
                    }
                    points.len() < POINTS && bytes < PAGE
                })?;
                Ok(points)
            };
            let points = store.call(read).await?;
            let Some(last) = points.last() else { break };
            after = last.0;
            for (_, parameters, loss) in &points {
                let parameters: Value = serde_json::from_str(parameters).unwrap_or_default();
                let comma = if count == 0 || count == history {
                    ""
                } else {
                    ", "
                };
                match count < history {
                    true => write!(
                        input,
                        "{comma}{}",
                        python::dumps(&json!([parameters, loss]))
                    ),
                    false => write!(output, "{comma}{}", python::dumps(&parameters)),
                }
                .map_err(failed)?;
                count += 1;
            }
        }
        let space: Value = serde_json::from_str(space).unwrap_or_default();
        write!(input, "], \"opt_space\": {}}}", python::dumps(&space)).map_err(failed)?;
        write!(output, "]").map_err(failed)?;
        input.flush().and_then(|()| output.flush()).map_err(failed)
    }
}
