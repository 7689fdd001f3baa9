//! What became of a program: the value of the objective, or why there is none.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

use idds_file::read_regular;
use idds_jobs::OutOfMemory;
use rustix::process::Signal;

use super::output::{judge, said};
use super::tail::{Started, lines, shortened, tail};
use crate::Failure;

/// How long what a program wrote may be.
const MAX: u64 = 1 << 20;

/// Exit codes of shells, and of programs that start others: what was to be started may not be executed, or is not there.
const NOT_STARTED: [i32; 2] = [126, 127];

/// How a program ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// Whether it was told to stop: it may end as it likes.
    pub(super) is_stopped: bool,
    /// What the kernel had counted when it started.
    pub(super) memory: OutOfMemory,
}

/// Reads what a program has left in its directory.
pub(super) fn read(directory: &Path, started: &Started, ended: &Ended) -> Result<f64, Failure> {
    let place = directory.display();
    let failed = |what: String| Failure::point(what).with_output(started.output(directory));
    let output = written(&directory.join("output.json")).map(|read| {
        read.and_then(|bytes| judge(&bytes))
            .map_err(|why| format!("{place}/output.json: {why}"))
    });
    match output {
        // What it says itself is the better reason.
        Some(output) if ended.status.success() || ended.is_stopped || output.is_err() => {
            output.map_err(failed)
        }
        _ if !ended.status.success() => Err(ended.failure(directory, started)),
        _ => said(&tail(&directory.join("stdout"), started.stdout))
            .map_err(|why| failed(format!("{place}: {why}"))),
    }
}

/// Returns the bytes of a file that a program may have written; none when it has not.
fn written(file: &Path) -> Option<Result<Vec<u8>, String>> {
    match read_regular(file, MAX) {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Some(Err(
            "it is longer than 1 MB; it holds {\"loss\": 0.25}, and little else".to_owned(),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        read => Some(read.map_err(|error| error.to_string())),
    }
}

impl Ended {
    fn failure(&self, directory: &Path, started: &Started) -> Failure {
        let how = match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("the program ended with exit code {code}"),
            (None, Some(signal)) => format!("the program was killed by signal {signal}"),
            (None, None) => "the program did not end as programs do".to_owned(),
        };
        let last = lines(&tail(&directory.join("stderr"), started.stderr)).pop();
        let said = last
            .map(|line| format!(": {}", shortened(&line)))
            .unwrap_or_default();
        let what = format!("{}: {how}{said}", directory.display());
        // A shell tells of the end of its child by this code.
        let killed = Signal::KILL.as_raw();
        let is_killed =
            self.status.signal() == Some(killed) || self.status.code() == Some(128 + killed);
        let failure = if self
            .status
            .code()
            .is_some_and(|code| NOT_STARTED.contains(&code))
        {
            Failure::trouble(format!(
                "{what}; this code says that a command cannot be started, for which no point is to blame; it runs in that directory"
            ))
        } else if is_killed && self.memory.has_come() {
            Failure::trouble(format!(
                "{what}; the kernel killed it, as there was no memory left: evaluate fewer points at once or where there is more memory, or report a loss for this point if it asks for too much"
            ))
        } else {
            Failure::point(what)
        };
        failure.with_output(started.output(directory))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    /// What becomes of a program that ends like this while the kernel counts this many kills before and after.
    fn failure(script: &str, kills: [u64; 2]) -> io::Result<Failure> {
        let directory = tempfile::tempdir()?;
        let counters = directory.path().join("vmstat");
        let count = |kills: u64| {
            fs::write(
                &counters,
                format!("nr_free_pages 7\noom_kill {kills}\nswap_ra 0\n"),
            )
        };
        count(kills[0])?;
        let (started, memory) = (
            Started::of(directory.path()),
            OutOfMemory::counted_in(&counters),
        );
        let status = Command::new("/bin/sh").args(["-c", script]).status()?;
        count(kills[1])?;
        let ended = Ended {
            status,
            is_stopped: false,
            memory,
        };
        Ok(read(directory.path(), &started, &ended).expect_err("it did not end well"))
    }

    #[test]
    fn a_program_that_is_killed_for_want_of_memory_is_no_points_fault() -> io::Result<()> {
        for script in ["kill -9 $$", "sh -c 'kill -9 $$'; exit $?"] {
            let failure = failure(script, [3, 4])?;
            assert!(
                failure.is_trouble() && failure.to_string().contains("there was no memory left"),
                "{failure}"
            );
        }
        // Somebody killed it, or something else was killed for want of memory, or an exit code means something else.
        for (script, kills) in [
            ("kill -9 $$", [3, 3]),
            ("exit 1", [3, 4]),
            ("kill -15 $$", [3, 4]),
        ] {
            assert!(!failure(script, kills)?.is_trouble(), "{script}");
        }
        Ok(())
    }
}
