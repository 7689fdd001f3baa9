//! A directory for what lasts as long as the server, and no longer.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use tempfile::TempDir;

/// What the names of these directories begin with.
const PREFIX: &str = "idds-local-";

/// What tells that a directory is in use: a file that its server has locked.
const LOCK: &str = "lock";

/// A directory of this server alone, which is removed at its end; if the server is killed, the next one that starts does so.
#[derive(Debug)]
pub(crate) struct Scratch {
    directory: TempDir,
    _lock: File,
}

impl Scratch {
    /// Makes one, and removes those of servers that were killed.
    pub(crate) fn new() -> io::Result<Self> {
        let root = std::env::temp_dir();
        remove_abandoned(&root);
        Self::new_in(&root)
    }

    fn new_in(root: &Path) -> io::Result<Self> {
        loop {
            let private = Permissions::from_mode(0o700);
            let directory = tempfile::Builder::new()
                .prefix(PREFIX)
                .permissions(private)
                .tempdir_in(root)?;
            let path = directory.path().join(LOCK);
            let mut lock = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?;
            // Where there are no locks, nobody finds the directory abandoned either.
            let is_taken = matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock));
            // Before it was locked, a server that started could take it for abandoned.
            if is_taken || lock.metadata()?.nlink() == 0 {
                continue;
            }
            lock.write_all(machine().as_bytes())?;
            return Ok(Self {
                directory,
                _lock: lock,
            });
        }
    }

    /// Returns where it is.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Removes what servers of this user have left that were killed on this machine.
fn remove_abandoned(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for entry in entries.flatten() {
        if !entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(PREFIX.as_bytes())
        {
            continue;
        }
        // The lock is held until everything is gone.
        if let Some(_lock) = abandoned(&entry.path())
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::debug!(%error, directory = %entry.path().display(), "what a killed server left stays");
        }
    }
}

/// Locks a directory that is certainly that of a server of this user, on this machine, which does not live any more.
fn abandoned(directory: &Path) -> Option<File> {
    let user = rustix::process::geteuid().as_raw();
    let metadata = directory.symlink_metadata().ok()?;
    if !metadata.is_dir() || metadata.uid() != user || metadata.mode() & 0o077 != 0 {
        return None;
    }
    // Neither a link nor a pipe that somebody has put there is followed or waited for.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let mut lock = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(directory.join(LOCK))
        .ok()?;
    let metadata = lock.metadata().ok()?;
    if !metadata.is_file() || metadata.uid() != user {
        return None;
    }
    lock.try_lock().ok()?;
    let mut text = String::new();
    (&mut lock).take(1000).read_to_string(&mut text).ok()?;
    // Elsewhere, on a file system that machines share, the lock may not be seen.
    (text == machine()).then_some(lock)
}

/// Returns the name of this machine.
fn machine() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use std::fs::set_permissions;
    use std::os::unix::fs::symlink;

    use super::*;

    /// Leaves a directory as a killed server does.
    fn killed(root: &Path) -> std::path::PathBuf {
        let Scratch { directory, _lock } = Scratch::new_in(root).expect("a directory");
        fs::write(directory.path().join("file"), "data").expect("written");
        directory.keep()
    }

    #[test]
    fn what_a_killed_server_left_goes_and_what_a_living_one_has_stays() {
        let root = tempfile::tempdir().expect("a directory");
        let living = Scratch::new_in(root.path()).expect("a directory");
        let dead = killed(root.path());
        remove_abandoned(root.path());
        assert!(living.path().join(LOCK).exists() && !dead.exists());
        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists());
    }

    #[test]
    fn what_is_not_certainly_of_a_dead_server_stays() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(format!("{PREFIX}{name}"));
        let elsewhere = tempfile::tempdir().expect("a directory");
        let victim = killed(elsewhere.path());
        symlink(&victim, at("link")).expect("linked");
        let open = killed(root.path());
        set_permissions(&open, Permissions::from_mode(0o755)).expect("set");
        let linked = killed(root.path());
        fs::remove_file(linked.join(LOCK)).expect("removed");
        symlink(victim.join(LOCK), linked.join(LOCK)).expect("linked");
        let other = killed(root.path());
        fs::write(other.join(LOCK), "another-machine").expect("written");
        fs::create_dir(at("empty")).expect("made");
        fs::write(at("file"), "").expect("written");
        remove_abandoned(root.path());
        assert!(victim.join("file").exists(), "it is not under this root");
        for path in [open, linked, other, at("empty"), at("file"), at("link")] {
            assert!(path.symlink_metadata().is_ok(), "{}", path.display());
        }
    }
}
