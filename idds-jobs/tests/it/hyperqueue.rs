//! HyperQueue: the real one, when its command `hq` is in `PATH`. No package of Debian or PyPI has that command, so a machine without it,
//! also one of CI, skips these tests loudly.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use idds_jobs::{
    AttemptChange, AttemptEvent, BatchExecutor, End, Executor, HyperQueue, find_program,
};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::bench::{Bench, Result};
use crate::conformance::{Make, holds};
use crate::slurm::executor;

/// Nothing here takes as long on a machine that works.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server and its workers.
pub(crate) struct Allocation {
    folder: TempDir,
    children: Mutex<Vec<(&'static str, Child)>>,
}

impl Allocation {
    /// Starts one with two workers of four cores; none where the machine lacks HyperQueue.
    pub(crate) fn start() -> Result<Option<Self>> {
        if find_program("hq".as_ref()).is_err() {
            #[expect(clippy::print_stderr, reason = "a skipped test says so")]
            {
                eprintln!("SKIPPED: jobs on HyperQueue; the command hq is not in PATH");
            }
            return Ok(None);
        }
        let it = Self {
            folder: tempfile::tempdir()?,
            children: Mutex::default(),
        };
        it.serve()?;
        it.work()?;
        it.work()?;
        Ok(Some(it))
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    /// Returns HyperQueue as it is here.
    pub(crate) fn hyperqueue(&self) -> HyperQueue {
        HyperQueue::new().server(self.directory())
    }

    /// Starts a server, and waits until it answers.
    pub(crate) fn serve(&self) -> Result {
        let journal = self.folder.path().join("journal");
        let journal = journal.to_string_lossy();
        self.spawn("server", &["server", "start", "--journal", &journal])?;
        self.until("the server answers", || {
            Ok(self.hq(&["worker", "list"]).is_ok())
        })
    }

    /// Starts a worker, and waits until the server has it.
    pub(crate) fn work(&self) -> Result {
        let count = || -> Result<usize> { Ok(self.list(&["worker", "list"])?.len()) };
        let before = count()?;
        self.spawn("worker", &["worker", "start", "--cpus=4"])?;
        self.until("the worker is there", || Ok(count()? > before))
    }

    /// Kills all servers or all workers.
    pub(crate) fn kill(&self, what: &str) -> Result {
        let mut children = self.children.lock().expect("no panic");
        for (name, child) in children.iter_mut() {
            if *name == what {
                child.kill()?;
                child.wait()?;
            }
        }
        children.retain(|(name, _)| *name != what);
        Ok(())
    }

    /// Runs a command of HyperQueue, and returns what it prints.
    pub(crate) fn hq(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).output()?;
        match output.status.success() {
            true => Ok(String::from_utf8(output.stdout)?),
            false => Err(String::from_utf8_lossy(&output.stderr).into()),
        }
    }

    pub(crate) fn list(&self, arguments: &[&str]) -> Result<Vec<serde_json::Value>> {
        Ok(serde_json::from_str(&self.hq(arguments)?)?)
    }

    /// Returns the numbers of jobs in this state.
    pub(crate) fn jobs(&self, state: &str) -> Result<Vec<String>> {
        let jobs = self.list(&["job", "list", "--filter", state])?;
        Ok(jobs.iter().map(|job| job["id"].to_string()).collect())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("hq");
        command
            .arg("--output-mode=json")
            .arg("--server-dir")
            .arg(self.directory())
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HQ_TEST", self.folder.path());
        command
    }

    fn spawn(&self, name: &'static str, arguments: &[&str]) -> Result {
        fs::create_dir_all(self.directory())?;
        let log = File::create(self.folder.path().join(format!("{name}.log")))?;
        let child = self
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut children = self.children.lock().expect("no panic");
        children.push((name, child));
        Ok(())
    }

