//! `/transform`: the works of requests.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::column;
use crate::enumeration::{REQUEST_TYPE, TRANSFORM_STATUS, TRANSFORM_TYPE};
use crate::listing::{Listing, Page, Pages, ROWS, Read};
use crate::nesting::Shallow;
use crate::payload::Payload;
use crate::python;
use crate::raw;
use crate::store::transforms::{self, NewTransform};
use crate::store::{StoreError, requests};
use crate::target::Target;
use crate::user::User;
use crate::view::transform as view;

/// Request types whose programs add transforms: iWorkflow and iWorkflowLocal.
const ADDING: [i64; 2] = [6, 7];

/// What `add_transform` of the server takes and has no meaning here.
const OTHERS: [&str; 21] = [
    "substatus",
    "locking",
    "new_poll_period",
    "update_poll_period",
    "expired_at",
    "new_retries",
    "update_retries",
    "max_new_retries",
    "max_update_retries",
    "parent_transform_id",
    "previous_transform_id",
    "current_processing_id",
    "has_previous_conditions",
    "loop_index",
    "command",
    "cloned_from",
    "triggered_conditions",
    "untriggered_conditions",
    "workprogress_id",
    "request_id",
    "session",
];

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/transform/{request}", get(list).post(add))
        .route("/transform/{request}/{transform}", get(one))
}

async fn list(
    State(service): State<Service>,
    Segments(request): Segments<String>,
) -> Result<Listing, Failure> {
    let transforms = Transforms {
        target: read(&request)?,
        only: None,
        transform: 0,
    };
    Ok(Listing::new(&service.store, &service.answers, transforms))
}

/// Transforms that are listed, after the one with this number.
struct Transforms {
    target: Target,
    /// The one of them that is meant, if only one is.
    only: Option<i64>,
    transform: i64,
}

impl Pages for Transforms {
    fn read(&mut self, connection: &mut Connection, page: &mut Page) -> Result<Read, Failure> {
        let rows = transforms::list(connection, self.target, self.only, self.transform, ROWS)
            .map_err(StoreError::from)?;
        let is_last = rows.len() < ROWS;
        for row in rows {
            let size = transforms::metadata_size(connection, row.transform_id)
                .map_err(StoreError::from)?;
            if let Some(end) = page.ends_before(size) {
                return Ok(end);
            }
            let metadata =
                transforms::metadata(connection, row.transform_id).map_err(StoreError::from)?;
            self.transform = row.transform_id;
            page.object(size, view::transform(&row, metadata));
        }
        Ok(if is_last { Read::Last } else { Read::More })
    }
}

async fn one(
    state: State<Service>,
    Segments((request, transform)): Segments<(String, String)>,
) -> Result<Listing, Failure> {
    if is_none(&transform) {
        return list(state, Segments(request)).await;
    }
    let target = read(&request)?;
    let id =
        python::column_integer(&transform, 64).map_err(|details| Failure::database(&details))?;
    let transforms = Transforms {
        target,
        only: Some(id),
        transform: 0,
    };
    Ok(Listing::new(&state.store, &state.answers, transforms).only())
}

