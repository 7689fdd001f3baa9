//! The write-ahead journal of a search: everything that happened to it, on disk before it has an effect.

use std::io::{self, BufRead, Read};

mod error;
mod file;
mod line;
#[cfg(test)]
mod tests;

pub use self::error::{JournalError, JournalErrorKind};
pub use self::file::Journal;
pub(crate) use self::file::Place;
use self::line::BadLine;
use crate::entry::{Entry, Header};
use crate::history::History;

/// Longest line that is read: a point of a million parameters has room in it.
const LONGEST: u64 = 32 << 20;

/// Reads the lines of a journal; returns also how many bytes of them are whole.
///
/// What a killed process or a power cut leaves at the end, where no valid line follows, is no error.
fn read(mut bytes: impl BufRead) -> Result<Option<(History, u64)>, JournalError> {
    let unreadable = |error: io::Error| {
        JournalError::new(JournalErrorKind::File, "the journal cannot be read").caused_by(error)
    };
    let mut history: Option<History> = None;
    let mut whole = 0;
    let mut torn: Option<(usize, BadLine)> = None;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        (&mut bytes)
            .take(LONGEST + 1)
            .read_until(b'\n', &mut line)
            .map_err(unreadable)?;
        let is_foreign = || {
            !line::is_beginning_of_header(&line[..line.len().min(line::BEGINNING)])
                && !line::has_checksum(line.strip_suffix(b"\n").unwrap_or(&line))
        };
        if number == 1 && is_foreign() {
            return Err(JournalError::foreign());
        }
        if line.len() as u64 > LONGEST {
            return Err(JournalError::line(
                number,
                "line",
                format!("it is longer than {} MiB", LONGEST >> 20),
            ));
        }
        let entry = match line.strip_suffix(b"\n") {
            // The end of the file, or a line that is cut off.
            None => break,
            // Nothing but a valid line is of interest any more.
            Some(line) if torn.is_some() && !line::has_checksum(line) => continue,
            Some(line) => match line::read(line) {
                // What a kill cuts off has not its checksum.
                Err(bad) if bad.is_torn => {
                    torn = Some((number, bad));
                    continue;
                }
                read => match torn {
                    Some((number, bad)) => return Err(JournalError::bad(number, bad)),
                    None => read.map_err(|bad| JournalError::bad(number, bad))?,
                },
            },
        };
        let length = line.len() as u64;
        match &mut history {
            None => history = Some(begin(entry)?),
            Some(history) => history
                .check(&entry)
                .and_then(|()| history.apply(&entry))
                .map_err(|contradiction| {
                    JournalError::line(number, contradiction.field, contradiction.why)
                })?,
        }
        whole += length;
    }
    Ok(history.map(|history| (history, whole)))
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
        _ => Err(JournalError::line(
            1,
            "journal",
            "the first line must say what the journal is about",
        )),
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
    let known = read(bytes.as_slice())?;
    bytes.truncate(known.as_ref().map_or(0, |(_, whole)| *whole as usize));
    Ok(known.map(|(history, _)| history))
}
