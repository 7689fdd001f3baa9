//! Uploads of files.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, Method, Request, Response, header};
use serde::Deserialize;
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};

use super::FileName;
use super::progress::{Listener, TransferProgress};
use crate::call::Action;
use crate::endpoint::decode;
use crate::route;
use crate::{Body, BoxFuture, Call, Client, Error, ErrorKind};

/// Bytes that are read from a file at a time.
const PIECE: usize = 64 * 1024;

/// Uploads a file to the cacher; one of the same name is replaced.
///
/// It goes through in pieces, so it may be bigger than the memory; the server itself holds it in memory. Anybody whom the
/// server lets in may read and replace it. The time limit of the client is for each piece.
///
/// # Errors
///
/// [`ErrorKind::File`] when the file cannot be read, [`ErrorKind::Argument`] for a name with a directory. After an error the
/// server may have the old file, the new one, or a part of it.
pub type Upload = Call<Uploaded, UploadFile>;

/// The source and name of an upload.
pub struct UploadFile {
    source: Source,
    name: Option<String>,
    listener: Option<Listener>,
}

enum Source {
    File(PathBuf),
    Body(Body),
}

/// A file that is on the server now.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Its name there.
    pub name: String,
    /// Its size, in bytes.
    pub bytes: u64,
    /// Its address, such as `https://idds.example/idds/cacher/name`; it needs the credential of a user, too.
    pub url: String,
}

impl Upload {
    pub(crate) fn file(client: &Client, path: PathBuf) -> Self {
        Self::of(client, Source::File(path), None)
    }

    pub(crate) fn body(client: &Client, name: String, body: Body) -> Self {
        Self::of(client, Source::Body(body), Some(name))
    }

    fn of(client: &Client, source: Source, name: Option<String>) -> Self {
        let file = UploadFile {
            source,
            name,
            listener: None,
        };
        Self::with(client, file)
    }

    /// Sets the name on the server; that of the file, without its directory, by default.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// Calls this after each piece.
    pub fn on_progress(mut self, listener: impl FnMut(TransferProgress) + Send + 'static) -> Self {
        self.settings.listener = Some(Box::new(listener));
        self
    }

    /// Makes the request, without its body, which is read from the file while it is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for a name with a directory.
    pub fn request(&self) -> Result<Request<()>, Error> {
        self.settings.head(&self.client)
    }
}

impl UploadFile {
    fn head(&self, client: &Client) -> Result<Request<()>, Error> {
        let name = match (&self.name, &self.source) {
            (Some(name), _) => FileName::asked(name)?,
            (None, Source::File(path)) => base_name(path)?,
            (None, Source::Body(_)) => {
                return Err(Error::new(ErrorKind::Argument, "the file has no name"));
            }
        };
        let draft = route::UPLOAD.draft(client)?;
        let mut request = draft.encoded("filename", name.segment()).with_body(())?;
        // With that of a form, which curl sends, the server would store an empty file.
        let kind = HeaderValue::from_static("application/octet-stream");
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        Ok(request)
    }

    async fn send(self, client: &Client) -> Result<Uploaded, Error> {
        let head = self.head(client)?;
        let path = head.uri().path().to_owned();
        let body = match self.source {
            Source::File(path) => read(path).await?,
            Source::Body(body) => body,
        };
        let total = body.len();
        let (counted, count) = Counted::new(body, self.listener);
        let request = head.map(|()| Body::new(total, counted));
        let (parts, body) = match client.stream(&route::UPLOAD, request).await {
            Ok(answer) => answer.into_parts(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                // A server that lets nobody in says so and closes before it has read everything, so its answer may be lost.
                let refusal = client
                    .ping()
                    .await
                    .err()
                    .filter(|error| error.kind() == ErrorKind::Unauthorized);
                let refusal =
                    refusal.map(|refusal| refusal.after_sending(&Method::POST, &path, 1, true));
                return Err(refusal.unwrap_or(error));
            }
            Err(error) => return Err(error),
        };
        let body = body.collect_within(client.limits().max_answer).await?;
        let answer: Response<Bytes> =
            Response::from_parts(parts, body.ok_or_else(|| client.too_large())?);
        let stored = decode(&answer);
        let Stored { filename } = stored
            .map_err(|error| client.explained(error, (&Method::POST, &path), answer.body()))?;
        let url = format!("{}{path}", client.host());
        Ok(Uploaded {
            name: filename,
            bytes: count.load(Ordering::Relaxed),
            url,
        })
    }
}

