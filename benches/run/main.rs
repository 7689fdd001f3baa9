//! What a job costs in `idds run`, and how that grows, beside what else runs many programs, on the same machine in the same run.
//!
//! ```text
//! cargo bench -p idds --bench run                # 10,000 jobs; a map of 100,000, a chain of 10,000 steps, 10,000 requests
//! cargo bench -p idds --bench run -- 1000        # a tenth of each
//! cargo bench -p idds --bench run -- jobs        # one part: jobs, starts, map, chain or requests
//! ```
//!
//! Every job is `/bin/true`. Processor time is that of everything: engine, supervisor and jobs. With `idds run`, each job is noted before it
//! starts and after it has ended, and what it wrote is flushed to the disk before that; `xargs` notes nothing. Needs Python 3.11 with venv for
//! HyperQueue, Snakemake and Parsl, which it installs below `target/`; Snakemake and Parsl run a tenth of the jobs.

mod requests;
mod sides;
mod starts;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use self::sides::{Took, other, python, run, xargs};

type Failure = Box<dyn std::error::Error>;

/// Rounds of the sides that take turns.
const ROUNDS: usize = 3;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let jobs: usize = arguments
        .iter()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(10_000);
    let parts = ["jobs", "starts", "map", "chain", "requests"];
    let is_named = |part: &&str| arguments.iter().any(|argument| argument == part);
    let named: Vec<&str> = parts.into_iter().filter(is_named).collect();
    let has = |part: &str| named.is_empty() || named.contains(&part);
    let mut out = io::stdout().lock();
    // All is removed at the end: what is removed slows down for a while what is made.
    let folder = tempfile::tempdir()?;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    writeln!(out, "load before: {}", load.trim())?;
    if has("jobs") {
        beside_others(&mut out, &folder, jobs)?;
    }
    if has("starts") {
        let home = place(&folder, "starts", &chain(200, "/bin/date +%s%N"))?;
        let mut gaps = starts::gaps(&home)?;
        gaps.sort_by(f64::total_cmp);
        let at = |part: f64| gaps[((gaps.len() - 1) as f64 * part) as usize];
        writeln!(
            out,
            "\nfrom the end of a step to the start of the next: median {:.1} ms, nine of ten within {:.1} ms",
            at(0.5),
            at(0.9)
        )?;
    }
    if has("map") || has("chain") {
        writeln!(
            out,
            "\nhow it grows       jobs or steps   seconds   CPU s   MB"
        )?;
    }
    for part in [4, 2, 1].into_iter().filter(|_| has("map")) {
        let count = 10 * jobs / part;
        let home = place(&folder, &format!("map{part}"), &map(count))?;
        grown(&mut out, "map", count, run(&home)?)?;
        if part == 1 {
            grown(&mut out, "once more", count, run(&home)?)?;
            let took = requests::restart(&home)?;
            grown(&mut out, "server on it", count, took)?;
        }
    }
    for part in [4, 2, 1].into_iter().filter(|_| has("chain")) {
        let count = jobs / part;
        let home = place(&folder, &format!("chain{part}"), &chain(count, "/bin/true"))?;
        grown(&mut out, "chain", count, run(&home)?)?;
    }
    if has("requests") {
        let home = place(&folder, "requests", "")?;
        requests::measure(&mut out, &home, jobs)?;
    }
    Ok(())
}

/// Puts the sides beside each other, in turn, as other processes come and go.
fn beside_others(
    out: &mut impl Write,
    folder: &tempfile::TempDir,
    jobs: usize,
) -> Result<(), Failure> {
    writeln!(
        out,
        "side              jobs   jobs/s   CPU ms/job   MB (engine, supervisor)"
    )?;
    let python = python();
    for round in 0..ROUNDS {
        show(out, "xargs", jobs, xargs(jobs)?)?;
        let home = place(folder, &format!("jobs{round}"), &map(jobs))?;
        show(out, "idds run", jobs, run(&home)?)?;
        let Some(python) = &python else { continue };
        for (side, jobs) in [
            ("hyperqueue", jobs),
            ("snakemake", jobs / 10),
            ("parsl", jobs / 10),
        ] {
            // One of them takes minutes.
            if side == "snakemake" && round > 0 {
                continue;
            }
            let home = place(folder, &format!("{side}{round}"), "")?;
            match other(python, side, jobs, &home) {
                Ok(took) => show(out, side, jobs, took)?,
                Err(error) => writeln!(out, "{side:<14} {error}")?,
            }
        }
    }
    Ok(())
}

fn show(out: &mut impl Write, side: &str, jobs: usize, took: Took) -> io::Result<()> {
    let rate = jobs as f64 / took.wall.as_secs_f64();
    let cpu = took.cpu.as_secs_f64() * 1e3 / jobs as f64;
    let memory = megabytes(took);
    writeln!(
        out,
        "{side:<14} {jobs:>7} {rate:>8.0} {cpu:>12.3}   {memory}"
    )
}

fn grown(out: &mut impl Write, what: &str, count: usize, took: Took) -> io::Result<()> {
    let (seconds, cpu) = (took.wall.as_secs_f64(), took.cpu.as_secs_f64());
    let memory = megabytes(took);
    writeln!(
        out,
        "{what:<18} {count:>13} {seconds:>9.1} {cpu:>7.1}   {memory}"
    )
}

fn megabytes(took: Took) -> String {
    match took.memory {
        [0, 0] => "-".to_owned(),
        [engine, 0] => format!("{}", engine / 1_000_000),
        [engine, supervisor] => format!("{}, {}", engine / 1_000_000, supervisor / 1_000_000),
    }
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
fn chain(steps: usize, program: &str) -> String {
    let mut text = "steps:\n".to_owned();
    let (executable, arguments) = program.split_once(' ').unwrap_or((program, ""));
    for number in 0..steps {
        let _ = writeln!(
            text,
            "  s{number}: {{ type: program, executable: {executable}, arguments: '{arguments}' }}"
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
