//! Searches whose process is killed at random moments, again and again, until they are finished.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use idds::client::Client;
use idds::hpo::{
    Journal, Loss, Monitor, Objective, Observer, Progress, SearchOptions, Stage, StopReason, Study,
    Workers,
};
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, Workflow};
use rand::rngs::ChaCha8Rng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::RealServer;

type Failure = Box<dyn std::error::Error>;

/// The variables that tell the victim what to do; the client takes its settings from the environment, too.
const REQUEST: &str = "TEST_VICTIM_REQUEST";
const JOURNAL: &str = "TEST_VICTIM_JOURNAL";
const WORKERS: &str = "TEST_VICTIM_WORKERS";
const NAME: &str = "TEST_VICTIM_NAME";

/// The variable that says how many kills there are to be, for one test at least.
const KILLS: &str = "TEST_KILLS";

fn kills(unless_told: usize) -> Result<usize, Failure> {
    Ok(std::env::var(KILLS).map_or(Ok(unless_told), |kills| kills.parse())?)
}

#[derive(Deserialize)]
struct Params {
    x: f64,
}

fn loss(x: f64) -> f64 {
    (x - 0.25).powi(2)
}

/// Says a line for everything that happens, so that the killer can count.
#[derive(Debug)]
struct Talker;

impl Observer for Talker {
    fn progress(&mut self, progress: &Progress) {
        say(&format!("progress {progress:?}"));
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // The killer may have stopped listening.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// The process that is killed: this test binary, started again by the tests below.
#[tokio::test]
#[ignore = "it is started by the tests that kill it"]
async fn victim() -> Result<(), Failure> {
    let client = Client::from_env()?;
    let request: RequestId = std::env::var(REQUEST)?.parse()?;
    let workers = std::env::var(WORKERS).ok();
    let takes = Duration::from_millis(if workers.is_some() { 50 } else { 0 });
    let objective = Objective::blocking_monitored(move |params: Params, monitor: Monitor| {
        say(&format!("begin {}", monitor.point()));
        // An evaluation that takes its time, so that kills come in the middle of it.
        std::thread::sleep(takes);
        let loss = loss(params.x);
        say(&format!("end {}", monitor.point()));
        loss
    });
    let options = SearchOptions::new()
        .concurrency(if workers.is_some() { 1 } else { 3 })
        .settling(Duration::from_millis(200))
        .timeout(Duration::from_secs(300))
        .longest_poll(Duration::from_secs(1));
    let mut driver = Study::new(&client, request)
        .options(options)
        .journal(std::env::var(JOURNAL)?)
        .observer(Talker);
    if let Some(folder) = workers {
        driver = driver.workers(
            Workers::folder(folder, std::env::var(NAME)?).take_over(Duration::from_secs(2)),
        );
    }
    assert_eq!(driver.run(objective).await?.stop, StopReason::Finished);
    Ok(())
}

fn start_victim(environment: &HashMap<&str, String>) -> std::io::Result<Child> {
    Command::new(std::env::current_exe()?)
        .args(["kill::victim", "--exact", "--ignored", "--nocapture"])
        .envs(environment)
        .stdout(Stdio::piped())
        .spawn()
}

/// Runs the victim and kills it after so many lines, if it lives that long; tells whether it came to its end.
fn run_victim(environment: &HashMap<&str, String>, lines: usize) -> Result<bool, Failure> {
    let mut victim = start_victim(environment)?;
    let out = BufReader::new(victim.stdout.take().ok_or("stdout is piped")?);
    let said = out.lines().take(lines).count();
    if said == lines {
        // SIGKILL; what it does until then is as random as the moment.
        victim.kill()?;
    }
    let status = victim.wait()?;
    assert!(
        status.success() || said == lines,
        "the victim failed by itself: {status}"
    );
    Ok(status.success())
}

/// What a search that was killed so often has come to.
#[derive(Debug, Default)]
struct Tally {
    kills: usize,
    points: usize,
    cut_off: usize,
    repeated: usize,
    lost: usize,
    reported_twice: usize,
}

impl Tally {
    /// Adds a finished search: what the server shows, its journal, and the reports that arrived.
    async fn add(
        &mut self,
        client: &Client,
        request: RequestId,
        journal: &Path,
    ) -> Result<(), Failure> {
        let result = Journal::read(journal)?;
        assert_eq!(result.stop, StopReason::Finished);
        let shown = client.hpo().get(request).await?;
        assert_eq!(shown.len(), result.trials.len());
        for (point, trial) in shown.iter().zip(&result.trials) {
            let expected = point.parameters["x"].as_f64().map(loss);
            let is_right = point.loss == expected && trial.loss.map(Loss::get) == expected;
            let is_done =
                trial.stage == Stage::Confirmed && trial.made_up.is_none() && !trial.is_foreign;
            self.lost += usize::from(!(is_right && is_done));
            self.cut_off += trial
                .evaluations
                .iter()
                .filter(|evaluation| evaluation.ended.is_none())
                .count();
        }
        self.points += shown.len();
        self.repeated += repeated(&fs::read_to_string(journal)?)?;
        Ok(())
    }
}

/// Counts evaluations that began after one of the same point had ended, from the text of a journal.
fn repeated(journal: &str) -> Result<usize, Failure> {
    let mut ended = HashSet::new();
    let mut repeated = 0;
    for line in journal.lines() {
        let entry: Value = serde_json::from_str(&line[9..])?;
        if let Some(point) = entry.pointer("/evaluated/point") {
            ended.insert(point.clone());
        }
        repeated += usize::from(
            entry
                .pointer("/leased/point")
                .is_some_and(|point| ended.contains(point)),
        );
    }
    Ok(repeated)
}

/// Submits a search, and kills its process until it is finished.
async fn kill_until_finished(
    client: &Client,
    environment: &HashMap<&'static str, String>,
    (points, generation): (u32, u32),
    (most_lines, random): (usize, &mut ChaCha8Rng),
    tally: &mut Tally,
) -> Result<RequestId, Failure> {
    let folder = tempfile::tempdir()?;
    let journal: PathBuf = folder.path().join("journal");
    let space = OptSpace::builder().scalar("x", -1..=1).build()?;
    let work = ATLASHPOWork::nevergrad(space, points)
        .num_points_per_iteration(generation)
        .build()?;
    let request = client
        .requests()
        .submit(&Workflow::builder().work(work).build()?)
        .await?;
    let mut environment = environment.clone();
    environment.extend([
        (REQUEST, request.to_string()),
        (JOURNAL, journal.display().to_string()),
    ]);
    for run in 0.. {
        assert!(run < 500, "the search does not get on: {tally:?}");
        let (lines, environment) = (random.random_range(4..most_lines), environment.clone());
        let ran = tokio::task::spawn_blocking(move || {
            run_victim(&environment, lines).map_err(|error| error.to_string())
        });
        if ran.await?? {
            break;
        }
        tally.kills += 1;
    }
    tally.add(client, request, &journal).await?;
    Ok(request)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searches_that_are_killed_hundreds_of_times_lose_nothing_and_repeat_nothing()
-> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let wire = Wire::start(server.local_addr()).await?;
    let host = server
        .url()
        .replace(&server.local_addr().to_string(), &wire.address);
    let client = Client::builder(host.as_str()).build()?;
    let environment = HashMap::from([("IDDS_HOST", host), ("IDDS_AUTH_TYPE", "none".to_owned())]);
    let mut random = ChaCha8Rng::seed_from_u64(20_260_901);
    let mut tally = Tally::default();
    let kills = kills(200)?;
    while tally.kills < kills {
        kill_until_finished(
            &client,
            &environment,
            (20, 6),
            (45, &mut random),
            &mut tally,
        )
        .await?;
    }
    let reports = wire.reports();
    let twice: Vec<_> = reports
        .iter()
        .filter(|(_, times)| times.len() > 1)
        .collect();
    tally.reported_twice = twice.len();
    // Unlike `eprintln!`, this is shown for tests that pass, too.
    writeln!(std::io::stderr(), "killed: {tally:?}")?;
    assert_eq!(reports.len(), tally.points);
    assert!(tally.cut_off > 0, "no evaluation was cut off: {tally:?}");
    assert_eq!(
        (tally.repeated, tally.lost, tally.reported_twice),
        (0, 0, 0),
        "{tally:?}, {twice:?}"
    );
    Ok(())
}

#[test]
fn a_search_on_the_real_server_that_is_killed_loses_nothing_and_repeats_nothing()
-> Result<(), Failure> {
    let Some(server) = RealServer::shared() else {
        return Ok(());
    };
    let environment = HashMap::from([
        ("IDDS_HOST", server.url().to_owned()),
        ("IDDS_AUTH_TYPE", "x509_proxy".to_owned()),
        ("X509_USER_PROXY", server.tls("proxy").display().to_string()),
        ("SSL_CERT_FILE", server.ca().display().to_string()),
    ]);
    tokio::runtime::Runtime::new()?.block_on(async {
        let auth = idds::client::X509::file(server.tls("proxy"));
        let client = Client::builder(server.url())
            .ca_file(server.ca())
            .auth(auth)
            .build()?;
        let mut random = ChaCha8Rng::seed_from_u64(20_260_902);
        let (mut tally, kills) = (Tally::default(), kills(1)?);
        let mut requests = HashSet::new();
        while tally.kills < kills {
            let request =
                kill_until_finished(&client, &environment, (6, 3), (25, &mut random), &mut tally)
                    .await?;
            requests.insert(request.to_string());
        }
        let reports = server.reports(&requests);
        let twice: Vec<_> = reports.iter().filter(|(_, times)| **times > 1).collect();
        tally.reported_twice = twice.len();
        writeln!(std::io::stderr(), "killed on the real server: {tally:?}")?;
        assert_eq!(reports.len(), tally.points);
        assert_eq!(
            (tally.repeated, tally.lost, tally.reported_twice),
            (0, 0, 0),
            "{tally:?}, {twice:?}"
        );
        Ok(())
    })
}

/// Workers that are killed and stalled while they share a search.
struct Crew {
    environments: Vec<HashMap<&'static str, String>>,
    /// The processes whose end was not heard of. A process is waited for here only, so that until then its id means
    /// nobody else, and a signal to one that has just ended does nothing.
    processes: HashMap<usize, Child>,
    stalled: HashMap<usize, usize>,
    news: Sender<News>,
    kills: usize,
    stalls: usize,
}

enum News {
    Line,
    Ended(usize),
}

impl Crew {
    fn start(&mut self, index: usize) -> Result<(), Failure> {
        let mut process = start_victim(&self.environments[index])?;
        let out = BufReader::new(process.stdout.take().ok_or("stdout is piped")?);
        self.processes.insert(index, process);
        let news = self.news.clone();
        std::thread::spawn(move || {
            for _ in out.lines() {
                let _ = news.send(News::Line);
            }
            let _ = news.send(News::Ended(index));
        });
        Ok(())
    }

    fn signal(&self, index: usize, signal: Signal) -> Result<(), Failure> {
        Ok(kill_process(
            Pid::from_child(&self.processes[&index]),
            signal,
        )?)
    }

    /// Kills a random worker or makes it stall until so many lines were said.
    fn trouble(&mut self, lines: usize, random: &mut ChaCha8Rng) -> Result<(), Failure> {
        let mut running: Vec<_> = self
            .processes
            .keys()
            .filter(|index| !self.stalled.contains_key(index))
            .copied()
            .collect();
        running.sort_unstable();
        let Some(index) = running.choose(random).copied() else {
            return Ok(());
        };
        if random.random_bool(0.6) {
            self.signal(index, Signal::KILL)?;
            self.kills += 1;
        } else {
            self.signal(index, Signal::STOP)?;
            self.stalled.insert(index, lines + 600);
            self.stalls += 1;
        }
        Ok(())
    }

    /// Lets the workers go on that have stalled until now.
    fn go_on(&mut self, lines: usize) -> Result<(), Failure> {
        let over: Vec<_> = self
            .stalled
            .extract_if(|_, until| *until <= lines)
            .collect();
        over.into_iter()
            .try_for_each(|(index, _)| self.signal(index, Signal::CONT))
    }

    /// Runs all workers to their end, with so many kills and stalls.
    fn run(
        &mut self,
        told: &mpsc::Receiver<News>,
        troubles: usize,
        random: &mut ChaCha8Rng,
    ) -> Result<(), Failure> {
        for index in 0..self.environments.len() {
            self.start(index)?;
        }
        let mut lines = 0;
        while !self.processes.is_empty() {
            match told.recv_timeout(Duration::from_secs(20)) {
                Ok(News::Line) => {
                    lines += 1;
                    if lines % 40 == 0 && self.kills + self.stalls < troubles {
                        self.trouble(lines, random)?;
                    }
                    self.go_on(lines)?;
                }
                Ok(News::Ended(index)) => {
                    self.stalled.remove(&index);
                    let status = self
                        .processes
                        .remove(&index)
                        .ok_or("an end is told once")?
                        .wait()?;
                    if !status.success() {
                        assert_eq!(status.code(), None, "a worker failed by itself: {status}");
                        self.start(index)?;
                    }
                }
                // Only stalled ones are left.
                Err(RecvTimeoutError::Timeout) => self.go_on(usize::MAX)?,
                Err(RecvTimeoutError::Disconnected) => return Err("the crew holds a sender".into()),
            }
            if self.processes.len() == self.stalled.len() {
                self.go_on(usize::MAX)?;
            }
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_workers_that_are_killed_and_stalled_evaluate_every_point_once_for_each_claim()
-> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let client = Client::builder(server.url()).build()?;
    let folder = tempfile::tempdir()?;
    let space = OptSpace::builder().scalar("x", -1..=1).build()?;
    let work = ATLASHPOWork::nevergrad(space, 160)
        .num_points_per_iteration(80)
        .build()?;
    let request = client
        .requests()
        .submit(&Workflow::builder().work(work).build()?)
        .await?;
    let journal = |index: usize| folder.path().join(format!("journal-{index}"));
    let environment = |index: usize| {
        HashMap::from([
            ("IDDS_HOST", server.url()),
            ("IDDS_AUTH_TYPE", "none".to_owned()),
            (REQUEST, request.to_string()),
            (JOURNAL, journal(index).display().to_string()),
            (WORKERS, folder.path().display().to_string()),
            (NAME, format!("worker.{index}")),
        ])
    };
    let (news, told) = mpsc::channel();
    let environments = (0..16).map(environment).collect();
    let mut crew = Crew {
        environments,
        processes: HashMap::new(),
        stalled: HashMap::new(),
        news,
        kills: 0,
        stalls: 0,
    };
    let ran = tokio::task::spawn_blocking(move || {
        let ran = crew
            .run(&told, 60, &mut ChaCha8Rng::seed_from_u64(20_260_903))
            .map_err(|error| error.to_string());
        ran.map(|()| (crew.kills, crew.stalls))
    });
    let (kills, stalls) = ran.await??;

    let mut terms: HashMap<String, usize> = HashMap::new();
    let mut shared = fs::read_dir(folder.path())?.map(|entry| entry.map(|entry| entry.path()));
    let is_of_request = |path: &PathBuf| {
        path.file_name().is_some_and(|name| {
            name.to_string_lossy()
                .starts_with(&format!("request-{request}-"))
        })
    };
    let shared = shared
        .find(|path| path.as_ref().map_or(true, is_of_request))
        .ok_or("nothing is shared")??;
    for claim in fs::read_dir(shared.join("claims"))? {
        let claim = claim?.file_name().to_string_lossy().into_owned();
        *terms
            .entry(claim.split('.').next().unwrap_or_default().to_owned())
            .or_default() += 1;
    }
    let mut evaluators: HashMap<String, usize> = HashMap::new();
    let (mut evaluations, mut repeats) = (0, 0);
    for index in 0..16 {
        for trial in Journal::read(journal(index))?.trials {
            evaluations += trial.evaluations.len();
            *evaluators.entry(trial.id.to_string()).or_default() +=
                usize::from(!trial.evaluations.is_empty());
        }
        repeats += repeated(&fs::read_to_string(journal(index))?)?;
    }
    let take_overs = terms.values().sum::<usize>() - terms.len();
    let points = client.hpo().get(request).await?;
    writeln!(
        std::io::stderr(),
        "workers: 16, kills {kills}, stalls {stalls}, points {}, take-overs {take_overs}, evaluations begun {evaluations}, finished ones repeated by their worker {repeats}",
        points.len()
    )?;
    assert_eq!((points.len(), repeats), (160, 0));
    assert!(kills > 0 && stalls > 0);
    for point in points {
        let id = point.id.to_string();
        assert_eq!(point.loss, point.parameters["x"].as_f64().map(loss), "{id}");
        assert!(
            evaluators[&id] <= terms[&id],
            "point {id} was evaluated by more workers than claimed it"
        );
    }
    Ok(())
}

/// What lies between the client and the server: it counts the reports that went through.
struct Wire {
    address: String,
    reports: Reports,
}

/// When the loss of each point of each request was reported.
type Reports = Arc<Mutex<BTreeMap<String, Vec<Instant>>>>;

impl Wire {
    async fn start(server: SocketAddr) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let reports = Reports::default();
        let counted = Arc::clone(&reports);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, Arc::clone(&counted)));
            }
        });
        Ok(Self { address, reports })
    }

    fn reports(&self) -> BTreeMap<String, Vec<Instant>> {
        self.reports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Carries one connection, whose requests for reports have no body.
///
/// The server must not see that a client died: it may then drop what it was asked, and a report that arrived would be none.
async fn carry(client: TcpStream, server: SocketAddr, reports: Reports) -> std::io::Result<()> {
    let server = TcpStream::connect(server).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
            // To a dead client, too: then nobody listens.
            let _ = to_client.write_all(&buffer[..length]).await;
        }
    });
    let (mut buffer, mut text) = ([0; 4096], Vec::new());
    while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
        to_server.write_all(&buffer[..length]).await?;
        text.extend_from_slice(&buffer[..length]);
        while let Some(end) = text.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head: Vec<u8> = text.drain(..end + 4).collect();
            let head = String::from_utf8_lossy(&head);
            if let Some(at) = head.find("PUT /idds/hpo/") {
                // PUT /idds/hpo/null/REQUEST/POINT/LOSS
                let point = head[at..]
                    .split('/')
                    .skip(4)
                    .take(2)
                    .collect::<Vec<_>>()
                    .join("/");
                reports
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .entry(point)
                    .or_default()
                    .push(Instant::now());
            }
        }
    }
    answers.await?;
    Ok(())
}
