//! The checks that the targets make; the tests of the crates make them on the inputs that were found.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use idds_workflow::printable;

// What the files that are taken mean by the crates that they are in.
extern crate self as idds;
pub use idds_hpo::{Monitor, Verdict};
pub use idds_workflow as workflow;

#[path = "../../src/cli/request/logs/written.rs"]
mod written;

#[path = "../../idds-client/tests/it/readers.rs"]
mod client;
#[path = "../../idds-hpo/tests/it/readers.rs"]
mod journals;
#[path = "../../idds-local/tests/it/readers.rs"]
mod local;
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

#[path = "../../idds-local/src"]
mod server {
    mod extent;
    mod form;
    pub(crate) mod readers;
}

/// Hands bytes to a reader.
pub fn check(reader: &str, bytes: &[u8]) {
    match reader {
        "journal" => journals::journal(bytes),
        "output" | "values" => program::readers::check(reader, bytes),
        "answer" | "configuration" | "certificate" | "token" => client::check(reader, bytes),
        "plan" | "request" | "rucio" | "storage" => local::check(reader, bytes),
        "extent" | "form" => server::readers::check(reader, bytes),
        "archive" => archive(bytes),
        _ => readers::check(reader, bytes),
    }
}

/// What a server says is an archive of logs: compressed, and not yet.
fn archive(bytes: &[u8]) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("written");
    let packed = encoder.finish().expect("compressed");
    for archive in [bytes, &packed] {
        let mut written = written::Written::default();
        for is_last in [false, true] {
            let tell = |line: written::Line<'_>| {
                // A tabulator moves, and is not obeyed otherwise.
                let text = line.line.replace('\t', "");
                assert_eq!(printable(&text), text, "it is obeyed by a terminal");
                Ok(())
            };
            // What is no archive is an error.
            let _ = written.take(archive, |_| true, is_last, tell);
        }
    }
}

/// Hands bytes to every sampler.
pub fn steer(bytes: &[u8]) {
    steer::check(bytes);
}
