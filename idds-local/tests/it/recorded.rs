//! Calls and answers recorded from the real server.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

/// One call with its answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) request: Request,
    pub(crate) response: Response,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: std::collections::HashMap<String, String>,
    pub(crate) body: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: std::collections::HashMap<String, String>,
    pub(crate) body: String,
}

/// Reads a recording.
pub(crate) fn recorded(name: &str) -> Recorded {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/traffic").join(format!("{name}.json"));
    let text = std::fs::read_to_string(path).expect("a recording");
    serde_json::from_str(&text).expect("the form of a recording")
}

/// Returns the recorded submission of a search, with these changes to the attributes of its work.
pub(crate) fn submission(changes: &Value) -> Value {
    let body = recorded("submit_v2_hpo_nevergrad").request.body.expect("a body");
    let mut body: Value = serde_json::from_str(&body).expect("JSON");
    let works = body
        .pointer_mut("/request_metadata/workflow/attributes/template/attributes/_works")
        .and_then(Value::as_object_mut)
        .expect("works");
    let attributes = works.values_mut().next().expect("a work");
    for (key, value) in changes.as_object().expect("an object") {
        attributes["attributes"][key] = value.clone();
    }
    body
}

/// Returns a submission of a search without initial points.
pub(crate) fn search(max_points: u64, num_points_per_iteration: u64) -> Value {
    submission(&json!({
        "max_points": max_points,
        "num_points_per_iteration": num_points_per_iteration,
        "initial_points": null,
    }))
}
