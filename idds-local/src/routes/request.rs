//! `/request`: submitting, looking at what was submitted, and changing it.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post, put};
use jiff::Timestamp;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::json;
use tokio::task;

use super::per_request::{Answered, PerRequest, Rows};
use super::{Segments, Service, message};
use crate::answer::{Answer, Failure};
use crate::explanation::explain;
use crate::listing::Listing;
use crate::payload::Payload;
use crate::raw;
use crate::state::Tally;
use crate::store::messages::Address;
use crate::store::requests::RequestRow;
use crate::store::transforms::TransformRow;
use crate::store::{requests, tally, uploads};
use crate::submission::Submission;
use crate::submission::steps::{self, Upload};
use crate::target::Target;
use crate::user::User;
use crate::view::request::{self as view, TransformView};

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/request", post(submit))
        .route("/request/{request}", put(update))
        .route("/request/{request}/{workload}/{detail}", get(list))
        .route(
            "/request/{request}/{workload}/{detail}/{metadata}",
            get(list),
        )
        .route(
            "/request/{request}/{workload}/{detail}/{metadata}/{transform}",
            get(list),
        )
        .route(
            "/request/{request}/{workload}/{detail}/{metadata}/{transform}/{processing}",
            get(list),
        )
        .route("/request/name/{name}", get(by_name))
        .route("/request/explain/{request}", get(explained))
}

async fn submit(
    State(service): State<Service>,
    user: User,
    payload: Payload,
) -> Result<Answer, Failure> {
    // The bytes count until the request is stored.
    let Payload { body, held: _held } = payload;
    let name = user.name().to_owned();
    let read = move || {
        let submission = Submission::read(&body, &user)?;
        let upload = Upload::read(&submission.metadata)?;
        Ok::<_, Failure>((submission, upload))
    };
    let (mut submission, upload) = task::spawn_blocking(read)
        .await
        .map_err(|error| Failure::core(error.to_string()))??;
    let now = Timestamp::now();
    if let Some(upload) = upload {
        let seconds = now.as_second();
        let put =
            move |connection: &mut Connection| uploads::put(connection, &upload, &name, seconds);
        service.store.call(put).await?;
        return Ok(Answer::new(json!({ "request_id": 0 })));
    }
    let awaited = raw::member(submission.metadata.get(), "workflow").and_then(steps::awaits);
    if let Some(workflow) = awaited.clone() {
        let user = name.clone();
        let maps = move |connection: &mut Connection| uploads::of(connection, &workflow, &user);
        let maps = service.store.call(maps).await?;
        let most = service.max_values();
        let together = move || submission.put_together(&maps, most);
        submission = task::spawn_blocking(together)
            .await
            .map_err(|error| Failure::core(error.to_string()))??;
    }
    let expired_at = submission
        .lifetime
        .map(|days| expiry(now, days))
        .transpose()?;
    let wake = service.wake;
    let insert = move |connection: &mut Connection| {
        let transaction = connection.transaction()?;
        let request = requests::insert(&transaction, &submission, now.as_second(), expired_at)?;
        if let Some(workflow) = awaited {
            uploads::forget(&transaction, &workflow, &name)?;
        }
        transaction.commit()?;
        wake.notify_one();
        Ok(request)
    };
    let request = service.store.call(insert).await?;
    Ok(Answer::new(json!({ "request_id": request })))
}

/// Path of a listing; flags that it lacks are off.
#[derive(Deserialize)]
struct ListPath {
    request: String,
    workload: String,
    detail: String,
    #[serde(default)]
    metadata: String,
    #[serde(default)]
    transform: String,
    #[serde(default)]
    processing: String,
}

async fn list(
    State(service): State<Service>,
    Segments(path): Segments<ListPath>,
) -> Result<Listing, Failure> {
    let is_on = |flag: &str| flag.eq_ignore_ascii_case("true");
    let target = Target::read(&path.request, &path.workload)
        .map_err(|details| unknown(&path.request, &details))?;
    let view = match (
        is_on(&path.detail),
        is_on(&path.processing),
        is_on(&path.transform),
    ) {
        (true, _, _) => Some(TransformView::Detail),
        (_, true, _) => Some(TransformView::Processing),
        (_, _, true) => Some(TransformView::Transform),
        _ => None,
    };
    let requests = PerRequest::new(
        target,
        Shown {
            view,
            with_metadata: is_on(&path.metadata),
        },
    );
    Ok(Listing::new(&service.store, &service.answers, requests))
}

