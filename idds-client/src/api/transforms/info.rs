//! What the server says about a transform.

use idds_workflow::{CommandType, RequestId, TransformStatus, TransformType, WorkloadId};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::field::{date, locking, member, optional_member, period};
use crate::{ProcessingId, TransformId};

/// What the server says about a transform, a work as it runs it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct TransformInfo {
    /// Number of the transform.
    pub transform_id: TransformId,
    /// The request it belongs to.
    pub request_id: Option<RequestId>,
    /// Id of its task in the workload system, once it has one.
    pub workload_id: Option<WorkloadId>,
    /// What it does.
    #[serde(default, deserialize_with = "optional_member")]
    pub transform_type: Option<TransformType>,
    /// A tag that its submitter chose.
    pub transform_tag: Option<String>,
    /// Name: the internal id of its work, for a workflow.
    pub name: Option<String>,
    /// Internal id of its work, eight hex digits.
    pub internal_id: Option<String>,
    /// Number of the run that it belongs to, in prompt processing.
    pub run_id: Option<String>,
    /// Priority; more is sooner.
    pub priority: Option<i64>,
    /// Where it should run.
    pub site: Option<String>,
    /// State.
    #[serde(deserialize_with = "member")]
    pub status: TransformStatus,
    /// State that is being reached.
    #[serde(default, deserialize_with = "optional_member")]
    pub substatus: Option<TransformStatus>,
    /// State before this one.
    #[serde(rename = "oldstatus", default, deserialize_with = "optional_member")]
    pub old_status: Option<TransformStatus>,
    /// Command that waits to be carried out.
    #[serde(default, deserialize_with = "optional_member")]
    pub command: Option<CommandType>,
    /// Whether an agent is working on it right now.
    #[serde(rename = "locking", default, deserialize_with = "locking")]
    pub is_locked: bool,
    /// Machine of the agent that locked it last.
    pub locking_hostname: Option<String>,
    /// Process of the agent that locked it last.
    pub locking_pid: Option<i64>,
    /// Thread of the agent that locked it last.
    pub locking_thread_id: Option<i64>,
    /// Name of that thread.
    pub locking_thread_name: Option<String>,
    /// The attempt that runs now, or ran last.
    pub current_processing_id: Option<ProcessingId>,
    /// The transform that it is a part of.
    pub parent_transform_id: Option<TransformId>,
    /// The transform that it follows.
    pub previous_transform_id: Option<TransformId>,
    /// Internal id of the work that it is a part of.
    pub parent_internal_id: Option<String>,
    /// The transform that it was copied from.
    pub cloned_from: Option<TransformId>,
    /// Number of the round, in a loop; the first is 1.
    pub loop_index: Option<i64>,
    /// How many conditions it waits for.
    pub has_previous_conditions: Option<i64>,
    /// Conditions that it has triggered.
    pub triggered_conditions: Option<Value>,
    /// Conditions that it has not triggered yet.
    pub untriggered_conditions: Option<Value>,
    /// Whether each input has an output of the same name, as a number.
    #[serde(rename = "safe2get_output_from_input")]
    pub safe_to_get_output_from_input: Option<i64>,
    /// Times that it was tried again.
    pub retries: Option<i64>,
    /// Times that starting it failed.
    pub new_retries: Option<i64>,
    /// Times that starting it may fail.
    pub max_new_retries: Option<i64>,
    /// Times that following it failed.
    pub update_retries: Option<i64>,
    /// Times that following it may fail; 0 is without limit.
    pub max_update_retries: Option<i64>,
    /// Time between two attempts to start it.
    #[serde(default, deserialize_with = "period")]
    pub new_poll_period: Option<SignedDuration>,
    /// Time between two looks at it.
    #[serde(default, deserialize_with = "period")]
    pub update_poll_period: Option<SignedDuration>,
    /// What went wrong, as an object.
    pub errors: Option<Value>,
    /// When it was made.
    #[serde(default, deserialize_with = "date")]
    pub created_at: Option<Timestamp>,
    /// When the server last changed it.
    #[serde(default, deserialize_with = "date")]
    pub updated_at: Option<Timestamp>,
    /// When an agent will look at it next.
    #[serde(default, deserialize_with = "date")]
    pub next_poll_at: Option<Timestamp>,
    /// When it was started.
    #[serde(default, deserialize_with = "date")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "date")]
    pub finished_at: Option<Timestamp>,
    /// When its lifetime ends, if it has one.
    #[serde(default, deserialize_with = "date")]
    pub expired_at: Option<Timestamp>,
    /// The work as the server stores it, as an object of a Python class; some 17 kB.
    pub transform_metadata: Option<Value>,
    /// What changes while the work runs, as an object of a Python class.
    pub running_metadata: Option<Value>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
