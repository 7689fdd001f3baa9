//! `/request/build`: the workflow that a build has made.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;

use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::nesting::Shallow;
use crate::payload::Payload;
use crate::raw;
use crate::state::Stage;
use crate::store::{requests, uploads};
use crate::submission::{self, steps};
use crate::target::Target;
use crate::user::User;

pub(super) fn routes() -> Router<Service> {
    Router::new().route("/request/build/{request}", post(update))
}

async fn update(
    State(service): State<Service>,
    user: User,
    Segments(request): Segments<String>,
    Payload { body, held: _held }: Payload,
) -> Result<Answer, Failure> {
    let incomplete = || Failure::idds("signature and workflow are required");
    if body.is_empty() {
        return Err(Failure::core("a bytes-like object is required, not 'str'"));
    }
    let unreadable = |error: serde_json::Error| Failure::core(error.to_string());
    serde_json::from_slice::<Shallow>(&body).map_err(unreadable)?;
    let text = str::from_utf8(&body).map_err(|error| Failure::core(error.to_string()))?;
    if !text.trim_start().starts_with('{') {
        return Err(Failure::core("argument is not iterable"));
    }
    let (Some(signature), Some(workflow)) = (
        raw::member(text, "signature"),
        raw::member(text, "workflow"),
    ) else {
        return Err(incomplete());
    };
    let mut workflow: Box<RawValue> = serde_json::from_str(workflow).map_err(unreadable)?;
    let awaited = steps::awaits(workflow.get());
    let name = user.name().to_owned();
    if let Some(awaited) = awaited.clone() {
        let name = name.clone();
        let maps = move |connection: &mut Connection| uploads::of(connection, &awaited, &name);
        let maps = service.store.call(maps).await?;
        workflow = steps::put_together(workflow.get(), &maps, service.max_values())?;
    }
    let id = Target::read(&request, "null")
        .map_err(|details| Failure::database(&details))?
        .request;
    let not_found = || Failure::idds(&format!("Request {request} is not found"));
    let id = id.ok_or_else(not_found)?;
    let signature = raw::value(signature).ok_or_else(Failure::undecodable)?;
    let wake = service.wake;
    let update = move |connection: &mut Connection| {
        let transaction = connection.transaction()?;
        let Some(content) = requests::content(&transaction, id)? else {
            return Ok(None);
        };
        if let Err(failure) = check(id, &content.metadata, &signature, &workflow) {
            return Ok(Some(Err(failure)));
        }
        requests::set_metadata(
            &transaction,
            id,
            &format!("{{\"workflow\": {}}}", workflow.get()),
        )?;
        // One that is held is planned when it is resumed.
        if content.status != Stage::Suspended.code() {
            requests::set_stage(
                &transaction,
                id,
                Stage::Built,
                None,
                Timestamp::now().as_second(),
            )?;
        }
        if let Some(awaited) = awaited {
            uploads::forget(&transaction, &awaited, &name)?;
        }
        transaction.commit()?;
        wake.notify_one();
        Ok(Some(Ok(())))
    };
    service.store.call(update).await?.ok_or_else(not_found)??;
    Ok(Answer::new(json!({ "request_id": request })))
}

/// Refuses a workflow for a request that waits for none, or not for this one.
fn check(
    request: i64,
    metadata: &str,
    signature: &Value,
    workflow: &RawValue,
) -> Result<(), Failure> {
    let build = raw::member(metadata, "build_workflow").filter(|build| *build != "null");
    let build = build.ok_or_else(|| Failure::core("'build_workflow'"))?;
    let works = ["attributes", "template", "attributes", "_works"]
        .iter()
        .try_fold(build, |at, name| raw::member(at, name));
    let work = works
        .and_then(raw::first)
        .ok_or_else(|| Failure::core("list index out of range"))?;
    let expected = raw::at(
        work,
        &["attributes", "_metadata", "attributes", "signature"],
    )
    .unwrap_or_default();
    if expected != *signature {
        let word = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| "None".to_owned(), str::to_owned)
        };
        return Err(Failure::idds(&format!(
            "Request (request_id: {request}) has a different signature({} != {})",
            word(signature),
            word(&expected)
        )));
    }
    submission::check_workflow(workflow)
}
