//! A request as `GET /request` shows it.

use super::catalog::{self, Counts, Side};
use super::{THREADS, date, nulls};
use crate::enumeration::{
    COMMAND_TYPE, PROCESSING_STATUS, REQUEST_LOCKING, REQUEST_STATUS, REQUEST_TYPE,
    TRANSFORM_STATUS, TRANSFORM_TYPE,
};
use crate::pretty::{Cell, Field};
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

/// Shows a request; with what was submitted (JSON) where that was asked for.
pub(crate) fn request(row: &RequestRow, metadata: Option<String>) -> Vec<Field> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut fields = vec![
        ("accessed_at", Cell::Date(row.updated_at)),
        ("command", Cell::Member(&COMMAND_TYPE, row.command)),
        ("created_at", Cell::Date(row.created_at)),
        ("errors", Cell::json(row.errors.clone())),
        ("expired_at", date(row.expired_at)),
        ("locking", Cell::Member(&REQUEST_LOCKING, 0)),
        ("max_new_retries", Cell::Integer(3)),
        ("max_update_retries", Cell::Integer(0)),
        ("new_poll_period", Cell::Word("0:00:01")),
        ("new_retries", Cell::Integer(0)),
        ("next_poll_at", Cell::Date(row.created_at)),
        ("oldstatus", Cell::Member(&REQUEST_STATUS, 0)),
        ("priority", Cell::Integer(row.priority)),
        ("request_id", Cell::Integer(row.request_id)),
        (
            "request_type",
            Cell::Member(&REQUEST_TYPE, row.request_type),
        ),
        ("status", Cell::Member(&REQUEST_STATUS, row.status)),
        ("substatus", Cell::Member(&REQUEST_STATUS, row.substatus)),
        ("update_poll_period", Cell::Word("0:00:10")),
        ("update_retries", Cell::Integer(0)),
        ("updated_at", Cell::Date(row.updated_at)),
        ("workload_id", row.workload_id.into()),
    ];
    fields.extend(nulls(UNUSED));
    fields.extend(nulls(THREADS));
    for ((name, _), given) in TEXTS.into_iter().zip(&row.texts) {
        let given = given.as_deref();
        let given = if name == "campaign_scope" {
            given.or(Some("Default"))
        } else {
            given
        };
        fields.push((name, Cell::maybe(given, text)));
    }
    if let Some(metadata) = metadata {
        fields.push(("request_metadata", Cell::Raw(metadata)));
        fields.push(("processing_metadata", Cell::Raw("{}".to_owned())));
    }
    fields
}

/// A transform of a request, with the number of its points or jobs; or that it has none.
type Shown<'a> = Option<&'a (TransformRow, Tally)>;

/// Adds a transform to what is shown of its request.
pub(crate) fn transform(row: Shown<'_>, view: TransformView, fields: &mut Vec<Field>) {
    fields.extend(transform_fields(row));
    if view >= TransformView::Processing {
        fields.extend(processing_fields(row));
    }
    if view == TransformView::Detail {
        fields.extend(collection_fields(&INPUT, Side::Input, row));
        fields.extend(collection_fields(&OUTPUT, Side::Output, row));
    }
}

fn transform_fields(row: Shown<'_>) -> Vec<Field> {
    let row = row.map(|(transform, _)| transform);
    vec![
        ("transform_created_at", date(row.map(|row| row.created_at))),
        (
            "transform_finished_at",
            date(row.and_then(|row| row.finished_at)),
        ),
        ("transform_id", row.map(|row| row.transform_id).into()),
        (
            "transform_name",
            Cell::text(row.and_then(|row| row.content.name.as_deref())),
        ),
        (
            "transform_status",
            Cell::maybe(row, |row| {
                Cell::Member(&TRANSFORM_STATUS, row.content.status)
            }),
        ),
        (
            "transform_type",
            Cell::maybe(row, |row| {
                Cell::Member(&TRANSFORM_TYPE, row.content.transform_type)
            }),
        ),
        ("transform_updated_at", date(row.map(|row| row.updated_at))),
        (
            "transform_workload_id",
            row.and_then(|row| row.content.workload_id).into(),
        ),
    ]
}

