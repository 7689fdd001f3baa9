//! The file of a journal.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use idds_file::{Lock, LockError, open_named, open_own, open_regular};

use super::{JournalError, JournalErrorKind, line, read};
use crate::SearchResult;
use crate::entry::{Entry, Header};
use crate::history::History;

/// The write-ahead journal of a search, in a file that belongs to one driver at a time.
///
/// With it, a search survives its process: whenever that is killed, and when the machine loses power, running again for
/// the same request goes on. No finished evaluation is repeated, no loss is lost, and none is reported that the server
/// already has. [`Study::journal`](crate::Study::journal) turns it on.
///
/// # What it promises
///
/// A point goes through *leased*, *evaluated*, *reported* and *confirmed*: it is evaluated only when *leased* is on disk, its
/// loss is reported only when *evaluated* is on disk, and it is done when the server shows the loss. An evaluation that
/// a kill cut off is begun anew. A report that was perhaps under way then is settled by reading back: it is
/// sent again only when a look at the server that began later than [`SearchOptions::settling`](crate::SearchOptions::settling) shows no loss.
/// Should the server take longer than that to act on it, it gets the same loss twice, which changes nothing.
///
/// # Format
///
/// Text, one [`Entry`] a line. A line is the CRC-32 of the JSON after it (eight hexadecimal digits), a space, a JSON object
/// with one member, and a line break:
///
/// ```text
/// 16b0d5a7 {"journal":{"version":2,"request":1,"server":"http://127.0.0.1:4000/idds","identity":{ … }, … }}
/// 9557182f {"session":{"at":12,"pid":4711}}
/// 4c17f50a {"point":{"at":9120,"point":"1","parameters":{"A":1,"B":2.5}}}
/// 569102c6 {"leased":{"at":9120,"point":"1","slot":0}}
/// 1c420698 {"evaluated":{"at":15034,"point":"1","loss":1.25}}
/// 337d34ee {"reported":{"at":16201,"point":"1"}}
/// e98ec66e {"confirmed":{"at":67330,"point":"1","loss":1.25}}
/// ```
///
/// A point that is evaluated twice at once, as [`SearchOptions::speculate`](crate::SearchOptions::speculate) says, has two lines `leased`; its
/// lines `evaluated` and `intermediate` say by `attempt` which evaluation they are about (1, 2, …) when it is not the one begun
/// last; a line `failed` always does. A loss taken from another point with the same parameters says so by `same_as`.
///
/// Times count from the start of the search, in microseconds. `cut -c10- FILE | jq` shows it. Lines are only appended.
/// Damaged or incomplete lines at the end, where no valid one follows, are what a kill or a power cut leaves; they are cut
/// off before the next line is written. Damage anywhere else is an error with the number of the line and the field.
///
/// A journal may come from elsewhere. What no search has is refused with the number of the line: a line of more than 32 MiB, a point
/// with an id of more than 1000 bytes, more than 100,000 evaluations at once, and more than can be held in 1 GiB.
///
/// # Where it can be
///
/// The lock is that of [`File::try_lock`]. On Linux NFS clients it holds between machines, unless the file system is mounted
/// with `local_lock` or `nolock`. Where the file system has no locks, a file beside the journal stands for one, as
/// [`Lock`](idds_file::Lock) says.
///
/// # Whose it is
///
/// The first line says which request it is about: its number, when the server made it, the id of its workflow, and that of the
/// server's database, where the server tells. Another request that has the same number is refused, so that what was found
/// yesterday is never taken for what is asked today. A server whose database was restored from a copy may have lost losses that it
/// had confirmed: they are in the journal, and are reported again.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    lines: Vec<u8>,
    _lock: Lock,
}

impl Journal {
    /// Reads the whole history of a search from its journal, whether the search runs, is over, or was killed.
    ///
    /// # Errors
    ///
    /// [`JournalErrorKind::File`] when the file cannot be read, [`JournalErrorKind::Line`] for a damaged line, and
    /// [`JournalErrorKind::Other`] for another version of the format.
    pub fn read(path: impl AsRef<Path>) -> Result<SearchResult, JournalError> {
        let path = path.as_ref();
        let file = open_regular(path).map_err(|error| unopened(path, "cannot be read", error))?;
        Self::parsed(BufReader::new(file)).map_err(|error| error.at(path))
    }

    /// Reads the whole history of a search from the bytes of its journal.
    ///
    /// # Errors
    ///
    /// As [`Journal::read`].
    pub fn parse(bytes: &[u8]) -> Result<SearchResult, JournalError> {
        Self::parsed(bytes)
    }

    fn parsed(bytes: impl BufRead) -> Result<SearchResult, JournalError> {
        match read(bytes)? {
            Some((history, _)) => Ok(history.into_result()),
            None => Err(JournalError::line(
                1,
                "journal",
                "the process was killed before it had written a line",
            )),
        }
    }

