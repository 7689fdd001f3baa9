//! What a connection waits for, and since when.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Bytes that a client moves at least in the time of a transfer: in that of 20 s, 4096 bytes a second.
pub(super) const SHORT: u64 = 80 << 10;

/// How long clients may take, and how many there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For the head of a request; for a body, or the reading of an answer, and once more for each [`SHORT`] bytes of it.
    pub(crate) transfer: Duration,
    /// For a connection without a request.
    pub(crate) idle: Duration,
    /// Connections at once.
    pub(crate) connections: usize,
}

impl Limits {
    /// Returns how long a transfer may take of which this many bytes have moved.
    pub(super) fn time_for(&self, bytes: u64) -> Duration {
        // The time is limited to a year, and the bytes are those of one connection.
        self.transfer
            .saturating_add(self.transfer.mul_f64(bytes as f64 / SHORT as f64))
    }
}

/// The life of one connection, which its task, its requests and the acceptor share.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) peer: SocketAddr,
    state: Mutex<State>,
    /// Tells the task that the connection is to be closed.
    told: Notify,
    shared: Arc<Shared>,
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) limits: Limits,
    /// Whether a new connection waits until another one is idle or ends.
    pub(super) is_full: AtomicBool,
    /// Somebody may give way now.
    pub(super) relief: Notify,
}

impl Shared {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            is_full: AtomicBool::new(false),
            relief: Notify::new(),
        })
    }
}

#[derive(Debug)]
struct State {
    exchanges: Vec<(u64, Turn)>,
    next: u64,
    rest: Rest,
    /// Bytes that were given to the system.
    written: u64,
    closing: Option<Closing>,
    is_multiplexed: bool,
}

/// What a connection without a request waits for.
#[derive(Clone, Copy, Debug)]
enum Rest {
    /// The rest of a head.
    Head(Instant),
    /// The next request.
    Idle(Instant),
}

/// Who has to do something next in an exchange.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// The server.
    Ours,
    /// The client: to send the rest of the body, since this moment. The body itself looks after its time.
    Body(Instant),
    /// The client: to read the answer, since this moment, when this many bytes had been written.
    Answer { since: Instant, written: u64 },
}

/// Why the server closes a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Closing {
    /// The head of a request did not come.
    Head,
    /// No request came.
    Idle,
    /// The answer is not read.
    Reader,
    /// A new connection takes its place: it has waited for its client since this moment.
    GivesWay(Instant),
    /// The server ends; requests that are there are answered.
    End,
    /// The server ends now.
    EndNow,
}

/// What becomes of a connection that was told to end.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Decision {
    /// It is closed now.
    Close(Closing),
    /// It is closed when what was asked is answered.
    Finish,
    /// Something has come meanwhile.
    GoOn,
}

