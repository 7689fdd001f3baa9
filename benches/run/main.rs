//! What a job costs in `idds run`, and how that grows, beside what else runs many programs, on the same machine in the same run.
//!
//! ```text
//! cargo bench --bench run                # 10,000 jobs; a map of 100,000 and a chain of 10,000 steps
//! cargo bench --bench run -- 1000        # a tenth of each
//! ```
//!
//! Every job is `/bin/true`. Processor time is that of everything: engine, supervisor and jobs. With `idds run`, each job is noted before it
//! starts and after it has ended, and what it wrote is flushed to the disk before that; `xargs` notes nothing. Needs Python 3.11 with venv for
//! HyperQueue, Snakemake and Parsl, which it installs below `target/`; Snakemake and Parsl run a tenth of the jobs.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

const AT_ONCE: usize = 2;

/// What a run took.
#[derive(Clone, Copy, Debug)]
struct Took {
    wall: Duration,
    /// Processor time, where all of it can be seen.
    cpu: Option<Duration>,
    /// Most memory of the engine, in bytes.
    memory: Option<u64>,
}

fn main() -> Result<(), Failure> {
    let jobs: usize = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(10_000);
    let mut out = io::stdout().lock();
    // All is removed at the end: what is removed slows down for a while what is made.
    let folder = tempfile::tempdir()?;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    writeln!(out, "load before: {}", load.trim())?;
    writeln!(out, "side              jobs   jobs/s   CPU ms/job   MB")?;
    for round in 0..2 {
        let took = xargs(jobs)?;
        show(&mut out, "xargs", jobs, took)?;
        let home = place(&folder, &format!("jobs{round}"), &map(jobs))?;
        show(&mut out, "idds run", jobs, run(&home)?)?;
    }
    if let Some(python) = python() {
        for (side, jobs) in [
            ("hyperqueue", jobs),
            ("snakemake", jobs / 10),
            ("parsl", jobs / 10),
        ] {
            let home = place(&folder, side, "")?;
            match other(&python, side, jobs, &home) {
                Ok(took) => show(&mut out, side, jobs, took)?,
                Err(error) => writeln!(out, "{side:<14} {error}")?,
            }
        }
    }
    writeln!(out, "\nhow it grows       jobs or steps   seconds   MB")?;
    for part in [4, 2, 1] {
        let count = 10 * jobs / part;
        let home = place(&folder, &format!("map{part}"), &map(count))?;
        grown(&mut out, "map", count, run(&home)?)?;
        if part == 1 {
            grown(&mut out, "once more", count, run(&home)?)?;
        }
    }
    for part in [4, 2, 1] {
        let count = jobs / part;
        let home = place(&folder, &format!("chain{part}"), &chain(count))?;
        grown(&mut out, "chain", count, run(&home)?)?;
    }
    Ok(())
}

fn show(out: &mut impl Write, side: &str, jobs: usize, took: Took) -> io::Result<()> {
    let rate = jobs as f64 / took.wall.as_secs_f64();
    let cpu = took.cpu.map_or("-".to_owned(), |cpu| {
        format!("{:.3}", cpu.as_secs_f64() * 1e3 / jobs as f64)
    });
    writeln!(
        out,
        "{side:<14} {jobs:>7} {rate:>8.0} {cpu:>12} {:>4}",
        megabytes(took)
    )
}

fn grown(out: &mut impl Write, what: &str, count: usize, took: Took) -> io::Result<()> {
    let seconds = took.wall.as_secs_f64();
    writeln!(
        out,
        "{what:<18} {count:>13} {seconds:>9.1} {:>4}",
        megabytes(took)
    )
}

fn megabytes(took: Took) -> String {
    took.memory
        .map_or("-".to_owned(), |bytes| (bytes / 1_000_000).to_string())
}

/// A map of jobs that wait for nothing.
fn map(jobs: usize) -> String {
    let mut text = "steps:\n  map:\n    type: doma_panda\n    task_name: map\n    executable: /bin/true\n    jobs:\n".to_owned();
    for number in 0..jobs {
        let _ = writeln!(text, "    - {{ name: j{number} }}");
    }
    text
}

