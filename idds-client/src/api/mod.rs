//! The calls, an area each.

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

pub use self::auth::{
    Authentication, ClientToken, DeviceAuthorization, DeviceToken, RefreshToken, SignIn, SignInUrl,
};
pub use self::cacher::Cacher;
pub use self::catalog::{
    Catalog, CollectionInfo, ContentInfo, GetCollections, GetContents, GetContentsOutputExt,
    JobInfo, OutputContent,
};
pub use self::files::{Download, Downloaded, Progress, Upload, Uploaded};
pub use self::hpo::{GetHyperParameters, Hpo, HyperParameters, PointId, UpdateHyperParameter};
pub use self::logs::Logs;
pub use self::messages::{AsyncResult, GetMessages, Message, Messages, SendMessages};
pub use self::metainfo::{
    AsyncResultConfig, GetAsyncResultConfig, GetPromptBroker, MetaInfo, PromptBroker,
};
pub use self::monitor::{
    GetProcessingProgress, GetRelations, GetRequestProgress, GetRequestStatistics, GetStates,
    GetTransformProgress, GetTransformStatistics, Monitor, Months, ProcessingProgress, Relation,
    RelationWork, RequestProgress, RequestRelation, RequestState, StatusStatistics,
    TransformProgress, TransformStatistics,
};
pub use self::ping::Ping;
pub use self::requests::{
    Abort, AbortTask, Close, CollectionSummary, DetailedStatusReport, DetailedStatusRow,
    FindByName, Finish, GetRequestCollections, GetRequestProcessings, GetRequestTransforms,
    GetRequests, GetStoredRequests, ListEverybody, Outcome, ProcessingSummary, RequestCollections,
    RequestInfo, RequestProcessing, RequestTransform, Requests, Resume, RetryRequest, StatusReport,
    StatusRow, StoredRequest, Submit, SubmitBuild, SubmitLegacy, Suspend, TransformSummary,
    UpdateBuild, UpdateRequest, Verdict, WaitForVerdict, WaitUntil, Waited, Watch,
};
pub use self::transforms::{AddTransform, GetTransform, ListTransforms, TransformInfo, Transforms};
pub use self::workflow_tasks::{
    AdjustWorkflowTask, CloseWorkflowTask, CreateWorkflowTask, CreatedWorkflowTask,
    WorkflowTaskIds, WorkflowTasks,
};
