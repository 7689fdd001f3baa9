//! How long a transfer may stand still.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{Body, Error};

/// A limit on the time between two pieces, in either direction, not on that of the whole.
pub(super) struct Patience {
    limit: Duration,
    last: Arc<Mutex<Instant>>,
    alarm: Pin<Box<Sleep>>,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        let now = Instant::now();
        Self { limit, last: Arc::new(Mutex::new(now)), alarm: Box::pin(tokio::time::sleep(limit)) }
    }

    /// Starts the time anew.
    pub(super) fn renew(&self) {
        renew(&self.last);
    }

    /// Lets every piece that is taken from this body start the time anew.
    pub(super) fn watch(&self, body: Body) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
        Watched { last: self.last.clone(), body }
    }

    /// Waits for this future; none when nothing moved for too long.
    pub(super) async fn wait<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = std::pin::pin!(future);
        let mut alarm = std::pin::pin!(sleep_until(self.end()));
        std::future::poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                self.renew();
                return Poll::Ready(Some(output));
            }
            poll_alarm(alarm.as_mut(), || self.end(), context).map(|()| None)
        })
        .await
    }

    /// Says whether nothing moved for too long, and wakes the task when that may be so.
    pub(super) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let (last, limit) = (&self.last, self.limit);
        poll_alarm(self.alarm.as_mut(), || end(last, limit), context)
    }

    fn end(&self) -> Instant {
        end(&self.last, self.limit)
    }
}

/// Waits until an end that moves away while things move.
fn poll_alarm(mut alarm: Pin<&mut Sleep>, end: impl Fn() -> Instant, context: &mut Context<'_>) -> Poll<()> {
    while alarm.as_mut().poll(context).is_ready() {
        let end = end();
        if end <= Instant::now() {
            return Poll::Ready(());
        }
        alarm.as_mut().reset(end);
    }
    Poll::Pending
}

fn end(last: &Mutex<Instant>, limit: Duration) -> Instant {
    let last = *last.lock().unwrap_or_else(PoisonError::into_inner);
    // A limit beyond what a clock can show is no limit.
    last.checked_add(limit).unwrap_or_else(|| last + Duration::from_secs(86_400 * 365))
}

fn renew(last: &Mutex<Instant>) {
    *last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
}

struct Watched {
    last: Arc<Mutex<Instant>>,
    body: Body,
}

impl Stream for Watched {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = Pin::new(&mut self.body).poll_next(context);
        if piece.is_ready() {
            renew(&self.last);
        }
        piece
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_moves_is_waited_for_and_what_stands_still_is_not() {
        let patience = Patience::new(Duration::from_secs(10));
        let moves = async {
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_secs(9)).await;
                patience.renew();
            }
        };
        assert_eq!(patience.wait(moves).await, Some(()));
        let start = Instant::now();
        assert_eq!(patience.wait(std::future::pending::<()>()).await, None);
        assert_eq!(start.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn the_pieces_of_an_answer_have_the_same_limit() {
        let mut patience = Patience::new(Duration::from_secs(10));
        tokio::time::sleep(Duration::from_secs(6)).await;
        patience.renew();
        let start = Instant::now();
        std::future::poll_fn(|context| patience.poll_end(context)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(10));
    }
}
