//! Calls and answers recorded from the real server.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

/// Names of the recordings, in order, without those in which the client sent nothing.
pub(crate) fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("the recordings");
    let names = entries.filter_map(|entry| {
        entry
            .ok()?
            .file_name()
            .to_str()?
            .strip_suffix(".json")
            .map(str::to_owned)
    });
    let mut names: Vec<_> = names
        .filter(|name| {
            let text = std::fs::read_to_string(folder().join(format!("{name}.json")))
                .expect("a recording");
            !serde_json::from_str::<Value>(&text).expect("JSON")["request"].is_null()
        })
        .collect();
    names.sort_unstable();
    names
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/traffic")
}

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
    /// Where the body is no text.
    pub(crate) body_base64: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: std::collections::HashMap<String, String>,
    pub(crate) body: Option<String>,
    /// Where the body is no text.
    pub(crate) body_base64: Option<String>,
}

/// Reads a recording.
pub(crate) fn recorded(name: &str) -> Recorded {
    let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).expect("a recording");
    serde_json::from_str(&text).expect("the form of a recording")
}

/// Returns the recorded submission of a search, with these changes to the attributes of its work.
pub(crate) fn submission(changes: &Value) -> Value {
    let body = recorded("submit_v2_hpo_nevergrad")
        .request
        .body
        .expect("a body");
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