impl Life {
    pub(super) fn new(peer: SocketAddr, shared: Arc<Shared>, now: Instant) -> Self {
        let rest = Rest::Head(now);
        let state = State {
            exchanges: Vec::new(),
            next: 0,
            rest,
            written: 0,
            closing: None,
            is_multiplexed: false,
        };
        Self {
            peer,
            state: Mutex::new(state),
            told: Notify::new(),
            shared,
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that bytes came.
    pub(super) fn read(&self, now: Instant) {
        let mut state = self.state();
        // Of several streams some frames are no part of a request.
        if let (true, false, Rest::Idle(_)) =
            (state.exchanges.is_empty(), state.is_multiplexed, state.rest)
        {
            state.rest = Rest::Head(now);
        }
    }

    /// Notes that this many bytes went.
    pub(super) fn wrote(&self, bytes: usize) {
        self.state().written += bytes as u64;
    }

    /// Notes that a request is there, and returns its number.
    pub(super) fn begin(&self, is_multiplexed: bool) -> u64 {
        let mut state = self.state();
        state.is_multiplexed = is_multiplexed;
        state.next += 1;
        let number = state.next;
        state.exchanges.push((number, Turn::Ours));
        number
    }

    /// Notes that a part of an answer is to be read, and returns its number: it counts as an exchange of its own.
    pub(super) fn hold(&self, now: Instant) -> u64 {
        let mut state = self.state();
        state.next += 1;
        let (number, written) = (state.next, state.written);
        state.exchanges.push((
            number,
            Turn::Answer {
                since: now,
                written,
            },
        ));
        number
    }

    /// Notes whose turn it is in an exchange.
    pub(super) fn turn(&self, number: u64, turn: Turn) {
        let mut state = self.state();
        if let Some(exchange) = state
            .exchanges
            .iter_mut()
            .find(|exchange| exchange.0 == number)
        {
            exchange.1 = turn;
        }
        drop(state);
        self.relieve();
    }

    /// Notes that it is for the client to read an answer.
    pub(super) fn answers(&self, number: u64, now: Instant) {
        let written = self.state().written;
        self.turn(
            number,
            Turn::Answer {
                since: now,
                written,
            },
        );
    }

    /// Notes that an exchange is over.
    pub(super) fn end(&self, number: u64, now: Instant) {
        let mut state = self.state();
        state.exchanges.retain(|exchange| exchange.0 != number);
        if state.exchanges.is_empty() {
            state.rest = Rest::Idle(now);
        }
        drop(state);
        self.relieve();
    }

    fn relieve(&self) {
        if self.shared.is_full.load(Ordering::Relaxed) {
            self.shared.relief.notify_one();
        }
    }

    /// Returns how it ranks among those that may give way, the first ones first: those without a request, then those that wait for
    /// their client, each by how long; none while the server has something to do.
    pub(super) fn rank(&self) -> Option<(bool, Instant)> {
        self.state().rank()
    }

    /// Tells the task to close the connection if its client has been too slow.
    pub(super) fn close_if_overdue(&self, now: Instant) {
        let mut state = self.state();
        if let (None, Some(closing)) = (state.closing, state.overdue(self.limits(), now)) {
            state.closing = Some(closing);
            self.told.notify_one();
        }
    }

    /// Tells the task to close the connection.
    pub(super) fn close(&self, closing: Closing) {
        self.state().closing = Some(closing);
        self.told.notify_one();
    }

    /// Says whether the task was told to close the connection already.
    pub(super) fn is_told(&self) -> bool {
        self.state().closing.is_some()
    }

    /// Waits until the task is told something.
    pub(super) async fn told(&self) {
        self.told.notified().await;
    }

    /// Decides what becomes of the connection: what was true when it was told may not be so any more.
    pub(super) fn decide(&self, now: Instant) -> Decision {
        let mut state = self.state();
        let decision = match state.closing {
            None => Decision::GoOn,
            Some(Closing::EndNow) => Decision::Close(Closing::EndNow),
            Some(Closing::End) if state.exchanges.is_empty() => Decision::Close(Closing::End),
            Some(Closing::End) => Decision::Finish,
            Some(Closing::GivesWay(since)) => match state.rank() {
                Some((_, still)) if still == since => Decision::Close(Closing::GivesWay(since)),
                _ => Decision::GoOn,
            },
            Some(_) => state
                .overdue(self.limits(), now)
                .map_or(Decision::GoOn, Decision::Close),
        };
        if decision == Decision::GoOn {
            state.closing = None;
            drop(state);
            self.relieve();
        }
        decision
    }
}

impl State {
    fn rank(&self) -> Option<(bool, Instant)> {
        if self.exchanges.is_empty() {
            let (Rest::Head(since) | Rest::Idle(since)) = self.rest;
            return Some((false, since));
        }
        let since = |turn: &Turn| match *turn {
            Turn::Ours => None,
            Turn::Body(since) | Turn::Answer { since, .. } => Some(since),
        };
        let all: Option<Vec<Instant>> =
            self.exchanges.iter().map(|(_, turn)| since(turn)).collect();
        all?.into_iter().max().map(|since| (true, since))
    }

    fn overdue(&self, limits: &Limits, now: Instant) -> Option<Closing> {
        if self.exchanges.is_empty() {
            return match self.rest {
                Rest::Head(since) => (now >= since + limits.transfer).then_some(Closing::Head),
                Rest::Idle(since) => (now >= since + limits.idle).then_some(Closing::Idle),
            };
        }
        let is_late = |turn: &Turn| match *turn {
            Turn::Answer { since, written } => {
                now >= since + limits.time_for(self.written - written)
            }
            Turn::Ours | Turn::Body(_) => false,
        };
        self.exchanges
            .iter()
            .any(|(_, turn)| is_late(turn))
            .then_some(Closing::Reader)
    }
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("the head of a request did not come in time"),
            Self::Idle => f.write_str("it was idle for too long"),
            Self::Reader => f.write_str("the answer was not read in time"),
            Self::GivesWay(_) => {
                f.write_str("it gave way to a new one, as no more connections are held at once")
            }
            Self::End | Self::EndNow => f.write_str("the server ends"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const LIMITS: Limits = Limits {
        transfer: Duration::from_secs(20),
        idle: Duration::from_secs(120),
        connections: 1,
    };

    const SECOND: Duration = Duration::from_secs(1);

    fn life(now: Instant) -> Life {
        Life::new(
            SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
            Shared::new(LIMITS),
            now,
        )
    }

    fn decided(life: &Life, now: Instant) -> Decision {
        life.close_if_overdue(now);
        life.decide(now)
    }

    #[test]
    fn heads_and_rests_have_their_times() {
        let mut now = Instant::now();
        let life = life(now);
        now += LIMITS.transfer - SECOND;
        life.read(now);
        assert_eq!(decided(&life, now), Decision::GoOn);
        now += SECOND;
        assert_eq!(
            decided(&life, now),
            Decision::Close(Closing::Head),
            "a byte now and then is no head"
        );

        let number = life.begin(false);
        now += 10 * LIMITS.idle;
        assert_eq!(
            decided(&life, now),
            Decision::GoOn,
            "it is the server that is slow"
        );
        life.end(number, now);
        now += LIMITS.idle - SECOND;
        assert_eq!(decided(&life, now), Decision::GoOn);
        now += SECOND;
        assert_eq!(decided(&life, now), Decision::Close(Closing::Idle));
        life.read(now);
        assert_eq!(life.decide(now), Decision::GoOn, "a request is coming");
    }

    #[test]
    fn an_answer_is_read_at_some_rate() {
        let mut now = Instant::now();
        let life = life(now);
        life.wrote(1 << 30);
        let number = life.begin(true);
        life.answers(number, now);
        for _ in 0..100 {
            now += 10 * SECOND;
            life.wrote(50_000);
            assert_eq!(decided(&life, now), Decision::GoOn);
        }
        now += LIMITS.time_for(5_000_000);
        assert_eq!(decided(&life, now), Decision::Close(Closing::Reader));
    }

    #[test]
    fn those_without_a_request_give_way_first_and_those_at_work_never() {
        let now = Instant::now();
        let (waiting, resting) = (life(now), life(now));
        let number = waiting.begin(false);
        waiting.turn(number, Turn::Body(now));
        resting.end(resting.begin(false), now + SECOND);
        assert!(resting.rank() < waiting.rank());
        waiting.turn(number, Turn::Ours);
        assert_eq!(waiting.rank(), None);
    }

    #[test]
    fn a_connection_that_got_a_request_meanwhile_does_not_give_way() {
        let now = Instant::now();
        let life = life(now);
        let (_, since) = life.rank().expect("it waits");
        life.close(Closing::GivesWay(since));
        let number = life.begin(false);
        assert_eq!(life.decide(now), Decision::GoOn);
        assert!(!life.is_told());
        life.close(Closing::End);
        assert_eq!(life.decide(now), Decision::Finish);
        life.end(number, now);
        assert_eq!(life.decide(now), Decision::Close(Closing::End));
    }
}
