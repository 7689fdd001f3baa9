//! Who ends a job when its wrapper is killed, where the batch system does not.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Says to a program that it is to end what a wrapper has left behind, and where that errand is written down.
pub(crate) const LEFT: &str = "IDDS_JOBS_LEFT";

/// Waits for a word of the wrapper. When the pipe is closed without one, by the end of the process that holds it, whatever ends that, it
/// becomes the program that clears up.
const WATCH: &str = r#"trap '' HUP INT TERM; read -r word; [ "$word" ] || exec "$@""#;

/// A process that outlives a wrapper that is killed, and ends what that has started. Dropping it is the word that nothing is left.
#[derive(Debug)]
pub(super) struct Heir {
    child: Child,
}

impl Heir {
    /// Starts one, apart from the group and from the environment by which the processes of the job are known.
    pub(super) fn start(errand: &Path) -> io::Result<Self> {
        let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
        let child = Command::new("/bin/sh")
            .args(["-c", WATCH, "sh"])
            .arg(std::env::current_exe()?)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env(LEFT, errand)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child })
    }
}

impl Drop for Heir {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.child.stdin.take() {
            let _ = pipe.write_all(b"done\n");
        }
        let _ = self.child.wait();
    }
}
