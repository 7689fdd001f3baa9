//! The lock by which processes that append to a journal of Optuna keep out of each other's way.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// How long nothing may change before a lock counts as left behind by a process that died: the time of Optuna.
const GRACE: Duration = Duration::from_secs(30);

/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// The lock of a journal, held until it is dropped: a symbolic link beside the file, as Optuna's `JournalFileSymlinkLock` has it.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
}

impl Lock {
    /// Waits for the lock, and takes it from whoever has not moved for [`GRACE`].
    pub(super) fn take(file: &Path) -> io::Result<Self> {
        let path = with_suffix(file, ".lock");
        let target = std::path::absolute(file)?;
        let mut pause = Duration::from_millis(1);
        let (mut seen, mut since): (Option<SystemTime>, _) = (None, Instant::now());
        loop {
            match link(&target, &path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            // As Optuna, by the file itself where the link leads to it: who holds the lock writes there.
            let changed = path.metadata().or_else(|_| path.symlink_metadata());
            let changed = changed.and_then(|metadata| metadata.modified()).ok();
            if changed != seen {
                (seen, since) = (changed, Instant::now());
            }
            if since.elapsed() > GRACE {
                // By another name first, so that of several processes only one takes it away.
                let _ = remove(&path);
                since = Instant::now();
            }
            sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the lock of a study was gone before it was released");
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    let id = std::process::id();
    let aside = with_suffix(path, &format!("{id}.rename"));
    std::fs::rename(path, &aside)?;
    std::fs::remove_file(aside)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
fn link(target: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_: &Path, path: &Path) -> io::Result<()> {
    // That of Optuna's `JournalFileOpenLock`.
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_there_as_long_as_it_is_held_and_keeps_others_waiting() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("study.log");
        std::fs::write(&file, "").expect("a file");
        let lock = Lock::take(&file).expect("nobody has it");
        let path = with_suffix(&file, ".lock");
        assert!(path.is_symlink());
        let other = std::thread::spawn({
            let file = file.clone();
            move || Lock::take(&file).map(drop)
        });
        assert!(!other.is_finished());
        drop(lock);
        other.join().expect("no panic").expect("it was released");
        assert!(!path.is_symlink());
        assert_eq!(
            std::fs::read_dir(folder.path())
                .expect("a directory")
                .count(),
            1
        );
    }
}
