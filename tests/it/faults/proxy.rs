//! A proxy that breaks what passes through it.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What happens to a submission.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The connection is reset before the server sees it.
    ResetBefore,
    /// The connection is reset while the server works on it.
    ResetDuring,
    /// The connection is reset when the server has answered.
    ResetAfter,
    /// Half of the answer comes back.
    CutAfter,
    /// The answer comes back a byte at a time.
    Drip,
    /// A page with this status comes back, and the server does not see it.
    PageBefore(u16),
    /// A page with this status comes back instead of the answer.
    PageAfter(u16),
    /// The server says that the token is no longer valid.
    Revoked,
    /// The connection is reset when the whole request is there, and the server gets it so much later.
    Late(Duration),
    /// The connection is reset in the middle of the body.
    Within,
}

/// Between a client and a server: plain HTTP on one side, whatever the server speaks on the other.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    upstream: String,
    http: reqwest::Client,
    faults: Mutex<VecDeque<Fault>>,
    /// What is left of `faults` at the end happens again and again.
    is_lasting: bool,
    submissions: Mutex<u32>,
    others: Mutex<u32>,
    /// Connections that are served.
    open: watch::Sender<usize>,
}

struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Proxy {
    /// Starts before a server, whose address has no path; every submission takes one fault.
    pub(crate) async fn start(
        upstream: &str,
        http: &reqwest::Client,
        fault: Fault,
        is_lasting: bool,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            upstream: upstream.to_owned(),
            http: http.clone(),
            faults: Mutex::new(VecDeque::from([fault])),
            is_lasting,
            submissions: Mutex::new(0),
            others: Mutex::new(0),
            open: watch::Sender::new(0),
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                state.open.send_modify(|open| *open += 1);
                tokio::spawn(async move {
                    serve(stream, &state).await;
                    state.open.send_modify(|open| *open -= 1);
                });
            }
        });
        Ok(Self {
            address,
            state,
            task,
        })
    }

    /// Address for a client.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/idds", self.address)
    }

    /// Waits until everything that was to be delivered has been.
    pub(crate) async fn settled(&self) {
        let is_settled = self
            .state
            .open
            .subscribe()
            .wait_for(|open| *open == 0)
            .await
            .is_ok();
        assert!(is_settled, "the state holds the sender");
    }

    /// How many submissions, and how many other requests, reached the server.
    pub(crate) fn reached(&self) -> (u32, u32) {
        let count = |counter: &Mutex<u32>| *counter.lock().expect("no panic");
        (count(&self.state.submissions), count(&self.state.others))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl State {
    fn next_fault(&self) -> Option<Fault> {
        let mut faults = self.faults.lock().expect("no panic");
        if self.is_lasting {
            faults.front().copied()
        } else {
            faults.pop_front()
        }
    }

    /// Has the server answer, and returns the answer as it goes over the wire.
    async fn forward(&self, request: Request) -> Option<Vec<u8>> {
        let counter = if request.method == "POST" {
            &self.submissions
        } else {
            &self.others
        };
        *counter.lock().expect("no panic") += 1;
        let method = request.method.parse().ok()?;
        let mut asked = self
            .http
            .request(method, format!("{}{}", self.upstream, request.path))
            .body(request.body);
        for (name, value) in &request.headers {
            if name.starts_with("x-idds") || name == "content-type" {
                asked = asked.header(name, value);
            }
        }
        let answer = asked.send().await.ok()?;
        let mut wire = format!(
            "HTTP/1.1 {} Answer\r\nConnection: close\r\n",
            answer.status().as_u16()
        )
        .into_bytes();
        for (name, value) in answer.headers() {
            if !matches!(
                name.as_str(),
                "connection" | "content-length" | "transfer-encoding" | "content-encoding"
            ) {
                wire.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
            }
        }
        let body = answer.bytes().await.ok()?;
        wire.extend(format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes());
        wire.extend(&body);
        Some(wire)
    }
}

/// Serves the one request of a connection.
async fn serve(mut stream: TcpStream, state: &State) {
    let Some(mut request) = read_head(&mut stream).await else {
        return;
    };
    let fault = if request.method == "POST" {
        state.next_fault()
    } else {
        None
    };
    if fault == Some(Fault::Within) {
        return reset(stream);
    }
    if stream.read_exact(&mut request.body).await.is_err() {
        return;
    }
    match fault {
        Some(Fault::Late(time)) => {
            reset(stream);
            tokio::time::sleep(time).await;
            state.forward(request).await;
        }
        Some(Fault::ResetBefore) => reset(stream),
        Some(Fault::ResetDuring) => {
            reset(stream);
            state.forward(request).await;
        }
        Some(Fault::PageBefore(status)) => send(stream, &page(status)).await,
        Some(Fault::Revoked) => send(stream, &revoked()).await,
        Some(fault) => {
            let Some(answer) = state.forward(request).await else {
                return;
            };
            match fault {
                Fault::CutAfter => send(stream, &answer[..answer.len() - 8]).await,
                Fault::PageAfter(status) => send(stream, &page(status)).await,
                Fault::Drip => {
                    for byte in answer.chunks(1) {
                        if stream.write_all(byte).await.is_err() {
                            return;
                        }
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
                _ => reset(stream),
            }
        }
        None => {
            if let Some(answer) = state.forward(request).await {
                send(stream, &answer).await;
            }
        }
    }
}

/// Reads a request up to its body, and makes room for that.
async fn read_head(stream: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or("0", |(_, length)| length);
    let body = vec![0; length.parse().ok()?];
    Some(Request {
        method,
        path,
        headers,
        body,
    })
}

/// Ends a connection with a TCP reset.
fn reset(stream: TcpStream) {
    let is_set = stream.set_zero_linger();
    drop(stream);
    is_set.expect("a socket");
}

async fn send(mut stream: TcpStream, bytes: &[u8]) {
    // A client that has gone away is one of the cases.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
}

fn page(status: u16) -> Vec<u8> {
    let body = "<!doctype html>\n<title>Error</title>\n<h1>Error</h1>\n";
    let length = body.len();
    format!("HTTP/1.1 {status} Error\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn revoked() -> Vec<u8> {
    let headers =
        "ExceptionClass: IDDSException\r\nExceptionMessage: Token is revoked.\r\nConnection: close";
    format!("HTTP/1.1 401 Unauthorized\r\n{headers}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}
