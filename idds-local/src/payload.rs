//! The body of a request.

use std::borrow::Cow;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use futures::TryStreamExt;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::task;

use crate::answer::Failure;
use crate::budget::{FREE, Held};
use crate::extent::Extent;
use crate::routes::Service;
use crate::serve::TooSlow;

/// Most values of a body of which a tree is built.
const MOST_IN_TREE: usize = 200_000;

/// Fewest bytes for each value of a body, on average: what people and clients send has two or three times as many.
const BYTES_PER_VALUE: usize = 16;

/// The body of a request, read whole; one that is said to be a form is empty, as it is for the server.
///
/// Python writes and reads more than JSON has: `NaN` and infinities are texts from here on, a byte order mark is gone.
#[derive(Debug)]
pub(crate) struct Payload {
    pub(crate) body: Bytes,
    /// Its share of the bytes that all bodies may have; to be kept as long as the body.
    pub(crate) held: Held,
}

impl Payload {
    /// Returns the JSON in the body, nothing for an empty one, or what is wrong with it. A body with very many values is refused: it
    /// would take fifty times as much memory as it is long.
    pub(crate) fn json(&self) -> Result<Result<Option<Value>, String>, Failure> {
        if self.body.is_empty() {
            return Ok(Ok(None));
        }
        if Extent::of(&self.body).values > MOST_IN_TREE {
            return Err(Failure::too_many_values(MOST_IN_TREE));
        }
        Ok(serde_json::from_slice(&self.body)
            .map(Some)
            .map_err(|error| error.to_string()))
    }

    /// Returns the text of the JSON in the body, nothing for an empty one, or what is wrong with it.
    pub(crate) fn raw(&self) -> Result<Option<&RawValue>, String> {
        if self.body.is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&self.body)
            .map(Some)
            .map_err(|error| error.to_string())
    }
}

impl FromRequest<Service> for Payload {
    type Rejection = Failure;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Failure> {
        if is_form(&request) {
            return Ok(Self {
                body: Bytes::new(),
                held: Held::default(),
            });
        }
        let (body, held) = read(request.into_body(), service).await?;
        let most = service.max_values();
        let body = match body.len() > FREE {
            // What takes long to look through holds up nobody.
            true => task::spawn_blocking(move || json(body, most))
                .await
                .map_err(|_| Failure::undecodable())??,
            false => json(body, most)?,
        };
        Ok(Self { body, held })
    }
}

/// Reads a body. One that is too long is read on without being kept: who is still sending does not look at the answer.
pub(crate) async fn read(body: Body, service: &Service) -> Result<(Bytes, Held), Failure> {
    let (mut bytes, mut held, mut length, mut refusal) = (Vec::new(), Held::default(), 0, None);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.try_next().await.map_err(|error| broken(&error))? {
        length += chunk.len();
        if length > service.max_body {
            return Err(Failure::too_large(service.max_body));
        }
        if refusal.is_none() {
            refusal = service.bodies.grow(&mut held, length).err();
        }
        if refusal.is_some() {
            (bytes, held) = (Vec::new(), Held::default());
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    refusal.map_or(Ok((bytes.into(), held)), Err)
}

impl Service {
    /// Returns how many values a body may have.
    pub(crate) fn max_values(&self) -> usize {
        (self.max_body / BYTES_PER_VALUE).max(MOST_IN_TREE)
    }
}

/// Makes JSON of a body that has at most this many values.
pub(crate) fn json(body: Bytes, most: usize) -> Result<Bytes, Failure> {
    let extent = Extent::of(&body);
    if extent.values > most {
        return Err(Failure::too_many_values(most));
    }
    let strict = match extent.strict(&body) {
        Cow::Borrowed(_) => None,
        Cow::Owned(strict) => Some(strict.into()),
    };
    Ok(strict.unwrap_or(body))
}

/// Says what became of a body that ended before its end.
fn broken(error: &axum::Error) -> Failure {
    TooSlow::below(error).map_or_else(Failure::undecodable, Failure::too_slow)
}

/// Tells whether the server would take the body for a form, and see nothing of it.
pub(crate) fn is_form(request: &Request) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    content_type.is_some_and(|value| {
        value
            .as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}
