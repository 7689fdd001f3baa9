//! Counts by state and month.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Error, ErrorKind, Target};

/// Numbers by the name of a state, or `Total`, and by month, such as `2026-11`.
pub type Months = BTreeMap<String, BTreeMap<String, i64>>;

/// How many records there are in each state.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct StatusStatistics {
    /// Number of records.
    pub total: u64,
    /// Records that last changed in a month.
    pub month_status: Months,
    /// Records that last changed in a month or before.
    pub month_acc_status: Months,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// How many transforms there are in each state, and what they processed.
///
/// Files are outputs, bytes are those of inputs: the server does not know the size of outputs. The fields whose names end in
/// `by_type` are by the name of the type of transform first.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct TransformStatistics {
    /// Number of transforms.
    pub total: u64,
    /// Number of files processed.
    pub total_files: i64,
    /// Size of what was processed, in bytes.
    pub total_bytes: i64,
    /// Transforms that last changed in a month.
    pub month_status: Months,
    /// Transforms that last changed in a month or before.
    pub month_acc_status: Months,
    /// Files by month.
    pub month_processed_files: Months,
    /// Files in a month or before.
    pub month_acc_processed_files: Months,
    /// Bytes by month.
    pub month_processed_bytes: Months,
    /// Bytes in a month or before.
    pub month_acc_processed_bytes: Months,
    /// Transforms that last changed in a month, by type.
    pub month_status_dict_by_type: BTreeMap<String, Months>,
    /// Transforms that last changed in a month or before, by type.
    pub month_acc_status_dict_by_type: BTreeMap<String, Months>,
    /// Files by month, by type.
    pub month_processed_files_by_type: BTreeMap<String, Months>,
    /// Files in a month or before, by type.
    pub month_acc_processed_files_by_type: BTreeMap<String, Months>,
    /// Bytes by month, by type.
    pub month_processed_bytes_by_type: BTreeMap<String, Months>,
    /// Bytes in a month or before, by type.
    pub month_acc_processed_bytes_by_type: BTreeMap<String, Months>,
    /// Everything else the server sends, as it sends it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The server looks for the first month of what it found, and fails when it found nothing.
pub(super) fn explain(error: Error, target: Target) -> Error {
    match error.server() {
        Some(server) if server.message == "'NoneType' object has no attribute 'month'" => {
            Error::new(
                ErrorKind::NotFound,
                format!("there is nothing to count for {target}"),
            )
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use idds_workflow::RequestId;

    use super::*;
    use crate::transport::recorded::{client, read, replay};

    #[test]
    fn counts_are_read() {
        let call = client().monitor().request_statistics(RequestId::new(1));
        let statistics = replay(&call, "monitor_no_auth").expect("an answer");
        assert_eq!(statistics.total, 1);
        assert_eq!(statistics.month_status["Total"]["2026-11"], 1);
        assert_eq!(statistics.month_acc_status["Transforming"]["2026-11"], 1);
        assert!(statistics.rest.is_empty());
    }

    #[test]
    fn nothing_to_count_is_not_found() {
        let call = client().monitor().processing_statistics(RequestId::new(7));
        let body = r#"{"data": null, "status": 500, "error": {"ExceptionClass": "CoreException",
            "ExceptionMessage": "{\"msg\": \"'NoneType' object has no attribute 'month'\"}"}}"#;
        let error = read(&call, body).expect_err("nothing");
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (
                ErrorKind::NotFound,
                "there is nothing to count for request 7"
            )
        );
    }
}
