//! Collections and contents. A work has two collections, and a point, a job or a file is a content of both.

use serde_json::{Value, json};

use super::nulls;
use crate::enumeration::{
    COLLECTION_LOCKING, COLLECTION_RELATION, COLLECTION_STATUS, COLLECTION_TYPE, CONTENT_LOCKING,
    CONTENT_RELATION, CONTENT_STATUS, CONTENT_TYPE,
};
use crate::plan::CollectionName;
use crate::pretty::{Cell, Field};
use crate::python;
use crate::state::{Content, Stage, Tally};
use crate::store::contents::{ContentRow, Kind};
use crate::store::transforms::TransformRow;

/// Seconds after which the server would forget a content.
const CONTENT_LIFETIME: i64 = 30 * 86_400;

/// What a collection is to its transform.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    /// What goes in.
    Input,
    /// What comes out; losses are written here.
    Output,
}

/// How many files a collection has, by their state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) new: u32,
    pub(crate) processing: u32,
    pub(crate) processed: u32,
    pub(crate) failed: u32,
    pub(crate) missing: u32,
    pub(crate) bytes: i64,
}

impl Counts {
    /// Returns how many there are.
    pub(crate) fn total(self) -> u32 {
        self.new + self.processing + self.processed + self.failed + self.missing
    }
}

/// Tells whether a transform has collections at all.
pub(crate) fn has_collections(transform: &TransformRow) -> bool {
    transform.content.processing_status.is_some()
}

impl Side {
    /// Both, in the order in which the server makes them.
    pub(crate) const ALL: [Self; 2] = [Self::Input, Self::Output];

    /// Returns the number of the relation type.
    pub(crate) const fn code(self) -> i64 {
        self as i64
    }

    /// Returns the number of the collection of a transform, or of the content of a point.
    pub(crate) const fn id(self, of: i64) -> i64 {
        2 * of - 1 + self.code()
    }

    /// Returns the name of the collection of a transform.
    pub(crate) fn name(self, transform: &TransformRow) -> &CollectionName {
        match self {
            Self::Input => &transform.content.input,
            Self::Output => &transform.content.output,
        }
    }

    /// Counts the files of a collection; an input is processed as soon as it is there, and everything is once the transform
    /// has finished.
    pub(crate) fn counts(self, transform: &TransformRow, tally: Tally) -> Counts {
        if transform.content.status == Stage::Finished.code() {
            return Counts {
                processed: tally.total(),
                bytes: tally.bytes,
                ..Counts::default()
            };
        }
        match self {
            Self::Input if transform.dataset_is_open.is_none() => Counts {
                processed: tally.total() - tally.missing,
                missing: tally.missing,
                ..Counts::default()
            },
            // What goes into the moving of a file is the file, too.
            Self::Input | Self::Output => Counts {
                new: tally.open,
                processing: tally.processing,
                processed: tally.evaluated,
                failed: tally.failed,
                missing: tally.missing,
                bytes: tally.bytes,
            },
        }
    }

    /// Shows the status of the collection of a transform.
    pub(crate) fn status(self, transform: &TransformRow) -> Cell {
        let ended_early =
            [Stage::SubFinished.code(), Stage::Failed.code()].contains(&transform.content.status);
        let name = match (transform.is_search, transform.finished_at) {
            (true, None) if transform.dataset_is_open == Some(false) && self == Self::Input => {
                "Closed"
            }
            (true, None) => "Open",
            (true, Some(_)) if ended_early && self == Self::Output => "Cancelled",
            _ => "Closed",
        };
        Cell::maybe(COLLECTION_STATUS.code(name), |code| {
            Cell::Member(&COLLECTION_STATUS, code)
        })
    }

    /// Returns the number of the status of a content.
    pub(crate) fn content_status(self, transform: &TransformRow, content: &ContentRow) -> i64 {
        match (self, &content.kind) {
            (Self::Input, Kind::Job { input, .. }) => *input,
            (Self::Output, Kind::Job { output, .. }) => *output,
            (_, Kind::File { status, .. }) => *status,
            (Self::Output, Kind::Point { loss: None, .. }) => {
                match transform.content.status == Stage::Finished.code() {
                    true => Content::FakeAvailable.code(),
                    false => Content::New.code(),
                }
            }
            (_, Kind::Point { .. }) => Content::Available.code(),
        }
    }
}

