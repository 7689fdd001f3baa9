//! The calls, with a real Rucio on this machine.

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use idds_rucio::{Config, Did, ErrorKind, LockState, NewRule, Rucio, RuleState};

const SCOPE: &str = "data16_13TeV";
const DISK: &str = "NDGF-T1_DATADISK";

fn script(path: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let mut command = Command::new(root.join(path));
    // Environments of Python are below the target directory, where other tests have them, too.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    command.env("CARGO_TARGET_DIR", target.unwrap_or(Path::new("target")));
    command
}

/// Tells whether this machine can run a Rucio; where CI cannot, the test fails.
fn is_installed() -> bool {
    let needs = script("needs")
        .arg("oracle")
        .output()
        .expect("what is needed");
    let lacking = String::from_utf8_lossy(&needs.stdout).replace('\n', " ");
    if lacking.trim().is_empty() {
        return true;
    }
    let message = format!("Rucio needs what this machine lacks: apt-get install {lacking}");
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{message}"
    );
    writeln!(std::io::stderr(), "SKIPPED: {message}").expect("stderr is open");
    false
}

fn client(config: PathBuf) -> Rucio {
    let config = Config::read(&config, |_| None).expect("a configuration");
    Rucio::new(config).expect("a client")
}

#[tokio::test]
async fn a_rule_is_made_found_again_and_followed() -> Result<(), Box<dyn std::error::Error>> {
    if !is_installed() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    // It ends with its standard input, so with this test.
    let mut process = script("rucio/up")
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut commands = process.stdin.take().ok_or("no standard input")?;
    let stdout = process.stdout.take().ok_or("no standard output")?;
    let (sender, answers) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let log = folder.path().join("log/serve.log");
    let mut tell = |command: &str| -> Result<(), Box<dyn std::error::Error>> {
        writeln!(commands, "{command}")?;
        // The packages may have to be installed first.
        match answers.recv_timeout(Duration::from_secs(900)).as_deref() {
            Ok("ok" | "ready") => Ok(()),
            other => {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                Err(format!("{command}: {other:?}\n{log}").into())
            }
        }
    };
    // The first answer is that it is ready, so each is that of the command before.
    tell(&format!("fill {SCOPE} raw 5"))?;
    tell(&format!("close {SCOPE} raw"))?;
    tell(&format!("fill {SCOPE} open 1"))?;
    tell(&format!("fill {SCOPE} last 1"))?;

    let rucio = client(folder.path().join("rucio.cfg"));
    let [raw, open] = ["raw", "open"].map(|name| Did::new(SCOPE, name));
    let metadata = rucio.metadata(&raw).await?;
    assert_eq!(metadata.did_type.as_deref(), Some("DATASET"));
    assert_eq!(metadata.is_open, Some(false));
    assert_eq!(rucio.metadata(&open).await?.is_open, Some(true));
    let files = rucio.files(&raw).await?;
    assert_eq!(files.len(), 5);
    assert_eq!(
        (files[0].bytes, files[0].events),
        (Some(140), Some(100)),
        "{files:?}"
    );

    let wanted = NewRule::new(&raw, DISK)
        .source("NDGF-T1_DATATAPE")
        .lifetime(3600);
    let rule = rucio.add_rule(&wanted).await?;
    let twice = rucio.add_rule(&wanted).await.expect_err("a duplicate");
    assert_eq!(twice.kind(), ErrorKind::Duplicate, "{twice}");
    assert_eq!(rucio.rule_for(&wanted).await?, rule);
    assert_eq!(rucio.rules_of(&raw).await?.len(), 1);
    assert_eq!(rucio.rule(&rule).await?.state, RuleState::Replicating);
    let locks = rucio.locks(&rule).await?;
    assert!(
        locks.len() == 5
            && locks
                .iter()
                .all(|lock| lock.state == LockState::Replicating)
    );

    let nothing = rucio
        .metadata(&Did::new(SCOPE, "nothing"))
        .await
        .expect_err("nothing");
    assert_eq!(nothing.kind(), ErrorKind::NotFound, "{nothing}");
    let nothing = rucio.rule(&"0".repeat(32)).await.expect_err("no rule");
    assert_eq!(nothing.kind(), ErrorKind::NotFound, "{nothing}");

    // Nobody is let in with a wrong password, which is told, and never shown.
    let text = std::fs::read_to_string(folder.path().join("rucio.cfg"))?;
    let wrong = folder.path().join("wrong.cfg");
    std::fs::write(&wrong, text.replace("secret", "guessed"))?;
    // A file with a password is read only where nobody else can read it.
    let open = Config::read(&wrong, |_| None).expect_err("others may read it");
    assert!(open.to_string().contains("chmod 600"), "{open}");
    std::fs::set_permissions(&wrong, Permissions::from_mode(0o600))?;
    let stranger = client(wrong);
    let refused = stranger.rule(&rule).await.expect_err("a stranger");
    assert_eq!(refused.kind(), ErrorKind::Credential, "{refused}");
    assert!(!format!("{stranger:?} {refused:?}").contains("guessed"));

    tell("move")?;
    tell(&format!("fill {SCOPE} end 1"))?;
    assert_eq!(rucio.rule(&rule).await?.state, RuleState::Ok);
    assert!(
        rucio
            .locks(&rule)
            .await?
            .iter()
            .all(|lock| lock.state == LockState::Ok)
    );
    Ok(())
}
