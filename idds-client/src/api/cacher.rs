//! Files that the server keeps for its jobs.

use std::path::PathBuf;

use crate::api::files::{Download, Source, Upload};
use crate::{Body, Client};

/// The calls about files of the cacher: sandboxes, inputs of jobs, and what else they fetch.
///
/// It has no directories, no owners and no list: anybody whom the server lets in may read and replace every file of which he
/// knows the name.
///
/// ```
/// # use idds_client::{Exchange, Replay};
/// use idds_client::Client;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let recorded = Replay::new([
/// #     Exchange::new("POST", "/idds/cacher/input.txt", 200, r#"{"filename": "input.txt"}"#),
/// #     Exchange::new("GET", "/idds/cacher/input.txt", 200, "hello"),
/// # ]);
/// # let client = Client::builder("https://idds.example:443/idds").transport(recorded).build()?;
/// # let directory = tempfile::tempdir()?;
/// let path = directory.path().join("input.txt");
/// std::fs::write(&path, "hello")?;
/// let uploaded = client.cacher().upload(&path).await?;
/// println!("{} bytes are at {}", uploaded.bytes, uploaded.url);
///
/// // A file that is there is not replaced, unless one says `overwrite()`.
/// let copy = client.cacher().download("input.txt").to_file(directory.path().join("copy.txt"));
/// let copy = copy.on_progress(|progress| println!("{} bytes", progress.done)).await?;
/// assert_eq!(std::fs::read_to_string(copy.path)?, "hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cacher {
    client: Client,
}

impl Cacher {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Uploads a file of this machine to the cacher, under its name without the directory.
    ///
    /// The Python client does not say who asks, so the server refuses the file, and the client does not look at the answer.
    pub fn upload(&self, path: impl Into<PathBuf>) -> Upload {
        Upload::file(&self.client, path.into())
    }

    /// Uploads a body that is not a file to the cacher, under this name.
    pub fn upload_body(&self, name: impl Into<String>, body: impl Into<Body>) -> Upload {
        Upload::body(&self.client, name.into(), body.into())
    }

