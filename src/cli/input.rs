//! What is read from a file or from standard input.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::string::FromUtf8Error;

use anyhow::{Context, Result};
use idds::file;

/// Most bytes of a document that are read.
const MOST: u64 = 256 << 20;

/// Reads a file of any kind, or standard input for `-`; one without an end is an error.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    let bytes = if is_standard(path) {
        file::read_from(io::stdin().lock(), MOST)
    } else {
        file::read(path, MOST)
    };
    bytes.with_context(|| format!("{} cannot be read", name(path)))
}

/// Reads the text of a file, or of standard input for `-`.
pub async fn read(path: &Path) -> Result<String> {
    let owned = path.to_owned();
    let bytes = tokio::task::spawn_blocking(move || bytes(&owned)).await??;
    let wrong = |error: FromUtf8Error| io::Error::new(io::ErrorKind::InvalidData, no_text(&error));
    String::from_utf8(bytes)
        .map_err(wrong)
        .with_context(|| format!("{} cannot be read", name(path)))
}

/// Says why bytes are no text, and what would make them one.
fn no_text(error: &FromUtf8Error) -> String {
    let bytes = error.as_bytes();
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return "it is UTF-16 text, save it as UTF-8".to_owned();
    }
    if bytes.contains(&0) {
        return "it is not UTF-8 text".to_owned();
    }
    let (before, rest) = bytes.split_at(error.utf8_error().valid_up_to());
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let in_line = before
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let column = 1 + String::from_utf8_lossy(in_line).chars().count();
    let byte = rest.first().copied().unwrap_or_default();
    format!(
        "it is not UTF-8 text, save it as such: line {line}, column {column} has the byte 0x{byte:02x}"
    )
}

/// Returns how to call it.
pub fn name(file: &Path) -> Cow<'_, str> {
    if is_standard(file) {
        "standard input".into()
    } else {
        file.to_string_lossy()
    }
}

/// Returns where to write to: standard output for `-`.
pub fn destination(path: &Path) -> &Path {
    if is_standard(path) {
        Path::new(STANDARD_OUTPUT)
    } else {
        path
    }
}

/// Tells whether it is standard output that a file is written to, so that nothing else may be.
pub fn is_standard_output(path: &Path) -> bool {
    path == Path::new(STANDARD_OUTPUT)
}

const STANDARD_OUTPUT: &str = "/dev/stdout";

fn is_standard(file: &Path) -> bool {
    file == Path::new("-")
}
