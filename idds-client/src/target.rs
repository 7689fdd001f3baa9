//! The target of a call: a request, a workload, or both.

use std::fmt;

use idds_workflow::{RequestId, WorkloadId};

use crate::{Client, Error, ErrorKind};

/// The request a call is about, named by its own id, by the id of its workload, or by both.
///
/// Prefer the request id: a workload id can stand in several requests. When both are given, the server looks for
/// requests that have both.
///
/// ```
/// use idds_client::Client;
/// use idds_workflow::{RequestId, WorkloadId};
///
/// let requests = Client::builder("http://localhost:8443/idds").build()?.requests();
/// let (request, workload) = (RequestId::new(7), WorkloadId::new(300));
/// assert!(requests.get(request).request()?.uri().path().starts_with("/request/7/null/"));
/// assert!(requests.get(workload).request()?.uri().path().starts_with("/request/null/300/"));
/// assert!(requests.get((request, workload)).request()?.uri().path().starts_with("/request/7/300/"));
/// # Ok::<(), idds_client::Error>(())
/// ```
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
        Error::new(
            ErrorKind::NotFound,
            format!("the server does not know {self}"),
        )
    }

    /// Returns the id of the request, if it is named.
    pub(crate) fn request(self) -> Option<RequestId> {
        match self {
            Self::Request(id) | Self::Both(id, _) => Some(id),
            Self::Workload(_) => None,
        }
    }

    /// Returns the id of the workload, if it is named.
    pub(crate) fn workload(self) -> Option<WorkloadId> {
        match self {
            Self::Workload(id) | Self::Both(_, id) => Some(id),
            Self::Request(_) => None,
        }
    }

    /// Returns the id of the request, for a route that does not work without; `what` it is about.
    pub(crate) fn by_request(self, what: &str) -> Result<RequestId, Error> {
        match self {
            Self::Request(id) | Self::Both(id, _) => Ok(id),
            Self::Workload(id) => {
                let told = format!(
                    "iDDS must be told the request for {what}, and workload {id} may stand in several"
                );
                Err(Error::new(ErrorKind::Argument, told))
            }
        }
    }

    /// Finds the request when only its workload is known.
    pub(crate) async fn resolved(self, client: &Client) -> Result<Self, Error> {
        let Self::Workload(workload) = self else {
            return Ok(self);
        };
        let rows = client.requests().get(workload).await?;
        let mut ids: Vec<RequestId> = rows.iter().filter_map(|row| row.request_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let (kind, what) = match ids.as_slice() {
            [id] => return Ok(Self::Request(*id)),
            [] => (
                ErrorKind::NotFound,
                format!("no request has workload {workload}"),
            ),
            [first, .., last] => (
                ErrorKind::Argument,
                format!(
                    "{} requests have workload {workload}, from {first} to {last}; name one of them",
                    ids.len()
                ),
            ),
        };
        Err(Error::new(kind, what).during("find the request of a workload"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exchange, Replay};

    async fn resolved(answer: &str) -> Result<Target, Error> {
        let path = "/idds/request/null/7/False/False/False/False";
        let replay = Replay::new([Exchange::new("GET", path, 200, answer)]);
        let client = Client::builder("https://idds.example/idds")
            .transport(replay)
            .build()
            .expect("a client");
        Target::Workload(WorkloadId::new(7)).resolved(&client).await
    }

    #[tokio::test]
    async fn the_only_request_of_a_workload_is_found() {
        let row = r#"{"request_id": 3, "status": 3}"#;
        let target = resolved(&format!("[{row}, {row}]"))
            .await
            .expect("one request");
        assert_eq!(target, Target::Request(RequestId::new(3)));
    }

    #[tokio::test]
    async fn a_workload_without_or_with_several_requests_is_refused() {
        let error = resolved("[]").await.expect_err("none");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let rows = r#"[{"request_id": 9, "status": 3}, {"request_id": 8, "status": 3}]"#;
        assert_eq!(
            resolved(rows).await.expect_err("two").to_string(),
            "find the request of a workload failed: 2 requests have workload 7, from 8 to 9; name one of them"
        );
    }
}
