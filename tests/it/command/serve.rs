//! `idds serve`.

use std::process::Stdio;

use idds::client::Client;
use idds::workflow::{Work, Workflow};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Child;

use super::{Failure, User};
use crate::support::in_time;

/// What follows the address in the line for a shell.
const EXPORTS: &str = " IDDS_AUTH_TYPE=x509_proxy X509_USER_PROXY=/dev/null\n";

/// Starts a server, and returns its address.
async fn serve(user: &User, line: &str) -> Result<(Child, String), Failure> {
    let mut child = user.command(line.split_whitespace()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.as_mut().ok_or("no output")?);
    in_time("the address of the server", stdout.read_line(&mut line)).await??;
    let url = line.strip_prefix("export IDDS_HOST=").and_then(|rest| rest.strip_suffix(EXPORTS));
    Ok((child, url.ok_or(format!("{line:?} is not for a shell"))?.to_owned()))
}

/// Ends it, and returns its exit code and what it said.
async fn end(mut child: Child, signal: Signal) -> Result<(Option<i32>, String), Failure> {
    let pid = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)).ok_or("no process")?;
    kill_process(pid, signal)?;
    let mut said = String::new();
    let mut stderr = child.stderr.take().ok_or("no output")?;
    in_time("the end of the server", stderr.read_to_string(&mut said)).await??;
    Ok((in_time("the end of the server", child.wait()).await??.code(), said))
}

#[tokio::test]
async fn a_server_tells_its_address_keeps_its_data_and_ends_cleanly() -> Result<(), Failure> {
    let user = User { home: TempDir::new()?, url: String::new() };
    let (child, url) = serve(&user, "serve --directory data").await?;
    let workflow = Workflow::builder().name("kept").work(Work::builder("run.sh").build()?).build()?;
    let id = Client::builder(&url).build()?.requests().submit(&workflow).await?;
    let (code, said) = end(child, Signal::INT).await?;
    let expected =
        format!("an iDDS is at {url}; Ctrl-C ends it. Clients, in Python too, find it after:\nthe server ends\n");
    assert_eq!((code, said), (Some(0), expected));

    let (child, url) = serve(&user, "serve --directory data --quiet").await?;
    assert_eq!(Client::builder(&url).build()?.requests().get(id).await?[0].name.as_deref(), Some("kept"));
    assert_eq!(end(child, Signal::TERM).await?, (Some(0), String::new()));
    Ok(())
}

#[tokio::test]
async fn an_address_that_others_reach_must_be_allowed() -> Result<(), Failure> {
    let user = User { home: TempDir::new()?, url: String::new() };
    let refused = user.run("serve --address 0.0.0.0").await?;
    insta::assert_snapshot!(refused.stderr, @"error: 0.0.0.0 can be reached from other machines, whoever they are; give --allow_remote if that is right");
    assert_eq!(refused.code, Some(2));
    Ok(())
}
