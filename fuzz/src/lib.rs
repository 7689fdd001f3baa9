//! The checks that the targets make; the tests of idds-workflow make them on the inputs that were found.

#[path = "../../idds-workflow/tests/it/readers.rs"]
mod readers;

/// Hands bytes to a reader.
pub fn check(reader: &str, bytes: &[u8]) {
    readers::check(reader, bytes);
}
