//! The calls, and the requests that they are about.

mod others;
mod outputs;
mod requests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::Failure;
use super::plain::{Plain, Reply};

/// Name, method, path, headers and body of a call. `{R}` stands for the number of a running search, `{F}` of a finished, `{A}`
/// of an aborted and `{X}` of a failed one; `{W}`, `{N}`, `{T}` and `{C}` for the workload, the name, the transform and the
/// output of the running one.
type Call = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    Option<&'static str>,
);

/// Returns all calls, in their order.
fn calls() -> impl Iterator<Item = &'static Call> {
    [requests::CALLS, outputs::CALLS, others::CALLS]
        .into_iter()
        .flatten()
}

/// Makes all calls, in their order, and returns the answers by name. Nobody else may use the unique number.
pub(super) async fn run(
    server: &Plain,
    unique: u64,
) -> Result<BTreeMap<&'static str, Reply>, Failure> {
    let places = prepare(server, unique).await?;
    let fill = |text: &str| {
        places.iter().fold(text.to_owned(), |text, (place, value)| {
            text.replace(place, value)
        })
    };
    let mut replies = BTreeMap::new();
    for (name, method, path, headers, body) in calls() {
        let reply = server
            .send(method, &fill(path), headers, *body)
            .await
            .map_err(|error| format!("{name}: {error}"))?;
        if replies.insert(*name, reply).is_some() {
            return Err(format!("two calls are named {name}").into());
        }
    }
    Ok(replies)
}

/// Brings four searches into the states that the calls are about, and returns what the places in paths stand for.
async fn prepare(server: &Plain, unique: u64) -> Result<Vec<(&'static str, String)>, Failure> {
    let workload = (unique % 1_000_000_000).to_string();
    let name = format!("conformance_{unique}");
    let mut numbers = Vec::new();
    for (place, max_points) in [("{R}", 6), ("{F}", 2), ("{A}", 2)] {
        let mut body = search(max_points)?;
        if place == "{R}" {
            body["name"] = name.clone().into();
            body["workload_id"] = (unique % 1_000_000_000).into();
        }
        numbers.push((place, submit(server, &body).await?));
    }
    let no_workflow = json!({ "request_type": 0, "request_metadata": {} });
    numbers.push(("{X}", submit(server, &no_workflow).await?));
    let [running, finished, aborted, failed] = [0, 1, 2, 3].map(|place| numbers[place].1.clone());

    let points = |request: &str| format!("/hpo/null/{request}/null/null/null");
    let short = |request: &str| format!("/request/{request}/null/False/False/False/False");
    let status =
        |name: &'static str| move |rows: &Value| rows[0]["status"]["attributes"]["_name_"] == name;
    for request in [&running, &finished, &aborted] {
        server
            .wait(&points(request), |points| {
                points.as_array().is_some_and(|points| !points.is_empty())
            })
            .await?;
    }
    for path in [
        format!("/hpo/null/{finished}/1/0.5"),
        format!("/hpo/null/{finished}/2/0.25"),
        format!("/hpo/null/{aborted}/1/7"),
    ] {
        server.send("PUT", &path, &[], Some("null")).await?;
    }
    let is_over = |rows: &Value| rows[0]["status"]["attributes"]["_name_"] != "Transforming";
    abort_until(server, &aborted, &short(&aborted), is_over).await?;
    server.wait(&short(&aborted), status("SubFinished")).await?;
    let refusal = json!("Request is already terminated. Cannot be aborted");
    abort_until(server, &aborted, &short(&aborted), |rows| {
        rows[0]["errors"]["extra_msg"] == refusal
    })
    .await?;
    server.wait(&short(&finished), status("Finished")).await?;
    server.wait(&short(&failed), status("Failed")).await?;

    let transforms = server.get(&format!("/transform/{running}")).await?;
    let outputs = server
        .get(&format!(
            "/catalog/collections/{running}/null/null/null/null/1"
        ))
        .await?;
    numbers.push(("{T}", transforms[0]["transform_id"].to_string()));
    numbers.push((
        "{C}",
        outputs[0]["name"].as_str().ok_or("a name")?.to_owned(),
    ));
    numbers.extend([("{W}", workload), ("{N}", name)]);
    Ok(numbers)
}

/// Aborts a request, and again when nothing comes of it: 2.6.21 loses a command that it looks at while an agent has locked the
/// request.
async fn abort_until(
    server: &Plain,
    request: &str,
    path: &str,
    is_done: impl Fn(&Value) -> bool,
) -> Result<Value, Failure> {
    let abort = format!("/request/abort/{request}/null");
    for _ in 0..3 {
        server.send("PUT", &abort, &[], Some("null")).await?;
        if let Ok(value) = server
            .wait_for(Duration::from_secs(30), path, &is_done)
            .await
        {
            return Ok(value);
        }
    }
    server.send("PUT", &abort, &[], Some("null")).await?;
    server.wait(path, is_done).await
}

/// Returns the rules, each a method and a path with `<names>`, that no call is about.
pub(super) fn not_called(rules: &str) -> Vec<&str> {
    // Of several that fit a path, the server takes the one with the most fixed parts.
    let fits = |rule: &str, method: &str, path: &str| {
        let (of, rule) = rule.split_once(' ')?;
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let (rule, path): (Vec<_>, Vec<_>) = (rule.split('/').collect(), path.split('/').collect());
        let is_alike = |(rule, part): (&&str, &&str)| rule.starts_with('<') || rule == part;
        let is_fit =
            of == method && rule.len() == path.len() && rule.iter().zip(&path).all(is_alike);
        is_fit.then(|| rule.iter().filter(|part| !part.starts_with('<')).count())
    };
    let taken = |method, path| rules.lines().max_by_key(|rule| fits(rule, method, path));
    let called: BTreeSet<_> = calls()
        .filter_map(|(_, method, path, ..)| taken(method, path))
        .collect();
    rules
        .lines()
        .filter(|rule| !called.contains(rule))
        .collect()
}

async fn submit(server: &Plain, body: &Value) -> Result<String, Failure> {
    let json = [("Content-Type", "application/json")];
    let reply = server
        .send("POST", "/request", &json, Some(&body.to_string()))
        .await?;
    let answer: Value =
        serde_json::from_slice(&reply.body).map_err(|error| format!("{error}: {reply:?}"))?;
    Ok(answer["request_id"].to_string())
}

/// Returns a recorded submission of a search of so many points.
fn search(max_points: u64) -> Result<Value, Failure> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traffic/submit_v2_hpo_nevergrad.json");
    let recorded: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let mut body: Value =
        serde_json::from_str(recorded["request"]["body"].as_str().ok_or("a body")?)?;
    let works = "/request_metadata/workflow/attributes/template/attributes/_works";
    let works = body
        .pointer_mut(works)
        .and_then(Value::as_object_mut)
        .ok_or("works")?;
    let attributes = &mut works.values_mut().next().ok_or("a work")?["attributes"];
    attributes["max_points"] = max_points.into();
    // The real server ignores them.
    attributes["initial_points"] = Value::Null;
    Ok(body)
}
