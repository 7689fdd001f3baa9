//! Async client of the REST service of iDDS, the workflow service of the High Energy Physics Software Foundation.
//!
//! A [`Client`] is a cheap handle. Areas are methods ([`requests`](Client::requests), [`hpo`](Client::hpo),
//! [`catalog`](Client::catalog), [`cacher`](Client::cacher), …), calls are values that are sent when awaited, and what can go
//! wrong is one [`Error`] with a [`kind`](Error::kind). Long lists can be read while they come ([`Items`]), and files of any
//! size go through in pieces ([`Upload`], [`Download`]). TLS is verified; users show a grid proxy ([`X509`]) or the
//! token of an OpenID Connect provider ([`Oidc`]).
//!
//! Calls that fail are sent again where that is harmless ([`Retry`]), and a submission makes one request or an error that
//! says what is known ([`Submit`]).
#![cfg_attr(
    feature = "blocking",
    doc = "Programs that are not async wait for a call with [`Blocking::block`]."
)]
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
#[cfg(feature = "blocking")]
mod blocking;
mod body;
mod builder;
mod call;
mod client;
mod clock;
mod config;
mod deadline;
mod elsewhere;
mod endpoint;
mod environment;
mod error;
mod field;
mod host;
mod id;
mod items;
mod private_file;
mod retry;
mod route;
mod running;
mod send;
mod server;
mod server_error;
mod target;
mod transport;
mod values;

pub use crate::api::{
    AddTransform, Addressee, AdjustWorkflowTask, AsyncResult, AsyncResultConfig, Authentication,
    Cacher, Catalog, ClientToken, CloseWorkflowTask, CollectionInfo, CollectionSummary,
    ContentInfo, CreateWorkflowTask, CreatedWorkflowTask, Decision, DetailedStatusRow,
    DeviceAuthorization, Download, Downloaded, ExplainedStep, Explanation, GetCollections,
    GetContents, GetContentsOutputExt, GetHyperParameters, GetMessages, GetRequests, Hpo,
    HyperParameters, JobInfo, KnownTrial, Logs, Message, Messages, MetaInfo, Monitoring, Months,
    Outcome, OutputContent, PointId, ProcessingProgress, ProcessingSummary, PromptBroker, Relation,
    RelationWork, RequestCollections, RequestCommand, RequestInfo, RequestProcessing,
    RequestProgress, RequestRelation, RequestState, RequestTransform, Requests, SendMessages,
    SignIn, StatusReport, StatusRow, StatusStatistics, StoredRequest, Submit, SubmitLegacy,
    ToldEarlier, TransferProgress, TransformInfo, TransformProgress, TransformStatistics,
    TransformSummary, Transforms, UpdateBuild, UpdateHyperParameter, UpdateRequest, Upload,
    Uploaded, WaitForOutcome, WaitUntil, Watch, WorkflowTaskIds, WorkflowTasks,
};
pub use crate::auth::{
    Auth, DeviceFlow, DeviceStep, Oidc, OriginalUser, Secret, TokenFile, TokenInfo, Tokens, X509,
    X509Info,
};
#[cfg(feature = "blocking")]
pub use crate::blocking::Blocking;
pub use crate::body::Body;
pub use crate::builder::ClientBuilder;
pub use crate::call::Call;
pub use crate::client::Client;
pub use crate::config::{AuthType, Configuration, Origin, Setting, Setup};
pub use crate::error::{Error, ErrorKind};
pub use crate::field::Named;
pub use crate::id::{CollectionId, ContentId, ProcessingId, TransformId};
pub use crate::items::Items;
pub use crate::retry::Retry;
pub use crate::route::{Address, Route, ServerFamily, Support};
pub use crate::running::{Announcement, RunningServer, RunningServers};
pub use crate::server::Server;
pub use crate::server_error::ServerError;
pub use crate::target::Target;
pub use crate::transport::{BoxFuture, Exchange, Replay, Transport};
