//! The calls, and the requests that they are about.

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
    for (name, method, path, headers, body) in CALLS {
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
    let called: BTreeSet<_> = CALLS
        .iter()
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

const CALLS: &[Call] = &[
    (
        "request: running",
        "GET",
        "/request/{R}/null/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: running, lower-case flags",
        "GET",
        "/request/{R}/null/false/true",
        &[],
        None,
    ),
    (
        "request: running, with metadata",
        "GET",
        "/request/{R}/null/False/True/False/False",
        &[],
        None,
    ),
    (
        "request: running, with details",
        "GET",
        "/request/{R}/null/True/False/False/False",
        &[],
        None,
    ),
    (
        "request: running, with transforms",
        "GET",
        "/request/{R}/null/False/False/True/False",
        &[],
        None,
    ),
    (
        "request: running, with processings",
        "GET",
        "/request/{R}/null/False/False/False/True",
        &[],
        None,
    ),
    (
        "request: running, with everything",
        "GET",
        "/request/{R}/null/True/True/True/True",
        &[],
        None,
    ),
    (
        "request: running, five parts",
        "GET",
        "/request/{R}/null/False/False/True",
        &[],
        None,
    ),
    (
        "request: three parts",
        "GET",
        "/request/{R}/null/True",
        &[],
        None,
    ),
    (
        "request: by workload",
        "GET",
        "/request/null/{W}/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: by both",
        "GET",
        "/request/{R}/{W}/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: wrong workload",
        "GET",
        "/request/{R}/1/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: unknown",
        "GET",
        "/request/99999999/null/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: no number",
        "GET",
        "/request/abc/null/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: a word for no id",
        "GET",
        "/request/None/None/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: too large",
        "GET",
        "/request/99999999999999999999/null/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: a workload that is no number",
        "GET",
        "/request/{R}/abc/False/False/False/False",
        &[],
        None,
    ),
    ("request: one part", "GET", "/request/{R}", &[], None),
    (
        "request: no part",
        "GET",
        "/request?request_id={R}",
        &[],
        None,
    ),
    (
        "request: finished",
        "GET",
        "/request/{F}/null/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: finished, with details",
        "GET",
        "/request/{F}/null/True/False/False/False",
        &[],
        None,
    ),
    (
        "request: aborted",
        "GET",
        "/request/{A}/null/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: aborted, with details",
        "GET",
        "/request/{A}/null/True/False/False/False",
        &[],
        None,
    ),
    (
        "request: failed",
        "GET",
        "/request/{X}/null/False/False/False/False",
        &[],
        None,
    ),
    (
        "request: failed, with details",
        "GET",
        "/request/{X}/null/True/True/True/True",
        &[],
        None,
    ),
    ("request: name", "GET", "/request/name/{N}", &[], None),
    (
        "request: name with wildcards",
        "GET",
        "/request/name/conformance_%25",
        &[],
        None,
    ),
    (
        "request: unknown name",
        "GET",
        "/request/name/nobody",
        &[],
        None,
    ),
    (
        "request: name with a slash",
        "GET",
        "/request/name/a%2Fb",
        &[],
        None,
    ),
    (
        "request: wrapped",
        "GET",
        "/request/{R}/null/False/False?json_outputs=true",
        &[],
        None,
    ),
    (
        "request: wrapped failure",
        "GET",
        "/request/abc/null/False/False?json_outputs=True",
        &[],
        None,
    ),
    (
        "request: not wrapped",
        "GET",
        "/request/{R}/null/False/False?json_outputs=1",
        &[],
        None,
    ),
    ("request: submit nothing", "POST", "/request", &[], None),
    (
        "request: submit no JSON",
        "POST",
        "/request",
        &[],
        Some("{"),
    ),
    (
        "request: submit a list",
        "POST",
        "/request",
        &[],
        Some("[]"),
    ),
    (
        "request: submit an empty object",
        "POST",
        "/request",
        &[],
        Some("{}"),
    ),
    (
        "request: submit an unknown key",
        "POST",
        "/request",
        &[],
        Some(r#"{"request_type": 0, "request_metadata": {}, "surprise": 1}"#),
    ),
    (
        "request: submit an unknown class",
        "POST",
        "/request",
        &[],
        Some(
            r#"{"request_type": 0, "request_metadata": {"workflow": {"class": "A", "module": "b", "attributes": {}}}}"#,
        ),
    ),
    (
        "request: submit a form",
        "POST",
        "/request",
        &[("Content-Type", "application/x-www-form-urlencoded")],
        Some(r#"{"request_type": 0, "request_metadata": {}}"#),
    ),
    (
        "request: update",
        "PUT",
        "/request/{R}",
        &[],
        Some(r#"{"status": 10}"#),
    ),
    (
        "request: update with null",
        "PUT",
        "/request/{R}",
        &[],
        Some("null"),
    ),
    (
        "request: update with nothing",
        "PUT",
        "/request/{R}",
        &[],
        None,
    ),
    (
        "request: update with no JSON",
        "PUT",
        "/request/{R}",
        &[],
        Some("{"),
    ),
    (
        "request: update unknown",
        "PUT",
        "/request/99999999",
        &[],
        Some("{}"),
    ),
    (
        "request: update null",
        "PUT",
        "/request/null",
        &[],
        Some("{}"),
    ),
    (
        "request: abort unknown",
        "PUT",
        "/request/abort/99999999/null",
        &[],
        Some("null"),
    ),
    (
        "request: abort wrong workload",
        "PUT",
        "/request/abort/{R}/1",
        &[],
        Some("null"),
    ),
    (
        "request: abort by workload",
        "PUT",
        "/request/abort/null/{W}",
        &[],
        Some("null"),
    ),
    (
        "request: abort no number",
        "PUT",
        "/request/abort/abc/null",
        &[],
        Some("null"),
    ),
    (
        "request: abort a task",
        "PUT",
        "/request/abort/{R}/null/123",
        &[],
        Some("null"),
    ),
    (
        "request: abort an unknown task by word",
        "PUT",
        "/request/abort/99999999/null/task_id",
        &[],
        Some("null"),
    ),
    (
        "request: abort by POST",
        "POST",
        "/request/abort/{R}/null",
        &[],
        Some("null"),
    ),
    (
        "request: abort by GET",
        "GET",
        "/request/abort/{R}/null",
        &[],
        None,
    ),
    (
        "request: abort with one part",
        "PUT",
        "/request/abort/{R}",
        &[],
        Some("null"),
    ),
    (
        "request: abort an ended one",
        "PUT",
        "/request/abort/{F}/null",
        &[],
        Some("null"),
    ),
    (
        "request: close unknown",
        "PUT",
        "/request/close/99999999/null",
        &[],
        Some("null"),
    ),
    (
        "request: close by workload",
        "PUT",
        "/request/close/null/{W}",
        &[],
        Some("null"),
    ),
    (
        "request: close an ended one",
        "PUT",
        "/request/close/{F}/null",
        &[],
        Some("null"),
    ),
    (
        "request: retry unknown",
        "PUT",
        "/request/retry/99999999/null",
        &[],
        Some("null"),
    ),
    (
        "request: retry by workload",
        "PUT",
        "/request/retry/null/{W}",
        &[],
        Some("null"),
    ),
    (
        "request: retry a finished one",
        "PUT",
        "/request/retry/{F}/null",
        &[],
        Some("null"),
    ),
    (
        "request: retry a running one",
        "PUT",
        "/request/retry/{R}/null",
        &[],
        Some("null"),
    ),
    (
        "request: put a name",
        "PUT",
        "/request/name/x",
        &[],
        Some("null"),
    ),
    (
        "build: empty",
        "POST",
        "/request/build/{R}",
        &[],
        Some("{}"),
    ),
    ("build: nothing", "POST", "/request/build/{R}", &[], None),
    (
        "build: null",
        "POST",
        "/request/build/{R}",
        &[],
        Some("null"),
    ),
    (
        "build: no JSON",
        "POST",
        "/request/build/{R}",
        &[],
        Some("{"),
    ),
    (
        "build: of a request without one",
        "POST",
        "/request/build/{R}",
        &[],
        Some(r#"{"signature": "x", "workflow": null}"#),
    ),
    (
        "build: unknown",
        "POST",
        "/request/build/99999999",
        &[],
        Some(r#"{"signature": "x", "workflow": null}"#),
    ),
    (
        "build: no number",
        "POST",
        "/request/build/abc",
        &[],
        Some(r#"{"signature": "x", "workflow": null}"#),
    ),
    ("build: by GET", "GET", "/request/build/{R}", &[], None),
    ("transform: list", "GET", "/transform/{R}", &[], None),
    (
        "transform: list with null",
        "GET",
        "/transform/{R}/null",
        &[],
        None,
    ),
    ("transform: one", "GET", "/transform/{R}/{T}", &[], None),
    (
        "transform: one of another request",
        "GET",
        "/transform/{F}/{T}",
        &[],
        None,
    ),
    (
        "transform: one that is no number",
        "GET",
        "/transform/{R}/abc",
        &[],
        None,
    ),
    (
        "transform: wrapped null",
        "GET",
        "/transform/{R}/99999999?json_outputs=true",
        &[],
        None,
    ),
    ("transform: finished", "GET", "/transform/{F}", &[], None),
    ("transform: aborted", "GET", "/transform/{A}", &[], None),
    (
        "transform: unknown request",
        "GET",
        "/transform/99999999",
        &[],
        None,
    ),
    ("transform: no request", "GET", "/transform/None", &[], None),
    (
        "transform: a request that is no number",
        "GET",
        "/transform/abc",
        &[],
        None,
    ),
    (
        "transform: add without a token",
        "POST",
        "/transform/{R}",
        &[],
        Some("{}"),
    ),
    (
        "transform: add to a workflow",
        "POST",
        "/transform/{R}",
        &[],
        Some(r#"{"token": "x", "workload_id": null, "transform_type": 10}"#),
    ),
    (
        "transform: add to an unknown request",
        "POST",
        "/transform/99999999",
        &[],
        Some(r#"{"token": "x"}"#),
    ),
    (
        "transform: add to no request",
        "POST",
        "/transform/null",
        &[],
        Some(r#"{"token": "x"}"#),
    ),
    (
        "transform: add to no number",
        "POST",
        "/transform/abc",
        &[],
        Some(r#"{"token": "x"}"#),
    ),
    (
        "transform: add no JSON",
        "POST",
        "/transform/{R}",
        &[],
        Some("{"),
    ),
    (
        "transform: add a list",
        "POST",
        "/transform/{R}",
        &[],
        Some("[]"),
    ),
    (
        "catalog: collections",
        "GET",
        "/catalog/collections/{R}/null/null/null/null/null",
        &[],
        None,
    ),
    (
        "catalog: collections of a finished request",
        "GET",
        "/catalog/collections/{F}/null/null/null/null/null",
        &[],
        None,
    ),
    (
        "catalog: outputs",
        "GET",
        "/catalog/collections/{R}/None/None/None/None/1",
        &[],
        None,
    ),
    (
        "catalog: logs",
        "GET",
        "/catalog/collections/{R}/null/null/null/null/2",
        &[],
        None,
    ),
    (
        "catalog: collection by name",
        "GET",
        "/catalog/collections/null/null/null/HPO/{C}/null",
        &[],
        None,
    ),
    (
        "catalog: collections by workload",
        "GET",
        "/catalog/collections/null/null/{W}/null/null/null",
        &[],
        None,
    ),
    (
        "catalog: collections by transform",
        "GET",
        "/catalog/collections/null/{T}/null/null/null/0",
        &[],
        None,
    ),
    (
        "catalog: unknown collections",
        "GET",
        "/catalog/collections/99999999/null/null/null/null/null",
        &[],
        None,
    ),
    (
        "catalog: collections of no number",
        "GET",
        "/catalog/collections/abc/null/null/null/null/null",
        &[],
        None,
    ),
    (
        "catalog: relation that is a word",
        "GET",
        "/catalog/collections/{R}/null/null/null/null/Output",
        &[],
        None,
    ),
    (
        "catalog: contents",
        "GET",
        "/catalog/contents/{R}/null/null/null/null/null/null",
        &[],
        None,
    ),
    (
        "catalog: contents with a loss",
        "GET",
        "/catalog/contents/{F}/null/null/null/null/1/2",
        &[],
        None,
    ),
    (
        "catalog: contents without a loss",
        "GET",
        "/catalog/contents/{R}/null/null/null/null/1/0",
        &[],
        None,
    ),
    (
        "catalog: contents of a collection",
        "GET",
        "/catalog/contents/null/null/null/HPO/{C}/null/null",
        &[],
        None,
    ),
    (
        "catalog: contents by workload",
        "GET",
        "/catalog/contents/null/null/{W}/null/null/null/null",
        &[],
        None,
    ),
    (
        "catalog: contents of an unknown status",
        "GET",
        "/catalog/contents/{R}/null/null/null/null/null/77",
        &[],
        None,
    ),
    (
        "catalog: unknown contents",
        "GET",
        "/catalog/contents/99999999/null/null/null/null/null/null",
        &[],
        None,
    ),
    (
        "catalog: contents of a status that is a word",
        "GET",
        "/catalog/contents/{R}/null/null/null/null/null/New",
        &[],
        None,
    ),
    (
        "catalog: contents of jobs by task",
        "GET",
        "/catalog/contents_output_ext/{R}/null/null/True",
        &[],
        None,
    ),
    (
        "catalog: contents of jobs of no request",
        "GET",
        "/catalog/contents_output_ext/null/{W}/null/False",
        &[],
        None,
    ),
    (
        "catalog: contents of unknown jobs",
        "GET",
        "/catalog/contents_output_ext/99999999/null/null/False",
        &[],
        None,
    ),
    ("hpo: all", "GET", "/hpo/null/{R}/null/null/null", &[], None),
    (
        "hpo: all by workload",
        "GET",
        "/hpo/{W}/null/null/null/null",
        &[],
        None,
    ),
    (
        "hpo: finished",
        "GET",
        "/hpo/null/{F}/null/null/null",
        &[],
        None,
    ),
    ("hpo: one", "GET", "/hpo/null/{R}/1/null/null", &[], None),
    (
        "hpo: unknown point",
        "GET",
        "/hpo/null/{R}/999/null/null",
        &[],
        None,
    ),
    (
        "hpo: unknown request",
        "GET",
        "/hpo/null/99999999/null/null/null",
        &[],
        None,
    ),
    (
        "hpo: wrong workload",
        "GET",
        "/hpo/1/{R}/null/null/null",
        &[],
        None,
    ),
    (
        "hpo: no number",
        "GET",
        "/hpo/null/abc/null/null/null",
        &[],
        None,
    ),
    ("hpo: limit", "GET", "/hpo/null/{R}/null/null/2", &[], None),
    (
        "hpo: status",
        "GET",
        "/hpo/null/{R}/null/New/null",
        &[],
        None,
    ),
    ("hpo: put", "PUT", "/hpo/null/{R}/1/0.5", &[], Some("null")),
    (
        "hpo: put again",
        "PUT",
        "/hpo/{W}/{R}/1/1e-05",
        &[],
        Some("null"),
    ),
    (
        "hpo: put with underscore",
        "PUT",
        "/hpo/null/{R}/1/1_000",
        &[],
        None,
    ),
    ("hpo: put nan", "PUT", "/hpo/null/{A}/1/nan", &[], None),
    ("hpo: put a word", "PUT", "/hpo/null/{R}/1/best", &[], None),
    (
        "hpo: put unknown point",
        "PUT",
        "/hpo/null/{R}/999/1.0",
        &[],
        None,
    ),
    (
        "hpo: put unknown request",
        "PUT",
        "/hpo/null/99999999/1/1.0",
        &[],
        None,
    ),
    (
        "hpo: put to everything",
        "PUT",
        "/hpo/null/null/1/1.0",
        &[],
        None,
    ),
    ("hpo: post", "POST", "/hpo/null/{R}/1/1.0", &[], None),
    (
        "message: send results",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some(r#"[{"headers": {"channel": "asyncresult"}, "body": {"x": 1}}]"#),
    ),
    (
        "message: send results of a work",
        "POST",
        "/message/{R}/null/1/abcd1234",
        &[],
        Some(r#"[{"headers": {"channel": "asyncresult"}, "body": [1]}, 5]"#),
    ),
    (
        "message: send an object",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some(r#"{"hello": "world"}"#),
    ),
    (
        "message: send a list of others",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some("[5]"),
    ),
    (
        "message: send to an unknown request",
        "POST",
        "/message/99999999/null/null/null",
        &[],
        Some(r#"{"hello": "world"}"#),
    ),
    (
        "message: send without headers",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some(r#"[{"hello": "world"}]"#),
    ),
    (
        "message: send an empty list",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some("[]"),
    ),
    (
        "message: send nothing",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        None,
    ),
    (
        "message: send null",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some("null"),
    ),
    (
        "message: send no JSON",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some("{"),
    ),
    (
        "message: send a command without a status",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some(r#"{"command": "update_request", "parameters": {}}"#),
    ),
    (
        "message: send a command without parameters",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some(r#"{"command": "update_request"}"#),
    ),
    (
        "message: send a number as status",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some(r#"{"command": "update_request", "parameters": {"status": 10}}"#),
    ),
    (
        "message: resume",
        "POST",
        "/message/{R}/null/null/null",
        &[],
        Some(
            r#"{"command": "update_request", "parameters": {"status": {"class": "RequestStatus", "module": "idds.common.constants", "attributes": {"_value_": 13, "_name_": "ToResume"}}}}"#,
        ),
    ),
    (
        "message: get",
        "GET",
        "/message/{R}/null/null/null",
        &[],
        None,
    ),
    (
        "message: get those of a work",
        "GET",
        "/message/{R}/null/1/abcd1234",
        &[],
        None,
    ),
    (
        "message: get those of another work",
        "GET",
        "/message/{R}/null/null/zzzz",
        &[],
        None,
    ),
    (
        "message: get those of an unknown request",
        "GET",
        "/message/12345678/null/null/null",
        &[],
        None,
    ),
    (
        "message: of no request",
        "GET",
        "/message/null/{W}/null/null",
        &[],
        None,
    ),
    (
        "message: of no number",
        "GET",
        "/message/abc/null/null/null",
        &[],
        None,
    ),
    (
        "message: None for no id",
        "GET",
        "/message/{R}/null/None/None",
        &[],
        None,
    ),
    ("message: two parts", "GET", "/message/{R}/null", &[], None),
    (
        "cacher: upload",
        "POST",
        "/cacher/conformance.txt",
        &[],
        Some("0123456789"),
    ),
    (
        "cacher: upload a form",
        "POST",
        "/cacher/conformance.form",
        &[("Content-Type", "application/x-www-form-urlencoded")],
        Some("x"),
    ),
    (
        "cacher: upload, wrapped",
        "POST",
        "/cacher/conformance.tar.gz?json_outputs=true",
        &[],
        Some("abc"),
    ),
    (
        "cacher: download",
        "GET",
        "/cacher/conformance.txt",
        &[],
        None,
    ),
    (
        "cacher: download an archive",
        "GET",
        "/cacher/conformance.tar.gz",
        &[],
        None,
    ),
    (
        "cacher: download an empty file",
        "GET",
        "/cacher/conformance.form",
        &[],
        None,
    ),
    (
        "cacher: download a part",
        "GET",
        "/cacher/conformance.txt",
        &[("Range", "bytes=2-4")],
        None,
    ),
    (
        "cacher: download the end",
        "GET",
        "/cacher/conformance.txt",
        &[("Range", "bytes=-3")],
        None,
    ),
    (
        "cacher: download from",
        "GET",
        "/cacher/conformance.txt",
        &[("Range", "bytes=6-")],
        None,
    ),
    (
        "cacher: download beyond",
        "GET",
        "/cacher/conformance.txt",
        &[("Range", "bytes=20-")],
        None,
    ),
    (
        "cacher: download two parts",
        "GET",
        "/cacher/conformance.txt",
        &[("Range", "bytes=0-1,4-5")],
        None,
    ),
    ("cacher: head", "HEAD", "/cacher/conformance.txt", &[], None),
    ("cacher: unknown", "GET", "/cacher/nothing.txt", &[], None),
    (
        "cacher: unknown, wrapped",
        "GET",
        "/cacher/nothing.txt?json_outputs=true",
        &[],
        None,
    ),
    (
        "cacher: subdirectory",
        "POST",
        "/cacher/a%2Fb.txt",
        &[],
        Some("x"),
    ),
    (
        "cacher: other characters",
        "POST",
        "/cacher/a%20b%27%22%C3%A9.json",
        &[],
        Some("{}"),
    ),
    (
        "cacher: download other characters",
        "GET",
        "/cacher/a%20b%27%22%C3%A9.json",
        &[],
        None,
    ),
    ("cacher: no name", "POST", "/cacher/", &[], Some("x")),
    (
        "cacher: put",
        "PUT",
        "/cacher/conformance.txt",
        &[],
        Some("x"),
    ),
    ("logs: of a request", "GET", "/logs/null/{F}", &[], None),
    ("logs: of a workload", "GET", "/logs/{W}/null", &[], None),
    ("logs: of both", "GET", "/logs/{W}/{R}", &[], None),
    ("logs: unknown", "GET", "/logs/null/99999999", &[], None),
    (
        "logs: of a failed request",
        "GET",
        "/logs/null/{X}",
        &[],
        None,
    ),
    ("logs: of nothing", "GET", "/logs/null/null", &[], None),
    ("logs: of no number", "GET", "/logs/null/abc", &[], None),
    (
        "logs: wrapped",
        "GET",
        "/logs/null/null?json_outputs=true",
        &[],
        None,
    ),
    (
        "metainfo: asyncresult",
        "GET",
        "/metainfo/asyncresult_config",
        &[],
        None,
    ),
    (
        "metainfo: prompt",
        "GET",
        "/metainfo/prompt_broker",
        &[],
        None,
    ),
    ("metainfo: unknown", "GET", "/metainfo/nothing", &[], None),
    (
        "monitor: plain",
        "GET",
        "/monitor/{R}/null/false/false/false",
        &[],
        None,
    ),
    (
        "monitor: transforms",
        "GET",
        "/monitor/{R}/null/false/true/false",
        &[],
        None,
    ),
    (
        "monitor: processings",
        "GET",
        "/monitor/{R}/null/false/false/true",
        &[],
        None,
    ),
    (
        "monitor: no number",
        "GET",
        "/monitor/abc/null/true/true/true",
        &[],
        None,
    ),
    (
        "monitor: unknown",
        "GET",
        "/monitor/99999999/null/true/true/true",
        &[],
        None,
    ),
    (
        "monitor: months of unknown requests",
        "GET",
        "/monitor_request/99999999/null",
        &[],
        None,
    ),
    (
        "monitor: months of unknown transforms",
        "GET",
        "/monitor_transform/99999999/null",
        &[],
        None,
    ),
    (
        "monitor: months of unknown processings",
        "GET",
        "/monitor_processing/99999999/null",
        &[],
        None,
    ),
    (
        "monitor: months of no number",
        "GET",
        "/monitor_request/abc/null",
        &[],
        None,
    ),
    (
        "monitor: relations",
        "GET",
        "/monitor_request_relation/{R}/null",
        &[],
        None,
    ),
    (
        "monitor: relations of unknown requests",
        "GET",
        "/monitor_request_relation/99999999/null",
        &[],
        None,
    ),
    (
        "workflow_task: create nothing",
        "POST",
        "/workflow_task",
        &[],
        None,
    ),
    (
        "workflow_task: create no JSON",
        "POST",
        "/workflow_task",
        &[],
        Some("{"),
    ),
    (
        "workflow_task: create a list",
        "POST",
        "/workflow_task",
        &[],
        Some("[1]"),
    ),
    (
        "workflow_task: create without a workflow",
        "POST",
        "/workflow_task",
        &[],
        Some(r#"{"x": 1}"#),
    ),
    (
        "workflow_task: create a number",
        "POST",
        "/workflow_task",
        &[],
        Some(r#"{"workflow": 5}"#),
    ),
    (
        "workflow_task: create",
        "POST",
        "/workflow_task",
        &[],
        Some(
            r#"{"workflow": {"scope": "EIC", "name": "conformance.task", "content": {"run_id": 7, "core_count": 1}}}"#,
        ),
    ),
    (
        "workflow_task: adjust unknown",
        "PUT",
        "/workflow_task/99999999/99999999/null/adjust",
        &[],
        Some(r#"{"parameters": {"core_count": 2}}"#),
    ),
    (
        "workflow_task: adjust with null",
        "PUT",
        "/workflow_task/{R}/null/null/adjust",
        &[],
        Some("null"),
    ),
    (
        "workflow_task: adjust with null parameters",
        "PUT",
        "/workflow_task/{R}/null/null/adjust",
        &[],
        Some(r#"{"parameters": null}"#),
    ),
    (
        "workflow_task: adjust with no JSON",
        "PUT",
        "/workflow_task/{R}/null/null/adjust",
        &[],
        Some("{"),
    ),
    (
        "workflow_task: close unknown",
        "PUT",
        "/workflow_task/99999999/close",
        &[],
        Some(r#"{"parameters": {}}"#),
    ),
    (
        "workflow_task: close unknown with a workload",
        "PUT",
        "/workflow_task/99999999/null/close",
        &[],
        Some("null"),
    ),
    (
        "workflow_task: close no number",
        "PUT",
        "/workflow_task/abc/close",
        &[],
        Some("null"),
    ),
    (
        "workflow_task: close with no JSON",
        "PUT",
        "/workflow_task/{R}/close",
        &[],
        Some("{"),
    ),
    (
        "auth: url of a configured VO",
        "GET",
        "/auth/url/test/oidc",
        &[],
        None,
    ),
    (
        "auth: url of an unknown VO",
        "GET",
        "/auth/url/nobody/oidc",
        &[],
        None,
    ),
    (
        "auth: url without a type",
        "GET",
        "/auth/url/nobody",
        &[],
        None,
    ),
    (
        "auth: url of another type",
        "GET",
        "/auth/url/nobody/x509_proxy",
        &[],
        None,
    ),
    (
        "auth: token of an unknown VO",
        "GET",
        "/auth/token/nobody/code",
        &[],
        None,
    ),
    (
        "auth: token with an interval",
        "GET",
        "/auth/token/nobody/code/5",
        &[],
        None,
    ),
    (
        "auth: token with an interval and an end",
        "GET",
        "/auth/token/nobody/code/5/60",
        &[],
        None,
    ),
    ("auth: no code", "GET", "/auth/token/nobody", &[], None),
    (
        "auth: refresh of an unknown VO",
        "POST",
        "/auth/token/nobody",
        &[],
        Some(r#"{"refresh_token": "x"}"#),
    ),
    (
        "auth: refresh with nothing",
        "POST",
        "/auth/token/nobody",
        &[],
        None,
    ),
    (
        "auth: refresh with null",
        "POST",
        "/auth/token/nobody",
        &[],
        Some("null"),
    ),
    (
        "auth: refresh without a token",
        "POST",
        "/auth/token/nobody",
        &[],
        Some("{}"),
    ),
    ("ping", "GET", "/ping", &[], None),
    ("ping: wrapped", "GET", "/ping?json_outputs=true", &[], None),
    ("ping: by POST", "POST", "/ping", &[], None),
    ("ping: with a slash", "GET", "/ping/", &[], None),
    ("unknown route", "GET", "/nonsense", &[], None),
    (
        "unknown route, wrapped",
        "GET",
        "/nonsense?json_outputs=true",
        &[],
        None,
    ),
];
