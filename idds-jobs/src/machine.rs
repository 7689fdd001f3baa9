//! What is not the fault of a job: the machine, and a program that cannot be started.

use std::env;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use idds_file::{is_of_the_machine, open_regular};
use rustix::io::Errno;

/// What must be possible to write when there is space.
const PROBE: usize = 64 * 1024;

/// Trouble of the machine, which is no job's fault: what is wrong, where, and what to do about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trouble(String);

impl Trouble {
    /// Makes trouble; `what` is one lower-case clause without full stop that names the place and what to do.
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// Makes trouble of an error with a file or directory.
    pub fn with(path: &Path, error: &io::Error) -> Self {
        Self(format!("{}: {error}{}", path.display(), remedy(error)))
    }

    /// Returns the words.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}

fn remedy(error: &io::Error) -> &'static str {
    use io::ErrorKind::{
        OutOfMemory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    match (error.kind(), Errno::from_io_error(error)) {
        (StorageFull | QuotaExceeded, _) => "; make room there",
        (ReadOnlyFilesystem | PermissionDenied, _) => "; name a directory that can be written",
        (_, Some(Errno::MFILE)) => "; raise the limit (`ulimit -n`) or run fewer programs at once",
        (_, Some(Errno::NFILE)) => "; run fewer programs at once",
        (_, Some(Errno::AGAIN)) => {
            "; there are too many processes (`ulimit -u`): run fewer programs at once"
        }
        (OutOfMemory, _) => "; run fewer programs at once",
        _ => "",
    }
}

/// Says why a program cannot be started.
pub fn not_started(program: &Path, error: &io::Error) -> Trouble {
    let path = program.display();
    let why = match Errno::from_io_error(error) {
        Some(Errno::NOENT) if !program.exists() => format!("{path} is not there any more"),
        Some(Errno::NOENT) => match interpreter(program) {
            Some(name) if name.ends_with('\r') => format!(
                "{path} has line ends of Windows, so that the system looks for the interpreter {name:?}; `sed -i 's/\\r$//' {path}` takes them away"
            ),
            Some(name) => {
                format!("{path}: its interpreter {name} is not there, which its first line names")
            }
            None => format!("{path}: the loader that it needs is not on this machine"),
        },
        Some(Errno::ACCESS | Errno::PERM) => {
            format!(
                "{path} or its interpreter may not be executed; `chmod +x`, or is its file system mounted with noexec?"
            )
        }
        Some(Errno::NOEXEC) => format!("{path} is no program for this machine"),
        Some(Errno::TOOBIG) => {
            format!("{path}: its arguments and its environment are too long for the system")
        }
        _ => return Trouble::with(program, error),
    };
    Trouble(format!("the program cannot be started: {why}"))
}

/// Returns the interpreter that the first line of a script names.
fn interpreter(program: &Path) -> Option<String> {
    let mut first = Vec::new();
    open_regular(program)
        .ok()?
        .take(256)
        .read_to_end(&mut first)
        .ok()?;
    let line = first
        .strip_prefix(b"#!")?
        .split(|byte| *byte == b'\n')
        .next()?;
    let name = line
        .trim_ascii_start()
        .split(|byte| matches!(byte, b' ' | b'\t'))
        .next()?;
    Some(String::from_utf8_lossy(name).into_owned())
}

/// Tells whether a file is a script without a first line that names its interpreter; shells take such a one for theirs.
pub fn is_plain_script(program: &Path) -> bool {
    let mut first = Vec::new();
    let read = open_regular(program).and_then(|file| file.take(256).read_to_end(&mut first));
    read.is_ok() && !first.contains(&0) && !first.starts_with(b"#!")
}

/// Returns what is wrong with the machine when a program has failed in a directory; none when the machine is fine.
///
/// A program that finds no space fails in words of its own. Whether there is space can be tried.
pub fn trouble_with(directory: &Path, temporary: Option<&Path>) -> Option<Trouble> {
    let temporary = temporary.map_or_else(env::temp_dir, Path::to_owned);
    [directory.to_owned(), temporary]
        .into_iter()
        .find_map(|place| {
            let error = probe(&place).err().filter(is_of_the_machine)?;
            Some(Trouble::with(&place, &error))
        })
}

fn probe(place: &Path) -> io::Result<()> {
    let file = place.join(format!(".idds-probe-{}", std::process::id()));
    let written = File::create_new(&file).and_then(|mut probe| {
        probe.write_all(&[0; PROBE])?;
        // Some file systems notice only then.
        probe.sync_data()
    });
    let removed = fs::remove_file(&file);
    written.and(removed)
}

/// How often the kernel has killed a process for want of memory.
#[derive(Clone, Debug)]
pub struct OutOfMemory {
    counters: PathBuf,
    before: Option<u64>,
}

impl OutOfMemory {
    /// Looks at what the kernel counts; elsewhere than on Linux it does not say.
    pub fn so_far() -> Self {
        Self::counted_in("/proc/vmstat")
    }

    /// Looks at the counters in this file; those of the kernel count what happens in control groups, too.
    pub fn counted_in(counters: impl Into<PathBuf>) -> Self {
        let counters = counters.into();
        Self {
            before: kills(&counters),
            counters,
        }
    }

    /// Tells whether it has happened since.
    pub fn has_come(&self) -> bool {
        matches!((self.before, kills(&self.counters)), (Some(before), Some(now)) if now > before)
    }
}

fn kills(counters: &Path) -> Option<u64> {
    let counters = fs::read_to_string(counters).ok()?;
    counters
        .lines()
        .find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_has_a_remedy() {
        let said = |number| {
            Trouble::with(
                Path::new("/data/points/3"),
                &io::Error::from_raw_os_error(number),
            )
            .to_string()
        };
        let full = said(Errno::NOSPC.raw_os_error());
        assert!(
            full.starts_with("/data/points/3: No space left on device"),
            "{full}"
        );
        assert!(full.ends_with("; make room there"), "{full}");
        assert!(said(Errno::MFILE.raw_os_error()).contains("`ulimit -n`"));
        assert!(said(Errno::AGAIN.raw_os_error()).contains("`ulimit -u`"));
    }

    #[test]
    fn a_machine_with_space_is_in_no_trouble() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        assert_eq!(trouble_with(folder.path(), None), None);
        assert_eq!(fs::read_dir(folder.path())?.count(), 0);
        // That a program took its own directory away is not the machine's doing.
        assert_eq!(trouble_with(&folder.path().join("gone"), None), None);
        Ok(())
    }
}
