//! Log files of requests.

use crate::api::files::{Download, Source};
use crate::{Client, Target};

/// The calls about log files.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
/// use idds_workflow::RequestId;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let archive: Exchange = serde_json::from_value(serde_json::json!({
/// #     "request": {"method": "GET", "path": "/idds/logs/null/7"},
/// #     "response": {"status": 200, "body_base64": "H4sIAAAAAAAA"},
/// # }))?;
/// # let recorded = Replay::new([archive]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// # let directory = tempfile::tempdir()?;
/// let logs = client.logs().download(RequestId::new(7)).to_directory(directory.path()).await?;
/// assert_eq!(logs.path, directory.path().join("logs_7.tar.gz"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Logs {
    client: Client,
}

impl Logs {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Downloads the directories of the jobs of a request, in one file (`tar.gz`).
    ///
    /// By a workload id alone, it has those of every request with that workload. Its own name is one that the server
    /// gives it, such as `request_1.logs.tar.gz`. There are none where jobs run far away from the server, on PanDA for instance.
    pub fn download(&self, target: impl Into<Target>) -> Download {
        Download::new(&self.client, Source::Logs(target.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use idds_workflow::{RequestId, WorkloadId};

    use super::*;
    use crate::transport::recorded::exchange;
    use crate::{Downloaded, Error, ErrorKind, Exchange, Replay};

    async fn download(
        exchange: Exchange,
        target: impl Into<Target>,
        path: &Path,
    ) -> Result<Downloaded, Error> {
        let replay = Replay::new([exchange]);
        let client = Client::builder("https://idds.example/idds")
            .transport(replay)
            .build()
            .expect("a client");
        client.logs().download(target).to_directory(path).await
    }

    #[tokio::test]
    async fn logs_get_the_name_that_the_server_gives_them() {
        let directory = tempfile::tempdir().expect("a directory");
        let logs = download(
            exchange("logs_download"),
            RequestId::new(1),
            directory.path(),
        )
        .await
        .expect("a file");
        assert_eq!(logs.path, directory.path().join("request_1.logs.tar.gz"));
        let bytes = fs::read(&logs.path).expect("read");
        assert_eq!(
            (bytes.len() as u64, &bytes[..2]),
            (logs.bytes, &[0x1f, 0x8b][..])
        );
        let workload = WorkloadId::new(77_000_001);
        assert!(
            download(
                exchange("logs_download_workload"),
                workload,
                directory.path()
            )
            .await
            .is_ok()
        );
    }

    #[tokio::test]
    async fn logs_without_a_name_get_that_of_the_python_client() {
        let directory = tempfile::tempdir().expect("a directory");
        let archive = serde_json::json!({
            "request": {"method": "GET", "path": "/idds/logs/7/1"},
            "response": {"status": 200, "body_base64": "H4sIAAAAAAAA"},
        });
        let exchange = serde_json::from_value(archive).expect("an exchange");
        let both = (RequestId::new(1), WorkloadId::new(7));
        let logs = download(exchange, both, directory.path())
            .await
            .expect("a file");
        assert_eq!(logs.path, directory.path().join("logs_7_1.tar.gz"));
    }

    #[tokio::test]
    async fn a_request_without_logs_is_told() {
        let directory = tempfile::tempdir().expect("a directory");
        let error = download(
            exchange("logs_download_none"),
            RequestId::new(3),
            directory.path(),
        )
        .await
        .expect_err("none");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(
            error.to_string(),
            "download logs failed: there are no log files of request 3"
        );
    }

    #[tokio::test]
    async fn what_is_no_archive_is_not_saved_as_one() {
        let directory = tempfile::tempdir().expect("a directory");
        for kind in ["text/plain", "application/octet-stream", ""] {
            let mut headers = serde_json::Map::new();
            if !kind.is_empty() {
                headers.insert("Content-Type".to_owned(), kind.into());
            }
            for body in ["we are back at noon", "\u{1f}", ""] {
                let exchange = serde_json::from_value(serde_json::json!({
                    "request": {"method": "GET", "path": "/idds/logs/null/1"},
                    "response": {"status": 200, "headers": headers, "body": body},
                }));
                let exchange = exchange.expect("an exchange");
                let error = download(exchange, RequestId::new(1), directory.path())
                    .await
                    .expect_err("no archive");
                assert_eq!(error.kind(), ErrorKind::Answer, "{kind} {body}");
            }
        }
        let mut left = fs::read_dir(directory.path()).expect("a directory");
        assert!(left.next().is_none());
    }
}
