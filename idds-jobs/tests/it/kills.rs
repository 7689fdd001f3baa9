//! What becomes of attempts when engines, supervisors and jobs are killed.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use idds_jobs::{AttemptChange, AttemptId, AttemptOutcome, End, Executor, Job, LocalExecutor};
use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::mpsc::unbounded_channel;

use crate::bench::{Bench, Result, processes, supervisor};

fn kill(id: i32) {
    if let Some(id) = Pid::from_raw(id) {
        let _ = kill_process(id, Signal::KILL);
    }
}

/// Returns the supervisor of a directory.
fn supervisor_of(directory: &Path) -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let mark = format!("IDDS_JOBS_SUPERVISOR={}", directory.display());
    ids.filter(|id| {
        let variables = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        variables
            .split(|byte| *byte == 0)
            .any(|variable| variable == mark.as_bytes())
    })
    .collect()
}

#[tokio::test]
async fn a_job_outlives_its_engine_and_the_next_one_adopts_it() -> Result {
    let bench = Bench::new()?;
    let mut first = bench.start()?;
    let jobs = [
        bench.job(
            "runs",
            "until test -e ../go; do sleep 0.01; done; echo done",
        ),
        bench.job("ended", "echo done"),
        bench.job("never", "echo done"),
    ];
    first.executor.start(jobs[0].clone());
    first.started("runs").await?;
    assert!(first.run(jobs[1].clone()).await?.is_success());
    drop(first);
    let mut second = loop {
        // The engine before it takes a moment to end.
        match bench.start() {
            Ok(running) => break running,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    second.executor.adopt(jobs.to_vec());
    let mut news = BTreeMap::new();
    for _ in 0..3 {
        let event = second.next().await?;
        news.insert(event.attempt.to_string(), event.change);
    }
    assert_eq!(news["runs"], AttemptChange::Started);
    assert_eq!(news["never"], AttemptChange::NeverStarted);
    assert!(matches!(&news["ended"], AttemptChange::Ended(outcome) if outcome.is_success()));
    fs::write(bench.path("go"), "")?;
    let (name, outcome) = second.ended().await?;
    assert_eq!(name, "runs");
    assert!(outcome.is_success());
    assert_eq!(bench.read("runs/stdout")?, "done\n");
    Ok(())
}

/// Elsewhere a run hangs without a word when the process dies that has its jobs (parsl 578, 1035).
#[tokio::test]
async fn a_supervisor_that_is_killed_leaves_no_job_behind_and_its_engine_goes_on() -> Result {
    let bench = Bench::new()?;
    let mut running = bench.start_with(|builder| builder.cores(1))?;
    let mark = format!("78{}", std::process::id());
    let line = format!("setsid sleep {mark}.1 & sleep {mark}.2 & wait");
    running.executor.start(bench.job("1", &line));
    running.executor.start(bench.job("2", "true"));
    running.started("1").await?;
    while processes(&format!("sleep\0{mark}")).len() < 2 {
        tokio::task::yield_now().await;
    }
    let found = supervisor_of(&bench.path("jobs"));
    assert_eq!(found.len(), 1);
    kill(found[0]);
    let (name, outcome) = running.ended().await?;
    assert_eq!(name, "1");
    assert!(matches!(outcome.end, End::Lost { .. }), "{outcome:?}");
    assert_eq!(AttemptOutcome::read(bench.path("1"))?, Some(outcome));
    assert_eq!(processes(&mark), Vec::<i32>::new());
    let (name, outcome) = running.ended().await?;
    assert_eq!(name, "2");
    assert!(outcome.is_success());
    Ok(())
}

#[tokio::test]
async fn one_directory_has_one_engine() -> Result {
    let bench = Bench::new()?;
    let _running = bench.start()?;
    let error = bench.start().err().ok_or("two engines")?.to_string();
    assert!(
        error.ends_with("another process holds it; end that one first"),
        "{error}"
    );
    Ok(())
}

/// An engine as a process that can be killed. Each line that it reads is the name of an attempt, and whether it is to be adopted.
/// It says what becomes of each.
#[tokio::test(flavor = "current_thread")]
async fn this_program_is_an_engine() -> Result {
    let Some(folder) = std::env::var_os("IDDS_TEST_ENGINE") else {
        return Ok(());
    };
    let folder = Path::new(&folder);
    let (events, mut told) = unbounded_channel();
    let builder = LocalExecutor::builder(folder.join("jobs")).cores(4);
    let executor = builder
        .supervisor(supervisor())
        .grace(Duration::from_millis(100))
        .start(events)?;
    let lines = std::io::stdin()
        .lines()
        .collect::<std::io::Result<Vec<_>>>()?;
    let (mut open, mut old) = (0, Vec::new());
    for line in lines {
        let (name, how) = line.split_once(' ').ok_or("two words")?;
        let job = job(folder, name);
        open += 1;
        match how {
            "adopt" => old.push(job),
            _ => executor.start(job),
        }
    }
    if !old.is_empty() {
        executor.adopt(old);
    }
    let mut out = std::io::stdout();
    while open > 0
        && let Some(event) = told.recv().await
    {
        let what = match &event.change {
            AttemptChange::Started => "started".to_owned(),
            AttemptChange::NeverStarted => {
                executor.start(job(folder, event.attempt.as_str()));
                "never".to_owned()
            }
            AttemptChange::Ended(outcome) => {
                open -= 1;
                match &outcome.end {
                    End::Exited { code: 0 } => "finished".to_owned(),
                    End::Lost { .. } | End::Killed { .. } => "again".to_owned(),
                    other => format!("{other:?}"),
                }
            }
            other => format!("{other:?}"),
        };
        writeln!(out, "said {} {what}", event.attempt)?;
    }
    Ok(())
}

/// Leaves a word when it begins and one when it has finished, and a child in a session of its own meanwhile.
fn job(folder: &Path, attempt: &str) -> Job {
    let line = "echo $IDDS_ATTEMPT_ID >>begun; setsid sleep 98$IDDS_TEST_MARK & sleep 0.0$(($$ % 5 + 1)); echo $IDDS_ATTEMPT_ID >>finished";
    Job::shell(
        AttemptId::new(attempt),
        folder.join("attempts").join(attempt),
        line,
    )
    .start_in(folder)
}

fn engine(folder: &Path, mark: &str, work: &[(String, &str)]) -> Result<Child> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", "kills::this_program_is_an_engine", "--nocapture"])
        .env("IDDS_TEST_ENGINE", folder)
        .env("IDDS_TEST_MARK", mark)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut to = child.stdin.take().ok_or("no standard input")?;
    for (name, how) in work {
        writeln!(to, "{name} {how}")?;
    }
    Ok(child)
}

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// A whole run of some jobs, in which somebody is killed again and again. What this function remembers between engines stands for the
/// database of a real one, which writes down what it starts before it starts it.
#[test]
fn nothing_is_lost_or_finished_twice_or_left_behind_whoever_is_killed() -> Result {
    let wanted = std::env::var("IDDS_TEST_KILLS")
        .ok()
        .and_then(|text| text.parse().ok());
    let (mut kills, wanted) = (0, wanted.unwrap_or(24));
    let mut dice = Dice(7);
    let bench = Bench::new()?;
    let folder = bench.folder.path();
    let mark = std::process::id().to_string();
    let mut of_whom: HashMap<&str, u32> = HashMap::new();
    let mut round = 0;
    while kills < wanted {
        round += 1;
        // Attempts of each job that the engine believes to run, and those of which it knows the end.
        let mut attempts: BTreeMap<u32, u32> = (0..12).map(|number| (number, 1)).collect();
        let mut known: Vec<String> = Vec::new();
        let name = |number: &u32, attempt: &u32| format!("{round}-{number}-{attempt}");
        while !attempts.is_empty() {
            let work: Vec<_> = attempts
                .iter()
                .map(|(number, attempt)| name(number, attempt))
                .map(|name| {
                    if known.contains(&name) {
                        (name, "adopt")
                    } else {
                        (name, "start")
                    }
                })
                .collect();
            known.extend(work.iter().map(|(name, _)| name.clone()));
            let mut engine = engine(folder, &mark, &work)?;
            let mut lines =
                BufReader::new(engine.stdout.take().ok_or("no standard output")?).lines();
            // After so many words somebody is killed, perhaps two at once.
            let mut left = dice.next(30);
            let mut is_dead = false;
            while let Some(line) = lines.next().transpose()? {
                let Some((_, said)) = line.split_once("said ") else {
                    continue;
                };
                let (attempt, what) = said.split_once(' ').ok_or("two words")?;
                let number: u32 = attempt.split('-').nth(1).ok_or("a number")?.parse()?;
                match what {
                    "finished" => _ = attempts.remove(&number),
                    "again" => _ = attempts.entry(number).and_modify(|attempt| *attempt += 1),
                    "started" | "never" => {}
                    other => return Err(format!("{attempt}: {other}").into()),
                }
                if left > 0 {
                    left -= 1;
                    continue;
                }
                left = dice.next(30);
                let whom = dice.next(8);
                kills += 1;
                if whom < 4 {
                    *of_whom.entry("engine").or_default() += 1;
                    engine.kill()?;
                    is_dead = true;
                }
                if matches!(whom, 3..6) {
                    *of_whom.entry("supervisor").or_default() += 1;
                    supervisor_of(&bench.path("jobs"))
                        .into_iter()
                        .for_each(kill);
                }
                if matches!(whom, 5..8) {
                    *of_whom.entry("job").or_default() += 1;
                    let found = processes("sleep 0.0$(($$");
                    let mine = found.into_iter().filter(|id| {
                        fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|cwd| cwd == folder)
                    });
                    mine.take(1).for_each(kill);
                }
                if is_dead {
                    break;
                }
            }
            engine.wait()?;
        }
    }
    // Those of the last engine have all ended, and so has what they started.
    assert_eq!(processes(&format!("98{mark}")), Vec::<i32>::new());
    let finished = bench.read("finished")?;
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for attempt in finished.lines() {
        *times.entry(attempt.to_owned()).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    let begun = bench.read("begun")?;
    let mut once: Vec<_> = begun.lines().collect();
    once.sort_unstable();
    let all = once.len();
    once.dedup();
    assert_eq!(once.len(), all, "an attempt began twice");
    let jobs: std::collections::BTreeSet<_> = times
        .keys()
        .filter_map(|attempt| attempt.rsplit_once('-'))
        .map(|(job, _)| job.to_owned())
        .collect();
    assert_eq!(jobs.len(), 12 * round, "a job was lost");
    assert!(of_whom.len() == 3 || wanted < 24, "{of_whom:?}");
    Ok(())
}
