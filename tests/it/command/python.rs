//! The documented commands beside those of the real Python package, with the same real server.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use idds::client::{Client, X509};
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, Work, Workflow};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::{Failure, Ran};
use crate::support::{RealServer, in_time};

/// A user of the real server with a home of their own, and both commands.
struct Both {
    home: TempDir,
    variables: Vec<(&'static str, OsString)>,
    python: String,
}

impl Both {
    fn of(server: &RealServer) -> Result<Self, Failure> {
        let home = tempfile::tempdir()?;
        // The Python package does not start without a configuration of the site.
        let site = home.path().join("idds.cfg");
        fs::write(&site, "[common]\nloglevel = WARNING\n[rest]\n")?;
        let variables = vec![
            ("IDDS_CONFIG", site.into()),
            ("IDDS_HOST", server.url().into()),
            ("IDDS_AUTH_TYPE", "x509_proxy".into()),
            ("X509_USER_PROXY", server.tls("proxy").into()),
            ("SSL_CERT_FILE", server.ca().into()),
        ];
        Ok(Self {
            home,
            variables,
            python: server.python_path().to_owned(),
        })
    }

    async fn ours(&self, line: &str) -> Result<Ran, Failure> {
        self.run(Command::new(env!("CARGO_BIN_EXE_idds")), line)
            .await
    }

    async fn theirs(&self, line: &str) -> Result<Ran, Failure> {
        let mut command = Command::new(&self.python);
        command
            .args(["-W", "ignore"])
            .arg(Path::new(&self.python).with_file_name("idds"));
        self.run(command, line).await
    }

    async fn run(&self, mut command: Command, line: &str) -> Result<Ran, Failure> {
        command
            .args(line.split_whitespace())
            .env_clear()
            .current_dir(self.home.path())
            .kill_on_drop(true);
        command
            .env("HOME", self.home.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        let Output {
            status,
            stdout,
            stderr,
        } = in_time(line, command.output()).await??;
        Ok(Ran {
            code: status.code(),
            stdout: String::from_utf8(stdout)?,
            stderr: String::from_utf8(stderr)?,
        })
    }

    /// What both print for a command, which must be the same.
    async fn agree(&self, line: &str) -> Result<String, Failure> {
        let (ours, theirs) = (self.ours(line).await?, self.theirs(line).await?);
        assert_eq!(
            (ours.code, &ours.stdout),
            (Some(0), &theirs.stdout),
            "{line}: {ours:?}, {theirs:?}"
        );
        Ok(ours.stdout)
    }
}

/// Waits until it is so on the server, which says so by nothing else.
async fn until<T>(
    what: &str,
    mut look: impl AsyncFnMut() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let looks = async {
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(180), looks)
        .await
        .map_err(|_| format!("never {what}"))?
}

/// Submits a search of two points and waits for them.
async fn search(client: &Client, name: &str) -> Result<RequestId, Failure> {
    let space = OptSpace::builder()
        .choice("A", [1, 4])
        .scalar("B", 0.0..=5.0)
        .build()?;
    let workflow = Workflow::builder()
        .name(name)
        .work(ATLASHPOWork::nevergrad(space, 2).build()?)
        .build()?;
    let request = client.requests().submit(&workflow).await?;
    until("has points", async || {
        Ok((client.hpo().get(request).await?.len() == 2).then_some(()))
    })
    .await?;
    Ok(request)
}

#[tokio::test]
async fn what_is_shown_is_what_the_python_command_shows() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let client = Client::builder(server.url())
        .ca_file(server.ca())
        .auth(X509::file(server.tls("proxy")))
        .build()?;
    let both = Both::of(server)?;
    let request = search(&client, "command.shown").await?;
    // Without the attributes that the agents need, it fails. Characters count once in its name, however wide they are.
    let failing = Workflow::builder()
        .name("command.失敗.é.😀.e\u{301}")
        .work(Work::builder("/bin/true").build()?)
        .build()?;
    let failing = client.requests().submit(&failing).await?;