/// Shows a collection of a transform.
pub(crate) fn collection(side: Side, transform: &TransformRow, tally: Tally) -> Vec<Field> {
    let CollectionName { scope, name } = side.name(transform);
    let counts = side.counts(transform, tally);
    let count = |number: u32| Cell::Integer(number.into());
    let mut fields = vec![
        ("accessed_at", Cell::Date(transform.updated_at)),
        ("bytes", Cell::Integer(counts.bytes)),
        ("coll_id", Cell::Integer(side.id(transform.transform_id))),
        ("coll_metadata", Cell::Raw("{}".to_owned())),
        ("coll_type", Cell::Member(&COLLECTION_TYPE, 1)),
        ("created_at", Cell::Date(transform.created_at)),
        ("locking", Cell::Member(&COLLECTION_LOCKING, 0)),
        ("name", Cell::text(name.as_deref())),
        ("new_files", count(counts.new)),
        ("next_poll_at", Cell::Date(transform.created_at)),
        ("processed_files", count(counts.processed)),
        ("processing_files", count(counts.processing)),
        (
            "relation_type",
            Cell::Member(&COLLECTION_RELATION, side.code()),
        ),
        ("request_id", Cell::Integer(transform.content.request_id)),
        ("retries", Cell::Integer(0)),
        ("scope", Cell::text(scope.as_deref())),
        ("status", side.status(transform)),
        ("substatus", Cell::Member(&COLLECTION_STATUS, 0)),
        ("total_files", count(counts.total())),
        ("transform_id", Cell::Integer(transform.transform_id)),
        ("updated_at", Cell::Date(transform.updated_at)),
        ("workload_id", transform.content.workload_id.into()),
    ];
    // Nobody counts them of a search.
    let is_counted = transform.has_jobs || transform.dataset_is_open.is_some();
    let of_jobs = |number: u32| Cell::from(is_counted.then_some(i64::from(number)));
    fields.push(("failed_files", of_jobs(counts.failed)));
    fields.push(("missing_files", of_jobs(counts.missing)));
    fields.extend(nulls([
        "activated_files",
        "expired_at",
        "ext_files",
        "failed_ext_files",
        "missing_ext_files",
        "preprocessing_files",
        "processed_ext_files",
        "processing_id",
        "storage_id",
    ]));
    fields
}

