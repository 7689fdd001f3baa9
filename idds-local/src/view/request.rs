//! A request as `GET /request` shows it.

use serde_json::{Map, Value, json};

use super::catalog::{self, Side};
use super::{THREADS, json_text, nulls, object};
use crate::enumeration::{
    COMMAND_TYPE, PROCESSING_STATUS, REQUEST_LOCKING, REQUEST_STATUS, REQUEST_TYPE, TRANSFORM_STATUS, TRANSFORM_TYPE,
};
use crate::python;
use crate::state::Tally;
use crate::store::requests::RequestRow;
use crate::store::transforms::TransformRow;
use crate::submission::TEXTS;

/// How much of a transform is shown.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum TransformView {
    /// The transform.
    Transform,
    /// The transform and its processing.
    Processing,
    /// Also its collections.
    Detail,
}

/// Fields in which the server keeps what this one has no use for.
const UNUSED: [&str; 7] = [
    "additional_data_storage",
    "failed_transforms",
    "finished_transforms",
    "group_id",
    "processing_transforms",
    "subfinished_transforms",
    "total_transforms",
];

/// Shows a request: once, or once for each transform where those are asked for and there are any.
pub(crate) fn request(
    row: &RequestRow,
    transforms: &[(TransformRow, Tally)],
    view: Option<TransformView>,
    with_metadata: bool,
) -> Vec<Value> {
    let mut fields = request_fields(row);
    if with_metadata {
        fields.insert("request_metadata".to_owned(), json_text(row.metadata.as_deref()));
        fields.insert("processing_metadata".to_owned(), json!({}));
    }
    let Some(view) = view else { return vec![fields.into()] };
    let rows = match transforms {
        [] => vec![None],
        transforms => transforms.iter().map(Some).collect(),
    };
    let mut shown = Vec::new();
    for row in rows {
        let mut fields = fields.clone();
        fields.extend(transform_fields(row));
        if view >= TransformView::Processing {
            fields.extend(processing_fields(row));
        }
        if view == TransformView::Detail {
            fields.extend(collection_fields(Side::Input, row));
            fields.extend(collection_fields(Side::Output, row));
        }
        shown.push(fields.into());
    }
    shown
}

fn request_fields(row: &RequestRow) -> Map<String, Value> {
    let mut fields = object(json!({
        "accessed_at": python::date(row.updated_at),
        "command": COMMAND_TYPE.member(row.command),
        "created_at": python::date(row.created_at),
        "errors": json_text(row.errors.as_deref()),
        "expired_at": row.expired_at.and_then(python::date),
        "locking": REQUEST_LOCKING.member(0),
        "max_new_retries": 3,
        "max_update_retries": 0,
        "new_poll_period": "0:00:01",
        "new_retries": 0,
        "next_poll_at": python::date(row.created_at),
        "oldstatus": REQUEST_STATUS.member(0),
        "priority": row.priority,
        "request_id": row.request_id,
        "request_type": REQUEST_TYPE.member(row.request_type),
        "status": REQUEST_STATUS.member(row.status),
        "substatus": REQUEST_STATUS.member(row.substatus),
        "update_poll_period": "0:00:10",
        "update_retries": 0,
        "updated_at": python::date(row.updated_at),
        "workload_id": row.workload_id,
    }));
    fields.extend(nulls(UNUSED));
    fields.extend(nulls(THREADS));
    for ((name, _), text) in TEXTS.into_iter().zip(&row.texts) {
        let text = if name == "campaign_scope" { text.as_deref().or(Some("Default")) } else { text.as_deref() };
        fields.insert(name.to_owned(), text.into());
    }
    fields
}

type Shown<'a> = Option<&'a (TransformRow, Tally)>;

fn transform_fields(row: Shown<'_>) -> Map<String, Value> {
    let row = row.map(|(transform, _)| transform);
    object(json!({
        "transform_created_at": row.and_then(|row| python::date(row.created_at)),
        "transform_finished_at": row.and_then(|row| row.finished_at).and_then(python::date),
        "transform_id": row.map(|row| row.transform_id),
        "transform_name": row.map(|row| &row.content.name),
        "transform_status": row.map(|row| TRANSFORM_STATUS.member(row.content.status)),
        "transform_type": row.map(|row| TRANSFORM_TYPE.member(row.content.transform_type)),
        "transform_updated_at": row.and_then(|row| python::date(row.updated_at)),
        "transform_workload_id": row.and_then(|row| row.content.workload_id),
    }))
}

/// Shows the one processing that a transform has here; it carries the number of its transform.
fn processing_fields(row: Shown<'_>) -> Map<String, Value> {
    let row = row.map(|(transform, _)| transform).filter(|row| row.content.processing_status.is_some());
    object(json!({
        "processing_created_at": row.and_then(|row| python::date(row.created_at)),
        "processing_finished_at": row.and_then(|row| row.finished_at).and_then(python::date),
        "processing_id": row.map(|row| row.transform_id),
        "processing_status": row.and_then(|row| row.content.processing_status).map(|code| PROCESSING_STATUS.member(code)),
        "processing_transform_id": row.map(|row| row.transform_id),
        "processing_updated_at": row.and_then(|row| python::date(row.updated_at)),
        "processing_workload_id": row.and_then(|row| row.content.workload_id),
    }))
}

/// Shows a collection of a transform. Both have one file for each point.
fn collection_fields(side: Side, row: Shown<'_>) -> Map<String, Value> {
    let row = row.filter(|(transform, _)| catalog::has_collections(transform));
    let name = row.map(|(transform, _)| side.name(transform));
    let counts = row.map(|(transform, tally)| side.counts(transform, *tally));
    let none = row.map(|_| 0);
    let fields = object(json!({
        "activated_files": none,
        "coll_bytes": none,
        "coll_id": row.map(|(transform, _)| side.id(transform.transform_id)),
        "coll_name": name.and_then(|name| name.name.as_deref()),
        "coll_scope": name.and_then(|name| name.scope.as_deref()),
        "coll_status": row.map(|(transform, _)| side.status(transform)),
        "coll_transform_id": row.map(|(transform, _)| transform.transform_id),
        "failed_files": none,
        "missing_files": none,
        "new_files": counts.map(|counts| counts.new),
        "preprocessing_files": none,
        "processed_files": counts.map(|counts| counts.processed),
        "processing_files": none,
        "total_files": counts.map(|counts| counts.new + counts.processed),
    }));
    fields.into_iter().map(|(name, value)| (format!("{}_{name}", side.word()), value)).collect()
}
