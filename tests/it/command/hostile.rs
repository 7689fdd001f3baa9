//! Text of others, which a terminal shows and does not obey, in tables that fit it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use idds::client::Client;
use idds::local::Server;
use idds::workflow::{ATLASHPOWork, OptSpace, Workflow};
use tokio::task::block_in_place;

use super::{Failure, User};
use crate::support::Terminal;

/// Sets the title, clears the screen, breaks the line, makes it red by a control of eight bits, and turns the direction of writing.
const HOSTILE: &str = "\u{1b}]0;mine\u{7}\u{1b}[2Ja\r\nb\tc\u{9b}31m\u{202e}d\u{7f}";

impl User {
    /// Runs the command in a terminal of so many columns, and returns what came to its screen.
    fn shown(&self, columns: u16, line: &str) -> Result<String, Failure> {
        let idds = env!("CARGO_BIN_EXE_idds");
        let set = |command: &mut Command| {
            command.args(["-c", &format!("stty cols {columns}; exec {idds} {line}")]).current_dir(self.home.path());
            command.env("HOME", self.home.path()).env("IDDS_HOST", &self.url).env("IDDS_AUTH_TYPE", "none");
        };
        Ok(block_in_place(|| Terminal::run("sh", set)?.end())?.1)
    }
}

/// Takes away the colours, which are the only sequences that are ours.
fn without_colours(shown: &str) -> String {
    let mut parts = shown.split("\u{1b}[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|it: char| it.is_ascii_digit() || it == ';');
        match rest.strip_prefix('m') {
            Some(rest) => text.push_str(rest),
            None => text.extend(["\u{1b}[", part]),
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_others_never_controls_the_terminal() -> Result<(), Failure> {
    let server = Server::builder().seed(1).start().await?;
    let user = User::of(&server)?;
    let space = OptSpace::builder().choice("A", [HOSTILE]).scalar(HOSTILE, 0..=5).build()?;
    let search = ATLASHPOWork::nevergrad(space, 2).build()?;
    let workflow = Workflow::builder().name(HOSTILE).work(search).build()?;
    Client::builder(server.url()).build()?.requests().submit(&workflow).await?;
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
        let shown = without_colours(&user.shown(80, line)?);
        let drawn = shown.replace("\r\u{1b}[2K", "");
        let obeyed = drawn.chars().find(|it| it.is_control() && !"\r\n".contains(*it) || *it == '\u{202e}');
        assert_eq!(obeyed, None, "{line}: {drawn:?}");
        assert!(shown.contains("mine") || line.contains("status"), "{line}: {shown:?}");
    }
    for line in ["hpo report request-1/journal", "hpo points 1", "request status 1", "request list"] {
        for columns in [50, 80] {
            let shown = without_colours(&user.shown(columns, line)?);
            let table = shown.lines().filter(|line| !line.contains("points have a loss"));
            let widest = table.map(|line| line.trim_end().chars().count()).max();
            assert!(widest <= Some(columns.into()), "{line} at {columns}:\n{shown}");
        }
    }
    Ok(())
}
