//! A transport that answers from a script.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use idds_client::{BoxFuture, Error, ErrorKind, Transport};
use tokio::time::{Instant, sleep};

/// What becomes of a request.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// It is answered with this status, header and body.
    Answer(u16, Option<(&'static str, &'static str)>, &'static str),
    /// It fails like this.
    Fail(ErrorKind),
    /// Nothing happens.
    Hang,
}

pub(crate) const OK: Turn = Turn::Answer(200, None, r#"{"Status": "OK"}"#);
pub(crate) const BUSY: Turn = Turn::Answer(503, None, "");

/// A transport that takes one turn for each request, and well-being when none is left.
#[derive(Debug)]
pub(crate) struct Script {
    turns: Mutex<VecDeque<Turn>>,
    sent: Mutex<Vec<(Duration, Request<Bytes>)>>,
    start: Instant,
    latency: Duration,
    now: Mutex<(usize, usize)>,
}

impl Script {
    pub(crate) fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        Self {
            turns: Mutex::new(turns.into_iter().collect()),
            sent: Mutex::default(),
            start: Instant::now(),
            latency: Duration::ZERO,
            now: Mutex::default(),
        }
    }

    /// Makes every answer take this long.
    pub(crate) fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// When requests were sent, in milliseconds since the start.
    pub(crate) fn times(&self) -> Vec<u128> {
        self.sent
            .lock()
            .expect("no panic")
            .iter()
            .map(|(at, _)| at.as_millis())
            .collect()
    }

    /// What was sent.
    pub(crate) fn sent(&self) -> Vec<Request<Bytes>> {
        self.sent
            .lock()
            .expect("no panic")
            .iter()
            .map(|(_, request)| request.clone())
            .collect()
    }

    /// How many requests were on the way at once, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.now.lock().expect("no panic").1
    }
}

impl Transport for Script {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        Box::pin(async move {
            let turn = self
                .turns
                .lock()
                .expect("no panic")
                .pop_front()
                .unwrap_or(OK);
            self.sent
                .lock()
                .expect("no panic")
                .push((self.start.elapsed(), request));
            {
                let mut now = self.now.lock().expect("no panic");
                now.0 += 1;
                now.1 = now.1.max(now.0);
            }
            if !self.latency.is_zero() {
                sleep(self.latency).await;
            }
            tokio::task::yield_now().await;
            self.now.lock().expect("no panic").0 -= 1;
            match turn {
                Turn::Answer(status, header, body) => {
                    let mut response = Response::builder().status(status);
                    if let Some((name, value)) = header {
                        response = response.header(name, value);
                    }
                    Ok(response
                        .body(Bytes::from_static(body.as_bytes()))
                        .expect("a response"))
                }
                Turn::Fail(kind) => Err(Error::new(kind, "broken")),
                Turn::Hang => std::future::pending().await,
            }
        })
    }
}
