//! Requests: submissions of workflows and what became of them.

mod abort;
mod close;
mod command;
mod detail;
mod explain;
mod find_by_name;
mod finish;
mod get;
mod info;
mod outcome;
mod part;
mod poll_timer;
mod retry;
mod row;
mod status_report;
mod stored;
mod submit;
mod suspend;
mod update;
mod update_build;
mod watch;

pub use self::command::{Addressee, RequestCommand};
pub use self::detail::{RequestCollections, RequestProcessing, RequestTransform};
pub use self::explain::{ExplainedStep, Explanation};
pub use self::get::GetRequests;
pub use self::info::RequestInfo;
pub use self::outcome::{Decision, Outcome, WaitForOutcome};
pub use self::part::{CollectionSummary, ProcessingSummary, TransformSummary};
pub use self::status_report::{DetailedStatusRow, StatusReport, StatusRow};
pub use self::stored::StoredRequest;
pub use self::submit::{Submit, SubmitLegacy};
pub use self::update::UpdateRequest;
pub use self::update_build::UpdateBuild;
pub use self::watch::{WaitUntil, Watch};
use crate::Client;

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
}
