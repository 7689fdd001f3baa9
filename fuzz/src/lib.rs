//! The checks that the targets make; the tests of the crates make them on the inputs that were found.

// What the files of `program` mean by the crate that they are in.
pub use idds_hpo::{Monitor, Verdict};

#[path = "../../idds-client/tests/it/readers.rs"]
mod client;
#[path = "../../idds-hpo/tests/it/readers.rs"]
mod journals;
#[path = "../../idds-workflow/tests/it/readers.rs"]
mod readers;
#[path = "../../idds-sampler/tests/it/steer.rs"]
mod steer;

#[path = "../../idds-hpo/src/program"]
mod program {
    #![expect(dead_code, reason = "what is read is handed in, and no program runs")]

    mod output;
    pub(crate) mod readers;
    mod tail;
    mod values;
}

/// Hands bytes to a reader.
pub fn check(reader: &str, bytes: &[u8]) {
    match reader {
        "journal" => journals::journal(bytes),
        "output" | "values" => program::readers::check(reader, bytes),
        "answer" | "configuration" | "certificate" | "token" => client::check(reader, bytes),
        _ => readers::check(reader, bytes),
    }
}

/// Hands bytes to every sampler.
pub fn steer(bytes: &[u8]) {
    steer::check(bytes);
}
