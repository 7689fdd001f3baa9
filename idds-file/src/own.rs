//! Files that are opened to be changed: by names of a person, and by names that a program has chosen itself, where somebody else may
//! have put something.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;

/// Opens a file to add to its end, which is made when it is not there. A link is not followed.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for a link and for what is no regular file, and those of opening.
pub fn append_own(path: impl AsRef<Path>) -> io::Result<File> {
    open(
        path.as_ref(),
        OFlags::WRONLY | OFlags::APPEND | OFlags::NOFOLLOW,
        0o666,
    )
}

/// Opens a file to read and write it, which is made when it is not there, for its owner alone. A link is not followed.
///
/// # Errors
///
/// Those of [`append_own`].
pub fn open_own(path: impl AsRef<Path>) -> io::Result<File> {
    open(path.as_ref(), OFlags::RDWR | OFlags::NOFOLLOW, 0o600)
}

/// Opens a file that a person has named to read and write it, which is made when it is not there, for its owner alone. Links are
/// followed.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for what is no regular file, and those of opening.
pub fn open_named(path: impl AsRef<Path>) -> io::Result<File> {
    let path = path.as_ref();
    // Some devices do something when they are opened.
    fs::metadata(path).map_or(Ok(()), |there| refuse_special(&there))?;
    open(path, OFlags::RDWR, 0o600)
}

fn open(path: &Path, access: OFlags, mode: u32) -> io::Result<File> {
    let flags = OFlags::CREATE | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, access | flags, Mode::from_raw_mode(mode));
    let file = match opened {
        // As a pipe without a reader and a socket say it.
        Err(Errno::NXIO) => return Err(refused("it is no regular file")),
        Err(Errno::LOOP) if access.contains(OFlags::NOFOLLOW) => {
            return Err(refused("it is a link, which is not followed here"));
        }
        opened => File::from(opened?),
    };
    refuse_special(&file.metadata()?)?;
    // It is for a program, perhaps, which would be surprised.
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

/// Tells whether others than this user and the administrator may write in a directory.
///
/// A group that has the number of the user is that of the user alone, as most systems make one for everybody.
///
/// # Errors
///
/// Those of looking at the directory.
pub fn is_open_to_others(directory: impl AsRef<Path>) -> io::Result<bool> {
    let metadata = fs::metadata(directory)?;
    let user = rustix::process::geteuid().as_raw();
    let is_foreign = ![user, 0].contains(&metadata.uid());
    let is_group = metadata.mode() & 0o020 != 0 && ![user, 0].contains(&metadata.gid());
    Ok(is_foreign || is_group || metadata.mode() & 0o002 != 0)
}

/// Refuses a symbolic link that somebody else than this user and the administrator has made; what is not there is fine.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for such a link.
pub fn refuse_foreign_link(path: impl AsRef<Path>) -> io::Result<()> {
    let user = rustix::process::geteuid().as_raw();
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() && ![user, 0].contains(&metadata.uid()) => {
            Err(refused(&format!(
                "it is a link that user {} has made, which is not followed",
                metadata.uid()
            )))
        }
        _ => Ok(()),
    }
}

pub(super) fn refuse_special(metadata: &Metadata) -> io::Result<()> {
    match metadata.file_type() {
        kind if kind.is_file() => Ok(()),
        kind if kind.is_dir() => Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a directory",
        )),
        _ => Err(refused("it is no regular file")),
    }
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn nothing_is_written_through_a_link_or_into_what_is_no_file() {
        let root = tempfile::tempdir().expect("a directory");
        let path = |name: &str| root.path().join(name);
        fs::write(path("target"), "mine").expect("written");
        rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), Mode::from_raw_mode(0o600))
            .expect("a pipe");
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).expect("a socket");
        symlink("target", path("link")).expect("linked");
        symlink("new", path("dangling")).expect("linked");
        for name in ["link", "dangling", "pipe", "socket"] {
            for opened in [append_own(path(name)), open_own(path(name))] {
                assert_eq!(
                    opened.expect_err(name).kind(),
                    io::ErrorKind::InvalidInput,
                    "{name}"
                );
            }
        }
        assert_eq!(
            append_own(root.path()).expect_err("a directory").kind(),
            io::ErrorKind::IsADirectory
        );
        assert_eq!(fs::read_to_string(path("target")).expect("text"), "mine");
        assert!(!path("new").exists());
        for text in ["a", "b"] {
            append_own(path("own"))
                .and_then(|mut file| file.write_all(text.as_bytes()))
                .expect("written");
        }
        assert_eq!(fs::read_to_string(path("own")).expect("text"), "ab");
    }

    #[test]
    fn a_directory_is_open_to_others_by_its_mode() {
        let root = tempfile::tempdir().expect("a directory");
        for (mode, is_open) in [
            (0o700, false),
            (0o755, false),
            (0o777, true),
            (0o1777, true),
            (0o702, true),
        ] {
            fs::set_permissions(root.path(), PermissionsExt::from_mode(mode)).expect("a mode");
            assert_eq!(
                is_open_to_others(root.path()).expect("a directory"),
                is_open,
                "{mode:o}"
            );
        }
        assert!(refuse_foreign_link(root.path().join("none")).is_ok());
    }
}
