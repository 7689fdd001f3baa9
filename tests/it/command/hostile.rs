//! Text of others, which a terminal shows and does not obey, in tables that fit it.

mod secrets;
mod server;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use idds::client::Client;
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, Workflow};
use tokio::task::block_in_place;

use self::server::{HOSTILE, Manner, What};
use super::{Failure, Ran, User};
use crate::support::Terminal;

impl User {
    /// Runs the command in a terminal of so many columns, and returns what came to its screen.
    fn shown(&self, columns: u16, line: &str) -> Result<String, Failure> {
        let idds = env!("CARGO_BIN_EXE_idds");
        let set = |command: &mut Command| {
            command
                .args(["-c", &format!("stty cols {columns}; exec {idds} {line}")])
                .current_dir(self.home.path());
            command
                .env("HOME", self.home.path())
                .env("IDDS_HOST", &self.url)
                .env("IDDS_AUTH_TYPE", "none");
        };
        Ok(block_in_place(|| Terminal::run("sh", set)?.end())?.1)
    }
}

/// Takes away the styles, which are the only sequences that are ours.
fn without_styles(shown: &str) -> String {
    let mut parts = shown.split("\u{1b}[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('m') {
            Some((style, rest))
                if ["0", "1", "2", "3", "4", "31", "32", "33", "34", "35", "36"]
                    .contains(&style) =>
            {
                text.push_str(rest);
            }
            _ => text.extend(["\u{1b}[", part]),
        }
    }
    text
}