/// Shows the one processing that a transform has here; it carries the number of its transform.
fn processing_fields(row: Shown<'_>) -> Vec<Field> {
    let row = row
        .map(|(transform, _)| transform)
        .filter(|row| row.content.processing_status.is_some());
    let status = row.and_then(|row| row.content.processing_status);
    vec![
        ("processing_created_at", date(row.map(|row| row.created_at))),
        (
            "processing_finished_at",
            date(row.and_then(|row| row.finished_at)),
        ),
        ("processing_id", row.map(|row| row.transform_id).into()),
        (
            "processing_status",
            Cell::maybe(status, |code| Cell::Member(&PROCESSING_STATUS, code)),
        ),
        (
            "processing_transform_id",
            row.map(|row| row.transform_id).into(),
        ),
        ("processing_updated_at", date(row.map(|row| row.updated_at))),
        (
            "processing_workload_id",
            row.and_then(|row| row.content.workload_id).into(),
        ),
    ]
}

/// Names of the fields of a collection.
struct Names {
    id: &'static str,
    name: &'static str,
    scope: &'static str,
    status: &'static str,
    transform: &'static str,
    new: &'static str,
    processing: &'static str,
    processed: &'static str,
    failed: &'static str,
    missing: &'static str,
    bytes: &'static str,
    total: &'static str,
    /// Of those that are 0 for any collection.
    zeros: [&'static str; 2],
}

const INPUT: Names = Names {
    id: "input_coll_id",
    name: "input_coll_name",
    scope: "input_coll_scope",
    status: "input_coll_status",
    transform: "input_coll_transform_id",
    new: "input_new_files",
    processing: "input_processing_files",
    processed: "input_processed_files",
    failed: "input_failed_files",
    missing: "input_missing_files",
    bytes: "input_coll_bytes",
    total: "input_total_files",
    zeros: ["input_activated_files", "input_preprocessing_files"],
};

const OUTPUT: Names = Names {
    id: "output_coll_id",
    name: "output_coll_name",
    scope: "output_coll_scope",
    status: "output_coll_status",
    transform: "output_coll_transform_id",
    new: "output_new_files",
    processing: "output_processing_files",
    processed: "output_processed_files",
    failed: "output_failed_files",
    missing: "output_missing_files",
    bytes: "output_coll_bytes",
    total: "output_total_files",
    zeros: ["output_activated_files", "output_preprocessing_files"],
};

/// Shows a collection of a transform. Both have one file for each point or job.
fn collection_fields(names: &Names, side: Side, row: Shown<'_>) -> Vec<Field> {
    let row = row.filter(|(transform, _)| catalog::has_collections(transform));
    let of =
        |show: &dyn Fn(&TransformRow) -> Cell| Cell::maybe(row, |(transform, _)| show(transform));
    let counts = row.map(|(transform, tally)| side.counts(transform, *tally));
    let count =
        |of: fn(Counts) -> u32| Cell::maybe(counts, |counts| Cell::Integer(of(counts).into()));
    let mut fields = vec![
        (
            names.id,
            of(&|transform| Cell::Integer(side.id(transform.transform_id))),
        ),
        (
            names.name,
            of(&|transform| Cell::text(side.name(transform).name.as_deref())),
        ),
        (
            names.scope,
            of(&|transform| Cell::text(side.name(transform).scope.as_deref())),
        ),
        (names.status, of(&|transform| side.status(transform))),
        (
            names.transform,
            of(&|transform| Cell::Integer(transform.transform_id)),
        ),
        (names.new, count(|counts| counts.new)),
        (names.processing, count(|counts| counts.processing)),
        (names.processed, count(|counts| counts.processed)),
        (names.failed, count(|counts| counts.failed)),
        (names.missing, count(|counts| counts.missing)),
        (
            names.bytes,
            Cell::maybe(counts, |counts| Cell::Integer(counts.bytes)),
        ),
        (names.total, count(Counts::total)),
    ];
    fields.extend(names.zeros.map(|name| (name, of(&|_| Cell::Integer(0)))));
    fields
}
