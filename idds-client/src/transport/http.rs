//! HTTP over TLS.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH};
use http::{HeaderValue, Method, Request, Response};
use reqwest::redirect::Policy;
use rustls::ClientConfig;

use super::failure::Failure;
use super::handover::Handover;
use super::patience::Patience;
use super::scheme::{is_open, speaks_tls};
use super::{BoxFuture, Transport};
use crate::body::{ERROR_PAGE, too_large};
use crate::host::Host;
use crate::{Body, Error, ErrorKind};

/// A static value is shared by calls on all threads without counting.
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!(
    "idds-client/",
    env!("CARGO_PKG_VERSION"),
    " (Rust)"
));

/// A pool of connections to one server.
pub(crate) struct HttpTransport {
    pool: reqwest::Client,
    /// For answers that are taken as they come: the library decodes what a server says is compressed, whether it was asked for or not.
    undecoded: OnceLock<reqwest::Client>,
    tls: ClientConfig,
    connect: Duration,
    failure: Arc<Failure>,
    host: Host,
    total: Duration,
    /// Longest answer that is held in memory, in bytes.
    most: usize,
    /// Whether it is known what the server speaks: it has answered once, or was asked already.
    knows_scheme: AtomicBool,
}

impl HttpTransport {
    pub(crate) fn new(
        host: &Host,
        tls: ClientConfig,
        connect: Duration,
        total: Duration,
        most: usize,
    ) -> Result<Self, Error> {
        Ok(Self {
            pool: pool(host, &tls, connect, true)?,
            undecoded: OnceLock::new(),
            tls,
            connect,
            failure: Arc::new(Failure::new(host.clone(), connect, total)),
            host: host.clone(),
            total,
            most,
            knows_scheme: AtomicBool::new(false),
        })
    }

    /// Returns the pool of connections whose answers are not decoded.
    fn undecoded(&self) -> Result<&reqwest::Client, Error> {
        if let Some(pool) = self.undecoded.get() {
            return Ok(pool);
        }
        let pool = pool(&self.host, &self.tls, self.connect, false)?;
        Ok(self.undecoded.get_or_init(|| pool))
    }

    /// Begins an exchange. The future does not hold the request, so that it stays small: one is made for each call.
    fn begin(
        &self,
        request: Request<Bytes>,
    ) -> Result<
        (
            impl Future<Output = Result<reqwest::Response, reqwest::Error>> + use<>,
            Option<Handover>,
        ),
        reqwest::Error,
    > {
        let limit = self.failure.limit(request.body().len());
        let (mut request, handover) = counted(request)?;
        *request.timeout_mut() = Some(limit);
        Ok((self.pool.execute(request), handover))
    }

