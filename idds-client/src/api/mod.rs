//! The calls, an area each.

mod auth;
mod hpo;
mod ping;
mod requests;

pub use self::auth::{Authentication, ClientToken, DeviceAuthorization, DeviceToken, RefreshToken, SignIn, SignInUrl};
pub use self::hpo::{GetHyperParameters, Hpo, HyperParameters, PointId, UpdateHyperParameter};
pub use self::ping::Ping;
pub use self::requests::{
    Abort, AbortTask, Close, CollectionSummary, DetailedStatusReport, DetailedStatusRow, FindByName, Finish,
    GetRequestCollections, GetRequestProcessings, GetRequestTransforms, GetRequests, GetStoredRequests, ListEverybody,
    Outcome, ProcessingSummary, RequestCollections, RequestInfo, RequestProcessing, RequestTransform, Requests, Resume,
    RetryRequest, StatusReport, StatusRow, StoredRequest, Submit, SubmitBuild, SubmitLegacy, Suspend, TransformSummary,
    UpdateBuild, UpdateRequest, Verdict, WaitForVerdict, WaitUntil, Waited, Watch,
};
