//! The calls, an area each.

mod auth;
mod hpo;
mod ping;
mod requests;

pub use self::auth::{Authentication, ClientToken, DeviceAuthorization, DeviceToken, RefreshToken, SignIn, SignInUrl};
pub use self::hpo::{GetHyperParameters, Hpo, HyperParameters, PointId, UpdateHyperParameter};
pub use self::ping::Ping;
pub use self::requests::{Detail, GetRequests, RequestInfo, Requests, Submit, SubmitLegacy};
