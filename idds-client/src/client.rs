//! The handle of a server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{InvalidUri, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use idds_workflow::ServerVersion;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tracing::{Instrument, debug, debug_span, warn};

use crate::api::{
    Authentication, Cacher, Catalog, Hpo, Logs, Messages, MetaInfo, Monitor, Ping, Requests,
    Transforms, WorkflowTasks,
};
use crate::auth::{Credential, RelayHeaders, Scrub, Scrubs, TOKEN};
use crate::body::{ERROR_PAGE, too_large, too_many_values};
use crate::builder::{Anonymous, Limits};
use crate::clock::ServerClock;
use crate::deadline::Deadline;
use crate::elsewhere::Asked;
use crate::endpoint::{Confided, SecretPath};
use crate::host::Host;
use crate::retry::{Budget, retry_after};
use crate::server::Seen;
use crate::values;
use crate::{
    Body, ClientBuilder, Endpoint, Error, ErrorKind, OriginalUser, Probe, Server, ServerError,
    Transport,
};

/// A handle of an iDDS server: clone it, share it, give it to tasks.
///
/// Clones share their connections, their credential, and the limits on what is sent at once and again. Calls are values
/// that are sent when awaited; with the client's own transport that needs a tokio runtime. What may have arrived is sent
/// again only if that is harmless, as [`Retry`](crate::Retry) says. The future of a call can be dropped at any moment: the
/// client stays usable, and what was sent by then may have arrived.
///
/// Calls per second of an embedded server on the same two cores (`cargo bench --bench client`, 27 November 2026):
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
    inner: Arc<Inner>,
    deadline: Option<Duration>,
    relay: Option<Arc<RelayHeaders>>,
    server: ServerVersion,
}

struct Inner {
    host: Host,
    credential: Credential,
    transport: Box<dyn Transport>,
    /// Another way to the server, where the first one shows a certificate.
    anonymous: Option<Anonymous>,
    clock: ServerClock,
    limits: Limits,
    slots: Semaphore,
    budget: Budget,
    json_outputs: bool,
    seen: Seen,
    scrubs: Scrubs,
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

    /// Returns a handle of the same client that asks for another user, as relays do.
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

