//! `/hpo`: the points of a search and their losses.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, put};
use http::HeaderMap;
use idds_workflow::Point;
use jiff::Timestamp;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::json;

use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::enumeration::CONTENT_STATUS;
use crate::identity::Rules;
use crate::listing::{Listing, Page, Pages, Read};
use crate::payload::Payload;
use crate::pretty::{Cell, Field};
use crate::python;
use crate::store::points::{self, Filter, PointRow};
use crate::store::{StoreError, earlier};
use crate::target::Target;
use crate::user::User;

/// Header of our client by which the points before one of them are left out; iDDS does not know it.
const SINCE: &str = "x-idds-points-since";

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/hpo/earlier/{request}", put(tell_earlier))
        .route("/hpo/{workload}/{request}/{id}/{loss}", put(update))
        .route("/hpo/{workload}/{request}/{id}/{status}/{limit}", get(list))
}

type ListPath = (String, String, String, String, String);

async fn list(
    State(service): State<Service>,
    Segments((workload, request, id, status, limit)): Segments<ListPath>,
    headers: HeaderMap,
) -> Result<Listing, Failure> {
    let target =
        Target::read(&request, &workload).map_err(|details| Failure::database(&details))?;
    let (status, limit) = (
        optional(&status, read_status)?,
        optional(&limit, read_limit)?,
    );
    let since = headers.get(SINCE).filter(|_| service.rules == Rules::Own);
    let since = since.and_then(|since| since.to_str().ok()?.parse().ok());
    let number = match id.as_str() {
        "null" => None,
        id => match number(id) {
            Some(number) => Some(number),
            // None has it.
            None => Some(0),
        },
    };
    let filter = Filter {
        number,
        since,
        status,
        limit,
    };
    Ok(Listing::new(
        &service.store,
        &service.answers,
        Points {
            target,
            filter,
            after: (0, 0),
        },
    ))
}

/// Points that are listed, after the one with this id and this number of the content.
struct Points {
    target: Target,
    filter: Filter,
    after: (i64, i64),
}

impl Pages for Points {
    fn read(&mut self, connection: &mut Connection, page: &mut Page) -> Result<Read, Failure> {
        let mut end = Read::Last;
        let start = self.after;
        let (after, limit) = (&mut self.after, &mut self.filter.limit);
        let filter = Filter {
            limit: *limit,
            ..self.filter
        };
        let take = |content, point: PointRow| {
            let size = point.parameters.len();
            if let Some(read) = page.ends_before(size) {
                end = read;
                return false;
            }
            *after = (point.number, content);
            *limit = limit.map(|limit| limit - 1);
            page.object(size, show(point));
            true
        };
        points::each(connection, self.target, filter, start, take).map_err(StoreError::from)?;
        Ok(end)
    }
}

async fn update(
    State(service): State<Service>,
    Segments((workload, request, id, loss)): Segments<(String, String, String, String)>,
) -> Result<Answer, Failure> {
    let target =
        Target::read(&request, &workload).map_err(|details| Failure::database(&details))?;
    if target.is_everything() {
        return Err(Failure::core(
            "One of workload_id and request_id should not be None or empty",
        ));
    }
    let loss = read_loss(&loss)?;
    let unknown = || Failure::core("list index out of range");
    let number = number(&id).ok_or_else(unknown)?;
    let now = Timestamp::now().as_second();
    let wake = service.wake;
    // Waking belongs to the job: it must happen even when the client goes away before it has its answer.
    let update = move |connection: &mut Connection| {
        let transaction = connection.transaction()?;
        let has_open = points::set_loss(&transaction, target, number, loss, now)?;
        transaction.commit()?;
        if has_open == Some(false) {
            wake.notify_one();
        }
        Ok(has_open.is_some())
    };
    match service.store.call(update).await? {
        true => Ok(Answer::new(
            json!({ "message": "update successfully", "status": 0 }),
        )),
        false => Err(unknown()),
    }
}

