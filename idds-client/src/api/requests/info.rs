//! What the server says about a request.

use idds_workflow::wire::Member;
use idds_workflow::{RequestId, RequestStatus, WorkloadId};
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// What the server says about a request.
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
    /// Who submitted it, as the server knows the user.
    pub username: Option<String>,
    /// State.
    #[serde(deserialize_with = "member")]
    pub status: RequestStatus,
    /// State that is being reached, such as ToCancel after an abort.
    #[serde(default, deserialize_with = "optional_member")]
    pub substatus: Option<RequestStatus>,
    /// What went wrong, as an object with keys such as `submit_err`.
    ///
    /// It does not mean failure: refused commands leave a note here too, in the key `extra_msg`.
    pub errors: Option<Value>,
    /// When it was submitted.
    #[serde(default, deserialize_with = "optional_date")]
    pub created_at: Option<Timestamp>,
    /// When the server last changed it.
    #[serde(default, deserialize_with = "optional_date")]
    pub updated_at: Option<Timestamp>,
    /// When its lifetime ends, if it has one.
    #[serde(default, deserialize_with = "optional_date")]
    pub expired_at: Option<Timestamp>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

fn member<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RequestStatus, D::Error> {
    Member::deserialize(deserializer).map(|Member(status)| status)
}

fn optional_member<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RequestStatus>, D::Error> {
    let member: Option<Member<_>> = Option::deserialize(deserializer)?;
    Ok(member.map(|Member(status)| status))
}

/// Reads a date such as `Sun, 22 Nov 2026 12:19:01 UTC`.
fn optional_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    strtime::parse("%a, %d %b %Y %H:%M:%S UTC", &text)
        .and_then(|date| date.to_datetime()?.to_zoned(TimeZone::UTC))
        .map(|date| Some(date.timestamp()))
        .map_err(D::Error::custom)
}
