//! How a submission is found again whose answer was lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bytes::Bytes;
use http::{Method, Request, Response};
use idds_workflow::{RequestId, WorkloadId};
use serde::Deserialize;

use super::progress::Sighting;
use crate::deadline::Deadline;
use crate::endpoint::{decode, segment, without_body};
use crate::{Client, Endpoint, Error, Target};

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
                let Some(request) = client.send_before(&FindName { name }, deadline).await? else {
                    return Ok(Sighting::Nothing);
                };
                // The server gives one of the requests of a name. If that is not ours, ours may still be among them.
                let found = client.send_before(&FindWorkflow { request }, deadline).await?;
                let is_ours = found.as_ref() == Some(internal_id);
                Ok(if is_ours { Sighting::Ours(request) } else { Sighting::Unclear })
            }
            Self::Workload { id, before } => {
                let now = client.send_before(&FindWorkload { id: *id }, deadline).await?;
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

/// Asks for the request of a name.
struct FindName<'a> {
    name: &'a str,
}

impl Endpoint for FindName<'_> {
    type Answer = Option<RequestId>;

    const OPERATION: &'static str = "look for a submission by name";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        // The server compares with LIKE (and takes * for %). What LIKE or the path could take for something else is asked
        // for as "any character": the answer has the names in full.
        let any = |c: char| if matches!(c, '/' | '\\' | '%' | '*') || c.is_control() { '_' } else { c };
        let pattern: String = match self.name {
            "." | ".." | "null" => "_".repeat(self.name.len()),
            name => name.chars().map(any).collect(),
        };
        without_body(Method::GET, &format!("/request/name/{}", segment("name", &pattern)?))
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        let found: BTreeMap<String, RequestId> = decode(&response)?;
        Ok(found.get(self.name).copied())
    }
}

/// Asks for the id of the workflow that a request holds.
struct FindWorkflow {
    request: RequestId,
}

impl Endpoint for FindWorkflow {
    type Answer = Option<String>;

    const OPERATION: &'static str = "look at a submission";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        without_body(Method::GET, &format!("/request/{}/null/False/True/False/False", self.request))
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
pub(super) struct FindWorkload {
    pub(super) id: WorkloadId,
}

impl Endpoint for FindWorkload {
    type Answer = BTreeSet<RequestId>;

    const OPERATION: &'static str = "look for a submission by workload";

    fn request(&self) -> Result<Request<Bytes>, Error> {
        let target = Target::from(self.id);
        let (request, workload) = (target.request_segment(), target.workload_segment());
        without_body(Method::GET, &format!("/request/{request}/{workload}/False/False/False/False"))
    }

    fn answer(&self, response: Response<Bytes>) -> Result<Self::Answer, Error> {
        #[derive(Deserialize)]
        struct Row {
            request_id: RequestId,
        }

        let rows: Vec<Row> = decode(&response)?;
        Ok(rows.into_iter().map(|row| row.request_id).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::recorded::{read, replay};

    fn path(name: &str) -> String {
        FindName { name }.request().expect("a request").uri().to_string()
    }

    #[test]
    fn a_name_is_found_on_the_recorded_server() {
        let find = |name| FindName { name };
        let found = replay(&find("a.name.of.mine"), "get_request_id_by_name").expect("an answer");
        assert_eq!(found, Some(RequestId::new(9)));
        assert_eq!(replay(&find("nobody"), "get_request_id_by_name_unknown").expect("an answer"), None);
    }

    #[test]
    fn a_name_that_only_looks_alike_is_not_the_one() {
        let found = replay(&FindName { name: "a_name_of_mine" }, "get_request_id_by_name_underscore");
        assert_eq!(found.expect("an answer"), None);
    }

    #[test]
    fn what_the_server_would_take_for_something_else_is_asked_for_as_any_character() {
        assert_eq!(path("a/b%c*d\\e_f.g é\n"), "/request/name/a_b_c_d_e_f.g%20%C3%A9_");
        assert_eq!(
            [path("."), path(".."), path("null")],
            ["_", "__", "____"].map(|name| format!("/request/name/{name}"))
        );
        let answer = r#"{"aXb": 1, "a/b": 2}"#;
        assert_eq!(read(&FindName { name: "a/b" }, answer).expect("an answer"), Some(RequestId::new(2)));
    }

    #[test]
    fn the_workflow_of_a_request_is_known_by_its_id() {
        let call = FindWorkflow { request: RequestId::new(1) };
        let found = replay(&call, "get_requests_detail_False_metadata_True").expect("an answer");
        assert_eq!(found.as_deref(), Some("601b28b5"));
        assert_eq!(read(&call, "[]").expect("an answer"), None);
        assert_eq!(read(&call, r#"[{"request_metadata": {}}]"#).expect("an answer"), None);
    }

    #[test]
    fn the_requests_of_a_workload_are_found() {
        let call = FindWorkload { id: WorkloadId::new(77_000_001) };
        let found = replay(&call, "get_requests_workload").expect("an answer");
        assert_eq!(found, BTreeSet::from([8, 9].map(RequestId::new)));
    }
}
