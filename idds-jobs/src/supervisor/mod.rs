//! The process that looks after attempts: started by an engine, and there until the last of them has ended, whatever becomes of the
//! engine.
//!
//! Its work is done by one thread, and a second one only has orphans. An engine is connected to it by a socket in its directory; when that one dies, the next engine connects.

pub(crate) mod alone;
mod attempt;
mod heir;
mod launch;
mod processes;
pub(crate) mod record;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process;
use std::rc::Rc;
use std::time::{Duration, Instant};

use idds_file::{Lock, LockError, open_own};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitOptions, wait, waitid};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, timeout};

pub(crate) use self::alone::ERRAND;
pub(crate) use self::attempt::SIGNALLED;
use self::attempt::{Need, Over, Why, look_after, recover};
use self::heir::LEFT;
use self::processes::{Process, bury, strays};
use crate::local::wire::{Order, Report, line};
use crate::{AttemptId, Job, OutOfMemory, Victim, moment};

/// Names of variables that a job finds in its environment.
pub(crate) const ATTEMPT: &str = "IDDS_ATTEMPT_ID";
pub(crate) const DIRECTORY: &str = "IDDS_ATTEMPT_DIRECTORY";

/// Says to a program that it is to be a supervisor, and in which directory.
pub(crate) const MARK: &str = "IDDS_JOBS_SUPERVISOR";

/// Names of files in the directory of a supervisor.
pub(crate) const SOCKET: &str = "supervisor.sock";
pub(crate) const LOCK: &str = "supervisor.lock";

/// What a supervisor prints when it can be talked to.
pub(crate) const READY: &str = "ready";

/// What a supervisor prints when there is another one.
pub(crate) const HELD: &str = "held";

/// How long a supervisor with nothing to look after waits for an engine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes this process a supervisor of jobs, if an engine has started it for that; otherwise returns at once.
///
/// A program that runs jobs calls it first in its `main`: jobs are looked after by a process of their own, which outlives the engine, and
/// this lets it be the same program. The command `idds` does so, and serves programs that do not.
///
/// ```
/// fn main() -> std::io::Result<()> {
///     idds_jobs::init();
///     tokio::runtime::Runtime::new()?.block_on(run())
/// }
/// # async fn run() -> std::io::Result<()> { Ok(()) }
/// ```
///
/// # Panics
///
/// When it is called inside a runtime of tokio, such as in a `main` with `#[tokio::main]`: a process that looks after jobs closes what it
/// inherited, and that runtime would lose its descriptors.
pub fn init() {
    assert!(
        tokio::runtime::Handle::try_current().is_err(),
        "idds::jobs::init() comes before the runtime: take `#[tokio::main]` from `main`, call init() there, and then \
         `tokio::runtime::Runtime::new()?.block_on(run())`"
    );
    if let Some(directory) = std::env::var_os(MARK) {
        process::exit(match supervise(Path::new(&directory)) {
            Ok(()) => 0,
            Err(error) => {
                // The engine reads it; when that is gone, nobody needs it.
                let _ = writeln!(io::stdout(), "{}: {error}", Path::new(&directory).display());
                1
            }
        });
    }
    if let Some(errand) = std::env::var_os(ERRAND) {
        process::exit(attend(errand.into()));
    }
    if let Some(errand) = std::env::var_os(LEFT) {
        process::exit(clear_up(errand.into()));
    }
    crate::local::can_supervise();
}

fn supervise(directory: &Path) -> io::Result<()> {
    close_inherited();
    // What a terminal sends to the engine and its group is not meant for it.
    let _ = rustix::process::setsid();
    adopt_orphans()?;
    let path = directory.join(LOCK);
    let file = open_own(&path)?;
    let _lock = match Lock::take(&file, &path) {
        Ok(lock) => lock,
        Err(LockError::Held(_)) => return writeln!(io::stdout(), "{HELD}"),
        Err(error) => return Err(io::Error::other(error)),
    };
    moment(Victim::Supervisor);
    // Sockets are bound from here, as their names may be no longer than 107 bytes.
    std::env::set_current_dir(directory)?;
    match fs::remove_file(SOCKET) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    beside_orphans(async |orphanage| {
        let listener = UnixListener::bind(SOCKET)?;
        fs::set_permissions(SOCKET, fs::Permissions::from_mode(0o600))?;
        writeln!(io::stdout(), "{READY}")?;
        let children = signal(SignalKind::child())?;
        let state = State::new(orphanage);
        Rc::new(state).serve(listener, children).await;
        fs::remove_file(SOCKET)
    })
}