    let points = both
        .agree(&format!("get_hyperparameters --request_id {request}"))
        .await?;
    assert_eq!(points.lines().count(), 2, "{points}");
    both.agree(&format!(
        "get_hyperparameters --request_id {request} --id 2"
    ))
    .await?;
    // The Python client sends the limit as text, at which the server fails.
    let first = both
        .ours(&format!(
            "get_hyperparameters --request_id {request} --limit 1"
        ))
        .await?;
    assert_eq!(Some(first.stdout.trim_end()), points.lines().next());
    let updated = both
        .agree(&format!(
            "update_hyperparameter --request_id {request} --id 1 --loss 0.5"
        ))
        .await?;
    assert_eq!(updated, "{'message': 'update successfully', 'status': 0}\n");
    both.agree(&format!(
        "update_hyperparameter --request_id {request} --id 2 --loss -0.5"
    ))
    .await?;
    // The Python command takes this number for an option.
    let tiny = both
        .ours(&format!(
            "update_hyperparameter --request_id {request} --id 2 --loss -1e-7"
        ))
        .await?;
    assert_eq!(tiny.code, Some(0), "{tiny:?}");
    both.agree(&format!("get_hyperparameters --request_id {request}"))
        .await?;

    // The server counts the points of a request some time after it has finished.
    let detailed = format!("get_requests_status --request_id {request} --with_detail");
    let counted = async || {
        Ok(Some(both.ours(&detailed).await?).filter(|ran| ran.stdout.contains("Finished[2/2/0]")))
    };
    until("counted", counted).await?;
    both.agree(&detailed).await?;
    let table = both
        .agree(&format!("get_requests_status --request_id {request}"))
        .await?;
    assert!(
        table.contains("workflow:command.shown  Finished"),
        "{table}"
    );

    let status = format!("get_requests_status --request_id {failing}");
    let ended =
        async || Ok(Some(both.ours(&status).await?).filter(|ran| ran.stdout.contains("Failed")));
    until("failed", ended).await?;
    both.agree(&status).await?;
    both.agree(&format!("{status} --with_detail")).await?;
    // The Python client asks for a transform called None, at which PostgreSQL fails.
    let messages = both
        .ours(&format!("get_messages --request_id {request}"))
        .await?;
    assert!(messages.stdout.starts_with(
        "status: True\nmessages: [{'error': '', 'msg_type': 'work_hyperparameteropt', "
    ));
    Ok(())
}

#[tokio::test]
async fn what_is_done_is_what_the_python_command_does() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let client = Client::builder(server.url())
        .ca_file(server.ca())
        .auth(X509::file(server.tls("proxy")))
        .build()?;
    let both = Both::of(server)?;
    let file = |name: &str| both.home.path().join(name);

    let (ours, theirs) = (both.ours("ping").await?, both.theirs("ping").await?);
    assert_eq!(theirs.stdout, "{'Status': 'OK'}\n");
    assert!(
        ours.code == Some(0) && ours.stdout.contains(": OK, "),
        "{ours:?}"
    );

    // The Python command sends no certificate with files, so that the server takes and gives none, and says nothing of it.
    fs::write(file("data.txt"), "data")?;
    assert_eq!(
        both.theirs("upload_to_cacher --filename data.txt")
            .await?
            .code,
        Some(0)
    );
    let missing = both
        .ours("download_from_cacher --filename data.txt")
        .await?;
    assert_eq!(missing.code, Some(3), "{missing:?}");
    let sent = both.ours("upload_to_cacher --filename data.txt").await?;
    assert_eq!(sent.code, Some(0), "{sent:?}");
    fs::remove_file(file("data.txt"))?;
    assert_eq!(
        both.theirs("download_from_cacher --filename data.txt")
            .await?
            .code,
        Some(0)
    );
    assert!(!file("data.txt").exists());
    let brought = both
        .ours("download_from_cacher --filename data.txt")
        .await?;
    assert_eq!(
        fs::read_to_string(file("data.txt")).unwrap_or_default(),
        "data",
        "{brought:?}"
    );

