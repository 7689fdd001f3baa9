//! The cache of files of a PanDA server, which is the directory of uploaded files here.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::answer::{self, Failure};
use crate::download::Download;
use crate::form;
use crate::payload;
use crate::routes::Service;

/// Sends a file that was uploaded.
pub(super) async fn download(
    State(service): State<Service>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let missing = |_| Failure::unknown_route();
    let file = service.cacher.get(&name).await.map_err(missing)?;
    let failed = |error: std::io::Error| Failure::core(error.to_string());
    let download = Download::file(name, file).await.map_err(failed)?;
    download.send(&headers).await
}

/// Keeps a file that panda-client sends as a part of a form, under the last part of its name.
pub(super) async fn upload(
    State(service): State<Service>,
    request: Request,
) -> Result<Response, Failure> {
    let boundary = boundary(request.headers()).ok_or_else(Failure::undecodable)?;
    let (body, _held) = payload::read(request.into_body(), &service).await?;
    let (name, content) = form::file(&body, &boundary).ok_or_else(Failure::undecodable)?;
    let kept = service.cacher.put(&name, Body::from(content)).await;
    kept.map_err(|error| Failure::core(error.to_string()))?;
    Ok(told(true, ""))
}

/// Says that no file is known by its checksum, so that it is sent.
pub(super) async fn validate() -> Response {
    told(false, "NOTFOUND")
}

/// Answers in the form of PanDA.
fn told(success: bool, message: &str) -> Response {
    let body = json!({ "success": success, "message": message, "data": null });
    let mut response = answer::json(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::OK;
    response
}

/// Returns what stands between the parts of a form.
fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let parameters = kind.strip_prefix("multipart/form-data;")?;
    let boundary = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"').to_owned())
}
