//! Building and encoding workflows, beside the Python package on the same machine in the same run.
//!
//! ```text
//! cargo bench -p idds --bench encode               # up to 1,000,000 works; Python up to 10,000
//! cargo bench -p idds --bench encode -- 10000      # up to 10,000
//! ```
//!
//! Needs Python 3.11 with venv for the other side, which it installs below `target/`; without it, only our side is shown.

mod plain;

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use idds::workflow::wire::Submission;
use idds::workflow::{Collection, Error, Stamp, StepRef, Work, Workflow, when};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The other side.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/encode/python.py");

/// Runs of each side at sizes that take little time, by turns; the middle one counts.
const RUNS: usize = 5;

/// Works that do not hang together.
const INDEPENDENT: &str = "independent";

/// Works of which each starts when the one before has finished.
const CHAIN: &str = "chain";

/// Argument of the process that makes one run of our side, before the number of works and their shape.
const RUN: &str = "run";

/// One measurement of one side.
struct Measured {
    build: Duration,
    encode: Duration,
    bytes: usize,
    peak: usize,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, RUN, works, shape] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return run(works.parse()?, shape);
    }
    let most = arguments
        .iter()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(1_000_000);
    let python = python();
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "shape        works      side     build s   encode s        MB     MB/s   peak of encoding MB"
    )?;
    for (shape, largest, largest_python) in
        [(INDEPENDENT, 1_000_000, 10_000), (CHAIN, 100_000, 3_000)]
    {
        for works in [100, 1_000, 3_000, 10_000, 100_000, 1_000_000]
            .into_iter()
            .filter(|works| *works <= most.min(largest))
        {
            let python = python.as_ref().filter(|_| works <= largest_python);
            let (mut rust_runs, mut python_runs) = (Vec::new(), Vec::new());
            for _ in 0..if works <= 10_000 { RUNS } else { 1 } {
                rust_runs.push(measured(
                    Command::new(&arguments[0]).arg(RUN),
                    works,
                    shape,
                )?);
                let python =
                    python.map(|python| measured(Command::new(python).arg(SCRIPT), works, shape));
                python_runs.extend(python.transpose()?);
            }
            show(&mut out, shape, works, "Rust", middle(rust_runs))?;
            show(&mut out, shape, works, "Python", middle(python_runs))?;
        }
    }
    let works = 100_000.min(most);
    let speed = |(bytes, seconds): (usize, f64)| bytes as f64 / 1e6 / seconds;
    writeln!(
        out,
        "serde_json writes independent works at {:.0} MB/s",
        speed(through_serde(works)?)
    )?;
    writeln!(
        out,
        "serde_json writes the same works from plain structs at {:.0} MB/s",
        speed(plain::write(works)?)
    )?;
    Ok(())
}

fn workflow(works: usize, shape: &str) -> Result<Workflow, Error> {
    let mut workflow = Workflow::builder().name("bench");
    let mut before: Option<StepRef> = None;
    for index in 0..works {
        let work = Work::builder("/bin/hostname")
            .arguments("--index={index}")
            .input(Collection::new("data", "pseudo_input")?)
            .output(Collection::new("data", "pseudo_output")?)
            .build()?;
        let step = workflow.add(index.to_string(), work);
        if let (CHAIN, Some(before)) = (shape, &before) {
            workflow = workflow.condition(when(before.is_finished()).then(&step));
        }
        before = Some(step);
    }
    workflow.build()
}

/// Makes one run, and prints what the script of the other side prints.
fn run(works: usize, shape: &str) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let workflow = workflow(works, shape)?;
    let build = start.elapsed();
    let stamp = Stamp::new("2026-11-22T00:00:00Z".parse()?, 1);
    let mut sink = Counted::default();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let start = Instant::now();
    Submission::new(&workflow, &stamp).write_json(io::BufWriter::new(&mut sink))?;
    let encode = start.elapsed();
    let peak = MEMORY.peak_usage().saturating_sub(before);
    writeln!(
        io::stdout(),
        "{} {} {} {peak}",
        build.as_secs_f64(),
        encode.as_secs_f64(),
        sink.bytes
    )?;
    Ok(())
}

/// Encodes through a serializer that knows nothing of workflows; returns bytes and seconds.
fn through_serde(works: usize) -> Result<(usize, f64), Box<dyn std::error::Error>> {
    let workflow = workflow(works, INDEPENDENT)?;
    let stamp = Stamp::new("2026-11-22T00:00:00Z".parse()?, 1);
    let mut sink = Counted::default();
    let start = Instant::now();
    serde_json::to_writer(
        io::BufWriter::new(&mut sink),
        &Submission::new(&workflow, &stamp),
    )?;
    Ok((sink.bytes, start.elapsed().as_secs_f64()))
}

/// Has a process of its own make one run, as memory that was used before makes a difference.
fn measured(
    program: &mut Command,
    works: usize,
    shape: &str,
) -> Result<Measured, Box<dyn std::error::Error>> {
    let output = program.args([&works.to_string(), shape]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [build, encode, bytes, peak] = numbers[..] else {
        return Err(format!(
            "{program:?} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into());
    };
    let [build, encode] = [build, encode].map(Duration::from_secs_f64);
    Ok(Measured {
        build,
        encode,
        bytes: bytes as usize,
        peak: peak as usize,
    })
}

/// The Python with the real packages, where it can be installed.
fn python() -> Option<String> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let output = Command::new(tests.join("venv"))
        .arg(tests.join("requirements.txt"))
        .output()
        .ok()?;
    output.status.success().then(|| {
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    })
}

/// Returns the run that took neither the longest nor the shortest time; none of none.
fn middle(mut runs: Vec<Measured>) -> Option<Measured> {
    runs.sort_by_key(|run| run.build + run.encode);
    let middle = runs.len() / 2;
    runs.into_iter().nth(middle)
}

fn show(
    out: &mut impl Write,
    shape: &str,
    works: usize,
    side: &str,
    measured: Option<Measured>,
) -> io::Result<()> {
    let Some(Measured {
        build,
        encode,
        bytes,
        peak,
    }) = measured
    else {
        return Ok(());
    };
    let (megabytes, seconds) = (bytes as f64 / 1e6, encode.as_secs_f64());
    writeln!(
        out,
        "{shape:<11} {works:>8}   {side:<6} {:>9.4} {seconds:>10.4} {megabytes:>9.1} {:>8.0} {:>21.2}",
        build.as_secs_f64(),
        megabytes / seconds,
        peak as f64 / 1e6,
    )
}

/// Counts what is written.
#[derive(Default)]
struct Counted {
    bytes: usize,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
