//! Requests with their workflows, as the server stores them.

use std::fmt;

use idds_workflow::wire::{self, DecodeError, Decoded};
use serde_json::{Value, json};

use super::RequestInfo;
use super::row::Row;

/// A request with its workflow, as the server stores it.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct StoredRequest {
    /// The request.
    pub request: RequestInfo,
    stored: Value,
}

impl StoredRequest {
    pub(super) fn new(request: RequestInfo, stored: Value) -> Self {
        Self { request, stored }
    }

    /// Takes what is stored out of a row.
    pub(super) fn stored(row: &mut Row) -> Value {
        let [request_metadata, processing_metadata] =
            ["request_metadata", "processing_metadata"].map(|key| row.value(key));
        json!({"request_metadata": request_metadata, "processing_metadata": processing_metadata})
    }

    /// Reads the workflow: its definition, and the ids and states of its steps.
    ///
    /// Nothing of it is looked at before, so a request that this version of the crate cannot read is still listed.
    ///
    /// # Errors
    ///
    /// Names the place of what cannot be read; see [`wire::decode`].
    pub fn decode(&self) -> Result<Decoded, DecodeError> {
        wire::decode(&self.stored)
    }

    /// Returns what is stored: an object with `request_metadata`, which holds the workflow as it was submitted, and
    /// `processing_metadata`, its state at run time.
    ///
    /// With the Python client and x509 it may hold the proxy of the user, private key included: do not show it.
    pub fn as_value(&self) -> &Value {
        &self.stored
    }
}

impl fmt::Debug for StoredRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredRequest")
            .field("request", &self.request)
            .finish_non_exhaustive() // it may hold a key
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::{RequestId, WorkStatus};

    use super::*;
    use crate::Call;
    use crate::transport::recorded::{client, read, replay};

    fn call() -> Call<Vec<StoredRequest>> {
        client().requests().get(RequestId::new(1)).metadata()
    }

    #[test]
    fn the_workflow_is_read_with_the_state_of_its_steps() {
        let rows = replay(&call(), "get_requests_detail_False_metadata_True").expect("an answer");
        let decoded = rows[0].decode().expect("a workflow");
        assert_eq!(decoded.name, rows[0].request.name.clone().expect("a name"));
        assert_eq!(decoded.steps.len(), 1);
        assert_eq!(
            decoded.steps[0].latest().map(|run| run.status),
            Some(WorkStatus::Transforming)
        );
        assert!(rows[0].request.rest.is_empty());
    }

    #[test]
    fn a_workflow_that_cannot_be_read_does_not_hide_its_request() {
        let rows = read(
            &call(),
            r#"[{"request_id": 1, "status": 5, "request_metadata": {"x": Infinity}}]"#,
        );
        let rows = rows.expect("an answer");
        assert_eq!(rows[0].request.request_id, Some(RequestId::new(1)));
        let error = rows[0].decode().expect_err("no workflow");
        assert_eq!(error.to_string(), "/request_metadata/workflow: is missing");
        assert_eq!(rows[0].as_value()["request_metadata"]["x"], "Infinity");
        assert!(!format!("{rows:?}").contains("Infinity"));
    }
}
