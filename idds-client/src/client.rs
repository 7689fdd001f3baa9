//! The handle of a server.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::uri::{InvalidUri, PathAndQuery};
use http::{HeaderValue, Request, Response, Uri, header};
use jiff::Timestamp;
use tracing::{Instrument, debug, debug_span};

use crate::api::{
    Authentication, Cacher, Catalog, Hpo, Logs, Messages, MetaInfo, Monitor, Ping, Requests, Transforms, WorkflowTasks,
};
use crate::auth::Credential;
use crate::endpoint::SecretPath;
use crate::host::Host;
use crate::{Body, ClientBuilder, Endpoint, Error, ErrorKind, ServerError, Transport};

/// A handle of an iDDS server: clone it, share it, give it to tasks.
///
/// Clones share their connections and their credential. Calls are values that are sent when awaited; with the client's
/// own transport that needs a tokio runtime. Nothing that may have arrived is sent again; [`Error::is_retryable`] says when
/// that is harmless.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    host: Host,
    credential: Credential,
    transport: Box<dyn Transport>,
    json_outputs: bool,
}

impl Client {
    /// Starts the settings of a client for the server at this address, such as `https://iddsserver.cern.ch:443/idds`.
    pub fn builder(host: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(host.into())
    }

    /// Makes a client as the environment says; [`ClientBuilder::from_env`] lists the variables.
    ///
    /// # Errors
    ///
    /// Those of [`ClientBuilder::from_env`] and [`ClientBuilder::build`].
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }

    pub(crate) fn new(host: Host, credential: Credential, transport: Box<dyn Transport>, json_outputs: bool) -> Self {
        Self { inner: Arc::new(Inner { host, credential, transport, json_outputs }) }
    }

    /// Returns the address of the server, such as `https://iddsserver.cern.ch:443/idds`.
    pub fn host(&self) -> &str {
        self.inner.host.as_str()
    }

    /// Asks whether the server is there and lets this user in.
    pub fn ping(&self) -> Ping {
        Ping::new(self.clone())
    }

    /// Requests: submissions of workflows and what became of them.
    pub fn requests(&self) -> Requests {
        Requests::new(self.clone())
    }

    /// Points of hyperparameter searches and their losses.
    pub fn hpo(&self) -> Hpo {
        Hpo::new(self.clone())
    }

    /// Transforms: works as the server runs them.
    pub fn transforms(&self) -> Transforms {
        Transforms::new(self.clone())
    }

    /// The catalog: collections and their contents.
    pub fn catalog(&self) -> Catalog {
        Catalog::new(self.clone())
    }

    /// Messages of requests.
    pub fn messages(&self) -> Messages {
        Messages::new(self.clone())
    }

    /// The cacher: files that the server keeps for its jobs.
    pub fn cacher(&self) -> Cacher {
        Cacher::new(self.clone())
    }

    /// Log files of requests.
    pub fn logs(&self) -> Logs {
        Logs::new(self.clone())
    }

    /// What the server tells about its own settings.
    pub fn metainfo(&self) -> MetaInfo {
        MetaInfo::new(self.clone())
    }

    /// Counts and states for dashboards, which the server gives to anybody.
    pub fn monitor(&self) -> Monitor {
        Monitor::new(self.clone())
    }

    /// Tasks of prompt processing.
    pub fn workflow_tasks(&self) -> WorkflowTasks {
        WorkflowTasks::new(self.clone())
    }

    /// The steps of signing in with OpenID Connect, one call each.
    pub fn auth(&self) -> Authentication {
        Authentication::new(self.clone())
    }

    /// Says whether what is sent can be read by nobody on the way.
    pub(crate) fn keeps_secrets(&self) -> bool {
        self.inner.host.is_encrypted() || self.inner.host.is_loopback()
    }

    /// Sends a call and reads its answer.
    pub(crate) async fn send<E: Endpoint + Sync>(&self, call: &E) -> Result<E::Answer, Error> {
        let mut request = call.request().map_err(|error| error.during(E::OPERATION, false))?;
        let is_repeatable = request.method().is_idempotent();
        let is_secret = request.extensions().get::<SecretPath>().is_some();
        let path = if is_secret { "[redacted]".to_owned() } else { request.uri().to_string() };
        let span = debug_span!("idds", operation = E::OPERATION, method = %request.method(), path);
        let exchange = async {
            *request.uri_mut() = self.inner.address(request.uri())?;
            request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
            if !E::IS_PUBLIC {
                self.inner.credential.identify(request.headers_mut(), Timestamp::now())?;
            }
            let response = self.inner.transport.send(request).await?;
            debug!(status = response.status().as_u16(), bytes = response.body().len(), "answer");
            call.answer(response)
        };
        exchange.instrument(span).await.map_err(|error| {
            let is_anonymous = matches!(self.inner.credential, Credential::None);
            let error = match error.kind() {
                ErrorKind::Unauthorized if is_anonymous => error.hint("and no certificate or token was sent"),
                _ => error,
            };
            error.during(E::OPERATION, is_repeatable)
        })
    }

    /// Sends a request and brings back the answer to be read piece by piece, if it is a success.
    ///
    /// It is never wrapped by `json_outputs`, so that the success of a file can be told from its status.
    pub(crate) async fn stream(
        &self,
        operation: &'static str,
        is_repeatable: bool,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, Error> {
        let span = debug_span!("idds", operation, method = %request.method(), path = %request.uri());
        let exchange = async {
            *request.uri_mut() = self.inner.host.join(request.uri())?;
            self.inner.credential.identify(request.headers_mut(), Timestamp::now())?;
            let response = self.inner.transport.stream(request).await?;
            debug!(status = response.status().as_u16(), "answer");
            if response.status().is_success() {
                return Ok(response);
            }
            let (parts, body) = response.into_parts();
            let answer: Response<Bytes> = Response::from_parts(parts, body.collect().await?);
            Err(ServerError::read(&answer).into())
        };
        exchange.instrument(span).await.map_err(|error: Error| error.during(operation, is_repeatable))
    }
}

impl Inner {
    /// Returns the address of a route, which says in which form the answer is wanted.
    fn address(&self, path: &Uri) -> Result<Uri, Error> {
        let address = self.host.join(path)?;
        if !self.json_outputs {
            return Ok(address);
        }
        let mut parts = address.into_parts();
        let path = parts.path_and_query.as_ref().map_or("/", PathAndQuery::path);
        let wrapped = format!("{path}?json_outputs=true");
        let unsendable = || Error::new(ErrorKind::Argument, format!("{wrapped:?} cannot be sent"));
        parts.path_and_query = Some(wrapped.parse().map_err(|error: InvalidUri| unsendable().caused_by(error))?);
        Uri::from_parts(parts).map_err(|error| unsendable().caused_by(error))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("host", &self.inner.host.to_string())
            .field("credential", &self.inner.credential)
            .finish_non_exhaustive()
    }
}
