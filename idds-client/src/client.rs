//! The client: a handle of a server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use idds_workflow::ServerVersion;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::api::{
    Authentication, Cacher, Catalog, Hpo, Logs, Messages, MetaInfo, Monitoring, Requests,
    Transforms, WorkflowTasks,
};
use crate::auth::{Credential, RelayHeaders, Scrubs};
use crate::builder::{Anonymous, Limits};
use crate::clock::ServerClock;
use crate::deadline::Deadline;
use crate::host::Host;
use crate::retry::Budget;
use crate::server::Seen;
use crate::{ClientBuilder, Error, ErrorKind, OriginalUser, Server, Transport};

/// A handle of an iDDS server: clone it, share it, give it to tasks.
///
/// Clones share their connections, their credential, and the limits on what is sent at once and again. Calls are values
/// that are sent when awaited; with the client's own transport that needs a tokio runtime. What may have arrived is sent
/// again only if that is harmless, as [`Retry`](crate::Retry) says. The future of a call can be dropped at any moment: the
/// client stays usable, and what was sent by then may have arrived.
///
/// Calls per second of an embedded server on the same two cores (`cargo bench -p idds --bench client`, 27 November 2026):
///
/// | in flight | this | reqwest alone | Python client |
/// | --- | --- | --- | --- |
/// | 1 | 6,950 | 7,915 | 992 |
/// | 16 | 44,979 | 48,852 | 569 |
/// | 64 | 54,206 | 58,273 | 582 |
///
/// At one in flight, the two cores mostly wait for each other, and which of the first two is faster differs from run to run.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
    /// How long each call may take.
    deadline: Option<Duration>,
    /// When all calls end.
    end: Option<Instant>,
    /// Whether each call is sent once, for what is asked again anyway.
    is_once: bool,
    pub(crate) relay: Option<Arc<RelayHeaders>>,
    server: ServerVersion,
}

/// What all clones of a client share.
pub(crate) struct Inner {
    pub(crate) host: Host,
    pub(crate) credential: Credential,
    pub(crate) transport: Box<dyn Transport>,
    /// For connections without the client certificate, if there is one.
    pub(crate) anonymous: Option<Anonymous>,
    pub(crate) clock: ServerClock,
    pub(crate) limits: Limits,
    pub(crate) slots: Semaphore,
    pub(crate) budget: Budget,
    pub(crate) json_outputs: bool,
    pub(crate) seen: Seen,
    pub(crate) scrubs: Scrubs,
}

impl Client {
    /// Starts the settings of a client for the server at this address, such as `https://iddsserver.cern.ch:443/idds`.
    pub fn builder(host: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(host.into())
    }

