//! Splitting the flat rows of an answer into their parts.

use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{CollectionSummary, ProcessingSummary, RequestInfo, TransformSummary};
use crate::Error;
use crate::endpoint::{decode, read_at};

/// One object of the answer, which the typed parts take their keys from.
pub(super) struct Row {
    at: String,
    keys: Map<String, Value>,
}

impl Row {
    pub(super) fn read(response: &Response<Bytes>) -> Result<Vec<Self>, Error> {
        let rows: Vec<Map<String, Value>> = decode(response)?;
        Ok(rows
            .into_iter()
            .enumerate()
            .map(|(index, keys)| Self {
                at: format!("[{index}]"),
                keys,
            })
            .collect())
    }

    pub(super) fn transform(&mut self) -> Result<Option<TransformSummary>, Error> {
        let keys = self.take(|key| key.starts_with("transform_") && key != "transform_tag");
        self.part(keys, "transform_id", "")
    }

    pub(super) fn processing(&mut self) -> Result<Option<ProcessingSummary>, Error> {
        let keys = self.take(|key| {
            key.starts_with("processing_")
                && !matches!(key, "processing_transforms" | "processing_metadata")
        });
        self.part(keys, "processing_id", "")
    }

    /// Takes the collection whose keys begin with `role`, which is `input_` or `output_`.
    pub(super) fn collection(&mut self, role: &str) -> Result<Option<CollectionSummary>, Error> {
        let keys = self.take(|key| key.starts_with(role));
        let keys = keys
            .into_iter()
            .map(|(key, value)| (key[role.len()..].to_owned(), value))
            .collect();
        self.part(keys, "coll_id", role)
    }

    /// Takes one value as it is; null when there is none.
    pub(super) fn value(&mut self, key: &str) -> Value {
        self.keys.shift_remove(key).unwrap_or_default()
    }

    /// Takes all that is left.
    pub(super) fn request(self) -> Result<RequestInfo, Error> {
        read_at(Value::Object(self.keys), &self.at)
    }

    fn take(&mut self, is_wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
        let keys = std::mem::take(&mut self.keys);
        let (taken, left) = keys.into_iter().partition(|(key, _)| is_wanted(key));
        self.keys = left;
        taken
    }

    /// Reads a part, which is not there when it has no id.
    fn part<T: DeserializeOwned>(
        &self,
        keys: Map<String, Value>,
        id: &str,
        role: &str,
    ) -> Result<Option<T>, Error> {
        if keys.get(id).is_none_or(Value::is_null) {
            return Ok(None);
        }
        let at = if role.is_empty() {
            self.at.clone()
        } else {
            format!("{}.{role}", self.at)
        };
        read_at(Value::Object(keys), &at).map(Some)
    }
}
