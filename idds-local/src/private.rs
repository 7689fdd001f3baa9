//! Directories and files of the server, which nobody but their owner may read.
//!
//! Requests of the Python client hold the proxy of the person who submitted them, with its private key.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};

/// Makes a directory, with what is missing above it, that only its owner can enter; one that is there stays as it is.
pub(crate) fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(path)
}

/// Makes an empty file that only its owner can read; one that is there stays as it is.
///
/// What SQLite puts beside a database has the mode of the database.
pub(crate) fn make_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Opens a file with a secret, or says what is wrong with it.
///
/// The opened file is looked at: its path may name another one a moment later.
#[cfg(unix)]
pub(crate) fn open(path: &Path) -> io::Result<Result<File, &'static str>> {
    use rustix::fs::{Mode, OFlags};
    use rustix::io::Errno;

    // A pipe would be waited for.
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Err(Errno::LOOP) => return Ok(Err("is a link")),
        opened => File::from(opened?),
    };
    let metadata = file.metadata()?;
    Ok(match metadata.mode() {
        _ if !metadata.is_file() => Err("is not a regular file"),
        _ if metadata.uid() != rustix::process::geteuid().as_raw() => {
            Err("belongs to another user")
        }
        mode if mode & 0o077 != 0 => Err("can be read or changed by other users of this machine"),
        _ => Ok(file),
    })
}

/// Opens a file with a secret.
#[cfg(not(unix))]
pub(crate) fn open(path: &Path) -> io::Result<Result<File, &'static str>> {
    Ok(Ok(File::open(path)?))
}

/// Returns why a file or directory that is there may not be used: others could put something else into it, or have had it lead elsewhere.
pub(crate) fn refusal(path: &Path) -> Option<String> {
    if let Err(error) = idds_file::refuse_foreign_link(path) {
        return Some(format!("{}: {error}; remove it", path.display()));
    }
    let metadata = path.metadata().ok()?;
    may_be_changed_by_others(&metadata).then(|| {
        format!(
            "{} can be changed by other users of this machine; `chmod go-w {0}` keeps them out",
            path.display()
        )
    })
}

#[cfg(unix)]
fn may_be_changed_by_others(metadata: &Metadata) -> bool {
    // In a directory such as /tmp, everybody can make files and change only their own.
    let is_shared_on_purpose = metadata.is_dir() && metadata.mode() & 0o1000 != 0;
    // Where each user has a group of the same number, nobody else is in it.
    let group = if metadata.gid() == metadata.uid() {
        0
    } else {
        0o020
    };
    !is_shared_on_purpose && metadata.mode() & (0o002 | group) != 0
}

#[cfg(not(unix))]
fn may_be_changed_by_others(_: &Metadata) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_made_is_for_its_owner_alone() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let directory = folder.path().join("a/b");
        make_directory(&directory)?;
        let file = directory.join("file");
        make_file(&file)?;
        make_file(&file)?;
        let mode = |path: &Path| path.metadata().map(|metadata| metadata.mode() & 0o777);
        assert_eq!((mode(&directory)?, mode(&file)?), (0o700, 0o600));
        Ok(())
    }

    #[test]
    fn what_others_may_change_is_refused() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        for (mode, is_refused) in [
            (0o700, false),
            (0o755, false),
            (0o777, true),
            (0o1777, false),
        ] {
            set_permissions(folder.path(), Permissions::from_mode(mode))?;
            assert_eq!(refusal(folder.path()).is_some(), is_refused, "{mode:o}");
        }
        assert_eq!(refusal(&folder.path().join("nothing")), None);
        Ok(())
    }

    #[test]
    fn a_link_of_somebody_else_is_refused() -> io::Result<()> {
        use rustix::fs::{AtFlags, CWD, Uid, chownat};

        let folder = tempfile::tempdir()?;
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("nothing", &link)?;
        assert_eq!(refusal(&link), None);
        // Only the administrator can give it away.
        if rustix::process::geteuid().is_root() {
            let other = Some(Uid::from_raw(54_321));
            chownat(CWD, &link, other, None, AtFlags::SYMLINK_NOFOLLOW)?;
            let why = refusal(&link).expect("refused");
            assert!(why.contains("a link that user 54321 has made"), "{why}");
        }
        Ok(())
    }
}
