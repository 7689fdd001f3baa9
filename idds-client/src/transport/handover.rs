//! Counting how much of a request was handed to the connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

/// Bytes that are handed over at once. A connection that breaks tells from the end of the body by this much.
const PIECE: usize = 1 << 16;

/// The count of a request whose handing over has been ended.
const ENDED: u64 = u64::MAX;

/// Counts what the connection takes of the body of a request.
///
/// What was taken may have left this machine; what was not taken never will once the [handover has ended](Self::end).
#[derive(Clone, Debug)]
pub(super) struct Handover {
    taken: Arc<AtomicU64>,
    len: u64,
}

impl Handover {
    /// Prepares the handing over of a body: the count, and the pieces that go to the connection.
    pub(super) fn new(
        body: Bytes,
    ) -> (Self, impl Stream<Item = io::Result<Bytes>> + Send + 'static) {
        let handover = Self {
            taken: Arc::default(),
            len: u64::try_from(body.len()).unwrap_or(ENDED - 1),
        };
        let pieces = HandedOver {
            taken: handover.taken.clone(),
            rest: body,
        };
        (handover, pieces)
    }

    /// Ends it, so that nothing more is handed over, and says whether anything is missing.
    ///
    /// The task of the connection may be about to take a piece on another thread. Either that one is in the count, or it gets none.
    pub(super) fn end(&self) -> Option<Missing> {
        let taken = self.taken.swap(ENDED, Ordering::AcqRel);
        (taken < self.len).then_some(Missing {
            taken,
            len: self.len,
        })
    }
}

/// A request that will never arrive whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Missing {
    /// How much of the body was handed over, in bytes.
    pub(super) taken: u64,
    /// How long it is.
    pub(super) len: u64,
}

struct HandedOver {
    taken: Arc<AtomicU64>,
    rest: Bytes,
}

impl Stream for HandedOver {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let len = self.rest.len().min(PIECE);
        if len == 0 {
            return Poll::Ready(None);
        }
        let counted = self
            .taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| {
                (taken != ENDED).then(|| taken.saturating_add(u64::try_from(len).unwrap_or(ENDED)))
            });
        Poll::Ready(Some(match counted {
            Ok(_) => Ok(self.rest.split_to(len)),
            Err(_) => Err(io::ErrorKind::ConnectionAborted.into()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn what_was_taken_is_counted_and_after_the_end_nothing_is() {
        let (handover, mut pieces) = Handover::new(Bytes::from(vec![7; PIECE + 5]));
        assert_eq!(
            pieces.next().await.expect("a piece").expect("bytes").len(),
            PIECE
        );
        let missing = handover.end().expect("five bytes");
        assert_eq!(
            (missing.taken, missing.len),
            (PIECE as u64, PIECE as u64 + 5)
        );
        assert!(pieces.next().await.expect("an error").is_err());
    }

    #[tokio::test]
    async fn of_what_was_taken_whole_nothing_is_missing() {
        let (handover, pieces) = Handover::new(Bytes::from(vec![7; 2 * PIECE]));
        assert_eq!(pieces.count().await, 2);
        assert_eq!(handover.end(), None);
    }
}
