//! The parts of a request that a detailed answer tells about.

use idds_workflow::{
    CollectionStatus, ProcessingStatus, TransformStatus, TransformType, WorkloadId,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::field::{date, member, optional_member};
use crate::{CollectionId, ProcessingId, TransformId};

/// What a row about a request says about one of its transforms.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct TransformSummary {
    /// Id of the transform.
    #[serde(rename = "transform_id")]
    pub id: TransformId,
    /// What it does.
    #[serde(
        default,
        rename = "transform_type",
        deserialize_with = "optional_member"
    )]
    pub transform_type: Option<TransformType>,
    /// Id of its task in the workload system, if it has one.
    #[serde(rename = "transform_workload_id")]
    pub workload_id: Option<WorkloadId>,
    /// Its name: the id of its work in the request, eight hex digits.
    #[serde(rename = "transform_name")]
    pub name: Option<String>,
    /// State.
    #[serde(rename = "transform_status", deserialize_with = "member")]
    pub status: TransformStatus,
    /// When it was made.
    #[serde(default, rename = "transform_created_at", deserialize_with = "date")]
    pub created_at: Option<Timestamp>,
    /// When the server last changed it.
    #[serde(default, rename = "transform_updated_at", deserialize_with = "date")]
    pub updated_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, rename = "transform_finished_at", deserialize_with = "date")]
    pub finished_at: Option<Timestamp>,
    /// Everything else the server sends about it, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// What a row about a request says about one processing.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct ProcessingSummary {
    /// Id of the processing.
    #[serde(rename = "processing_id")]
    pub id: ProcessingId,
    /// The transform it is an attempt at.
    #[serde(rename = "processing_transform_id")]
    pub transform_id: Option<TransformId>,
    /// Id of its task in the workload system, if it has one.
    #[serde(rename = "processing_workload_id")]
    pub workload_id: Option<WorkloadId>,
    /// State.
    #[serde(rename = "processing_status", deserialize_with = "member")]
    pub status: ProcessingStatus,
    /// When it was made.
    #[serde(default, rename = "processing_created_at", deserialize_with = "date")]
    pub created_at: Option<Timestamp>,
    /// When the server last changed it.
    #[serde(default, rename = "processing_updated_at", deserialize_with = "date")]
    pub updated_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, rename = "processing_finished_at", deserialize_with = "date")]
    pub finished_at: Option<Timestamp>,
    /// Everything else the server sends about it, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// What a row about a request says about an input or output collection.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct CollectionSummary {
    /// Id of the collection.
    #[serde(rename = "coll_id")]
    pub id: CollectionId,
    /// The transform it belongs to.
    #[serde(rename = "coll_transform_id")]
    pub transform_id: Option<TransformId>,
    /// Scope.
    #[serde(rename = "coll_scope")]
    pub scope: Option<String>,
    /// Name, to which the server adds a suffix such as `.0..1`.
    #[serde(rename = "coll_name")]
    pub name: Option<String>,
    /// State.
    #[serde(default, rename = "coll_status", deserialize_with = "optional_member")]
    pub status: Option<CollectionStatus>,
    /// Size of its files.
    #[serde(rename = "coll_bytes")]
    pub bytes: Option<i64>,
    /// Number of its files, or points of a search.
    pub total_files: Option<i64>,
    /// Number of files not yet worked on.
    pub new_files: Option<i64>,
    /// Number of files done.
    pub processed_files: Option<i64>,
    /// Number of files being worked on.
    pub processing_files: Option<i64>,
    /// Number of files being prepared.
    pub preprocessing_files: Option<i64>,
    /// Number of files released to run.
    pub activated_files: Option<i64>,
    /// Number of files that failed.
    pub failed_files: Option<i64>,
    /// Number of files that are missing.
    pub missing_files: Option<i64>,
    /// Everything else the server sends about it, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
