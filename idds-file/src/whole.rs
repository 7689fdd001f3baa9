//! A file that is written as a whole or not at all.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, fchown};
use std::path::{Component, Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::directory;

/// A file that is written as a whole or not at all, at a place that a person has named.
///
/// A regular file is replaced at once, and keeps its permissions; a symbolic link is followed to what it names. What is no
/// regular file, such as a device, a pipe or `/dev/stdout`, is never replaced: it is written into, when everything is there. So is a
/// file that cannot be replaced, because its directory cannot be written or it is mounted by itself.
///
/// ```
/// use std::io::Write;
///
/// use idds_file::WholeFile;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("report.html");
/// let mut file = WholeFile::create(&path)?;
/// file.write_all(b"<html>")?;
/// assert!(!path.exists());
/// file.finish()?;
/// assert_eq!(std::fs::read(&path)?, b"<html>");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a file is in its place when it is finished"]
pub struct WholeFile {
    /// What is written, until it is finished.
    file: File,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// It is beside the file that it will replace.
    Beside(TempPath, PathBuf),
    /// It will be copied into what is there.
    Into(Sink),
}

#[derive(Debug)]
enum Sink {
    Standard(Standard),
    /// What another open file of this process, or of another one, writes to.
    Descriptor(PathBuf),
    /// No regular file.
    Special(PathBuf),
    /// A regular file that cannot be replaced, open already.
    Regular(File),
}

#[derive(Clone, Copy, Debug)]
enum Standard {
    Output,
    Error,
}

/// Who may read a new file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Readers {
    /// Those whom the user's mask lets.
    Usual,
    /// Its owner, whoever could read the old one.
    Owner,
}

