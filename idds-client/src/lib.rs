//! Async client of the REST service of iDDS, the workflow service of the High Energy Physics Software Foundation.
//!
//! A [`Client`] is a cheap handle. Areas are methods ([`requests`](Client::requests), [`hpo`](Client::hpo),
//! [`catalog`](Client::catalog), [`cacher`](Client::cacher), …), calls are values that are sent when awaited, and what can go
//! wrong is one [`Error`] with a [`kind`](Error::kind). Long lists can be read while they come ([`Items`]), and files of any
//! size go through in pieces ([`Upload`], [`Download`]). TLS is always verified; users show a grid proxy ([`X509`]) or the
//! token of an OpenID Connect provider ([`Oidc`]).
//!
//! ```
//! use idds_client::{Client, Exchange, Replay};
//! use idds_workflow::RequestId;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! # let open = r#"[{"id": "1", "loss": null, "parameters": {"A": 4, "B": 3.5}}]"#;
//! # let recorded = Replay::new([
//! #     Exchange::new("GET", "/idds/hpo/null/7/null/null/null", 200, open),
//! #     Exchange::new("PUT", "/idds/hpo/null/7/1/0.25", 200, r#"{"status": 0, "message": "update successfully"}"#),
//! # ]);
//! // `Client::from_env()?` talks to a real server; this one replays a recording.
//! let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
//! let request = RequestId::new(7);
//! for point in client.hpo().get(request).open().await? {
//!     let loss = point.parameters["B"].as_f64().map_or(1.0, |b| (b - 3.0) * (b - 3.0));
//!     client.hpo().update(request, &point.id, loss).await?;
//! }
//! # Ok::<(), idds_client::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod api;
mod auth;
mod body;
mod builder;
mod client;
mod endpoint;
mod environment;
mod error;
mod field;
mod host;
mod id;
mod items;
mod nonfinite;
mod server_error;
mod target;
mod transport;

pub use crate::api::{
    AddTransform, AdjustWorkflowTask, AsyncResult, AsyncResultConfig, Authentication, Cacher, Catalog,
    CloseWorkflowTask, CollectionInfo, ContentInfo, CreateWorkflowTask, CreatedWorkflowTask, Detail, Download,
    Downloaded, GetAsyncResultConfig, GetCollections, GetContents, GetContentsOutputExt, GetHyperParameters,
    GetMessages, GetProcessingProgress, GetPromptBroker, GetRelations, GetRequestProgress, GetRequestStatistics,
    GetRequests, GetStates, GetToken, GetTransform, GetTransformProgress, GetTransformStatistics, Hpo, HyperParameters,
    JobInfo, ListTransforms, Logs, Message, Messages, MetaInfo, Monitor, Months, OutputContent, Ping, PointId,
    ProcessingProgress, Progress, PromptBroker, RefreshToken, Relation, RelationWork, RequestInfo, RequestProgress,
    RequestRelation, RequestState, Requests, SendMessages, SignIn, SignInUrl, StatusStatistics, Submit, Tokens,
    TransformInfo, TransformProgress, TransformStatistics, Transforms, UpdateHyperParameter, Upload, Uploaded,
    WorkflowTaskIds, WorkflowTasks,
};
pub use crate::auth::{Auth, Oidc, Secret, X509};
pub use crate::body::Body;
pub use crate::builder::ClientBuilder;
pub use crate::client::Client;
pub use crate::endpoint::Endpoint;
pub use crate::error::{Error, ErrorKind};
pub use crate::field::Named;
pub use crate::id::{CollectionId, ContentId, ProcessingId, TransformId};
pub use crate::items::Items;
pub use crate::server_error::ServerError;
pub use crate::target::Target;
pub use crate::transport::{BoxFuture, Exchange, Replay, Transport};
