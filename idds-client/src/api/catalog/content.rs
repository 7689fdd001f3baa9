//! What the server says about a content.

use idds_workflow::{ContentRelationType, ContentStatus, ContentType, RequestId, WorkloadId};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::field::{content_status, date, locking, optional_member};
use crate::{CollectionId, ContentId, ProcessingId, TransformId};

/// A content: a file, a range of events, or a point of a search.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct ContentInfo {
    /// Number of the content.
    pub content_id: ContentId,
    /// The request it belongs to.
    pub request_id: Option<RequestId>,
    /// Id of the task in the workload system, once there is one.
    pub workload_id: Option<WorkloadId>,
    /// The transform it belongs to.
    pub transform_id: Option<TransformId>,
    /// The processing it belongs to.
    pub processing_id: Option<ProcessingId>,
    /// The collection it belongs to.
    pub coll_id: Option<CollectionId>,
    /// Number that inputs share with the outputs that are made of them.
    pub map_id: Option<i64>,
    /// Number within those of one `map_id`.
    pub sub_map_id: Option<i64>,
    /// The `sub_map_id` of the content that it waits for.
    pub dep_sub_map_id: Option<i64>,
    /// The content that it waits for.
    pub content_dep_id: Option<ContentId>,
    /// What it is.
    #[serde(default, deserialize_with = "optional_member")]
    pub content_type: Option<ContentType>,
    /// What it is to its transform.
    #[serde(default, deserialize_with = "optional_member")]
    pub content_relation_type: Option<ContentRelationType>,
    /// Scope.
    pub scope: Option<String>,
    /// Name; the id of the point, in a search.
    pub name: String,
    /// MD5 of the name, in hex.
    pub name_md5: Option<String>,
    /// MD5 of scope and name, in hex.
    pub scope_name_md5: Option<String>,
    /// First event.
    pub min_id: Option<i64>,
    /// Event after the last.
    pub max_id: Option<i64>,
    /// State.
    #[serde(deserialize_with = "content_status")]
    pub status: ContentStatus,
    /// State that is being reached.
    #[serde(default, deserialize_with = "optional_member")]
    pub substatus: Option<ContentStatus>,
    /// Whether an agent is working on it right now.
    #[serde(rename = "locking", default, deserialize_with = "locking")]
    pub is_locked: bool,
    /// Where it lies; in a search, the point and its loss as JSON.
    pub path: Option<String>,
    /// Size, in bytes.
    pub bytes: Option<i64>,
    /// MD5 of the file, in hex.
    pub md5: Option<String>,
    /// Adler-32 of the file, in hex.
    pub adler32: Option<String>,
    /// Number of its collection in the workload system.
    pub external_coll_id: Option<i64>,
    /// Its number in the workload system.
    pub external_content_id: Option<i64>,
    /// Number of its events in the workload system.
    pub external_event_id: Option<i64>,
    /// State of its events in the workload system.
    pub external_event_status: Option<Value>,
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
    /// When its lifetime ends, if it has one.
    #[serde(default, deserialize_with = "date")]
    pub expired_at: Option<Timestamp>,
    /// What else the server keeps about it, as an object.
    pub content_metadata: Option<Value>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