impl WholeFile {
    /// Begins a file with the permissions of the one that it replaces, or else those that the user's umask leaves.
    ///
    /// # Errors
    ///
    /// When nothing can be written there.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::begin(path.as_ref(), Readers::Usual)
    }

    /// Begins a file at a place whose name the program has chosen itself: a link there, or whatever it is besides a directory, is replaced
    /// and not followed.
    ///
    /// # Errors
    ///
    /// When nothing can be written there.
    pub fn own(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let old = match fs::symlink_metadata(path) {
            Ok(there) if there.is_dir() => {
                return Err(io::Error::new(
                    io::ErrorKind::IsADirectory,
                    "it is a directory",
                ));
            }
            there => there.ok().filter(Metadata::is_file),
        };
        let (file, new) = Self::beside(path, Readers::Usual)?;
        if let Some(old) = old {
            keep(&file, &old)?;
        }
        Ok(Self {
            file,
            place: Place::Beside(new, path.to_owned()),
        })
    }

    /// Begins a file that only its owner may read, and makes its directory if there is none.
    ///
    /// # Errors
    ///
    /// When nothing can be written there.
    pub fn private(path: &Path) -> io::Result<Self> {
        if let Named::File(path, _) = named(path)? {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(directory(&path))?;
        }
        Self::begin(path, Readers::Owner)
    }

    fn begin(path: &Path, readers: Readers) -> io::Result<Self> {
        let (path, old) = match named(path)? {
            Named::Sink(sink) => {
                return Ok(Self {
                    file: tempfile::tempfile()?,
                    place: Place::Into(sink),
                });
            }
            Named::File(path, old) => (path, old),
        };
        match (Self::beside(&path, readers), old) {
            (Ok((file, new)), old) => {
                if let Some(old) = old.filter(|_| readers == Readers::Usual) {
                    keep(&file, &old)?;
                }
                Ok(Self {
                    file,
                    place: Place::Beside(new, path),
                })
            }
            (Err(error), Some(_)) if is_fixed(&error) => {
                let old = OpenOptions::new().write(true).open(&path)?;
                Ok(Self {
                    file: tempfile::tempfile()?,
                    place: Place::Into(Sink::Regular(old)),
                })
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Makes the file that will take the place of another one.
    fn beside(path: &Path, readers: Readers) -> io::Result<(File, TempPath)> {
        let mode = if readers == Readers::Owner {
            0o600
        } else {
            0o666
        };
        let mut builder = tempfile::Builder::new();
        builder
            .prefix(".idds-")
            .suffix(".part")
            .permissions(Permissions::from_mode(mode));
        builder
            .tempfile_in(directory(path))
            .map(NamedTempFile::into_parts)
    }

    /// Returns what is written to until it is finished.
    pub fn as_file(&self) -> &File {
        &self.file
    }

    /// Writes this and puts the file in its place.
    ///
    /// # Errors
    ///
    /// Those of writing and of [`finish`](Self::finish).
    pub fn finish_with(mut self, content: impl AsRef<[u8]>) -> io::Result<()> {
        self.file.write_all(content.as_ref())?;
        self.finish()
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    ///
    /// When it cannot be made durable or put there; then the old one is unchanged, unless it had to be written into.
    pub fn finish(self) -> io::Result<()> {
        let Self { mut file, place } = self;
        let mut sink = match place {
            Place::Into(sink) => sink,
            Place::Beside(new, path) => {
                file.sync_all()?;
                match new.persist(&path) {
                    Ok(()) => return Ok(()),
                    Err(error) if is_fixed(&error.error) && path.exists() => {
                        Sink::Regular(OpenOptions::new().write(true).open(&path)?)
                    }
                    Err(error) => return Err(error.error),
                }
            }
        };
        file.rewind()?;
        sink.fill(&mut file)
    }

    /// Puts the file in its place when there is none yet, as [`finish`](Self::finish) does.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AlreadyExists`] when there is one, and those of [`finish`](Self::finish).
    pub fn finish_new(self) -> io::Result<()> {
        match self.place {
            Place::Beside(new, path) => {
                self.file.sync_all()?;
                new.persist_noclobber(path).map_err(|error| error.error)
            }
            Place::Into(Sink::Regular(_)) => Err(io::ErrorKind::AlreadyExists.into()),
            Place::Into(_) => self.finish(),
        }
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Sink {
    fn fill(&mut self, from: &mut File) -> io::Result<()> {
        let mut copy = |to: &mut dyn Write| {
            io::copy(from, to)?;
            to.flush()
        };
        match self {
            Self::Standard(Standard::Output) => copy(&mut io::stdout().lock()),
            Self::Standard(Standard::Error) => copy(&mut io::stderr().lock()),
            // What was written there before stays.
            Self::Descriptor(path) => copy(&mut OpenOptions::new().append(true).open(path)?),
            Self::Special(path) => copy(&mut OpenOptions::new().write(true).open(path)?),
            Self::Regular(file) => {
                file.set_len(0)?;
                copy(file)?;
                file.sync_all()
            }
        }
    }
}

/// Tells whether a path names something that is written into and never replaced; nothing is there to be overwritten, then.
pub fn is_special(path: &Path) -> bool {
    matches!(named(path), Ok(Named::Sink(_)))
}

/// What a path names.
enum Named {
    /// A regular file, or nothing yet.
    File(PathBuf, Option<Metadata>),
    Sink(Sink),
}

/// As many as Linux follows.
const MOST_LINKS: usize = 40;

/// Follows the links of a path.
fn named(path: &Path) -> io::Result<Named> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let metadata = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Named::File(path, None));
            }
            metadata => metadata?,
        };
        match metadata.file_type() {
            kind if kind.is_file() => return Ok(Named::File(path, Some(metadata))),
            kind if kind.is_dir() => {
                return Err(io::Error::new(
                    io::ErrorKind::IsADirectory,
                    "it is a directory",
                ));
            }
            kind if kind.is_symlink() => {
                if let Some(sink) = descriptor(&path)? {
                    return Ok(Named::Sink(sink));
                }
                path = directory(&path).join(fs::read_link(&path)?);
            }
            _ => return Ok(Named::Sink(Sink::Special(path))),
        }
    }
    Err(io::Error::other(
        "it is a link to a link to a link, without end",
    ))
}

/// Returns what a link in `/proc/PID/fd` stands for: an open file, whose name says less than the link does.
fn descriptor(link: &Path) -> io::Result<Option<Sink>> {
    let folder = fs::canonicalize(directory(link))?;
    let name = |part| {
        if let Component::Normal(name) = part {
            name.to_str()
        } else {
            None
        }
    };
    let parts: Vec<_> = folder.components().filter_map(name).collect();
    let ["proc", process, .., "fd"] = parts.as_slice() else {
        return Ok(None);
    };
    let is_ours = process.parse() == Ok(std::process::id());
    Ok(Some(
        match link.file_name().and_then(|name| name.to_str()) {
            Some("1") if is_ours => Sink::Standard(Standard::Output),
            Some("2") if is_ours => Sink::Standard(Standard::Error),
            _ => Sink::Descriptor(link.to_owned()),
        },
    ))
}

/// Gives a new file what the old one has besides its content.
fn keep(new: &File, old: &Metadata) -> io::Result<()> {
    // Only the administrator can give files away; for others, the new one is theirs, as with every editor.
    let _ = fchown(new, Some(old.uid()), Some(old.gid()));
    new.set_permissions(Permissions::from_mode(old.mode() & 0o7777))
}

