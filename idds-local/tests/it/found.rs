//! Inputs that fuzzing has found: each broke something once, or is of a shape that did.

use std::fs;
use std::path::Path;

use crate::readers::{READERS, check};

#[test]
fn inputs_that_fuzzing_begins_with_or_has_found_break_nothing() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found");
    for (reader, _) in READERS {
        for entry in fs::read_dir(found.join(reader)).expect("tests/found is there") {
            let input = entry.expect("the folder is readable").path();
            println!("{}", input.display());
            check(reader, &fs::read(&input).expect("the input is readable"));
        }
    }
}
