//! `/cacher`: files of clients.

use std::io;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::Response;
use axum::routing::get;
use http::HeaderMap;
use serde_json::json;

use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::download::Download;
use crate::payload;
use crate::serve::TooSlow;

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/cacher/{name}", get(download).post(upload))
        .layer(DefaultBodyLimit::disable())
}

/// Stores the raw body. It is written to the disk as it comes in, and may have any size.
async fn upload(
    State(service): State<Service>,
    Segments(name): Segments<String>,
    request: Request,
) -> Result<Answer, Failure> {
    check(&name)?;
    let body = if payload::is_form(&request) {
        Body::empty()
    } else {
        request.into_body()
    };
    service
        .cacher
        .put(&name, body)
        .await
        .map_err(|error| match TooSlow::below(&error) {
            Some(slow) => Failure::too_slow(slow),
            None => Failure::core(error.to_string()),
        })?;
    Ok(Answer::new(json!({ "filename": name })))
}

async fn download(
    State(service): State<Service>,
    Segments(name): Segments<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    check(&name)?;
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => Failure::core(
            "404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check \
             your spelling and try again.",
        ),
        _ => Failure::core(error.to_string()),
    };
    let file = service.cacher.get(&name).await.map_err(failed)?;
    Download::file(name, file)
        .await
        .map_err(failed)?
        .send(&headers)
        .await
}

/// A slash, however it is written, is the end of a name for the server.
fn check(name: &str) -> Result<(), Failure> {
    if name.contains('/') {
        Err(Failure::unknown_route())
    } else {
        Ok(())
    }
}