impl Action for UploadFile {
    type Output = Uploaded;

    fn run(self, client: Client) -> BoxFuture<'static, Result<Uploaded, Error>> {
        Box::pin(async move {
            let sent = self.send(&client).await;
            sent.map_err(|error| error.during(route::UPLOAD.operation()))
        })
    }
}

impl fmt::Debug for UploadFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source: &dyn fmt::Debug = match &self.source {
            Source::File(path) => path,
            Source::Body(body) => body,
        };
        f.debug_struct("Upload")
            .field("source", source)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Stored {
    filename: String,
}

fn base_name(path: &Path) -> Result<FileName, Error> {
    let name = path.file_name().and_then(|name| name.to_str());
    FileName::asked(name.ok_or_else(|| {
        Error::new(
            ErrorKind::Argument,
            format!(
                "{} has no file name that can be sent; give it one",
                path.display()
            ),
        )
    })?)
}

async fn read(path: PathBuf) -> Result<Body, Error> {
    let unreadable = |error: io::Error| {
        Error::new(
            ErrorKind::File,
            format!("the file {} cannot be read", path.display()),
        )
        .caused_by(error)
    };
    let file = File::open(&path).await.map_err(unreadable)?;
    let metadata = file.metadata().await.map_err(unreadable)?;
    if !metadata.is_file() {
        // A pipe or a device has no length that could be told beforehand.
        return Err(Error::new(
            ErrorKind::File,
            format!("{} is not a file", path.display()),
        ));
    }
    let left = metadata.len();
    Ok(Body::new(
        Some(left),
        Reader {
            path,
            file,
            left,
            buffer: vec![0; PIECE],
        },
    ))
}

/// A file, exactly as long as it was when it was opened.
struct Reader {
    path: PathBuf,
    file: File,
    left: u64,
    buffer: Vec<u8>,
}

impl Stream for Reader {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let Self {
            path,
            file,
            left,
            buffer,
        } = &mut *self;
        let want = usize::try_from(*left).unwrap_or(PIECE).min(PIECE);
        let mut buffer = ReadBuf::new(&mut buffer[..want]);
        let failure = |what: &str| {
            Error::new(
                ErrorKind::File,
                format!("the file {} {what}", path.display()),
            )
        };
        Poll::Ready(Some(
            match ready!(Pin::new(file).poll_read(context, &mut buffer)) {
                Err(error) => Err(failure("cannot be read").caused_by(error)),
                Ok(()) if buffer.filled().is_empty() => Err(failure(&format!(
                    "became shorter while it was sent: {left} bytes are missing"
                ))),
                Ok(()) => {
                    *left -= buffer.filled().len() as u64;
                    Ok(Bytes::copy_from_slice(buffer.filled()))
                }
            },
        ))
    }
}

/// A body that is counted on its way.
struct Counted {
    body: Body,
    done: Arc<AtomicU64>,
    listener: Option<Listener>,
}

impl Counted {
    fn new(body: Body, listener: Option<Listener>) -> (Self, Arc<AtomicU64>) {
        let done = Arc::new(AtomicU64::new(0));
        (
            Self {
                body,
                done: done.clone(),
                listener,
            },
            done,
        )
    }
}

impl Stream for Counted {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = ready!(Pin::new(&mut self.body).poll_next(context));
        if let Some(Ok(piece)) = &piece {
            let len = piece.len() as u64;
            let done = self.done.fetch_add(len, Ordering::Relaxed) + len;
            let total = self.body.len();
            if let Some(listener) = &mut self.listener {
                listener(TransferProgress { done, total });
            }
        }
        Poll::Ready(piece)
    }
}
