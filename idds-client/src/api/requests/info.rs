//! What the server says about a request.

use idds_workflow::{CommandType, RequestId, RequestStatus, RequestType, WorkloadId};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::field::{date, locking, member, optional_member, period};

/// What the server says about a request.
///
/// Numbers that the server keeps for itself, such as those of its threads, are here as it sends them.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct RequestInfo {
    /// Id of the request; the server leaves it out of the row of a request without transforms when asked for a detail.
    pub request_id: Option<RequestId>,
    /// Id of the task in the workload system, if it has one.
    pub workload_id: Option<WorkloadId>,
    /// Scope, usually `workflow`.
    pub scope: Option<String>,
    /// Name; need not be unique.
    pub name: Option<String>,
    /// System in whose name it was made, usually `panda`.
    pub requester: Option<String>,
    /// What it asks for.
    #[serde(default, deserialize_with = "optional_member")]
    pub request_type: Option<RequestType>,
    /// Who submitted it, as the server knows the user.
    pub username: Option<String>,
    /// Distinguished name of the user, when the submission gave one.
    #[serde(rename = "userdn")]
    pub user_dn: Option<String>,
    /// Tag of its transforms, usually `workflow`.
    pub transform_tag: Option<String>,
    /// Number of the group of a campaign it belongs to.
    pub group_id: Option<i64>,
    /// Priority; higher ones come first.
    pub priority: Option<i64>,
    /// State.
    #[serde(deserialize_with = "member")]
    pub status: RequestStatus,
    /// State that is being reached, such as ToCancel after an abort; it stays when the state is reached.
    #[serde(default, deserialize_with = "optional_member")]
    pub substatus: Option<RequestStatus>,
    /// State before the present one; 2.6.21 leaves it at New.
    #[serde(default, rename = "oldstatus", deserialize_with = "optional_member")]
    pub old_status: Option<RequestStatus>,
    /// Whether an agent is working on it right now.
    #[serde(rename = "locking", default, deserialize_with = "locking")]
    pub is_locked: bool,
    /// The last command that was refused.
    #[serde(default, deserialize_with = "optional_member")]
    pub command: Option<CommandType>,
    /// Number of its transforms; 2.6.21 leaves this and the four counts below empty.
    pub total_transforms: Option<i64>,
    /// Number of its transforms that finished.
    pub finished_transforms: Option<i64>,
    /// Number of its transforms that finished in part.
    pub subfinished_transforms: Option<i64>,
    /// Number of its transforms that failed.
    pub failed_transforms: Option<i64>,
    /// Number of its transforms that are running.
    pub processing_transforms: Option<i64>,
    /// When it was submitted.
    #[serde(default, deserialize_with = "date")]
    pub created_at: Option<Timestamp>,
    /// When the server last changed it.
    #[serde(default, deserialize_with = "date")]
    pub updated_at: Option<Timestamp>,
    /// When an agent looks at it again.
    #[serde(default, deserialize_with = "date")]
    pub next_poll_at: Option<Timestamp>,
    /// When it was last read or changed.
    #[serde(default, deserialize_with = "date")]
    pub accessed_at: Option<Timestamp>,
    /// When its lifetime ends, if it has one.
    #[serde(default, deserialize_with = "date")]
    pub expired_at: Option<Timestamp>,
    /// How often starting it was tried again.
    pub new_retries: Option<i64>,
    /// How often updating it was tried again.
    pub update_retries: Option<i64>,
    /// How often starting it may be tried again.
    pub max_new_retries: Option<i64>,
    /// How often updating it may be tried again; 0 is without limit.
    pub max_update_retries: Option<i64>,
    /// Time between two looks at it before it has started.
    #[serde(default, deserialize_with = "period")]
    pub new_poll_period: Option<SignedDuration>,
    /// Time between two looks at it once it has started.
    #[serde(default, deserialize_with = "period")]
    pub update_poll_period: Option<SignedDuration>,
    /// Directory on the server for what is too big for the database.
    pub additional_data_storage: Option<String>,
    /// Cloud the jobs go to.
    pub cloud: Option<String>,
    /// Site the jobs go to.
    pub site: Option<String>,
    /// Queue the jobs go to.
    pub queue: Option<String>,
    /// Machine of the agent that last held it.
    pub locking_hostname: Option<String>,
    /// Process of the agent that last held it.
    pub locking_pid: Option<i64>,
    /// Thread of the agent that last held it.
    pub locking_thread_id: Option<i64>,
    /// Name of the thread of the agent that last held it.
    pub locking_thread_name: Option<String>,
    /// Campaign it belongs to.
    pub campaign: Option<String>,
    /// Scope of the campaign.
    pub campaign_scope: Option<String>,
    /// Group of the campaign.
    pub campaign_group: Option<String>,
    /// Tag of the campaign.
    pub campaign_tag: Option<String>,
    /// What went wrong, as an object with keys such as `submit_err`.
    ///
    /// It does not mean failure: refused commands leave a note here too, in the key `extra_msg`.
    pub errors: Option<Value>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl RequestInfo {
    /// Returns why the last refused command was refused, such as `Request is already terminated. Cannot be aborted`.
    ///
    /// It stays when a later command is obeyed.
    pub fn refusal(&self) -> Option<&str> {
        self.errors.as_ref()?.get("extra_msg")?.as_str()
    }
}
