//! Inputs that fuzzing has found: each broke something once, or is of a shape that did.

use std::fs;
use std::path::Path;

use crate::readers::{self, READERS};

#[test]
fn inputs_that_fuzzing_begins_with_or_has_found_break_nothing() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found");
    for entry in fs::read_dir(&found).expect("tests/found is there") {
        let folder = entry.expect("tests/found is readable").path();
        let reader = folder
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        assert!(
            READERS.iter().any(|(name, _)| *name == reader),
            "no reader is called {reader}"
        );
        for entry in fs::read_dir(&folder).expect("the folder is readable") {
            let input = entry.expect("the folder is readable").path();
            println!("{}", input.display());
            readers::check(reader, &fs::read(&input).expect("the input is readable"));
        }
    }
}
