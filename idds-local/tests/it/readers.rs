//! What holds for any bytes that the server, or who starts it, is given: they may be refused, but what is accepted can be used in every
//! way, and the server answers. The targets in `fuzz/` look for bytes for which this does not hold.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use idds_local::rucio::{Config, DidMetadata, FileOfDid, Lock, Rule};
use idds_local::{RunPlan, Server, Storage};
use serde::de::DeserializeOwned;
use tokio::runtime::{Builder, Runtime};

/// A reader and its name, which is that of its target in `fuzz/` and of its folder of inputs in `tests/found/`.
type Reader = (&'static str, fn(&[u8]));

/// All readers.
pub(crate) const READERS: [Reader; 4] = [
    ("plan", plan),
    ("request", request),
    ("rucio", rucio),
    ("storage", storage),
];

/// Hands bytes to a reader.
pub(crate) fn check(reader: &str, bytes: &[u8]) {
    let (_, read) = READERS
        .iter()
        .find(|(name, _)| *name == reader)
        .expect("a reader has this name");
    read(bytes);
}

/// The `request_metadata` of a submission: what would run of it, where everything can be run.
fn plan(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let storage = Storage::from_text("elements: { A: { directory: a } }", "/none");
    let storage = storage.expect("a storage element");
    for (storage, has_rucio) in [(None, false), (Some(&storage), true)] {
        match RunPlan::of(text, None, storage, has_rucio) {
            Ok(plan) => assert!(plan.done.is_empty(), "nothing has begun: {plan:?}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

/// A file of storage elements.
fn storage(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    match Storage::from_text(text, "/none") {
        Ok(storage) => assert!(storage.elements().next().is_some()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The configuration of the Python client of Rucio, and what a Rucio answers.
fn rucio(bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), bytes).expect("written");
    for variable in [None, Some("~/x"), Some("$HOME/${x}")] {
        let read = Config::read(file.path(), |_| variable.map(str::to_owned));
        match read {
            Ok(config) => {
                assert!(config.host.starts_with("http"), "{config:?}");
                assert!(!format!("{config:?}").is_empty());
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    answer::<DidMetadata>(bytes);
    answer::<FileOfDid>(bytes);
    answer::<Rule>(bytes);
    answer::<Lock>(bytes);
}

fn answer<T: DeserializeOwned + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(answer) = serde_json::from_slice::<T>(bytes) {
        assert!(!format!("{answer:?}").is_empty());
    }
}

/// How many requests a server is given before another one takes its place: what it stores grows.
const MOST: usize = 1_000;

/// A server that is asked by everybody in turn.
struct Asked {
    runtime: Runtime,
    server: Option<Server>,
    stream: Option<TcpStream>,
    count: usize,
}

impl Asked {
    fn turn() -> MutexGuard<'static, Self> {
        static ASKED: OnceLock<Mutex<Asked>> = OnceLock::new();
        let asked = ASKED.get_or_init(|| {
            Mutex::new(Self {
                runtime: Builder::new_multi_thread()
                    .worker_threads(1)
                    .enable_all()
                    .build()
                    .expect("a runtime"),
                server: None,
                stream: None,
                count: 0,
            })
        });
        asked.lock().expect("nothing has failed")
    }

    /// Sends a request and returns the status and the body of the answer.
    fn ask(&mut self, line: &str, kind: &str, body: &[u8]) -> (u16, Vec<u8>) {
        self.count += 1;
        if self.count % MOST == 1 {
            self.stream = None;
            if let Some(server) = self.server.take() {
                self.runtime.block_on(server.shutdown());
            }
            let builder = Server::builder().max_body(1 << 20);
            self.server = Some(self.runtime.block_on(builder.start()).expect("a server"));
        }
        let server = self.server.as_ref().expect("a server");
        let token = server.token().expect("it has a token");
        let head = format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\nX-IDDS-Server-Token: {token}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let bytes = [head.as_bytes(), body].concat();
        // Another one when the server has closed the last one.
        for _ in 0..2 {
            let address = server.local_addr();
            let mut stream = match self.stream.take() {
                Some(stream) => stream,
                None => TcpStream::connect(address).expect("a connection"),
            };
            let limit = Some(Duration::from_secs(60));
            stream.set_read_timeout(limit).expect("a limit");
            if stream.write_all(&bytes).is_ok()
                && let Some((status, body, stays)) = answered(&mut stream)
            {
                self.stream = stays.then_some(stream);
                return (status, body);
            }
        }
        panic!("no answer to {line}");
    }
}

/// Reads an answer, and whether the connection stays.
fn answered(stream: &mut TcpStream) -> Option<(u16, Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 16 << 10];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        match stream.read(&mut piece) {
            Ok(read @ 1..) => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let field = |name: &str| {
        let at = head.find(&format!("\r\n{name}: "))?;
        let (_, value) = head[at + 2..].lines().next()?.split_once(": ")?;
        Some(value.to_owned())
    };
    let length = field("content-length");
    let is_chunked = field("transfer-encoding").is_some();
    let mut body = bytes.split_off(end);
    loop {
        let is_whole = match (&length, is_chunked) {
            (Some(length), _) => body.len() >= length.parse().ok()?,
            (None, true) => body.ends_with(b"0\r\n\r\n"),
            (None, false) => false,
        };
        if is_whole || status == 304 {
            break;
        }
        match stream.read(&mut piece) {
            Ok(read @ 1..) => body.extend_from_slice(&piece[..read]),
            _ if length.is_none() && !is_chunked => break,
            _ => return None,
        }
    }
    // A client that stops in the middle of a body may find the connection closed.
    let stays = status < 400 && !head.contains("connection: close");
    Some((status, body, stays))
}

/// A request: its first line is `METHOD PATH KIND`, where the kind is that of the body, and the rest is its body. What has no such line
/// is the body of a submission.
fn request(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (first, rest) = bytes.split_at(end.map_or(0, |end| end + 1));
    let first = str::from_utf8(first).unwrap_or_default().trim_end();
    let mut words = first.splitn(3, ' ');
    let method = words
        .next()
        .filter(|method| ["GET", "POST", "PUT"].contains(method));
    let path = words.next().filter(|path| {
        path.starts_with('/')
            && path.bytes().all(|byte| byte.is_ascii_graphic())
            && path.len() < 900
    });
    let kind = words
        .next()
        .filter(|kind| kind.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    let kind = kind.unwrap_or("application/json");
    let (line, body) = match (method, path) {
        (Some(method), Some(path)) => (format!("{method} {path}"), rest),
        _ => ("POST /idds/request".to_owned(), bytes),
    };
    let (status, body) = Asked::turn().ask(&line, kind, body);
    assert!((200..600).contains(&status), "{line}: {status}");
    // What failed here failed by a panic.
    let said = String::from_utf8_lossy(&body);
    assert!(!said.contains("panicked"), "{line}: {said}");
}