    /// Takes a journal to go on with it, or begins one where there is none, for this process alone.
    pub(crate) fn open(place: &Place, header: Header) -> Result<(Self, History), JournalError> {
        let path = place.path();
        let opened = match place {
            Place::Named(path) => open_named(path),
            Place::Own(path) => open_own(path),
        };
        let file = opened.map_err(|error| unopened(path, "cannot be opened", error))?;
        let lock = Lock::take(&file, path).map_err(|error| match error {
            LockError::Failed(error) => failed(path, "cannot be locked", error),
            LockError::Held(by) => {
                let by = by.map(|held| format!(": {held}")).unwrap_or_default();
                let what = format!("another process runs the search with this journal{by}");
                JournalError::new(JournalErrorKind::InUse, what).at(path)
            }
            other => failed(path, "cannot be locked", io::Error::other(other)),
        })?;
        let known = read(BufReader::new(&file)).map_err(|error| error.at(path))?;
        let whole = known.as_ref().map_or(0, |(_, whole)| *whole);
        let mut journal = Self {
            path: path.to_owned(),
            file,
            lines: Vec::new(),
            _lock: lock,
        };
        let length = journal
            .file
            .metadata()
            .map_err(|error| journal.failed("cannot be read", error))?
            .len();
        if whole < length {
            journal
                .file
                .set_len(whole)
                .map_err(|error| journal.failed("cannot be cut", error))?;
        }
        journal
            .file
            .seek(SeekFrom::Start(whole))
            .map_err(|error| journal.failed("cannot be written", error))?;
        let history = match known {
            Some((history, _)) => {
                is_same(history.header(), &header).map_err(|error| error.at(path))?;
                history
            }
            None => {
                journal.append(&Entry::Journal(header.clone()))?;
                journal.flush()?;
                sync_folder(path)
                    .map_err(|error| journal.failed("cannot be made durable", error))?;
                History::new(header)
            }
        };
        Ok((journal, history))
    }

    /// Adds an entry, which is not durable before [`Journal::flush`].
    pub(crate) fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        line::write(entry, &mut self.lines)
            .map_err(|error| self.failed("cannot be written", error.into()))
    }

    /// Hands what was added to the operating system: a kill of the process does not lose it, a power cut may.
    pub(crate) fn write(&mut self) -> Result<(), JournalError> {
        let written = self.file.write_all(&self.lines);
        self.lines.clear();
        written.map_err(|error| self.failed("cannot be written", error))
    }

    /// Makes everything that was added durable.
    pub(crate) fn flush(&mut self) -> Result<(), JournalError> {
        self.write()?;
        self.file
            .sync_data()
            .map_err(|error| self.failed("cannot be made durable", error))
    }

    fn failed(&self, what: &str, error: io::Error) -> JournalError {
        failed(&self.path, what, error)
    }
}

fn failed(path: &Path, what: &str, error: io::Error) -> JournalError {
    JournalError::new(JournalErrorKind::File, format!("the journal {what}"))
        .caused_by(error)
        .at(path)
}

/// Says why a file cannot be opened: what is no regular file could be waited for, or read without end.
fn unopened(path: &Path, what: &str, error: io::Error) -> JournalError {
    let is = match error.kind() {
        io::ErrorKind::IsADirectory => "it is a directory",
        io::ErrorKind::InvalidInput
            if path.is_symlink() && path.metadata().map_or(true, |there| there.is_file()) =>
        {
            "it is a link that may be somebody else's and is not followed"
        }
        io::ErrorKind::InvalidInput => "it is a device or a pipe",
        _ => return failed(path, what, error),
    };
    JournalError::new(
        JournalErrorKind::File,
        format!("{is}, and a journal is a regular file"),
    )
    .at(path)
}

/// Where a journal is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Where a person says: a link is followed.
    Named(PathBuf),
    /// Where a program has chosen: a link is somebody else's.
    Own(PathBuf),
}

impl Place {
    fn path(&self) -> &Path {
        let (Self::Named(path) | Self::Own(path)) = self;
        path
    }
}

/// Checks that a journal is about what is to be searched. Addresses may change, requests and signs may not.
fn is_same(found: &Header, asked: &Header) -> Result<(), JournalError> {
    let other = |what| Err(JournalError::new(JournalErrorKind::Other, what));
    if found.request != asked.request {
        return other(format!(
            "it is the journal of request {} at {}, not of request {}; name another file for the journal",
            found.request, found.server, asked.request
        ));
    }
    if found.identity.differs_from(&asked.identity) {
        return other(format!(
            "it is the journal of request {} {} at {}, and request {} at {} is another one, {}; name another file for the \
             journal, or remove this one",
            found.request,
            found.identity,
            found.server,
            asked.request,
            asked.server,
            asked.identity
        ));
    }
    if found.direction != asked.direction {
        return other(format!(
            "the journal is one of a search that is to {}, not to {}",
            found.direction, asked.direction
        ));
    }
    Ok(())
}

/// Makes the name of a new file durable; elsewhere than on Unix there is no such call.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