    /// Makes a client as the user's files and environment variables say: [`Configuration`](crate::Configuration).
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
        anonymous: Option<Anonymous>,
        limits: Limits,
        server: ServerVersion,
        json_outputs: bool,
    ) -> Self {
        let slots = Semaphore::new(limits.max_in_flight.min(Semaphore::MAX_PERMITS));
        let budget = Budget::new(&limits.retry);
        let (clock, seen) = (ServerClock::default(), Seen::default());
        let scrubs = Scrubs::default();
        let inner = Inner {
            host,
            credential,
            transport,
            anonymous,
            clock,
            limits,
            slots,
            budget,
            json_outputs,
            seen,
            scrubs,
        };
        Self {
            inner: Arc::new(inner),
            deadline: limits.deadline,
            end: None,
            is_once: false,
            relay: None,
            server,
        }
    }

    /// Returns a handle of the same client whose calls may take this long in all, with retries and waits.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use idds_client::Client;
    /// # let client = Client::builder("http://localhost/idds").build()?;
    /// let quick = client.within(Duration::from_secs(5));
    /// # Ok::<(), idds_client::Error>(())
    /// ```
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        Self {
            deadline: Some(limit),
            ..self.clone()
        }
    }

    /// Returns a handle of the same client whose calls all end by this moment, with retries and waits.
    #[must_use]
    pub fn until(&self, deadline: std::time::Instant) -> Self {
        self.ending(deadline.into())
    }

    /// Returns a handle of the same client that sends each call once, whatever its [`Retry`](crate::Retry) says.
    ///
    /// It is for what a program asks again by itself, such as how far a request is.
    #[must_use]
    pub fn without_retries(&self) -> Self {
        Self {
            is_once: true,
            ..self.clone()
        }
    }

    /// As [`until`](Self::until), by the clock of the runtime.
    pub(crate) fn ending(&self, end: Instant) -> Self {
        Self {
            end: Some(self.end.map_or(end, |earlier| earlier.min(end))),
            ..self.clone()
        }
    }

    /// Returns a handle of the same client that makes calls on behalf of another user, as relays do.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for text that does not fit in a header.
    pub fn on_behalf_of(&self, user: &OriginalUser) -> Result<Self, Error> {
        if user.has_secret() {
            self.requires_encryption("a certificate or token of another user")?;
        }
        Ok(Self {
            relay: Some(Arc::new(user.headers()?)),
            ..self.clone()
        })
    }

    /// Returns the same client for a server of another version, for instance the one that [`Self::probe`] found.
    pub fn for_server(&self, version: ServerVersion) -> Self {
        Self {
            server: version,
            ..self.clone()
        }
    }

    /// Returns the version that the server is taken to have: 2.6.21 unless [set](ClientBuilder::server_version).
    ///
    /// It chooses the route of each call, and what is refused before it is sent; [`ServerFamily`](crate::ServerFamily) has a
    /// table.
    pub fn server_version(&self) -> ServerVersion {
        self.server
    }

    /// Finds out the kind of server; pings it unless it has answered already.
    ///
    /// An iDDS server does not say what it is; the embedded one does, in a header of every answer.
    ///
    /// # Errors
    ///
    /// Those of [`ping`](Self::ping) when no server answers, or something that is no iDDS.
    pub async fn server(&self) -> Result<Server, Error> {
        if let Some(known) = self.known_server() {
            return Ok(known);
        }
        match self.ping().await {
            Err(error) if self.is_elsewhere(&error) => Err(error),
            // A server that answers, and be it with a refusal, would have said that it is the embedded one.
            _ => Ok(self.known_server().unwrap_or(Server::Idds)),
        }
    }

    /// Says whether, after a failed ping, there may be no iDDS server.
    ///
    /// That nobody is let in says nothing: a gateway may ask for another credential than the server does.
    fn is_elsewhere(&self, error: &Error) -> bool {
        match (error.server(), error.kind()) {
            // What kind it is, an embedded server says to who has its token.
            _ if error.wants_token() => true,
            (_, ErrorKind::Unsupported | ErrorKind::Unauthorized) => false,
            (Some(server), _) => !server.is_of_idds,
            (None, ErrorKind::Answer) => true,
            (None, _) => self.known_server().is_none(),
        }
    }

    /// Returns the id of the database that the server said it has in its last answer.
    ///
    /// The embedded server draws one when it makes a database, so that request 1 of today is not taken for that of yesterday. iDDS
    /// says nothing.
    pub fn database(&self) -> Option<String> {
        self.inner.seen.database()
    }

    /// Returns which kind of server answered last; none before the first answer.
    pub(crate) fn known_server(&self) -> Option<Server> {
        self.inner.seen.kind()
    }

    /// Returns the address of the server, such as `https://iddsserver.cern.ch:443/idds`, without the token of an embedded one.
    pub fn host(&self) -> &str {
        self.inner.host.as_str()
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
    pub fn monitor(&self) -> Monitoring {
        Monitoring::new(self.clone())
    }

    /// Tasks of prompt processing.
    pub fn workflow_tasks(&self) -> WorkflowTasks {
        WorkflowTasks::new(self.clone())
    }

    /// Signing in at the OpenID Connect provider of a VO.
    pub fn auth(&self) -> Authentication {
        Authentication::new(self.clone())
    }

    /// Fails when `what` would go over a network unencrypted.
    pub(crate) fn requires_encryption(&self, what: &str) -> Result<(), Error> {
        self.inner.host.requires_encryption(what)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Takes a retry from the budget; false when it is used up.
    pub(crate) fn may_retry(&self) -> bool {
        !self.is_once && self.inner.budget.spend()
    }

    /// Returns the end of a call that begins now.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::after(self.deadline, self.end)
    }

    /// Returns the handle that renews a token.
    ///
    /// A renewal that was begun must not be cut off: the provider may have replaced the refresh token already.
    pub(crate) fn renewer(&self) -> Self {
        Self {
            deadline: None,
            end: None,
            relay: None,
            ..self.clone()
        }
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
