//! Finding a submission whose answer was lost.

use std::collections::BTreeSet;
use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::wire::Submission;
use idds_workflow::{RequestId, Workflow, WorkloadId};
use serde::Deserialize;

use super::super::RequestInfo;
use super::super::get::Detail;
use super::state::Sighting;
use crate::call::Endpoint;
use crate::deadline::Deadline;
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Client, Error};

/// How many requests of one name are compared with a submission at most, the latest first.
const MOST: usize = 32;

/// What a submission leaves on the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Trace {
    /// A request of this name, and of this workload if the workflow has one, that holds the workflow with this id.
    Workflow {
        name: String,
        workload: Option<WorkloadId>,
        internal_id: String,
    },
    /// A request for this workload besides those that were there before.
    Workload {
        id: WorkloadId,
        before: BTreeSet<RequestId>,
    },
    /// Nothing it could be known by.
    Nothing,
}

impl Trace {
    /// Returns what the submission of a workflow leaves.
    pub(super) fn of(submission: &Submission<'_>, workflow: &Workflow) -> Self {
        Self::Workflow {
            name: submission.name().into_owned(),
            workload: workflow.workload_id(),
            internal_id: submission.internal_id().to_string(),
        }
    }
}

/// Looks for a submission on the server, and remembers what it is not.
#[derive(Debug)]
pub(super) struct Search<'a> {
    trace: &'a Trace,
    client: &'a Client,
    others: BTreeSet<RequestId>,
}

impl<'a> Search<'a> {
    pub(super) fn new(trace: &'a Trace, client: &'a Client) -> Self {
        Self {
            trace,
            client,
            others: BTreeSet::new(),
        }
    }

    pub(super) fn trace(&self) -> &'a Trace {
        self.trace
    }

    /// Says whether there are requests that look like the submission and are not.
    pub(super) fn has_seen_others(&self) -> bool {
        !self.others.is_empty()
    }

    /// Looks for it once; the last time more thoroughly.
    pub(super) async fn look(
        &mut self,
        is_last: bool,
        deadline: Deadline,
    ) -> Result<Sighting, Error> {
        match self.trace {
            Trace::Workflow {
                name,
                workload: Some(workload),
                internal_id,
            } => {
                let rows = self
                    .client
                    .send_before(&self.client.requests().get(*workload).settings, deadline)
                    .await?;
                self.compare(named(rows, name), internal_id, deadline).await
            }
            Trace::Workflow {
                name,
                workload: None,
                internal_id,
            } => {
                let Some(request) = self
                    .client
                    .send_before(
                        &self.client.requests().find_by_name(name).settings,
                        deadline,
                    )
                    .await?
                else {
                    return Ok(Sighting::None);
                };
                // The server gives one of the requests of a name, not always the latest. The list has them all, and is long.
                let is_new = !self.others.contains(&request);
                match self.compare(vec![request], internal_id, deadline).await? {
                    Sighting::None if is_new || is_last => {
                        let all = self
                            .client
                            .send_before(&self.client.requests().list_all().settings, deadline)
                            .await?;
                        self.compare(named(all, name), internal_id, deadline).await
                    }
                    sighting => Ok(sighting),
                }
            }
            Trace::Workload { id, before } => {
                let now = of_workload(*id, self.client, deadline).await?;
                let mut new = now.difference(before);
                Ok(match (new.next(), new.next()) {
                    (Some(request), None) => Sighting::Ours(*request),
                    (Some(request), Some(_)) => {
                        self.others.insert(*request);
                        Sighting::None
                    }
                    (None, _) => Sighting::None,
                })
            }
            Trace::Nothing => Ok(Sighting::None),
        }
    }

    /// Compares the workflows of these requests with ours, but none twice.
    async fn compare(
        &mut self,
        mut requests: Vec<RequestId>,
        internal_id: &str,
        deadline: Deadline,
    ) -> Result<Sighting, Error> {
        requests.retain(|request| !self.others.contains(request));
        requests.sort_unstable();
        for request in requests.into_iter().rev().take(MOST) {
            if self
                .client
                .send_before(&FindWorkflow(request), deadline)
                .await?
                .as_deref()
                == Some(internal_id)
            {
                return Ok(Sighting::Ours(request));
            }
            self.others.insert(request);
        }
        Ok(Sighting::None)
    }
}

/// Returns the ids of the requests with this name.
fn named(rows: Vec<RequestInfo>, name: &str) -> Vec<RequestId> {
    rows.into_iter()
        .filter(|row| row.name.as_deref() == Some(name))
        .filter_map(|row| row.request_id)
        .collect()
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workflow {
                name,
                workload: Some(workload),
                ..
            } => {
                write!(f, "the name {name:?} and the workload {workload}")
            }
            Self::Workflow { name, .. } => write!(f, "the name {name:?}"),
            Self::Workload { id, .. } => write!(f, "the workload {id}"),
            Self::Nothing => f.write_str("no workload id"),
        }
    }
}

/// Gets the id of the workflow that a request holds.
struct FindWorkflow(RequestId);

impl Endpoint for FindWorkflow {
    type Answer = Option<String>;

    fn route(&self) -> &'static Route {
        &route::LOOK_AT_SUBMISSION
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        let draft = self.route().draft(client)?.set("request_id", self.0);
        Detail::Metadata.of(draft).bare()
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<Self::Answer, Error> {
        #[derive(Deserialize)]
        struct Row {
            request_metadata: Metadata,
        }
        #[derive(Deserialize)]
        struct Metadata {
            workflow: Option<Object<Stored>>,
            build_workflow: Option<Object<Stored>>,
        }
        #[derive(Deserialize)]
        struct Object<T> {
            attributes: T,
        }
        #[derive(Deserialize)]
        struct Stored {
            template: Object<Template>,
        }
        #[derive(Deserialize)]
        struct Template {
            internal_id: String,
        }

        let rows: Vec<Row> = decode(response)?;
        let metadata = rows.into_iter().next().map(|row| row.request_metadata);
        let workflow = metadata.and_then(|metadata| metadata.workflow.or(metadata.build_workflow));
        Ok(workflow.map(|workflow| workflow.attributes.template.attributes.internal_id))
    }
}

/// Gets the requests of a workload.
pub(super) async fn of_workload(
    id: WorkloadId,
    client: &Client,
    deadline: Deadline,
) -> Result<BTreeSet<RequestId>, Error> {
    let rows = client
        .send_before(&client.requests().get(id).settings, deadline)
        .await?;
    Ok(rows.into_iter().filter_map(|row| row.request_id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Call;
    use crate::transport::recorded::{client, read, replay};

    #[test]
    fn the_workflow_of_a_request_is_known_by_its_id() {
        let call: Call<Option<String>, _> = Call::with(&client(), FindWorkflow(RequestId::new(1)));
        let found = replay(&call, "get_requests_detail_False_metadata_True").expect("an answer");
        assert_eq!(found.as_deref(), Some("601b28b5"));
        assert_eq!(read(&call, "[]").expect("an answer"), None);
        assert_eq!(
            read(&call, r#"[{"request_metadata": {}}]"#).expect("an answer"),
            None
        );
    }
}
