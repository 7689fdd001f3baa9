//! The data carousel of the documentation with a real Rucio: from Rust, from YAML, from commands, and from the unmodified Python client.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use idds::client::Client;
use idds::local::Server;
use idds::local::rucio::{Config, Did, Rucio};
use idds::workflow::{
    ATLASStageinWork, Collection, DomaDataWork, RequestId, RequestStatus, Workflow,
};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::support::{self, in_time, test_file};

type Failure = Box<dyn std::error::Error>;

const SCOPE: &str = "data16_13TeV";
const RAW: &str = "data16_13TeV.00298862.physics_Main.daq.RAW";
const DISK: &str = "NDGF-T1_DATADISK";

/// A Rucio that runs as long as this value lives.
struct RealRucio {
    folder: TempDir,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl RealRucio {
    async fn start() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::from(support::script("rucio/up"));
        let mut process = command
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let commands = process.stdin.take().ok_or("no standard input")?;
        let answers = BufReader::new(process.stdout.take().ok_or("no standard output")?).lines();
        let mut rucio = Self {
            folder,
            commands,
            answers,
            _process: process,
        };
        // The packages may have to be installed.
        let first = timeout(Duration::from_secs(900), rucio.answers.next_line()).await??;
        assert_eq!(first.as_deref(), Some("ready"), "{}", rucio.log());
        Ok(rucio)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log/serve.log")).unwrap_or_default()
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("rucio.cfg")
    }

    /// Has a command of `serve.py` carried out.
    async fn tell(&mut self, command: &str) -> Result<(), Failure> {
        self.commands
            .write_all(format!("{command}\n").as_bytes())
            .await?;
        let answer = timeout(Duration::from_secs(180), self.answers.next_line()).await??;
        match answer.as_deref() {
            Some("ok") => Ok(()),
            other => Err(format!("{command}: {other:?}\n{}", self.log()).into()),
        }
    }
}

fn staged(name: &str) -> Result<ATLASStageinWork, idds::workflow::Error> {
    let output = Collection::new(SCOPE, format!("{name}.idds.stagein"))?;
    ATLASStageinWork::builder(Collection::new(SCOPE, name)?, output)
        .src_rse("NDGF-T1_DATATAPE")
        .dest_rse(DISK)
        .max_waiting_time(Duration::from_secs(3600))
        .build()
}

fn one(work: impl Into<idds::workflow::AnyWork>) -> Result<Workflow, idds::workflow::Error> {
    Workflow::builder().work(work).build()
}

fn in_yaml(rule: &str) -> String {
    format!(
        "steps:\n  stage:\n    type: stage_in\n    input: {{ scope: {SCOPE}, name: {RAW} }}\n    output: {{ scope: {SCOPE}, name: staged }}\n    \
         rule_id: {rule}\n"
    )
}

