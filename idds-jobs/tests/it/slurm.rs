//! Slurm: Debian's own, which the tests start on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use idds_jobs::{AttemptChange, AttemptEvent, BatchExecutor, End, Executor, Slurm};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::bench::{Bench, Result, processes, supervisor};
use crate::conformance::{Make, holds};

/// A cluster of two nodes.
pub(crate) struct Cluster {
    folder: TempDir,
}

impl Cluster {
    /// Starts one; none where the machine lacks Slurm, which fails in CI.
    pub(crate) fn start() -> Result<Option<Self>> {
        Self::start_with(&[])
    }

    /// Starts one with these settings of `tests/slurm/up`.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Result<Option<Self>> {
        let needs = Command::new(top().join("tests/needs"))
            .arg("slurm")
            .output()?;
        if !needs.stdout.is_empty() {
            let lacking = String::from_utf8_lossy(&needs.stdout).replace('\n', " ");
            let what = format!("SKIPPED: jobs on Slurm; install {lacking}");
            if std::env::var_os("CI").is_some() {
                return Err(what.into());
            }
            #[expect(clippy::print_stderr, reason = "a skipped test says so")]
            {
                eprintln!("{what}");
            }
            return Ok(None);
        }
        let folder = tempfile::tempdir()?;
        let cluster = Self { folder };
        cluster.script("up", &[], settings)?;
        Ok(Some(cluster))
    }

    /// Returns Slurm as this cluster has it.
    pub(crate) fn slurm(&self) -> Slurm {
        Slurm::new().configuration(self.path("slurm.conf"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a script of `tests/slurm`.
    pub(crate) fn run(&self, script: &str, arguments: &[&str]) -> Result {
        self.script(script, arguments, &[])
    }

    fn script(&self, script: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Result {
        let mut command = Command::new(top().join("tests/slurm").join(script));
        command.arg(self.folder.path()).args(arguments);
        command.envs(settings.iter().copied());
        // Into files: what it starts would hold a pipe.
        let log = fs::File::create(self.path("script.log"))?;
        let status = command.stdout(log.try_clone()?).stderr(log).status()?;
        match status.success() {
            true => Ok(()),
            false => Err(fs::read_to_string(self.path("script.log"))?.into()),
        }
    }

    /// Runs a command of Slurm, and returns what it prints.
    pub(crate) fn command(&self, name: &str, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(name);
        let output = command
            .args(arguments)
            .env("SLURM_CONF", self.path("slurm.conf"))
            .output()?;
        Ok(String::from_utf8(output.stdout)?)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.run("down", &[]);
    }
}

fn top() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Makes executors with the pace of a test.
pub(crate) fn executor(
    directory: &Path,
    system: impl idds_jobs::BatchSystem,
) -> idds_jobs::BatchExecutorBuilder {
    BatchExecutor::builder(directory, system)
        .supervisor(supervisor())
        .grace(Duration::from_millis(200))
        .beat(Duration::from_millis(400))
        .look_every(Duration::from_secs(1))
        .settle(Duration::from_millis(300))
}

#[tokio::test]
async fn slurm_conforms() -> Result {
    let Some(cluster) = Cluster::start()? else {
        return Ok(());
    };
    let make: Make<'_> = &|directory, events| {
        Ok(Arc::new(
            executor(directory, cluster.slurm()).start(events)?,
        ))
    };
    holds(make, "82").await
}

/// Attempts on a cluster, one at a time.
struct Watched {
    cluster: Cluster,
    bench: Bench,
    executor: BatchExecutor,
    events: UnboundedReceiver<AttemptEvent>,
}

impl Watched {
    fn start(cluster: Cluster, set: impl FnOnce(Slurm) -> Slurm) -> Result<Self> {
        let bench = Bench::new()?;
        let (sender, events) = unbounded_channel();
        let slurm = set(cluster.slurm());
        let executor = executor(&bench.path("executor"), slurm).start(sender)?;
        Ok(Self {
            cluster,
            bench,
            executor,
            events,
        })
    }

    async fn next(&mut self) -> Result<AttemptChange> {
        let event = timeout(Duration::from_secs(60), self.events.recv()).await?;
        Ok(event.ok_or("the executor has ended")?.change)
    }

    /// Starts a job that goes on for long, and waits until it runs.
    async fn runs(&mut self, name: &str) -> Result {
        self.executor.start(self.bench.job(name, "sleep 1000"));
        match self.next().await? {
            AttemptChange::Started => Ok(()),
            other => Err(format!("{name}: {other:?}").into()),
        }
    }

    async fn waits(&mut self, name: &str) -> Result<String> {
        self.executor.start(self.bench.job(name, "true"));
        match self.next().await? {
            AttemptChange::Waits { why } => Ok(why),
            other => Err(format!("{name}: {other:?}").into()),
        }
    }

    async fn end(&mut self) -> Result<End> {
        loop {
            if let AttemptChange::Ended(outcome) = self.next().await? {
                return Ok(outcome.end);
            }
        }
    }

    /// Gives the one job that is there to a command.
    fn with_id(&self, state: &str, command: &str, arguments: &[&str]) -> Result {
        let states = format!("--states={state}");
        let listed = self
            .cluster
            .command("squeue", &["--noheader", "--array", "--format=%i", &states])?;
        let id = listed.lines().next().ok_or("no job is there")?;
        let arguments: Vec<_> = arguments.iter().copied().chain([id]).collect();
        self.cluster.command(command, &arguments)?;
        Ok(())
    }
}

#[tokio::test]
async fn what_slurm_and_its_users_do_is_told_apart_from_a_failed_job() -> Result {
    let Some(cluster) = Cluster::start()? else {
        return Ok(());
    };
    let mut it = Watched::start(cluster, |slurm| slurm)?;
    it.runs("cancelled").await?;
    it.with_id("RUNNING", "scancel", &[])?;
    let end = it.end().await?;
    assert!(
        matches!(&end, End::Trouble { why } if why.contains("was cancelled there")),
        "{end:?}"
    );
    it.runs("requeued").await?;
    // As an administrator can, although jobs are submitted otherwise.
    it.with_id("RUNNING", "scontrol", &["update", "Requeue=1", "job"])?;
    it.with_id("RUNNING", "scontrol", &["requeue"])?;
    let end = it.end().await?;
    assert!(matches!(end, End::Lost { .. }), "{end:?}");
    it.runs("node").await?;
    let node = it
        .cluster
        .command("squeue", &["--noheader", "--states=RUNNING", "--format=%N"])?;
    // What runs there is killed with it, as when the machine goes down.
    let mark = it.bench.folder.path().display().to_string();
    let id = fs::read_to_string(it.cluster.path(&format!("{}.pid", node.trim())))?;
    let kill = |id: i32| {
        rustix::process::kill_process(
            rustix::process::Pid::from_raw(id).expect("a process"),
            rustix::process::Signal::KILL,
        )
    };
    kill(id.trim().parse()?)?;
    processes("slurmstepd")
        .into_iter()
        .chain(processes(&mark))
        .for_each(|id| _ = kill(id));
    let end = it.end().await?;
    assert!(matches!(end, End::Lost { .. }), "{end:?}");
    it.cluster.run("up", &[node.trim()])?;
    // A controller that is away: what runs goes on, and its end is known before the controller is back.
    it.executor.start(
        it.bench
            .job("silent", "until test -e ../go; do sleep 0.05; done"),
    );
    assert_eq!(it.next().await?, AttemptChange::Started);
    let id = fs::read_to_string(it.cluster.path("slurmctld.pid"))?;
    kill(id.trim().parse()?)?;
    let why = match it.next().await? {
        AttemptChange::Waits { why } => why,
        other => return Err(format!("{other:?}").into()),
    };
    assert!(why.contains("Slurm does not answer"), "{why}");
    fs::write(it.bench.path("go"), "")?;
    assert_eq!(it.end().await?, End::Exited { code: 0 });
    let why = it.waits("later").await?;
    assert!(why.contains("Slurm does not answer"), "{why}");
    it.cluster.run("up", &["slurmctld"])?;
    assert_eq!(it.end().await?, End::Exited { code: 0 });
    Ok(())
}

#[tokio::test]
async fn a_job_that_slurm_does_not_start_is_held_with_the_reason() -> Result {
    let Some(cluster) = Cluster::start()? else {
        return Ok(());
    };
    let mut it = Watched::start(cluster, |slurm| slurm.partition("gpu"))?;
    it.executor.start(it.bench.job("1", "true"));
    let end = it.end().await?;
    assert!(
        matches!(&end, End::Trouble { why } if why.contains("Invalid partition name")),
        "{end:?}"
    );
    assert!(!it.bench.path("1").exists());
    // Held by its user, and then cancelled.
    let mut it = Watched::start(it.cluster, |slurm| slurm.option("--hold"))?;
    let why = it.waits("1").await?;
    assert!(why.contains("JobHeldUser"), "{why}");
    it.with_id("PENDING", "scancel", &[])?;
    let end = it.end().await?;
    assert!(
        matches!(&end, End::Trouble { why } if why.contains("was cancelled there")),
        "{end:?}"
    );
    // Where the wrapper cannot be started.
    let mut it = Watched::start(it.cluster, |slurm| slurm)?;
    fs::remove_file(it.bench.path("executor/program"))?;
    it.executor.start(it.bench.job("1", "true"));
    let end = it.end().await?;
    assert!(
        matches!(&end, End::Trouble { why } if why.contains("could not be started") && why.contains("not found")),
        "{end:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_queue_that_is_full_takes_the_rest_later() -> Result {
    let Some(cluster) = Cluster::start_with(&[("MAX_JOBS", "6"), ("MIN_JOB_AGE", "2")])? else {
        return Ok(());
    };
    let mut it = Watched::start(cluster, |slurm| slurm.patience(Duration::from_secs(2)))?;
    for number in 0..20 {
        it.executor.start(
            it.bench
                .job(&number.to_string(), "echo $IDDS_ATTEMPT_ID >>../ran"),
        );
    }
    let mut is_told = false;
    let mut ends = 0;
    while ends < 20 {
        match it.next().await? {
            AttemptChange::Waits { why } => is_told |= why.contains("no room for more jobs"),
            AttemptChange::Ended(outcome) => {
                assert!(outcome.is_success(), "{outcome:?}");
                ends += 1;
            }
            _ => {}
        }
    }
    assert!(is_told);
    let ran = it.bench.read("ran")?;
    let mut ran: Vec<_> = ran.lines().collect();
    ran.sort_unstable();
    let all = ran.len();
    ran.dedup();
    assert_eq!((all, ran.len()), (20, 20));
    Ok(())
}
