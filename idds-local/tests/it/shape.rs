//! The form of answers, for servers whose ids, times and points are their own.

use serde_json::{Map, Value};

/// Fields whose content is the real server's own business: how far the Python objects of the workflow are.
const INTERNAL: [&str; 5] = [
    "_loading",
    "processing_metadata",
    "request_metadata",
    "running_metadata",
    "work",
];

/// Headers of every answer, which are the HTTP server's own, or say that this is the embedded server.
pub(crate) const PLUMBING: [&str; 8] = [
    "connection",
    "content-length",
    "date",
    "referrer-policy",
    "server",
    "transfer-encoding",
    "x-idds-database",
    "x-idds-server",
];

/// Tells where the form of one value differs from that of another: keys, types, and enumerations.
///
/// Null goes with everything: which fields are null hangs on how far a request has come.
pub(crate) fn difference(ours: &Value, theirs: &Value, at: &str) -> Option<String> {
    match (ours, theirs) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Object(ours), Value::Object(theirs)) => {
            let is_enumeration = theirs.contains_key("class");
            let mut names: Vec<_> = ours
                .keys()
                .chain(theirs.keys())
                .map(|key| name(key))
                .filter(|name| !INTERNAL.contains(name))
                .collect();
            names.dedup();
            names
                .into_iter()
                .find_map(|key| match (member(ours, key), member(theirs, key)) {
                    (Some(ours), Some(theirs))
                        if is_enumeration && (key == "class" || key == "module") =>
                    {
                        (ours != theirs).then(|| format!("{at}/{key}: {ours}, not {theirs}"))
                    }
                    (Some(ours), Some(theirs)) => difference(ours, theirs, &format!("{at}/{key}")),
                    (None, _) => Some(format!("{at}/{key} is missing")),
                    (_, None) => Some(format!("{at}/{key} is not one of theirs")),
                })
        }
        (Value::Array(ours), Value::Array(theirs)) => match (ours.first(), theirs.first()) {
            (Some(ours), Some(theirs)) => difference(ours, theirs, &format!("{at}/0")),
            (None, None) => None,
            _ => Some(format!("{at} is empty on one side only")),
        },
        _ if std::mem::discriminant(ours) == std::mem::discriminant(theirs) => None,
        _ => Some(format!("{at}: {ours}, theirs is {theirs}")),
    }
}

/// Returns what a member is called: all months are called alike, as the recordings are of one and the tests run in another.
fn name(key: &str) -> &str {
    let is_month = key.len() == 7
        && key.bytes().enumerate().all(|(at, byte)| {
            if at == 4 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if is_month { "a month" } else { key }
}

fn member<'a>(object: &'a Map<String, Value>, called: &str) -> Option<&'a Value> {
    object
        .iter()
        .find(|(key, _)| name(key) == called)
        .map(|(_, value)| value)
}
