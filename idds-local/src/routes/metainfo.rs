//! `/metainfo`: which message brokers there are. There are none.

use axum::Router;
use axum::routing::get;
use serde_json::json;

use super::{Segments, Service};
use crate::answer::Answer;

pub(super) fn routes() -> Router<Service> {
    Router::new().route("/metainfo/{name}", get(show))
}

async fn show(Segments(name): Segments<String>) -> Answer {
    Answer::new(match name.as_str() {
        "asyncresult_config" => json!({
            "broker_destination": null,
            "broker_password": null,
            "broker_timeout": 360,
            "broker_type": null,
            "broker_username": null,
            "broker_x509": null,
            "brokers": null,
        }),
        "prompt_broker" => json!({
            "ejfat": {},
            "result_broker": null,
            "transformer_broadcast_broker": null,
            "transformer_broker": null,
        }),
        _ => json!({}),
    })
}
