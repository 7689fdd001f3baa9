//! A running server: what it is asked, and how it ends.

mod builder;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use idds_workflow::RequestId;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::routes::MOUNT;
use crate::scratch::Scratch;
use crate::state;
use crate::store::{Store, attempts};
use crate::token::Token;

pub use self::builder::ServerBuilder;

/// How long the jobs that run have to end, when they are ended.
const END_OF_JOBS: Duration = Duration::from_secs(15);

/// A server that runs in the background of the program that started it.
///
/// It ends when [`shutdown`](Self::shutdown) is called or when it is dropped. Nothing is lost either way, nor when the
/// process is killed: a server started on the same database goes on from there.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    token: Option<Token>,
    store: Store,
    end: watch::Sender<bool>,
    http: Option<JoinHandle<()>>,
    agent: JoinHandle<()>,
    /// Who starts jobs, and what ends all of them.
    runner: Option<(JoinHandle<()>, watch::Sender<bool>)>,
    /// Who copies files, and who follows rules of Rucio.
    movers: Vec<JoinHandle<()>>,
    /// Goes last: until then, what is in it may be in use.
    scratch: Option<Scratch>,
}

impl Server {
    /// Starts to set up a server.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::new()
    }

    /// Returns the address a client is given as its host, such as `http://127.0.0.1:40001/token_3f…/idds`.
    ///
    /// It holds the [token](ServerBuilder::without_token) of the server: whoever knows it can read and change everything. It is not
    /// for logs, nor for the arguments of a program, which every user of the machine can see.
    pub fn url(&self) -> String {
        match &self.token {
            Some(token) => format!("http://{}/{}{MOUNT}", self.address, token.expose()),
            None => self.url_without_token(),
        }
    }

    /// Returns the address for people to see, such as `http://127.0.0.1:40001/idds`, which is served to who shows the token in the
    /// header `X-IDDS-Server-Token`.
    pub fn url_without_token(&self) -> String {
        format!("http://{}{MOUNT}", self.address)
    }

    /// Returns the token of the server, unless it has [none](ServerBuilder::without_token).
    pub fn token(&self) -> Option<&str> {
        self.token.as_ref().map(Token::expose)
    }

    /// Returns the database.
    #[cfg(test)]
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the address that is listened on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Returns a directory for files that last as long as the server; none when its data stays in a directory of its own.
    ///
    /// Only its owner can read it. It is removed at the end of the server, or by the next server that starts if this one is killed.
    pub fn temporary_directory(&self) -> Option<&Path> {
        self.scratch.as_ref().map(Scratch::path)
    }

    /// Ends the jobs that run, as far as they end within some ten seconds. They are started again by the next server on the database.
    ///
    /// Jobs go on to their end without a server unless this is called, or unless the data of the server is in memory.
    pub async fn end_jobs(&mut self) {
        if let Some((runner, end)) = self.runner.take() {
            end.send_replace(true);
            if timeout(END_OF_JOBS, runner).await.is_err() {
                tracing::warn!("some jobs have not ended in time");
            }
        }
    }

    /// Ends the server: takes no more connections, answers what was asked already, and closes the database.
    ///
    /// Clients have half a second to send the rest of a request or to read an answer, and the server five seconds for what it has
    /// begun to do.
    pub async fn shutdown(mut self) {
        if self.scratch.is_some() {
            // Nobody would ever know what became of them.
            self.end_jobs().await;
        }
        self.end.send_replace(true);
        if let Some(http) = self.http.take() {
            // Its connections tell themselves what went wrong with them.
            let _ = http.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end.send_replace(true);
        self.agent.abort();
        if let Some((runner, _)) = &self.runner {
            runner.abort();
        }
        self.movers.iter().for_each(JoinHandle::abort);
        self.store.close(|connection| {
            // What is lost with this is found when the file is opened again.
            if let Err(error) = attempts::release_all(connection) {
                tracing::error!(%error, "database");
            }
        });
    }
}

/// Returns the seed of the sampler in the search of a request's first work, on a server with this [seed](ServerBuilder::seed).
///
/// With it, a finished search can be replayed.
pub fn search_seed(server: u64, request: RequestId) -> u64 {
    state::search_seed(server, request.get().cast_signed())
}
