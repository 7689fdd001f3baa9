//! One attempt, from its directory to its end.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use idds_file::open_regular;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::{interval, sleep, sleep_until, timeout};
use wait4::Wait4;

use super::State;
use super::heir::Heir;
use super::launch::Launch;
use super::processes::{Family, Process, bury, proportional, resident, signal};
use super::record::{Record, place_inputs};
use crate::{
    AttemptOutcome, End, Job, OutOfMemory, Trouble, Usage, Victim, container, moment, trouble_with,
};

/// How often the memory of a job is looked at that has a limit.
const LOOK: Duration = Duration::from_millis(100);

/// How long what was killed may take to die: a process that waits for a disk does not die before that answers.
const DYING: Duration = Duration::from_secs(10);

/// Exit codes of shells, and of programs that start others: what was to be started may not be executed, or is not there.
const NOT_STARTED: [i32; 2] = [126, 127];

/// Exit code of container engines for what is wrong with themselves.
const NO_CONTAINER: i32 = 125;

/// Is said of an attempt that was ended because what looked after it was.
pub(crate) const SIGNALLED: &str = "what looked after it was asked to end, by a signal";

/// How much of what a job printed at last is told.
const SAID: u64 = 400;

/// Why an attempt is ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Why {
    /// The engine wants it.
    Stopped,
    /// The supervisor was asked to end.
    Signal,
    OutOfTime(Duration),
    OutOfMemory {
        limit: u64,
        used: u64,
    },
}

/// How an attempt ended, and where that is to be written down.
#[derive(Debug)]
pub(super) struct Over {
    pub(super) outcome: AttemptOutcome,
    pub(super) record: Record,
    pub(super) need: Need,
}

/// Whether the end of an attempt has to be written down before it counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Need {
    Must,
    /// It never ran, so nothing is lost without.
    May,
    /// The directory is that of somebody else, or is not there.
    MustNot,
}

/// Starts an attempt and looks after it until it has ended.
pub(super) async fn look_after(state: &State, job: &Job, asked: oneshot::Receiver<Why>) -> Over {
    let directory = job.directory();
    moment(Victim::Supervisor);
    if let Err(trouble) = Record::claim(directory) {
        return Over {
            outcome: AttemptOutcome::trouble(trouble),
            record: Record::none(),
            need: Need::MustNot,
        };
    }
    moment(Victim::Supervisor);
    let record = match Record::prepare(directory) {
        Ok(record) => record,
        Err(trouble) => {
            return Over {
                outcome: AttemptOutcome::trouble(trouble),
                record: Record::none(),
                need: Need::May,
            };
        }
    };
    let heir = state.heir_of.as_deref().map(Heir::start).transpose();
    let _heir = match heir {
        Ok(heir) => heir,
        Err(error) => {
            let trouble = Trouble::new(format!(
                "a process that ends the job should this one be killed: {error}"
            ));
            return Over {
                outcome: AttemptOutcome::trouble(trouble),
                record,
                need: Need::May,
            };
        }
    };
    let (outcome, need) = match Running::start(state, job).await {
        Ok(running) => (running.until_it_ends(state, job, asked).await, Need::Must),
        Err(trouble) => (AttemptOutcome::trouble(trouble), Need::May),
    };
    Over {
        outcome,
        record,
        need,
    }
}

/// Ends what is left of an attempt that nobody looks after.
pub(super) async fn recover(state: &State, job: &Job, processes: Rc<Vec<Process>>) -> Over {
    let others = std::collections::HashSet::new();
    let family = Family {
        leader: None,
        directory: job.directory(),
        others: &others,
    };
    end_container(state, job, "rm").await;
    let until = Instant::now() + DYING;
    let mut processes = processes;
    loop {
        let members = family.members(&processes);
        if members.is_empty() || Instant::now() >= until {
            break;
        }
        for id in members {
            signal(id, Signal::KILL);
        }
        sleep(Duration::from_millis(5)).await;
        processes = Rc::new(Process::all());
    }
    moment(Victim::Supervisor);
    // It may have ended, and its end been written down, just before what looked after it died.
    let outcome = match AttemptOutcome::read(job.directory()) {
        Ok(Some(outcome)) => outcome,
        _ => AttemptOutcome::of(End::Lost {
            why: "the process that looked after it was killed, or the machine went down".to_owned(),
        }),
    };
    Over {
        outcome,
        record: Record::none(),
        need: Need::Must,
    }
}

/// The first process of an attempt that runs.
#[derive(Debug)]
struct Running {
    child: Child,
    id: i32,
    started: Instant,
    /// What the kernel had counted when it started.
    kills: OutOfMemory,
    temporary: Option<PathBuf>,
    peak: u64,
}

