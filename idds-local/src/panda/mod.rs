//! What clients of PanDA ask of a PanDA server: its relay to iDDS, and its cache of files.
//!
//! The real one has the Python client of iDDS and calls its methods. Here each call is made to this server itself, so that it is answered
//! as any other.

mod arguments;
mod cache;
mod command;
mod manager;
mod relay;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::routing::{get, post};

use self::relay::Relay;
use crate::answer::Failure;
use crate::routes::Service;

/// Where the routes of a PanDA server begin.
const MOUNTS: [&str; 3] = ["/server/panda/", "/api/v1/", "/cache/"];

/// Tells whether clients of PanDA ask for this path, who show the token as they show their own.
pub(crate) fn is_of_panda(path: &str) -> bool {
    MOUNTS.iter().any(|mount| path.starts_with(mount))
}

/// Returns the routes of a PanDA server, which relays to these routes of iDDS.
pub(crate) fn routes(idds: Router, service: Service) -> Router {
    let relay = Relay::new(idds, service.clone());
    let relayed = post(move |request: Request| relay.clone().answer(request));
    let cache = Router::new()
        .route("/cache/{name}", get(cache::download))
        .route("/api/v1/file_server/upload_cache_file", post(cache::upload))
        .route(
            "/api/v1/file_server/validate_cache_file",
            post(cache::validate),
        )
        .layer(DefaultBodyLimit::disable())
        .with_state(service);
    Router::new()
        .route("/server/panda/relay_idds_command", relayed)
        .merge(cache)
        .method_not_allowed_fallback(async || Failure::wrong_method())
}
