//! Which request a call is about.

use std::fmt;

use idds_workflow::{RequestId, WorkloadId};

use crate::{Error, ErrorKind};

/// The request a call is about, named by its own id, by the id of its workload, or by both.
///
/// Prefer the request id: a workload id can stand in several requests. When both are given, the server looks for
/// requests that have both.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Target {
    /// The request with this id.
    Request(RequestId),
    /// Every request with this workload id.
    Workload(WorkloadId),
    /// The request with this id, if it also has this workload id.
    Both(RequestId, WorkloadId),
}

impl Target {
    /// Returns the error for a target that the server does not know.
    pub(crate) fn unknown(self) -> Error {
        Error::new(ErrorKind::NotFound, format!("the server does not know {self}"))
    }

    /// Returns the id of the request, if it is named.
    pub(crate) fn request(self) -> Option<RequestId> {
        match self {
            Self::Request(id) | Self::Both(id, _) => Some(id),
            Self::Workload(_) => None,
        }
    }

    /// Returns the id of the request as it stands in a path.
    pub(crate) fn request_segment(self) -> String {
        match self {
            Self::Request(id) | Self::Both(id, _) => id.to_string(),
            Self::Workload(_) => "null".to_owned(),
        }
    }

    /// Returns the id of the workload as it stands in a path.
    pub(crate) fn workload_segment(self) -> String {
        match self {
            Self::Workload(id) | Self::Both(_, id) => id.to_string(),
            Self::Request(_) => "null".to_owned(),
        }
    }
}

impl From<RequestId> for Target {
    fn from(id: RequestId) -> Self {
        Self::Request(id)
    }
}

impl From<WorkloadId> for Target {
    fn from(id: WorkloadId) -> Self {
        Self::Workload(id)
    }
}

impl From<(RequestId, WorkloadId)> for Target {
    fn from((request, workload): (RequestId, WorkloadId)) -> Self {
        Self::Both(request, workload)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(id) => write!(f, "request {id}"),
            Self::Workload(id) => write!(f, "workload {id}"),
            Self::Both(request, workload) => write!(f, "request {request} of workload {workload}"),
        }
    }
}
