//! HTTP over TLS.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request, Response};
use reqwest::redirect::Policy;
use rustls::ClientConfig;

use super::failure::Failure;
use super::patience::Patience;
use super::{BoxFuture, Transport};
use crate::body::ERROR_PAGE;
use crate::host::Host;
use crate::{Body, Error, ErrorKind};

/// A static value is shared by calls on all threads without counting.
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("idds-client/", env!("CARGO_PKG_VERSION"), " (Rust)"));

/// A pool of connections to one server.
pub(crate) struct HttpTransport {
    pool: reqwest::Client,
    failure: Arc<Failure>,
    total: Duration,
}

impl HttpTransport {
    pub(crate) fn new(host: &Host, tls: ClientConfig, connect: Duration, total: Duration) -> Result<Self, Error> {
        let mut pool = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(USER_AGENT)
            .connect_timeout(connect)
            .redirect(Policy::none());
        if host.is_loopback() {
            pool = pool.no_proxy();
        }
        let pool = pool.build().map_err(|error| {
            Error::new(ErrorKind::Configuration, "the HTTP client cannot be set up").caused_by(error)
        })?;
        Ok(Self { pool, failure: Arc::new(Failure::new(host.clone(), connect, total)), total })
    }

    /// Begins an exchange. The future does not hold the request, so that it stays small: one is made for each call.
    fn begin(
        &self,
        request: Request<Bytes>,
    ) -> Result<impl Future<Output = Result<reqwest::Response, reqwest::Error>> + use<>, reqwest::Error> {
        let mut request: reqwest::Request = request.try_into()?;
        *request.timeout_mut() = Some(self.total);
        Ok(self.pool.execute(request))
    }

    async fn exchange_pieces(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let patience = Patience::new(self.total);
        let (mut parts, body) = request.into_parts();
        if let Some(len) = body.len() {
            parts.headers.insert(CONTENT_LENGTH, len.into());
        }
        let pieces = reqwest::Body::wrap_stream(patience.watch(body));
        let request: reqwest::Request =
            Request::from_parts(parts, pieces).try_into().map_err(|error| self.failure.explain(error))?;
        let answer = patience.wait(self.pool.execute(request)).await.ok_or_else(|| self.failure.stalled())?;
        let mut answer = answer.map_err(|error| self.failure.explain(error))?;
        let status = answer.status();
        let headers = std::mem::take(answer.headers_mut());
        // A length that is known here is that of the bytes before they were compressed for the way.
        let len = answer.content_length();
        let pieces = Pieces { patience, failure: self.failure.clone(), pieces: Box::pin(answer.bytes_stream()) };
        let mut response = Response::new(Body::new(len, pieces));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

async fn read(mut answer: reqwest::Response) -> Result<Response<Bytes>, reqwest::Error> {
    let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    let body = if status.is_success() { answer.bytes().await? } else { error_page(answer).await? };
    let mut response = Response::new(body);
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    Ok(response)
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
        let begun = self.begin(request);
        Box::pin(async move {
            let answer = async { read(begun?.await?).await };
            answer.await.map_err(|error| self.failure.explain(error))
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
                self.patience.renew();
                Poll::Ready(piece.map(|piece| piece.map_err(|error| self.failure.explain(error))))
            }
            Poll::Pending if self.patience.poll_end(context).is_ready() => {
                Poll::Ready(Some(Err(self.failure.stalled())))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
