//! A transform as `GET /transform` shows it.

use serde_json::{Value, json};

use super::{THREADS, json_text, nulls, object};
use crate::enumeration::{COMMAND_TYPE, TRANSFORM_LOCKING, TRANSFORM_STATUS, TRANSFORM_TYPE};
use crate::python;
use crate::store::transforms::TransformRow;

/// Shows a transform. Those that the server makes itself have a run and know of conditions, added ones do not.
pub(crate) fn transform(row: &TransformRow) -> Value {
    let content = &row.content;
    let is_search = content.search.is_some();
    let mut fields = object(json!({
        "command": COMMAND_TYPE.member(0),
        "created_at": python::date(row.created_at),
        "current_processing_id": is_search.then_some(row.transform_id),
        "errors": json_text(row.errors.as_deref()),
        "finished_at": row.finished_at.and_then(python::date),
        "internal_id": content.internal_id,
        "locking": TRANSFORM_LOCKING.member(0),
        "loop_index": is_search.then_some(1),
        "max_new_retries": 3,
        "max_update_retries": 0,
        "name": content.name,
        "new_poll_period": "0:00:01",
        "new_retries": 0,
        "next_poll_at": python::date(row.created_at),
        "oldstatus": TRANSFORM_STATUS.member(0),
        "parent_internal_id": content.parent_internal_id,
        "priority": content.priority,
        "request_id": content.request_id,
        "retries": content.retries,
        "run_id": content.run_id,
        "running_metadata": {},
        "site": content.site,
        "status": TRANSFORM_STATUS.member(content.status),
        "substatus": TRANSFORM_STATUS.member(0),
        "transform_id": row.transform_id,
        "transform_metadata": row.metadata(),
        "transform_tag": content.transform_tag,
        "transform_type": TRANSFORM_TYPE.member(content.transform_type),
        "triggered_conditions": [],
        "untriggered_conditions": [],
        "update_poll_period": "0:00:10",
        "update_retries": 0,
        "updated_at": python::date(row.updated_at),
        "workload_id": content.workload_id,
    }));
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
    fields.into()
}