/// Waits until a request has a status and so many files in all and there.
async fn until(
    client: &Client,
    request: RequestId,
    status: RequestStatus,
    files: [i64; 2],
) -> Result<(), Failure> {
    let look = async {
        loop {
            let works = client.requests().get(request).collections().await?;
            let now = client
                .requests()
                .get(request)
                .await?
                .first()
                .map(|info| info.status);
            let counts = works
                .first()
                .and_then(|work| work.output.as_ref())
                .map(|output| {
                    [output.total_files, output.processed_files].map(Option::unwrap_or_default)
                });
            if now == Some(status) && counts == Some(files) {
                return Ok::<(), idds::client::Error>(());
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    match timeout(Duration::from_secs(120), look).await {
        Ok(done) => Ok(done?),
        Err(_) => {
            let works = client.requests().get(request).collections().await?;
            Err(format!("request {request} is not {status} with {files:?}: {works:#?}").into())
        }
    }
}

/// Starts a server that asks a Rucio often, with its data in a directory.
async fn serve(rucio: &Rucio, directory: &Path) -> Result<(Server, Client), Failure> {
    let server = Server::builder()
        .database(directory.join("idds.sqlite3"))
        .rucio(rucio.clone())
        .rucio_interval(Duration::from_millis(200))
        .start()
        .await?;
    let client = Client::builder(server.url()).build()?;
    Ok((server, client))
}

/// A command in an environment that knows nothing but a Rucio.
fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_idds"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("IDDS_AUTH_TYPE", "none")
        .env("RUCIO_CONFIG", home.join("rucio.cfg"))
        .current_dir(home)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

#[tokio::test]
async fn the_data_carousel_of_the_documentation_ends_finished() -> Result<(), Failure> {
    use RequestStatus::{Failed, Finished, Suspended, Transforming};
    let Some(python) = tokio::task::spawn_blocking(support::idds_python).await? else {
        return Ok(());
    };
    let mut real = RealRucio::start().await?;
    for (name, count) in [(RAW, 5), ("open", 1), ("suspended", 1)] {
        real.tell(&format!("fill {SCOPE} {name} {count}")).await?;
    }
    for name in [RAW, "suspended"] {
        real.tell(&format!("close {SCOPE} {name}")).await?;
    }
    let rucio = Rucio::new(Config::read(&real.config(), |_| None)?)?;
    let home = real.folder.path().to_owned();
    let state = home.join("state");
    let (server, client) = serve(&rucio, &state).await?;
    let submit = async |client: &Client, workflow: Workflow| {
        client.requests().submit(&workflow).despite_advice().await
    };

    // The first makes the rule, the second one finds that there is one, the third and the fourth are given its id.
    let by_rust = submit(&client, one(staged(RAW)?)?).await?;
    until(&client, by_rust, Transforming, [5, 0]).await?;
    let rules = rucio.rules_of(&Did::new(SCOPE, RAW)).await?;
    assert_eq!(rules.len(), 1, "{rules:?}");
    let rule = &*rules[0].id;
    let by_duplicate = submit(&client, one(staged(RAW)?)?).await?;
    let by_yaml = submit(&client, Workflow::from_yaml(&in_yaml(rule))?).await?;
    let given = DomaDataWork::builder(Collection::new(SCOPE, RAW)?).rule_id(rule);
    let by_doma = submit(&client, one(given.build()?)?).await?;

    // One whose rule is suspended, and one that is not there: that is told, and not taken for a failure.
    let suspended = submit(&client, one(staged("suspended")?)?).await?;
    until(&client, suspended, Transforming, [1, 0]).await?;
    let its = rucio.rules_of(&Did::new(SCOPE, "suspended")).await?;
    real.tell(&format!("suspend {}", its[0].id)).await?;
    until(&client, suspended, Failed, [1, 0]).await?;
    let nowhere = submit(&client, one(staged("nowhere")?)?).await?;
    until(&client, nowhere, Suspended, [0, 0]).await?;

    // Files that come one by one.
    let (others, other) = serve(&rucio, &home.join("others")).await?;
    let open = submit(&other, one(staged("open")?)?).await?;
    until(&other, open, Transforming, [1, 0]).await?;
    for request in [by_duplicate, by_yaml, by_doma] {
        until(&client, request, Transforming, [5, 0]).await?;
    }
    // It goes on without this server, which finds its rules again.
    drop(server);
    real.tell("move").await?;
    until(&other, open, Transforming, [1, 1]).await?;
    real.tell(&format!("add {SCOPE} open 1 1")).await?;
    until(&other, open, Transforming, [2, 1]).await?;
    real.tell(&format!("close {SCOPE} open")).await?;
    real.tell("judge").await?;
    real.tell("move").await?;
    until(&other, open, Finished, [2, 2]).await?;
    others.shutdown().await;

    // `idds serve` goes on with the requests.
    let mut served = command(
        &home,
        &["serve", "--rucio", "--port", "0", "--directory", "state"],
    )
    .spawn()?;
    let stdout = served.stdout.take().ok_or("no standard output")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = in_time("the address", lines.next_line()).await??;
    let line = line.unwrap_or_default();
    let url = line
        .strip_prefix("export IDDS_HOST=")
        .and_then(|rest| rest.split(' ').next())
        .ok_or_else(|| format!("no address: {line}"))?
        .to_owned();
    let client = Client::builder(&url).build()?;
    let proxy = home.join("proxy");
    std::fs::write(&proxy, "none\n")?;
    let script = test_file("it/carousel.py");
    let printed = Command::new(python)
        .args([script.as_os_str(), url.as_ref(), rule.as_ref()])
        .env("IDDS_AUTH_TYPE", "x509_proxy")
        .env("X509_USER_PROXY", &proxy)
        .output();
    let printed = in_time("the Python client", printed).await??;
    let text = String::from_utf8(printed.stdout)?;
    let by_python: u64 = text
        .trim()
        .parse()
        .map_err(|_| format!("{text}\n{}", String::from_utf8_lossy(&printed.stderr)))?;
    let by_python = RequestId::new(by_python);
    for request in [by_rust, by_duplicate, by_yaml, by_doma, by_python] {
        until(&client, request, Finished, [5, 5]).await?;
    }
    assert_eq!(rucio.rules_of(&Did::new(SCOPE, RAW)).await?.len(), 1);

    std::fs::write(home.join("stage.yaml"), in_yaml(rule))?;
    for (arguments, code) in [
        (&["run", "stage.yaml"][..], 1),
        (&["plan", "stage.yaml", "--rucio"], 0),
        (&["run", "stage.yaml", "--rucio"], 0),
    ] {
        let ran = in_time("a command", command(&home, arguments).output()).await??;
        let is_good = ran.status.success() == (code == 0);
        assert!(is_good, "{arguments:?}: {ran:?}");
    }
    Ok(())
}
