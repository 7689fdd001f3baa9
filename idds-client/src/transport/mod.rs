//! Transports, which carry requests to a server.

mod failure;
mod handover;
mod http;
mod panda;
mod patience;
mod replay;
mod revocation;
mod scheme;
mod tls;
mod unverified;

use std::pin::Pin;
use std::sync::Arc;

use ::http::{Request, Response};
use bytes::Bytes;

pub(crate) use self::http::HttpTransport;
pub(crate) use self::panda::PandaRelay;
#[cfg(test)]
pub(crate) use self::replay::recorded;
pub use self::replay::{Exchange, Replay};
pub(crate) use self::tls::{Store, Trust};
use crate::{Body, Error};

/// A future behind a pointer, which any thread may finish.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries one request to a server and brings back its answer, whatever the status.
///
/// The client's own is HTTP/1.1 or HTTP/2 over rustls, on the tokio runtime. [`Replay`] answers from memory. An
/// implementation of another kind, given to [`ClientBuilder::transport`](crate::ClientBuilder::transport), gets complete
/// requests: absolute address, and headers that say who asks (those that are secret are marked as sensitive).
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use idds_client::{BoxFuture, Client, Error, ErrorKind, Transport};
///
/// /// A server that is always down.
/// struct Down;
///
/// impl Transport for Down {
///     fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
///         Box::pin(async { Err(Error::new(ErrorKind::Connect, "it is down for maintenance")) })
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// let client = Client::builder("https://idds.example:443/idds").transport(Down).build()?;
/// let error = client.ping().await.expect_err("down");
/// assert_eq!(error.to_string(), "ping failed in 4 attempts: it is down for maintenance");
/// # Ok::<(), idds_client::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Transport: Send + Sync {
    /// Sends the request once, without following redirects.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connect`](crate::ErrorKind::Connect) only when nothing was sent, because such a request is sent again, and so is
    /// one of which the error says that it was [cut short](Error::cut_short). Of any other failure it counts as unknown whether
    /// the server has acted on the request, or will.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>>;

    /// Sends the request once, and brings the answer back as soon as its head is there; bodies come piece by piece.
    ///
    /// Unless implemented, it holds both bodies in memory and calls [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send), and that of the body of the request.
    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, Error>> {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let request = Request::from_parts(parts, body.collect().await?);
            Ok(self.send(request).await?.map(Body::from))
        })
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        (**self).send(request)
    }

    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, Error>> {
        (**self).stream(request)
    }
}
