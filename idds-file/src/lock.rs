//! Files that belong to one process at a time.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use super::read_regular;

/// A lock on a file: no other process gets it while this exists.
///
/// It is the lock of [`File::try_lock`], which the system takes back when the process ends. Some file systems have no locks: there a
/// file beside it, with `.pid` at the end of its name, says which process of which machine holds it. One that a killed process
/// has left on this machine counts for nothing. Whether the process of another machine lives cannot be told from here: then the
/// error names the file, to be removed by who knows.
#[derive(Debug)]
#[must_use = "others are kept away as long as it is there"]
pub struct Lock {
    /// The file that stands for a lock, and what it says.
    stand_in: Option<(PathBuf, String)>,
}

/// Reason why a file cannot be locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process holds it.
    #[error("another process holds it{}", .0.as_ref().map(|held| format!(": {held}")).unwrap_or_default())]
    Held(Option<Held>),
    /// It cannot be locked.
    #[error("it cannot be locked")]
    Failed(#[source] io::Error),
}

/// The owner of a lock on a file system without locks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Held {
    process: String,
    host: String,
    file: PathBuf,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            process,
            host,
            file,
        } = self;
        write!(
            f,
            "process {process} on {host}; if that one is gone, remove {}",
            file.display()
        )
    }
}

impl Lock {
    /// Takes a file for this process alone.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] when another process has it.
    pub fn take(file: &File, path: &Path) -> Result<Self, LockError> {
        Self::judge(file.try_lock(), path)
    }

    /// Says whether a process holds a file; several may ask at once.
    pub fn is_held(file: &File, path: &Path) -> bool {
        match file.try_lock_shared() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(error)) if has_no_locks(&error) => {
                let said = said(&beside(path, ".pid")).unwrap_or_default();
                Process::read(&said).is_some_and(|holder| holder.may_live())
            }
            Err(TryLockError::Error(_)) => false,
        }
    }

    fn judge(outcome: Result<(), TryLockError>, path: &Path) -> Result<Self, LockError> {
        match outcome {
            Ok(()) => Ok(Self { stand_in: None }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held(None)),
            Err(TryLockError::Error(error)) if has_no_locks(&error) => Self::stand_in(path),
            Err(TryLockError::Error(error)) => Err(LockError::Failed(error)),
        }
    }

    /// Takes it by a file that can be made only once.
    fn stand_in(path: &Path) -> Result<Self, LockError> {
        let file = beside(path, ".pid");
        let me = Process::this().to_string();
        for _ in 0..ATTEMPTS {
            match make(&file, &me) {
                Ok(()) => {
                    return Ok(Self {
                        stand_in: Some((file, me)),
                    });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(LockError::Failed(error)),
            }
            let said = match said(&file) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                said => said.map_err(LockError::Failed)?,
            };
            let holder = Process::read(&said);
            if holder.as_ref().is_none_or(Process::may_live) {
                let (process, host) =
                    holder.map_or_else(|| ("?".to_owned(), "?".to_owned()), |it| (it.id, it.host));
                return Err(LockError::Held(Some(Held {
                    process,
                    host,
                    file,
                })));
            }
            remove(&file, &said).map_err(LockError::Failed)?;
        }
        Err(LockError::Held(None))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some((file, me)) = &self.stand_in
            && said(file).is_ok_and(|said| said == *me)
        {
            // One that is left counts for nothing once this process has ended.
            let _ = fs::remove_file(file);
        }
    }
}

/// As many processes may find the file of a dead one at once and take it away.
const ATTEMPTS: usize = 16;

/// Tells whether an error says that the file system has no locks.
fn has_no_locks(error: &io::Error) -> bool {
    let codes = [Errno::NOSYS, Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOTSUP];
    error.kind() == ErrorKind::Unsupported
        || error
            .raw_os_error()
            .is_some_and(|code| codes.iter().any(|errno| errno.raw_os_error() == code))
}

/// Makes a file that nobody else has made, with this content from the first moment on.
fn make(file: &Path, text: &str) -> io::Result<()> {
    let draft = beside(file, &format!(".{}.new", std::process::id()));
    // What a dead process of this number has left, or somebody else.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&draft)?
            .write_all(text.as_bytes())?,
    }
    let made = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match made {
        // What has no locks may have no links either; then others can see the file empty, and take it for held.
        Err(error) if error.kind() != ErrorKind::AlreadyExists => OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(file)?
            .write_all(text.as_bytes()),
        made => made,
    }
}

/// Takes the file of a dead process away, unless another process was faster and has put its own there.
fn remove(file: &Path, said: &str) -> io::Result<()> {
    let away = beside(file, &format!(".{}.old", std::process::id()));
    match fs::rename(file, &away) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        moved => moved?,
    }
    if self::said(&away)? != said {
        // It is the one of a living process.
        fs::hard_link(&away, file)?;
    }
    fs::remove_file(away)
}

