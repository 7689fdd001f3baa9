//! Batch systems in trouble: whatever is killed, cancelled, held or started again, no job is lost and none runs twice.
//!
//! `IDDS_TEST_FAULTS=200 cargo test --package idds-jobs --test it faults -- --nocapture` injects that many, and prints a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use idds_jobs::{AttemptChange, AttemptId, End, Executor, Job, Slurm};
use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc::unbounded_channel;

use crate::bench::{Bench, Result};
use crate::hyperqueue::{self, Allocation};
use crate::slurm::{Cluster, executor};

/// Jobs of a round.
const JOBS: u32 = 24;

/// Longest time without a word of an engine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An engine as a process that can be killed. Each line that it reads is the name of an attempt, and whether it is to be adopted.
#[tokio::test(flavor = "current_thread")]
async fn this_program_is_an_engine_of_a_batch_system() -> Result {
    let Some(folder) = std::env::var_os("IDDS_TEST_BATCH_ENGINE") else {
        return Ok(());
    };
    let folder = PathBuf::from(folder);
    let system = std::env::var("IDDS_TEST_SYSTEM")?;
    let (events, mut told) = unbounded_channel();
    let directory = folder.join("executor");
    let executor: Arc<dyn Executor> = match system.split_once('=') {
        Some(("slurm", path)) => {
            let slurm = Slurm::new()
                .configuration(path)
                .patience(Duration::from_secs(10));
            Arc::new(executor(&directory, slurm).start(events)?)
        }
        Some(("hyperqueue", path)) => {
            Arc::new(executor(&directory, hyperqueue::of(path)).start(events)?)
        }
        _ => return Err(system.into()),
    };
    let lines = std::io::stdin()
        .lines()
        .collect::<std::io::Result<Vec<_>>>()?;
    let (mut open, mut old) = (0, Vec::new());
    for line in lines {
        let (name, how) = line.split_once(' ').ok_or("two words")?;
        open += 1;
        match how {
            "adopt" => old.push(job(&folder, name)),
            _ => executor.start(job(&folder, name)),
        }
    }
    if !old.is_empty() {
        executor.adopt(old);
    }
    let mut out = std::io::stdout();
    while open > 0
        && let Some(event) = told.recv().await
    {
        let what = match event.change {
            AttemptChange::Started => "started".to_owned(),
            AttemptChange::NeverStarted => {
                executor.start(job(&folder, event.attempt.as_str()));
                "never".to_owned()
            }
            AttemptChange::Ended(outcome) => {
                open -= 1;
                match outcome.end {
                    End::Exited { code: 0 } => "finished".to_owned(),
                    // What was done to the job itself.
                    End::Killed { signal: 9 } => "killed".to_owned(),
                    End::Lost { why } => format!("lost {why}"),
                    End::Trouble { why } => format!("held {why}"),
                    other => format!("{other:?}"),
                }
            }
            AttemptChange::Waits { why } => format!("waits {why}"),
            other => format!("{other:?}"),
        };
        writeln!(out, "said {} {what}", event.attempt)?;
    }
    Ok(())
}

/// Holds a lock of its job, and leaves a word when it begins and one when it has finished.
fn job(folder: &Path, attempt: &str) -> Job {
    let number = attempt.rsplit_once('-').map_or(attempt, |(job, _)| job);
    let line = format!(
        "exec 9>lock-{number}; flock -n 9 || echo $IDDS_ATTEMPT_ID >>overlap; echo $IDDS_ATTEMPT_ID >>begun; : idds-test-fault-{}; sleep $(($$ % 3 + 1)).7; echo $IDDS_ATTEMPT_ID >>finished",
        folder.display()
    );
    Job::shell(
        AttemptId::new(attempt),
        folder.join("attempts").join(attempt),
        line,
    )
    .start_in(folder)
}

/// Something that goes wrong.
struct Fault<'a> {
    name: &'static str,
    /// Does it, and tells whether there was something to do it to.
    inject: Box<dyn Fn() -> Result<bool> + 'a>,
}

fn fault<'a>(name: &'static str, inject: impl Fn() -> Result<bool> + 'a) -> Fault<'a> {
    Fault {
        name,
        inject: Box::new(inject),
    }
}

/// What is known of all rounds.
#[derive(Default)]
struct Account {
    faults: BTreeMap<&'static str, u32>,
    ends: BTreeMap<String, u32>,
}

