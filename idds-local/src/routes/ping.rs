//! `/ping`.

use axum::Router;
use axum::routing::get;
use serde_json::json;

use super::Service;
use crate::answer::Answer;

pub(super) fn routes() -> Router<Service> {
    Router::new().route("/ping", get(ping))
}

async fn ping() -> Answer {
    Answer::new(json!({ "Status": "OK" }))
}
