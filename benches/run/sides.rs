//! The sides, and what they take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

use super::Failure;

const AT_ONCE: usize = 2;

/// What a run took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Took {
    pub(crate) wall: Duration,
    /// Processor time.
    pub(crate) cpu: Duration,
    /// Most memory of the engine and of its supervisor, in bytes.
    pub(crate) memory: [u64; 2],
}

pub(crate) fn xargs(jobs: usize) -> Result<Took, Failure> {
    let line = format!("seq {jobs} | xargs -P {AT_ONCE} -n 1 /bin/true");
    let mut command = Command::new("sh");
    command.args(["-c", &line]);
    let took = measured(&mut command)?;
    Ok(Took {
        memory: [0, 0],
        ..took
    })
}

/// Runs a workflow; the supervisor is looked at before it ends, some seconds after the engine.
pub(crate) fn run(home: &Path) -> Result<Took, Failure> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_idds"));
    command
        .args(["run", "w.yaml", "--quiet", "--cores", &AT_ONCE.to_string()])
        .current_dir(home)
        .env("HOME", home)
        .env_remove("IDDS_HOST");
    let took = measured(&mut command)?;
    let supervisor = of_supervisor(home)?;
    Ok(Took {
        cpu: took.cpu + supervisor.cpu,
        memory: [took.memory[0], supervisor.memory[1]],
        ..took
    })
}

pub(crate) fn other(python: &Path, side: &str, jobs: usize, home: &Path) -> Result<Took, Failure> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/run/others.py");
    let output = Command::new(python)
        .arg(script)
        .args([side, &jobs.to_string(), &AT_ONCE.to_string()])
        .current_dir(home)
        .env("HOME", home)
        .stdin(Stdio::null())
        .output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    let words = told.lines().last().unwrap_or_default().split(' ');
    match *words
        .filter_map(|word| word.parse().ok())
        .collect::<Vec<_>>()
    {
        [wall, cpu] => Ok(Took {
            wall: Duration::from_secs_f64(wall),
            cpu: Duration::from_secs_f64(cpu),
            memory: [0, 0],
        }),
        _ => Err(String::from_utf8_lossy(&output.stderr).into()),
    }
}

/// Returns the time, the processor time and the most memory of a program with all that it has waited for.
fn measured(command: &mut Command) -> Result<Took, Failure> {
    let begun = Instant::now();
    let used = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?
        .wait4()?;
    if !used.status.success() {
        return Err(format!("{command:?} ended with {}", used.status).into());
    }
    Ok(Took {
        wall: begun.elapsed(),
        cpu: used.rusage.utime + used.rusage.stime,
        memory: [used.rusage.maxrss, 0],
    })
}

/// Returns what the supervisor of a run has taken, with its jobs.
fn of_supervisor(home: &Path) -> Result<Took, Failure> {
    let mark = format!("IDDS_JOBS_SUPERVISOR={}", home.display());
    let mut took = Took::default();
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        let variables = fs::read(path.join("environ")).unwrap_or_default();
        if variables
            .split(|byte| *byte == 0)
            .any(|one| one.starts_with(mark.as_bytes()))
        {
            // With what its jobs took.
            took.cpu += cpu(&path, 4)?;
            took.memory[1] += peak(&path)?;
        }
    }
    Ok(took)
}

/// Returns the processor time of a process, a directory in `/proc`: in user mode and in the kernel, and as the next two, those of its
/// children.
pub(crate) fn cpu(process: &Path, count: usize) -> Result<Duration, Failure> {
    let stat = fs::read_to_string(process.join("stat"))?;
    let rest = stat.rsplit_once(')').ok_or("no name")?.1;
    let words = rest.split_ascii_whitespace().skip(11).take(count);
    let ticks: u64 = words.filter_map(|word| word.parse::<u64>().ok()).sum();
    let second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_millis(ticks * 1000 / second))
}

/// Returns the most memory that a process had, in bytes.
pub(crate) fn peak(process: &Path) -> Result<u64, Failure> {
    let status = fs::read_to_string(process.join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: u64 = line
        .and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok())
        .ok_or("no memory")?;
    Ok(kilobytes << 10)
}

/// Installs the other sides; none where that is not possible.
pub(crate) fn python() -> Option<PathBuf> {
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