    let request = search(&client, "command.done").await?;
    let aborted = both
        .ours(&format!("abort_requests --request_id {request}"))
        .await?;
    assert_eq!(
        (aborted.code, aborted.stdout),
        (Some(0), format!("request {request}: abort is registered\n"))
    );
    let again = both
        .theirs(&format!("abort_requests --request_id {request}"))
        .await?;
    assert!(
        again.stdout.contains("Command registered successfully"),
        "{again:?}"
    );
    let logs = both
        .ours(&format!(
            "download_logs --request_id {request} --filename ours.tar.gz"
        ))
        .await?;
    assert_eq!(logs.code, Some(0), "{logs:?}");
    let theirs = both
        .theirs(&format!(
            "download_logs --request_id {request} --dest_filename theirs.tar.gz"
        ))
        .await?;
    for name in ["ours.tar.gz", "theirs.tar.gz"] {
        let is_there = fs::read(file(name)).is_ok_and(|text| text.starts_with(&[0x1f, 0x8b]));
        assert!(is_there, "{name}: {logs:?}, {theirs:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_script_can_tell_failure_from_success() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let both = Both::of(server)?;
    // What the Python command prints about it is a dictionary or a table without rows, and its exit code is 0.
    for line in [
        "get_requests_status --request_id 99999999",
        "get_requests_status --with_detail --request_id 99999999",
    ] {
        let (ours, theirs) = (both.ours(line).await?, both.theirs(line).await?);
        assert_eq!(
            (ours.code, &ours.stdout),
            (Some(3), &theirs.stdout),
            "{line}: {ours:?}, {theirs:?}"
        );
    }
    for (line, code) in [
        ("get_hyperparameters --request_id 99999999", 3),
        ("abort_requests --request_id 99999999", 3),
        (
            "update_hyperparameter --request_id 99999999 --id 1 --loss 1",
            3,
        ),
        ("download_logs --request_id 99999999", 3),
        ("suspend_requests --request_id 99999999", 4),
        (
            "finish_requests --request_id 99999999 --set_all_finished",
            4,
        ),
        ("abort_tasks --request_id 99999999 --task_id 1", 4),
    ] {
        let ran = both.ours(line).await?;
        assert_eq!(
            (ran.code, ran.stdout.as_str(), ran.stderr.lines().count()),
            (Some(code), "", 1),
            "{line}: {ran:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_configuration_that_one_sets_up_the_other_reads() -> Result<(), Failure> {
    let Some(server) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let mut both = Both::of(server)?;
    let host = server.url();
    both.variables
        .retain(|(name, _)| !["IDDS_HOST", "IDDS_AUTH_TYPE", "X509_USER_PROXY"].contains(name));
    let proxy = server.tls("proxy").display().to_string();
    let line = format!("setup --host {host} --auth_type x509_proxy --x509_proxy {proxy} --vo test");
    for is_ours in [true, false] {
        let ran = if is_ours {
            both.ours(&line).await?
        } else {
            both.theirs(&line).await?
        };
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let shown = both.ours("config show --output json").await?;
        let settings: Vec<Value> = serde_json::from_str(&shown.stdout)?;
        let value = |name: &str| {
            settings
                .iter()
                .find(|it| it["name"] == name)
                .map(|it| it["value"].clone())
        };
        assert_eq!(value("host"), Some(host.into()), "{shown:?}");
        assert_eq!(value("vo"), Some("test".into()), "{shown:?}");
        assert_eq!(both.theirs("ping").await?.stdout, "{'Status': 'OK'}\n");
        assert_eq!(both.ours("ping").await?.code, Some(0));
        fs::remove_dir_all(both.home.path().join(".idds"))?;
    }
    Ok(())
}
