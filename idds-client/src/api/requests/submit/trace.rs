//! How a submission is found again whose answer was lost.

use std::collections::BTreeSet;
use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::{RequestId, WorkloadId};
use serde::Deserialize;

use super::super::get::What;
use super::progress::Sighting;
use crate::deadline::Deadline;
use crate::endpoint::decode;
use crate::{Client, Endpoint, Error, GetRequests};

/// What a submission leaves on the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Trace {
    /// A request of this name that holds the workflow with this id.
    Workflow { name: String, internal_id: String },
    /// A request for this workload besides those that were there before.
    Workload { id: WorkloadId, before: BTreeSet<RequestId> },
    /// Nothing it could be known by.
    Nothing,
}

impl Trace {
    /// Looks for the submission on the server.
    pub(super) async fn look(&self, client: &Client, deadline: Deadline) -> Result<Sighting, Error> {
        match self {
            Self::Workflow { name, internal_id } => {
                let Some(request) = client.send_before(&client.requests().find_by_name(name), deadline).await? else {
                    return Ok(Sighting::Nothing);
                };
                // The server gives one of the requests of a name. If that is not ours, ours may still be among them.
                let workflow = FindWorkflow { of: client.requests().get(request) };
                let found = client.send_before(&workflow, deadline).await?;
                let is_ours = found.as_ref() == Some(internal_id);
                Ok(if is_ours { Sighting::Ours(request) } else { Sighting::Unclear })
            }
            Self::Workload { id, before } => {
                let now = of_workload(*id, client, deadline).await?;
                let mut new = now.difference(before);
                Ok(match (new.next(), new.next()) {
                    (None, _) => Sighting::Nothing,
                    (Some(request), None) => Sighting::Ours(*request),
                    _ => Sighting::Unclear,
                })
            }
            Self::Nothing => Ok(Sighting::Unclear),
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workflow { name, .. } => write!(f, "the name {name:?}"),
            Self::Workload { id, .. } => write!(f, "the workload {id}"),
            Self::Nothing => f.write_str("no workload id"),
        }
    }
}

/// Asks for the id of the workflow that a request holds.
struct FindWorkflow {
    of: GetRequests,
}

impl Endpoint for FindWorkflow {
    type Answer = Option<String>;

    const OPERATION: &'static str = "look at a submission";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        self.of.request_for(What::Metadata)
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        #[derive(Deserialize)]
        struct Row {
            request_metadata: Metadata,
        }
        #[derive(Deserialize)]
        struct Metadata {
            workflow: Option<Object<Workflow>>,
            build_workflow: Option<Object<Workflow>>,
        }
        #[derive(Deserialize)]
        struct Object<T> {
            attributes: T,
        }
        #[derive(Deserialize)]
        struct Workflow {
            template: Object<Template>,
        }
        #[derive(Deserialize)]
        struct Template {
            internal_id: String,
        }

        let rows: Vec<Row> = decode(&response)?;
        let metadata = rows.into_iter().next().map(|row| row.request_metadata);
        let workflow = metadata.and_then(|metadata| metadata.workflow.or(metadata.build_workflow));
        Ok(workflow.map(|workflow| workflow.attributes.template.attributes.internal_id))
    }
}

/// Asks for the requests of a workload.
pub(super) async fn of_workload(
    id: WorkloadId,
    client: &Client,
    deadline: Deadline,
) -> Result<BTreeSet<RequestId>, Error> {
    let rows = client.send_before(&client.requests().get(id), deadline).await?;
    Ok(rows.into_iter().filter_map(|row| row.request_id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::recorded::{client, read, replay};

    #[test]
    fn the_workflow_of_a_request_is_known_by_its_id() {
        let call = FindWorkflow { of: client().requests().get(RequestId::new(1)) };
        let found = replay(&call, "get_requests_detail_False_metadata_True").expect("an answer");
        assert_eq!(found.as_deref(), Some("601b28b5"));
        assert_eq!(read(&call, "[]").expect("an answer"), None);
        assert_eq!(read(&call, r#"[{"request_metadata": {}}]"#).expect("an answer"), None);
    }
}
