//! What the server says about a collection.

use idds_workflow::{
    CollectionRelationType, CollectionStatus, CollectionType, RequestId, WorkloadId,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::field::{date, locking, member, optional_member};
use crate::{CollectionId, ProcessingId, TransformId};

/// A collection of contents: what a transform reads or writes.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct CollectionInfo {
    /// Number of the collection.
    pub coll_id: CollectionId,
    /// The request it belongs to.
    pub request_id: Option<RequestId>,
    /// Id of the task in the workload system, once there is one.
    pub workload_id: Option<WorkloadId>,
    /// The transform it belongs to.
    pub transform_id: Option<TransformId>,
    /// The processing it belongs to.
    pub processing_id: Option<ProcessingId>,
    /// What it is.
    #[serde(default, deserialize_with = "optional_member")]
    pub coll_type: Option<CollectionType>,
    /// What it is to its transform.
    #[serde(default, deserialize_with = "optional_member")]
    pub relation_type: Option<CollectionRelationType>,
    /// Scope.
    pub scope: Option<String>,
    /// Name; the server appends a suffix such as `.0..1` to that of an output.
    pub name: String,
    /// State.
    #[serde(deserialize_with = "member")]
    pub status: CollectionStatus,
    /// State that is being reached.
    #[serde(default, deserialize_with = "optional_member")]
    pub substatus: Option<CollectionStatus>,
    /// Whether an agent is working on it right now.
    #[serde(rename = "locking", default, deserialize_with = "locking")]
    pub is_locked: bool,
    /// Size of its contents together, in bytes.
    pub bytes: Option<i64>,
    /// Number of contents.
    pub total_files: Option<i64>,
    /// Contents that nothing was done for yet.
    pub new_files: Option<i64>,
    /// Contents that are being prepared.
    pub preprocessing_files: Option<i64>,
    /// Contents that may be worked on.
    pub activated_files: Option<i64>,
    /// Contents that are being worked on.
    pub processing_files: Option<i64>,
    /// Contents that are there.
    pub processed_files: Option<i64>,
    /// Contents that failed.
    pub failed_files: Option<i64>,
    /// Contents that are missing.
    pub missing_files: Option<i64>,
    /// Contents about which the workload system said something.
    pub ext_files: Option<i64>,
    /// Of these, contents that are there.
    pub processed_ext_files: Option<i64>,
    /// Of these, contents that failed.
    pub failed_ext_files: Option<i64>,
    /// Of these, contents that are missing.
    pub missing_ext_files: Option<i64>,
    /// Number of the storage it lies in.
    pub storage_id: Option<i64>,
    /// Times that it was tried again.
    pub retries: Option<i64>,
    /// When it was made.
    #[serde(default, deserialize_with = "date")]
    pub created_at: Option<Timestamp>,
    /// When the server last changed it.
    #[serde(default, deserialize_with = "date")]
    pub updated_at: Option<Timestamp>,
    /// When it was last used.
    #[serde(default, deserialize_with = "date")]
    pub accessed_at: Option<Timestamp>,
    /// When an agent will look at it next.
    #[serde(default, deserialize_with = "date")]
    pub next_poll_at: Option<Timestamp>,
    /// When its lifetime ends, if it has one.
    #[serde(default, deserialize_with = "date")]
    pub expired_at: Option<Timestamp>,
    /// What else the server keeps about it, as an object.
    pub coll_metadata: Option<Value>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