    /// Finds out which kind of server answers: it is pinged unless it has answered already.
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
        match self.send(&self.ping()).await {
            Err(error) if self.is_elsewhere(&error) => Err(error),
            // A server that answers, and be it with a refusal, would have said that it is the embedded one.
            _ => Ok(self.known_server().unwrap_or(Server::Idds)),
        }
    }

    /// Says whether a ping failed in a way that leaves open whether there is an iDDS server.
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

    /// Asks whether the server is there and lets this user in.
    pub fn ping(&self) -> Ping {
        Ping::new(self.clone())
    }

    /// Checks the certificate or token as calls do before they are sent.
    ///
    /// The server is asked for the time when the credential is out of date by the clock of this machine. A token that has expired is
    /// in order when there is a refresh token: the next call gets a new one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credential`] when calls would fail because of it.
    pub async fn check_credential(&self) -> Result<(), Error> {
        let check = || self.inner.credential.check(self.now());
        match check() {
            Err(error) if error.is_untimely() && self.is_our_clock_wrong().await => check()
                .map_err(|error| self.with_clock(error))
                .inspect(|()| self.warn_of_the_clock()),
            checked => checked,
        }
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

    /// Takes a retry from the budget, if it is there.
    pub(crate) fn may_retry(&self) -> bool {
        self.inner.budget.spend()
    }

    /// Returns the end of a call that begins now.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::after(self.deadline)
    }

    /// Sends a call and reads its answer, again if that is harmless and may help.
    pub(crate) async fn send<E: Endpoint + Sync>(&self, call: &E) -> Result<E::Answer, Error> {
        self.send_before(call, self.deadline()).await
    }

    /// Sends a call as part of another one that began earlier.
    pub(crate) async fn send_before<E: Endpoint + Sync>(
        &self,
        call: &E,
        deadline: Deadline,
    ) -> Result<E::Answer, Error> {
        let mut request = call.request().map_err(|error| error.during(E::OPERATION))?;
        let is_repeatable = call.is_repeatable(&request);
        let secret = request.extensions_mut().remove::<SecretPath>();
        let method = request.method();
        let path = secret.map_or_else(|| request.uri().path().to_owned(), |secret| secret.shown);
        let span = debug_span!("idds", operation = E::OPERATION, %method, path);
        async {
            let mut before: Option<Error> = None;
            let mut attempt = 0;
            loop {
                attempt += 1;
                let span = debug_span!("attempt", number = attempt);
                let outcome = deadline
                    .bound(|| self.attempt(call, &request, &path))
                    .instrument(span)
                    .await;
                let mut error = match outcome {
                    Ok(answer) => {
                        self.inner.budget.earn(attempt);
                        return Ok(answer);
                    }
                    Err(error) => error.during(E::OPERATION).after_sending(
                        method,
                        &path,
                        attempt,
                        is_repeatable,
                    ),
                };
                let left = deadline.left();
                let wait =
                    self.inner
                        .limits
                        .retry
                        .wait_after(&error, attempt, left, rand::random());
                let Some(wait) = wait.filter(|_| self.may_retry()) else {
                    // That the time is over says less than what used it up.
                    if let Some(before) = before.filter(|_| left.is_some_and(|left| left.is_zero()))
                    {
                        error = error.caused_by(before);
                    }
                    return Err(error);
                };
                debug!(%error, ?wait, "retry");
                tokio::time::sleep(wait).await;
                before = Some(error);
            }
        }
        .instrument(span)
        .await
    }

    /// Sends a request and reads its answer; once more with another token when the server does not take the first.
    async fn attempt<E: Endpoint + Sync>(
        &self,
        call: &E,
        of: &Request<Bytes>,
        shown: &str,
    ) -> Result<E::Answer, Error> {
        let mut is_second = false;
        let (method, path, len) = (of.method(), of.uri().path(), of.body().len());
        let is_for_secret = E::IS_PUBLIC;
        let asked = Asked {
            host: &self.inner.host,
            method,
            path,
            shown,
            len,
            is_for_secret,
        };
        loop {
            let mut request = of.clone();
            *request.uri_mut() = self.inner.address(request.uri())?;
            let headers = request.headers_mut();
            headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
            self.inner.host.show_token(headers);
            if !E::IS_PUBLIC {
                self.identify(headers).await?;
            }
            let token = headers.get(TOKEN).cloned();
            let outcome = {
                let _slot = self.inner.slots.acquire().await;
                let scrub = self.inner.scrubs.of(request.headers());
                let answer = self.inner.transport.send(request);
                answer.await.and_then(|answer| {
                    let answer = match scrub {
                        Some(scrub) => scrub.answer(answer),
                        None => answer,
                    };
                    self.inner.seen.note(answer.status(), answer.headers());
                    self.read(call, answer, asked, of.extensions().get())
                })
            };
            let outcome = match outcome {
                Err(error) if error.kind() == ErrorKind::Credential => {
                    Err(Box::pin(self.refused(error)).await)
                }
                outcome => outcome,
            };
            match &outcome {
                Err(error) if !is_second && self.replaces(token.as_ref(), error).await => {
                    is_second = true
                }
                _ => return outcome,
            }
        }
    }

    /// Reads an answer, or says what the server has against the call.
    fn read<E: Endpoint>(
        &self,
        call: &E,
        response: Response<Bytes>,
        asked: Asked<'_>,
        confided: Option<&Confided>,
    ) -> Result<E::Answer, Error> {
        debug!(
            status = response.status().as_u16(),
            bytes = response.body().len(),
            "answer"
        );
        self.inner.clock.learn(response.headers(), Timestamp::now());
        let wait = retry_after(response.headers(), Timestamp::now());
        let is_anonymous = !E::IS_PUBLIC && matches!(self.inner.credential, Credential::None);
        let known = confided.map(|confided| (Scrub::new([confided.0.expose()]), response.clone()));
        let mut body = response.body().clone();
        self.fits(&body)?;
        call.answer(response).map_err(|mut error| {
            // What is right may hold the secret, as an answer to the renewal of a token does.
            if let Some((scrub, response)) = known {
                let response = scrub.answer(response);
                body = response.body().clone();
                error = call.answer(response).err().unwrap_or(error);
            }
            let error = asked.explain(error, &body);
            match error.kind() {
                ErrorKind::Unauthorized if error.wants_token() => error,
                ErrorKind::Unauthorized if is_anonymous && error.is_turned_away() => {
                    error.hint("and no certificate or token was sent")
                }
                ErrorKind::Unauthorized if !E::IS_PUBLIC => self.with_clock(error),
                _ => error.not_before(wait),
            }
        })
    }

    /// Fails for an answer, or an item of one, that would take too much memory.
    pub(crate) fn fits(&self, text: &[u8]) -> Result<(), Error> {
        let (host, most) = (&self.inner.host, self.inner.limits.max_answer);
        if text.len() > most {
            return Err(too_large(host, most));
        }
        if values::are_too_many(text, most) {
            Err(too_many_values(host, most))
        } else {
            Ok(())
        }
    }

    /// Says that an answer that is read piece by piece is longer than may be held in memory.
    pub(crate) fn too_large(&self) -> Error {
        too_large(&self.inner.host, self.inner.limits.max_answer)
    }

    /// Says more of an answer that is not one of iDDS and came piece by piece.
    pub(crate) fn explained(
        &self,
        error: Error,
        (method, path): (&Method, &str),
        beginning: &[u8],
    ) -> Error {
        let asked = Asked {
            host: &self.inner.host,
            method,
            path,
            shown: path,
            len: 0,
            is_for_secret: false,
        };
        asked.explain(error, beginning)
    }

    /// Adds who asks, and for whom.
    ///
    /// It comes before the slot: the renewal of a token is a call of its own, for which a slot must be left.
    async fn identify(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        let credential = &self.inner.credential;
        match credential.identify(headers, self, self.now()).await {
            Err(error) if error.is_untimely() && Box::pin(self.is_our_clock_wrong()).await => {
                let again = Box::pin(credential.identify(headers, self, self.now())).await;
                again
                    .map_err(|error| self.with_clock(error))
                    .inspect(|()| self.warn_of_the_clock())?;
            }
            identified => identified?,
        }
        if let Some(relay) = &self.relay {
            relay.add_to(headers);
        }
        Ok(())
    }

    /// Returns the time that counts for the server.
    fn now(&self) -> Timestamp {
        self.inner.clock.correct(Timestamp::now())
    }

    /// Finds out whether the time of the server is another one than that of this machine.
    async fn is_our_clock_wrong(&self) -> bool {
        if !self.inner.clock.is_known() {
            self.ask_for_the_time().await;
        }
        self.inner.clock.complaint().is_some()
    }

    /// Adds to an error about a certificate that the server has refused in the handshake whether the clock may be the reason.
    async fn refused(&self, error: Error) -> Error {
        if self.inner.anonymous.is_some() && !self.inner.clock.is_known() {
            self.ask_for_the_time().await;
        }
        self.with_clock(error)
    }

    fn warn_of_the_clock(&self) {
        if let Some(complaint) = self.inner.clock.complaint() {
            warn!("{complaint}, whose time counts");
        }
    }

    fn with_clock(&self, error: Error) -> Error {
        match self.inner.clock.complaint() {
            Some(complaint) => error.hint(&complaint),
            None => error,
        }
    }

    /// Asks anonymously what time it is at the server: each answer says it, also one that refuses.
    async fn ask_for_the_time(&self) {
        let anonymous = self
            .inner
            .anonymous
            .as_ref()
            .and_then(|way| way.transport().ok());
        let (transport, host): (&dyn Transport, _) = match &anonymous {
            Some((transport, host)) => (transport, *host),
            None => (&*self.inner.transport, &self.inner.host),
        };
        let Ok(address) = host.join(&Uri::from_static("/ping")) else {
            return;
        };
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = address;
        let _slot = self.inner.slots.acquire().await;
        match transport.send(request).await {
            Ok(answer) => self.inner.clock.learn(answer.headers(), Timestamp::now()),
            Err(error) => debug!(%error, "the server does not say what time it is"),
        }
    }

    /// Says whether a call that ended with this error is to be sent again, with another token than this one.
    ///
    /// The clock of the server may be ahead of ours, and a token may expire or be revoked on the way. The server lets nobody in
    /// whom it answers so, and has done nothing.
    async fn replaces(&self, token: Option<&HeaderValue>, error: &Error) -> bool {
        let status = error.server().map(|server| server.status);
        match token {
            Some(token) if status == Some(StatusCode::UNAUTHORIZED) => {
                self.inner
                    .credential
                    .replaces(token, self, self.now())
                    .await
            }
            _ => false,
        }
    }

    /// Returns the handle that renews a token.
    ///
    /// A renewal that was begun must not be cut off: the provider may have replaced the refresh token already.
    pub(crate) fn renewer(&self) -> Self {
        Self {
            deadline: None,
            relay: None,
            ..self.clone()
        }
    }

    /// Sends a request and brings back the answer to be read piece by piece, if it is a success.
    ///
    /// It is never wrapped by `json_outputs`, so that the success of a file can be told from its status. The deadline is that
    /// of the answer's beginning, and so is the slot.
    pub(crate) async fn stream(
        &self,
        operation: &'static str,
        is_repeatable: bool,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, Error> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let span = debug_span!("idds", operation, %method, path);
        let exchange = async || {
            *request.uri_mut() = self.inner.host.join(request.uri())?;
            let (mut head, body) = request.into_parts();
            self.inner.host.show_token(&mut head.headers);
            let mut again = (body.len() == Some(0)).then(|| head.clone());
            let mut request = Request::from_parts(head, body);
            loop {
                self.identify(request.headers_mut()).await?;
                let token = request.headers().get(TOKEN).cloned();
                let slot = self.inner.slots.acquire().await;
                let scrub = self.inner.scrubs.of(request.headers());
                let mut response = self.inner.transport.stream(request).await?;
                if let Some(scrub) = &scrub {
                    scrub.headers(response.headers_mut());
                }
                self.inner.seen.note(response.status(), response.headers());
                debug!(status = response.status().as_u16(), "answer");
                self.inner.clock.learn(response.headers(), Timestamp::now());
                if response.status().is_success() {
                    let (method, path) = (method.clone(), path.clone());
                    let explain = move |error: Error| {
                        error
                            .during(operation)
                            .after_sending(&method, &path, 1, is_repeatable)
                    };
                    return Ok(response.map(|body| body.explained(explain).scrubbed_by(scrub)));
                }
                let (parts, body) = response.into_parts();
                let beginning = body.scrubbed_by(scrub).beginning(ERROR_PAGE).await?;
                let answer: Response<Bytes> = Response::from_parts(parts, beginning);
                drop(slot);
                let error = self.explained(
                    ServerError::read(&answer).into(),
                    (&method, &path),
                    answer.body(),
                );
                let is_replaced = self.replaces(token.as_ref(), &error).await;
                match again.take() {
                    Some(head) if is_replaced => {
                        request = Request::from_parts(head, Body::from(""))
                    }
                    _ if error.kind() == ErrorKind::Unauthorized => {
                        return Err(self.with_clock(error));
                    }
                    _ => return Err(error),
                }
            }
        };
        let answer = self.deadline().bound(exchange).instrument(span).await;
        answer.map_err(|error| {
            error
                .during(operation)
                .after_sending(&method, &path, 1, is_repeatable)
        })
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
        let path = parts
            .path_and_query
            .as_ref()
            .map_or("/", PathAndQuery::path);
        let wrapped = format!("{path}?json_outputs=true");
        let unsendable = || Error::new(ErrorKind::Argument, format!("{wrapped:?} cannot be sent"));
        parts.path_and_query = Some(
            wrapped
                .parse()
                .map_err(|error: InvalidUri| unsendable().caused_by(error))?,
        );
        Uri::from_parts(parts).map_err(|error| unsendable().caused_by(error))
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
