//! A line of a journal: a checksum, a space, and JSON.

use crate::entry::Entry;
use crate::history::shortened;

/// Why a line is not one of a journal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BadLine {
    /// The field that is wrong, such as `checksum` or `evaluated.loss`.
    pub(super) field: String,
    pub(super) why: String,
    /// Whether it is such as a process leaves that is killed while it writes.
    pub(super) is_torn: bool,
}

impl BadLine {
    pub(super) fn new(field: &str, why: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            why: why.into(),
            is_torn: false,
        }
    }
}

/// Number of characters of a checksum.
const CHECKSUM: usize = 8;

/// Appends the line of an entry, with the line break.
pub(super) fn write(entry: &Entry, lines: &mut Vec<u8>) -> serde_json::Result<()> {
    let start = lines.len();
    lines.extend([b' '; CHECKSUM + 1]);
    serde_json::to_writer(&mut *lines, entry)?;
    let checksum = format!("{:08x}", crc32fast::hash(&lines[start + CHECKSUM + 1..]));
    lines[start..start + CHECKSUM].copy_from_slice(checksum.as_bytes());
    lines.push(b'\n');
    Ok(())
}

/// Reads a line without its line break.
pub(super) fn read(line: &[u8]) -> Result<Entry, BadLine> {
    let torn = |why: String| BadLine {
        is_torn: true,
        ..BadLine::new("checksum", why)
    };
    let Some((checksum, [b' ', json @ ..])) = line.split_at_checked(CHECKSUM) else {
        return Err(torn(
            "the line does not begin with eight hexadecimal digits and a space".to_owned(),
        ));
    };
    if !has_checksum(line) {
        let (found, expected) = (String::from_utf8_lossy(checksum), crc32fast::hash(json));
        return Err(torn(format!(
            "it is {found:?}, but that of the rest of the line is {expected:08x}"
        )));
    }
    if let Ok(entry) = serde_json::from_slice(json) {
        return Ok(entry);
    }
    // Once more, to learn which field it is.
    let mut reader = serde_json::Deserializer::from_slice(json);
    let entry: Result<Entry, _> = serde_path_to_error::deserialize(&mut reader);
    let entry = entry.map_err(|error| {
        BadLine::new(
            &error.path().to_string(),
            shortened(&error.inner().to_string()),
        )
    })?;
    reader
        .end()
        .map_err(|error| BadLine::new("line", error.to_string()))?;
    Ok(entry)
}

/// Tells whether a line begins with the checksum of the rest of it.
pub(super) fn has_checksum(line: &[u8]) -> bool {
    let Some((checksum, [b' ', json @ ..])) = line.split_at_checked(CHECKSUM) else {
        return false;
    };
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    let number = str::from_utf8(checksum)
        .ok()
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    checksum.iter().all(is_digit) && number == Some(crc32fast::hash(json))
}

/// So many bytes tell whether a file is a journal.
pub(super) const BEGINNING: usize = CHECKSUM + 1 + HEADER.len();

const HEADER: &[u8] = br#"{"journal":{"#;

/// Tells whether bytes can be the beginning of the first line of a journal.
pub(super) fn is_beginning_of_header(bytes: &[u8]) -> bool {
    let (checksum, rest) = bytes.split_at(bytes.len().min(CHECKSUM));
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let length = rest.len().min(HEADER.len());
    checksum.iter().all(u8::is_ascii_hexdigit) && rest[..length] == HEADER[..length]
}
