//! Downloads of files.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::header::{
    ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use idds_workflow::{RequestId, WorkloadId};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::FileName;
use super::progress::{Listener, TransferProgress};
use super::room::Room;
use crate::call::Action;
use crate::route::{self, Route};
use crate::{Body, BoxFuture, Call, Client, Error, ErrorKind, Target};
use idds_file::{WholeFile, is_special};

/// Bytes that are read of a page that came instead of a file.
const PAGE: usize = 1 << 10;

/// The first bytes of an archive (`tar.gz`).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Times that a download goes on after it broke.
const RESUMPTIONS: u32 = 5;

/// Downloads a file from the server.
///
/// It goes through in pieces, so it may be bigger than the memory; the time limit of the client is for each piece. Until it
/// is complete it has a temporary name in the directory it goes to. A file that is there already is not replaced, unless
/// [`overwrite`](Self::overwrite) is set; a device or a pipe is never replaced but written into, when everything is there. When the connection breaks, it goes on where it was, up to five times, unless the
/// file has changed.
///
/// # Errors
///
/// [`ErrorKind::NotFound`] when the server has no such file, [`ErrorKind::File`] when the file is there already, cannot be
/// written, or would not leave some space where it goes to, [`ErrorKind::TooLarge`] when more comes than the server has announced.
pub type Download = Call<Downloaded, DownloadFile>;

/// The source and destination of a download.
pub struct DownloadFile {
    source: Source,
    destination: Destination,
    is_overwriting: bool,
    listener: Option<Listener>,
}

/// What is downloaded.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A file of the cacher.
    Cacher(String),
    /// The log files of requests.
    Logs(Target),
}

#[derive(Debug)]
enum Destination {
    Directory(PathBuf),
    File(PathBuf),
}

/// A file that is on this machine now.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Downloaded {
    /// Where it is.
    pub path: PathBuf,
    /// Its size, in bytes.
    pub bytes: u64,
}

impl Download {
    pub(crate) fn new(client: &Client, source: Source) -> Self {
        let file = DownloadFile {
            source,
            destination: Destination::Directory(PathBuf::from(".")),
            is_overwriting: false,
            listener: None,
        };
        Self::with(client, file)
    }

    /// Puts the file into this directory, under its own name; the current directory by default.
    pub fn to_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.destination = Destination::Directory(path.into());
        self
    }

    /// Saves the file under this path.
    pub fn to_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.destination = Destination::File(path.into());
        self
    }

    /// Replaces the file if it is there already.
    pub fn overwrite(mut self) -> Self {
        self.settings.is_overwriting = true;
        self
    }

    /// Calls this after each piece.
    pub fn on_progress(mut self, listener: impl FnMut(TransferProgress) + Send + 'static) -> Self {
        self.settings.listener = Some(Box::new(listener));
        self
    }

    /// Makes the request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] for a name with a directory.
    pub fn request(&self) -> Result<Request<()>, Error> {
        self.settings.source.request(&self.client)
    }

    /// Starts the download, and gives its pieces instead of making a file of them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when the server has no such file; once pieces come, an error is a piece.
    pub async fn body(self) -> Result<Body, Error> {
        let source = self.settings.source;
        let response = source.ask(&self.client, None).await;
        response
            .map(Response::into_body)
            .map_err(|error| source.during(error))
    }
}

