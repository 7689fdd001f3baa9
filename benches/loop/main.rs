//! What a point of a search costs besides its evaluation, beside Optuna on the same machine in the same run.
//!
//! ```text
//! cargo bench -p idds --bench loop               # 1,000 and 10,000 points; Optuna 1,000
//! cargo bench -p idds --bench loop -- 1000       # 1,000 points
//! ```
//!
//! On our side a point goes from the embedded server (HTTP, a SQLite file) to the driver, is leased in the journal,
//! evaluated, written down, reported, and confirmed by reading back; journal and database are flushed to the disk before
//! each step's effect. On Optuna's side a trial is asked for and told, with its storage in a SQLite file. Both minimise the
//! same sum of five squares over random points.
//!
//! Needs Python 3.11 with venv for the other side, which it installs below `target/`; without it, only our side is shown.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use idds::client::Client;
use idds::hpo::{Objective, StopReason, Study};
use idds::local::Server;
use idds::sampler::Random;
use idds::workflow::{ATLASHPOWork, OptSpace, Workflow};

/// Points of one generation: what the server makes at once, when all points have a loss.
const GENERATION: u32 = 100;

#[derive(serde::Deserialize)]
struct Params {
    x: [f64; 5],
}

fn main() -> Result<(), Box<dyn Error>> {
    let most = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(10_000);
    let runtime = tokio::runtime::Runtime::new()?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "one flush of a file to this disk takes {:.2} ms",
        flush()?.as_secs_f64() * 1e3
    )?;
    writeln!(
        out,
        "side     points   in flight   ms per point   points per s"
    )?;
    for points in [1_000, 10_000].into_iter().filter(|points| *points <= most) {
        // As many points in every line, as chance plays with short searches.
        let searches = most / points;
        for evaluations in [1, 16] {
            let mut took = Duration::ZERO;
            for _ in 0..searches {
                took += runtime.block_on(ours(points, evaluations))?;
            }
            show(&mut out, "ours", points, evaluations, took / searches)?;
        }
        if let Some(python) = python().filter(|_| points == 1_000) {
            show(&mut out, "Optuna", points, 1, optuna(&python, points)?)?;
        }
    }
    Ok(())
}

async fn ours(points: u32, evaluations: usize) -> Result<Duration, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let server = Server::builder()
        .sampler(Random)
        .database(folder.path().join("idds.sqlite3"))
        .start()
        .await?;
    let client = Client::builder(server.url()).build()?;
    let space = OptSpace::builder().array("x", [5], -5..=5).build()?;
    let work = ATLASHPOWork::nevergrad(space, points)
        .num_points_per_iteration(GENERATION)
        .build()?;
    let request = client
        .requests()
        .submit(&Workflow::builder().work(work).build()?)
        .await?;
    let objective =
        Objective::new(|params: Params| async move { params.x.iter().map(|x| x * x).sum::<f64>() });
    let start = Instant::now();
    let driver = Study::new(&client, request)
        .concurrency(evaluations)
        .journal(folder.path().join("journal"));
    let result = driver.run(objective).await?;
    let took = start.elapsed();
    if result.stop != StopReason::Finished || result.ranking().len() != points as usize {
        return Err(format!(
            "the search ended with {:?} and {} losses",
            result.stop,
            result.ranking().len()
        )
        .into());
    }
    server.shutdown().await;
    Ok(took)
}

fn optuna(python: &str, points: u32) -> Result<Duration, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/loop/python.py");
    let output = Command::new(python)
        .arg(script)
        .arg(points.to_string())
        .arg(folder.path())
        .output()?;
    let seconds = String::from_utf8(output.stdout)?.trim().parse();
    let failed = |_| format!("Python failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(Duration::from_secs_f64(seconds.map_err(failed)?))
}

/// The Python with Optuna, where it can be installed.
fn python() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(root.join("tests/venv"))
        .arg(root.join("benches/loop/requirements.txt"))
        .output()
        .ok()?;
    output.status.success().then(|| {
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    })
}

/// What the disk itself takes, to judge the figures of this machine by.
fn flush() -> io::Result<Duration> {
    let mut file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR"))?;
    let start = Instant::now();
    for _ in 0..100 {
        file.write_all(&[0; 100])?;
        file.sync_data()?;
    }
    Ok(start.elapsed() / 100)
}

fn show(
    out: &mut impl io::Write,
    side: &str,
    points: u32,
    evaluations: usize,
    took: Duration,
) -> io::Result<()> {
    let each = took.as_secs_f64() / f64::from(points);
    writeln!(
        out,
        "{side:<6} {points:>8} {evaluations:>11} {:>14.3} {:>14.0}",
        each * 1e3,
        1.0 / each
    )
}
