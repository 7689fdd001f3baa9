//! The Python client, unmodified, with the embedded server.

use std::path::PathBuf;
use std::process::Output;

use idds::local::Server;
use tokio::process::Command;

use crate::support::{self, RealServer, in_time};

type Failure = Box<dyn std::error::Error>;

/// Runs a script that is beside this file, with these variables, and returns what it prints.
async fn printed(
    python: &str,
    script: &str,
    url: &str,
    variables: &[(&str, PathBuf)],
) -> Result<String, Failure> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it")
        .join(script);
    let mut command = Command::new(python);
    command
        .arg(path)
        .arg(url)
        .env("IDDS_AUTH_TYPE", "x509_proxy")
        .envs(variables.iter().map(|(name, path)| (name, path)));
    let Output {
        status,
        stdout,
        stderr,
    } = in_time(script, command.kill_on_drop(true).output()).await??;
    let (stdout, stderr) = (
        String::from_utf8(stdout)?,
        String::from_utf8_lossy(&stderr).into_owned(),
    );
    if status.success() {
        Ok(stdout)
    } else {
        Err(format!("{script} with {url}: {stdout}\n{stderr}").into())
    }
}

#[tokio::test]
async fn the_python_client_prints_the_same_with_both_servers() -> Result<(), Failure> {
    let Some(real) = tokio::task::spawn_blocking(RealServer::shared).await? else {
        return Ok(());
    };
    let local = Server::builder().start().await?;
    let python = real.python_path();
    let user = [
        ("X509_USER_PROXY", real.tls("proxy")),
        ("SSL_CERT_FILE", real.ca()),
    ];
    let local_url = local.url();
    let (ours, theirs) = tokio::join!(
        printed(python, "python_client.py", &local_url, &user),
        printed(python, "python_client.py", real.url(), &user),
    );
    let (ours, theirs) = (ours?, theirs?);
    assert!(theirs.lines().count() > 30, "{theirs}");
    let differences: Vec<_> = ours
        .lines()
        .zip(theirs.lines())
        .filter(|(ours, theirs)| ours != theirs)
        .collect();
    assert!(
        differences.is_empty() && ours.lines().count() == theirs.lines().count(),
        "{differences:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn files_and_messages_go_through_the_python_client() -> Result<(), Failure> {
    let Some(python) = tokio::task::spawn_blocking(support::idds_python).await? else {
        return Ok(());
    };
    let local = Server::builder().start().await?;
    let folder = tempfile::tempdir()?;
    let proxy = folder.path().join("proxy");
    std::fs::write(&proxy, "")?;
    let printed = printed(
        &python,
        "python_cacher.py",
        &local.url(),
        &[("X509_USER_PROXY", proxy)],
    )
    .await?;
    assert_eq!(
        printed,
        "uploaded\ndownloaded the same\n(True, [{'hello': 'world'}])\n(True, [{'headers': {}}, 5])\nTrue\n"
    );
    Ok(())
}
