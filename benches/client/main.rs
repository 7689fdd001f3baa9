//! Calls per second and CPU per call, beside plain reqwest and the Python client on the same machine in the same run.
//!
//! ```text
//! cargo bench -p idds --bench client            # 3 rounds of 2 s for each side and each number in flight
//! cargo bench -p idds --bench client -- 0.5     # of half a second
//! ```
//!
//! Every call is a ping of an embedded server in a process of its own. Of the rounds, in which the sides take turns, the best one
//! counts. Needs Python 3.11 with venv for the Python side, which it installs below `target/`, and Linux for the CPU time.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use idds::client::Client;
use idds::local::Server;

type Failure = Box<dyn std::error::Error>;

const ROUNDS: usize = 3;

/// One measurement of one side.
#[derive(Clone, Copy, Default)]
struct Measured {
    calls_per_second: f64,
    cpu_per_call: f64,
}

fn main() -> Result<(), Failure> {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return serve();
    }
    let seconds = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(2.0);
    let (_server, _hold, url) = start_server()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let python = python();
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "in flight   side      calls/s   CPU us/call   of plain reqwest   of Python"
    )?;
    for in_flight in [1, 16, 64] {
        let mut best = [Measured::default(); 3];
        for _ in 0..ROUNDS {
            let time = Duration::from_secs_f64(seconds);
            keep(
                &mut best[0],
                runtime.block_on(plain(&url, in_flight, time))?,
            );
            keep(&mut best[1], runtime.block_on(ours(&url, in_flight, time))?);
            if let Some(python) = &python {
                keep(&mut best[2], theirs(python, &url, in_flight, seconds)?);
            }
        }
        for (side, measured) in ["reqwest", "idds", "Python"].into_iter().zip(best) {
            let Measured {
                calls_per_second,
                cpu_per_call,
            } = measured;
            writeln!(
                out,
                "{in_flight:>9}   {side:<7} {calls_per_second:>9.0} {:>13.1} {:>17.0} % {:>9.1} x",
                cpu_per_call * 1e6,
                100.0 * calls_per_second / best[0].calls_per_second,
                calls_per_second / best[2].calls_per_second,
            )?;
        }
    }
    Ok(())
}

fn keep(best: &mut Measured, measured: Measured) {
    if measured.calls_per_second > best.calls_per_second {
        *best = measured;
    }
}

/// Serves until standard input ends.
fn serve() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let server = runtime.block_on(Server::builder().start())?;
    writeln!(io::stdout(), "{}", server.url())?;
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}

fn start_server() -> Result<(Child, ChildStdin, String), Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut server = command
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut url = String::new();
    BufReader::new(server.stdout.take().ok_or("its output")?).read_line(&mut url)?;
    let hold = server.stdin.take().ok_or("its input")?;
    Ok((server, hold, url.trim_end().to_owned()))
}

async fn ours(url: &str, in_flight: usize, time: Duration) -> Result<Measured, Failure> {
    let client = Client::builder(url).build()?;
    measure(in_flight, time, move || client.ping().into_future()).await
}

async fn plain(url: &str, in_flight: usize, time: Duration) -> Result<Measured, Failure> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(120))
        .build()?;
    let url = url.to_owned();
    measure(in_flight, time, move || {
        let asked = client.get(format!("{url}/ping"));
        async move {
            let answer = asked.send().await?.error_for_status()?.bytes().await?;
            let status: Result<serde_json::Value, _> = serde_json::from_slice(&answer);
            assert!(status.is_ok_and(|status| status["Status"] == "OK"));
            Ok::<_, reqwest::Error>(())
        }
    })
    .await
}

/// Calls from so many tasks at once.
async fn measure<F, E>(
    in_flight: usize,
    time: Duration,
    call: impl Fn() -> F + Send + Sync + 'static,
) -> Result<Measured, Failure>
where
    F: Future<Output = Result<(), E>> + Send,
    E: std::error::Error + Send + Sync + 'static,
{
    call().await?;
    let (call, calls) = (Arc::new(call), Arc::new(AtomicU64::new(0)));
    let (start, before) = (Instant::now(), cpu()?);
    let tasks: Vec<_> = (0..in_flight)
        .map(|_| {
            let (call, calls) = (Arc::clone(&call), Arc::clone(&calls));
            tokio::spawn(async move {
                while start.elapsed() < time {
                    call().await?;
                    calls.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, E>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let calls = calls.load(Ordering::Relaxed) as f64;
    Ok(Measured {
        calls_per_second: calls / start.elapsed().as_secs_f64(),
        cpu_per_call: (cpu()? - before) / calls,
    })
}

fn theirs(python: &str, url: &str, in_flight: usize, seconds: f64) -> Result<Measured, Failure> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/client/python.py");
    let output = Command::new(python)
        .arg(script)
        .args([url, &in_flight.to_string(), &seconds.to_string()])
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [calls, cpu] = numbers[..] else {
        return Err(format!("Python failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    };
    Ok(Measured {
        calls_per_second: calls / seconds,
        cpu_per_call: cpu / calls,
    })
}

/// The CPU time of this process in seconds, as Linux counts it: in hundredths.
fn cpu() -> Result<f64, Failure> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("a name in parentheses")?;
    let ticks: Vec<f64> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / 100.0)
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
