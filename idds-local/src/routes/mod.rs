//! The routes of the REST service, one file an area.

mod hpo;
mod ping;
mod request;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::de::DeserializeOwned;
use tokio::sync::Notify;
use tower_http::catch_panic::CatchPanicLayer;

use crate::answer::Failure;
use crate::store::Store;

/// Where the service is mounted.
pub(crate) const MOUNT: &str = "/idds";

/// What every route needs.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// The database.
    pub(crate) store: Store,
    /// Wakes the agent when there may be something to do.
    pub(crate) wake: Arc<Notify>,
    /// Largest body, in bytes.
    pub(crate) max_body: usize,
}

impl Service {
    /// Builds the router of all routes.
    pub(crate) fn into_router(self) -> Router {
        let routes = Router::new()
            .merge(ping::routes())
            .merge(request::routes())
            .merge(hpo::routes())
            .method_not_allowed_fallback(async || Failure::wrong_method());
        Router::new()
            .nest(MOUNT, routes)
            .fallback(async || Failure::unknown_route())
            .layer(DefaultBodyLimit::max(self.max_body))
            .layer(CatchPanicLayer::custom(|_: Box<dyn Any + Send>| -> Response {
                Failure::core("the server panicked").into_response()
            }))
            .with_state(self)
    }
}

/// The variable parts of a path, decoded; a path that does not decode or has an empty part is no route.
struct Segments<T>(T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Segments<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let has_empty_part = parts.uri.path().contains("//");
        match Path::from_request_parts(parts, state).await {
            Ok(Path(segments)) if !has_empty_part => Ok(Self(segments)),
            _ => Err(Failure::unknown_route()),
        }
    }
}