/// Runs rounds of jobs, in which something goes wrong again and again, and counts.
fn survive(
    system: &str,
    faults: &[Fault<'_>],
    wanted: usize,
    state: &dyn Fn() -> Result<String>,
) -> Result {
    let bench = Bench::new()?;
    let folder = bench.folder.path();
    let mut account = Account::default();
    let mut turn = 0;
    let mut round = 0;
    while turn < wanted {
        round += 1;
        let mut attempts: BTreeMap<u32, u32> = (0..JOBS).map(|number| (number, 1)).collect();
        let mut known: Vec<String> = Vec::new();
        while !attempts.is_empty() {
            let mut work = String::new();
            for (number, attempt) in &attempts {
                let name = format!("{round}-{number}-{attempt}");
                let how = if known.contains(&name) {
                    "adopt"
                } else {
                    "start"
                };
                writeln!(work, "{name} {how}")?;
                known.push(name);
            }
            let (mut engine, words) = engine(folder, system, &work)?;
            let mut next = Instant::now() + Duration::from_millis(1500);
            let mut heard = Instant::now();
            loop {
                let wait = next.saturating_duration_since(Instant::now());
                match words.recv_timeout(wait) {
                    Ok(said) => {
                        heard = Instant::now();
                        let (attempt, what) = said.split_once(' ').ok_or("two words")?;
                        let number: u32 = attempt.split('-').nth(1).ok_or("a number")?.parse()?;
                        let kind = what.split(' ').next().unwrap_or_default();
                        *account.ends.entry(kind.to_owned()).or_default() += 1;
                        match kind {
                            "finished" => _ = attempts.remove(&number),
                            "lost" | "held" | "killed" => {
                                _ = attempts.entry(number).and_modify(|it| *it += 1);
                            }
                            "started" | "never" | "waits" => {}
                            other => return Err(format!("{attempt}: {other}: {what}").into()),
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                    Err(RecvTimeoutError::Timeout) if turn < wanted => {
                        let number = turn % (faults.len() + 1);
                        turn += 1;
                        next = Instant::now() + Duration::from_millis(700);
                        let Some(fault) = faults.get(number) else {
                            *account.faults.entry("engine killed").or_default() += 1;
                            engine.kill()?;
                            continue;
                        };
                        if (fault.inject)()? {
                            *account.faults.entry(fault.name).or_default() += 1;
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        next = Instant::now() + Duration::from_secs(1);
                        let state = state()?;
                        if heard.elapsed() > PATIENCE {
                            engine.kill()?;
                            return Err(format!(
                                "{system}: nothing is heard of {attempts:?}; {state}"
                            )
                            .into());
                        }
                    }
                }
            }
            engine.wait()?;
        }
    }
    let lines = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        let all = lines.len();
        lines.dedup();
        (all - lines.len(), lines)
    };
    let ((again, _), (_, overlap), (_, finished)) =
        (lines("begun"), lines("overlap"), lines("finished"));
    let jobs: std::collections::BTreeSet<_> = finished
        .iter()
        .filter_map(|attempt| Some(attempt.rsplit_once('-')?.0))
        .collect();
    let wanted = JOBS * round;
    let lost = wanted as usize - jobs.len();
    #[expect(clippy::print_stdout, reason = "the table of the test")]
    {
        println!(
            "{system}: {wanted} jobs, faults {:?}, words {:?}, twice {again}, at once {}, lost {lost}",
            account.faults,
            account.ends,
            overlap.len()
        );
    }
    assert_eq!((again, overlap.as_slice(), lost), (0, [].as_slice(), 0));
    Ok(())
}

/// Starts an engine, and returns what it says.
fn engine(folder: &Path, system: &str, work: &str) -> Result<(Child, Receiver<String>)> {
    let name = "faults::this_program_is_an_engine_of_a_batch_system";
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", name, "--nocapture"])
        .env("IDDS_TEST_BATCH_ENGINE", folder)
        .env("IDDS_TEST_SYSTEM", system)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    child
        .stdin
        .take()
        .ok_or("no standard input")?
        .write_all(work.as_bytes())?;
    let lines = BufReader::new(child.stdout.take().ok_or("no standard output")?).lines();
    let (say, words) = channel();
    std::thread::spawn(move || {
        for line in lines.map_while(std::io::Result::ok) {
            if let Some((_, said)) = line.split_once("said ")
                && say.send(said.to_owned()).is_err()
            {
                break;
            }
        }
    });
    Ok((child, words))
}

/// Kills the process of this number in a file.
fn kill_of(path: &Path) -> Result {
    let id = fs::read_to_string(path)?.trim().parse()?;
    kill(id);
    Ok(())
}

fn kill(id: i32) {
    if let Some(id) = Pid::from_raw(id) {
        let _ = kill_process(id, Signal::KILL);
    }
}

/// Returns processes by a word of their command line and one of their environment.
fn found(word: &str, variable: &str) -> Vec<i32> {
    let of = |id: &i32, what: &str| {
        let text = fs::read(format!("/proc/{id}/{what}")).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    };
    crate::bench::processes(word)
        .into_iter()
        .filter(|id| of(id, "environ").contains(variable))
        .collect()
}

/// Returns how many faults to inject.
fn wanted(least: usize) -> usize {
    let wanted = std::env::var("IDDS_TEST_FAULTS").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(least)
}

#[test]
fn slurm_in_trouble_loses_nothing_and_runs_nothing_twice() -> Result {
    let Some(cluster) = Cluster::start()? else {
        return Ok(());
    };
    let mark = cluster.path("slurm.conf").display().to_string();
    let variable = format!("SLURM_CONF={mark}");
    let first = |state: &str| -> Result<Option<String>> {
        let states = format!("--states={state}");
        let format = ["--noheader", "--array", "--format=%i", &states];
        let until = Instant::now() + Duration::from_secs(5);
        loop {
            let listed = cluster.command("squeue", &format)?;
            let id = listed.lines().next().map(str::to_owned);
            if id.is_some() || Instant::now() > until {
                return Ok(id);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let cancel = |state: &str| -> Result<bool> {
        let Some(id) = first(state)? else {
            return Ok(false);
        };
        cluster.command("scancel", &[&id])?;
        Ok(true)
    };
    let again = |name: &str, pid: &str, wait: u64| -> Result<bool> {
        first("RUNNING")?;
        kill_of(&cluster.path(pid))?;
        std::thread::sleep(Duration::from_millis(wait));
        cluster.run("up", &[name])?;
        Ok(true)
    };
    let kill_one = |word: &str| -> Result<bool> {
        first("RUNNING")?;
        let found = found(word, &variable);
        found.iter().take(1).for_each(|id| kill(*id));
        Ok(!found.is_empty())
    };
    let faults = [
        fault("wrapper killed", || kill_one("executor/program")),
        fault("scancel of one that waits", || cancel("PENDING")),
        fault("slurmctld killed", || {
            again("slurmctld", "slurmctld.pid", 1500)
        }),
        fault("scancel of one that runs", || cancel("RUNNING")),
        fault("slurmd killed", || again("n2", "n2.pid", 300)),
        fault("job killed", || kill_one("idds-test-fault")),
        fault("scontrol requeue", || {
            let Some(id) = first("RUNNING")? else {
                return Ok(false);
            };
            cluster.command("scontrol", &["update", "job", &id, "Requeue=1"])?;
            cluster.command("scontrol", &["requeue", &id])?;
            Ok(true)
        }),
        fault("hold", || {
            let Some(id) = first("PENDING")? else {
                return Ok(false);
            };
            cluster.command("scontrol", &["hold", &id])?;
            std::thread::sleep(Duration::from_millis(1500));
            cluster.command("scontrol", &["release", &id])?;
            Ok(true)
        }),
        fault("slurmd away too long", || again("n1", "n1.pid", 8000)),
    ];
    let system = format!("slurm={mark}");
    let state = || {
        // As an administrator does: Slurm drains a node on which it finds a job twice.
        let node = "NodeName=n1,n2";
        cluster.command("scontrol", &["update", node, "State=RESUME"])?;
        let format = "--format=%j|%i|%T|%r|%N";
        let jobs = cluster.command("squeue", &["--array", "--states=all", format])?;
        // What Slurm could not launch waits two minutes.
        for line in jobs.lines().filter(|line| line.contains("|BeginTime|")) {
            let job = format!("JobId={}", line.split('|').nth(1).unwrap_or_default());
            cluster.command("scontrol", &["update", &job, "StartTime=now"])?;
        }
        Ok(jobs + &cluster.command("sinfo", &["--Node", "--long"])?)
    };
    survive(&system, &faults, wanted(10), &state)
}

#[test]
fn hyperqueue_in_trouble_loses_nothing_and_runs_nothing_twice() -> Result {
    let Some(allocation) = Allocation::start()? else {
        return Ok(());
    };
    let directory = allocation.directory().display().to_string();
    // All that the workers have started.
    let variable = format!("HQ_TEST={}", directory.trim_end_matches("/server"));
    let kill_one = |word: &str| -> Result<bool> {
        let until = Instant::now() + Duration::from_secs(5);
        loop {
            let found = found(word, &variable);
            if !found.is_empty() || Instant::now() > until {
                found.iter().take(1).for_each(|id| kill(*id));
                return Ok(!found.is_empty());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let cancel = |state: &str| -> Result<bool> {
        let jobs = allocation.jobs(state)?;
        if let Some(job) = jobs.first() {
            allocation.hq(&["job", "cancel", job])?;
        }
        Ok(!jobs.is_empty())
    };
    let faults = [
        fault("wrapper killed", || kill_one("executor/program")),
        fault("server killed", || {
            allocation.kill("server")?;
            std::thread::sleep(Duration::from_millis(1500));
            allocation.serve()?;
            // They end with it.
            allocation.kill("worker")?;
            allocation.work()?;
            allocation.work().map(|()| true)
        }),
        fault("job cancelled", || cancel("running")),
        fault("job killed", || kill_one("idds-test-fault")),
        fault("workers killed", || {
            allocation.kill("worker")?;
            allocation.work()?;
            allocation.work().map(|()| true)
        }),
        fault("waiting job cancelled", || cancel("waiting")),
    ];
    let system = format!("hyperqueue={directory}");
    let state = || allocation.hq(&["job", "list", "--all"]);
    survive(&system, &faults, wanted(7), &state)
}