/// What a client tells of earlier searches.
#[derive(Deserialize)]
struct Earlier {
    trials: Vec<EarlierTrial>,
}

#[derive(Deserialize)]
struct EarlierTrial {
    parameters: Point,
    loss: f64,
}

/// Takes trials of earlier searches, in place of those that there were; 2.6.21 has no such route.
async fn tell_earlier(
    State(service): State<Service>,
    user: User,
    Segments(request): Segments<String>,
    payload: Payload,
) -> Result<Answer, Failure> {
    let unknown = || Failure::core(format!("there is no request {request}"));
    let target = Target::read(&request, "null").map_err(|details| Failure::database(&details))?;
    let id = target.request.ok_or_else(unknown)?;
    let wrong = |error: String| Failure::bad_request(format!("trials: {error}"));
    let body = payload.json()?.map_err(wrong)?.unwrap_or_default();
    let Earlier { trials } =
        serde_json::from_value(body).map_err(|error| wrong(error.to_string()))?;
    let trials: Vec<_> = trials
        .into_iter()
        .map(|trial| (trial.parameters.to_string(), trial.loss))
        .collect();
    let count = trials.len();
    let wake = service.wake;
    let store = move |connection: &mut Connection| {
        let transaction = connection.transaction()?;
        if !earlier::is_there(&transaction, id)? {
            return Ok(Ok(None));
        }
        if let Err(refusal) = user.check(&transaction, id, "tell earlier trials of")? {
            return Ok(Err(refusal));
        }
        earlier::replace(&transaction, id, &trials)?;
        let renewed = earlier::renew(&transaction, id)?;
        transaction.commit()?;
        if renewed > 0 {
            wake.notify_one();
        }
        Ok(Ok(Some(renewed)))
    };
    let renewed = service.store.call(store).await??.ok_or_else(unknown)?;
    Ok(Answer::new(json!({ "trials": count, "renewed": renewed })))
}

fn show(
    PointRow {
        number,
        parameters,
        loss,
    }: PointRow,
) -> Vec<Field> {
    vec![
        ("id", Cell::Text(number.to_string())),
        ("loss", Cell::Value(loss.into())),
        ("parameters", Cell::Raw(parameters)),
    ]
}

fn optional<T>(
    text: &str,
    read: impl FnOnce(&str) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    if text == "null" {
        Ok(None)
    } else {
        read(text).map(Some)
    }
}

/// Reads the id of a point, which the server compares as text.
fn number(id: &str) -> Option<i64> {
    id.parse()
        .ok()
        .filter(|number: &i64| number.to_string() == id)
}

/// Reads the number or the name of a content status, such as `0`, `New` or `ContentStatus.New`.
fn read_status(text: &str) -> Result<i64, Failure> {
    let name = text.strip_prefix("ContentStatus.").unwrap_or(text);
    text.parse()
        .ok()
        .filter(|code| CONTENT_STATUS.contains(*code))
        .or_else(|| CONTENT_STATUS.code(name))
        .ok_or_else(|| {
            Failure::core(format!(
                "{} is not a valid ContentStatus",
                python::repr(text)
            ))
        })
}

fn read_limit(text: &str) -> Result<i64, Failure> {
    text.parse()
        .ok()
        .filter(|limit| *limit >= 0)
        .ok_or_else(|| {
            Failure::core(format!(
                "limit must be a whole number of 0 or more, not {}",
                python::repr(text)
            ))
        })
}

fn read_loss(text: &str) -> Result<f64, Failure> {
    match python::float(text) {
        Some(loss) if loss.is_finite() => Ok(loss),
        Some(_) => Err(Failure::core(format!(
            "a loss must be finite, not {}",
            python::repr(text)
        ))),
        None => Err(Failure::core(format!(
            "could not convert string to float: {}",
            python::repr(text)
        ))),
    }
}
