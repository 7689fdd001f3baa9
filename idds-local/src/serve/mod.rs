//! What stands between the socket and the routes: how many connections are held at once, how long each may take, and a line for
//! each request and for each connection that broke.

mod connection;
mod descriptors;
mod exchange;
mod life;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tracing::{error, info, warn};

pub(crate) use self::descriptors::{FILES, connections};
pub(crate) use self::exchange::TooSlow;
pub(crate) use self::life::Limits;
use self::life::{Closing, Life, Shared};

/// How often connections are looked at that may have been too slow, or a quarter of the time that they have.
const LOOK: Duration = Duration::from_secs(1);

/// How long a server that ends waits for clients: to send the rest of a request, or to read an answer.
const CLIENT_GRACE: Duration = Duration::from_millis(500);

/// How long it waits for what it has to do itself.
const GRACE: Duration = Duration::from_secs(5);

/// Connections that may be there while others are about to go, so that a new one does not wait for that.
const SPARE: usize = 16;

/// Connections that the system may hold until they are taken.
const BACKLOG: u32 = 4096;

/// Listens on an address.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves what comes in until `ended` says so.
///
/// When as many connections are there as may be, the one gives way that has waited longest for its client, first of those without a request. While the server works for
/// all of them, new ones wait.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    mut ended: watch::Receiver<bool>,
) {
    let shared = Shared::new(limits);
    let (builder, tasks, lives) = (Arc::default(), JoinSet::new(), HashMap::new());
    let mut connections = Connections {
        router,
        builder,
        tasks,
        lives,
        shared: Arc::clone(&shared),
    };
    let mut ended = std::pin::pin!(async move {
        // An error means that the server was dropped, which is the end as well.
        let _ = ended.wait_for(|ended| *ended).await;
    });
    let mut look = interval(
        LOOK.min(limits.transfer / 4)
            .min(limits.idle / 4)
            .max(Duration::from_millis(1)),
    );
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waiting: Option<(TcpStream, SocketAddr)> = None;
    loop {
        tokio::select! {
            biased;
            () = ended.as_mut() => break,
            Some(over) = connections.tasks.join_next_with_id() => connections.forget(over),
            () = shared.relief.notified(), if waiting.is_some() => {}
            _ = look.tick() => connections.close_overdue(),
            accepted = listener.accept(), if waiting.is_none() => match accepted {
                Ok(new) => waiting = Some(new),
                Err(error) => connections.refused(&error).await,
            },
        }
        if let Some(new) = waiting.take() {
            waiting = connections.take(new);
        }
        shared.is_full.store(waiting.is_some(), Ordering::Relaxed);
    }
    drop((listener, waiting));
    connections.end().await;
}

/// The connections that are open.
struct Connections {
    router: Router,
    builder: Arc<connection::Builder>,
    tasks: JoinSet<()>,
    lives: HashMap<Id, Arc<Life>>,
    shared: Arc<Shared>,
}

impl Connections {
    /// Begins to serve a connection, for which another one gives way if need be, or gives it back until there is room.
    fn take(&mut self, (stream, peer): (TcpStream, SocketAddr)) -> Option<(TcpStream, SocketAddr)> {
        let (held, most) = (self.lives.len(), self.shared.limits.connections);
        if held >= most && (held >= most + SPARE || !self.make_room()) {
            return Some((stream, peer));
        }
        let life = Arc::new(Life::new(peer, Arc::clone(&self.shared), Instant::now()));
        let (router, builder) = (self.router.clone(), Arc::clone(&self.builder));
        let task = self.tasks.spawn(connection::serve(
            stream,
            router,
            Arc::clone(&life),
            builder,
        ));
        self.lives.insert(task.id(), life);
        None
    }

    /// Says whether there is room for another connection once those have gone that were told to; tells one more if there is not.
    fn make_room(&self) -> bool {
        let staying = self.lives.values().filter(|life| !life.is_told()).count();
        staying < self.shared.limits.connections || self.tell_one()
    }

    /// Tells the one to give way that has waited longest for its client, if there is any.
    fn tell_one(&self) -> bool {
        let staying = self.lives.values().filter(|life| !life.is_told());
        let ranked = staying.filter_map(|life| Some((life.rank()?, life)));
        match ranked.min_by_key(|(rank, _)| *rank) {
            Some(((_, since), life)) => life.close(Closing::GivesWay(since)),
            None => return false,
        }
        true
    }

    fn close_overdue(&self) {
        let now = Instant::now();
        self.lives
            .values()
            .for_each(|life| life.close_if_overdue(now));
    }

    /// Tells of a connection that the system did not give.
    async fn refused(&self, error: &io::Error) {
        let is_its_own = [
            io::ErrorKind::ConnectionAborted,
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::ConnectionRefused,
            io::ErrorKind::Interrupted,
        ];
        if is_its_own.contains(&error.kind()) {
            info!("a connection broke before it was taken: {error}");
            return;
        }
        // No descriptors, or no memory: there may be some later.
        warn!("no connection can be taken now: {error}");
        self.tell_one();
        sleep(Duration::from_millis(50)).await;
    }

    fn forget(&mut self, over: Result<(Id, ()), JoinError>) {
        let id = match over {
            Ok((id, ())) => id,
            Err(failed) => {
                let id = failed.id();
                if let (true, Some(life)) = (failed.is_panic(), self.lives.get(&id)) {
                    error!("connection from {} broke: the server panicked", life.peer);
                }
                id
            }
        };
        self.lives.remove(&id);
    }

    /// Closes what waits for its client, at once or soon, and leaves a moment to answer the rest.
    async fn end(mut self) {
        self.lives
            .values()
            .for_each(|life| life.close(Closing::End));
        let begun = Instant::now();
        let (mut next, mut is_client_time) = (begun + CLIENT_GRACE, true);
        loop {
            tokio::select! {
                over = self.tasks.join_next_with_id() => match over {
                    Some(over) => self.forget(over),
                    None => return,
                },
                () = sleep_until(next) => {
                    if !is_client_time {
                        // The sockets are closed when the runtime comes to it.
                        self.tasks.abort_all();
                        return;
                    }
                    let waits = |life: &&Arc<Life>| life.rank().is_some();
                    self.lives.values().filter(waits).for_each(|life| life.close(Closing::EndNow));
                    (next, is_client_time) = (begun + GRACE, false);
                }
            }
        }
    }
}