impl Running {
    async fn start(state: &State, job: &Job) -> Result<Self, Trouble> {
        let directory = job.directory();
        let stream = |name: &str| {
            let path = directory.join(name);
            File::create_new(&path).map_err(|error| Trouble::with(&path, &error))
        };
        let (stdout, stderr) = (stream("stdout")?, stream("stderr")?);
        place_inputs(job)?;
        moment(Victim::Supervisor);
        let environment = Rc::clone(&state.environment.borrow());
        let launch = Launch::of(job, &environment)?;
        let kills = state.kills();
        let child = launch.start(&stdout, &stderr).await?;
        let id = i32::try_from(child.id()).unwrap_or(0);
        state.leaders.borrow_mut().insert(id);
        moment(Victim::Supervisor);
        state.started(job.attempt());
        Ok(Self {
            child,
            id,
            started: Instant::now(),
            kills,
            temporary: launch.variable("TMPDIR").map(Into::into),
            peak: 0,
        })
    }

    async fn until_it_ends(
        mut self,
        state: &State,
        job: &Job,
        mut asked: oneshot::Receiver<Why>,
    ) -> AttemptOutcome {
        let mut why = None;
        {
            let ended = state.ended(self.id);
            tokio::pin!(ended);
            let deadline = job.time_limit().map(|limit| self.started + limit);
            let deadline = deadline.map(tokio::time::Instant::from_std);
            let mut looks = interval(LOOK);
            let mut can_be_asked = true;
            // The time at which an attempt is killed that was asked to end.
            let mut kill = None;
            loop {
                let cause = tokio::select! {
                    () = &mut ended => break,
                    asked = &mut asked, if can_be_asked => {
                        can_be_asked = false;
                        asked.ok()
                    }
                    () = until(deadline), if why.is_none() => job.time_limit().map(Why::OutOfTime),
                    () = until(kill) => {
                        self.signal_all(state, job, Signal::KILL, Duration::ZERO);
                        end_container(state, job, "kill").await;
                        kill = Some(tokio::time::Instant::now() + LOOK);
                        None
                    }
                    _ = looks.tick(), if why.is_none() && job.memory_limit().is_some() => {
                        self.beyond_memory(state, job)
                    }
                };
                if let (Some(cause), None) = (cause, why) {
                    why = Some(cause);
                    let now = tokio::time::Instant::now();
                    if matches!(cause, Why::OutOfMemory { .. }) {
                        kill = Some(now);
                    } else {
                        self.signal_all(state, job, Signal::TERM, Duration::ZERO);
                        kill = Some(now + state.grace.get());
                    }
                }
            }
        }
        let wall = self.started.elapsed();
        moment(Victim::Supervisor);
        self.end_family(state, job).await;
        if why.is_some() {
            end_container(state, job, "rm").await;
        }
        let ended = self.child.wait4();
        state.leaders.borrow_mut().remove(&self.id);
        let (status, usage) = match ended {
            Ok(used) => {
                let usage = Usage {
                    cpu: used.rusage.utime + used.rusage.stime,
                    wall,
                    peak_memory: self.peak.max(used.rusage.maxrss),
                };
                (used.status, Some(usage))
            }
            Err(error) => {
                return AttemptOutcome::of(End::Lost {
                    why: format!("its end was not seen: {error}"),
                });
            }
        };
        let end = match why {
            Some(Why::Stopped) => End::Stopped,
            Some(Why::Signal) => End::Lost {
                why: SIGNALLED.to_owned(),
            },
            Some(Why::OutOfTime(limit)) => End::OutOfTime { limit },
            Some(Why::OutOfMemory { limit, used }) => End::OutOfMemory { limit, used },
            None => self.judge(state, job, status).await,
        };
        AttemptOutcome { end, usage }
    }

    /// Looks at the memory of all its processes, and tells whether it is too much.
    fn beyond_memory(&mut self, state: &State, job: &Job) -> Option<Why> {
        let limit = job.memory_limit()?;
        let members = self.members(state, job, LOOK / 2);
        let mut used = resident(&members);
        if used > limit && members.len() > 1 {
            // What processes share, as those of one program do, was counted for each of them.
            used = proportional(&members).unwrap_or(used);
        }
        self.peak = self.peak.max(used);
        (used > limit).then_some(Why::OutOfMemory { limit, used })
    }

    fn members(&self, state: &State, job: &Job, age: Duration) -> Vec<i32> {
        let others = state.leaders.borrow();
        self.family(job, &others).members(&state.processes(age))
    }

    fn family<'a>(&self, job: &'a Job, leaders: &'a std::collections::HashSet<i32>) -> Family<'a> {
        Family {
            leader: Some(self.id),
            directory: job.directory(),
            others: leaders,
        }
    }

