//! One request and its answer: whose turn it is, and a line that tells of it.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Method, Request, StatusCode, Version};
use http_body::{Frame, SizeHint};
use idds_workflow::printable;
use tokio::time::{Instant, Sleep, sleep_until};
use tower_service::Service;
use tracing::{Level, info};

use super::life::{Life, SHORT, Turn};
use crate::answer::Failure;
use crate::routes::MOUNT;
use crate::token;

/// Answers the requests of one connection.
#[derive(Clone)]
pub(super) struct Exchanges {
    pub(super) router: Router,
    pub(super) life: Arc<Life>,
}

impl<B> Service<Request<B>> for Exchanges
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut exchange = Exchange::begin(&self.life, &request);
        let (life, number) = (Arc::clone(&self.life), exchange.number);
        let request = request.map(|body| {
            if body.is_end_stream() {
                return Body::empty();
            }
            let now = Instant::now();
            Body::new(Incoming {
                body,
                life,
                number,
                begun: now,
                moved: now,
                received: 0,
                alarm: None,
            })
        });
        let answer = self.router.call(request);
        Box::pin(async move {
            // A panic would otherwise end the connection without an answer; its text is on standard error.
            let answer = AssertUnwindSafe(answer).catch_unwind().await;
            let answer = match answer {
                Ok(Ok(answer)) => answer,
                Err(_) => Failure::core("the server panicked").render(),
            };
            exchange.life.answers(number, Instant::now());
            exchange.status = Some(answer.status());
            Ok(answer.map(|body| Body::new(Outgoing { body, exchange })))
        })
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request that is not answered to the end yet.
struct Exchange {
    life: Arc<Life>,
    number: u64,
    begun: Instant,
    /// Method and path, if anybody wants to know.
    asked: Option<(Method, String)>,
    status: Option<StatusCode>,
    bytes: u64,
    is_whole: bool,
}

impl Exchange {
    fn begin<B>(life: &Arc<Life>, request: &Request<B>) -> Self {
        let is_told = tracing::enabled!(Level::INFO);
        let asked = is_told.then(|| (request.method().clone(), shown(request.uri().path())));
        let number = life.begin(request.version() == Version::HTTP_2);
        let life = Arc::clone(life);
        Self {
            life,
            number,
            begun: Instant::now(),
            asked,
            status: None,
            bytes: 0,
            is_whole: false,
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.life.end(self.number, Instant::now());
        let Some((method, path)) = &self.asked else {
            return;
        };
        let (bytes, time) = (self.bytes, self.begun.elapsed());
        match self.status {
            Some(status) if self.is_whole => info!(
                "{method} {path} {} {bytes} bytes {time:.1?}",
                status.as_u16()
            ),
            Some(status) => {
                info!(
                    "{method} {path} {} broke off after {bytes} bytes of the answer {time:.1?}",
                    status.as_u16()
                );
            }
            None => info!("{method} {path} broke off before the answer {time:.1?}"),
        }
    }
}

/// Returns a path without what is secret in it: what stands before the service, and what is said in signing in.
fn shown(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let mount = MOUNT.trim_start_matches('/');
    let (before, rest) = match segments.as_slice() {
        [first, rest @ ..] if *first == mount => ("", rest),
        [_, second, rest @ ..] if *second == mount => ("/…", rest),
        _ => return "/…".to_owned(),
    };
    let rest: String = match rest {
        ["auth", what, ..] => format!("/auth/{what}/…"),
        rest => rest
            .iter()
            .flat_map(|segment| {
                [
                    "/",
                    if token::is_meant(segment) {
                        "…"
                    } else {
                        segment
                    },
                ]
            })
            .collect(),
    };
    format!("{before}{MOUNT}{}", printable(&rest))
}

/// The body of a request, which must come at some rate.
struct Incoming<B> {
    body: B,
    life: Arc<Life>,
    number: u64,
    begun: Instant,
    /// When something came last.
    moved: Instant,
    received: u64,
    alarm: Option<Pin<Box<Sleep>>>,
}

/// Why a body that is too slow is not read.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come within {0:?}; a longer one has as long for each {SHORT} bytes")]
pub(crate) struct TooSlow(Duration);

impl TooSlow {
    /// Finds it where it is why something failed.
    pub(crate) fn below<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Self> {
        let wrapped = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        let found = error.downcast_ref();
        found
            .or_else(|| Self::below(wrapped?))
            .or_else(|| Self::below(error.source()?))
    }
}

impl<B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin> HttpBody for Incoming<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            if let Some(Ok(frame)) = &frame {
                this.received += frame.data_ref().map_or(0, Bytes::len) as u64;
                this.moved = Instant::now();
            }
            this.life.turn(this.number, Turn::Ours);
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let end = this.begun + this.life.limits().time_for(this.received);
        let alarm = this.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        while alarm.as_mut().poll(context).is_ready() {
            if Instant::now() >= end {
                this.life.turn(this.number, Turn::Ours);
                return Poll::Ready(Some(Err(TooSlow(this.life.limits().transfer).into())));
            }
            alarm.as_mut().reset(end);
        }
        this.life.turn(this.number, Turn::Body(this.moved));
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer; the exchange ends with it.
struct Outgoing {
    body: Body,
    exchange: Exchange,
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let Exchange {
            life,
            number,
            bytes,
            is_whole,
            ..
        } = &mut this.exchange;
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                *bytes += frame.data_ref().map_or(0, Bytes::len) as u64;
                life.answers(*number, Instant::now());
                Poll::Ready(Some(Ok(
                    frame.map_data(|piece| Held::until_read(piece, life))
                )))
            }
            Poll::Ready(None) => {
                *is_whole = true;
                Poll::Ready(None)
            }
            Poll::Pending => {
                life.turn(*number, Turn::Ours);
                Poll::Pending
            }
            failed => failed,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        // Of an answer without a body, or to HEAD, nothing is asked for.
        self.exchange.is_whole |= self.body.is_end_stream();
    }
}