/// Returns what a terminal would obey in what a command has written, apart from lines, tabs and styles, and from a line that somebody
/// else has made.
fn obeyed(shown: &str) -> Option<String> {
    let is_obeyed =
        |it: char| it.is_control() && !"\n\t".contains(it) || "\u{202e}\u{200b}".contains(it);
    let found = shown
        .find("\u{1b}[31mmine")
        .or_else(|| without_styles(shown).find(is_obeyed));
    let forged = shown
        .lines()
        .find(|line| without_styles(line).starts_with("FORGED"));
    found
        .map(|at| {
            shown
                .chars()
                .skip(at.saturating_sub(80))
                .take(200)
                .collect()
        })
        .or(forged.map(ToOwned::to_owned))
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_others_never_controls_the_terminal() -> Result<(), Failure> {
    let server = Server::builder().seed(1).start().await?;
    let user = User::of(&server)?;
    let space = OptSpace::builder()
        .choice("A", [HOSTILE])
        .scalar(HOSTILE, 0..=5)
        .build()?;
    let search = ATLASHPOWork::nevergrad(space, 2).build()?;
    let workflow = Workflow::builder().name(HOSTILE).work(search).build()?;
    Client::builder(server.url())
        .build()?
        .requests()
        .submit(&workflow)
        .await?;
    fs::write(user.home.path().join("workflow.json"), workflow.to_json())?;
    let program = user.home.path().join("train.sh");
    fs::write(&program, "#!/bin/sh\nprintf '\\033[2J\\n' >&2; echo 1\n")?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;

    for line in [
        "hpo run 1 -- ./train.sh",
        "hpo report request-1/journal",
        "hpo points 1",
        "hpo points 1 --output json",
        "hpo points 1 --output yaml",
        "request status 1",
        "request list",
        "workflow check workflow.json",
        "workflow show workflow.json",
        "workflow graph workflow.json",
        "workflow wire workflow.json",
        "-vv request submit workflow.json",
    ] {
        let shown = user.shown(80, line)?;
        assert_eq!(obeyed(&drawn(&shown)), None, "{line}: {shown:?}");
        assert!(
            shown.contains("mine")
                || shown.contains("u{1b}")
                || shown.contains("u001b")
                || line.contains("status"),
            "{line}: {shown:?}"
        );
    }
    for line in [
        "hpo report request-1/journal",
        "hpo points 1",
        "request status 1",
        "request list",
    ] {
        for columns in [50, 80] {
            let shown = without_styles(&user.shown(columns, line)?);
            let table = shown
                .lines()
                .filter(|line| !line.contains("points have a loss"));
            let widest = table.map(|line| line.trim_end().chars().count()).max();
            assert!(
                widest <= Some(columns.into()),
                "{line} at {columns}:\n{shown}"
            );
        }
    }
    Ok(())
}

/// Takes away what draws a bar anew, and how a terminal ends a line.
fn drawn(shown: &str) -> String {
    let shown = shown.replace("\r\n", "\n");
    ["\r\u{1b}[2K", "\u{1b}[1A", "\u{1b}[1B"]
        .iter()
        .fold(shown, |shown, it| shown.replace(it, ""))
}

/// Every command that shows something of a server.
const COMMANDS: &[&str] = &[
    "ping",
    "request list",
    "request list --output json",
    "request list --output yaml",
    "request status 1",
    "request status 1 --with_detail",
    "request status 1 --with_detail --output json",
    "request status 1 --with_detail --output yaml",
    "request abort 1",
    "request retry 1",
    "request close 1",
    "request suspend 1",
    "request finish 1",
    "request submit workflow.json",
    "request watch 1 --timeout 1s",
    "request logs 1",
    "request logs 1 --print",
    "request logs 1 --print --output json",
    "request why 1",
    "request why 1 --output json",
    "request why 1 --output yaml",
    "request why 1 search",
    "request resume 1",
    "hpo points 1",
    "hpo points 1 --output json",
    "hpo points 1 --output yaml",
    "hpo run 1 --timeout 3s -- ./train.sh",
    "hpo run 1 --try -- ./train.sh",
    "hpo update 1 1 0.5",
    "message list 1",
    "message list 1 --output json",
    "message list 1 --output yaml",
    "message send 1 --file message.json",
    "cacher get message.json",
    "cacher put message.json",
    "auth login --vo atlas",
    "auth refresh",
    "auth status --oidc",
    "get_messages --request_id 1",
    "get_hyperparameters --request_id 1",
    "get_requests_status --request_id 1 --with_detail",
    "update_hyperparameter --request_id 1 --id 1 --loss 0.3",
    "abort_requests --request_id 1",
    "abort_tasks --request_id 1 --task_id 5",
    "download_logs --request_id 1",
    "download_from_cacher --filename message.json",
    "upload_to_cacher --filename message.json",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_hostile_server_says_is_obeyed() -> Result<(), Failure> {
    let mut all = tokio::task::JoinSet::new();
    for manner in Manner::ALL {
        all.spawn(async move { hear(manner).await.map_err(|error| error.to_string()) });
    }
    while let Some(ended) = all.join_next().await {
        ended??;
    }
    Ok(())
}

/// Runs every command against a server of this manner.
async fn hear(manner: Manner) -> Result<(), Failure> {
    let server = Server::builder().seed(1).start().await?;
    let search =
        ATLASHPOWork::nevergrad(OptSpace::builder().scalar("A", 0..=5).build()?, 2).build()?;
    let workflow = Workflow::builder().name("search").work(search).build()?;
    Client::builder(server.url())
        .build()?
        .requests()
        .submit(&workflow)
        .await?;
    let user = User {
        url: server::start(&server.url(), manner, What::Hostile).await?,
        home: tempfile::tempdir()?,
    };
    let path = |name: &str| user.home.path().join(name);
    fs::write(path("workflow.json"), workflow.to_json())?;
    fs::write(path("message.json"), r#"{"a": 1}"#)?;
    let token = r#"{"id_token": "e30.eyJuYW1lIjogIhtbMkptaW5lG1s4bSIsICJleHAiOiAxfQ.c2ln", "refresh_token": "x"}"#;
    fs::create_dir(path(".idds"))?;
    fs::write(path(".idds/.token"), token)?;
    fs::set_permissions(path(".idds/.token"), fs::Permissions::from_mode(0o600))?;
    fs::write(
        path("train.sh"),
        "#!/bin/sh\nprintf '\\033[31mmine\\033[8m\\nFORGED\\302\\233\\n' >&2; echo 1\n",
    )?;
    fs::set_permissions(path("train.sh"), fs::Permissions::from_mode(0o755))?;
    for line in COMMANDS {
        let Ran { stdout, stderr, .. } = user.run(&format!("-vvv {line}")).await?;
        for text in [stdout, stderr] {
            assert_eq!(obeyed(&text), None, "{manner:?}, {line}: {text:?}");
        }
        let _ = fs::remove_dir_all(path("request-1"));
        if matches!(manner, Manner::Names | Manner::Refusal | Manner::Page) {
            let shown = drawn(&user.shown(80, line)?);
            assert_eq!(obeyed(&shown), None, "{manner:?}, {line}: {shown:?}");
            let _ = fs::remove_dir_all(path("request-1"));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_files_and_arguments_are_shown_and_not_obeyed() -> Result<(), Failure> {
    let server = Server::builder().start().await?;
    let user = User::of(&server)?;
    let name = HOSTILE;
    for (arguments, variable) in [
        (vec![name], None),
        (vec!["request", name], None),
        (vec!["request", "status", name], None),
        (vec!["request", "submit", name], None),
        (vec!["workflow", "check", name], None),
        (vec!["workflow", "check", &format!("--{name}")], None),
        (vec!["--host", name, "ping"], None),
        (vec!["--config", name, "ping"], None),
        (vec!["--local_config_root", name, "config", "path"], None),
        (vec!["--output", name, "config"], None),
        (vec!["cacher", "put", name], None),
        (vec!["cacher", "get", "x", "--to", name], None),
        (vec!["hpo", "report", name], None),
        (vec!["hpo", "run", "1", "--", name], None),
        (
            vec!["hpo", "run", "1", "--directory", name, "--", "true"],
            None,
        ),
        (vec!["hpo", "what_if", name], None),
        (
            vec![
                "auth",
                "login",
                "--issuer",
                name,
                "--client_id",
                name,
                "--client_secret_file",
                name,
            ],
            None,
        ),
        (vec!["ping"], Some("IDDS_AUTH_TYPE")),
        (vec!["config"], Some("X509_USER_PROXY")),
        (vec!["config"], Some("IDDS_CONFIG")),
    ] {
        let mut command = user.command(&arguments);
        if let Some(variable) = variable {
            command.env(variable, name);
        }
        let output = command.output().await?;
        let shown = String::from_utf8([output.stdout, output.stderr].concat())?;
        assert_eq!(obeyed(&shown), None, "{arguments:?}: {shown:?}");
        let (home, url) = (user.home.path(), &user.url);
        let set = |command: &mut Command| {
            command
                .args(&arguments)
                .env_clear()
                .env("TERM", "xterm")
                .env("HOME", home)
                .current_dir(home);
            command.env("IDDS_HOST", url).env("IDDS_AUTH_TYPE", "none");
            if let Some(variable) = variable {
                command.env(variable, name);
            }
        };
        let shown =
            drawn(&block_in_place(|| Terminal::run(env!("CARGO_BIN_EXE_idds"), set)?.end())?.1);
        assert_eq!(obeyed(&shown), None, "{arguments:?}: {shown:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn very_long_text_is_cut() -> Result<(), Failure> {
    let server = Server::builder().seed(1).start().await?;
    let search =
        ATLASHPOWork::nevergrad(OptSpace::builder().scalar("A", 0..=5).build()?, 2).build()?;
    let workflow = Workflow::builder().name("search").work(search).build()?;
    Client::builder(server.url())
        .build()?
        .requests()
        .submit(&workflow)
        .await?;
    for manner in [Manner::Long, Manner::Names] {
        let url = server::start(&server.url(), manner, What::Hostile).await?;
        let user = User {
            url,
            home: tempfile::tempdir()?,
        };
        for line in [
            "request list",
            "request status 1",
            "request status 1 --with_detail",
            "hpo update 1 1 0.5",
            "ping",
        ] {
            let Ran { stdout, stderr, .. } = user.run(&format!("-vv {line}")).await?;
            let longest = stdout.lines().chain(stderr.lines()).map(str::len).max();
            assert!(longest < Some(10_000), "{manner:?}, {line}: {longest:?}");
        }
    }
    Ok(())
}
