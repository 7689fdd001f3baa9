//! A program as a process group, which does not outlive the process that started it.

use std::fs::File;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

/// Time to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);

/// Waits until the other end of a pipe is closed, by the end of the process that holds it, whatever ends that, and kills the
/// group.
const WATCHER: &str = "trap '' HUP INT TERM; read -r _; kill -KILL 0";

/// A program that runs; dropping it kills it, with everything it started.
///
/// The group is that of a process that watches over it, which is there before the program is. So the program is started
/// without a shell in between, which would not hand on the whole environment, and the system says itself what is wrong when
/// it cannot be started. The watcher is no child of the program, which may wait for all its children, and it keeps the
/// number of the group in use as long as somebody may kill the group by that.
#[derive(Debug)]
pub struct ProcessGroup {
    id: Pid,
    program: Child,
    _watcher: Child,
    /// Closed when this process ends. Processes that are being started hold it until they are what they are to be, and by then
    /// they are in their group.
    lifeline: Option<ChildStdin>,
}

impl ProcessGroup {
    /// Starts a program, or says why it cannot be started.
    pub fn start(mut command: Command, stdout: File, stderr: File) -> io::Result<Self> {
        let mut watcher = Command::new("/bin/sh");
        watcher
            .args(["-c", WATCHER])
            .env_clear()
            .current_dir("/")
            .process_group(0);
        let mut watcher = watcher
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let lifeline = watcher.stdin.take();
        let number = watcher.id().and_then(|id| i32::try_from(id).ok());
        let id = number
            .and_then(Pid::from_raw)
            .ok_or_else(|| io::Error::other("a process without a number"))?;
        command.process_group(id.as_raw_nonzero().get());
        let started = command
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .spawn();
        match started {
            Ok(program) => Ok(Self {
                id,
                program,
                _watcher: watcher,
                lifeline,
            }),
            Err(error) => {
                kill(id, Signal::KILL);
                Err(error)
            }
        }
    }

    /// Waits until the program has ended.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.program.wait().await
    }

    /// Asks the program to end, and kills it when it does not.
    pub async fn stop(&mut self) -> io::Result<ExitStatus> {
        kill(self.id, Signal::TERM);
        match timeout(GRACE, self.program.wait()).await {
            Ok(ended) => ended,
            Err(_) => {
                kill(self.id, Signal::KILL);
                self.program.wait().await
            }
        }
    }
}

fn kill(group: Pid, signal: Signal) {
    // The group is gone when this fails.
    let _ = kill_process_group(group, signal);
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        kill(self.id, Signal::KILL);
        self.lifeline = None;
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[tokio::test]
    async fn a_program_dies_with_all_it_started_when_the_process_that_started_it_does()
    -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let stdout = File::create(folder.path().join("stdout"))?;
        stdout.lock()?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "sleep 1000 & wait"]);
        let mut group =
            ProcessGroup::start(command, stdout, File::create(folder.path().join("stderr"))?)?;
        // What the system does for a process that ends.
        group.lifeline = None;
        assert_eq!(group.ended().await?.signal(), Some(Signal::KILL.as_raw()));
        // All of them held the lock.
        let stdout = File::open(folder.path().join("stdout"))?;
        tokio::task::spawn_blocking(move || stdout.lock())
            .await
            .expect("locking does not panic")
    }
}
