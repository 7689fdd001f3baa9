//! `/auth`: what a server without a single identity provider says about signing in.

use axum::Router;
use axum::routing::get;
use serde_json::Value;

use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::column::python_type;
use crate::payload::Payload;

/// What the server says about every VO that it does not know.
const UNKNOWN: &str = "'bool' object is not subscriptable";

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route(
            "/auth/url/{vo}",
            get(async |_: Segments<String>| url("oidc")),
        )
        .route(
            "/auth/url/{vo}/{auth_type}",
            get(async |Segments((_, kind)): Segments<(String, String)>| url(&kind)),
        )
        .route("/auth/token/{vo}", axum::routing::post(refresh))
        .route(
            "/auth/token/{vo}/{device_code}",
            get(async |_: Segments<(String, String)>| token()),
        )
        .route(
            "/auth/token/{vo}/{device_code}/{interval}",
            get(async |_: Segments<(String, String, String)>| token()),
        )
        .route(
            "/auth/token/{vo}/{device_code}/{interval}/{expires_in}",
            get(async |_: Segments<(String, String, String, String)>| token()),
        )
}

fn url(auth_type: &str) -> Result<Answer, Failure> {
    if auth_type != "oidc" {
        let details = format!("auth_type {auth_type} is not supported to call this function.");
        return Err(Failure::not_supported(&details));
    }
    Err(Failure::idds(&format!(
        "Failed to get oidc sign url: Failed to get oidc sign in URL: {UNKNOWN}"
    )))
}

fn token() -> Result<Answer, Failure> {
    Err(Failure::idds(&format!(
        "Failed to get oidc token: Failed to get oidc token: {UNKNOWN}"
    )))
}

async fn refresh(_: Segments<String>, payload: Payload) -> Result<Answer, Failure> {
    match payload.json()?.map_err(Failure::core)? {
        None => Err(Failure::core(
            "byte indices must be integers or slices, not str",
        )),
        Some(Value::Object(fields)) if fields.contains_key("refresh_token") => Err(Failure::idds(
            &format!("Failed to refresh oidc token: Failed to refresh oidc token: {UNKNOWN}"),
        )),
        Some(Value::Object(_)) => Err(Failure::core("'refresh_token'")),
        Some(other) => Err(Failure::core(format!(
            "'{}' object is not subscriptable",
            python_type(&other)
        ))),
    }
}
