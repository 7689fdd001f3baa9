//! Reading files up to a size limit.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::directory;
use super::own::{is_open_to_others, refuse_special};

/// Reads a file of any kind, also a pipe, that holds at most this many bytes.
///
/// # Errors
///
/// [`io::ErrorKind::FileTooLarge`] for one that holds more, such as a device that never ends; and those of reading.
pub fn read(path: impl AsRef<Path>, most: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    match file.metadata()? {
        metadata if metadata.is_dir() => Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a directory",
        )),
        metadata if is_longer(&metadata, most) => Err(too_large(most)),
        _ => read_from(file, most),
    }
}

/// Opens a regular file to read it. Nothing else is opened: a pipe would be waited for, a device may never end.
///
/// A symbolic link is followed, unless others may write in its directory and so may have put it there.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for what is no regular file, [`io::ErrorKind::IsADirectory`] for a directory, and those of opening.
pub fn open_regular(path: impl AsRef<Path>) -> io::Result<File> {
    let path = path.as_ref();
    // Some devices do something when they are opened.
    refuse_special(&fs::metadata(path)?)?;
    let mut flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let is_shared = is_open_to_others(directory(path))?;
    if is_shared {
        flags |= OFlags::NOFOLLOW;
    }
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Err(Errno::LOOP) if is_shared => {
            let why =
                "it is a link in a directory where others may write, and is not followed there";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        opened => File::from(opened?),
    };
    // What is there may have been replaced in between.
    refuse_special(&file.metadata()?)?;
    Ok(file)
}

/// Reads a regular file that holds at most this many bytes.
///
/// # Errors
///
/// [`io::ErrorKind::FileTooLarge`] for one that holds more; and those of [`open_regular`] and of reading.
pub fn read_regular(path: impl AsRef<Path>, most: u64) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    if is_longer(&file.metadata()?, most) {
        Err(too_large(most))
    } else {
        read_from(file, most)
    }
}

/// Reads at most this many bytes to the end, such as those of standard input.
///
/// # Errors
///
/// [`io::ErrorKind::FileTooLarge`] when there are more, and those of reading.
pub fn read_from(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        Err(too_large(most))
    } else {
        Ok(bytes)
    }
}

fn is_longer(metadata: &Metadata, most: u64) -> bool {
    metadata.is_file() && metadata.len() > most
}

fn too_large(most: u64) -> io::Error {
    let size = match most {
        _ if most >= 1 << 20 => format!("{} MiB", most >> 20),
        _ => format!("{most} bytes"),
    };
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!("it holds more than {size}, and no more is read"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_not_read_to_its_end() {
        let error = read("/dev/zero", 5 << 20).expect_err("it has no end");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(
            error.to_string(),
            "it holds more than 5 MiB, and no more is read"
        );
        assert_eq!(read("/dev/null", 5).expect("nothing"), b"");
        assert_eq!(
            read("/", 5).expect_err("a directory").kind(),
            io::ErrorKind::IsADirectory
        );
    }

    #[test]
    fn only_a_regular_file_is_opened_and_a_link_where_nobody_else_could_put_it() {
        let root = tempfile::tempdir().expect("a directory");
        let path = |name: &str| root.path().join(name);
        fs::write(path("file"), "12345").expect("written");
        rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), Mode::from_raw_mode(0o600))
            .expect("a pipe");
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).expect("a socket");
        for (link, target) in [("link", "file"), ("zero", "/dev/zero"), ("to_pipe", "pipe")] {
            std::os::unix::fs::symlink(target, path(link)).expect("linked");
        }
        let why = |name: &str| open_regular(path(name)).expect_err(name).to_string();
        for name in ["pipe", "socket", "zero", "to_pipe", "/dev/null"] {
            assert_eq!(why(name), "it is no regular file", "{name}");
        }
        assert_eq!(why(""), "it is a directory");
        assert_eq!(read_regular(path("link"), 5).expect("a file"), b"12345");
        assert_eq!(
            read_regular(path("file"), 4).expect_err("longer").kind(),
            io::ErrorKind::FileTooLarge
        );
        fs::set_permissions(
            root.path(),
            std::os::unix::fs::PermissionsExt::from_mode(0o1777),
        )
        .expect("a mode");
        assert_eq!(
            why("link"),
            "it is a link in a directory where others may write, and is not followed there"
        );
        assert_eq!(read_regular(path("file"), 5).expect("a file"), b"12345");
    }

    #[test]
    fn a_file_and_a_pipe_are_read_up_to_the_bound() {
        let directory = tempfile::tempdir().expect("a directory");
        let [file, pipe] = ["file", "pipe"].map(|name| directory.path().join(name));
        fs::write(&file, "12345").expect("written");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, Mode::from_raw_mode(0o600)).expect("a pipe");
        for (most, fits) in [(5, true), (4, false)] {
            assert_eq!(read(&file, most).is_ok(), fits);
            let writer = std::thread::spawn({
                let pipe = pipe.clone();
                move || fs::write(pipe, "12345")
            });
            assert_eq!(read(&pipe, most).is_ok(), fits);
            writer.join().expect("no panic").expect("written");
        }
    }
}
