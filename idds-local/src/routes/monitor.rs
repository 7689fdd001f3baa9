//! `/monitor` and its relatives: progress in short.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::per_request::{Answered, PerRequest, Rows};
use super::request::unknown;
use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::enumeration::{PROCESSING_STATUS, REQUEST_STATUS};
use crate::listing::{Listing, Page, Pages, ROWS, Read};
use crate::plan;
use crate::pretty::Cell;
use crate::store::StoreError;
use crate::store::requests::{self, RequestRow};
use crate::store::transforms::{self, TransformRow, TransformState};
use crate::target::Target;
use crate::view::monitor::{self as view, StatusChange};
use crate::view::request;

type Path = Segments<(String, String)>;

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route(
            "/monitor/{request}/{workload}/{requests}/{transforms}/{processings}",
            get(list),
        )
        .route(
            "/monitor_request/{request}/{workload}",
            get(requests_by_month),
        )
        .route(
            "/monitor_transform/{request}/{workload}",
            get(transforms_by_month),
        )
        .route(
            "/monitor_processing/{request}/{workload}",
            get(processings_by_month),
        )
        .route(
            "/monitor_request_relation/{request}/{workload}",
            get(relations),
        )
}

fn target(request: &str, workload: &str) -> Result<Target, Failure> {
    Target::read(request, workload).map_err(|details| unknown(request, &details))
}

async fn list(
    State(service): State<Service>,
    Segments((request, workload, requests, transforms, processings)): Segments<(
        String,
        String,
        String,
        String,
        String,
    )>,
) -> Result<Listing, Failure> {
    let is_on = |flag: &str| flag.eq_ignore_ascii_case("true");
    let view = match (is_on(&requests), is_on(&transforms), is_on(&processings)) {
        (true, _, _) => View::Requests,
        (_, true, _) => View::Transforms,
        (_, _, true) => View::Processings,
        _ => View::Plain,
    };
    let requests = PerRequest::new(target(&request, &workload)?, view);
    Ok(Listing::new(&service.store, &service.answers, requests))
}

/// What is listed of each request.
#[derive(Clone, Copy, Debug)]
enum View {
    Plain,
    Requests,
    Transforms,
    Processings,
}

impl Rows for View {
    fn has_transforms(&self) -> bool {
        matches!(self, Self::Transforms | Self::Processings)
    }

    fn fields(
        &self,
        connection: &Connection,
        row: &RequestRow,
        transform: Option<TransformRow>,
    ) -> Answered {
        Ok(match self {
            Self::Plain => view::request(row, None),
            Self::Requests => view::request(
                row,
                Some(&transforms::count_by_status(connection, row.request_id)?),
            ),
            Self::Transforms => view::transform(row, transform.as_ref()),
            Self::Processings => view::processing(row, transform.as_ref()),
        })
    }
}

async fn requests_by_month(
    State(service): State<Service>,
    Segments((request, workload)): Path,
) -> Result<Answer, Failure> {
    let target = target(&request, &workload)?;
    let states = service
        .store
        .call(move |connection| requests::states(connection, target))
        .await?;
    let event = |(status, at): &(i64, i64)| StatusChange {
        status: REQUEST_STATUS.name(*status).unwrap_or("New"),
        at: *at,
    };
    let events: Vec<_> = states.iter().map(event).collect();
    table(view::by_month(states.len(), &events))
}

async fn transforms_by_month(
    State(service): State<Service>,
    Segments((request, workload)): Path,
) -> Result<Answer, Failure> {
    let target = target(&request, &workload)?;
    let states = service
        .store
        .call(move |connection| transforms::states(connection, target))
        .await?;
    table(view::transforms_by_month(&states))
}

async fn processings_by_month(
    State(service): State<Service>,
    Segments((request, workload)): Path,
) -> Result<Answer, Failure> {
    let target = target(&request, &workload)?;
    let read = move |connection: &mut Connection| {
        Ok((
            requests::states(connection, target)?.len(),
            transforms::states(connection, target)?,
        ))
    };
    let (requests, states) = service.store.call(read).await?;
    let processing = |row: &TransformState| {
        let status = row
            .processing_status
            .and_then(|code| PROCESSING_STATUS.name(code))?;
        Some(StatusChange {
            status,
            at: row.updated_at,
        })
    };
    let events: Vec<_> = states.iter().filter_map(processing).collect();
    // A request without transforms counts once, too.
    let with_transforms = states.chunk_by(|a, b| a.request_id == b.request_id).count();
    table(view::by_month(
        states.len() + requests.saturating_sub(with_transforms),
        &events,
    ))
}

fn table(table: Option<Value>) -> Result<Answer, Failure> {
    table
        .map(Answer::new)
        .ok_or_else(|| Failure::core("'NoneType' object has no attribute 'month'"))
}

async fn relations(
    State(service): State<Service>,
    Segments((request, workload)): Path,
) -> Result<Listing, Failure> {
    let relations = Relations {
        target: target(&request, &workload)?,
        request: 0,
    };
    Ok(Listing::new(&service.store, &service.answers, relations))
}

/// Requests that are listed with what is related to their works, after this one.
struct Relations {
    target: Target,
    request: i64,
}

impl Pages for Relations {
    fn read(&mut self, connection: &mut Connection, page: &mut Page) -> Result<Read, Failure> {
        let rows = requests::list(connection, self.target, self.request, ROWS)
            .map_err(StoreError::from)?;
        let is_last = rows.len() < ROWS;
        for row in rows {
            let size =
                requests::metadata_size(connection, row.request_id).map_err(StoreError::from)?;
            if let Some(end) = page.ends_before(size) {
                return Ok(end);
            }
            let metadata =
                requests::metadata(connection, row.request_id).map_err(StoreError::from)?;
            if metadata == "null" {
                return Err(Failure::core("'NoneType' object is not subscriptable"));
            }
            if !plan::has_workflow(&metadata) {
                return Err(Failure::core("'workflow'"));
            }
            let names = transforms::names(connection, row.request_id).map_err(StoreError::from)?;
            let work = |(name, workload): (Option<String>, Option<i64>)| {
                json!({ "work": {
                    "ancestry_works": [],
                    "external_id": null,
                    "work_name": name,
                    "workload_id": workload,
                } })
            };
            let relations = names.into_iter().map(work).collect();
            self.request = row.request_id;
            let mut fields = request::request(&row, Some(metadata));
            fields.push(("relation_map", Cell::Value(relations)));
            page.object(size, fields);
        }
        Ok(if is_last { Read::Last } else { Read::More })
    }
}