async fn add(
    State(service): State<Service>,
    user: User,
    Segments(request): Segments<String>,
    payload: Payload,
) -> Result<Answer, Failure> {
    let parameters = payload.json()?.map_err(|_| Failure::undecodable())?;
    let Some(Value::Object(mut parameters)) = parameters else {
        return Err(Failure::core("the body must be an object"));
    };
    let token = parameters.shift_remove("token").filter(is_truthy);
    let token = token.ok_or_else(|| Failure::bad_request("Token is required"))?;
    if is_none(&request) {
        return Err(required(&request));
    }
    let id = python::int(&request).map_err(Failure::core)?;
    let content = service
        .store
        .call(move |connection| requests::content(connection, id))
        .await?;
    let content = content.ok_or_else(|| Failure::idds(&format!("Request {id} is not found")))?;
    if !ADDING.contains(&content.request_type) {
        let name = REQUEST_TYPE.name(content.request_type).unwrap_or("Other");
        return Err(Failure::idds(&format!(
            "Request type RequestType.{name} doesn't support this operations"
        )));
    }
    if raw::at(
        &content.metadata,
        &["workflow", "attributes", "_context", "attributes", "_token"],
    ) != Some(token.clone())
    {
        let token = token
            .as_str()
            .map_or_else(|| token.to_string(), str::to_owned);
        return Err(Failure::idds(&format!(
            "Token {token} is not correct for request {id}"
        )));
    }
    service
        .store
        .call(move |connection| user.check(connection, id, "update"))
        .await??;
    let transform = added(id, parameters)?;
    let wake = service.wake;
    let insert = move |connection: &mut Connection| {
        let transaction = connection.transaction()?;
        let number = transforms::insert(&transaction, &transform, Timestamp::now().as_second())?;
        transaction.commit()?;
        wake.notify_one();
        Ok(number)
    };
    let number = service.store.call(insert).await?;
    Ok(Answer::new(json!({ "transform_id": number })))
}

/// Reads what a program adds to its request.
fn added(request: i64, mut parameters: Map<String, Value>) -> Result<NewTransform, Failure> {
    let missing: Vec<_> = ["workload_id", "transform_type"]
        .into_iter()
        .filter(|name| !parameters.contains_key(*name))
        .collect();
    match missing[..] {
        [] => {}
        [one] => {
            return Err(Failure::core(format!(
                "add_transform() missing 1 required positional argument: '{one}'"
            )));
        }
        [..] => {
            let names = "'workload_id' and 'transform_type'";
            return Err(Failure::core(format!(
                "add_transform() missing 2 required positional arguments: {names}"
            )));
        }
    }
    let mut take = |name: &str| parameters.shift_remove(name);
    let mut text = |name: &str, max: usize| column::text(take(name).unwrap_or_default(), max);
    let (transform_tag, name) = (text("transform_tag", 20)?, text("name", 255)?);
    let (internal_id, parent_internal_id) =
        (text("internal_id", 20)?, text("parent_internal_id", 400)?);
    let (run_id, site) = (text("run_id", 100)?, text("site", 50)?);
    let mut number = |name: &str| column::integer(take(name).unwrap_or_default());
    let (workload_id, priority, retries) = (
        number("workload_id")?,
        number("priority")?,
        number("retries")?,
    );
    let transform_type =
        column::member(take("transform_type"), &TRANSFORM_TYPE)?.unwrap_or_default();
    let status = column::member(take("status"), &TRANSFORM_STATUS)?.unwrap_or_default();
    let metadata = take("transform_metadata").unwrap_or_default().to_string();
    serde_json::from_str::<Shallow>(&metadata).map_err(|_| Failure::undecodable())?;
    if let Some(key) = parameters
        .keys()
        .find(|key| !OTHERS.contains(&key.as_str()))
    {
        return Err(Failure::core(format!(
            "add_transform() got an unexpected keyword argument {}",
            python::repr(key)
        )));
    }
    Ok(NewTransform {
        workload_id,
        transform_tag,
        name,
        status,
        priority: priority.unwrap_or(0),
        retries: retries.unwrap_or(0),
        internal_id,
        parent_internal_id,
        run_id,
        site,
        metadata,
        ..NewTransform::new(request, transform_type)
    })
}

fn read(request: &str) -> Result<Target, Failure> {
    if is_none(request) {
        return Err(required(request));
    }
    Target::read(request, "null").map_err(|details| Failure::database(&details))
}

fn required(request: &str) -> Failure {
    Failure::idds(&format!("Request (request_id: {request}) is required"))
}

fn is_none(text: &str) -> bool {
    ["None", "none", "NULL", "null"].contains(&text)
}

fn is_truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value != "" && value != 0
}
