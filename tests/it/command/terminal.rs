//! The command in front of a person: how far it is, Ctrl-C, colours, and a pipe that nobody reads.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use idds::client::Client;
use idds::workflow::{ATLASHPOWork, OptSpace, RequestId, Workflow};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::Failure;
use crate::support::Terminal;

const IDDS: &str = env!("CARGO_BIN_EXE_idds");
/// Erases the line that the cursor is in, as a bar does before it is drawn again.
const ERASED: &str = "\r\u{1b}[2K";

/// A person with a home, a server in a process of its own, and a search of six points, each of which waits until it is let go.
struct Person {
    home: TempDir,
    server: Child,
    url: String,
    request: RequestId,
}

impl Person {
    fn new() -> Result<Self, Failure> {
        let home = tempfile::tempdir()?;
        let mut serve = Command::new(IDDS);
        serve
            .args(["serve", "--quiet"])
            .env_clear()
            .env("HOME", home.path())
            .stdout(Stdio::piped());
        let mut server = serve.spawn()?;
        let mut line = String::new();
        BufReader::new(server.stdout.as_mut().ok_or("no output")?).read_line(&mut line)?;
        let url = line
            .split([' ', '='])
            .nth(2)
            .ok_or("no address")?
            .to_owned();
        let space = OptSpace::builder().integer("A", 1..=1000).build()?;
        let search = ATLASHPOWork::nevergrad(space, 6)
            .num_points_per_iteration(3)
            .build()?;
        let workflow = Workflow::builder().name("search").work(search).build()?;
        let client = Client::builder(&url).build()?;
        let request = tokio::runtime::Runtime::new()?
            .block_on(client.requests().submit(&workflow).into_future())?;
        let made = Command::new("mkfifo")
            .arg(home.path().join("gate"))
            .status()?;
        assert!(made.success());
        fs::write(
            home.path().join("train.sh"),
            "if test -p ../../../gate; then cat ../../../gate; fi; echo 1\n",
        )?;
        Ok(Self {
            home,
            server,
            url,
            request,
        })
    }

    fn line(&self, options: &str) -> String {
        let program = self.home.path().join("train.sh");
        format!(
            "hpo run {} {options} -- /bin/sh {}",
            self.request,
            program.display()
        )
    }

    fn set<'a>(&self, command: &'a mut Command, line: &str) -> &'a mut Command {
        command
            .args(line.split_whitespace())
            .env_clear()
            .current_dir(self.home.path());
        command
            .env("HOME", self.home.path())
            .env("IDDS_HOST", &self.url)
            .env("IDDS_AUTH_TYPE", "none")
    }

    fn terminal(&self, line: &str) -> io::Result<Terminal> {
        Terminal::run(IDDS, |command| {
            _ = self.set(command, line).env("TERM", "xterm-256color");
        })
    }

    fn gate(&self) -> PathBuf {
        self.home.path().join("gate")
    }

    /// Lets the point that waits go on, and all after it not wait at all.
    fn open_the_gate(&self) -> io::Result<()> {
        // Opened for reading too, it does not wait until somebody reads.
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.gate())?;
        fs::remove_file(self.gate())?;
        drop(opened);
        Ok(())
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_search_draws_a_bar_as_wide_as_the_terminal_and_leaves_only_its_result() -> Result<(), Failure>
{
    let person = Person::new()?;
    let mut terminal = person.terminal(&person.line(""))?;
    terminal.until("request 1 ░░░░░░░░░░░░░░░░░░░░ 0/6")?;
    terminal.until("s Transforming, 1 running")?;
    terminal.resize(60)?;
    let width = |line: &str| {
        line.trim_start_matches(ERASED)
            .trim_end_matches('\r')
            .chars()
            .count()
    };
    let is_narrow = (0..100)
        .map(|_| terminal.until(ERASED))
        .any(|drawn| drawn.is_ok_and(|it| width(&it) == 60));
    assert!(is_narrow, "the bar was never 60 columns wide: {terminal:?}");
    person.open_the_gate()?;
    let (code, shown) = terminal.end()?;
    assert_eq!(code, Some(0), "{shown:?}");
    let (_, left) = shown.rsplit_once(ERASED).ok_or("no bar")?;
    assert!(
        left.starts_with("request 1: 6 of 6 points have a loss; "),
        "{left:?}"
    );
    assert!(
        left.ends_with("report of the search: request-1/report.html\r\n"),
        "{left:?}"
    );
    assert!(
        !shown.contains("points evaluated"),
        "lines for a log: {shown:?}"
    );
    Ok(())
}

