//! `/request`: submitting, looking at what was submitted, and changing it.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post, put};
use jiff::Timestamp;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::json;
use tokio::task;

use super::{Segments, Service, message};
use crate::answer::{Answer, Failure};
use crate::listing::{Listing, Page, Pages, ROWS, Read};
use crate::payload::Payload;
use crate::state::Tally;
use crate::store::messages::Address;
use crate::store::requests::RequestRow;
use crate::store::{StoreError, points, requests, transforms};
use crate::submission::Submission;
use crate::target::Target;
use crate::user::User;
use crate::view::request::{self as view, TransformView};

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/request", post(submit))
        .route("/request/{request}", put(update))
        .route("/request/{request}/{workload}/{detail}", get(list))
        .route("/request/{request}/{workload}/{detail}/{metadata}", get(list))
        .route("/request/{request}/{workload}/{detail}/{metadata}/{transform}", get(list))
        .route("/request/{request}/{workload}/{detail}/{metadata}/{transform}/{processing}", get(list))
        .route("/request/name/{name}", get(by_name))
}

async fn submit(State(service): State<Service>, user: User, payload: Payload) -> Result<Answer, Failure> {
    // The bytes count until the request is stored.
    let Payload { body, held: _held } = payload;
    let submission = task::spawn_blocking(move || Submission::read(&body, &user))
        .await
        .map_err(|error| Failure::core(error.to_string()))??;
    let now = Timestamp::now();
    let expired_at = submission.lifetime.map(|days| expiry(now, days)).transpose()?;
    let wake = service.wake;
    let insert = move |connection: &mut Connection| {
        let request = requests::insert(connection, &submission, now.as_second(), expired_at)?;
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

async fn list(State(service): State<Service>, Segments(path): Segments<ListPath>) -> Result<Listing, Failure> {
    let is_on = |flag: &str| flag.eq_ignore_ascii_case("true");
    let target = Target::read(&path.request, &path.workload).map_err(|details| unknown(&path.request, &details))?;
    let view = match (is_on(&path.detail), is_on(&path.processing), is_on(&path.transform)) {
        (true, _, _) => Some(TransformView::Detail),
        (_, true, _) => Some(TransformView::Processing),
        (_, _, true) => Some(TransformView::Transform),
        _ => None,
    };
    let requests = Requests { target, view, with_metadata: is_on(&path.metadata), request: 0, transform: 0 };
    Ok(Listing::new(&service.store, &service.answers, requests))
}

/// Requests that are listed, after a request of which all transforms up to one were.
struct Requests {
    target: Target,
    view: Option<TransformView>,
    with_metadata: bool,
    request: i64,
    /// 0 where all of the request are.
    transform: i64,
}

impl Pages for Requests {
    fn read(&mut self, connection: &mut Connection, page: &mut Page) -> Result<Read, Failure> {
        loop {
            // The last one may have further transforms.
            let after = self.request - i64::from(self.transform > 0);
            let requests = requests::list(connection, self.target, after, ROWS).map_err(StoreError::from)?;
            let is_last = requests.len() < ROWS;
            for request in requests {
                if let Some(end) = self.add(connection, page, &request)? {
                    return Ok(end);
                }
                (self.request, self.transform) = (request.request_id, 0);
            }
            if is_last {
                return Ok(Read::Last);
            }
        }
    }
}

impl Requests {
    /// Adds a request, and tells how the page ends if that is within it.
    fn add(&mut self, connection: &Connection, page: &mut Page, row: &RequestRow) -> Result<Option<Read>, Failure> {
        let id = row.request_id;
        let size = match self.with_metadata {
            true => requests::metadata_size(connection, id).map_err(StoreError::from)?,
            false => 0,
        };
        let metadata = || match self.with_metadata {
            true => requests::metadata(connection, id).map(Some),
            false => Ok(None),
        };
        let Some(view) = self.view else {
            let end = page.ends_before(size);
            if end.is_none() {
                page.object(size, view::request(row, metadata().map_err(StoreError::from)?));
            }
            return Ok(end);
        };
        let is_begun = self.request == id && self.transform > 0;
        let mut after = if is_begun { self.transform } else { 0 };
        loop {
            let transforms =
                transforms::list(connection, Target::of(id), None, after, ROWS).map_err(StoreError::from)?;
            let is_last = transforms.len() < ROWS;
            // A request without transforms is shown once, too.
            let alone = (transforms.is_empty() && after == 0).then_some(None);
            for transform in transforms.into_iter().map(Some).chain(alone) {
                if let Some(end) = page.ends_before(size) {
                    return Ok(Some(end));
                }
                let shown = transform
                    .map(|transform| {
                        let tally = match view {
                            TransformView::Detail => points::tally(connection, transform.transform_id),
                            _ => Ok(Tally::default()),
                        };
                        tally.map(|tally| (transform, tally))
                    })
                    .transpose()
                    .map_err(StoreError::from)?;
                let mut fields = view::request(row, metadata().map_err(StoreError::from)?);
                view::transform(shown.as_ref(), view, &mut fields);
                page.object(size, fields);
                if let Some((transform, _)) = shown {
                    after = transform.transform_id;
                    (self.request, self.transform) = (id, after);
                }
            }
            if is_last {
                return Ok(None);
            }
        }
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
    let target =
        Target::read(&request, "null").map_err(|details| Failure::core(cannot_be_found(&request, &details)))?;
    let id = target.request.ok_or_else(|| Failure::core(cannot_be_found(&request, "it is no number")))?;
    service.store.call(move |connection| user.check(connection, id, "update")).await??;
    let parameters = parameters.ok_or_else(|| Failure::core("Object of type bytes is not JSON serializable"))?;
    let content = message::stored(format!(r#"{{"command":"update_request","parameters":{parameters}}}"#))?;
    let address = Address { request: id, workload: None, transform: None, internal: None };
    message::store(&service, address, vec![content]).await?;
    Ok(Answer::new(json!({ "message": "update successfully", "status": 0 })))
}

/// Says that a request cannot be looked for.
pub(super) fn unknown(request: &str, details: &str) -> Failure {
    let id = if request == "null" { "None" } else { request };
    Failure::no_object(&format!("request(request_id: {id}) cannot be found: {details}"))
}

/// Says the same where the server does not expect it.
pub(super) fn cannot_be_found(request: &str, details: &str) -> String {
    format!("No object  exception.: {{}}\nDetails: request(request_id: {request}) cannot be found: {details}")
}

async fn by_name(State(service): State<Service>, Segments(name): Segments<String>) -> Result<Answer, Failure> {
    let found = service.store.call(move |connection| requests::by_name(connection, &name)).await?;
    Ok(Answer::new(found.into()))
}

/// Returns the moment so many days from now, in seconds since 1970.
fn expiry(now: Timestamp, days: f64) -> Result<i64, Failure> {
    let seconds = now.as_second().saturating_add((days * 86_400.0) as i64);
    Timestamp::from_second(seconds).map(Timestamp::as_second).map_err(|_| Failure::core("date value out of range"))
}
