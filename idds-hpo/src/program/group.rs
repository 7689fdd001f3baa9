//! A program as a process group, which does not outlive its search.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

/// Time to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);

/// Makes itself the program, after leaving a process behind that kills the group when the other end of a pipe is closed: by
/// the end of this process, whatever ends it. It is nobody's child, so that a program that waits for all its children is not
/// held up, and it keeps the number of the group in use as long as somebody may kill it by that.
const SCRIPT: &str = r#"exec 3<&0 </dev/null
( ( trap '' HUP INT TERM; read -r _ <&3; kill -KILL 0 ) & )
exec "$@" 3<&-"#;

/// Prepares a program that is to run in a directory.
pub(super) fn command(program: &OsStr, arguments: &[OsString], directory: &Path) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", SCRIPT, "sh"]).arg(program).args(arguments).current_dir(directory);
    command
}

/// A program that runs; dropping it kills it, with everything it started.
#[derive(Debug)]
pub(super) struct Group {
    id: Option<Pid>,
    child: Child,
    /// Closed when this process ends.
    lifeline: Option<ChildStdin>,
}

impl Group {
    pub(super) fn start(mut command: Command, stdout: File, stderr: File) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(stdout).stderr(stderr).process_group(0);
        let mut child = command.spawn()?;
        let id = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let lifeline = child.stdin.take();
        Ok(Self { id, child, lifeline })
    }

    /// Waits until the program has ended.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks the program to end, and kills it when it does not.
    pub(super) async fn stop(&mut self) -> io::Result<ExitStatus> {
        self.signal(Signal::TERM);
        match timeout(GRACE, self.child.wait()).await {
            Ok(ended) => ended,
            Err(_) => {
                self.signal(Signal::KILL);
                self.child.wait().await
            }
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(id) = self.id {
            // The group is gone when this fails.
            let _ = kill_process_group(id, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        self.lifeline = None;
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[tokio::test]
    async fn a_program_dies_with_all_it_started_when_the_process_of_the_search_does() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let stdout = File::create(folder.path().join("stdout"))?;
        stdout.lock()?;
        let arguments = ["-c", "sleep 1000 & wait"].map(OsString::from);
        let command = command("/bin/sh".as_ref(), &arguments, folder.path());
        let mut group = Group::start(command, stdout, File::create(folder.path().join("stderr"))?)?;
        // What the system does for a process that ends.
        group.lifeline = None;
        assert_eq!(group.ended().await?.signal(), Some(Signal::KILL.as_raw()));
        // All of them held the lock.
        let stdout = File::open(folder.path().join("stdout"))?;
        tokio::task::spawn_blocking(move || stdout.lock()).await.expect("locking does not panic")
    }
}
