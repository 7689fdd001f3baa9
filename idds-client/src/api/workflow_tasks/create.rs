//! Creating a task of prompt processing.

use bytes::Bytes;
use http::{Request, Response};
use idds_workflow::{RequestId, WorkloadId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::{Endpoint, Single};
use crate::endpoint::decode;
use crate::route::{self, Route};
use crate::{Call, Client, CollectionId, Error, ErrorKind, ProcessingId, TransformId};

/// Makes a request with one transform, one processing and two collections, and submits a task for it to PanDA.
///
/// When PanDA does not answer, the records are made all the same, without a workload id. A second task with the same scope
/// and name is refused.
///
/// # Errors
///
/// [`ErrorKind::Argument`] for an empty scope or name; [`ErrorKind::Refused`] with the class `DuplicatedObject` when there is
/// such a task. After [`ErrorKind::Timeout`] or [`ErrorKind::Interrupted`] the task may exist or not: creating it again tells.
pub type CreateWorkflowTask = Call<CreatedWorkflowTask, NewTask>;

/// The definition of a new task: the body of the request.
#[derive(Clone, Debug, Serialize)]
pub struct NewTask {
    workflow: NewWorkflow,
}

#[derive(Clone, Debug, Serialize)]
struct NewWorkflow {
    scope: String,
    name: String,
    #[serde(flatten)]
    fields: Map<String, Value>,
    content: Map<String, Value>,
}

/// What the server says about a task it made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CreatedWorkflowTask {
    /// The task is made, with these ids.
    Known(WorkflowTaskIds),
    /// The task is made, but the server failed while it answered with the ids: 2.6.21 always does.
    ///
    /// It need not be created again. Its request can be found by its name.
    Unknown,
}

/// The ids of a task.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct WorkflowTaskIds {
    /// Its request.
    pub request_id: RequestId,
    /// Its transform.
    pub transform_id: TransformId,
    /// Its processing.
    pub processing_id: ProcessingId,
    /// Its input.
    pub input_coll_id: CollectionId,
    /// Its output.
    pub output_coll_id: CollectionId,
    /// Its task in PanDA; none when PanDA did not take it.
    pub workload_id: Option<WorkloadId>,
}

macro_rules! setters {
    ($( $(#[$doc:meta])* $name:ident in $place:ident: $type:ty ),+ $(,)?) => {
        $(
            $(#[$doc])*
            pub fn $name(mut self, value: $type) -> Self {
                self.settings.workflow.$place.insert(stringify!($name).to_owned(), value.into());
                self
            }
        )+
    };
}

impl CreateWorkflowTask {
    pub(super) fn new(client: &Client, scope: String, name: String) -> Self {
        let workflow = NewWorkflow {
            scope,
            name,
            fields: Map::new(),
            content: Map::new(),
        };
        Self::with(client, NewTask { workflow })
    }

    setters! {
        /// Sets who asks for it, such as `panda`; `iDDS` by default.
        requester in fields: &str,
        /// Sets the name of its owner; `iDDS` by default.
        username in fields: &str,
        /// Sets its tag; `EIC` by default.
        transform_tag in fields: &str,
        /// Sets the name of the PanDA task; that of the request by default.
        task_name in fields: &str,
        /// Sets its cloud; `US` by default.
        cloud in fields: &str,
        /// Sets its campaign; `EIC` by default.
        campaign in fields: &str,
        /// Sets the scope of its campaign.
        campaign_scope in fields: &str,
        /// Sets the group of its campaign.
        campaign_group in fields: &str,
        /// Sets the tag of its campaign.
        campaign_tag in fields: &str,
        /// Sets the number of its run.
        run_id in content: &str,
        /// Sets the cores of each worker.
        core_count in content: u32,
        /// Sets the number of workers.
        target_worker_count in content: u32,
        /// Sets the memory of each core, in MB.
        memory_per_core in content: f64,
        /// Sets where it runs.
        site in content: &str,
        /// Sets how data comes to the workers; `activemq` by default.
        streaming_mode in content: &str,
        /// Sets the address of its EJFAT load balancer.
        ejfat_instance_uri in content: &str,
        /// Sets how long that is good, in seconds.
        ejfat_lifetime in content: u32,
        /// Sets attributes of the PanDA task, such as `queue` and `working_group`.
        panda_attributes in content: Map<String, Value>,
    }
}

impl Single for NewTask {}

impl Endpoint for NewTask {
    type Answer = CreatedWorkflowTask;

    fn route(&self) -> &'static Route {
        &route::CREATE_WORKFLOW_TASK
    }

    fn request(&self, client: &Client) -> Result<Request<Bytes>, Error> {
        for (name, text) in [
            ("scope", &self.workflow.scope),
            ("name", &self.workflow.name),
        ] {
            if text.is_empty() {
                return Err(Error::new(
                    ErrorKind::Argument,
                    format!("the {name} of a workflow task is empty"),
                ));
            }
        }
        self.route().draft(client)?.json(self)
    }

    fn answer(&self, _: &Client, response: &Response<Bytes>) -> Result<Self::Answer, Error> {
        match decode(response) {
            Ok(ids) => Ok(CreatedWorkflowTask::Known(ids)),
            // It unpacks a dictionary of seven into six names, after all is done.
            Err(error)
                if error.server().is_some_and(|server| {
                    server.message.starts_with("too many values to unpack")
                }) =>
            {
                Ok(CreatedWorkflowTask::Unknown)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::recorded::{client, read, replay};

    fn call() -> CreateWorkflowTask {
        client().workflow_tasks().create("EIC", "fast.task")
    }

    #[test]
    fn a_task_that_was_made_without_an_answer_is_not_a_failure() {
        assert_eq!(
            replay(&call(), "workflow_task_create").expect("it is made"),
            CreatedWorkflowTask::Unknown
        );
    }

    #[test]
    fn the_ids_of_a_server_that_tells_them_are_read() {
        let body = r#"{"request_id": 1, "transform_id": 2, "processing_id": 3, "input_coll_id": 4, "output_coll_id": 5,
            "workload_id": null}"#;
        let CreatedWorkflowTask::Known(ids) = read(&call(), body).expect("an answer") else {
            panic!("no ids")
        };
        assert_eq!(
            (ids.request_id, ids.output_coll_id),
            (RequestId::new(1), CollectionId::new(5))
        );
        assert_eq!(ids.workload_id, None);
    }

    #[test]
    fn a_real_failure_stays_one() {
        assert_eq!(
            replay(&call(), "workflow_task_create_no_workflow")
                .expect_err("no")
                .kind(),
            ErrorKind::Refused
        );
        let error = client()
            .workflow_tasks()
            .create("", "n")
            .request()
            .expect_err("refused");
        assert_eq!(error.to_string(), "the scope of a workflow task is empty");
    }
}
