//! The checks that the targets make; the tests of idds-workflow and idds-hpo make them on the inputs that were found.

#[path = "../../idds-hpo/tests/it/readers.rs"]
mod journals;
#[path = "../../idds-workflow/tests/it/readers.rs"]
mod readers;

/// Hands bytes to a reader.
pub fn check(reader: &str, bytes: &[u8]) {
    match reader {
        "journal" => journals::journal(bytes),
        _ => readers::check(reader, bytes),
    }
}