#[test]
fn a_terminal_that_cannot_redraw_a_line_gets_lines_and_quiet_gets_none() -> Result<(), Failure> {
    let person = Person::new()?;
    fs::remove_file(person.gate())?;
    let set = |command: &mut Command| {
        _ = person
            .set(command, &person.line("--max_points 3"))
            .env("TERM", "dumb");
    };
    let (code, shown) = Terminal::run(IDDS, set)?.end()?;
    assert!(
        code == Some(0) && shown.contains("Z 3 of 6 points evaluated, 0 running, best 1"),
        "{shown:?}"
    );
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    let (code, shown) = person.terminal(&person.line("--quiet"))?.end()?;
    assert!(
        code == Some(0) && shown.starts_with("request 1: 6 of 6 points have a loss; "),
        "{shown:?}"
    );
    Ok(())
}

#[test]
fn ctrl_c_ends_a_search_cleanly_and_the_next_run_goes_on_from_its_journal() -> Result<(), Failure> {
    let person = Person::new()?;
    let mut terminal = person.terminal(&person.line(""))?;
    terminal.until("s Transforming, 1 running")?;
    terminal.press("\u{3}")?;
    let (code, shown) = terminal.end()?;
    assert_eq!(code, Some(130), "{shown:?}");
    let summary =
        "request 1: 0 of 3 points have a loss; the search is over, as it was interrupted\r\n";
    assert!(shown.contains(summary), "{shown:?}");
    fs::remove_file(person.gate())?;
    let (code, shown) = person.terminal(&person.line(""))?.end()?;
    assert!(
        code == Some(0) && shown.contains("6 of 6 points have a loss"),
        "{shown:?}"
    );
    let summary = idds::hpo::Journal::read(person.home.path().join("request-1/journal"))?;
    assert_eq!(summary.trials.len(), 6);
    Ok(())
}

#[test]
fn a_second_ctrl_c_ends_a_search_at_once_and_its_losses_are_not_lost() -> Result<(), Failure> {
    let person = Person::new()?;
    let pid = Pid::from_raw(person.server.id().try_into()?).ok_or("no process")?;
    let mut terminal = person.terminal(&person.line("--max_points 1"))?;
    terminal.until("s Transforming, 1 running")?;
    kill_process(pid, Signal::STOP)?;
    person.open_the_gate()?;
    terminal.until("1/6")?;
    terminal.press("\u{3}")?;
    terminal.until("Ctrl-C again stops at once")?;
    terminal.press("\u{3}")?;
    let (code, shown) = terminal.end()?;
    assert!(
        code == Some(130) && !shown.contains("the search is over"),
        "{shown:?}"
    );
    kill_process(pid, Signal::CONT)?;
    let (code, shown) = person.terminal(&person.line(""))?.end()?;
    assert!(
        code == Some(0) && shown.contains("6 of 6 points have a loss"),
        "{shown:?}"
    );
    // It was evaluated once, and printed its loss once.
    assert_eq!(
        fs::read_to_string(person.home.path().join("request-1/points/1/stdout"))?,
        "1\n"
    );
    Ok(())
}

#[test]
fn colours_are_where_a_terminal_has_them_and_nobody_objects() -> Result<(), Failure> {
    let person = Person::new()?;
    let line = "request status 9";
    let shown = |variables: &[(&str, &str)]| -> Result<String, Failure> {
        let set = |command: &mut Command| {
            person
                .set(command, line)
                .env("TERM", "xterm-256color")
                .envs(variables.iter().copied());
        };
        Ok(Terminal::run(IDDS, set)?.end()?.1)
    };
    let coloured = "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m the server does not know request 9; `idds request list` shows all requests\r\n";
    let plain =
        "error: the server does not know request 9; `idds request list` shows all requests\r\n";
    assert_eq!(shown(&[])?, coloured);
    for variables in [("NO_COLOR", "1"), ("CLICOLOR", "0"), ("TERM", "dumb")] {
        assert_eq!(shown(&[variables])?, plain, "{variables:?}");
    }
    let mut piped = Command::new(IDDS);
    let piped = person.set(&mut piped, line);
    assert_eq!(
        String::from_utf8(piped.output()?.stderr)?,
        plain.replace('\r', "")
    );
    let forced = piped.env("CLICOLOR_FORCE", "1").output()?.stderr;
    assert_eq!(String::from_utf8(forced)?, coloured.replace('\r', ""));
    Ok(())
}

#[test]
fn output_that_nobody_reads_is_no_error() -> Result<(), Failure> {
    let person = Person::new()?;
    for line in [
        "schema workflow",
        "man",
        "--help",
        "help hpo run",
        "request list",
    ] {
        let (reader, writer) = io::pipe()?;
        drop(reader);
        let mut command = Command::new(IDDS);
        let ended = person
            .set(&mut command, line)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()?;
        let is_help = line.contains("help");
        assert_eq!(
            ended.status.code(),
            Some(if is_help { 0 } else { 141 }),
            "{line}: {ended:?}"
        );
        assert_eq!(String::from_utf8(ended.stderr)?, "", "{line}");
    }
    Ok(())
}
