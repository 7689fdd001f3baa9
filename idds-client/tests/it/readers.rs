//! What holds for any bytes from elsewhere that the client reads: it may refuse them, but it neither panics nor shows what is secret,
//! and what it says is text that a terminal does not obey. The targets in `fuzz/` look for bytes for which this does not hold.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use idds_client::{
    BoxFuture, Client, Configuration, Error, Retry, Secret, ServerError, TokenFile, TokenInfo,
    TransformId, Transport, X509,
};
use idds_workflow::{RequestId, WorkloadId, printable};
use tokio::runtime::{Builder, Runtime};

/// A reader and its name, which is that of its target in `fuzz/` and of its folder of inputs in `tests/found/`.
type Reader = (&'static str, fn(&[u8]));

/// All readers.
pub(crate) const READERS: [Reader; 4] = [
    ("answer", answer),
    ("configuration", configuration),
    ("certificate", certificate),
    ("token", token),
];

/// Hands bytes to a reader.
pub(crate) fn check(reader: &str, bytes: &[u8]) {
    let (_, read) = READERS
        .iter()
        .find(|(name, _)| *name == reader)
        .expect("a reader has this name");
    read(bytes);
}

/// A server that says the same to everybody.
struct Says(StatusCode, Vec<(HeaderName, HeaderValue)>, Bytes);

impl Says {
    /// Reads an answer: its status, headers, an empty line and its body.
    fn read(bytes: &[u8]) -> Self {
        let (mut status, mut headers, mut rest) = (StatusCode::OK, Vec::new(), bytes);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line = &rest[..end];
            rest = &rest[end + 1..];
            if line.is_empty() {
                break;
            }
            if let Ok(code) = StatusCode::from_bytes(line) {
                status = code;
            } else if let Some(at) = line.iter().position(|byte| *byte == b':')
                && let (Ok(name), Ok(value)) = (
                    HeaderName::from_bytes(line[..at].trim_ascii()),
                    HeaderValue::from_bytes(line[at + 1..].trim_ascii()),
                )
            {
                headers.push((name, value));
            }
        }
        Self(status, headers, Bytes::copy_from_slice(rest))
    }
}

impl Transport for Says {
    fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Error>> {
        let mut response = Response::new(self.2.clone());
        *response.status_mut() = self.0;
        for (name, value) in &self.1 {
            response.headers_mut().append(name, value.clone());
        }
        Box::pin(async { Ok(response) })
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
}

/// An answer of a server, with its headers, to calls of every kind.
fn answer(bytes: &[u8]) {
    let client = Client::builder("https://idds.example:443/idds")
        .transport(Says::read(bytes))
        .retry(Retry::none());
    let client = client.build().expect("a client");
    let (request, task) = (RequestId::new(7), WorkloadId::new(7));
    let folder = tempfile::tempdir().expect("a directory");
    runtime().block_on(async {
        said(client.ping().await);
        said(client.requests().get(request).await);
        said(
            client
                .requests()
                .get(request)
                .metadata()
                .await
                .map(|stored| {
                    stored
                        .iter()
                        .map(|stored| format!("{:?}", stored.decode().is_ok()))
                        .collect::<Vec<_>>()
                }),
        );
        said(client.requests().status_report(request).await);
        said(client.requests().abort(request).await);
        said(client.requests().abort_task(request, task).await);
        said(client.hpo().get(request).await);
        said(client.hpo().update(request, &"1".into(), 0.5).await);
        said(client.messages().get(request).await);
        said(client.transforms().list(request).await);
        said(client.transforms().get(request, TransformId::new(7)).await);
        said(client.catalog().collections().await);
        said(client.catalog().contents().await);
        said(client.catalog().contents_output_ext(request).await);
        said(client.monitor().requests(request).await);
        said(client.monitor().relations(request).await);
        said(client.monitor().transform_statistics(request).await);
        said(client.auth().sign_in_url("vo").await);
        said(client.auth().token("vo", "device code").await);
        said(client.probe().await);
        said(
            client
                .logs()
                .download(request)
                .to_directory(folder.path())
                .await,
        );
        said(
            client
                .cacher()
                .download("a.txt")
                .to_directory(folder.path())
                .overwrite()
                .await,
        );
    });
    for entry in fs::read_dir(folder.path()).expect("a directory") {
        let name = entry
            .expect("a directory")
            .file_name()
            .into_string()
            .expect("text");
        assert!(
            name == "a.txt" || (name.ends_with(".tar.gz") && !name.starts_with(['.', '-'])),
            "{name:?}"
        );
    }
}

/// What comes of it can be shown, and is not obeyed.
fn said<T: std::fmt::Debug>(outcome: Result<T, Error>) {
    match outcome {
        Ok(value) => assert!(!format!("{value:?}").is_empty()),
        Err(error) => shown(&error),
    }
}

fn shown(error: &Error) {
    let text = error.to_string();
    assert_eq!(printable(&text), text, "it is obeyed by a terminal");
    assert!(text.len() < 10_000, "{}", text.len());
    let _ = (
        error.kind(),
        error.retry_after(),
        error.server().map(ServerError::to_string),
    );
}

/// The file of a site or a user in the syntax of Python.
fn configuration(bytes: &[u8]) {
    with_file(bytes, |path| {
        let path = path.display().to_string();
        match Configuration::from_lookup(|name| (name == "IDDS_CONFIG").then(|| path.clone())) {
            Ok(configuration) => {
                let secret = configuration
                    .settings()
                    .into_iter()
                    .find(|setting| setting.name == "oidc_token");
                assert!(
                    secret
                        .and_then(|setting| setting.value)
                        .is_none_or(|value| value.contains("redacted"))
                );
                assert!(!format!("{configuration:?}").is_empty());
            }
            Err(error) => shown(&error),
        }
    });
}

/// A certificate or proxy with its key.
fn certificate(bytes: &[u8]) {
    with_file(bytes, |path| match X509::file(path).info() {
        Ok(info) => assert!(!format!("{info:?}").contains("PRIVATE")),
        Err(error) => shown(&error),
    });
}

/// The file of a token, and the claims of the token.
fn token(bytes: &[u8]) {
    with_file(bytes, |path| match TokenFile::new(path).load() {
        Ok(tokens) => {
            let shown = format!("{tokens:?} {:?}", tokens.info());
            for secret in [
                tokens.id_token(),
                tokens.access_token(),
                tokens.refresh_token(),
            ]
            .into_iter()
            .flatten()
            {
                let secret = secret.expose();
                assert!(secret.len() < 16 || !shown.contains(secret), "{shown}");
            }
        }
        Err(error) => shown(&error),
    });
    if let Ok(text) = str::from_utf8(bytes) {
        let _ = TokenInfo::read(&Secret::new(text));
    }
}

/// Puts bytes into a file that only its owner can read.
fn with_file(bytes: &[u8], read: impl Fn(&Path)) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), bytes).expect("written");
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o600)).expect("a mode");
    read(file.path());
}
