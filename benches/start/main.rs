//! How long the command takes to start, and how much memory, beside the Python command on the same machine in the same run.
//!
//! ```text
//! cargo bench -p idds --bench start            # 40 times idds, 5 times Python
//! cargo bench -p idds --bench start -- 200     # 200 times idds, 25 times Python
//! ```
//!
//! Of the times, the median and the fastest are printed; of the memory, the most that was resident at once in any run. Needs Python
//! 3.11 with venv for the Python side, which it installs below `target/`, and Debian's package `time` for the memory.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let times: usize = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(40);
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("start");
    fs::create_dir_all(&home)?;
    // The Python package does not start without a configuration of the site.
    fs::write(
        home.join("idds.cfg"),
        "[common]\nloglevel = WARNING\n[rest]\n",
    )?;
    let ours = vec![PathBuf::from(env!("CARGO_BIN_EXE_idds"))];
    let theirs = python().map(|python| {
        let script = python.with_file_name("idds");
        vec![python, "-W".into(), "ignore".into(), script]
    });
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "command                         side     median ms   fastest ms   resident MB"
    )?;
    for line in ["--help", "get_requests_status --help", "--version"] {
        for (side, program, times) in [
            ("idds", Some(&ours), times),
            ("Python", theirs.as_ref(), times.div_ceil(8)),
        ] {
            let Some(program) = program else { continue };
            let command = |line: &str| command(program, line, &home);
            let mut taken = (0..=times)
                .map(|_| time(command(line)))
                .collect::<Result<Vec<_>, _>>()?;
            // The first one warms up.
            taken.remove(0);
            taken.sort();
            let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
            let (median, fastest) = (milliseconds(taken[taken.len() / 2]), milliseconds(taken[0]));
            let memory =
                memory(program, line, &home)?.map_or("-".to_owned(), |mb| format!("{mb:.1}"));
            writeln!(
                out,
                "idds {line:<26} {side:<7} {median:>10.1} {fastest:>12.1} {memory:>13}"
            )?;
        }
    }
    Ok(())
}

fn command(program: &[impl AsRef<OsStr>], line: &str, home: &Path) -> Command {
    let mut command = Command::new(program[0].as_ref());
    command
        .args(program[1..].iter().map(AsRef::as_ref))
        .args(line.split_whitespace());
    command
        .env("HOME", home)
        .env("IDDS_CONFIG", home.join("idds.cfg"));
    command
}

fn time(mut command: Command) -> Result<Duration, Failure> {
    let start = Instant::now();
    let ended = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    let taken = start.elapsed();
    if ended.success() {
        Ok(taken)
    } else {
        Err(format!("{command:?} ended with {ended}").into())
    }
}

/// Returns how much was resident at once, in 10^6 bytes; none without the program that tells.
fn memory(program: &[PathBuf], line: &str, home: &Path) -> Result<Option<f64>, Failure> {
    let (time, told) = (Path::new("/usr/bin/time"), home.join("kilobytes"));
    if !time.exists() {
        return Ok(None);
    }
    let mut measured: Vec<&OsStr> = vec![
        time.as_ref(),
        "-f".as_ref(),
        "%M".as_ref(),
        "-o".as_ref(),
        told.as_ref(),
    ];
    measured.extend(program.iter().map(AsRef::<OsStr>::as_ref));
    self::time(command(&measured, line, home))?;
    let kilobytes: f64 = fs::read_to_string(told)?.trim().parse()?;
    Ok(Some(kilobytes * 1024.0 / 1e6))
}

/// Installs the Python side; none where that is not possible.
fn python() -> Option<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let mut venv = Command::new(tests.join("venv"));
    let venv = venv
        .arg(tests.join("requirements.txt"))
        .env("CARGO_TARGET_DIR", target)
        .stderr(Stdio::inherit());
    let output = venv
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim_end().into())
}
