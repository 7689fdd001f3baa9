//! A line of a journal: a checksum, a space, and JSON.

use super::Entry;

/// Why a line is not one of a journal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BadLine {
    /// The field that is wrong, such as `checksum` or `evaluated.loss`.
    pub(super) field: String,
    pub(super) why: String,
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
    let bad = |field: &str, why: String| BadLine { field: field.to_owned(), why };
    let Some((checksum, [b' ', json @ ..])) = line.split_at_checked(CHECKSUM) else {
        return Err(bad("checksum", "the line does not begin with eight hexadecimal digits and a space".to_owned()));
    };
    let expected = format!("{:08x}", crc32fast::hash(json));
    if checksum != expected.as_bytes() {
        let found = String::from_utf8_lossy(checksum);
        return Err(bad("checksum", format!("it is {found:?}, but that of the rest of the line is {expected}")));
    }
    let mut json = serde_json::Deserializer::from_slice(json);
    let entry: Entry = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| bad(&error.path().to_string(), error.inner().to_string()))?;
    json.end().map_err(|error| bad("line", error.to_string()))?;
    Ok(entry)
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