impl DownloadFile {
    async fn save(mut self, client: &Client) -> Result<Downloaded, Error> {
        if let Some(path) = self.known_path()? {
            self.refuse_existing(&path)?;
        }
        let response = self.source.ask(client, None).await?;
        let path = self.path(response.headers())?;
        self.refuse_existing(&path)?;
        // A name of ours is not followed: somebody else may have put there what leads elsewhere.
        let is_named = self.known_path()?.is_some();
        if !is_named && path.symlink_metadata().is_ok_and(|there| !there.is_file()) {
            let what = format!(
                "{} is no regular file, and nothing is written into it; take it away",
                path.display()
            );
            return Err(Error::new(ErrorKind::File, what));
        }
        let whole = begin(&path, is_named)?;
        let unwritable = |error| unwritable(&path, error);
        let mut file = File::from_std(whole.as_file().try_clone().map_err(unwritable)?);

        let mut piecewise = Piecewise::new(response);
        let mut room = Room::on(whole.as_file());
        if let Some(total) = piecewise.total {
            room.check(&path, total)?;
        }
        let mut resumptions = RESUMPTIONS;
        loop {
            match piecewise.next().await {
                Ok(Some(piece)) => {
                    room.take(&path, piece.len() as u64)?;
                    file.write_all(&piece).await.map_err(unwritable)?;
                    if let Some(listener) = &mut self.listener {
                        listener(TransferProgress {
                            done: piecewise.done,
                            total: piecewise.total,
                        });
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    let Some(validator) = piecewise.resumable(&error).filter(|_| resumptions > 0)
                    else {
                        return Err(error);
                    };
                    resumptions -= 1;
                    let range = (piecewise.done, validator);
                    let response = self.source.ask(client, Some(range)).await?;
                    if !piecewise.resume(response)? {
                        file.rewind().await.map_err(unwritable)?;
                        file.set_len(0).await.map_err(unwritable)?;
                    }
                }
            }
        }
        file.flush().await.map_err(unwritable)?;
        drop(room);
        keep(whole, &path, self.is_overwriting).await?;
        Ok(Downloaded {
            path,
            bytes: piecewise.done,
        })
    }

    /// Returns where the file will be, as far as that does not depend on the answer.
    fn known_path(&self) -> Result<Option<PathBuf>, Error> {
        Ok(match (&self.destination, &self.source) {
            (Destination::File(path), _) => Some(path.clone()),
            (Destination::Directory(directory), Source::Cacher(name)) => {
                Some(directory.join(FileName::asked(name)?.as_str()))
            }
            (Destination::Directory(_), Source::Logs(_)) => None,
        })
    }

    /// Returns where the file will be: under the name that the server gives it when that is harmless and free, else under one of ours.
    ///
    /// What is overwritten is only what is called as we call the file ourselves, whatever the server says.
    fn path(&self, headers: &HeaderMap) -> Result<PathBuf, Error> {
        match (self.known_path()?, &self.destination) {
            (Some(path), _) => Ok(path),
            (None, Destination::File(path) | Destination::Directory(path)) => {
                let own = path.join(self.source.name());
                let given = FileName::answered(headers).map(|name| path.join(name.as_str()));
                Ok(given
                    .filter(|path| self.source.calls_so(path) || path.symlink_metadata().is_err())
                    .unwrap_or(own))
            }
        }
    }

    fn refuse_existing(&self, path: &Path) -> Result<(), Error> {
        if !self.is_overwriting && path.symlink_metadata().is_ok() && !is_special(path) {
            return Err(Error::new(
                ErrorKind::File,
                format!("{} is there already and not overwritten", path.display()),
            ));
        }
        Ok(())
    }
}

impl Action for DownloadFile {
    type Output = Downloaded;

    fn run(self, client: Client) -> BoxFuture<'static, Result<Downloaded, Error>> {
        let source = self.source.clone();
        Box::pin(async move {
            let saved = self.save(&client).await;
            saved.map_err(|error| source.during(error))
        })
    }
}

impl fmt::Debug for DownloadFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("source", &self.source)
            .field("destination", &self.destination)
            .field("is_overwriting", &self.is_overwriting)
            .finish_non_exhaustive()
    }
}