/// Looks after one attempt, on a machine of a batch system.
fn attend(errand: PathBuf) -> i32 {
    close_inherited();
    let attended = adopt_orphans().and_then(|()| {
        let path = errand.clone();
        beside_orphans(async move |orphanage| alone::attend(&path, orphanage).await)
    });
    attended.unwrap_or_else(|error| {
        // The file that the batch system keeps of what it started.
        let _ = writeln!(io::stderr(), "{}: {error}", errand.display());
        1
    })
}

/// Ends what a wrapper that was killed has left behind.
fn clear_up(errand: PathBuf) -> i32 {
    close_inherited();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let cleared =
        runtime.and_then(|runtime| LocalSet::new().block_on(&runtime, alone::clear_up(&errand)));
    i32::from(cleared.is_err())
}

/// Makes what the descendants of this process leave behind its children.
fn adopt_orphans() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        let _ = rustix::thread::set_name(c"idds-jobs");
    }
    Ok(())
}

/// Does the work of a supervisor beside the thread that has orphans.
///
/// The kernel gives orphans to the first thread. So jobs are children of another one, and whether there are orphans can be asked.
fn beside_orphans<T: Send + 'static>(
    work: impl AsyncFnOnce(Option<Orphanage>) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (orphanage, questions) = std::sync::mpsc::channel();
    let is_first = is_first_thread();
    let work = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, work(is_first.then_some(orphanage)))
    });
    for question in questions {
        answer(question);
    }
    work.join()
        .unwrap_or_else(|_| Err(io::Error::other("the supervisor panicked")))
}

/// Tells whether this is the first thread of its process; where that cannot be told, it is not.
fn is_first_thread() -> bool {
    #[cfg(target_os = "linux")]
    return rustix::thread::gettid() == rustix::process::getpid();
    #[cfg(not(target_os = "linux"))]
    return false;
}

