//! Blocking calls.

use std::io;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::{Error, ErrorKind};

/// Waits for a call on this thread, in programs that are not async.
///
/// Every call has it, so there is one client and one set of types. Connections live on a thread in the background, which
/// is started by the first call and shared by all clients.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::{Blocking, Client};
/// use idds_workflow::RequestId;
///
/// fn main() -> Result<(), idds_client::Error> {
///     # let recorded = Replay::new([Exchange::new("GET", "/idds/request/7/null/False/False/False/False", 200, "[]")]);
///     let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
///     let requests = client.requests().get(RequestId::new(7)).block()?;
///     assert!(requests.is_empty());
///     Ok(())
/// }
/// ```
pub trait Blocking {
    /// What the call answers.
    type Answer;

    /// Sends the call and waits for its answer.
    ///
    /// # Errors
    ///
    /// Those of the call; and [`ErrorKind::Configuration`] on a thread of an async runtime, where waiting would keep
    /// others from going on, and when the thread in the background cannot be started. Such a thread is also one of
    /// `spawn_blocking`; there, `Handle::current().block_on(call.into_future())` waits.
    fn block(self) -> Result<Self::Answer, Error>;
}

static RUNTIME: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("idds-client")
        .enable_all()
        .build()
});

impl<C, T> Blocking for C
where
    C: IntoFuture<Output = Result<T, Error>>,
{
    type Answer = T;

    fn block(self) -> Result<T, Error> {
        if Handle::try_current().is_ok() {
            let what =
                "the call would block a thread of an async runtime, where it is to be awaited";
            return Err(Error::new(ErrorKind::Configuration, what));
        }
        match &*RUNTIME {
            Ok(runtime) => runtime.block_on(self.into_future()),
            Err(error) => {
                let what = "the thread for calls in the background cannot be started";
                Err(Error::new(ErrorKind::Configuration, what)
                    .caused_by(io::Error::from(error.kind())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::{Client, Exchange, Replay, Retry};

    fn client(exchanges: impl IntoIterator<Item = Exchange>) -> Client {
        let client = Client::builder("http://localhost/idds").transport(Replay::new(exchanges));
        client
            .retry(Retry::default().first_wait(std::time::Duration::ZERO))
            .build()
            .expect("a client")
    }

    #[test]
    fn many_threads_can_wait_at_once_and_retries_need_no_runtime_of_theirs() {
        let exchange = |status| Exchange::new("GET", "/idds/ping", status, r#"{"Status": "OK"}"#);
        let client = client(
            [exchange(503)]
                .into_iter()
                .chain((0..8).map(|_| exchange(200))),
        );
        thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| client.ping().block()))
                .collect();
            assert!(
                threads
                    .into_iter()
                    .all(|thread| thread.join().expect("no panic").is_ok())
            );
        });
    }

    #[tokio::test]
    async fn an_async_thread_is_not_blocked() {
        let error = client([]).ping().block().expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("to be awaited"), "{error}");
    }
}
