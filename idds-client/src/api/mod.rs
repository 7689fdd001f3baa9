//! The calls, by area.

mod auth;
mod cacher;
mod catalog;
mod files;
mod hpo;
mod logs;
mod messages;
mod metainfo;
mod monitor;
mod ping;
mod requests;
mod transforms;
mod workflow_tasks;

pub use self::auth::{Authentication, ClientToken, DeviceAuthorization, SignIn};
pub use self::cacher::Cacher;
pub use self::catalog::{
    Catalog, CollectionInfo, ContentInfo, GetCollections, GetContents, GetContentsOutputExt,
    JobInfo, OutputContent,
};
pub use self::files::{Download, Downloaded, TransferProgress, Upload, Uploaded};
pub use self::hpo::{
    GetHyperParameters, Hpo, HyperParameters, KnownTrial, PointId, ToldEarlier,
    UpdateHyperParameter,
};
pub use self::logs::Logs;
pub use self::messages::{AsyncResult, GetMessages, Message, Messages, SendMessages};
pub use self::metainfo::{AsyncResultConfig, MetaInfo, PromptBroker};
pub use self::monitor::{
    Monitoring, Months, ProcessingProgress, Relation, RelationWork, RequestProgress,
    RequestRelation, RequestState, StatusStatistics, TransformProgress, TransformStatistics,
};
pub use self::requests::{
    Addressee, CollectionSummary, Decision, DetailedStatusRow, ExplainedStep, Explanation,
    GetRequests, Outcome, ProcessingSummary, RequestCollections, RequestCommand, RequestInfo,
    RequestProcessing, RequestTransform, Requests, StatusReport, StatusRow, StoredRequest, Submit,
    SubmitLegacy, TransformSummary, UpdateBuild, UpdateRequest, WaitForOutcome, WaitUntil, Watch,
};
pub use self::transforms::{AddTransform, TransformInfo, Transforms};
pub use self::workflow_tasks::{
    AdjustWorkflowTask, CloseWorkflowTask, CreateWorkflowTask, CreatedWorkflowTask,
    WorkflowTaskIds, WorkflowTasks,
};
