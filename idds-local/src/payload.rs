//! The body of a request.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use idds_workflow::python_json::Document;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::answer::Failure;
use crate::routes::Service;
use crate::serve::TooSlow;

/// The body of a request, read whole; one that is said to be a form is empty, as it is for the server.
///
/// Python writes and reads more than JSON has: `NaN` and infinities are texts from here on, a byte order mark is gone.
#[derive(Debug)]
pub(crate) struct Payload(pub(crate) Bytes);

impl Payload {
    /// Returns the JSON in the body, nothing for an empty one, or what is wrong with it.
    pub(crate) fn json(&self) -> Result<Option<Value>, String> {
        if self.0.is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&self.0).map(Some).map_err(|error| error.to_string())
    }
}

impl FromRequest<Service> for Payload {
    type Rejection = Failure;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Failure> {
        if is_form(&request) {
            return Ok(Self(Bytes::new()));
        }
        let body = Bytes::from_request(request, service).await;
        body.map(|body| Self(strict(body))).map_err(|rejection| match TooSlow::below(&rejection) {
            Some(slow) => Failure::too_slow(slow),
            None if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Failure::too_large(service.max_body),
            None => Failure::undecodable(),
        })
    }
}

/// Makes JSON of what Python takes for it; anything else is left for the route to refuse.
fn strict(body: Bytes) -> Bytes {
    match serde_json::from_slice::<IgnoredAny>(&body) {
        Ok(IgnoredAny) => body,
        Err(_) => Document::parse(&body).map(|document| document.root().to_json().into()).unwrap_or(body),
    }
}

/// Tells whether the server would take the body for a form, and see nothing of it.
pub(crate) fn is_form(request: &Request) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"))
}
