//! Bodies of requests and answers, read piece by piece.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::auth::Scrub;
use crate::host::Host;
use crate::{Error, ErrorKind};

/// Makes the error for an answer that is too long to be held in memory.
pub(crate) fn too_large(host: &Host, most: usize) -> Error {
    let what = format!(
        "the answer of {host} is larger than {most} bytes, the most that is held in memory; \
         set max_answer_length or IDDS_MAX_ANSWER_LENGTH to more if that is right"
    );
    Error::new(ErrorKind::TooLarge, what)
}

/// Makes the error for an answer with too many values for its length.
pub(crate) fn too_many_values(host: &Host, most: usize) -> Error {
    let what = format!(
        "the answer of {host} holds more values than one of {most} bytes does as a rule; \
         set max_answer_length or IDDS_MAX_ANSWER_LENGTH to more if that is right"
    );
    Error::new(ErrorKind::TooLarge, what)
}

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// Bytes of an error page that are read: iDDS says what it has to say in headers, and others in a title.
pub(crate) const ERROR_PAGE: usize = 1 << 18;

/// The body of a request or an answer, piece by piece: it may be bigger than the memory.
///
/// ```
/// use idds_client::Body;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let mut body = Body::from("some bytes");
/// assert_eq!(body.len(), Some(10));
/// while let Some(piece) = body.next().await {
///     println!("{} bytes", piece?.len());
/// }
/// # Ok::<(), idds_client::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Body {
    len: Option<u64>,
    pieces: Pieces,
    /// What takes the secrets of the request out of what is read of it.
    scrub: Option<Arc<Scrub>>,
}

impl Body {
    /// Makes a body of these pieces; `len` is their length together, in bytes, if it is known.
    pub fn new(
        len: Option<u64>,
        pieces: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
    ) -> Self {
        Self {
            len,
            pieces: Box::pin(pieces),
            scrub: None,
        }
    }

    /// Waits for the next piece; none at the end.
    ///
    /// After an error nothing more comes.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        std::future::poll_fn(|context| self.pieces.as_mut().poll_next(context)).await
    }

    /// Waits for everything.
    ///
    /// # Errors
    ///
    /// That of the piece that did not come.
    pub async fn collect(self) -> Result<Bytes, Error> {
        self.beginning(usize::MAX).await
    }

    /// Waits for everything, unless it is longer than this many bytes: then there is none.
    pub(crate) async fn collect_within(self, most: usize) -> Result<Option<Bytes>, Error> {
        let all = self.beginning(most.saturating_add(1)).await?;
        Ok((all.len() <= most).then_some(all))
    }

    /// Waits for the beginning, of about this many bytes, and leaves the rest.
    pub(crate) async fn beginning(mut self, most: usize) -> Result<Bytes, Error> {
        let Some(first) = self.next().await.transpose()? else {
            return Ok(Bytes::new());
        };
        let mut all = Vec::new();
        while all.len().max(first.len()) < most {
            let Some(piece) = self.next().await.transpose()? else {
                break;
            };
            if all.is_empty() {
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&piece);
        }
        let all = if all.is_empty() { first } else { all.into() };
        Ok(match self.scrub {
            Some(scrub) => scrub.bytes(all),
            None => all,
        })
    }

    /// Adds an explanation to errors that come while the body is read.
    pub(crate) fn explained(self, explain: impl Fn(Error) -> Error + Send + 'static) -> Self {
        Self {
            pieces: Box::pin(Explained {
                pieces: self.pieces,
                explain: Box::new(explain),
            }),
            ..self
        }
    }

    /// Says what takes the secrets of the request out of it; a file stays as it is.
    pub(crate) fn scrubbed_by(self, scrub: Option<Arc<Scrub>>) -> Self {
        Self { scrub, ..self }
    }

    /// Returns what takes the secrets of the request out of it.
    pub(crate) fn scrub(&self) -> Option<&Arc<Scrub>> {
        self.scrub.as_ref()
    }

    /// Returns the number of bytes that are left when the body is untouched, if it is known.
    #[expect(
        clippy::len_without_is_empty,
        reason = "it is seldom known, so nobody can ask whether it is empty"
    )]
    pub fn len(&self) -> Option<u64> {
        self.len
    }
}

impl Stream for Body {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pieces.as_mut().poll_next(context)
    }
}

/// A body whose errors say what it was the answer to.
struct Explained {
    pieces: Pieces,
    explain: Box<dyn Fn(Error) -> Error + Send>,
}

impl Stream for Explained {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = self.pieces.as_mut().poll_next(context);
        piece.map(|piece| piece.map(|piece| piece.map_err(&self.explain)))
    }
}

/// A body that is there.
struct Whole(Option<Bytes>);

impl Stream for Whole {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        let len = u64::try_from(bytes.len()).ok();
        Self::new(len, Whole(Some(bytes).filter(|bytes| !bytes.is_empty())))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_that_are_there_come_in_one_piece() {
        let mut body = Body::from("abc");
        assert_eq!(body.next().await.expect("a piece").expect("bytes"), "abc");
        assert!(body.next().await.is_none());
        assert!(Body::from("").next().await.is_none());
    }

    #[tokio::test]
    async fn of_a_body_without_end_only_the_beginning_is_read() {
        let endless = Body::new(
            None,
            futures::stream::repeat_with(|| Ok(Bytes::from_static(&[7; 100]))),
        );
        assert_eq!(endless.beginning(950).await.expect("bytes").len(), 1000);
        assert_eq!(
            Body::from("abc").beginning(950).await.expect("bytes"),
            "abc"
        );
    }
}