/// A large piece of an answer. The library takes it at once; it is read when it is given up.
struct Held {
    piece: Bytes,
    life: Arc<Life>,
    number: u64,
}

/// Pieces from this length on are watched until they are read; what is shorter has the time of an idle connection.
const LARGE: usize = 64 << 10;

impl Held {
    fn until_read(piece: Bytes, life: &Arc<Life>) -> Bytes {
        if piece.len() < LARGE {
            return piece;
        }
        Bytes::from_owner(Self {
            piece,
            life: Arc::clone(life),
            number: life.hold(Instant::now()),
        })
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.piece
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.life.end(self.number, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_without_what_is_secret() {
        for (path, expected) in [
            ("/idds/ping", "/idds/ping"),
            ("/idds/hpo/null/7/1/0.5", "/idds/hpo/null/7/1/0.5"),
            ("/s3cret/idds/ping", "/…/idds/ping"),
            ("/s3cret/idds", "/…/idds"),
            ("/idds/Token_s3cret/ping", "/idds/…/ping"),
            ("/s3cret", "/…"),
            ("/s3cret/ping", "/…"),
            ("/", "/…"),
            ("*", "/…"),
            ("/idds/auth/refresh/atlas/s3cret", "/idds/auth/refresh/…"),
            (
                "/s3cret/idds/auth/token/atlas/s3cret/5",
                "/…/idds/auth/token/…",
            ),
            ("/idds/cacher/%1b\u{202e}", "/idds/cacher/%1b\\u{202e}"),
        ] {
            assert_eq!(shown(path), expected);
        }
    }

    #[test]
    fn a_slow_body_is_known_however_deep_it_lies() {
        let error = std::io::Error::other(axum::Error::new(TooSlow(Duration::from_secs(20))));
        assert!(TooSlow::below(&error).is_some());
        assert!(TooSlow::below(&std::io::Error::other("slow")).is_none());
    }
}