/// A chain of works.
fn chain(steps: usize) -> String {
    let mut text = "steps:\n".to_owned();
    for number in 0..steps {
        let _ = writeln!(
            text,
            "  s{number}: {{ type: program, executable: /bin/true }}"
        );
    }
    text.push_str("conditions:\n");
    for number in 1..steps {
        let before = number - 1;
        let _ = writeln!(
            text,
            "- {{ when: {{ step: s{before}, is: finished }}, then: [s{number}] }}"
        );
    }
    text
}

fn place(folder: &tempfile::TempDir, name: &str, workflow: &str) -> Result<PathBuf, Failure> {
    let home = folder.path().join(name);
    fs::create_dir(&home)?;
    fs::write(home.join("w.yaml"), workflow)?;
    Ok(home)
}

fn xargs(jobs: usize) -> Result<Took, Failure> {
    let line = format!("seq {jobs} | xargs -P {AT_ONCE} -n 1 /bin/true");
    let mut command = Command::new("sh");
    command.args(["-c", &line]);
    let (wall, cpu, _) = measured(&mut command)?;
    Ok(Took {
        wall,
        cpu: Some(cpu),
        memory: None,
    })
}

/// Runs a workflow; the supervisor is looked at before it ends, some seconds after the engine.
fn run(home: &Path) -> Result<Took, Failure> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_idds"));
    command
        .args(["run", "w.yaml", "--quiet", "--cores", &AT_ONCE.to_string()])
        .current_dir(home)
        .env("HOME", home)
        .env_remove("IDDS_HOST");
    let (wall, cpu, memory) = measured(&mut command)?;
    Ok(Took {
        wall,
        cpu: Some(cpu + of_supervisor(home)?),
        memory: Some(memory),
    })
}

fn other(python: &Path, side: &str, jobs: usize, home: &Path) -> Result<Took, Failure> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/run/others.py");
    let output = Command::new(python)
        .arg(script)
        .args([side, &jobs.to_string(), &AT_ONCE.to_string()])
        .current_dir(home)
        .env("HOME", home)
        .stdin(Stdio::null())
        .output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    let seconds = told.lines().last().and_then(|line| line.parse().ok());
    let seconds: f64 =
        seconds.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    Ok(Took {
        wall: Duration::from_secs_f64(seconds),
        cpu: None,
        memory: None,
    })
}

/// Returns the time, the processor time and the most memory of a program with all that it has waited for.
fn measured(command: &mut Command) -> Result<(Duration, Duration, u64), Failure> {
    use wait4::Wait4;
    let begun = Instant::now();
    let used = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?
        .wait4()?;
    if !used.status.success() {
        return Err(format!("{command:?} ended with {}", used.status).into());
    }
    let cpu = used.rusage.utime + used.rusage.stime;
    Ok((begun.elapsed(), cpu, used.rusage.maxrss))
}

/// Returns the processor time of the supervisor of a run, with its jobs.
fn of_supervisor(home: &Path) -> Result<Duration, Failure> {
    let mark = format!("IDDS_JOBS_SUPERVISOR={}", home.display());
    let mut ticks = 0;
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        let variables = fs::read(path.join("environ")).unwrap_or_default();
        if variables
            .split(|byte| *byte == 0)
            .any(|one| one.starts_with(mark.as_bytes()))
        {
            let stat = fs::read_to_string(path.join("stat"))?;
            let rest = stat.rsplit_once(')').ok_or("no name")?.1;
            // In user mode and in the kernel, of itself and of its children.
            let words = rest.split_ascii_whitespace().skip(11).take(4);
            ticks += words
                .filter_map(|word| word.parse::<u64>().ok())
                .sum::<u64>();
        }
    }
    let second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_millis(ticks * 1000 / second))
}

/// Installs the other sides; none where that is not possible.
fn python() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let output = Command::new(root.join("tests/venv"))
        .arg(root.join("benches/run/requirements.txt"))
        .env("CARGO_TARGET_DIR", target)
        .stderr(Stdio::inherit())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim_end().into())
}
