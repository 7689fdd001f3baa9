//! HTTP over TLS.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use reqwest::redirect::Policy;
use rustls::ClientConfig;

use super::failure::Failure;
use super::{BoxFuture, Transport};
use crate::host::Host;
use crate::{Error, ErrorKind};

/// A pool of connections to one server.
pub(crate) struct HttpTransport {
    pool: reqwest::Client,
    failure: Failure,
}

impl HttpTransport {
    pub(crate) fn new(host: &Host, tls: ClientConfig, connect: Duration, total: Duration) -> Result<Self, Error> {
        let mut pool = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("idds-client/", env!("CARGO_PKG_VERSION"), " (Rust)"))
            .connect_timeout(connect)
            .timeout(total)
            .redirect(Policy::none());
        if host.is_loopback() {
            pool = pool.no_proxy();
        }
        let pool = pool.build().map_err(|error| {
            Error::new(ErrorKind::Configuration, "the HTTP client cannot be set up").caused_by(error)
        })?;
        Ok(Self { pool, failure: Failure::new(host.clone(), connect, total) })
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, reqwest::Error> {
        let mut answer = self.pool.execute(request.try_into()?).await?;
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        *response.body_mut() = answer.bytes().await?;
        Ok(response)
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        Box::pin(async move { self.exchange(request).await.map_err(|error| self.failure.explain(error)) })
    }
}