    fn until(&self, what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result {
        let until = Instant::now() + PATIENCE;
        while !is_so()? {
            if Instant::now() > until {
                let log = fs::read_to_string(self.folder.path().join("server.log"))?;
                return Err(format!("not in time: {what}; {log}").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Allocation {
    fn drop(&mut self) {
        let _ = self.kill("worker");
        let _ = self.kill("server");
    }
}

#[tokio::test]
async fn hyperqueue_conforms() -> Result {
    let Some(allocation) = Allocation::start()? else {
        return Ok(());
    };
    let make: Make<'_> = &|directory, events| {
        let executor = executor(directory, allocation.hyperqueue());
        Ok(Arc::new(executor.start(events)?))
    };
    holds(make, "83").await
}

/// Attempts that are watched.
struct Watched {
    bench: Bench,
    executor: BatchExecutor,
    events: UnboundedReceiver<AttemptEvent>,
}

impl Watched {
    fn start(allocation: &Allocation) -> Result<Self> {
        let bench = Bench::new()?;
        let (sender, events) = unbounded_channel();
        let executor = executor(&bench.path("executor"), allocation.hyperqueue()).start(sender)?;
        Ok(Self {
            bench,
            executor,
            events,
        })
    }

    async fn next(&mut self) -> Result<(String, AttemptChange)> {
        let event = timeout(PATIENCE, self.events.recv()).await?;
        let event = event.ok_or("the executor has ended")?;
        Ok((event.attempt.to_string(), event.change))
    }

    /// Starts a job that goes on for long, and waits until it runs.
    async fn runs(&mut self, name: &str) -> Result {
        self.executor.start(self.bench.job(name, "sleep 1000"));
        match self.next().await? {
            (_, AttemptChange::Started) => Ok(()),
            other => Err(format!("{name}: {other:?}").into()),
        }
    }

    async fn waits(&mut self) -> Result<String> {
        match self.next().await? {
            (_, AttemptChange::Waits { why }) => Ok(why),
            other => Err(format!("{other:?}").into()),
        }
    }

    async fn end(&mut self) -> Result<(String, End)> {
        loop {
            if let (attempt, AttemptChange::Ended(outcome)) = self.next().await? {
                return Ok((attempt, outcome.end));
            }
        }
    }
}

#[tokio::test]
async fn what_hyperqueue_and_its_users_do_is_told_apart_from_a_failed_job() -> Result {
    let Some(allocation) = Allocation::start()? else {
        return Ok(());
    };
    let mut it = Watched::start(&allocation)?;
    it.runs("cancelled").await?;
    allocation.hq(&["job", "cancel", "all"])?;
    let (_, end) = it.end().await?;
    assert!(
        matches!(&end, End::Trouble { why } if why.contains("was cancelled there")),
        "{end:?}"
    );
    // Workers that go down, as at the end of an allocation.
    it.runs("lost").await?;
    let mark = it.bench.folder.path().display().to_string();
    allocation.kill("worker")?;
    for id in crate::bench::processes(&mark) {
        let _ = rustix::process::kill_process(
            rustix::process::Pid::from_raw(id).ok_or("a process")?,
            rustix::process::Signal::KILL,
        );
    }
    let (_, end) = it.end().await?;
    assert!(matches!(&end, End::Lost { .. }), "{end:?}");
    // Nothing is there to run it.
    it.executor.start(it.bench.job("later", "true"));
    let why = it.waits().await?;
    assert!(why.contains("hq worker start"), "{why}");
    // A server that is away loses nothing.
    allocation.kill("server")?;
    let why = it.waits().await?;
    assert!(why.contains("hq server start"), "{why}");
    allocation.serve()?;
    allocation.work()?;
    let (name, end) = it.end().await?;
    assert_eq!((name.as_str(), end), ("later", End::Exited { code: 0 }));
    Ok(())
}

#[tokio::test]
async fn one_of_an_array_is_ended_and_the_others_go_on() -> Result {
    let Some(allocation) = Allocation::start()? else {
        return Ok(());
    };
    let mut it = Watched::start(&allocation)?;
    let line = "until test -e ../go; do sleep 0.05; done";
    // More than there are cores for, in one array.
    for number in 0..12 {
        let job = it.bench.job(&number.to_string(), line);
        it.executor.start(job);
    }
    let mut running = Vec::new();
    while running.len() < 8 {
        if let (name, AttemptChange::Started) = it.next().await? {
            running.push(name);
        }
    }
    let unwanted = running.swap_remove(0);
    it.executor.end(&idds_jobs::AttemptId::new(&unwanted));
    assert_eq!(it.end().await?, (unwanted, End::Stopped));
    let waiting = (0..12)
        .map(|number| number.to_string())
        .find(|name| !running.contains(name) && !it.bench.path(name).exists())
        .ok_or("one that waits")?;
    it.executor.end(&idds_jobs::AttemptId::new(&waiting));
    assert_eq!(it.end().await?, (waiting, End::Stopped));
    fs::write(it.bench.path("go"), "")?;
    for _ in 0..10 {
        assert_eq!(it.end().await?.1, End::Exited { code: 0 });
    }
    Ok(())
}

/// Returns the directory of the server from what a test says of its system.
pub(crate) fn of(path: &str) -> HyperQueue {
    HyperQueue::new()
        .server(Path::new(path))
        .patience(Duration::from_secs(10))
}
