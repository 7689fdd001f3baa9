//! Requests: submissions of workflows and what became of them.

mod abort;
mod close;
mod command;
mod detail;
mod find_by_name;
mod finish;
mod get;
mod info;
mod pace;
mod part;
mod retry;
mod row;
mod status_report;
mod stored;
mod submit;
mod suspend;
mod update;
mod update_build;
mod verdict;
mod watch;

use std::time::Duration;

use idds_workflow::wire::LegacyRequest;
use idds_workflow::{RequestId, RequestStatus, Workflow, WorkloadId};

pub use self::abort::{Abort, AbortTask};
pub use self::close::Close;
use self::command::{Action, Command};
pub use self::detail::{
    GetRequestCollections, GetRequestProcessings, GetRequestTransforms, RequestCollections,
    RequestProcessing, RequestTransform,
};
pub use self::find_by_name::FindByName;
pub use self::finish::Finish;
pub use self::get::{GetRequests, ListEverybody};
pub use self::info::RequestInfo;
pub use self::part::{CollectionSummary, ProcessingSummary, TransformSummary};
pub use self::retry::RetryRequest;
pub use self::status_report::{DetailedStatusReport, DetailedStatusRow, StatusReport, StatusRow};
pub use self::stored::{GetStoredRequests, StoredRequest};
pub use self::submit::{Submit, SubmitBuild, SubmitLegacy};
pub use self::suspend::{Resume, Suspend};
pub use self::update::UpdateRequest;
pub use self::update_build::UpdateBuild;
pub use self::verdict::{Outcome, Verdict, WaitForVerdict};
pub use self::watch::{WaitUntil, Waited, Watch};
use crate::{Client, Target};

/// The calls about requests.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
/// use idds_workflow::{RequestStatus, Work, Workflow};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new("POST", "/idds/request", 200, r#"{"request_id": 7}"#),
/// #     Exchange::new(
/// #         "GET",
/// #         "/idds/request/7/null/False/False/False/False",
/// #         200,
/// #         r#"[{"request_id": 7, "status": 2}]"#,
/// #     ),
/// #     Exchange::new(
/// #         "PUT",
/// #         "/idds/request/abort/7/null",
/// #         200,
/// #         r#"[[0, {"status": 0, "message": "Command registered successfully"}]]"#,
/// #     ),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// let workflow = Workflow::builder().name("demo").work(Work::builder("run.sh").build()?).build()?;
/// let request = client.requests().submit(&workflow).await?;
/// for info in client.requests().get(request).await? {
///     assert_eq!(info.status, RequestStatus::Transforming);
/// }
/// client.requests().abort(request).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Requests {
    client: Client,
}

impl Requests {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Submits a workflow, which makes one new request, or an error that says so.
    pub fn submit(&self, workflow: &Workflow) -> Submit {
        Submit::new(self.client.clone(), workflow.clone())
    }

    /// Submits a request without a workflow, as PanDA's JEDI does. A 2.6.21 server accepts it, and then it fails there.
    pub fn submit_legacy(&self, request: &LegacyRequest<'_>) -> SubmitLegacy {
        SubmitLegacy::new(self.client.clone(), request)
    }

    /// Submits a workflow that prepares another one, which follows with [`update_build`](Self::update_build); it makes one new
    /// request, or an error that says so.
    pub fn submit_build(&self, workflow: &Workflow) -> SubmitBuild {
        SubmitBuild::new(self.client.clone(), workflow.clone())
    }

    /// Hands in the workflow of a request that was submitted as a build; `signature` is the one of its first work.
    pub fn update_build(
        &self,
        request: RequestId,
        signature: impl Into<String>,
        workflow: &Workflow,
    ) -> UpdateBuild {
        UpdateBuild::new(
            self.client.clone(),
            request,
            signature.into(),
            workflow.clone(),
        )
    }

    /// Asks for requests, by request id, workload id, or both.
    pub fn get(&self, target: impl Into<Target>) -> GetRequests {
        GetRequests::new(self.client.clone(), target.into())
    }

    /// Asks for every request of everybody, in one answer.
    ///
    /// On a server in production that is a long one: the whole table, without a limit.
    pub fn list_everybody(&self) -> ListEverybody {
        ListEverybody::new(self.client.clone())
    }

    /// Finds the request with exactly this name.
    pub fn find_by_name(&self, name: impl Into<String>) -> FindByName {
        FindByName::new(self.client.clone(), name.into())
    }

    /// Asks how far requests are, as `get_status` of the Python client does.
    pub fn status_report(&self, target: impl Into<Target>) -> StatusReport {
        StatusReport {
            of: self.get(target),
        }
    }

    /// Asks for a status of a request; servers from 1.3 on ignore that, and are not asked.
    pub fn update(&self, request: RequestId, status: RequestStatus) -> UpdateRequest {
        UpdateRequest::new(self.client.clone(), request, status)
    }

    /// Aborts requests.
    pub fn abort(&self, target: impl Into<Target>) -> Abort {
        Abort {
            command: self.command(target, Action::Abort),
        }
    }

    /// Aborts one task of a request; servers from 1.3 on cannot, and are not asked.
    pub fn abort_task(&self, target: impl Into<Target>, task: WorkloadId) -> AbortTask {
        AbortTask {
            command: self.command(target, Action::AbortTask(task)),
        }
    }

    /// Closes requests.
    pub fn close(&self, target: impl Into<Target>) -> Close {
        Close {
            command: self.command(target, Action::Close),
        }
    }

    /// Retries requests that have ended without finishing.
    pub fn retry(&self, target: impl Into<Target>) -> RetryRequest {
        RetryRequest {
            command: self.command(target, Action::Retry),
        }
    }

    /// Suspends requests; servers from 1.3 on would abort them, and are not asked.
    pub fn suspend(&self, target: impl Into<Target>) -> Suspend {
        Suspend {
            command: self.command(target, Action::Suspend),
        }
    }

    /// Resumes suspended requests; servers from 1.3 on would retry them, and are not asked.
    pub fn resume(&self, target: impl Into<Target>) -> Resume {
        Resume {
            command: self.command(target, Action::Resume),
        }
    }

    /// Finishes requests early; servers from 0.11 on would do nothing, and are not asked.
    pub fn finish(&self, target: impl Into<Target>) -> Finish {
        Finish {
            command: self.command(target, Action::Finish { is_forced: false }),
        }
    }

    /// Follows a request from state to state.
    pub fn watch(&self, request: RequestId) -> Watch {
        Watch::new(self.client.clone(), request)
    }

    /// Waits until a request has ended, for at most this long.
    pub fn wait_until_ended(&self, request: RequestId, deadline: Duration) -> WaitUntil {
        self.wait_until(request, |info| info.status.is_terminal(), deadline)
    }

    /// Waits until a request is as wanted, for at most this long.
    pub fn wait_until(
        &self,
        request: RequestId,
        is_wanted: impl Fn(&RequestInfo) -> bool + Send + 'static,
        deadline: Duration,
    ) -> WaitUntil {
        WaitUntil::new(self.client.clone(), request, is_wanted, deadline)
    }

    fn command(&self, target: impl Into<Target>, action: Action) -> Command {
        Command::new(self.client.clone(), target.into(), action)
    }
}
