//! One connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tracing::info;

use super::exchange::Exchanges;
use super::life::{Decision, Life};

/// Most bytes of a head. It is held in memory while it comes, and the library's own limit is 400 KB.
const HEAD_BYTES: usize = 64 << 10;

/// What makes HTTP of connections.
pub(super) struct Builder(auto::Builder<TokioExecutor>);

impl Default for Builder {
    fn default() -> Self {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // A client that has said all it has to say, and closes its half, still gets the answer.
        builder.http1().half_close(true).max_buf_size(HEAD_BYTES);
        Self(builder)
    }
}

/// Serves a connection to its end.
pub(super) async fn serve(
    stream: TcpStream,
    router: Router,
    life: Arc<Life>,
    builder: Arc<Builder>,
) {
    let peer = life.peer;
    let service = TowerToHyperService::new(Exchanges {
        router,
        life: Arc::clone(&life),
    });
    let stream = TokioIo::new(Watched {
        stream,
        life: Arc::clone(&life),
    });
    let mut connection = std::pin::pin!(builder.0.serve_connection(stream, service));
    let result = loop {
        tokio::select! {
            biased;
            result = connection.as_mut() => break result,
            () = life.told() => {}
        }
        // The runtime looks at all sockets before it comes back: what has come in is read before it is decided.
        tokio::task::yield_now().await;
        if let Poll::Ready(result) = futures::poll!(connection.as_mut()) {
            break result;
        }
        match life.decide(Instant::now()) {
            Decision::Close(reason) => {
                info!("connection from {peer} closed: {reason}");
                return;
            }
            Decision::Finish => connection.as_mut().graceful_shutdown(),
            Decision::GoOn => {}
        }
    };
    if let Err(error) = result {
        info!("connection from {peer} broke: {}", causes(&*error));
    }
}

/// Writes an error with what lies underneath.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// A socket that notes what moves.
struct Watched {
    stream: TcpStream,
    life: Arc<Life>,
}

impl Watched {
    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = written {
            self.life.wrote(bytes);
        }
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.life.read(Instant::now());
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