/// Reads what the file of a process says, which is a line.
fn said(file: &Path) -> io::Result<String> {
    read_regular(file, MOST).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Longer is no file that stands for a lock.
const MOST: u64 = 4096;

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(end);
    name.into()
}

/// A process, in words that another one can judge.
struct Process {
    id: String,
    host: String,
    /// When the machine and the process started; empty where that cannot be told.
    start: String,
}

impl Process {
    fn this() -> Self {
        let id = std::process::id().to_string();
        let start = start(&id);
        Self {
            id,
            host: machine(),
            start,
        }
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace().map(str::to_owned);
        Some(Self {
            id: words.next()?,
            host: words.next()?,
            start: words.next().unwrap_or_default(),
        })
    }

    fn may_live(&self) -> bool {
        let is_here = self.host == Self::this().host;
        let id = self.id.parse().ok().and_then(Pid::from_raw);
        // A process that is not ours exists as well.
        let exists = id.is_none_or(|id| !matches!(test_kill_process(id), Err(Errno::SRCH)));
        !is_here || (exists && self.start == start(&self.id))
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} {}", self.id, self.host, self.start)
    }
}

/// Returns the name of this machine.
pub fn machine() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname");
    name.map_or_else(
        |_| std::env::var("HOSTNAME").unwrap_or_default(),
        |name| name.trim().to_owned(),
    )
}

/// Tells one process from another one that has its number later.
fn start(id: &str) -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name of the program comes second, in parentheses, and may hold anything; the time is the 22nd word.
    let time = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.split_whitespace().nth(19));
    time.map(|time| format!("{}/{time}", boot.trim()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(errno: Errno) -> Result<(), TryLockError> {
        Err(TryLockError::Error(errno.into()))
    }

    fn path() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("journal");
        (directory, path)
    }

    #[test]
    fn a_file_stands_for_the_lock_where_there_are_none() {
        for errno in [Errno::NOSYS, Errno::NOLCK, Errno::OPNOTSUPP] {
            let (directory, path) = path();
            let lock = Lock::judge(failure(errno), &path).expect("a lock");
            let error = Lock::judge(failure(errno), &path).expect_err("held");
            let (id, file) = (std::process::id(), directory.path().join("journal.pid"));
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("another process holds it: process {id} on ")),
                "{error}"
            );
            assert!(
                error
                    .to_string()
                    .ends_with(&format!("if that one is gone, remove {}", file.display())),
                "{error}"
            );
            drop(lock);
            let _lock = Lock::judge(failure(errno), &path).expect("a lock");
            assert_eq!(fs::read_dir(&directory).expect("a directory").count(), 1);
        }
        let (_directory, path) = path();
        assert!(matches!(
            Lock::judge(failure(Errno::IO), &path),
            Err(LockError::Failed(_))
        ));
        assert!(matches!(
            Lock::judge(Err(TryLockError::WouldBlock), &path),
            Err(LockError::Held(None))
        ));
    }

    #[test]
    fn what_a_dead_process_left_counts_for_nothing_and_another_machine_is_asked_about() {
        let (directory, path) = path();
        let file = directory.path().join("journal.pid");
        let here = Process::this();
        for dead in [
            Process {
                id: "999999999".to_owned(),
                ..Process::this()
            },
            Process {
                start: "another/1".to_owned(),
                ..Process::this()
            },
        ] {
            fs::write(&file, dead.to_string()).expect("written");
            drop(Lock::judge(failure(Errno::NOLCK), &path).expect("a lock"));
        }
        for (text, holder) in [
            (
                Process {
                    host: "elsewhere".to_owned(),
                    ..here
                }
                .to_string(),
                "on elsewhere; if",
            ),
            (String::new(), "process ? on ?; if"),
        ] {
            fs::write(&file, &text).expect("written");
            let error = Lock::judge(failure(Errno::NOLCK), &path).expect_err("held");
            assert!(error.to_string().contains(holder), "{error}");
            assert_eq!(fs::read_to_string(&file).expect("text"), text);
        }
    }

    #[test]
    fn of_many_that_want_it_at_once_one_gets_it() {
        let (directory, path) = path();
        fs::write(
            directory.path().join("journal.pid"),
            Process {
                id: "999999999".to_owned(),
                ..Process::this()
            }
            .to_string(),
        )
        .expect("written");
        let first = Lock::judge(failure(Errno::NOLCK), &path).expect("a lock");
        assert!(Lock::judge(failure(Errno::NOLCK), &path).is_err());
        assert_eq!(
            fs::read_dir(&directory).expect("a directory").count(),
            1,
            "no draft is left"
        );
        drop(first);
    }

    #[test]
    fn a_lock_of_the_system_is_taken_where_there_are_some() {
        let (directory, path) = path();
        let open = || {
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .expect("a file")
        };
        let held = open();
        let _lock = Lock::take(&held, &path).expect("a lock");
        assert!(matches!(
            Lock::take(&open(), &path),
            Err(LockError::Held(None))
        ));
        assert_eq!(fs::read_dir(&directory).expect("a directory").count(), 1);
    }
}
