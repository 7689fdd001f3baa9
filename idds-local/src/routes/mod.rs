//! The routes of the REST service, one file an area.

mod auth;
mod build;
mod cacher;
mod catalog;
mod command;
mod hpo;
mod logs;
mod message;
mod metainfo;
mod monitor;
mod per_request;
mod ping;
mod request;
mod transform;
mod workflow_task;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::de::DeserializeOwned;
use tower_http::catch_panic::CatchPanicLayer;

use crate::answer::{self, Failure};
use crate::budget::Budget;
use crate::cacher::Cacher;
use crate::engine::jobs::Place;
use crate::guard::{self, Names};
use crate::identity::{self, Identity, Rules};
use crate::panda;
use crate::store::Store;
use crate::token::{self, Token};
use crate::wake::Wake;

/// Where the service is mounted.
pub(crate) const MOUNT: &str = "/idds";

/// What every route needs.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// The database.
    pub(crate) store: Store,
    /// The files that clients upload.
    pub(crate) cacher: Cacher,
    /// Wakes the agent when there may be something to do.
    pub(crate) wake: Arc<Wake>,
    /// Largest body, in bytes.
    pub(crate) max_body: usize,
    /// Bytes of all bodies that are being read or handled.
    pub(crate) bodies: Budget,
    /// Bytes of what is being sent, where it is much.
    pub(crate) answers: Budget,
    /// By which rules requests live.
    pub(crate) rules: Rules,
    /// What its answers say of it.
    pub(crate) identity: Identity,
    /// The names that clients may know it by.
    pub(crate) names: Names,
    /// What clients have to show, unless it is switched off.
    pub(crate) token: Option<Token>,
    /// Where jobs run, if it starts programs.
    pub(crate) place: Option<Place>,
}

impl Service {
    /// Builds the router of all routes.
    pub(crate) fn into_router(self) -> Router {
        let (identity, names, token) = (
            self.identity.clone(),
            self.names.clone(),
            self.token.clone(),
        );
        let routes = Router::new()
            .merge(auth::routes())
            .merge(build::routes())
            .merge(cacher::routes())
            .merge(catalog::routes())
            .merge(command::routes())
            .merge(hpo::routes())
            .merge(logs::routes())
            .merge(message::routes())
            .merge(metainfo::routes())
            .merge(monitor::routes())
            .merge(ping::routes())
            .merge(request::routes())
            .merge(transform::routes())
            .merge(workflow_task::routes())
            .method_not_allowed_fallback(async || Failure::wrong_method());
        let service = Router::new()
            .nest(MOUNT, routes)
            .fallback(async || Failure::unknown_route())
            .layer(CatchPanicLayer::custom(
                |_: Box<dyn Any + Send>| -> Response {
                    Failure::core("the server panicked").into_response()
                },
            ))
            .with_state(self.clone());
        let idds = service.clone().layer(middleware::from_fn(answer::render));
        let service = service.merge(panda::routes(idds, self));
        // Around the whole router: a layer in it would not see what the router itself adds to an answer. What is below `take` sees
        // no token.
        Router::new()
            .fallback_service(service)
            .layer(middleware::from_fn(token::check))
            .layer(middleware::from_fn_with_state(names, guard::check))
            .layer(middleware::from_fn(answer::render))
            .layer(middleware::from_fn_with_state(identity, identity::name))
            .layer(middleware::from_fn_with_state(token, token::take))
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
