//! The time limit for a transfer that makes no progress.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep};

use crate::{Body, Error};

/// Bytes a second in which an answer comes at least, on the average of the time that is waited for it.
const RATE: u64 = 1024;

/// A limit on the time between two pieces, in either direction, and on how slowly those of an answer come; not on the time of the
/// whole.
pub(super) struct Patience {
    limit: Duration,
    moves: Arc<Mutex<Moves>>,
    alarm: Pin<Box<Sleep>>,
}

/// Why a transfer is given up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Late {
    /// Nothing moved.
    Still,
    /// What comes, comes at less than this many bytes a second.
    Slow(u64),
}

/// What has come, and how long that was waited for. What the program does with a piece before it asks for the next does not count.
#[derive(Debug, Default)]
struct Moves {
    since: Option<Instant>,
    waited: Duration,
    bytes: u64,
}

impl Moves {
    /// Notes that this many bytes of the answer have come: nothing is waited for until more are asked for.
    fn came(&mut self, bytes: usize, now: Instant) {
        self.waited += self
            .since
            .take()
            .map_or(Duration::ZERO, |since| now.duration_since(since));
        self.bytes += bytes as u64;
    }

    /// Notes that something of the request has gone. How fast it goes depends on where it comes from, too.
    fn went(&mut self, now: Instant) {
        self.since = self.since.map(|_| now);
    }

    /// Returns when the waiting, which goes on or begins now, is over if nothing moves, and why.
    fn end(&mut self, limit: Duration, now: Instant) -> (Instant, Late) {
        let since = *self.since.get_or_insert(now);
        // A limit beyond what a clock can show is no limit.
        let after = |time| {
            since
                .checked_add(time)
                .unwrap_or_else(|| since + Duration::from_secs(86_400 * 365))
        };
        let allowed = limit
            .saturating_add(Duration::from_secs(self.bytes / RATE))
            .saturating_sub(self.waited);
        // Only where most of the time was used up before.
        if allowed < limit / 2 {
            (after(allowed), Late::Slow(RATE))
        } else {
            (after(limit), Late::Still)
        }
    }
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            limit,
            moves: Arc::default(),
            alarm: Box::pin(tokio::time::sleep(limit)),
        }
    }

    /// Notes that this many bytes of the answer have come.
    pub(super) fn came(&self, bytes: usize) {
        lock(&self.moves).came(bytes, Instant::now());
    }

    /// Lets every piece that is taken from this body start the time anew.
    pub(super) fn watch(
        &self,
        body: Body,
    ) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
        Watched {
            moves: self.moves.clone(),
            body,
        }
    }

    /// Waits for this future, and no longer than while something moves.
    pub(super) async fn wait<F: Future>(&self, future: F) -> Result<F::Output, Late> {
        let mut future = std::pin::pin!(future);
        let mut alarm = std::pin::pin!(tokio::time::sleep(self.limit));
        std::future::poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                self.came(0);
                return Poll::Ready(Ok(output));
            }
            poll_alarm(alarm.as_mut(), &self.moves, self.limit, context).map(Err)
        })
        .await
    }

    /// Says whether it has taken too long, and wakes the task when that may be so.
    pub(super) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Late> {
        poll_alarm(self.alarm.as_mut(), &self.moves, self.limit, context)
    }
}

/// Waits until an end that moves away while things move.
fn poll_alarm(
    mut alarm: Pin<&mut Sleep>,
    moves: &Mutex<Moves>,
    limit: Duration,
    context: &mut Context<'_>,
) -> Poll<Late> {
    loop {
        let now = Instant::now();
        let (end, late) = lock(moves).end(limit, now);
        if end <= now {
            return Poll::Ready(late);
        }
        // One that rings too early is set again; to set it for each piece would cost more.
        if alarm.deadline() > end {
            alarm.as_mut().reset(end);
        }
        match alarm.as_mut().poll(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(()) => alarm.as_mut().reset(end),
        }
    }
}

fn lock(moves: &Mutex<Moves>) -> MutexGuard<'_, Moves> {
    moves.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Watched {
    moves: Arc<Mutex<Moves>>,
    body: Body,
}

impl Stream for Watched {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = Pin::new(&mut self.body).poll_next(context);
        if piece.is_ready() {
            lock(&self.moves).went(Instant::now());
        }
        piece
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    async fn late(patience: &mut Patience) -> Late {
        std::future::poll_fn(|context| patience.poll_end(context)).await
    }

    #[tokio::test(start_paused = true)]
    async fn what_moves_is_waited_for_and_what_stands_still_is_not() {
        let patience = Patience::new(LIMIT);
        let endless = Body::new(
            None,
            futures::stream::repeat_with(|| Ok(Bytes::from_static(&[7]))),
        );
        let mut pieces = Box::pin(patience.watch(endless));
        let moves = async {
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_secs(9)).await;
                std::future::poll_fn(|context| pieces.as_mut().poll_next(context).map(drop)).await;
            }
        };
        assert_eq!(patience.wait(moves).await, Ok(()));
        let patience = Patience::new(LIMIT);
        let start = Instant::now();
        assert_eq!(
            patience.wait(std::future::pending::<()>()).await,
            Err(Late::Still)
        );
        assert_eq!(start.elapsed(), LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn the_pieces_of_an_answer_have_the_same_limit() {
        let mut patience = Patience::new(LIMIT);
        // The program is in no hurry.
        tokio::time::sleep(Duration::from_secs(6000)).await;
        patience.came(1);
        tokio::time::sleep(Duration::from_secs(6000)).await;
        let start = Instant::now();
        assert_eq!(late(&mut patience).await, Late::Still);
        assert_eq!(start.elapsed(), LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn pieces_that_keep_coming_and_are_small_are_not_waited_for_without_end() {
        let mut patience = Patience::new(LIMIT);
        let start = Instant::now();
        let slow = loop {
            tokio::select! {
                late = late(&mut patience) => break late,
                () = tokio::time::sleep(Duration::from_secs(1)) => patience.came(1),
            }
        };
        assert_eq!((slow, start.elapsed()), (Late::Slow(RATE), LIMIT));
        let mut patience = Patience::new(LIMIT);
        for _ in 0..1000 {
            tokio::select! {
                late = late(&mut patience) => panic!("{late:?}"),
                () = tokio::time::sleep(Duration::from_secs(9)) => patience.came(10_000),
            }
        }
    }
}