/// Shows a point, a job or a file as a content of a collection of its transform.
pub(crate) fn content(side: Side, transform: &TransformRow, content: &ContentRow) -> Vec<Field> {
    let status = || Cell::Member(&CONTENT_STATUS, side.content_status(transform, content));
    let (name, path, metadata) = match &content.kind {
        Kind::Point { parameters, loss } => {
            // Losses are written into the output only.
            let loss = if side == Side::Output { *loss } else { None };
            let parameters: Value = serde_json::from_str(parameters).unwrap_or_default();
            let pair = Value::Array(vec![parameters, loss.into()]);
            let path = Cell::Text(python::dumps(&pair));
            let metadata = r#"{"events": 0}"#.to_owned();
            (content.number.to_string(), path, metadata)
        }
        Kind::Job { name, .. } => {
            let metadata = r#"{"events": 1}"#.to_owned();
            (name.clone(), Cell::text(None), metadata)
        }
        Kind::File { name, events, .. } => {
            let metadata = json!({ "events": events }).to_string();
            (name.clone(), Cell::text(None), metadata)
        }
    };
    let (bytes, adler32, retries) = match &content.kind {
        Kind::Job {
            bytes,
            adler32,
            tries,
            ..
        } if side == Side::Output => (*bytes, adler32.clone(), i64::from(tries.saturating_sub(1))),
        Kind::File {
            bytes,
            adler32,
            tries,
            ..
        } => (
            bytes.unwrap_or(0),
            adler32.clone(),
            i64::from(tries.saturating_sub(1)),
        ),
        _ => (0, None, 0),
    };
    let (scope, max_id) = match &content.kind {
        Kind::File { scope, events, .. } => (Some(scope.as_str()), events.unwrap_or(0)),
        _ => (side.name(transform).scope.as_deref(), 0),
    };
    let mut fields = vec![
        ("accessed_at", Cell::Date(content.updated_at)),
        ("adler32", Cell::text(adler32.as_deref())),
        ("bytes", Cell::Integer(bytes)),
        ("coll_id", Cell::Integer(side.id(transform.transform_id))),
        ("content_id", Cell::Integer(side.id(content.content_id))),
        ("content_metadata", Cell::Raw(metadata)),
        (
            "content_relation_type",
            Cell::Member(&CONTENT_RELATION, side.code()),
        ),
        ("content_type", Cell::Member(&CONTENT_TYPE, 0)),
        ("created_at", Cell::Date(content.created_at)),
        ("dep_sub_map_id", Cell::Integer(0)),
        (
            "expired_at",
            Cell::Date(content.created_at + CONTENT_LIFETIME),
        ),
        ("locking", Cell::Member(&CONTENT_LOCKING, 0)),
        ("map_id", Cell::Integer(content.number)),
        ("max_id", Cell::Integer(max_id)),
        ("min_id", Cell::Integer(0)),
        ("name", Cell::Text(name)),
        ("path", path),
        ("request_id", Cell::Integer(transform.content.request_id)),
        ("retries", Cell::Integer(retries)),
        ("scope", Cell::text(scope)),
        ("status", status()),
        ("sub_map_id", Cell::Integer(0)),
        ("substatus", status()),
        ("transform_id", Cell::Integer(transform.transform_id)),
        ("updated_at", Cell::Date(content.updated_at)),
    ];
    fields.extend(nulls([
        "content_dep_id",
        "external_coll_id",
        "external_content_id",
        "external_event_id",
        "external_event_status",
        "md5",
        "name_md5",
        "processing_id",
        "scope_name_md5",
        "storage_id",
        "workload_id",
    ]));
    fields
}

/// Shows a point as an output with what PanDA knows about its job: nothing.
pub(crate) fn content_of_job(transform: &TransformRow, row: &ContentRow) -> Vec<Field> {
    let mut fields = content(Side::Output, transform, row);
    let status = CONTENT_STATUS.name(Side::Output.content_status(transform, row));
    fields.retain(|(name, _)| *name != "status");
    fields.push(("status", Cell::maybe(status, Cell::Word)));
    fields.extend(nulls(JOB));
    fields
}

/// Fields of a PanDA job.
const JOB: [&str; 71] = [
    "actual_core_count",
    "assigned_priority",
    "attempt_nr",
    "avg_pss",
    "avg_rss",
    "avg_swap",
    "avg_vmem",
    "brokerage_error_code",
    "brokerage_error_diag",
    "cloud",
    "computing_element",
    "computing_site",
    "core_count",
    "cpu_consumption_time",
    "cpu_consumption_unit",
    "cpu_conversion",
    "creation_time",
    "current_priority",
    "ddm_error_code",
    "ddm_error_diag",
    "disk_io",
    "end_time",
    "exe_error_code",
    "exe_error_diag",
    "failed_attempt",
    "grid",
    "hs06",
    "hs06sec",
    "jedi_task_id",
    "job_definition_id",
    "job_dispatcher_error_code",
    "job_dispatcher_error_diag",
    "job_label",
    "job_name",
    "job_status",
    "max_attempt",
    "max_cpu_count",
    "max_cpu_unit",
    "max_disk_count",
    "max_disk_unit",
    "max_pss",
    "max_rss",
    "max_swap",
    "max_vmem",
    "max_walltime",
    "memory_leak",
    "memory_leak_x2",
    "min_ram_count",
    "min_ram_unit",
    "modification_time",
    "n_input_files",
    "panda_id",
    "pilot_error_code",
    "pilot_error_diag",
    "pilot_id",
    "pilot_timing",
    "processing_type",
    "prod_source_label",
    "prod_user_id",
    "prod_user_name",
    "req_id",
    "scheduler_id",
    "start_time",
    "sup_error_code",
    "sup_error_diag",
    "task_buffer_error_code",
    "task_buffer_error_diag",
    "task_id",
    "trans_exit_code",
    "vo",
    "working_group",
];
