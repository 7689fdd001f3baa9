//! What holds for any bytes that are taken for JSON or for a form: what is measured without being read is what a reader finds, and
//! what is made into JSON means what it meant. The targets in `fuzz/`, which take this file and its neighbours, look for bytes for
//! which this does not hold.

use bytes::Bytes;
use serde_json::Value;

use super::extent::Extent;
use super::form;

/// Hands bytes to a reader, by the name of its target.
pub(crate) fn check(reader: &str, bytes: &[u8]) {
    match reader {
        "extent" => extent(bytes),
        "form" => in_a_form(bytes),
        other => panic!("no reader is called {other}"),
    }
}

fn extent(bytes: &[u8]) {
    let extent = Extent::of(bytes);
    let strict = extent.strict(bytes);
    assert!(strict.len() <= 2 * bytes.len() + 2, "{}", strict.len());
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let (values, depth) = counted(&value);
    // Of members of the same name, only the last one is left.
    assert!(extent.values >= values, "{extent:?}, {values}");
    assert!(extent.depth >= depth, "{extent:?}, {depth}");
    assert_eq!(serde_json::from_slice::<Value>(&strict).ok(), Some(value));
}

/// Returns how many values there are, and how many levels of lists and objects.
fn counted(value: &Value) -> (usize, usize) {
    let sum = |inner: &mut dyn Iterator<Item = &Value>| {
        let (values, depth) = inner
            .map(counted)
            .fold((0, 0), |(sum, most), (values, depth)| {
                (sum + values, depth.max(most))
            });
        (values + 1, depth + 1)
    };
    match value {
        Value::Array(items) => sum(&mut items.iter()),
        Value::Object(members) => sum(&mut members.values()),
        _ => (1, 0),
    }
}

/// The first line is what stands between the parts, the rest is the form.
fn in_a_form(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (boundary, body) = bytes.split_at(end);
    let boundary = String::from_utf8_lossy(boundary);
    for body in [body, body.get(1..).unwrap_or_default()] {
        if let Some((name, content)) = form::file(&Bytes::copy_from_slice(body), &boundary) {
            assert!(!name.contains(['/', '\\']), "{name:?}");
            assert!(content.len() < body.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn inputs_that_fuzzing_has_found_break_nothing() {
        let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found");
        for reader in ["extent", "form"] {
            for entry in fs::read_dir(found.join(reader)).expect("tests/found is there") {
                let path = entry.expect("tests/found is readable").path();
                println!("{}", path.display());
                super::check(reader, &fs::read(&path).expect("the input is readable"));
            }
        }
    }
}
