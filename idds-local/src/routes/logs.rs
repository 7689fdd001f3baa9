//! `/logs`: what the steering of a request last read and wrote.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::HeaderMap;
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::task;

use super::{Segments, Service};
use crate::answer::Failure;
use crate::archive::Archive;
use crate::download::Download;
use crate::python;
use crate::store::points::PointRow;
use crate::store::transforms::TransformRow;
use crate::store::{points, transforms};
use crate::target::Target;

pub(super) fn routes() -> Router<Service> {
    Router::new().route("/logs/{workload}/{request}", get(download))
}

/// What is known about the last generation of a search.
struct Log {
    transform: TransformRow,
    points: Vec<PointRow>,
    /// How many of the points were there before it.
    history: usize,
}

async fn download(
    State(service): State<Service>,
    Segments((workload, request)): Segments<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let target = Target::read(&request, &workload).map_err(|details| Failure::database(&details))?;
    if target.is_everything() {
        return Err(Failure::core("One of workload_id and request_id should not be None or empty"));
    }
    let read = move |connection: &mut Connection| {
        let mut rows = transforms::list(connection, target, None)?;
        rows.retain(|row| row.content.search.is_some());
        rows.into_iter()
            .map(|transform| {
                let points = points::contents(connection, transform.transform_id)?;
                let points = points.into_iter().map(|content| content.point).collect();
                let history = transforms::history(connection, transform.transform_id)?;
                Ok(Log { transform, points, history: usize::try_from(history).unwrap_or(0) })
            })
            .collect::<rusqlite::Result<Vec<_>>>()
    };
    let logs = service.store.call(read).await?;
    let modified = logs.iter().map(|log| log.transform.updated_at).max();
    let modified = modified.ok_or_else(|| Failure::core("No log files founded."))?;
    let bytes = task::spawn_blocking(move || pack(&logs, modified))
        .await
        .map_err(|error| Failure::core(error.to_string()))?
        .map_err(|error| Failure::core(error.to_string()))?;
    let name = match (target.request, target.workload) {
        (Some(request), Some(workload)) => format!("request_{request}.workload_{workload}.logs.tar.gz"),
        (Some(request), None) => format!("request_{request}.logs.tar.gz"),
        (None, workload) => format!("workload_{}.logs.tar.gz", workload.unwrap_or_default()),
    };
    Download::bytes(name, "application/x-tgz", modified, bytes).send(&headers).await
}

/// Packs the files where the server has them: one directory a transform, one below it for its processing.
fn pack(logs: &[Log], modified: i64) -> std::io::Result<Vec<u8>> {
    let mut archive = Archive::new(modified);
    for Log { transform, points, history } in logs {
        let metadata = transform.metadata();
        let space = metadata.pointer("/work/attributes/opt_space");
        let (before, new) = points.split_at(*history.min(&points.len()));
        let pair = |point: &PointRow| json!([point.parameters, point.loss]);
        let input = json!({ "points": before.iter().map(pair).collect::<Vec<_>>(), "opt_space": space });
        let output: Value = new.iter().map(|point| point.parameters.clone()).collect();
        let top = format!("transform_{}", transform.transform_id);
        let directory = format!("{top}/processing_{}", transform.transform_id);
        archive.directory(&top)?;
        archive.directory(&directory)?;
        archive.file(&format!("{directory}/idds_input.json"), python::dumps(&input).as_bytes())?;
        archive.file(&format!("{directory}/idds_output.json"), python::dumps(&output).as_bytes())?;
    }
    archive.finish()
}