impl Source {
    fn route(&self) -> &'static Route {
        match self {
            Self::Cacher(_) => &route::DOWNLOAD,
            Self::Logs(_) => &route::LOGS,
        }
    }

    fn during(&self, error: Error) -> Error {
        error.during(self.route().operation())
    }

    fn request(&self, client: &Client) -> Result<Request<()>, Error> {
        let draft = self.route().draft(client)?;
        let draft = match self {
            Self::Cacher(name) => draft.encoded("filename", FileName::asked(name)?.segment()),
            Self::Logs(target) => draft.target(*target),
        };
        let mut request = draft.with_body(())?;
        // Compressed on the way, its length would not be known.
        let plain = HeaderValue::from_static("identity");
        request.headers_mut().insert(ACCEPT_ENCODING, plain);
        Ok(request)
    }

    /// Returns the name of the file where the server gives it none; for logs, that of the Python client.
    fn name(&self) -> String {
        let logs = |workload: Option<WorkloadId>, request: Option<RequestId>| {
            let part = |id: Option<String>| id.map_or_else(String::new, |id| format!("_{id}"));
            let (workload, request) = (
                workload.map(|id| id.to_string()),
                request.map(|id| id.to_string()),
            );
            format!("logs{}{}.tar.gz", part(workload), part(request))
        };
        match self {
            Self::Cacher(name) => name.clone(),
            Self::Logs(Target::Request(request)) => logs(None, Some(*request)),
            Self::Logs(Target::Workload(workload)) => logs(Some(*workload), None),
            Self::Logs(Target::Both(request, workload)) => logs(Some(*workload), Some(*request)),
        }
    }

    /// Tells whether a path is called as iDDS calls this file: `request_1.logs.tar.gz`.
    fn calls_so(&self, path: &Path) -> bool {
        let (workload, request) = match self {
            Self::Cacher(_) => return false,
            Self::Logs(Target::Request(request)) => (None, Some(request)),
            Self::Logs(Target::Workload(workload)) => (Some(workload), None),
            Self::Logs(Target::Both(request, workload)) => (Some(workload), Some(request)),
        };
        let parts = [
            request.map(|id| format!("request_{id}.")),
            workload.map(|id| format!("workload_{id}.")),
        ];
        let name = format!(
            "{}logs.tar.gz",
            parts.into_iter().flatten().collect::<String>()
        );
        path.file_name().is_some_and(|it| *it == *name)
    }

    /// Gets the file, or what comes after this many bytes if it is still the same.
    async fn ask(
        &self,
        client: &Client,
        from: Option<(u64, HeaderValue)>,
    ) -> Result<Response<Body>, Error> {
        let mut request = self.request(client)?.map(|()| Body::from(""));
        let path = request.uri().path().to_owned();
        let is_whole = from.is_none();
        if let Some((start, validator)) = from {
            let range = HeaderValue::from_str(&format!("bytes={start}-"));
            request
                .headers_mut()
                .insert(RANGE, range.expect("digits can stand in a header"));
            request.headers_mut().insert(IF_RANGE, validator);
        }
        let response = client
            .stream(self.route(), request)
            .await
            .map_err(|error| self.explain(error))?;
        if is_page(response.headers()) {
            let beginning = response.into_body().beginning(PAGE).await?;
            let error = Error::new(ErrorKind::Answer, "the answer is no file");
            return Err(client.explained(error, (&Method::GET, &path), &beginning));
        }
        let is_attached = response.headers().contains_key(CONTENT_DISPOSITION);
        if matches!(self, Self::Logs(_)) && is_whole && !is_attached {
            return self.archive(client, &path, response).await;
        }
        // A file is what it is, whatever is in it.
        Ok(response.map(|body| body.scrubbed_by(None)))
    }

    /// Takes an answer for an archive only if it begins as one: what stands before a server may say something in plain text.
    async fn archive(
        &self,
        client: &Client,
        path: &str,
        response: Response<Body>,
    ) -> Result<Response<Body>, Error> {
        let (parts, mut body) = response.into_parts();
        let len = body.len();
        let mut beginning = Vec::new();
        while beginning.len() < GZIP.len() {
            match body.next().await.transpose()? {
                Some(piece) => beginning.extend_from_slice(&piece),
                None => break,
            }
        }
        let is_archive = beginning.starts_with(&GZIP);
        let scrub = body.scrub().cloned();
        let beginning = stream::iter([Ok(Bytes::from(beginning))]);
        let body = Body::new(len, beginning.chain(body.scrubbed_by(None)));
        if !is_archive {
            // It is shown, so the secrets of the request are taken out of it, as out of a page.
            let beginning = body.scrubbed_by(scrub).beginning(PAGE).await?;
            let error = Error::new(ErrorKind::Answer, "the answer is no archive");
            return Err(client.explained(error, (&Method::GET, path), &beginning));
        }
        Ok(Response::from_parts(parts, body))
    }

    /// The server has a status for what it does not find, and uses another.
    fn explain(&self, error: Error) -> Error {
        let message = error.server().map_or("", |server| &server.message);
        let not_found = |what| Error::new(ErrorKind::NotFound, what);
        match self {
            Self::Cacher(name) if message.starts_with("404 Not Found") => {
                not_found(format!("the cacher has no file {name:?}"))
            }
            Self::Logs(target) if message.starts_with("No log files") => {
                not_found(format!("there are no log files of {target}"))
            }
            _ => error,
        }
    }
}

