//! A transform as `GET /transform` shows it.

use super::{THREADS, date, nulls};
use crate::enumeration::{COMMAND_TYPE, TRANSFORM_LOCKING, TRANSFORM_STATUS, TRANSFORM_TYPE};
use crate::pretty::{Cell, Field};
use crate::store::transforms::TransformRow;

/// Shows a transform with its metadata (JSON). Those that the server makes itself have a run and know of conditions, added ones do
/// not.
pub(crate) fn transform(row: &TransformRow, metadata: String) -> Vec<Field> {
    let content = &row.content;
    let text = |text: &Option<String>| Cell::text(text.as_deref());
    let of_search = |number: i64| Cell::from(row.is_search.then_some(number));
    let empty = |text: &str| Cell::Raw(text.to_owned());
    let mut fields = vec![
        ("command", Cell::Member(&COMMAND_TYPE, 0)),
        ("created_at", Cell::Date(row.created_at)),
        ("current_processing_id", of_search(row.transform_id)),
        ("errors", Cell::json(row.errors.clone())),
        ("finished_at", date(row.finished_at)),
        ("internal_id", text(&content.internal_id)),
        ("locking", Cell::Member(&TRANSFORM_LOCKING, 0)),
        ("loop_index", of_search(1)),
        ("max_new_retries", Cell::Integer(3)),
        ("max_update_retries", Cell::Integer(0)),
        ("name", text(&content.name)),
        ("new_poll_period", Cell::Word("0:00:01")),
        ("new_retries", Cell::Integer(0)),
        ("next_poll_at", Cell::Date(row.created_at)),
        ("oldstatus", Cell::Member(&TRANSFORM_STATUS, 0)),
        ("parent_internal_id", text(&content.parent_internal_id)),
        ("priority", Cell::Integer(content.priority)),
        ("request_id", Cell::Integer(content.request_id)),
        ("retries", Cell::Integer(content.retries)),
        ("run_id", text(&content.run_id)),
        ("running_metadata", empty("{}")),
        ("site", text(&content.site)),
        ("status", Cell::Member(&TRANSFORM_STATUS, content.status)),
        ("substatus", Cell::Member(&TRANSFORM_STATUS, 0)),
        ("transform_id", Cell::Integer(row.transform_id)),
        ("transform_metadata", Cell::Raw(metadata)),
        ("transform_tag", text(&content.transform_tag)),
        (
            "transform_type",
            Cell::Member(&TRANSFORM_TYPE, content.transform_type),
        ),
        ("triggered_conditions", empty("[]")),
        ("untriggered_conditions", empty("[]")),
        ("update_poll_period", Cell::Word("0:00:10")),
        ("update_retries", Cell::Integer(0)),
        ("updated_at", Cell::Date(row.updated_at)),
        ("workload_id", content.workload_id.into()),
    ];
    fields.extend(nulls(THREADS));
    fields.extend(nulls([
        "cloned_from",
        "expired_at",
        "has_previous_conditions",
        "parent_transform_id",
        "previous_transform_id",
        "safe2get_output_from_input",
        "started_at",
    ]));
    fields
}
