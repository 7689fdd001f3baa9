//! The handle of a server.

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, header};
use idds_workflow::ServerVersion;
use jiff::Timestamp;
use tracing::{Instrument, debug, debug_span};

use crate::api::{Hpo, Ping, Requests};
use crate::auth::Credential;
use crate::host::Host;
use crate::{ClientBuilder, Endpoint, Error, ErrorKind, Probe, Transport};

/// A handle of an iDDS server: clone it, share it, give it to tasks.
///
/// Clones share their connections and their credential. Calls are values that are sent when awaited; with the client's
/// own transport that needs a tokio runtime. Nothing that may have arrived is sent again; [`Error::is_retryable`] says when
/// that is harmless.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    server: ServerVersion,
}

struct Inner {
    host: Host,
    credential: Credential,
    transport: Box<dyn Transport>,
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

    pub(crate) fn new(
        host: Host,
        credential: Credential,
        transport: Box<dyn Transport>,
        server: ServerVersion,
    ) -> Self {
        Self { inner: Arc::new(Inner { host, credential, transport }), server }
    }

    /// Returns the same client for a server of another version, for instance the one that [`Self::probe`] found.
    pub fn for_server(&self, version: ServerVersion) -> Self {
        Self { server: version, ..self.clone() }
    }

    /// Returns the version that the server is taken to have: 2.6.21 unless [set](ClientBuilder::server_version).
    ///
    /// It chooses the route of each call, and what is refused before it is sent; [`ServerFamily`](crate::ServerFamily) has a
    /// table.
    pub fn server_version(&self) -> ServerVersion {
        self.server
    }

    /// Returns the address of the server, such as `https://iddsserver.cern.ch:443/idds`.
    pub fn host(&self) -> &str {
        self.inner.host.as_str()
    }

    /// Asks whether the server is there and lets this user in.
    pub fn ping(&self) -> Ping {
        Ping::new(self.clone())
    }

    /// Finds out which routes the server has, without side effects.
    pub fn probe(&self) -> Probe {
        Probe::new(self.clone())
    }

    /// Requests: submissions of workflows and what became of them.
    pub fn requests(&self) -> Requests {
        Requests::new(self.clone())
    }

    /// Points of hyperparameter searches and their losses.
    pub fn hpo(&self) -> Hpo {
        Hpo::new(self.clone())
    }

    /// Sends a call and reads its answer.
    pub(crate) async fn send<E: Endpoint + Sync>(&self, call: &E) -> Result<E::Answer, Error> {
        let mut request = call.request().map_err(|error| error.during(E::OPERATION, false))?;
        let is_repeatable = request.method().is_idempotent();
        let span = debug_span!("idds", operation = E::OPERATION, method = %request.method(), path = %request.uri());
        let exchange = async {
            *request.uri_mut() = self.inner.host.join(request.uri())?;
            request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
            self.inner.credential.identify(request.headers_mut(), Timestamp::now())?;
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
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("host", &self.inner.host.to_string())
            .field("server", &self.server)
            .field("credential", &self.inner.credential)
            .finish_non_exhaustive()
    }
}