    /// Downloads a file of the cacher to this machine.
    pub fn download(&self, name: impl Into<String>) -> Download {
        Download::new(&self.client, Source::Cacher(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::{Arc, Mutex};

    use http::header::CONTENT_TYPE;
    use http::{Method, Request, Response};

    use super::*;
    use crate::transport::recorded::exchange;
    use crate::{BoxFuture, Error, ErrorKind, Replay, TransferProgress, Transport};

    fn replaying(names: &[&str]) -> (Cacher, Arc<Replay>) {
        let replay = Arc::new(Replay::new(names.iter().map(|name| exchange(name))));
        let client = Client::builder("https://idds.example/idds")
            .transport(replay.clone())
            .build()
            .expect("a client");
        (client.cacher(), replay)
    }

    #[tokio::test]
    async fn a_file_is_sent_as_it_is_under_its_base_name() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("hello.txt");
        fs::write(&path, "hello\nworld\n").expect("written");
        let (cacher, replay) = replaying(&["cacher_upload"]);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let listener = seen.clone();
        let upload = cacher
            .upload(&path)
            .on_progress(move |progress| listener.lock().expect("no panic").push(progress));
        let uploaded = upload.await.expect("an answer");
        assert_eq!((uploaded.name.as_str(), uploaded.bytes), ("hello.txt", 12));
        assert_eq!(uploaded.url, "https://idds.example/idds/cacher/hello.txt");
        assert_eq!(
            *seen.lock().expect("no panic"),
            [TransferProgress {
                done: 12,
                total: Some(12)
            }]
        );
        let [sent] = <[_; 1]>::try_from(replay.sent()).expect("one request");
        assert_eq!(
            (sent.method(), sent.body().as_ref()),
            (&Method::POST, &b"hello\nworld\n"[..])
        );
        assert_eq!(sent.headers()[CONTENT_TYPE], "application/octet-stream");
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_or_has_no_name_is_not_sent() {
        let (cacher, replay) = replaying(&[]);
        let error = cacher.upload("/nowhere/file").await.expect_err("missing");
        assert_eq!(error.kind(), ErrorKind::File);
        assert_eq!(
            error.to_string(),
            "upload failed: the file /nowhere/file cannot be read"
        );
        assert_eq!(
            cacher.upload("/").await.expect_err("no name").kind(),
            ErrorKind::Argument
        );
        assert_eq!(
            cacher
                .upload_body("a/b", "x")
                .await
                .expect_err("a directory")
                .kind(),
            ErrorKind::Argument
        );
        assert!(replay.sent().is_empty());
    }

    #[tokio::test]
    async fn a_refused_upload_is_an_error() {
        let (cacher, _) = replaying(&["cacher_upload_client"]);
        let error = cacher
            .upload_body("hello.txt", "hello\nworld\n")
            .await
            .expect_err("refused");
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::Unauthorized, Some("upload"))
        );
    }

    /// A server that closes in the midst of a body, and has this status for others.
    struct Closing(u16);

    impl Transport for Closing {
        fn send(
            &self,
            _: Request<bytes::Bytes>,
        ) -> BoxFuture<'_, Result<Response<bytes::Bytes>, Error>> {
            let answer = Response::builder()
                .status(self.0)
                .body(r#"{"Status": "OK"}"#.into())
                .expect("an answer");
            Box::pin(std::future::ready(Ok(answer)))
        }

        fn stream(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, Error>> {
            Box::pin(async { Err(Error::new(ErrorKind::Interrupted, "closed")) })
        }
    }

    #[tokio::test]
    async fn an_upload_that_breaks_because_nobody_is_let_in_says_so() {
        for (status, kind) in [
            (401, ErrorKind::Unauthorized),
            (200, ErrorKind::Interrupted),
        ] {
            let client = Client::builder("https://idds.example/idds")
                .transport(Closing(status))
                .build();
            let error = client
                .expect("a client")
                .cacher()
                .upload_body("x", "big")
                .await
                .expect_err("closed");
            assert_eq!((error.kind(), error.operation()), (kind, Some("upload")));
            assert_eq!(error.request(), Some((&Method::POST, "/cacher/x")));
        }
    }

    #[tokio::test]
    async fn a_file_is_downloaded_byte_by_byte() {
        let directory = tempfile::tempdir().expect("a directory");
        let (cacher, _) = replaying(&["cacher_download_binary"]);
        let downloaded = cacher
            .download("hello.bin")
            .to_directory(directory.path())
            .await
            .expect("a file");
        assert_eq!(
            (downloaded.path.clone(), downloaded.bytes),
            (directory.path().join("hello.bin"), 256)
        );
        assert_eq!(
            fs::read(downloaded.path).expect("read"),
            (0..=255).collect::<Vec<u8>>()
        );
        assert_eq!(
            fs::read_dir(directory.path()).expect("a directory").count(),
            1
        );
    }

    #[tokio::test]
    async fn a_file_that_is_there_is_replaced_only_when_asked() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("mine.txt");
        fs::write(&path, "mine").expect("written");
        let (cacher, replay) = replaying(&["cacher_download"]);
        let error = cacher
            .download("hello.txt")
            .to_file(&path)
            .await
            .expect_err("there");
        assert_eq!(error.kind(), ErrorKind::File);
        assert!(replay.sent().is_empty());
        cacher
            .download("hello.txt")
            .to_file(&path)
            .overwrite()
            .await
            .expect("a file");
        assert_eq!(fs::read_to_string(&path).expect("read"), "hello\nworld\n");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_downloaded_file_can_be_read_by_whoever_may_read_new_files() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().expect("a directory");
        let (cacher, _) = replaying(&["cacher_download"]);
        let downloaded = cacher
            .download("hello.txt")
            .to_directory(directory.path())
            .await
            .expect("a file");
        let new = directory.path().join("new");
        fs::write(&new, "").expect("written");
        let mode = |path| fs::metadata(path).expect("a file").permissions().mode();
        assert_eq!(mode(downloaded.path), mode(new));
    }

    #[tokio::test]
    async fn an_unknown_file_leaves_nothing_behind() {
        let directory = tempfile::tempdir().expect("a directory");
        let (cacher, _) = replaying(&["cacher_download_unknown"]);
        let error = cacher
            .download("nothing.txt")
            .to_directory(directory.path())
            .await
            .expect_err("unknown");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(
            error.to_string(),
            "download failed: the cacher has no file \"nothing.txt\""
        );
        assert_eq!(
            fs::read_dir(directory.path()).expect("a directory").count(),
            0
        );
    }

    /// A server whose connections break after some bytes, and which may know ranges.
    struct Breaking {
        tag: Mutex<u32>,
        is_changing: bool,
    }

    const TEXT: &str = "hello\nworld\n";

    impl Transport for Breaking {
        fn send(
            &self,
            _: Request<bytes::Bytes>,
        ) -> BoxFuture<'_, Result<Response<bytes::Bytes>, Error>> {
            Box::pin(async { Err(Error::new(ErrorKind::Connect, "only streams")) })
        }

        fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, Error>> {
            let mut tag = self.tag.lock().expect("no panic");
            let current = format!("\"{tag}\"");
            let is_same = request
                .headers()
                .get("if-range")
                .is_some_and(|it| it == current.as_str());
            let range = request
                .headers()
                .get("range")
                .filter(|_| is_same)
                .map(|range| range.to_str().expect("text"));
            let start: usize = range.map_or(0, |range| {
                range["bytes=".len()..range.len() - 1]
                    .parse()
                    .expect("a number")
            });
            if self.is_changing && *tag < 2 {
                *tag += 1;
            }
            let is_last = !self.is_changing || *tag == 2 && start == 0 && !is_same;
            let rest = &TEXT[start..];
            let piece = if is_last && self.is_changing {
                rest
            } else {
                &rest[..rest.len().min(5)]
            };
            let body = Body::from(piece);
            let body = Body::new(Some(rest.len() as u64), body);
            let mut response = Response::new(body);
            response
                .headers_mut()
                .insert("etag", current.parse().expect("a tag"));
            if start > 0 {
                *response.status_mut() = http::StatusCode::PARTIAL_CONTENT;
                let range = format!("bytes {start}-{}/{}", TEXT.len() - 1, TEXT.len());
                response
                    .headers_mut()
                    .insert("content-range", range.parse().expect("a range"));
            }
            Box::pin(std::future::ready(Ok(response)))
        }
    }

    async fn broken(is_changing: bool) -> String {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("f");
        let transport = Breaking {
            tag: Mutex::new(0),
            is_changing,
        };
        let client = Client::builder("https://idds.example/idds")
            .transport(transport)
            .build()
            .expect("a client");
        client
            .cacher()
            .download("f")
            .to_file(&path)
            .await
            .expect("a file");
        fs::read_to_string(path).expect("read")
    }

    #[tokio::test]
    async fn a_download_that_breaks_goes_on_where_it_was() {
        assert_eq!(broken(false).await, TEXT);
    }

    #[tokio::test]
    async fn a_file_that_changed_meanwhile_is_not_pieced_together() {
        assert_eq!(broken(true).await, TEXT);
    }
}
