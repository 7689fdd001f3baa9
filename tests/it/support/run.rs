//! Programs that are run to their end, which has to come.

use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Time for a program, or for what else is waited for; the slowest, a whole search on the real server, needs half a minute of it.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits for something that has to come.
pub(crate) async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> Result<T, String> {
    let late = |_| format!("{what} is waited for in vain, after {PATIENCE:?}");
    tokio::time::timeout(PATIENCE, work).await.map_err(late)
}

/// Runs a program and returns what it printed; one that does not end is killed, and what it said until then is the failure.
pub(crate) fn run(command: &mut Command) -> Output {
    run_within(PATIENCE, command)
}

/// The same with a time of its own.
pub(crate) fn run_within(patience: Duration, command: &mut Command) -> Output {
    let shown = format!("{command:?}");
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let child = child.unwrap_or_else(|error| panic!("{shown} cannot be started: {error}"));
    let process = Pid::from_child(&child);
    let (ended, end) = mpsc::channel();
    thread::spawn(move || ended.send(child.wait_with_output()));
    if let Ok(output) = end.recv_timeout(patience) {
        return output.unwrap_or_else(|error| panic!("{shown} cannot be waited for: {error}"));
    }
    let _ = kill_process(process, Signal::KILL);
    // What it has started may still hold its streams open, and then nothing is known of what it said.
    let said = end
        .recv_timeout(Duration::from_secs(5))
        .ok()
        .and_then(Result::ok);
    let said = said.map(|output| {
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    });
    panic!(
        "{shown} was killed as it did not end within {patience:?}; it said: {}",
        said.unwrap_or_default()
    );
}

#[test]
fn a_program_that_does_not_end_is_killed_and_what_it_said_is_shown() {
    let endless = || {
        run_within(
            Duration::from_millis(500),
            Command::new("sh").args(["-c", "echo hello; exec sleep 1000"]),
        )
    };
    let panic = thread::spawn(endless).join().expect_err("it is killed");
    let message = panic.downcast_ref::<String>().expect("a message");
    assert!(
        message.ends_with("did not end within 500ms; it said: hello\n"),
        "{message}"
    );
}