/// Tells whether the file could perhaps be written though it cannot be replaced.
fn is_fixed(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    matches!(
        error.kind(),
        PermissionDenied | ReadOnlyFilesystem | ResourceBusy
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileTypeExt, symlink};

    use rustix::fs::{CWD, Mode, mkfifoat};

    use super::*;

    fn write(path: &Path, text: &str) {
        write_by(WholeFile::create(path), text);
    }

    fn write_by(file: io::Result<WholeFile>, text: &str) {
        file.and_then(|file| file.finish_with(text))
            .expect("written");
    }

    #[test]
    fn a_file_is_replaced_at_once_and_keeps_its_permissions() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("file");
        write(&path, "one");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("a mode");
        let before = File::open(&path).expect("a file");
        write(&path, "two");
        assert_eq!(io::read_to_string(before).expect("text"), "one");
        assert_eq!(fs::read_to_string(&path).expect("text"), "two");
        assert_eq!(fs::metadata(&path).expect("a mode").mode() & 0o777, 0o640);
        write_by(WholeFile::private(&path), "three");
        assert_eq!(fs::metadata(&path).expect("a mode").mode() & 0o777, 0o600);
        write_by(
            WholeFile::private(&root.path().join("new/deep/file")),
            "four",
        );
        assert_eq!(
            fs::metadata(root.path().join("new/deep"))
                .expect("a mode")
                .mode()
                & 0o777,
            0o700
        );
        drop(WholeFile::create(root.path().join("other")).expect("a file"));
        assert_eq!(
            fs::read_dir(root.path()).expect("a directory").count(),
            2,
            "what is not finished leaves nothing"
        );
    }

    #[test]
    fn a_link_stays_a_link_also_one_that_leads_nowhere_yet() {
        let root = tempfile::tempdir().expect("a directory");
        let path = |name: &str| root.path().join(name);
        fs::create_dir(path("inner")).expect("a directory");
        symlink("inner/target", path("link")).expect("linked");
        symlink("link", path("second")).expect("linked");
        symlink("loop", path("loop")).expect("linked");
        for text in ["new", "newer"] {
            write(&path("second"), text);
            assert_eq!(
                fs::read_to_string(path("inner/target")).expect("text"),
                text
            );
        }
        assert!(path("link").is_symlink() && path("second").is_symlink());
        assert!(WholeFile::create(path("loop")).is_err());
        assert_eq!(
            WholeFile::create(path("inner"))
                .expect_err("a directory")
                .kind(),
            io::ErrorKind::IsADirectory
        );
    }

    #[test]
    fn a_link_at_a_name_of_our_own_is_replaced() {
        let root = tempfile::tempdir().expect("a directory");
        let path = |name: &str| root.path().join(name);
        fs::write(path("target"), "mine").expect("written");
        symlink("target", path("link")).expect("linked");
        mkfifoat(CWD, path("pipe"), Mode::from_raw_mode(0o600)).expect("a pipe");
        for name in ["link", "pipe", "new"] {
            write_by(WholeFile::own(path(name)), "text");
            assert!(
                fs::symlink_metadata(path(name)).expect("a file").is_file(),
                "{name}"
            );
        }
        assert_eq!(fs::read_to_string(path("target")).expect("text"), "mine");
        assert_eq!(
            WholeFile::own(root.path()).expect_err("a directory").kind(),
            io::ErrorKind::IsADirectory
        );
    }

    #[test]
    fn what_is_no_regular_file_is_written_into() {
        let root = tempfile::tempdir().expect("a directory");
        let [pipe, link] = ["pipe", "link"].map(|name| root.path().join(name));
        mkfifoat(CWD, &pipe, Mode::from_raw_mode(0o600)).expect("a pipe");
        symlink(&pipe, &link).expect("linked");
        for path in [&pipe, &link] {
            let reader = std::thread::spawn({
                let pipe = pipe.clone();
                move || fs::read_to_string(pipe)
            });
            write(path, "text");
            assert_eq!(reader.join().expect("no panic").expect("text"), "text");
            assert!(fs::metadata(&pipe).expect("a pipe").file_type().is_fifo());
        }
        write(Path::new("/dev/null"), "text");
        assert!(
            fs::metadata("/dev/null")
                .expect("a device")
                .file_type()
                .is_char_device()
        );
        assert!(
            is_special(Path::new("/dev/stdout")) && is_special(&link) && !is_special(root.path())
        );
    }

    #[test]
    fn an_open_file_is_added_to() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("log");
        fs::write(&path, "before\n").expect("written");
        let open = OpenOptions::new().append(true).open(&path).expect("a file");
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&open);
        write(Path::new(&format!("/dev/fd/{descriptor}")), "after\n");
        assert_eq!(fs::read_to_string(&path).expect("text"), "before\nafter\n");
    }

    #[test]
    fn what_is_there_is_kept_where_only_a_new_file_is_wanted() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("file");
        fs::write(&path, "mine").expect("written");
        let error = WholeFile::create(&path)
            .and_then(WholeFile::finish_new)
            .expect_err("it is there");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).expect("text"), "mine");
    }
}
