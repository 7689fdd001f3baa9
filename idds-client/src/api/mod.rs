//! The calls, an area each.

mod hpo;
mod ping;
mod requests;

pub use self::hpo::{GetHyperParameters, Hpo, HyperParameters, PointId, UpdateHyperParameter};
pub use self::ping::Ping;
pub use self::requests::{
    Abort, AbortTask, Close, CollectionSummary, DetailedStatusReport, DetailedStatusRow, FindByName, Finish,
    GetRequestCollections, GetRequestProcessings, GetRequestTransforms, GetRequests, GetStoredRequests, ListEverybody,
    Outcome, ProcessingSummary, RequestCollections, RequestInfo, RequestProcessing, RequestTransform, Requests, Resume,
    Retry, StatusReport, StatusRow, StoredRequest, Submit, SubmitBuild, Suspend, TransformSummary, UpdateBuild,
    UpdateRequest, Verdict, WaitForVerdict, WaitUntil, Waited, Watch,
};
