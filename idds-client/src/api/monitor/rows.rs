//! States of requests, transforms and processings.

use std::collections::BTreeMap;

use idds_workflow::{
    ProcessingStatus, RequestId, RequestStatus, TransformStatus, TransformType, WorkloadId,
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::field::date;
use crate::{Named, ProcessingId, TransformId};

/// State of a request.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RequestState {
    /// Number of the request.
    pub request_id: RequestId,
    /// Id of its task in the workload system, if it has one.
    pub workload_id: Option<WorkloadId>,
    /// State.
    pub status: Option<Named<RequestStatus>>,
    /// When it was submitted.
    #[serde(default, deserialize_with = "date")]
    pub created_at: Option<Timestamp>,
    /// When the server last changed it.
    #[serde(default, deserialize_with = "date")]
    pub updated_at: Option<Timestamp>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// State of a request, with counts over its transforms.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RequestProgress {
    /// Number of the request.
    pub request_id: RequestId,
    /// Id of its task in the workload system, if it has one.
    pub workload_id: Option<WorkloadId>,
    /// State.
    pub status: Option<Named<RequestStatus>>,
    /// How many transforms are in each state, by the name of the state.
    #[serde(default)]
    pub transforms: BTreeMap<String, u64>,
    /// Number of input contents.
    #[serde(default)]
    pub input_total_files: i64,
    /// Size of the input collections, in bytes.
    #[serde(default)]
    pub input_coll_bytes: i64,
    /// Input contents that are there.
    #[serde(default)]
    pub input_processed_files: i64,
    /// Input contents that are being worked on.
    #[serde(default)]
    pub input_processing_files: i64,
    /// Number of output contents.
    #[serde(default)]
    pub output_total_files: i64,
    /// Size of the output collections, in bytes.
    #[serde(default)]
    pub output_coll_bytes: i64,
    /// Output contents that are there.
    #[serde(default)]
    pub output_processed_files: i64,
    /// Output contents that are being worked on.
    #[serde(default)]
    pub output_processing_files: i64,
    /// When it was submitted.
    #[serde(default, deserialize_with = "date")]
    pub created_at: Option<Timestamp>,
    /// When the server last changed it.
    #[serde(default, deserialize_with = "date")]
    pub updated_at: Option<Timestamp>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// State of a transform, with its counts; a request without transforms gives one without a number.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct TransformProgress {
    /// The request it belongs to.
    pub request_id: Option<RequestId>,
    /// Number of the transform.
    pub transform_id: Option<TransformId>,
    /// Id of the task of the request in the workload system.
    pub workload_id: Option<WorkloadId>,
    /// Id of its own task in the workload system.
    pub transform_workload_id: Option<WorkloadId>,
    /// What it does.
    pub transform_type: Option<Named<TransformType>>,
    /// State.
    pub transform_status: Option<Named<TransformStatus>>,
    /// Scope of its output, if it has one.
    #[serde(default, deserialize_with = "text")]
    pub output_coll_scope: Option<String>,
    /// Name of its output, if it has one.
    #[serde(default, deserialize_with = "text")]
    pub output_coll_name: Option<String>,
    /// Number of input contents.
    #[serde(default)]
    pub input_total_files: i64,
    /// Size of the input collections, in bytes.
    #[serde(default)]
    pub input_coll_bytes: i64,
    /// Input contents that are there.
    #[serde(default)]
    pub input_processed_files: i64,
    /// Input contents that are being worked on.
    #[serde(default)]
    pub input_processing_files: i64,
    /// Number of output contents.
    #[serde(default)]
    pub output_total_files: i64,
    /// Size of the output collections, in bytes.
    #[serde(default)]
    pub output_coll_bytes: i64,
    /// Output contents that are there.
    #[serde(default)]
    pub output_processed_files: i64,
    /// Output contents that are being worked on.
    #[serde(default)]
    pub output_processing_files: i64,
    /// When it was made.
    #[serde(default, deserialize_with = "date")]
    pub transform_created_at: Option<Timestamp>,
    /// When the server last changed it.
    #[serde(default, deserialize_with = "date")]
    pub transform_updated_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "date")]
    pub transform_finished_at: Option<Timestamp>,
    /// What went wrong, as an object.
    pub errors: Option<Value>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// State of a processing; a request without processings gives one without a number.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct ProcessingProgress {
    /// The request it belongs to.
    pub request_id: Option<RequestId>,
    /// Number of the processing.
    pub processing_id: Option<ProcessingId>,
    /// Id of its task in the workload system, if it has one.
    pub workload_id: Option<WorkloadId>,
    /// State.
    pub processing_status: Option<Named<ProcessingStatus>>,
    /// When it was made.
    #[serde(default, deserialize_with = "date")]
    pub processing_created_at: Option<Timestamp>,
    /// When the server last changed it.
    #[serde(default, deserialize_with = "date")]
    pub processing_updated_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "date")]
    pub processing_finished_at: Option<Timestamp>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Reads text; the server sends 0 for a scope that is not there, and an empty name.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned))
}