/// Buries orphans that have died, and says whether others live. Only the thread that has them can tell.
fn answer(question: oneshot::Sender<bool>) {
    // `__WNOTHREAD` of Linux: children of this thread alone.
    let options = WaitOptions::NOHANG | WaitOptions::from_bits_retain(0x2000_0000);
    let has_orphans = loop {
        match wait(options) {
            Ok(Some(_)) => {}
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    let _ = question.send(has_orphans);
}

/// Closes the files that were open in the process that started the engine, such as a lock of a script: jobs would keep them open, and
/// so would this process, long after the engine.
fn close_inherited() {
    let entries = fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .flatten();
    let open: Vec<i32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for number in open.into_iter().filter(|number| *number > 2) {
        // One of them was the directory that was read.
        let _ = nix::unistd::close(number);
    }
}

/// Everything that a supervisor knows.
#[derive(Debug, Default)]
struct State {
    attempts: RefCell<HashMap<AttemptId, Watched>>,
    /// First processes of attempts that run.
    leaders: RefCell<HashSet<i32>>,
    /// Who waits for the end of one.
    waiting: RefCell<HashMap<i32, oneshot::Sender<()>>>,
    outbox: RefCell<Option<UnboundedSender<Report>>>,
    environment: RefCell<Rc<Vec<(OsString, OsString)>>>,
    grace: Cell<Duration>,
    /// All processes, as they were a moment ago.
    seen: RefCell<Option<(Instant, Rc<Vec<Process>>)>>,
    memory: RefCell<Option<(Instant, OutOfMemory)>>,
    /// Answers whether there are orphans.
    orphanage: Option<Orphanage>,
    /// Whether this is a process for one attempt, where a batch system keeps to limits, too.
    is_alone: bool,
    /// The errand of the one attempt, where nobody else ends what a killed wrapper leaves behind.
    heir_of: Option<PathBuf>,
    /// Something has ended, or the engine has gone.
    changed: Notify,
}

type Orphanage = std::sync::mpsc::Sender<oneshot::Sender<bool>>;

/// An attempt that is looked after.
#[derive(Debug)]
struct Watched {
    has_started: bool,
    end: Option<oneshot::Sender<Why>>,
}

impl State {
    fn new(orphanage: Option<Orphanage>) -> Self {
        Self {
            orphanage,
            ..Self::default()
        }
    }

    /// Tells whether something may be left of what has ended.
    async fn has_orphans(&self) -> bool {
        let Some(orphanage) = &self.orphanage else {
            return true;
        };
        let (question, answer) = oneshot::channel();
        let _ = orphanage.send(question);
        answer.await.unwrap_or(true)
    }

    /// Serves one engine after the other, until there is none and nothing is left to look after.
    async fn serve(self: Rc<Self>, listener: UnixListener, mut children: Signals) {
        let mut told = signals();
        let mut idle = Instant::now();
        loop {
            let is_idle = self.attempts.borrow().is_empty() && self.outbox.borrow().is_none();
            if !is_idle {
                idle = Instant::now();
            }
            let left = PATIENCE.saturating_sub(idle.elapsed());
            if is_idle && left.is_zero() {
                break;
            }
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => self.welcome(stream),
                    Err(_) => sleep(Duration::from_millis(100)).await,
                },
                Some(()) = children.recv() => self.look_at_children(),
                () = self.changed.notified() => {}
                () = sleep(left), if is_idle => {}
                Some(()) = told.recv() => {
                    for watched in self.attempts.borrow_mut().values_mut() {
                        if let Some(end) = watched.end.take() {
                            let _ = end.send(Why::Signal);
                        }
                    }
                    idle = Instant::now().checked_sub(PATIENCE).unwrap_or(idle);
                }
            }
        }
        self.end_strays().await;
    }

    /// Ends what belongs to no attempt that is known, such as a daemon with an environment of its own.
    async fn end_strays(&self) {
        for number in 0..100 {
            let processes = Process::all();
            bury(&processes, &self.leaders.borrow());
            let strays = strays(&processes, &self.leaders.borrow());
            if strays.is_empty() {
                break;
            }
            // What a container engine has left to tidy up gets a moment.
            if number >= 20 {
                for id in strays {
                    processes::signal(id, Signal::KILL);
                }
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Listens to an engine, and no more to one before it.
    fn welcome(self: &Rc<Self>, stream: UnixStream) {
        let (from, to) = stream.into_split();
        let (outbox, reports) = unbounded_channel();
        let current = outbox.clone();
        *self.outbox.borrow_mut() = Some(outbox);
        spawn_local(tell(to, reports));
        let state = Rc::clone(self);
        spawn_local(async move {
            let mut lines = BufReader::new(from);
            let mut text = Vec::new();
            loop {
                text.clear();
                match lines.read_until(b'\n', &mut text).await {
                    Ok(length) if length > 0 => {}
                    _ => break,
                }
                match serde_json::from_slice(&text) {
                    Ok(order) => state.obey(order),
                    Err(_) => break,
                }
            }
            let is_current = |outbox: &UnboundedSender<_>| outbox.same_channel(&current);
            let mut outbox = state.outbox.borrow_mut();
            if outbox.as_ref().is_some_and(is_current) {
                *outbox = None;
            }
            drop(outbox);
            state.changed.notify_one();
        });
    }

    fn obey(self: &Rc<Self>, order: Order) {
        match order {
            Order::Hello { environment, grace } => {
                *self.environment.borrow_mut() = Rc::new(environment);
                self.grace.set(Duration::from_millis(grace));
            }
            Order::Start(job) => self.watch(*job, None),
            Order::Adopt(jobs) => self.adopt(jobs),
            Order::End(attempt) => {
                let mut attempts = self.attempts.borrow_mut();
                let end = attempts.get_mut(&attempt).and_then(|it| it.end.take());
                if let Some(end) = end {
                    let _ = end.send(Why::Stopped);
                }
            }
        }
    }

    /// Looks after an attempt: one that is to be started, or one that was lost, with what is still there of it.
    fn watch(self: &Rc<Self>, job: Job, lost: Option<Rc<Vec<Process>>>) {
        let attempt = job.attempt().clone();
        if self.attempts.borrow().contains_key(&attempt) {
            return;
        }
        let (end, asked) = oneshot::channel();
        let watched = Watched {
            has_started: false,
            end: Some(end),
        };
        self.attempts.borrow_mut().insert(attempt.clone(), watched);
        let state = Rc::clone(self);
        spawn_local(async move {
            let Over {
                outcome,
                mut record,
                need,
            } = match lost {
                None => look_after(&state, &job, asked).await,
                Some(processes) => recover(&state, &job, processes).await,
            };
            let mut is_told = false;
            while need != Need::MustNot
                && let Err(trouble) = record.write(job.directory(), &outcome)
                && need == Need::Must
            {
                if !is_told {
                    state.tell(Report::Unrecorded(attempt.clone(), trouble.into_string()));
                    is_told = true;
                }
                sleep(Duration::from_secs(1)).await;
            }
            moment(Victim::Supervisor);
            state.attempts.borrow_mut().remove(&attempt);
            state.tell(Report::Ended(attempt, outcome));
            state.changed.notify_one();
        });
    }

    fn adopt(self: &Rc<Self>, jobs: Vec<Job>) {
        // One look at all processes does for all.
        let mut processes = None;
        for job in jobs {
            let attempt = job.attempt().clone();
            let watched = self
                .attempts
                .borrow()
                .get(&attempt)
                .map(|it| it.has_started);
            match watched {
                Some(true) => self.tell(Report::Started(attempt)),
                Some(false) => {}
                None => match crate::AttemptOutcome::read(job.directory()) {
                    Ok(Some(outcome)) => self.tell(Report::Ended(attempt, outcome)),
                    Ok(None) if fs::symlink_metadata(job.directory()).is_err() => {
                        self.tell(Report::NeverStarted(attempt));
                    }
                    Ok(None) => {
                        let seen = processes.get_or_insert_with(|| Rc::new(Process::all()));
                        self.watch(job, Some(Rc::clone(seen)));
                    }
                    Err(trouble) => {
                        let state = Rc::clone(self);
                        self.tell(Report::Unrecorded(attempt, trouble.into_string()));
                        spawn_local(async move {
                            sleep(Duration::from_secs(1)).await;
                            state.adopt(vec![job]);
                        });
                    }
                },
            }
        }
    }

    /// Waits until a child has ended, and leaves it to be buried.
    async fn ended(&self, id: i32) {
        // One that has ended before says so no more.
        if is_running(id) {
            let (ended, wait) = oneshot::channel();
            self.waiting.borrow_mut().insert(id, ended);
            let _ = wait.await;
        }
    }

    /// Looks which children have ended. One signal may stand for many.
    fn look_at_children(&self) {
        // Who waits hears it as the sender is dropped.
        self.waiting.borrow_mut().retain(|id, _| is_running(*id));
    }

    /// Tells the engine; when there is none, the files do.
    fn tell(&self, report: Report) {
        if let Some(outbox) = &*self.outbox.borrow() {
            let _ = outbox.send(report);
        }
    }

    fn started(&self, attempt: &AttemptId) {
        if let Some(watched) = self.attempts.borrow_mut().get_mut(attempt) {
            watched.has_started = true;
        }
        self.tell(Report::Started(attempt.clone()));
    }

    /// Returns all processes as they were at most so long ago.
    fn processes(&self, age: Duration) -> Rc<Vec<Process>> {
        let mut seen = self.seen.borrow_mut();
        match &*seen {
            Some((at, processes)) if at.elapsed() <= age => Rc::clone(processes),
            _ => {
                let processes = Rc::new(Process::all());
                *seen = Some((Instant::now(), Rc::clone(&processes)));
                processes
            }
        }
    }

    /// Returns what the kernel had counted of its kills a moment ago.
    fn kills(&self) -> OutOfMemory {
        let mut memory = self.memory.borrow_mut();
        match &*memory {
            Some((at, kills)) if at.elapsed() < Duration::from_secs(1) => kills.clone(),
            _ => {
                let kills = OutOfMemory::so_far();
                *memory = Some((Instant::now(), kills.clone()));
                kills
            }
        }
    }
}

/// Tells whether a child has not ended yet.
fn is_running(id: i32) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let id = Pid::from_raw(id).map(WaitId::Pid);
    id.is_some_and(|id| matches!(waitid(id, options), Ok(None)))
}

/// Writes reports, as many at once as there are.
async fn tell(mut to: tokio::net::unix::OwnedWriteHalf, mut reports: UnboundedReceiver<Report>) {
    let mut some = Vec::new();
    while reports.recv_many(&mut some, 256).await > 0 {
        let lines: Vec<u8> = some.drain(..).flat_map(|report| line(&report)).collect();
        // An engine that does not read has stopped.
        match timeout(Duration::from_secs(600), to.write_all(&lines)).await {
            Ok(Ok(())) => {}
            _ => break,
        }
    }
}

/// Hears of signals that ask for an end. Those of a terminal do not come, as it has no terminal.
fn signals() -> UnboundedReceiver<()> {
    let (told, hear) = unbounded_channel();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        if let Ok(mut signal) = signal(kind) {
            let told = told.clone();
            spawn_local(
                async move { while signal.recv().await.is_some() && told.send(()).is_ok() {} },
            );
        }
    }
    hear
}
