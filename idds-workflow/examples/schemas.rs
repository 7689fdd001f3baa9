//! Writes the JSON Schemas of all documents to `schemas/`.
//!
//! ```text
//! cargo run -p idds-workflow --example schemas
//! ```

use std::fs;
use std::io::Error;

fn main() -> Result<(), Error> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas");
    fs::create_dir_all(folder)?;
    for (file, schema) in idds_workflow::schemas() {
        fs::write(format!("{folder}/{file}"), format!("{schema:#}\n"))?;
    }
    Ok(())
}