    fn signal_all(&self, state: &State, job: &Job, what: Signal, age: Duration) {
        self.signal_group(what);
        for id in self.members(state, job, age) {
            signal(id, what);
        }
    }

    /// Its number is in use until it is buried, so nothing else is meant.
    fn signal_group(&self, what: Signal) {
        if let Some(id) = Pid::from_raw(self.id) {
            let _ = kill_process_group(id, what);
        }
    }

    /// Ends what its first process has left behind.
    async fn end_family(&self, state: &State, job: &Job) {
        self.signal_group(Signal::KILL);
        let until = Instant::now() + DYING;
        for number in 0_u64.. {
            if !state.has_orphans().await {
                break;
            }
            let processes = Process::since(self.id);
            let members = {
                let leaders = state.leaders.borrow();
                bury(&processes, &leaders);
                self.family(job, &leaders).members(&processes)
            };
            if members.is_empty() || Instant::now() >= until {
                break;
            }
            for id in members {
                signal(id, Signal::KILL);
            }
            sleep(Duration::from_millis(number.min(20))).await;
        }
    }

    /// Tells how a job ended that nobody has ended.
    async fn judge(&self, state: &State, job: &Job, status: ExitStatus) -> End {
        let own = match (status.code(), status.signal()) {
            (Some(code), _) => End::Exited { code },
            (None, signal) => End::Killed {
                signal: signal.unwrap_or(0),
            },
        };
        if own == (End::Exited { code: 0 }) {
            return own;
        }
        let directory = job.directory();
        let trouble = |why: String| End::Trouble { why };
        let place = directory.display();
        if let End::Exited { code } = own
            && NOT_STARTED.contains(&code)
        {
            return trouble(format!(
                "{place}: it ended with exit code {code}{}; this code says that a command cannot be started",
                said(directory)
            ));
        }
        if own == (End::Exited { code: NO_CONTAINER })
            && let Some(container) = job.container_needed()
        {
            return trouble(format!(
                "{place}: the container engine could not run the image {} (exit code {NO_CONTAINER}){}",
                container.image(),
                said(directory)
            ));
        }
        // A shell tells of the end of its child by this code.
        let killed = Signal::KILL.as_raw();
        let is_killed =
            own == End::Killed { signal: killed } || own == End::Exited { code: 128 + killed };
        if is_killed && self.kills.has_come() {
            // The container engine keeps to the limit, and so does a batch system.
            let has_keeper = state.is_alone || job.container_needed().is_some();
            if let (true, Some(limit)) = (has_keeper, job.memory_limit()) {
                return End::OutOfMemory { limit, used: limit };
            }
            return trouble(format!(
                "{place}: the kernel killed it, as there was no memory left: run fewer programs at once, or give it a limit of memory"
            ));
        }
        let (path, temporary) = (directory.to_owned(), self.temporary.clone());
        let found = spawn_blocking(move || trouble_with(&path, temporary.as_deref())).await;
        match found {
            Ok(Some(found)) => trouble(format!(
                "the job failed while the machine was in trouble: {found}"
            )),
            _ => own,
        }
    }
}

/// Waits for a moment that may never come.
async fn until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Ends the container of a job, where that is no descendant of this process: `kill`s it, or also takes it away (`rm`).
async fn end_container(state: &State, job: &Job, how: &str) {
    let Some(container) = job.container_needed() else {
        return;
    };
    let Ok((engine, program)) = container.find_engine() else {
        return;
    };
    if !engine.has_names() {
        return;
    }
    let environment = Rc::clone(&state.environment.borrow());
    let name = container::name(job.directory());
    let succeeds = async |arguments: &[&str]| {
        let mut command = tokio::process::Command::new(&program);
        command
            .args(arguments)
            .arg(&name)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let ended = timeout(DYING, command.status()).await;
        ended.is_ok_and(|ended| ended.is_ok_and(|status| status.success()))
    };
    if how == "kill" {
        succeeds(&["kill"]).await;
        return;
    }
    // The container engine tidies up by itself, too, and the two can be in each other's way.
    for _ in 0..10 {
        succeeds(&["rm", "--force"]).await;
        if !succeeds(&["container", "inspect"]).await {
            break;
        }
        sleep(LOOK).await;
    }
}

/// Returns the last line that a job has printed to its standard error, after a colon.
fn said(directory: &Path) -> String {
    let read = || -> io::Result<String> {
        let mut file = open_regular(directory.join("stderr"))?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(end.saturating_sub(SAID)))?;
        let mut bytes = Vec::new();
        file.take(SAID).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let last = text.lines().rfind(|line| !line.trim().is_empty());
    last.map(|line| format!(": {}", line.trim().replace(char::is_control, " ")))
        .unwrap_or_default()
}