/// What is shown of each request.
struct Shown {
    view: Option<TransformView>,
    with_metadata: bool,
}

impl Rows for Shown {
    fn has_transforms(&self) -> bool {
        self.view.is_some()
    }

    fn size(&self, connection: &Connection, request: i64) -> rusqlite::Result<usize> {
        if self.with_metadata {
            requests::metadata_size(connection, request)
        } else {
            Ok(0)
        }
    }

    fn fields(
        &self,
        connection: &Connection,
        row: &RequestRow,
        transform: Option<TransformRow>,
    ) -> Answered {
        let metadata = if self.with_metadata {
            Some(requests::metadata(connection, row.request_id)?)
        } else {
            None
        };
        let mut fields = view::request(row, metadata);
        let Some(view) = self.view else {
            return Ok(fields);
        };
        let shown = match transform {
            None => None,
            Some(transform) if view == TransformView::Detail => {
                let tally = tally::of(connection, transform.transform_id)?;
                Some((transform, tally))
            }
            Some(transform) => Some((transform, Tally::default())),
        };
        view::transform(shown.as_ref(), view, &mut fields);
        Ok(fields)
    }
}

/// Stores a message that nobody reads: so does the server.
async fn update(
    State(service): State<Service>,
    user: User,
    Segments(request): Segments<String>,
    payload: Payload,
) -> Result<Answer, Failure> {
    let parameters = payload.raw().map_err(|_| Failure::undecodable())?;
    let target = Target::read(&request, "null")
        .map_err(|details| Failure::core(cannot_be_found(&request, &details)))?;
    let id = target
        .request
        .ok_or_else(|| Failure::core(cannot_be_found(&request, "it is no number")))?;
    service
        .store
        .call(move |connection| user.check(connection, id, "update"))
        .await??;
    let parameters =
        parameters.ok_or_else(|| Failure::core("Object of type bytes is not JSON serializable"))?;
    let content = message::stored(format!(
        r#"{{"command":"update_request","parameters":{parameters}}}"#
    ))?;
    let address = Address {
        request: id,
        workload: None,
        transform: None,
        internal: None,
    };
    message::store(&service, address, vec![content]).await?;
    Ok(Answer::new(
        json!({ "message": "update successfully", "status": 0 }),
    ))
}

/// Says that a request cannot be looked for.
pub(super) fn unknown(request: &str, details: &str) -> Failure {
    let id = if request == "null" { "None" } else { request };
    Failure::no_object(&format!(
        "request(request_id: {id}) cannot be found: {details}"
    ))
}

/// Says the same where the server does not expect it.
pub(super) fn cannot_be_found(request: &str, details: &str) -> String {
    format!(
        "No object  exception.: {{}}\nDetails: request(request_id: {request}) cannot be found: {details}"
    )
}

/// Says why each step of a request has not started, is held, or has failed; 2.6.21 has no such route.
async fn explained(
    State(service): State<Service>,
    Segments(request): Segments<String>,
) -> Result<Answer, Failure> {
    let target = Target::read(&request, "null").map_err(|details| unknown(&request, &details))?;
    let nothing = || unknown(&request, "there is no such request");
    let id = target.request.ok_or_else(nothing)?;
    let explanation = explain(&service.store, id).await?.ok_or_else(nothing)?;
    serde_json::to_value(explanation)
        .map(Answer::new)
        .map_err(|error| Failure::core(error.to_string()))
}

async fn by_name(
    State(service): State<Service>,
    Segments(name): Segments<String>,
) -> Result<Answer, Failure> {
    let found = service
        .store
        .call(move |connection| requests::by_name(connection, &name))
        .await?;
    Ok(Answer::new(found.into()))
}

/// Returns the moment this many days from now, in seconds since 1970.
fn expiry(now: Timestamp, days: f64) -> Result<i64, Failure> {
    let seconds = now.as_second().saturating_add((days * 86_400.0) as i64);
    Timestamp::from_second(seconds)
        .map(Timestamp::as_second)
        .map_err(|_| Failure::core("date value out of range"))
}
