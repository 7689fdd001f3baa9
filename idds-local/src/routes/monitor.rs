//! `/monitor` and its relatives: progress in short.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::request::unknown;
use super::{Segments, Service};
use crate::answer::{Answer, Failure};
use crate::enumeration::{PROCESSING_STATUS, REQUEST_STATUS};
use crate::plan;
use crate::store::requests::{self, RequestRow};
use crate::store::transforms::{self, TransformRow};
use crate::target::Target;
use crate::view::monitor::{self as view, Event};
use crate::view::request;

type Path = Segments<(String, String)>;

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/monitor/{request}/{workload}/{requests}/{transforms}/{processings}", get(list))
        .route("/monitor_request/{request}/{workload}", get(requests_by_month))
        .route("/monitor_transform/{request}/{workload}", get(transforms_by_month))
        .route("/monitor_processing/{request}/{workload}", get(processings_by_month))
        .route("/monitor_request_relation/{request}/{workload}", get(relations))
}

type Rows = Vec<(RequestRow, Vec<TransformRow>)>;

async fn rows(service: Service, request: &str, workload: &str, with_metadata: bool) -> Result<Rows, Failure> {
    let target = Target::read(request, workload).map_err(|details| unknown(request, &details))?;
    let read = move |connection: &mut Connection| {
        let rows = requests::list(connection, target, with_metadata)?.into_iter();
        rows.map(|row| {
            let transforms = transforms::list(connection, Target::of(row.request_id), None)?;
            Ok((row, transforms))
        })
        .collect()
    };
    Ok(service.store.call(read).await?)
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
) -> Result<Answer, Failure> {
    let is_on = |flag: &str| flag.eq_ignore_ascii_case("true");
    let show: fn(&(RequestRow, Vec<TransformRow>)) -> Vec<Value> =
        match (is_on(&requests), is_on(&transforms), is_on(&processings)) {
            (true, _, _) => |(row, transforms)| vec![view::request(row, transforms)],
            (_, true, _) => |(row, transforms)| each(transforms, |transform| view::transform(row, transform)),
            (_, _, true) => |(row, transforms)| each(transforms, |transform| view::processing(row, transform)),
            _ => |(row, _)| vec![view::plain(row)],
        };
    let rows = rows(service, &request, &workload, false).await?;
    Ok(Answer::new(rows.iter().flat_map(show).collect()))
}

/// Shows every transform, or that there is none.
fn each(transforms: &[TransformRow], show: impl Fn(Option<&TransformRow>) -> Value) -> Vec<Value> {
    match transforms {
        [] => vec![show(None)],
        transforms => transforms.iter().map(|transform| show(Some(transform))).collect(),
    }
}

async fn requests_by_month(
    State(service): State<Service>,
    Segments((request, workload)): Path,
) -> Result<Answer, Failure> {
    let rows = rows(service, &request, &workload, false).await?;
    let event = |(row, _): &(RequestRow, _)| Event {
        status: REQUEST_STATUS.name(row.status).unwrap_or("New"),
        at: row.updated_at,
    };
    let events: Vec<_> = rows.iter().map(event).collect();
    table(view::by_month(rows.len(), &events))
}

async fn transforms_by_month(
    State(service): State<Service>,
    Segments((request, workload)): Path,
) -> Result<Answer, Failure> {
    let rows = rows(service, &request, &workload, false).await?;
    let transforms: Vec<_> = rows.into_iter().flat_map(|(_, transforms)| transforms).collect();
    table(view::transforms_by_month(&transforms))
}

async fn processings_by_month(
    State(service): State<Service>,
    Segments((request, workload)): Path,
) -> Result<Answer, Failure> {
    let rows = rows(service, &request, &workload, false).await?;
    let processing = |row: &TransformRow| {
        let status = row.content.processing_status.and_then(|code| PROCESSING_STATUS.name(code))?;
        Some(Event { status, at: row.updated_at })
    };
    let events: Vec<_> = rows.iter().flat_map(|(_, transforms)| transforms.iter().filter_map(processing)).collect();
    let total = rows.iter().map(|(_, transforms)| transforms.len().max(1)).sum();
    table(view::by_month(total, &events))
}

fn table(table: Option<Value>) -> Result<Answer, Failure> {
    table.map(Answer::new).ok_or_else(|| Failure::core("'NoneType' object has no attribute 'month'"))
}

async fn relations(State(service): State<Service>, Segments((request, workload)): Path) -> Result<Answer, Failure> {
    let mut shown = Vec::new();
    for (row, transforms) in rows(service, &request, &workload, true).await? {
        let metadata = row.metadata.as_deref().unwrap_or_default();
        if metadata == "null" {
            return Err(Failure::core("'NoneType' object is not subscriptable"));
        }
        if !plan::has_workflow(metadata) {
            return Err(Failure::core("'workflow'"));
        }
        let work = |transform: &TransformRow| {
            json!({ "work": {
                "ancestry_works": [],
                "external_id": null,
                "work_name": transform.content.name,
                "workload_id": transform.content.workload_id,
            } })
        };
        let relations: Vec<_> = transforms.iter().map(work).collect();
        for mut fields in request::request(&row, &[], None, true) {
            fields["relation_map"] = relations.clone().into();
            shown.push(fields);
        }
    }
    Ok(Answer::new(shown.into()))
}
