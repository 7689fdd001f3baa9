//! When two payloads say the same.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

/// Compares two payloads: 5 and 5.0 differ, the order of keys does not count, ids may be other ones throughout, and
/// compressed values are compared unpacked, and the order of tasks that are depended on does not count.
#[derive(Default)]
pub(super) struct Comparison {
    pub(super) differences: Vec<String>,
    ids: HashMap<String, String>,
}

impl Comparison {
    pub(super) fn compare(&mut self, ours: &Value, recorded: &Value, place: &str) {
        match (ours, recorded) {
            (Value::Object(ours), Value::Object(recorded))
                if recorded.keys().any(|key| is_id(key)) =>
            {
                self.differ_if(ours.len() != recorded.len(), || {
                    format!("{place} has another number of entries")
                });
                for ((own_key, own), (key, value)) in ours.iter().zip(recorded) {
                    self.compare_ids(own_key, key, place);
                    self.compare(own, value, &format!("{place}.{key}"));
                }
            }
            (Value::Object(ours), Value::Object(recorded)) => {
                for (key, value) in recorded {
                    let place = format!("{place}.{key}");
                    match ours.get(key) {
                        Some(own) => self.compare(own, value, &place),
                        None => self.differ_if(true, || format!("{place} is missing")),
                    }
                }
                for key in ours.keys().filter(|key| !recorded.contains_key(*key)) {
                    self.differ_if(true, || format!("{place}.{key} is too much"));
                }
            }
            // Python collects these in a set.
            (Value::Array(ours), Value::Array(recorded))
                if place.ends_with(".dependency_tasks") =>
            {
                let sorted = |tasks: &Vec<Value>| {
                    tasks.iter().map(Value::to_string).collect::<BTreeSet<_>>()
                };
                self.differ_if(sorted(ours) != sorted(recorded), || {
                    format!("{place} holds other tasks")
                });
            }
            (Value::Array(ours), Value::Array(recorded)) if ours.len() == recorded.len() => {
                for (index, (own, value)) in ours.iter().zip(recorded).enumerate() {
                    self.compare(own, value, &format!("{place}[{index}]"));
                }
            }
            (Value::String(own), Value::String(value)) if is_id(own) && is_id(value) => {
                self.compare_ids(own, value, place);
            }
            (Value::String(own), Value::String(value)) if value.starts_with(ZIPPED) => {
                self.compare(&unzip(own), &unzip(value), place);
            }
            _ => self.differ_if(ours != recorded, || {
                format!("{place} is {ours}, recorded is {recorded}")
            }),
        }
    }

    fn compare_ids(&mut self, own: &str, recorded: &str, place: &str) {
        let known = self
            .ids
            .entry(own.to_owned())
            .or_insert_with(|| recorded.to_owned())
            .clone();
        self.differ_if(known != recorded, || {
            format!("{place}: {own} is {known} elsewhere and {recorded} here")
        });
    }

    fn differ_if(&mut self, differs: bool, what: impl FnOnce() -> String) {
        if differs {
            self.differences.push(what());
        }
    }
}

const ZIPPED: &str = "idds_zip:";

fn unzip(text: &str) -> Value {
    let bytes = text
        .strip_prefix(ZIPPED)
        .and_then(|text| BASE64.decode(text).ok())
        .unwrap_or_default();
    serde_json::from_reader(flate2::read::ZlibDecoder::new(&*bytes)).unwrap_or_default()
}

/// A payload with all compressed values unpacked, whose text depends on the version of the compressing library.
pub(super) fn unzipped(payload: Value) -> Value {
    match payload {
        Value::String(text) if text.starts_with(ZIPPED) => json!({ ZIPPED: unzip(&text) }),
        Value::Array(items) => items.into_iter().map(unzipped).collect(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (key, unzipped(value)))
            .collect(),
        other => other,
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 8
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}