    /// Says why an exchange failed whose request was of this length.
    async fn explain(
        &self,
        error: reqwest::Error,
        len: usize,
        handover: Option<Handover>,
    ) -> Error {
        let missing = handover.and_then(|handover| handover.end());
        let is_slow = error.is_timeout();
        let error = self.failure.explain(error, len);
        if is_slow
            && error.kind() == ErrorKind::Connect
            && self.failure.is_direct_tls()
            && is_open(&self.host).await
        {
            return self.failure.answers_no_greeting().caused_by(error);
        }
        let is_broken = matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::Answer);
        let may_want_tls =
            is_broken && !self.host.is_encrypted() && !self.knows_scheme.load(Ordering::Relaxed);
        if may_want_tls {
            if speaks_tls(&self.host).await {
                // What broke before is a consequence.
                return self.failure.wants_tls();
            }
            self.knows_scheme.store(true, Ordering::Relaxed);
        }
        match missing {
            Some(missing) => self.failure.cut_short(error, missing),
            None => error,
        }
    }

    async fn exchange_pieces(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let patience = Patience::new(self.total);
        let (mut parts, body) = request.into_parts();
        if let Some(len) = body.len() {
            parts.headers.insert(CONTENT_LENGTH, len.into());
        }
        let pieces = reqwest::Body::wrap_stream(patience.watch(body));
        let is_as_it_comes = parts
            .headers
            .get(ACCEPT_ENCODING)
            .is_some_and(|encoding| encoding == "identity");
        let pool = if is_as_it_comes {
            self.undecoded()?
        } else {
            &self.pool
        };
        let request: reqwest::Request = Request::from_parts(parts, pieces)
            .try_into()
            .map_err(|error| self.failure.explain(error, 0))?;
        let answer = patience
            .wait(pool.execute(request))
            .await
            .map_err(|late| self.failure.late(late))?;
        let mut answer = answer.map_err(|error| self.failure.explain(error, 0))?;
        let status = answer.status();
        let headers = std::mem::take(answer.headers_mut());
        // A length that is known here is that of the bytes before they were compressed for the way.
        let len = answer.content_length();
        let pieces = Pieces {
            patience,
            failure: self.failure.clone(),
            pieces: Box::pin(answer.bytes_stream()),
        };
        let mut response = Response::new(Body::new(len, pieces));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// Turns a request into one of the library, and counts the body of one that must not be sent twice.
fn counted(
    request: Request<Bytes>,
) -> Result<(reqwest::Request, Option<Handover>), reqwest::Error> {
    if request.method() != Method::POST || request.body().is_empty() {
        return Ok((request.try_into()?, None));
    }
    let (mut parts, body) = request.into_parts();
    parts.headers.insert(CONTENT_LENGTH, body.len().into());
    let (handover, pieces) = Handover::new(body);
    let request = Request::from_parts(parts, reqwest::Body::wrap_stream(pieces)).try_into()?;
    Ok((request, Some(handover)))
}

/// Makes a pool of connections.
fn pool(
    host: &Host,
    tls: &ClientConfig,
    connect: Duration,
    is_decoding: bool,
) -> Result<reqwest::Client, Error> {
    let mut pool = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .user_agent(USER_AGENT)
        .connect_timeout(connect)
        .gzip(is_decoding)
        .redirect(Policy::none());
    if host.is_loopback() {
        pool = pool.no_proxy();
    }
    pool.build().map_err(|error| {
        Error::new(ErrorKind::Configuration, "the HTTP client cannot be set up").caused_by(error)
    })
}

/// Why an answer is not read to its end.
enum Broken {
    Http(reqwest::Error),
    /// It is longer than is held in memory.
    TooLarge,
}

impl From<reqwest::Error> for Broken {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

async fn read(mut answer: reqwest::Response, most: usize) -> Result<Response<Bytes>, Broken> {
    let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    let body = if status.is_success() {
        whole(answer, most).await?
    } else {
        error_page(answer).await?
    };
    let mut response = Response::new(body);
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    Ok(response)
}

/// Reads a body, however long it says it is, up to this many bytes.
async fn whole(mut answer: reqwest::Response, most: usize) -> Result<Bytes, Broken> {
    // Unless it is decoded, it is known beforehand.
    if answer.content_length().is_some_and(|len| len > most as u64) {
        return Err(Broken::TooLarge);
    }
    let (mut pieces, mut len) = (Vec::new(), 0);
    while let Some(piece) = answer.chunk().await? {
        len += piece.len();
        if len > most {
            return Err(Broken::TooLarge);
        }
        pieces.push(piece);
    }
    Ok(match pieces.len() {
        0 => Bytes::new(),
        1 => pieces.swap_remove(0),
        _ => pieces.concat().into(),
    })
}

/// Reads what came instead of an answer, however long it is.
async fn error_page(mut answer: reqwest::Response) -> Result<Bytes, reqwest::Error> {
    let mut page = Vec::new();
    while page.len() < ERROR_PAGE
        && let Some(piece) = answer.chunk().await?
    {
        page.extend_from_slice(&piece);
    }
    Ok(page.into())
}

impl Transport for HttpTransport {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        let len = request.body().len();
        let begun = self.begin(request);
        Box::pin(async move {
            let (begun, handover) = begun.map_err(|error| self.failure.explain(error, len))?;
            let answer = async { read(begun.await?, self.most).await };
            match answer.await {
                Ok(answer) => {
                    if !self.knows_scheme.load(Ordering::Relaxed) {
                        self.knows_scheme.store(true, Ordering::Relaxed);
                    }
                    Ok(answer)
                }
                // Boxed, so that what seldom happens does not lengthen the future of every call.
                Err(Broken::Http(error)) => Err(Box::pin(self.explain(error, len, handover)).await),
                Err(Broken::TooLarge) => Err(too_large(&self.host, self.most)),
            }
        })
    }

    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, Error>> {
        Box::pin(self.exchange_pieces(request))
    }
}

/// The body of an answer, with our errors.
struct Pieces {
    patience: Patience,
    failure: Arc<Failure>,
    pieces: Pin<Box<dyn Stream<Item = Result<Bytes, reqwest::Error>> + Send>>,
}

impl Stream for Pieces {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.pieces.as_mut().poll_next(context) {
            Poll::Ready(piece) => {
                self.patience.came(
                    piece
                        .as_ref()
                        .and_then(|piece| piece.as_ref().ok())
                        .map_or(0, Bytes::len),
                );
                Poll::Ready(
                    piece.map(|piece| piece.map_err(|error| self.failure.explain(error, 0))),
                )
            }
            Poll::Pending => self
                .patience
                .poll_end(context)
                .map(|late| Some(Err(self.failure.late(late)))),
        }
    }
}
