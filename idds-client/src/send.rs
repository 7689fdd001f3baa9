//! Sending a request: credential, slot, retries, deadline.

use std::time::Duration;

use bytes::Bytes;
use http::uri::{InvalidUri, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use jiff::Timestamp;
use tracing::{Instrument, debug, debug_span, warn};

use crate::auth::{Credential, Scrub, TOKEN};
use crate::body::{ERROR_PAGE, too_large, too_many_values};
use crate::call::Endpoint;
use crate::client::Inner;
use crate::deadline::Deadline;
use crate::elsewhere::Asked;
use crate::endpoint::{Confided, SecretPath};
use crate::retry::retry_after;
use crate::values;
use crate::{Body, Client, Error, ErrorKind, Route, ServerError, Transport};

/// A wait before a retry of which people are told: a program that says nothing for longer seems to hang.
const TOLD: Duration = Duration::from_secs(1);

impl Client {
    /// Sends a call and reads its answer, again if that is harmless and may help.
    pub(crate) async fn send<E: Endpoint>(&self, call: &E) -> Result<E::Answer, Error> {
        self.send_before(call, self.deadline()).await
    }

    /// Sends a call as part of another one that began earlier.
    pub(crate) async fn send_before<E: Endpoint>(
        &self,
        call: &E,
        deadline: Deadline,
    ) -> Result<E::Answer, Error> {
        let operation = call.route().operation();
        let mut request = call
            .request(self)
            .map_err(|error| error.during(operation))?;
        let is_repeatable = call.route().is_repeatable(request.method());
        let secret = request.extensions_mut().remove::<SecretPath>();
        let method = request.method();
        let path = secret.map_or_else(|| request.uri().path().to_owned(), |secret| secret.shown);
        let span = debug_span!("idds", operation, %method, path);
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
                    Err(error) => {
                        error
                            .during(operation)
                            .after_sending(method, &path, attempt, is_repeatable)
                    }
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
                if wait < TOLD {
                    debug!(%error, ?wait, "retry");
                } else {
                    let wait = wait.as_secs_f64();
                    warn!("{error}; it is tried again in {wait:.1} s");
                }
                tokio::time::sleep(wait).await;
                before = Some(error);
            }
        }
        .instrument(span)
        .await
    }

    /// Sends a request and reads its answer; once more with another token when the server does not take the first.
    async fn attempt<E: Endpoint>(
        &self,
        call: &E,
        of: &Request<Bytes>,
        shown: &str,
    ) -> Result<E::Answer, Error> {
        let mut is_second = false;
        let (method, path, len) = (of.method(), of.uri().path(), of.body().len());
        let is_for_secret = call.route().is_public;
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
            if !call.route().is_public {
                self.identify(headers).await?;
            }
            let token = headers.get(TOKEN).cloned();
            // The slot is free again behind this block: a token that is refused below is renewed by a call, which needs one.
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
                    is_second = true;
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
        let is_public = call.route().is_public;
        let is_anonymous = !is_public && matches!(self.inner.credential, Credential::None);
        let mut body = response.body().clone();
        self.fits(&body)?;
        call.answer(self, &response).map_err(|mut error| {
            // What is right may hold the secret, as an answer to the renewal of a token does.
            if let Some(Confided(secret)) = confided {
                let response = Scrub::new([secret.expose()]).answer(response.clone());
                body = response.body().clone();
                error = call.answer(self, &response).err().unwrap_or(error);
            }
            let error = asked.explain(error, &body);
            match error.kind() {
                ErrorKind::Unauthorized if error.wants_token() => error,
                ErrorKind::Unauthorized if is_anonymous && error.is_turned_away() => {
                    error.hint("and no certificate or token was sent")
                }
                ErrorKind::Unauthorized if !is_public => self.with_clock(error),
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

    /// Adds the credential, and the user for whom a relay asks.
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

    /// Sends a request and brings back the answer to be read piece by piece, if it is a success.
    ///
    /// It is never wrapped by `json_outputs`, so that the success of a file can be told from its status. The deadline is that
    /// of the answer's beginning, and so is the slot.
    pub(crate) async fn stream(
        &self,
        route: &'static Route,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, Error> {
        let operation = route.operation();
        let is_repeatable = route.is_repeatable(request.method());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let span = debug_span!("idds", operation, %method, path);
        let exchange = async || {
            *request.uri_mut() = self.inner.host.join(request.uri())?;
            let (mut head, body) = request.into_parts();
            self.inner.host.show_token(&mut head.headers);
            let mut again = (body.len() == Some(0)).then(|| head.clone());
            let mut request = Request::from_parts(head, body);
            loop {
                if !route.is_public {
                    self.identify(request.headers_mut()).await?;
                }
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
                        request = Request::from_parts(head, Body::from(""));
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
