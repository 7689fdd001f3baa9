//! The write-ahead journal of a search: everything that happened to it, on disk before it has an effect.

mod entry;
mod error;
mod file;
mod identity;
mod line;
#[cfg(test)]
mod tests;

pub use self::entry::{Entry, Header};
pub use self::error::{JournalError, JournalErrorKind};
pub use self::file::Journal;
pub use self::identity::RequestIdentity;
use self::line::BadLine;
use crate::history::History;

/// Reads the lines of a journal; returns also how many bytes of them are whole.
///
/// What a killed process or a power cut leaves at the end, where no valid line follows, is no error.
fn read(bytes: &[u8]) -> Result<Option<(History, usize)>, JournalError> {
    let mut history: Option<History> = None;
    let mut whole = 0;
    let mut torn: Option<(usize, BadLine)> = None;
    for (number, line) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        let entry = match line.strip_suffix(b"\n").map(line::read) {
            None => break,
            Some(Err(bad)) => {
                torn.get_or_insert((number, bad));
                continue;
            }
            Some(Ok(entry)) => entry,
        };
        if let Some((number, BadLine { field, why })) = torn {
            return Err(JournalError::line(number, &field, why));
        }
        match &mut history {
            None => history = Some(begin(entry)?),
            Some(history) => history
                .apply(&entry)
                .map_err(|contradiction| JournalError::line(number, contradiction.field, contradiction.why))?,
        }
        whole += line.len();
    }
    match history {
        Some(history) => Ok(Some((history, whole))),
        None if line::is_beginning_of_header(bytes) => Ok(None),
        None if !line::is_beginning_of_header(&bytes[..bytes.len().min(line::BEGINNING)]) => {
            Err(JournalError::foreign())
        }
        None => {
            let bad = torn.map_or_else(|| line::read(bytes).err(), |(_, bad)| Some(bad));
            let BadLine { field, why } =
                bad.unwrap_or(BadLine { field: "line".to_owned(), why: "it has no end".to_owned() });
            Err(JournalError::line(1, &field, why))
        }
    }
}

fn begin(entry: Entry) -> Result<History, JournalError> {
    match entry {
        Entry::Journal(header) if header.version == Header::VERSION => Ok(History::new(header)),
        Entry::Journal(header) => {
            let what = format!(
                "it is a journal of version {} of the format, and this program reads version {}; begin a new one in another file",
                header.version,
                Header::VERSION
            );
            Err(JournalError::new(JournalErrorKind::Other, what))
        }
        _ => Err(JournalError::line(1, "journal", "the first line must say what the journal is about")),
    }
}

/// Appends the lines of entries, as [`Journal`] does.
#[cfg(test)]
pub(crate) fn lines(entries: &[Entry], bytes: &mut Vec<u8>) {
    for entry in entries {
        line::write(entry, bytes).expect("entries are JSON");
    }
}

/// Reads what a process left and cuts off a torn end, as [`Journal`] does.
#[cfg(test)]
pub(crate) fn resume(bytes: &mut Vec<u8>) -> Result<Option<History>, JournalError> {
    let known = read(bytes)?;
    bytes.truncate(known.as_ref().map_or(0, |(_, whole)| *whole));
    Ok(known.map(|(history, _)| history))
}
