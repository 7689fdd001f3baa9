//! What a job costs beside `xargs -P`, which writes nothing down, on the same machine in the same run.
//!
//! ```text
//! cargo bench --package idds-jobs              # 1,000 jobs of each
//! cargo bench --package idds-jobs -- 10000
//! ```
//!
//! Processor time is that of everything: engine, supervisor and jobs. The times to the start of a job are those of one job after the other,
//! from its readiness to the word that it runs.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use idds_jobs::{AttemptChange, AttemptEvent, AttemptId, Executor, Job, LocalExecutor};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use wait4::Wait4;

type Failure = Box<dyn std::error::Error>;

const AT_ONCE: u32 = 2;

fn main() -> Result<(), Failure> {
    idds_jobs::init();
    let jobs: u32 = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(1000);
    let mut out = io::stdout().lock();
    writeln!(out, "side          jobs   CPU ms/job   jobs/s")?;
    let mut least = [f64::MAX; 2];
    // What is removed slows down for a minute what is made: ext4 passes by the inodes of what was removed just now. So all is removed at
    // the end, and a second run should wait.
    let folder = tempfile::tempdir()?;
    // In turn, as other processes come and go.
    for round in 0..3 {
        for side in ["xargs", "idds-jobs"] {
            let (cpu, wall) = match side {
                "xargs" => xargs(jobs)?,
                _ => ours(jobs, &folder.path().join(round.to_string()))?,
            };
            let each = cpu.as_secs_f64() * 1e3 / f64::from(jobs);
            let rate = f64::from(jobs) / wall.as_secs_f64();
            writeln!(out, "{side:<12} {jobs:>5} {each:>12.3} {rate:>8.0}")?;
            let place = &mut least[usize::from(side != "xargs")];
            *place = place.min(each);
        }
    }
    let ratio = least[1] / least[0];
    writeln!(out, "least CPU, idds-jobs / xargs: {ratio:.2}")?;
    let mut times = starts(&folder.path().join("starts"))?;
    times.sort();
    writeln!(
        out,
        "ready to started: median {:.2} ms, slowest of {} {:.2} ms",
        times[times.len() / 2].as_secs_f64() * 1e3,
        times.len(),
        times[times.len() - 1].as_secs_f64() * 1e3,
    )?;
    Ok(())
}

fn xargs(jobs: u32) -> Result<(Duration, Duration), Failure> {
    let begun = Instant::now();
    let line = format!("seq {jobs} | xargs -P {AT_ONCE} -n 1 /bin/true");
    let mut child = Command::new("sh")
        .args(["-c", &line])
        .stdin(Stdio::null())
        .spawn()?;
    let used = child.wait4()?;
    Ok((used.rusage.utime + used.rusage.stime, begun.elapsed()))
}

fn ours(jobs: u32, folder: &Path) -> Result<(Duration, Duration), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (executor, mut told) = executor(folder)?;
        // So that the supervisor is there.
        run(&executor, &mut told, folder, "first").await?;
        let (before, begun) = (cpu(folder)?, Instant::now());
        for number in 0..jobs {
            executor.start(job(folder, &number.to_string()));
        }
        let mut open = jobs;
        while open > 0 {
            let event = told.recv().await.ok_or("the executor has ended")?;
            if let AttemptChange::Ended(outcome) = event.change {
                assert!(outcome.is_success(), "{outcome:?}");
                open -= 1;
            }
        }
        let after = cpu(folder)?;
        Ok((after.saturating_sub(before), begun.elapsed()))
    })
}

fn starts(folder: &Path) -> Result<Vec<Duration>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (executor, mut told) = executor(folder)?;
        run(&executor, &mut told, folder, "first").await?;
        let mut times = Vec::new();
        for number in 0..200 {
            let name = number.to_string();
            times.push(run(&executor, &mut told, folder, &name).await?);
        }
        Ok(times)
    })
}

fn executor(folder: &Path) -> Result<(LocalExecutor, UnboundedReceiver<AttemptEvent>), Failure> {
    let (events, told) = unbounded_channel();
    let executor = LocalExecutor::builder(folder.join("jobs"))
        .cores(AT_ONCE)
        .start(events)?;
    Ok((executor, told))
}

fn job(folder: &Path, name: &str) -> Job {
    Job::program(AttemptId::new(name), folder.join(name), "/bin/true")
}

/// Runs a job, and returns how long it took to start.
async fn run(
    executor: &LocalExecutor,
    told: &mut UnboundedReceiver<AttemptEvent>,
    folder: &Path,
    name: &str,
) -> Result<Duration, Failure> {
    let begun = Instant::now();
    let mut started = Duration::ZERO;
    executor.start(job(folder, name));
    loop {
        match told.recv().await.ok_or("the executor has ended")?.change {
            AttemptChange::Started => started = begun.elapsed(),
            AttemptChange::Ended(_) => return Ok(started),
            other => return Err(format!("{other:?}").into()),
        }
    }
}

/// Processor time of this process and of the supervisor with its jobs.
fn cpu(folder: &Path) -> Result<Duration, Failure> {
    let mark = format!("IDDS_JOBS_SUPERVISOR={}", folder.join("jobs").display());
    let mut ticks = ticks("self", 2)?;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().filter(|name| name.parse::<u32>().is_ok()) else {
            continue;
        };
        let variables = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        if variables
            .split(|byte| *byte == 0)
            .any(|variable| variable == mark.as_bytes())
        {
            // With those of its children.
            ticks += self::ticks(id, 4)?;
        }
    }
    let second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_millis(ticks * 1000 / second))
}

/// Ticks in user mode and in the kernel, of the process and, as the next two, of its children.
fn ticks(id: &str, count: usize) -> Result<u64, Failure> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    let rest = stat.rsplit_once(')').ok_or("no name")?.1;
    let words = rest.split_ascii_whitespace().skip(11).take(count);
    words.map(|word| Ok(word.parse::<u64>()?)).sum()
}