/// Says whether an answer is one to read and not a file: iDDS sends each file as an attachment.
fn is_page(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let is_text = ["text/html", "application/json"]
        .iter()
        .any(|it| kind.starts_with(it));
    is_text && !headers.contains_key(CONTENT_DISPOSITION)
}

/// An answer that may come in several parts.
struct Piecewise {
    body: Body,
    done: u64,
    total: Option<u64>,
    /// What tells whether the file is still the same; none if only the whole file can be asked for.
    validator: Option<HeaderValue>,
}

impl Piecewise {
    fn new(response: Response<Body>) -> Self {
        // A weak one, which begins with W/, promises too little.
        let validator = response
            .headers()
            .get(ETAG)
            .filter(|tag| tag.as_bytes().starts_with(b"\""))
            .cloned();
        Self {
            done: 0,
            total: response.body().len(),
            validator,
            body: response.into_body(),
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        match (self.body.next().await.transpose()?, self.total) {
            (Some(piece), total) => {
                self.done += piece.len() as u64;
                match total.filter(|total| self.done > *total) {
                    Some(total) => {
                        let what = format!(
                            "the file is larger than the {total} bytes that the server has announced"
                        );
                        Err(Error::new(ErrorKind::TooLarge, what))
                    }
                    None => Ok(Some(piece)),
                }
            }
            (None, Some(total)) if total != self.done => {
                let what = format!("{} of {total} bytes came", self.done);
                Err(Error::new(ErrorKind::Interrupted, what))
            }
            (None, _) => Ok(None),
        }
    }

    /// Returns the validator if the rest can be asked for after this error.
    fn resumable(&self, error: &Error) -> Option<HeaderValue> {
        let is_broken = matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::Timeout);
        self.validator
            .clone()
            .filter(|_| is_broken && self.done > 0)
    }

    /// Goes on with this answer; says false if it is the whole file from its beginning.
    fn resume(&mut self, response: Response<Body>) -> Result<bool, Error> {
        if response.status() != StatusCode::PARTIAL_CONTENT {
            *self = Self::new(response);
            return Ok(false);
        }
        let range = response
            .headers()
            .get(CONTENT_RANGE)
            .and_then(|range| range.to_str().ok())
            .unwrap_or_default();
        let start = range
            .strip_prefix("bytes ")
            .and_then(|range| range.split_once('-'))
            .map(|(start, _)| start);
        if start.and_then(|start| start.parse().ok()) != Some(self.done) {
            let what = format!(
                "the server sends the range {range:?}, not one from byte {}",
                self.done
            );
            return Err(Error::new(ErrorKind::Answer, what));
        }
        self.body = response.into_body();
        Ok(true)
    }
}

/// Begins a file that is deleted unless it is kept.
fn begin(path: &Path, is_named: bool) -> Result<WholeFile, Error> {
    let begun = if is_named {
        WholeFile::create(path)
    } else {
        WholeFile::own(path)
    };
    begun.map_err(|error| {
        let directory = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let what = format!(
            "no file can be made in the directory {}",
            directory.display()
        );
        Error::new(ErrorKind::File, what).caused_by(error)
    })
}

async fn keep(whole: WholeFile, path: &Path, is_overwriting: bool) -> Result<(), Error> {
    let finish = if is_overwriting {
        WholeFile::finish
    } else {
        WholeFile::finish_new
    };
    // A pipe waits for its reader.
    let kept = tokio::task::spawn_blocking(move || finish(whole))
        .await
        .expect("writing does not panic");
    kept.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Error::new(
            ErrorKind::File,
            format!(
                "{} came into being meanwhile and is not overwritten",
                path.display()
            ),
        ),
        _ => unwritable(path, error),
    })
}

fn unwritable(path: &Path, error: io::Error) -> Error {
    Error::new(
        ErrorKind::File,
        format!("the file {} cannot be written", path.display()),
    )
    .caused_by(error)
}
