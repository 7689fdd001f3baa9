//! `/request`: submitting, and looking at what was submitted.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::routing::{MethodRouter, get, post};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::json;
use tokio::task;

use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::state::Tally;
use crate::store::{points, requests, transforms};
use crate::submission::Submission;
use crate::target::Target;
use crate::view::{self, TransformView};

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/request", post(submit))
        .route("/request/{request}", MethodRouter::new())
        .route("/request/{request}/{workload}/{detail}", get(list))
        .route("/request/{request}/{workload}/{detail}/{metadata}", get(list))
        .route("/request/{request}/{workload}/{detail}/{metadata}/{transform}", get(list))
        .route("/request/{request}/{workload}/{detail}/{metadata}/{transform}/{processing}", get(list))
        .route("/request/name/{name}", get(by_name))
}

async fn submit(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Answer, Failure> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::too_large(service.max_body),
        _ => Failure::undecodable(),
    })?;
    let is_form = |value: &http::HeaderValue| value.as_bytes().starts_with(b"application/x-www-form-urlencoded");
    if headers.get(CONTENT_TYPE).is_some_and(is_form) {
        return Err(Failure::undecodable());
    }
    let submission = task::spawn_blocking(move || Submission::read(&body))
        .await
        .map_err(|error| Failure::core(error.to_string()))??;
    let now = Timestamp::now();
    let expired_at = submission.lifetime.map(|days| expiry(now, days)).transpose()?;
    let wake = service.wake;
    let insert = move |connection: &mut Connection| {
        let request = requests::insert(connection, &submission, now.as_second(), expired_at)?;
        wake.notify_one();
        Ok(request)
    };
    let request = service.store.call(insert).await?;
    Ok(Answer::new(json!({ "request_id": request })))
}

/// Path of a listing; flags that it lacks are off.
#[derive(Deserialize)]
struct ListPath {
    request: String,
    workload: String,
    detail: String,
    #[serde(default)]
    metadata: String,
    #[serde(default)]
    transform: String,
    #[serde(default)]
    processing: String,
}

async fn list(State(service): State<Service>, Segments(path): Segments<ListPath>) -> Result<Answer, Failure> {
    let is_on = |flag: &str| flag.eq_ignore_ascii_case("true");
    let target = Target::read(&path.request, &path.workload).map_err(|details| {
        let id = if path.request == "null" { "None" } else { &path.request };
        Failure::no_object(&format!("request(request_id: {id}) cannot be found: {details}"))
    })?;
    let view = match (is_on(&path.detail), is_on(&path.processing), is_on(&path.transform)) {
        (true, _, _) => Some(TransformView::Detail),
        (_, true, _) => Some(TransformView::Processing),
        (_, _, true) => Some(TransformView::Transform),
        _ => None,
    };
    let with_metadata = is_on(&path.metadata);
    let read = move |connection: &mut Connection| {
        let mut rows = Vec::new();
        for request in requests::list(connection, target, with_metadata)? {
            let mut shown = Vec::new();
            if view.is_some() {
                for transform in transforms::list(connection, request.request_id)? {
                    let tally = match view {
                        Some(TransformView::Detail) => points::tally(connection, transform.transform_id)?,
                        _ => Tally::default(),
                    };
                    shown.push((transform, tally));
                }
            }
            rows.push((request, shown));
        }
        Ok(rows)
    };
    let rows = service.store.call(read).await?;
    let shown = rows.iter().flat_map(|(request, transforms)| view::request(request, transforms, view, with_metadata));
    Ok(Answer::new(shown.collect()))
}

async fn by_name(State(service): State<Service>, Segments(name): Segments<String>) -> Result<Answer, Failure> {
    let found = service.store.call(move |connection| requests::by_name(connection, &name)).await?;
    Ok(Answer::new(found.into()))
}

/// Returns the moment so many days from now, in seconds since 1970.
fn expiry(now: Timestamp, days: f64) -> Result<i64, Failure> {
    let seconds = now.as_second().saturating_add((days * 86_400.0) as i64);
    Timestamp::from_second(seconds).map(Timestamp::as_second).map_err(|_| Failure::core("date value out of range"))
}
