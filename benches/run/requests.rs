//! A server with many requests: how long it takes to begin, and to list them, and how much memory it has.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use idds::client::{Client, RequestInfo};
use idds::workflow::{Work, Workflow};

use super::Failure;
use super::sides::{Took, cpu, peak};

/// Submissions on the way at once.
const IN_FLIGHT: usize = 16;

/// Lists of which the fastest counts.
const LISTS: usize = 5;

/// `idds serve`, ended when it is dropped.
#[derive(Debug)]
struct Serving {
    child: Child,
    url: String,
    process: PathBuf,
}

impl Serving {
    fn start(home: &Path, directory: &Path) -> Result<Self, Failure> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_idds"))
            .args(["serve", "--port", "0", "--output", "json", "--directory"])
            .arg(directory)
            .current_dir(home)
            .env("HOME", home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut told = String::new();
        let mut lines = BufReader::new(child.stdout.take().ok_or("its output")?);
        while serde_json::from_str::<serde_json::Value>(&told).is_err() {
            if lines.read_line(&mut told)? == 0 {
                return Err(format!("the server did not start: {told}").into());
            }
        }
        let told: serde_json::Value = serde_json::from_str(&told)?;
        let url = told["url"].as_str().ok_or("no address")?.to_owned();
        let process = PathBuf::from(format!("/proc/{}", child.id()));
        Ok(Self {
            child,
            url,
            process,
        })
    }

    fn took(&self, begun: Instant) -> Result<Took, Failure> {
        Ok(Took {
            wall: begun.elapsed(),
            cpu: cpu(&self.process, 2)?,
            memory: [peak(&self.process)?, 0],
        })
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server on the database of a run, and asks for its request.
pub(crate) fn restart(home: &Path) -> Result<Took, Failure> {
    let begun = Instant::now();
    let serving = Serving::start(home, &home.join(".idds/w.yaml"))?;
    let client = Client::builder(&serving.url).build()?;
    let listed = runtime()?.block_on(client.requests().list_all().into_future())?;
    assert_eq!(listed.len(), 1, "a run is one request");
    serving.took(begun)
}

/// Submits requests of one job each, waits for their ends, and lists them.
pub(crate) fn measure(out: &mut impl Write, home: &Path, count: usize) -> Result<(), Failure> {
    let directory = home.join("served");
    fs::create_dir(&directory)?;
    let serving = Serving::start(home, &directory)?;
    let client = Client::builder(&serving.url).build()?;
    let work = Work::builder("/bin/true").build()?;
    let workflow = Workflow::builder().work(work).build()?;
    let runtime = runtime()?;
    let begun = Instant::now();
    runtime.block_on(
        stream::iter(0..count)
            .map(|_| client.requests().submit(&workflow).into_future())
            .buffer_unordered(IN_FLIGHT)
            .try_for_each(|_| std::future::ready(Ok(()))),
    )?;
    let submitted = begun.elapsed();
    loop {
        let listed: Vec<RequestInfo> =
            runtime.block_on(client.requests().list_all().into_future())?;
        if listed.iter().all(|info| info.status.is_terminal()) {
            break;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    let took = serving.took(begun)?;
    writeln!(
        out,
        "\n{count} requests of one job: submitted within {:.1} s, done within {:.1} s, {:.1} s of processor time; at most {} MB",
        submitted.as_secs_f64(),
        took.wall.as_secs_f64(),
        took.cpu.as_secs_f64(),
        took.memory[0] / 1_000_000
    )?;
    drop(serving);
    let begun = Instant::now();
    let serving = Serving::start(home, &directory)?;
    let started = begun.elapsed();
    let bytes = runtime.block_on(listed(&serving.url))?;
    let mut least = [Duration::MAX; 3];
    for _ in 0..LISTS {
        let before = cpu(&serving.process, 2)?;
        let begun = Instant::now();
        runtime.block_on(listed(&serving.url))?;
        least[0] = least[0].min(begun.elapsed());
        least[1] = least[1].min(cpu(&serving.process, 2)?.saturating_sub(before));
        let client = Client::builder(&serving.url).build()?;
        let begun = Instant::now();
        let infos = runtime.block_on(client.requests().list_all().into_future())?;
        least[2] = least[2].min(begun.elapsed());
        assert_eq!(infos.len(), count);
    }
    writeln!(
        out,
        "a server on them: started within {:.2} s, lists them ({} MB) within {:.3} s, {:.3} s of its processor time, to the client as values \
         within {:.3} s; at most {} MB",
        started.as_secs_f64(),
        bytes / 1_000_000,
        least[0].as_secs_f64(),
        least[1].as_secs_f64(),
        least[2].as_secs_f64(),
        peak(&serving.process)? / 1_000_000
    )?;
    Ok(())
}

/// Reads the list of all requests, and returns how many bytes it has.
async fn listed(url: &str) -> Result<usize, Failure> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let path = format!("{url}/request/null/null/false/false/false/false");
    let mut answer = client.get(path).send().await?.error_for_status()?;
    let mut bytes = 0;
    while let Some(chunk) = answer.chunk().await? {
        bytes += chunk.len();
    }
    Ok(bytes)
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}
